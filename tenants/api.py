"""Tenants and leases over the API."""

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters

from sites_app.narrowing import NounView
from tenants.models import Lease, Tenant
from tenants.serializers import LeaseSerializer, TenantSerializer


class TenantFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=Tenant.State)
    property = filters.NumberFilter("leases__property", distinct=True)


class TenantView(NounView):
    rights = {"GET": "tenant.view", "POST": "tenant.create", "PATCH": "tenant.edit"}
    queryset = Tenant.objects.order_by("name", "pk")
    serializer_class = TenantSerializer
    filterset_class = TenantFilter

    def get_queryset(self) -> QuerySet:
        # for_list is asked anew: the leases that run today are not those of the day we started.
        return super().get_queryset().for_list(self.request.user)


class LeaseFilter(filters.FilterSet):
    tenant = filters.NumberFilter("tenant_id")
    property = filters.NumberFilter("property_id")
    unit = filters.NumberFilter("occupancies__unit")
    state = filters.ChoiceFilter(choices=Lease.State)
    active = filters.BooleanFilter(method="run_today")

    def run_today(self, queryset: QuerySet, name: str, wanted: bool) -> QuerySet:
        running = Lease.objects.active().values("pk")
        return queryset.filter(pk__in=running) if wanted else queryset.exclude(pk__in=running)


class LeaseView(NounView):
    rights = {"GET": "lease.view", "POST": "lease.create", "PATCH": "lease.edit"}
    queryset = (
        Lease.objects.select_related("site").prefetch_related("units").order_by("-start", "-pk")
    )
    serializer_class = LeaseSerializer
    filterset_class = LeaseFilter

    def get_serializer_context(self) -> dict:
        return super().get_serializer_context() | {"today": timezone.localdate()}
