"""What forms of this app share: a reason, a branch."""

from django import forms
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm
from sites_app.forms import choose_site
from sites_app.models import Site

REASON = 200


class ReasonForm(ActForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON,
        help_text=_("It stays on record with your name."),
    )


class BranchForm(ActForm):
    """A form for one of the branches of a person."""

    site = forms.ModelChoiceField(Site.objects.none(), label=_("Branch"))

    def __init__(self, *args, sites: list[Site], site: Site | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        choose_site(self, sites, site)
