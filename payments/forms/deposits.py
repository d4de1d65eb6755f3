"""The forms of deposits: each performs one act, once."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import AmountField, DateField, OnceForm
from payments.forms.bases import REASON, ReasonForm
from payments.models import DepositMovement, Payment
from payments.services import deposits
from sites_app.rules import rules_for
from tenants.models import Lease


class DepositForm(OnceForm):
    """What all movements ask: how much, and on which day. Subclasses name their ``act``."""

    act = None
    amount = AmountField(label=_("Amount"))
    value_date = DateField(label=_("Day"), initial=timezone.localdate)

    def __init__(self, *args, lease: Lease, **kwargs):
        self.lease = lease
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = lease.site.currency
        self.fields["amount"].label = _("Amount, %(currency)s") % {"currency": lease.site.currency}
        if "method" in self.fields:
            accepted = rules_for(lease.site_id).methods
            self.fields["method"].choices = [
                choice for choice in Payment.Method.choices if choice[0] in accepted
            ]

    def perform(self, actor) -> DepositMovement:
        values = dict(self.cleaned_data)
        return deposits.move_once(
            actor=actor,
            key=str(values.pop("key")),
            act=type(self).act,
            lease=self.lease,
            **values,
        )


class HoldDepositForm(DepositForm):
    submit_label = _("Hold the deposit")
    act = deposits.hold_deposit
    method = forms.ChoiceField(label=_("Method"))
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)
    field_order = ["key", "amount", "method", "value_date", "reference"]


class TakeOverDepositForm(DepositForm):
    submit_label = _("Take over the deposit")
    act = deposits.take_over_deposit


class DeductDepositForm(DepositForm):
    submit_label = _("Deduct it")
    act = deposits.deduct_deposit
    reason = forms.CharField(
        label=_("Reason"), max_length=REASON, help_text=_("It stands on the tenant's receipt.")
    )


class RefundDepositForm(DepositForm):
    submit_label = _("Give it back")
    act = deposits.refund_deposit
    method = forms.ChoiceField(label=_("Method"))
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)
    field_order = ["key", "amount", "method", "value_date", "reference"]


class ReverseDepositForm(ReasonForm):
    submit_label = _("Reverse it")

    def __init__(self, *args, movement: DepositMovement, **kwargs):
        self.movement = movement
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return deposits.reverse_deposit(actor=actor, movement=self.movement, **self.cleaned_data)
