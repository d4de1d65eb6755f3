"""Telephones that work without network: what they did comes in, what they need goes out."""

from uuid import UUID

from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.devices import meet
from accounts.models import Device
from agents.api.pushing import Pushing
from agents.api.sync_serializers import (
    KINDS,
    DeviceAnswer,
    DeviceRequest,
    PullAnswer,
    PullQuery,
    PushAnswer,
    PushRequest,
)
from agents.metrics.assigned import carried_by
from agents.services.syncing import Clock, hand_out
from sites_app.narrowing import BranchView
from tenants.models import Tenant


class SyncView(BranchView):
    rights = dict.fromkeys(("GET", "POST"), "mission.view_own")
    queryset = Tenant.objects.order_by("pk")
    pagination_class = None

    def device(self, uuid: UUID) -> Device:
        return meet(self.request.user, uuid, self.request.headers.get("User-Agent", ""))


class DeviceView(SyncView):
    serializer_class = DeviceAnswer

    @extend_schema(operation_id="sync_device", request=DeviceRequest, responses=DeviceAnswer)
    def post(self, request: Request) -> Response:
        """Register a telephone, and give it the key under which it keeps what it has not sent."""
        asked = DeviceRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        device = self.device(asked.validated_data["device"])
        return Response(DeviceAnswer(device).data)


class Push(SyncView):
    serializer_class = PushAnswer

    @extend_schema(operation_id="sync_push", request=PushRequest, responses=PushAnswer)
    def post(self, request: Request) -> Response:
        """Do what a telephone did without network, each operation once.

        What was done with one tenant keeps its order; what is refused holds back nothing else.
        """
        asked = PushRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        device = self.device(said["device"])
        clock = Clock(said["sent_at"], timezone.now())
        pushing = Pushing(device, clock, self.get_serializer_context())
        return Response({"results": pushing.results(said["operations"])})


@method_decorator(gzip_page, name="dispatch")
class Pull(SyncView):
    serializer_class = PullAnswer

    @extend_schema(operation_id="sync_pull", parameters=[PullQuery], responses=PullAnswer)
    def get(self, request: Request) -> Response:
        """Tell what is different from what the telephone holds: whom to visit and what is open.

        ``cursor`` is that of the last answer; without one everything comes. With ``has_more`` ask
        again at once. What is deleted is no longer assigned, or gone.
        """
        asked = PullQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        device = said["device"] and self.device(said["device"])
        rows = {
            name: {str(row["id"]): row for row in KINDS[name](found, many=True).data}
            for name, found in carried_by(request.user).items()
        }
        return Response(hand_out(request.user, device, rows, said["cursor"]))
