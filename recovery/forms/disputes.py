"""The forms of disputes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, AmountField
from akig.lib.proofs import ProofField
from recovery.models import Dispute
from recovery.services import disputes
from tenants.models import Tenant


class FileDisputeForm(ActForm):
    submit_label = _("File the dispute")
    kind = forms.ChoiceField(label=_("Kind"), choices=Dispute.Kind)
    summary = forms.CharField(
        label=_("What is contested?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    amount = AmountField(label=_("Amount contested"), required=False)
    evidence = ProofField(label=_("Evidence"), required=False)

    def __init__(self, *args, tenant: Tenant, **kwargs):
        self.tenant = tenant
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = tenant.site.currency

    def perform(self, actor) -> Dispute:
        return disputes.file_dispute(actor=actor, tenant=self.tenant, **self.cleaned_data)


class AdvanceDisputeForm(ActForm):
    submit_label = _("Note it")
    state = forms.ChoiceField(label=_("State"))
    responsible = forms.ChoiceField(
        label=_("Responsible, by the decision"),
        choices=[("", "–"), *Dispute.Responsible.choices],
        required=False,
    )
    note = forms.CharField(
        label=_("What was done, or decided"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    evidence = ProofField(label=_("Evidence"), required=False)

    def __init__(self, *args, dispute: Dispute, **kwargs):
        self.dispute = dispute
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [
            choice
            for choice in Dispute.State.choices
            if choice[0] in disputes.NEXT.get(dispute.state, ())
        ]

    def perform(self, actor) -> Dispute:
        return disputes.advance_dispute(actor=actor, dispute=self.dispute, **self.cleaned_data)
