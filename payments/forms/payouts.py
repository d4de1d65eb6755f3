"""The forms of owners' money: costs, payment details, reserves, payouts."""

from dateutil.relativedelta import relativedelta
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, AmountField, DateField, MonthField, OnceForm
from akig.lib.proofs import ProofField
from payments.forms.bases import BranchForm, ReasonForm
from payments.models import OwnerCost, OwnerPaymentDetails, Payout, PayoutRun
from payments.services import owner_costs, payouts
from sites_app.models import MaintenanceTicket, Owner, Property, Site


class EnterOwnerCostForm(OnceForm):
    """What was laid out for one owner at a branch; his houses there may be named."""

    submit_label = _("Enter the cost")
    kind = forms.ChoiceField(label=_("Kind"), choices=OwnerCost.Kind)
    label = forms.CharField(label=_("What for"), max_length=150)
    amount = AmountField(label=_("Amount"))
    property = forms.ModelChoiceField(
        Property.objects.none(), label=_("Property"), required=False, empty_label=_("none")
    )
    value_date = DateField(label=_("Paid on"), initial=timezone.localdate)
    paid_from = forms.ChoiceField(label=_("Paid from"))
    proof = ProofField(
        label=_("Proof"),
        required=False,
        help_text=_("Photo or PDF of the bill, at most 8 MB. The owner sees it."),
    )

    def __init__(
        self,
        *args,
        owner: Owner,
        site: Site,
        properties,
        ticket: MaintenanceTicket | None = None,
        **kwargs,
    ):
        self.owner, self.site, self.ticket = owner, site, ticket
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = site.currency
        self.fields["amount"].label = _("Amount, %(currency)s") % {"currency": site.currency}
        self.fields["property"].queryset = properties
        self.fields["paid_from"].choices = list(owner_costs.paying_accounts(site).items())
        if ticket is not None:
            del self.fields["property"]

    def perform(self, actor):
        values = dict(self.cleaned_data)
        return owner_costs.enter_owner_cost_once(
            actor=actor,
            key=str(values.pop("key")),
            site=self.site,
            owner=self.owner,
            ticket=self.ticket,
            **values,
        )


class ApproveOwnerCostForm(ActForm):
    submit_label = _("Approve the cost")

    def __init__(self, *args, cost: OwnerCost, **kwargs):
        self.cost = cost
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return owner_costs.approve_owner_cost(actor=actor, cost=self.cost)


class RefuseOwnerCostForm(ReasonForm):
    submit_label = _("Refuse the cost")

    def __init__(self, *args, cost: OwnerCost, **kwargs):
        self.cost = cost
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return owner_costs.refuse_owner_cost(actor=actor, cost=self.cost, **self.cleaned_data)


class CancelOwnerCostForm(ReasonForm):
    submit_label = _("Cancel the cost")

    def __init__(self, *args, cost: OwnerCost, **kwargs):
        self.cost = cost
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return owner_costs.cancel_owner_cost(actor=actor, cost=self.cost, **self.cleaned_data)


class PaymentDetailsForm(ActForm):
    """How an owner is paid. A number that stands is never shown: empty leaves it."""

    method = forms.ChoiceField(label=_("Paid by"), choices=OwnerPaymentDetails.Method)
    bank = forms.CharField(label=_("Bank"), max_length=80, required=False)
    number = forms.CharField(
        label=_("Account or wallet number"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    holder = forms.CharField(
        label=_("Account holder"),
        max_length=150,
        required=False,
        help_text=_("Where it is not the owner himself."),
    )

    def __init__(self, *args, owner: Owner, site: Site, details=None, **kwargs):
        self.owner, self.site = owner, site
        super().__init__(*args, **kwargs)
        if details is not None:
            for name in ("method", "bank", "holder"):
                self.fields[name].initial = getattr(details, name)
            if known := payouts.masked(details):
                self.fields["number"].help_text = _(
                    "Known: %(number)s. Leave it empty to keep it."
                ) % {"number": known}

    def perform(self, actor):
        values = dict(self.cleaned_data)
        values["number"] = values["number"] or None
        return payouts.set_payment_details(actor=actor, site=self.site, owner=self.owner, **values)


class ReserveForm(ActForm):
    amount = AmountField(label=_("Amount"), zero="accept")

    def __init__(self, *args, house: Property, **kwargs):
        self.house = house
        super().__init__(*args, **kwargs)
        currency = house.site.currency
        self.fields["amount"].currency = currency
        self.fields["amount"].label = _("Amount, %(currency)s") % {"currency": currency}

    def perform(self, actor):
        return payouts.set_reserve(actor=actor, property=self.house, **self.cleaned_data)


def last_month():
    return timezone.localdate().replace(day=1) - relativedelta(months=1)


class PreparePayoutsForm(BranchForm):
    submit_label = _("Prepare the payouts")
    month = MonthField(label=_("Month"), initial=last_month)
    value_date = DateField(
        label=_("Money leaves on"),
        initial=timezone.localdate,
        help_text=_("What is collected until then, and within the month, is counted."),
    )

    def perform(self, actor):
        return payouts.prepare_payouts(actor=actor, **self.cleaned_data)


class ApproveRunForm(ActForm):
    submit_label = _("Approve and pay out")

    def __init__(self, *args, run: PayoutRun, **kwargs):
        self.run = run
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return payouts.approve_payouts(actor=actor, run=self.run)


class CancelRunForm(ReasonForm):
    submit_label = _("Cancel the run")

    def __init__(self, *args, run: PayoutRun, **kwargs):
        self.run = run
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return payouts.cancel_run(actor=actor, run=self.run, **self.cleaned_data)


class CancelPayoutForm(ReasonForm):
    submit_label = _("Cancel the payout")

    def __init__(self, *args, payout: Payout, **kwargs):
        self.payout = payout
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return payouts.cancel_payout(actor=actor, payout=self.payout, **self.cleaned_data)
