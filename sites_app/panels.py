"""How owners, properties and units are found by the search; what waits for a second person."""

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from akig.lib.finding import Finder, find, joined
from akig.lib.waiting import Waiting, waits
from sites_app.models import Owner, Property, Unit
from sites_app.services.approving import elsewhere_to_decide, to_decide


@waits("approval.view")
def acts_to_approve(user, sites):
    """What others asked for that is above a threshold, here or elsewhere."""
    waiting = elsewhere_to_decide(user)
    if user.may("approval.decide"):
        waiting.append(to_decide(user))
    here = tuple(rows.filter(site__in=sites) for rows in waiting)
    yield Waiting(_("Acts to approve"), here, reverse("sites_app:approval_list"))


def units_matching(user, text):
    return (
        Unit.objects.visible_to(user)
        .standing()
        .matching(text)
        .annotate(found=joined("property__name", "number"), beside=F("kind"))
        .order_by("property__name", "number", "pk")
    )


def properties_matching(user, text):
    return (
        Property.objects.visible_to(user)
        .matching(text)
        .annotate(found=F("name"), beside=joined("code", "quartier"))
        .order_by("name", "pk")
    )


def owners_matching(user, text):
    return (
        Owner.objects.visible_to(user)
        .matching(text)
        .annotate(found=F("name"), beside=joined("code", "phone"))
        .order_by("name", "pk")
    )


find(
    Finder(
        "property",
        _("Properties"),
        "property.view",
        properties_matching,
        "sites_app:property_page",
        "sites_app:property_list",
    )
)
find(
    Finder(
        "unit",
        _("Units"),
        "property.view",
        units_matching,
        "sites_app:unit_page",
        "sites_app:unit_list",
    )
)
find(
    Finder(
        "owner",
        _("Owners"),
        "owner.view",
        owners_matching,
        "sites_app:owner_page",
        "sites_app:owner_list",
    )
)
