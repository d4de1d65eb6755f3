"""The forms of instalment plans."""

from django import forms
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, DateField
from payments.forms.bases import REASON, ReasonForm
from recovery.models import Case, Plan
from recovery.services import plans


class AgreePlanForm(ActForm):
    submit_label = _("Agree on the plan")
    number = forms.IntegerField(
        label=_("Monthly parts"), min_value=1, max_value=plans.MOST_PARTS, initial=3
    )
    first_on = DateField(label=_("First part on"))
    note = forms.CharField(label=_("Note"), max_length=REASON, required=False)

    def __init__(self, *args, case: Case, **kwargs):
        self.case = case
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> Plan:
        return plans.agree_plan(actor=actor, case=self.case, **self.cleaned_data)

    def preview(self) -> list[tuple]:
        """Return the parts that a valid form would make: (day, amount in minor units)."""
        said = self.cleaned_data
        return plans.spread(self.case.balance, said["number"], said["first_on"])


class CancelPlanForm(ReasonForm):
    submit_label = _("Cancel the plan")

    def __init__(self, *args, plan: Plan, **kwargs):
        self.plan = plan
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> Plan:
        return plans.cancel_plan(actor=actor, plan=self.plan, **self.cleaned_data)
