"""What people choose on report pages."""

import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import DateField
from payments.metrics import AGES
from reporting.reports.finance import RANGES

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
