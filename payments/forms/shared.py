"""The forms of shared costs: bills, shares, meters, the year."""

import datetime

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.choosing import RowField
from akig.lib.forms import ActForm, AmountField, DateField, OnceForm
from payments.forms.bases import ReasonForm
from payments.models import SharedCost, Utility
from payments.services import shared
from payments.services.owner_costs import paying_accounts
from sites_app.models import Property

TERM = datetime.timedelta(days=15)


def in_two_weeks():
    return timezone.localdate() + TERM


class ChooseHouseForm(ActForm):
    """Choose the property that a bill is for; nothing happens yet."""

    submit_label = _("Go on")
    property = RowField(
        label=_("Property"), suggestions="sites_app:property_choices", help_text=_("Name or code.")
    )

    def __init__(self, *args, houses: QuerySet, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["property"].rows = houses

    def perform(self, actor):
        return self.cleaned_data["property"]


class EnterSharedCostForm(OnceForm):
    submit_label = _("See the shares")
    utility = forms.ChoiceField(label=_("Kind"), choices=Utility)
    label = forms.CharField(label=_("What for"), max_length=120)
    amount = AmountField(label=_("Amount"))
    first_day = DateField(label=_("From"))
    last_day = DateField(label=_("To"))
    shared_by = forms.ChoiceField(label=_("Shared by"), choices=SharedCost.Key)
    paid_from = forms.ChoiceField(label=_("Paid from"))

    def __init__(self, *args, house: Property, **kwargs):
        self.house = house
        super().__init__(*args, **kwargs)
        currency = house.site.currency
        self.fields["amount"].currency = currency
        self.fields["amount"].label = _("Amount, %(currency)s") % {"currency": currency}
        self.fields["paid_from"].choices = list(paying_accounts(house.site).items())

    def perform(self, actor):
        values = dict(self.cleaned_data)
        key = str(values.pop("key"))
        return shared.enter_shared_cost_once(actor=actor, key=key, house=self.house, **values)


class SharedCostForm(ActForm):
    """An act on one cost."""

    def __init__(self, *args, cost: SharedCost, **kwargs):
        self.cost = cost
        super().__init__(*args, **kwargs)


class ChargeSharedCostForm(SharedCostForm):
    submit_label = _("Charge the shares")
    due_date = DateField(label=_("Due on"), initial=in_two_weeks)

    def perform(self, actor):
        return shared.charge_shared_cost(actor=actor, cost=self.cost, **self.cleaned_data)


class KeepSharedCostForm(SharedCostForm):
    submit_label = _("Keep it for the year")

    def perform(self, actor):
        return shared.keep_shared_cost(actor=actor, cost=self.cost)


class CancelSharedCostForm(ReasonForm):
    submit_label = _("Cancel the cost")

    def __init__(self, *args, cost: SharedCost, **kwargs):
        self.cost = cost
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return shared.cancel_shared_cost(actor=actor, cost=self.cost, **self.cleaned_data)


class ChooseSharesForm(SharedCostForm):
    submit_label = _("Save the shares")

    def __init__(self, *args, cost: SharedCost, **kwargs):
        super().__init__(*args, cost=cost, **kwargs)
        self.leases = shared.leases_of(cost)
        for lease in self.leases:
            self.fields[f"lease_{lease.pk}"] = forms.DecimalField(
                label=f"{lease.tenant} ({lease.reference})",
                min_value=0,
                max_digits=12,
                decimal_places=3,
                required=False,
                localize=True,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                initial=cost.weights.get(str(lease.pk)),
            )

    def perform(self, actor):
        given = {lease.pk: self.cleaned_data[f"lease_{lease.pk}"] or 0 for lease in self.leases}
        return shared.choose_shares(actor=actor, cost=self.cost, weights=given)


class ReadMetersForm(ActForm):
    """All meters of a house in one go; what stays empty was not read."""

    submit_label = _("Save the readings")
    day = DateField(label=_("Read on"), initial=timezone.localdate)

    def __init__(self, *args, house: Property, meters, **kwargs):
        self.house, self.meters = house, meters
        super().__init__(*args, **kwargs)
        for meter in meters:
            last = meter.last_value
            self.fields[f"meter_{meter.pk}"] = forms.DecimalField(
                label=f"{meter.unit.number} · {meter.get_utility_display()} {meter.number}",
                min_value=0,
                max_digits=14,
                decimal_places=3,
                required=False,
                localize=True,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                help_text="" if last is None else _("Last: %(value)s") % {"value": f"{last:f}"},
            )

    def perform(self, actor):
        given = {meter.pk: self.cleaned_data[f"meter_{meter.pk}"] for meter in self.meters}
        values = {pk: value for pk, value in given.items() if value is not None}
        day = self.cleaned_data["day"]
        shared.read_meters(actor=actor, house=self.house, day=day, values=values)
        return self.house


class AddMeterForm(ActForm):
    submit_label = _("Add the meter")
    unit = forms.ModelChoiceField(None, label=_("Unit"))
    utility = forms.ChoiceField(
        label=_("What it counts"), choices=[(u.value, u.label) for u in Utility][:3]
    )
    number = forms.CharField(label=_("Number"), max_length=40)

    def __init__(self, *args, house: Property, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = house.units.order_by("number")

    def perform(self, actor):
        return shared.add_meter(actor=actor, **self.cleaned_data)


class RegulariseForm(ActForm):
    submit_label = _("Reckon the year")
    due_date = DateField(label=_("Due on"), initial=in_two_weeks)

    def __init__(self, *args, house: Property, year: int, **kwargs):
        self.house, self.year = house, year
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        shared.regularise(actor=actor, house=self.house, year=self.year, **self.cleaned_data)
        return self.house


class UndoRegularisationForm(ReasonForm):
    submit_label = _("Undo the regularisation")

    def __init__(self, *args, house: Property, year: int, **kwargs):
        self.house, self.year = house, year
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        shared.undo_regularisation(
            actor=actor, house=self.house, year=self.year, **self.cleaned_data
        )
        return self.house
