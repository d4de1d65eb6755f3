"""What the field is told of those who are visited."""

from collections.abc import Iterable

from django.db.models import QuerySet

from tenants.models import Lease, Tenant


def homes_of(tenants: Iterable[Tenant]) -> QuerySet[Lease]:
    """Return of each tenant the newest lease: its property is where somebody opens the door."""
    newest = Lease.objects.real().filter(tenant__in=tenants).order_by("tenant_id", "-start", "-pk")
    return newest.distinct("tenant").select_related("property", "tenant")
