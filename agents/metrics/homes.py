"""Where the doors are on which somebody knocks."""

from collections.abc import Iterable

from django.db.models import QuerySet

from tenants.models import Lease, Tenant


def homes_of(tenants: Iterable[Tenant]) -> QuerySet[Lease]:
    """Return of each tenant the newest lease: its property is where somebody opens the door."""
    leases = Lease.objects.real().filter(tenant__in=tenants)
    newest = leases.order_by("tenant_id", "-start", "-pk").distinct("tenant_id")
    return newest.select_related("property", "tenant")
