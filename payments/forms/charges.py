"""The forms of what is owed: each performs one act."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, AmountField, DateField, MonthField, OnceForm
from notifications.services import start_job
from payments.forms.bases import BranchForm, ReasonForm
from payments.models import Charge
from payments.services import charging, receipts
from tenants.models import Lease


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
