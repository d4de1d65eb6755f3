"""The forms of the field."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from agents.models import GivenPoints, Mission, Stop, Target
from agents.models.results import MOST_POINTS
from agents.services.missions import Planned, plan_missions
from agents.services.ordering import move_visit, order_later
from agents.services.results import give_points, set_target
from akig.lib.forms import ActForm, AmountField, DateField, MonthField
from notifications.models import Job
from sites_app.models import Assignment, Site


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


class OrderForm(ActForm):
    """Look for the best way of a mission."""

    submit_label = _("Take the best way")

    def __init__(self, *args, mission: Mission, **kwargs):
        super().__init__(*args, **kwargs)
        self.mission = mission

    def perform(self, actor: User) -> Job:
        return order_later(actor=actor, missions=[self.mission])


class MoveVisitForm(ActForm):
    """Put a visit that is not made yet to another place of its mission."""

    stop = forms.ModelChoiceField(Stop.objects.none(), label=_("Visit"))
    place = forms.IntegerField(label=_("New number"), min_value=1)
    submit_label = _("Move the visit")

    def __init__(self, *args, mission: Mission, **kwargs):
        super().__init__(*args, **kwargs)
        stops = mission.stops.with_result().filter(result=None)
        self.fields["stop"].queryset = stops.select_related("tenant").order_by("position")

    def perform(self, actor: User) -> Mission:
        return move_visit(actor=actor, **self.cleaned_data)


class TargetForm(ActForm):
    """Say what an agent is to collect a month at a branch."""

    month = MonthField(label=_("From the month"))
    amount = AmountField(
        label=_("Target a month"), zero="accept", help_text=_("Zero asks for nothing.")
    )
    submit_label = _("Set the target")

    def __init__(self, *args, assignment: Assignment, **kwargs):
        super().__init__(*args, **kwargs)
        self.assignment = assignment
        self.fields["amount"].currency = assignment.site.currency

    def perform(self, actor: User) -> Target:
        held = self.assignment
        return set_target(actor=actor, site=held.site, agent=held.user, **self.cleaned_data)


class PointsForm(ActForm):
    """Give an agent points, or take some."""

    delta = forms.IntegerField(
        label=_("Points"),
        min_value=-MOST_POINTS,
        max_value=MOST_POINTS,
        help_text=_("Below zero takes points away."),
    )
    reason = forms.CharField(label=_("Why"), max_length=300)
    submit_label = _("Give the points")

    def __init__(self, *args, assignment: Assignment, **kwargs):
        super().__init__(*args, **kwargs)
        self.assignment = assignment

    def clean_delta(self):
        delta = self.cleaned_data["delta"]
        if not delta:
            raise forms.ValidationError(_("Give some points, or take some."))
        return delta

    def perform(self, actor: User) -> GivenPoints:
        held = self.assignment
        return give_points(actor=actor, site=held.site, agent=held.user, **self.cleaned_data)
