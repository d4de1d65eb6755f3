"""The forms of the books: periods and costs."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import AmountField, MonthField
from payments.forms.bases import BranchForm, ReasonForm
from payments.models import AgencyCost
from payments.services import closing


class ReopenPeriodForm(ReasonForm):
    submit_label = _("Reopen the month")

    def __init__(self, *args, period, **kwargs):
        self.period = period
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        reopened = closing.reopen_period(
            actor=actor, site=self.period.site, month=self.period.month, **self.cleaned_data
        )
        return reopened or self.period


class EnterCostForm(BranchForm):
    submit_label = _("Enter the cost")
    month = MonthField(label=_("Month"), initial=lambda: timezone.localdate().replace(day=1))
    category = forms.ChoiceField(label=_("Category"), choices=AgencyCost.Category)
    amount = AmountField(
        label=_("Amount"),
        zero="accept",
        help_text=_("It replaces what was entered for the same category and month."),
    )
    notes = forms.CharField(label=_("Notes"), max_length=200, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        chosen = self.fields["site"].initial
        if chosen:
            self.fields["amount"].currency = chosen.currency

    def perform(self, actor):
        return closing.enter_cost(actor=actor, **self.cleaned_data)
