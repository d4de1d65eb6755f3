"""The form of an exchange rate."""

from decimal import Decimal

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, DateField
from akig.lib.money import EXPONENTS
from payments.services.rates import enter_rate

CURRENCIES = [(code, code) for code in EXPONENTS]


class EnterRateForm(ActForm):
    submit_label = _("Enter the rate")
    currency = forms.ChoiceField(label=_("One unit of"), choices=CURRENCIES, initial="XOF")
    into = forms.ChoiceField(label=_("is worth, in"), choices=CURRENCIES, initial="GNF")
    rate = forms.DecimalField(
        label=_("Rate"), max_digits=18, decimal_places=8, min_value=Decimal("0.00000001")
    )
    day = DateField(label=_("Day"), initial=timezone.localdate)
    source = forms.CharField(
        label=_("Source"), max_length=120, help_text=_("Who says so: the central bank, a bank.")
    )

    def perform(self, actor):
        return enter_rate(actor=actor, **self.cleaned_data)
