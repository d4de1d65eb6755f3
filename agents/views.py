"""The pages of the field."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents.metrics.ground import ground
from akig.lib.doors import may
from sites_app.middleware import chosen_site, sites_shown
from sites_app.models import Property


@require_safe
@may("map.view")
def map_page(request: HttpRequest) -> HttpResponse:
    """Show who is late where, and where colleagues are; its figures come from the API."""
    site = chosen_site(request)
    sites = sites_shown(request)
    houses = Property.objects.visible_to(request.user).at(site).standing()
    told = {
        "site": site.pk if site else "",
        "late": reverse("api_late_tenants"),
        "positions": reverse("api_position-list"),
        "tenant": reverse("tenants:tenant_page", args=[0]),
        "tiles": settings.MAP_TILES_URL,
        "source": settings.MAP_TILES_SOURCE,
        "ground": ground(sites, houses),
        "words": {
            "minutes": _("%(minutes)s min ago"),
            "late": _("%(days)s days late"),
            "tenants": _("%(number)s late tenants"),
            "nobody": _("Nobody is late here."),
            "failed": _("The map cannot be loaded right now."),
        },
    }
    return render(request, "agents/map.html", {"branches": sites, "told": told})
