"""The forms of the field."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from agents.services.missions import Planned, plan_missions
from akig.lib.forms import ActForm, DateField
from sites_app.models import Site


class PlanForm(ActForm):
    """Plan the missions of a branch for a day."""

    site = forms.ModelChoiceField(Site.objects.none(), label=_("Branch"))
    day = DateField(label=_("Day"))
    anew = forms.BooleanField(
        label=_("First take back the missions that nobody has begun"), required=False
    )
    submit_label = _("Plan the day")

    def __init__(self, *args, sites: list[Site], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.filter(pk__in=[site.pk for site in sites])

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is over."))
        return day

    def perform(self, actor: User) -> Planned:
        return plan_missions(actor=actor, **self.cleaned_data)
