"""What a person in the field needs to have along: whom to visit, and what stands open there."""

from django.db.models import F, Prefetch, QuerySet
from django.utils import timezone

from accounts.models import User
from agents.metrics.homes import homes_of
from agents.models import Mission, Stop
from payments.metrics.tills import CARRIERS
from payments.models import Charge
from recovery.models import Case, Promise
from sites_app.models import Assignment
from sites_app.querysets import branches_of
from tenants.models import Lease, Tenant, TenantPhone

#: The most tenants of a day that nobody planned.
MOST = 300


def missions_of(agent: User) -> QuerySet[Mission]:
    """Return the missions of ``agent`` today; of a lead his own too."""
    return Mission.objects.visible_to(agent).filter(agent=agent, day=timezone.localdate())


def assigned_tenants(agent: User) -> QuerySet[Tenant]:
    """Return whom ``agent`` visits today, and those whose promise to him is awaited.

    Whose day nobody planned has those who owe most at his branches.
    """
    stops = Stop.objects.filter(mission__in=missions_of(agent))
    keys = set(stops.values_list("tenant_id", flat=True))
    if keys:
        keys.update(awaited().filter(made_by=agent).values_list("tenant_id", flat=True))
    else:
        late = Case.objects.visible_to(agent).running().order_by("-balance", "pk")
        keys.update(late.values_list("tenant_id", flat=True)[:MOST])
    phones = TenantPhone.objects.order_by("-is_primary", "pk")
    return (
        Tenant.objects.visible_to(agent)
        .filter(pk__in=keys)
        .select_related("site")
        .prefetch_related(Prefetch("phones", phones))
        .order_by("pk")
    )


def awaited() -> QuerySet[Promise]:
    return Promise.objects.in_status(Promise.Status.PENDING)


def receivers_for(agent: User) -> list[Assignment]:
    """Return to whom ``agent`` may hand over cash beside the till, each at one branch of both."""
    if not agent.may("cash.handle"):
        return []
    works = Assignment.objects.current().filter(
        site__in=branches_of(agent), user__is_active=True, user__groups__name__in=CARRIERS
    )
    works = works.exclude(user=agent).select_related("user")
    places = {place.user_id: place for place in works.order_by("is_primary", "-site", "pk")}
    return sorted(places.values(), key=lambda place: (place.user.name, place.user_id))


def carried_by(agent: User) -> dict[str, list]:
    """Return all that the telephone of ``agent`` should hold, by kind."""
    tenants = list(assigned_tenants(agent))
    homes = {home.tenant_id: home for home in homes_of(tenants)}
    cases = Case.objects.visible_to(agent).filter(tenant__in=tenants)
    late = {(case.site_id, case.tenant_id): case for case in cases}
    for tenant in tenants:
        tenant.home = homes.get(tenant.pk)
        tenant.case = late.get((tenant.site_id, tenant.pk))
    leases = Lease.objects.real().filter(tenant__in=tenants).select_related("property", "site")
    open_charges = Charge.objects.filter(
        lease__tenant__in=tenants,
        cancelled_on=None,
        amount__gt=F("collected"),
        due_date__lte=timezone.localdate(),
    )
    return {
        "tenants": tenants,
        "leases": list(leases.prefetch_related("units").order_by("pk")),
        "charges": list(open_charges.order_by("pk")),
        "missions": list(missions_of(agent).prefetch_related("stops").order_by("pk")),
        "promises": list(awaited().filter(tenant__in=tenants).order_by("pk")),
        "receivers": receivers_for(agent),
    }
