"""What tenants and leases put onto the pages of the apps below, and into the search."""

from django.db.models import F, OuterRef, Prefetch, Subquery
from django.utils.translation import gettext_lazy as _

from akig.lib.finding import Finder, find, joined
from akig.lib.panels import panel
from sites_app.models import Property, Unit
from tenants.models import Lease, Occupancy, Tenant, TenantPhone

MOST_UNITS = 200


@panel(
    Property,
    title=_("Units"),
    template="tenants/_units_panel.html",
    permission="property.view",
    order=10,
)
def units_panel(request, property):
    """The units of a property, who lives there and for what rent."""
    running = Lease.objects.visible_to(request.user).active().with_rent().with_standing()
    units = property.units.standing().order_by("number")[:MOST_UNITS]
    prefetch = Prefetch("leases", running.select_related("tenant"), to_attr="running")
    rows = list(units.prefetch_related(prefetch))
    leases = {lease.pk: lease for unit in rows for lease in unit.running}
    return {
        "property": property,
        "units": rows,
        "rent": sum(lease.rent_now for lease in leases.values()),
        "advised": sum(unit.advised_rent or 0 for unit in rows if not unit.running),
    }


@panel(Unit, title=_("Leases"), template="tenants/_leases_panel.html", permission="lease.view")
def leases_panel(request, unit):
    """Every lease that held a unit, the newest first."""
    leases = Lease.objects.visible_to(request.user).filter(occupancies__unit=unit).with_rent()
    leases = leases.with_standing().select_related("tenant", "site").order_by("-start")
    return {"leases": leases[:50], "unit": unit}


@panel(Unit, template="tenants/_sign_lease_action.html", permission="lease.create", place="actions")
def sign_lease_action(request, unit):
    return None if unit.archived_on else {"unit": unit}


def tenants_matching(user, text):
    phones = TenantPhone.objects.filter(tenant=OuterRef("pk")).order_by("-is_primary", "pk")
    homes = Occupancy.objects.filter(lease__tenant=OuterRef("pk"), holds=True).order_by("-days")
    return (
        Tenant.objects.visible_to(user)
        .matching(text)
        .annotate(
            found=F("name"),
            beside=joined(
                "code",
                Subquery(phones.values("number")[:1]),
                Subquery(homes.values("unit__property__name")[:1]),
                Subquery(homes.values("unit__number")[:1]),
            ),
        )
        .order_by("name", "pk")
    )


def leases_matching(user, text):
    return (
        Lease.objects.visible_to(user)
        .exclude(state="cancelled")
        .matching(text)
        .annotate(found=F("reference"), beside=joined("tenant__name", "property__name"))
        .order_by("-start", "pk")
    )


find(
    Finder(
        "tenant",
        _("Tenants"),
        "tenant.view",
        tenants_matching,
        "tenants:tenant_page",
        "tenants:tenant_list",
    )
)
find(
    Finder(
        "lease",
        _("Leases"),
        "lease.view",
        leases_matching,
        "tenants:lease_page",
        "tenants:lease_list",
    )
)
