"""The forms of the desk: each performs one act."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import AmountField, DateField, OnceForm
from payments.forms.bases import ReasonForm
from payments.models import Charge, Payment
from payments.services import collecting
from sites_app.rules import rules_for
from tenants.models import Lease


class RecordPaymentForm(OnceForm):
    """Who pays is known; how much, by which means, and, when it is not the usual, the rest."""

    submit_label = _("Record the payment")
    amount = AmountField(label=_("Amount"))
    method = forms.ChoiceField(label=_("Method"))
    value_date = DateField(label=_("Received on"), initial=timezone.localdate)
    reference = forms.CharField(
        label=_("Reference"),
        max_length=80,
        required=False,
        help_text=_("Number of the transfer, cheque or mobile money transaction."),
    )
    for_charge = forms.ModelChoiceField(
        Charge.objects.none(),
        label=_("Pays first"),
        required=False,
        empty_label=_("the oldest debt"),
    )
    notes = forms.CharField(label=_("Notes"), max_length=300, required=False)

    def __init__(self, *args, lease: Lease, **kwargs):
        self.lease = lease
        super().__init__(*args, **kwargs)
        accepted = rules_for(lease.site_id).methods
        self.fields["amount"].currency = lease.site.currency
        self.fields["amount"].label = _("Amount, %(currency)s") % {"currency": lease.site.currency}
        self.fields["method"].choices = [
            (value, label) for value, label in Payment.Method.choices if value in accepted
        ]
        self.fields["for_charge"].queryset = Charge.objects.open().filter(lease=lease)

    def perform(self, actor):
        values = dict(self.cleaned_data)
        return collecting.record_payment_once(
            actor=actor, key=str(values.pop("key")), lease=self.lease, **values
        )

    def preview(self) -> collecting.Preview:
        """Tell what these fields would do. Raises ``BusinessError``; the form must be valid."""
        names = ("amount", "method", "value_date", "reference", "for_charge")
        values = {name: self.cleaned_data[name] for name in names}
        return collecting.preview_payment(lease=self.lease, **values)


class CancelPaymentForm(ReasonForm):
    submit_label = _("Cancel the payment")

    def __init__(self, *args, payment: Payment, **kwargs):
        self.payment = payment
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return collecting.cancel_payment(actor=actor, payment=self.payment, **self.cleaned_data)
