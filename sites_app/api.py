"""The portfolio over the API: branches, owners, properties, units and what breaks in them."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request
from rest_framework.response import Response

from sites_app.models import Equipment, MaintenanceTicket, Owner, Property, Site, Unit
from sites_app.narrowing import NounView
from sites_app.serializers import (
    EquipmentSerializer,
    OwnerSerializer,
    PropertySerializer,
    SiteSerializer,
    TicketSerializer,
    UnitSerializer,
)


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
