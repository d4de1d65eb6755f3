"""The cashier's forms for what tenants say to have paid."""

from django import forms
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, AmountField, DateField
from payments.forms.bases import REASON
from payments.models import Payment, PaymentClaim
from payments.services import claims
from sites_app.rules import rules_for


class AcceptClaimForm(ActForm):
    """Amount, method and day are the tenant's words until the cashier confirms or corrects them."""

    submit_label = _("Accept and record the payment")
    amount = AmountField(label=_("Amount"))
    method = forms.ChoiceField(label=_("Method"))
    value_date = DateField(label=_("Received on"))
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)

    def __init__(self, *args, claim: PaymentClaim, **kwargs):
        self.claim = claim
        said = {
            "amount": claim.amount,
            "method": claim.method,
            "value_date": claim.paid_on,
            "reference": claim.reference,
        }
        super().__init__(*args, initial=said, **kwargs)
        accepted = rules_for(claim.site_id).methods
        currency = claim.site.currency
        self.fields["amount"].currency = currency
        self.fields["amount"].label = _("Amount, %(currency)s") % {"currency": currency}
        self.fields["method"].choices = [
            choice for choice in Payment.Method.choices if choice[0] in accepted
        ]

    def perform(self, actor) -> PaymentClaim:
        return claims.accept_claim(actor=actor, claim=self.claim, **self.cleaned_data)


class RefuseClaimForm(ActForm):
    submit_label = _("Refuse the claim")
    reason = forms.CharField(
        label=_("Reason"), max_length=REASON, help_text=_("The tenant reads it on his page.")
    )

    def __init__(self, *args, claim: PaymentClaim, **kwargs):
        self.claim = claim
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> PaymentClaim:
        return claims.refuse_claim(actor=actor, claim=self.claim, **self.cleaned_data)
