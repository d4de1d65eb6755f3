"""The portfolio over the API, and what waits for a second person."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from akig.lib.rest import ApiView
from sites_app.models import Approval, Equipment, MaintenanceTicket, Owner, Property, Site, Unit
from sites_app.narrowing import BranchView, NounView
from sites_app.rooms import TICKET_SECONDS, make_ticket
from sites_app.serializers import (
    ApprovalSerializer,
    DecisionRequest,
    EquipmentSerializer,
    OwnerSerializer,
    PendingApproval,
    PropertySerializer,
    SiteSerializer,
    SocketTicket,
    TicketSerializer,
    UnitSerializer,
)
from sites_app.services import approving


class PropertyFilter(filters.FilterSet):
    owner = filters.NumberFilter("owner_id")
    kind = filters.ChoiceFilter(choices=Property.Kind)


class UnitFilter(filters.FilterSet):
    property = filters.NumberFilter("property_id")
    kind = filters.ChoiceFilter(choices=Unit.Kind)
    is_let = filters.BooleanFilter("is_let")


class EquipmentFilter(filters.FilterSet):
    property = filters.NumberFilter("property_id")
    unit = filters.NumberFilter("unit_id")
    state = filters.ChoiceFilter(choices=Equipment.State)


class TicketFilter(filters.FilterSet):
    property = filters.NumberFilter("property_id")
    unit = filters.NumberFilter("unit_id")
    state = filters.ChoiceFilter(choices=MaintenanceTicket.State)
    priority = filters.ChoiceFilter(choices=MaintenanceTicket.Priority)


class SiteView(NounView):
    rights = {"GET": "site.view", "POST": "site.manage", "PATCH": "site.manage"}
    queryset = Site.objects.order_by("code")
    serializer_class = SiteSerializer
    filter_backends = ()
    lookup_value_regex = "[A-Za-z0-9_]{1,20}"

    def create(self, request: Request) -> Response:
        # The branch that is being opened is none of those that the caller had till now.
        request.site_code = None
        return super().create(request)

    def narrowed_to(self, rows: QuerySet, code: str) -> QuerySet:
        return rows.filter(pk=code)


class OwnerView(NounView):
    rights = {"GET": "owner.view", "POST": "owner.manage", "PATCH": "owner.manage"}
    queryset = Owner.objects.order_by("name", "pk")
    serializer_class = OwnerSerializer


class PropertyView(NounView):
    rights = {"GET": "property.view", "POST": "property.manage", "PATCH": "property.manage"}
    queryset = Property.objects.order_by("name", "pk")
    serializer_class = PropertySerializer
    filterset_class = PropertyFilter


class UnitView(NounView):
    rights = {"GET": "property.view", "POST": "property.manage", "PATCH": "property.manage"}
    queryset = Unit.objects.select_related("site").order_by("property", "number")
    serializer_class = UnitSerializer
    filterset_class = UnitFilter

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().with_let()


class EquipmentView(NounView):
    rights = {"GET": "property.view", "POST": "property.manage", "PATCH": "property.manage"}
    queryset = Equipment.objects.order_by("property", "name", "pk")
    serializer_class = EquipmentSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = EquipmentFilter


class MaintenanceView(NounView):
    rights = {
        "GET": "maintenance.view",
        "POST": "maintenance.manage",
        "PATCH": "maintenance.manage",
    }
    queryset = MaintenanceTicket.objects.select_related("site").order_by("-reported_on", "-pk")
    serializer_class = TicketSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = TicketFilter


class ApprovalFilter(filters.FilterSet):
    status = filters.ChoiceFilter(field_name="state", choices=Approval.State)
    asked_by = filters.NumberFilter("asked_by_id")


class ApprovalView(ListModelMixin, RetrieveModelMixin, BranchView, GenericViewSet):
    """What waits for a second person, and what was decided. No key decides: people alone do."""

    rights = {"GET": "approval.view"}
    queryset = Approval.objects.select_related("site").order_by("-asked_at", "-pk")
    serializer_class = ApprovalSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = ApprovalFilter
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(request=DecisionRequest, responses=ApprovalSerializer)
    @action(detail=True, methods=["post"], rights={"POST": "approval.decide"})
    def approve(self, request: Request, pk: str) -> Response:
        """Allow what was asked, which happens at once; approved twice, the answer is the same."""
        return self.decided(request, approving.approve)

    @extend_schema(request=DecisionRequest, responses=ApprovalSerializer)
    @action(detail=True, methods=["post"], rights={"POST": "approval.decide"})
    def refuse(self, request: Request, pk: str) -> Response:
        """Refuse what was asked, and say why."""
        return self.decided(request, approving.refuse)

    @extend_schema(request=None, responses=ApprovalSerializer)
    @action(detail=True, methods=["post"], rights={"POST": "approval.view"})
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take back what one asked for oneself."""
        approval = approving.withdraw(actor=request.user, approval=self.get_object())
        return Response(self.get_serializer(approval).data)

    def decided(self, request: Request, decide) -> Response:
        asked = DecisionRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        approval = decide(actor=request.user, approval=self.get_object(), **asked.validated_data)
        return Response(self.get_serializer(approval).data)


def pending(approval: Approval) -> Response:
    """Answer that an act waits for a second person."""
    return Response(PendingApproval({"approval": approval}).data, status=status.HTTP_202_ACCEPTED)


class SocketTickets(ApiView):
    """What opens ``/ws/live`` (``?token=``) to who cannot show a browser's session."""

    serializer_class = SocketTicket

    @extend_schema(operation_id="ws_ticket", request=None, responses={201: SocketTicket})
    def post(self, request: Request) -> Response:
        """Make a ticket of a minute; it tells what its caller may see, and no more."""
        ticket = {"token": make_ticket(request.user), "expires_in": TICKET_SECONDS}
        return Response(
            SocketTicket(ticket).data,
            status=status.HTTP_201_CREATED,
            headers={"Cache-Control": "no-store"},
        )
