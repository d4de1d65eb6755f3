"""The forms of exit accounts: each performs one act."""

from django import forms
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, AmountField, DateField
from akig.lib.proofs import ProofField
from payments.models import Damage, ExitAccount
from payments.services import exits
from tenants.models import Lease


class DrawExitForm(ActForm):
    submit_label = _("Keep it")
    inspected_on = DateField(
        label=_("Exit inspection on"),
        required=False,
        help_text=_("Without it nothing is agreed, and no deposit goes back."),
    )
    notes = forms.CharField(
        label=_("Notes"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, lease: Lease, **kwargs):
        self.lease = lease
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> ExitAccount:
        return exits.draw_exit(actor=actor, lease=self.lease, **self.cleaned_data)


class AddDamageForm(ActForm):
    submit_label = _("Add the damage")
    label = forms.CharField(label=_("What"), max_length=150)
    amount = AmountField(label=_("Amount"))
    photo = ProofField(label=_("Photo"), required=False)

    def __init__(self, *args, account: ExitAccount, **kwargs):
        self.account = account
        super().__init__(*args, **kwargs)
        currency = account.site.currency
        self.fields["amount"].currency = currency
        self.fields["amount"].label = _("Amount, %(currency)s") % {"currency": currency}

    def perform(self, actor) -> Damage:
        return exits.add_damage(actor=actor, account=self.account, **self.cleaned_data)


class RemoveDamageForm(ActForm):
    submit_label = _("Remove the damage")

    def __init__(self, *args, damage: Damage, **kwargs):
        self.damage = damage
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> ExitAccount:
        return exits.remove_damage(actor=actor, damage=self.damage)


class AgreeExitForm(ActForm):
    submit_label = _("Both agree")
    months = forms.IntegerField(
        label=_("Pay what is left in how many months?"),
        min_value=0,
        max_value=exits.MOST_MONTHS,
        initial=0,
        required=False,
        help_text=_("0: all of it now."),
    )

    def __init__(self, *args, account: ExitAccount, rest: int, **kwargs):
        self.account = account
        super().__init__(*args, **kwargs)
        if rest <= 0:
            del self.fields["months"]

    def perform(self, actor) -> ExitAccount:
        months = self.cleaned_data.get("months") or 0
        return exits.agree_exit(actor=actor, account=self.account, months=months)
