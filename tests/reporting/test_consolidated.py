"""Branches of two currencies in one: only by rates of those days, each told with its source."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from payments.metrics.rates import Rate
from payments.models import ExchangeRate
from sites_app.models import Site

RATE = {
    "currency": "XOF",
    "into": "GNF",
    "rate": "15.25",
    "day": "2026-10-30",
    "source": "BCRG",
}


@pytest.fixture
def two(year, sign_in):
    """The director, who sees Conakry (GNF) and a branch in XOF."""
    Site.objects.filter(pk=year.kindia.pk).update(currency="XOF")
    return sign_in(year.awa)


def whole(client, **asked):
    return client.get(reverse("reporting:finance"), {"span": "12m", **asked}).context["whole"]


def test_without_a_rate_of_these_days_figures_stay_per_currency(two):
    ExchangeRate.objects.create(
        currency="XOF", into="GNF", day=date(2024, 1, 1), rate=Decimal(14), source="BCRG"
    )
    told = whole(two, **{"in": "GNF"})
    assert (told.missing, told.income) == (("XOF",), 0)


def test_a_rate_that_was_entered_makes_one_sum_and_is_named(two):
    assert two.post(reverse("payments:enter_rate"), RATE).status_code == 302
    told = whole(two, **{"in": "GNF"})
    sections = two.get(reverse("reporting:finance"), {"span": "12m"}).context["report"].sections
    gnf, xof = (section.income.total for section in sections)
    assert xof == 77
    assert told.income == gnf + 1174  # 77 x 15.25 = 1174.25
    assert told.net == told.income - told.costs
    (rate,) = told.rates
    assert (rate.day, rate.source) == (date(2026, 10, 30), "BCRG")

    back = whole(two, **{"in": "XOF"})
    assert back.income == 77 + round(gnf / 15.25)


def test_a_day_has_one_rate_and_none_is_of_tomorrow(two):
    for _twice in range(2):
        assert two.post(reverse("payments:enter_rate"), RATE).status_code == 302
    for wrong, status in (
        ({"rate": "16"}, 409),
        ({"day": "2026-11-01"}, 400),
        ({"into": "XOF"}, 400),
        ({"rate": "0"}, 400),
        ({"source": ""}, 400),
    ):
        answer = two.post(reverse("payments:enter_rate"), RATE | wrong)
        assert answer.status_code == status
    assert [str(rate.rate.normalize()) for rate in ExchangeRate.objects.all()] == ["15.25"]
    assert "BCRG" in two.get(reverse("payments:rate_list")).content.decode()


@given(st.integers(-(10**12), 10**12), st.fractions(min_value="0.001", max_value=10_000))
def test_converting_is_right_to_half_a_unit_and_keeps_the_sign(amount, value):
    rate = Rate("XOF", "GNF", value, "", date(2026, 10, 1), "")
    assert abs(rate.convert(amount) - amount * value) * 2 <= 1
    assert rate.convert(-amount) == -rate.convert(amount)
