"""What was owed on a day past, against a replay in plain Python of all that counted then."""

from collections import Counter
from datetime import date, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from payments import metrics
from payments.models import Charge, Payment
from payments.services.charging import charge_late_fees, take_over_balance, waive_charge
from payments.services.collecting import cancel_payment
from sites_app.models import BranchRule
from sites_app.services.branches import set_rule
from tests.factories import charge, make_lease, make_unit, pay

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 20)
FIRST = date(2026, 1, 1)
days = st.integers(0, 292).map(lambda number: FIRST + timedelta(days=number))
amounts = st.sampled_from([1, 333_333, 500_000, 1_000_000, 1_000_001, 2_500_000])
which = st.integers(0, 50)
LAST = 99  # after all acts
acts = st.one_of(
    st.tuples(
        st.just("charge"), st.integers(0, 1), days, amounts,
        st.sampled_from(["rent", "other", "service"]), st.integers(-20, 60),
    ),
    st.tuples(st.just("pay"), st.integers(0, 1), days, amounts),
    st.tuples(st.just("pay"), st.integers(0, 1), days, amounts),
    st.tuples(st.just("open"), st.integers(0, 1), days, amounts, st.sampled_from([1, -1])),
    st.tuples(st.just("choose"), days, amounts, which),
    st.tuples(st.just("cancel"), which, st.integers(0, 120)),
    st.tuples(st.just("waive"), which, st.integers(0, 120)),
    st.tuples(st.just("fees"), days),
)  # fmt: skip


class Undone(Exception):
    """Takes an example back, so that the next begins where this one began."""


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel("2026-10-20 10:00:00+00:00", tick=False):
        yield


@pytest.fixture
def leases(cast):
    BranchRule.objects.create(
        site=cast.conakry, name="late_fee_percent", value="10", valid_from=date(2000, 1, 1)
    )
    return [cast.lease, make_lease(unit=make_unit(cast.house))]


def owe(leases, number, day, amount, kind, later):
    charge(leases[number], amount, day, kind=kind, due=day + timedelta(days=later))


def give(leases, number, day, amount):
    pay(leases[number], amount, day)


def take_over(leases, number, day, amount, sign):
    leases[number].refresh_from_db()
    if leases[number].taken_over_on is None:
        take_over_balance(actor=system(), lease=leases[number], amount=sign * amount, on=day)


def choose(leases, day, amount, place):
    if chosen := nth(Charge.objects.open(), place):
        pay(chosen.lease, amount, day, for_charge=chosen)


def cancel(leases, place, later):
    """Cancel a payment some days after it counted."""
    if payment := nth(Payment.objects.confirmed(), place):
        cancel_payment(actor=system(), payment=payment, reason="error")
        at = payment.value_date + timedelta(days=later)
        Payment.objects.filter(pk=payment.pk).update(cancelled_on=at)


def waive(leases, place, later):
    """Cancel a charge some days after it counted."""
    if waived := nth(Charge.objects.standing(), place):
        waive_charge(actor=system(), charge=waived, reason="agreed")
        at = counts_on(waived) + timedelta(days=later)
        Charge.objects.filter(pk=waived.pk).update(cancelled_on=at)


def fees(leases, day):
    charge_late_fees(actor=system(), site=leases[0].site, on=day)


ACTS = {
    "charge": owe,
    "pay": give,
    "open": take_over,
    "choose": choose,
    "cancel": cancel,
    "waive": waive,
    "fees": fees,
}


def pay_rent_first(site):
    set_rule(actor=system(), site=site, name="allocation", value="rent_first")


def system() -> User:
    return User.objects.system()


def nth(rows, place):
    rows = list(rows.order_by("id"))
    return rows[place % len(rows)] if rows else None


def counts_on(row) -> date:
    return row.due_date if row.fee_for_id else row.period_start


def replay(lease, day, *, rent_first) -> Counter:
    """Return what the lease owed by age, and ``advances``: every charge and payment in turn."""
    charges = [
        row for row in Charge.objects.filter(lease=lease)
        if counts_on(row) <= day and (row.cancelled_on is None or row.cancelled_on > day)
    ]  # fmt: skip
    payments = [
        row for row in Payment.objects.filter(lease=lease, value_date__lte=day)
        if row.cancelled_on is None or row.cancelled_on > day
    ]  # fmt: skip
    debts = sorted(
        (row for row in charges if row.amount > 0),
        key=lambda row: (
            rent_first and row.kind not in ("opening", "rent"),
            row.due_date, row.period_start, row.kind, row.pk,
        ),
    )  # fmt: skip
    left = {row.pk: row.amount for row in debts}
    free = sum(-row.amount for row in charges if row.amount < 0)
    for row in sorted(payments, key=lambda row: (row.value_date, row.pk)):
        chosen = min(row.amount, left.get(row.for_charge_id, 0))
        if chosen:
            left[row.for_charge_id] -= chosen
        free += row.amount - chosen
    told = Counter()
    for row in debts:
        paid = min(free, left[row.pk])
        free -= paid
        age = (day - row.due_date).days
        name = (
            "not_due" if age < 0 else "d0_30" if age <= 30 else "d31_60" if age <= 60
            else "d61_90" if age <= 90 else "d90_plus"
        )  # fmt: skip
        told[name] += left[row.pk] - paid
    told["advances"] = free
    return +told


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(acts, min_size=3, max_size=14),
    st.lists(days, min_size=3, max_size=5),
    st.sampled_from([None, None, 0, LAST]),
)
def test_any_past_day_is_what_a_replay_of_it_says(leases, mix, asked, rent_first_after):
    site = leases[0].site
    try:
        with transaction.atomic():
            for place, (name, *values) in enumerate(mix):
                if place == rent_first_after:
                    pay_rent_first(site)
                ACTS[name](leases, *values)
            if rent_first_after == LAST:
                pay_rent_first(site)
            for day in {*asked, TODAY - timedelta(days=1)} - {TODAY}:
                expected = {}
                for lease in leases:
                    if then := replay(lease, day, rent_first=rent_first_after is not None):
                        expected[lease.pk] = dict(then)
                ageing = metrics.ageing([site], day)
                assert {row.lease: amounts_of(row) for row in ageing.rows} == expected
                told = metrics.balances([site], day)
                assert {row.lease: amounts_of(row) for row in told} == {
                    lease.pk: expected.get(lease.pk, {}) for lease in leases
                }
                total = metrics.arrears_by_site([site], day)[site.pk]
                assert total.balance == sum(row.balance for row in told)
            raise Undone
    except Undone:
        pass


def amounts_of(row) -> dict[str, int]:
    names = ("not_due", "d0_30", "d31_60", "d61_90", "d90_plus", "advances")
    return {name: getattr(row, name) for name in names if getattr(row, name)}
