"""The map over the API: who is late where, and where colleagues are."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from agents.api.serializers import (
    LateCollection,
    LateQuery,
    PositionRequest,
    PositionSerializer,
    feature,
)
from agents.metrics.late import Box, late_tenants
from agents.models import Position
from agents.services.positions import tell_position
from akig.lib.garbage import collector_resting
from payments.api import idempotency
from sites_app.narrowing import BranchView, site_asked
from sites_app.querysets import branches_of


class LateTenants(BranchView):
    rights = {"GET": "map.view"}
    serializer_class = LateCollection
    pagination_class = None

    @extend_schema(operation_id="map_late_tenants", parameters=[LateQuery])
    def get(self, request: Request) -> Response:
        """Tell who is late where, as GeoJSON."""
        asked = LateQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        spots = late_tenants(
            [request.site_code] if request.site_code else branches_of(request.user),
            timezone.localdate(),
            box=said.get("bbox", Box()),
            min_days=said["min_days"],
            zoom=said["zoom"],
        )
        with collector_resting():
            told = {"type": "FeatureCollection", "features": list(map(feature, spots))}
        return Response(told)


class PositionView(ListModelMixin, BranchView, GenericViewSet):
    """Where people are: one's own position goes in; leads of the branch see those of two hours."""

    rights = dict.fromkeys(("GET", "POST"), "map.view")
    queryset = Position.objects.select_related("agent")
    serializer_class = PositionSerializer

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().fresh().newest()

    @extend_schema(request=PositionRequest, responses={201: PositionSerializer})
    @idempotency.once
    def create(self, request: Request) -> Response:
        """Tell where one is; told again, the same position is the answer."""
        asked = PositionRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        position = tell_position(
            agent=request.user, site=site_asked(request, None), **asked.validated_data
        )
        return Response(self.get_serializer(position).data, status=status.HTTP_201_CREATED)
