"""The forms of money: each performs one act."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, AmountField, DateField, MonthField, OnceForm
from notifications.services import start_job
from payments.models import AgencyCost, Charge, Payment
from payments.services import charging, closing, collecting, receipts
from sites_app.forms import choose_site
from sites_app.models import Site
from sites_app.rules import rules_for
from tenants.models import Lease

REASON = 200


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


class ReasonForm(ActForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON,
        help_text=_("It stays on record with your name."),
    )


class CancelPaymentForm(ReasonForm):
    submit_label = _("Cancel the payment")

    def __init__(self, *args, payment: Payment, **kwargs):
        self.payment = payment
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return collecting.cancel_payment(actor=actor, payment=self.payment, **self.cleaned_data)


class WaiveChargeForm(ReasonForm):
    submit_label = _("Waive the charge")

    def __init__(self, *args, charge: Charge, **kwargs):
        self.charge = charge
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return charging.waive_charge(actor=actor, charge=self.charge, **self.cleaned_data)


class IssueQuittanceForm(ActForm):
    submit_label = _("Issue the rent receipt")

    def __init__(self, *args, charge: Charge, **kwargs):
        self.charge = charge
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return receipts.issue_quittance(actor=actor, charge=self.charge)


class RaiseChargeForm(OnceForm):
    """One charge by hand: damages, a bill passed on, a month that was missed."""

    submit_label = _("Charge it")
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (kind.value, kind.label)
            for kind in (
                Charge.Kind.OTHER,
                Charge.Kind.SERVICE,
                Charge.Kind.RENT,
                Charge.Kind.LATE_FEE,
            )
        ],
    )
    amount = AmountField(label=_("Amount"))
    period_start = DateField(label=_("From"), initial=timezone.localdate)
    period_end = DateField(label=_("To"), initial=timezone.localdate)
    due_date = DateField(label=_("Due on"), initial=timezone.localdate)

    def __init__(self, *args, lease: Lease, **kwargs):
        self.lease = lease
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = lease.site.currency
        self.fields["amount"].label = _("Amount, %(currency)s") % {"currency": lease.site.currency}

    def perform(self, actor):
        values = dict(self.cleaned_data)
        return charging.raise_charge_once(
            actor=actor, key=str(values.pop("key")), lease=self.lease, **values
        )


class BranchForm(ActForm):
    """A form for one of the branches of a person."""

    site = forms.ModelChoiceField(Site.objects.none(), label=_("Branch"))

    def __init__(self, *args, sites: list[Site], site: Site | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        choose_site(self, sites, site)


class ChargeRentForm(BranchForm):
    submit_label = _("Charge the rent")
    month = MonthField(label=_("Month"), initial=lambda: timezone.localdate().replace(day=1))

    def perform(self, actor):
        site, month = self.cleaned_data["site"], self.cleaned_data["month"]
        charging.preview_rent(site=site, month=month)  # refuse now what the worker would refuse
        return start_job(
            actor,
            "payments.charge_rent",
            {"month": f"{month:%Y-%m-%d}"},
            site.pk,
            title=_("Rent of %(month)s, %(branch)s")
            % {"month": f"{month:%m/%Y}", "branch": site.name},
        )

    def preview(self) -> charging.RentPreview:
        return charging.preview_rent(**self.cleaned_data)


class ChargeLateFeesForm(BranchForm):
    submit_label = _("Charge the late fees")

    def perform(self, actor):
        site = self.cleaned_data["site"]
        return start_job(
            actor,
            "payments.charge_late_fees",
            {},
            site.pk,
            title=_("Late fees, %(branch)s") % {"branch": site.name},
        )


class ClosePeriodForm(BranchForm):
    submit_label = _("Close the month")
    month = MonthField(label=_("Month"))

    def perform(self, actor):
        return closing.close_period(actor=actor, **self.cleaned_data)


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
