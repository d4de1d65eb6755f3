"""What people choose on report pages, and the one form that acts: the agency's costs."""

import datetime
from collections.abc import Iterable
from typing import Any

from dateutil.relativedelta import relativedelta
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, AmountField, DateField, MonthField
from payments.metrics import AGES
from payments.models import AgencyCost
from payments.services.closing import enter_cost
from reporting.reports.finance import RANGES
from sites_app.models import Site

#: No books are older; a year typed wrongly must not make the database count from Caesar on.
EARLIEST = datetime.date(1990, 1, 1)


def sensible(day: datetime.date | None) -> None:
    """Refuse days of the future and of a time without books."""
    if day and not EARLIEST <= day <= timezone.localdate():
        raise ValidationError(_("Choose a day between 1990 and today."), code="day_out_of_range")


class FinanceForm(forms.Form):
    """``?span=3m&to=2026-10-31``; without them one month until today."""

    span = forms.ChoiceField(choices=[(name, name) for name in RANGES], required=False)
    to = DateField(label=_("Until"), required=False, validators=[sensible])

    def clean(self) -> dict:
        data = super().clean()
        data["span"] = data.get("span") or "1m"
        data["to"] = data.get("to") or timezone.localdate()
        return data


class ArrearsForm(forms.Form):
    """``?on=2026-10-31&age=d90_plus&currency=GNF``; without them all ages today."""

    on = DateField(label=_("As of"), required=False, validators=[sensible])
    age = forms.ChoiceField(
        label=_("Age"),
        required=False,
        choices=[
            ("", _("All")),
            *zip(
                AGES,
                (
                    _("Everything in arrears"), _("0 to 30 days"), _("31 to 60 days"),
                    _("61 to 90 days"), _("Over 90 days"), _("Not due yet"), _("Paid ahead"),
                ),
                strict=True,
            ),
        ],
    )  # fmt: skip


class CostForm(ActForm):
    """What one category cost a branch in a month; entered again, it replaces what stands."""

    submit_label = _("Enter this cost")
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Branch"), empty_label=None)
    month = MonthField(label=_("Month"))
    category = forms.ChoiceField(label=_("Category"), choices=AgencyCost.Category.choices)
    amount = AmountField(label=_("Amount"), zero="accept")
    notes = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, sites: Iterable[Site], **kwargs: Any):
        super().__init__(*args, **kwargs)
        sites = {site.pk: site for site in sites}
        self.fields["site"].queryset = Site.objects.filter(pk__in=sites)
        wanted = self.data.get("site") or self.initial.get("site")
        chosen = sites.get(wanted) or next(iter(sites.values()))
        currencies = {site.currency for site in sites.values()}
        self.fields["amount"].currency = chosen.currency
        if len(currencies) == 1:
            self.fields["amount"].label = _("Amount in %(currency)s") % {
                "currency": chosen.currency
            }
        if len(sites) == 1:
            self.fields["site"].widget = forms.HiddenInput()
            self.fields["site"].initial = chosen.pk
        self.fields["category"].choices = [
            (category, capfirst(label)) for category, label in AgencyCost.Category.choices
        ]

    def clean_month(self) -> datetime.date:
        month = self.cleaned_data["month"]
        if not EARLIEST <= month <= timezone.localdate() + relativedelta(months=1):
            raise ValidationError(_("Choose a month until next month."), code="month_out_of_range")
        return month

    def perform(self, actor: Any) -> AgencyCost:
        return enter_cost(actor=actor, **self.cleaned_data)
