"""What people choose on report pages."""

import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, DateField
from payments.metrics import AGES
from reporting.reports.finance import RANGES
from reporting.services import close_month
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


class CloseMonthForm(ActForm):
    """Close the month shown; what is red must be accepted by a tick."""

    submit_label = _("Close the month")
    accept_open = forms.BooleanField(
        label=_("Close it although points are red; it stays on record with my name"),
        required=False,
    )

    def __init__(self, *args, site: Site, month: datetime.date, red: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.site, self.month = site, month
        if not red:
            del self.fields["accept_open"]

    def perform(self, actor):
        return close_month(actor=actor, site=self.site, month=self.month, **self.cleaned_data)
