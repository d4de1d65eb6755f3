"""The door of the pages: forms that perform one act, and the fields that they are made of."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField
from phonenumber_field.widgets import RegionalPhoneNumberWidget

from akig.lib.errors import BusinessError, NotAllowed
from akig.lib.money import AmountError, format_amount, parse_amount


class ActForm(forms.Form):
    """A form that performs one act: subclasses write ``perform(actor)``, one call of a service.

    ``submit_label`` is the word on the button of ``_form.html``.
    """

    required_css_class = "required"
    submit_label = _("Save")
    refusal: BusinessError | None = None

    def submit(self, actor: Any) -> Any | None:
        """Check, perform, and return what the act returned; None when the form has errors now.

        A refusal of the business becomes an error beside the fields that it names. A missing right
        is not the form's affair: NotAllowed goes on to the page that answers 403.
        """
        if not self.is_valid():
            return None
        try:
            return self.perform(actor)
        except NotAllowed:
            raise
        except BusinessError as refusal:
            self.refuse(refusal)
            return None

    def perform(self, actor: Any) -> Any:
        """Call the service with ``self.cleaned_data``; return the thing done, never None."""
        raise NotImplementedError

    def refuse(self, refusal: BusinessError) -> None:
        """Show ``refusal`` beside its fields, or above the form when it names none of ours."""
        self.refusal = refusal
        elsewhere = not refusal.fields
        for name, text in refusal.fields.items():
            if name in self.fields and not self.fields[name].widget.is_hidden:
                self.add_error(name, ValidationError(text, code=refusal.code))
            else:
                elsewhere = True
        if elsewhere:
            self.add_error(None, ValidationError(refusal.message, code=refusal.code))

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form: 200, 400, or the refusal's own."""
        if self.refusal:
            return self.refusal.status
        return 400 if self.is_bound and self.errors else 200


class OnceForm(ActForm):
    """A form whose act must happen once, however often it is sent.

    ``key`` is made when the form is shown and stays through its corrections; ``perform`` hands it
    to the service, which keeps it in the database.
    """

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class AmountField(forms.CharField):
    """An amount as people write it, cleaned to minor units (int).

    ``currency`` may be set after the form is made (``form.fields["amount"].currency = "XOF"``);
    ``negative`` and ``zero`` are "refuse" or "accept".
    """

    def __init__(
        self,
        *,
        currency: str = "GNF",
        negative: str = "refuse",
        zero: str = "refuse",
        **kwargs: Any,
    ):
        self.currency = currency
        self.negative = negative
        self.zero = zero
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        try:
            return parse_amount(value, self.currency, negative=self.negative, zero=self.zero)
        except AmountError as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from refusal

    def run_validators(self, value: int | None) -> None:
        # CharField's validators look at the characters of a text; this value is a number.
        return

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return format_amount(value, self.currency, show_currency=False)
        return value

    def widget_attrs(self, widget: forms.Widget) -> dict:
        return {
            **super().widget_attrs(widget),
            "inputmode": "numeric",
            "autocomplete": "off",
            "class": "amount",
        }


class DateField(forms.DateField):
    """A day, chosen from the browser's calendar or written as people write it."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"])
        super().__init__(**kwargs)


class TimeField(forms.TimeField):
    """A time of the day, to the minute."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("widget", forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
        super().__init__(**kwargs)


class MonthField(forms.DateField):
    """A month, cleaned to its first day. Browsers without a calendar of months show a text."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault(
            "widget",
            forms.DateInput(format="%Y-%m", attrs={"type": "month", "placeholder": "2026-10"}),
        )
        kwargs.setdefault("input_formats", ["%Y-%m", "%m/%Y", "%Y-%m-%d"])
        super().__init__(**kwargs)

    def to_python(self, value: Any):
        day = super().to_python(value)
        return day and day.replace(day=1)


class PhoneField(PhoneNumberField):
    """A telephone number, cleaned to E.164; ``region`` reads numbers without a prefix."""

    def __init__(self, *, region: str = "GN", **kwargs: Any):
        kwargs.setdefault("widget", RegionalPhoneNumberWidget(region=region))
        super().__init__(region=region, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict:
        return {**super().widget_attrs(widget), "inputmode": "tel", "autocomplete": "off"}
