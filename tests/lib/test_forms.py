import datetime as dt
import uuid

import pytest
from django import forms

from akig.lib.errors import BusinessError, NotAllowed
from akig.lib.forms import AmountField, DateField, MonthField, OnceForm, PhoneField

KEY = str(uuid.uuid4())


class PayForm(OnceForm):
    amount = AmountField()
    day = DateField(required=False)
    refused_by: BusinessError | None = None

    def perform(self, actor):
        if self.refused_by:
            raise self.refused_by
        return (actor, self.cleaned_data["amount"], self.cleaned_data["key"])


def pay(amount="1 500 000", **more):
    return PayForm({"amount": amount, "key": KEY, **more})


def test_performs_with_clean_values():
    assert pay().submit("Diallo") == ("Diallo", 1_500_000, uuid.UUID(KEY))


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("", "required"),
        ("abc", "amount_not_a_number"),
        ("0", "amount_zero"),
        ("1.5", "amount_decimal"),
    ],
)
def test_a_bad_amount_is_an_error_beside_its_field(amount, code):
    form = pay(amount)
    assert form.submit("Diallo") is None
    assert form.errors.as_data()["amount"][0].code == code
    assert form.status == 400


def test_a_refusal_lands_on_the_field_it_names():
    form = pay()
    form.refused_by = BusinessError(
        "no", code="too_much", status=409, fields={"amount": "too much"}
    )
    assert form.submit("Diallo") is None
    assert form.errors.as_data()["amount"][0].code == "too_much"
    assert not form.non_field_errors()
    assert form.status == 409


@pytest.mark.parametrize("fields", [{}, {"key": "used"}, {"lease": "ended"}])
def test_a_refusal_about_something_unseen_stands_above_the_form(fields):
    form = pay()
    form.refused_by = BusinessError("the lease has ended", code="lease_ended", fields=fields)
    form.submit("Diallo")
    assert form.non_field_errors() == ["the lease has ended"]


def test_a_missing_right_is_not_a_form_error():
    form = pay()
    form.refused_by = NotAllowed("no")
    with pytest.raises(NotAllowed):
        form.submit("Gassim")


def test_each_form_shown_has_its_own_key_and_keeps_it_through_corrections():
    assert PayForm()["key"].value() != PayForm()["key"].value()
    assert KEY in pay("abc").as_p()


def test_an_amount_is_shown_grouped_and_typed_text_is_kept():
    assert "1\u202f500\u202f000" in PayForm(initial={"amount": 1_500_000}).as_p()
    assert "8OO 000" in pay("8OO 000").as_p()


def test_the_currency_may_be_known_later():
    form = pay("150 000 F CFA")
    form.fields["amount"].currency = "XOF"
    assert form.submit("Diallo")[1] == 150_000


def test_a_month_is_its_first_day():
    assert MonthField().clean("2026-10") == dt.date(2026, 10, 1)
    assert MonthField().clean("10/2026") == dt.date(2026, 10, 1)
    with pytest.raises(forms.ValidationError):
        MonthField().clean("13/2026")


def test_a_telephone_is_read_in_its_region():
    assert PhoneField().clean("622 11 22 33").as_e164 == "+224622112233"
    assert PhoneField(region="SN").clean("77 123 45 67").as_e164 == "+221771234567"
    with pytest.raises(forms.ValidationError):
        PhoneField().clean("12")
