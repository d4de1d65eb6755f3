"""The page on which a branch sets how it follows up debts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from akig.lib.doors import act_page, may
from recovery.forms import ladders as forms
from recovery.models import Ladder
from recovery.services.ladders import ladder_of
from recovery.services.wordings import NAMES
from sites_app.models import Site


@may("site.manage")
def set_ladder(request: HttpRequest, code: str) -> HttpResponse:
    """Show the ladder that holds at a branch; sent in, it holds changed from a day on."""
    site = get_object_or_404(Site.objects.visible_to(request.user), pk=code)
    form = forms.SetLadderForm(request.POST or None, site=site, ladder=ladder_of(site))
    return act_page(
        request,
        form,
        title=_("Ladder of %(branch)s") % {"branch": site},
        then=reverse("sites_app:site_page", args=[site.pk]),
        done=_("The ladder is set."),
        cancel=reverse("sites_app:site_page", args=[site.pk]),
        template="recovery/set_ladder.html",
        names=[f"{{{name}}}" for name in NAMES],
        ladders=Ladder.objects.visible_to(request.user).filter(site=site).select_related("set_by"),
    )
