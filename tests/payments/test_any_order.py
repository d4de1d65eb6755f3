"""Whatever happens, in whatever order: the books agree, and nothing that was written changes."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from akig.lib.errors import BusinessError
from payments.models import (
    NEVER_CREDITS,
    Allocation,
    Charge,
    JournalEntry,
    JournalLine,
    Payment,
)
from payments.services.bringing_in import bring_in_charges
from payments.services.charging import (
    charge_late_fees,
    charge_rent,
    charge_share,
    settle_leases,
    waive_charge,
)
from payments.services.checking import differences
from payments.services.collecting import cancel_payment, preview_payment
from payments.services.posting import Code, balance_of
from payments.services.settling import OWNERS, settle
from sites_app.services.branches import set_rule
from tests.factories import charge, lay_anew, pay

FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FIRST = date(2026, 1, 1)
days = st.integers(0, 280).map(lambda number: FIRST + timedelta(days=number))
amounts = st.one_of(
    st.integers(1, 3_000_000), st.sampled_from([1, 333_333, 1_000_000, 1_000_001, 2_500_000])
)


class Undone(Exception):
    """Takes an example back, so that the next begins where this one began."""


@pytest.fixture
def lease(cast):
    return cast.lease


def outcome(lease) -> tuple:
    """What stands after all: each charge's money and the owner's side, without any row's number."""
    charges = Charge.objects.filter(lease=lease).order_by("period_start", "kind", "issue")
    parts = Allocation.objects.filter(lease=lease).order_by(
        "charge__period_start", "charge__kind", "payment__value_date", "amount"
    )
    return (
        balance_of(lease),
        list(charges.values_list("period_start", "collected", "settled_on")),
        list(
            parts.values_list(
                "charge__period_start", "payment__value_date", "amount", "commission", "vat"
            )
        ),
    )


@FEW
@given(
    st.lists(st.tuples(days, amounts), min_size=2, max_size=6, unique_by=lambda paid: paid[0]),
    st.randoms(use_true_random=False),
)
def test_the_same_payments_in_any_order_pay_the_same(lease, payments, random):
    outcomes = []
    for _time in range(2):
        try:
            with transaction.atomic():
                for month in range(1, 5):
                    charge(lease, 1_000_001, date(2026, month, 1))
                for day, amount in payments:
                    pay(lease, amount, day)
                outcomes.append(outcome(lease))
                raise Undone
        except Undone:
            random.shuffle(payments)
    assert outcomes[0] == outcomes[1]


acts = st.one_of(
    st.tuples(st.just("run"), st.integers(1, 9)),
    st.tuples(st.just("charge"), days, amounts, st.sampled_from(["rent", "other", "service"])),
    st.tuples(st.just("pay"), days, amounts),
    st.tuples(st.just("pay"), days, amounts),
    st.tuples(st.just("choose"), days, amounts, st.integers(0, 50)),
    st.tuples(st.just("cancel"), st.integers(0, 50)),
    st.tuples(st.just("waive"), st.integers(0, 50)),
    st.tuples(st.just("fees"), days),
    st.tuples(st.just("give back"), days, amounts),
)
rules = st.tuples(st.just("rule"), st.sampled_from(["oldest", "rent_first"]))


def run(lease, system, month):
    charge_rent(actor=system, site=lease.site, month=date(2026, month, 1))


def owe(lease, system, day, amount, kind):
    charge(lease, amount, day, kind=kind)


def give(lease, system, day, amount):
    """Pay, and get exactly what the preview said."""
    preview = preview_payment(lease=lease, amount=amount, value_date=day)
    payment = pay(lease, amount, day)
    assert [(part.charge.pk, part.amount, part.left) for part in preview.parts] == [
        (row.charge_id, row.amount, row.charge.left) for row in payment.parts
    ]
    assert (preview.balance, preview.advance) == (payment.balance, payment.unallocated)


def choose(lease, system, day, amount, number):
    if chosen := nth(Charge.objects.open(), number):
        pay(lease, amount, day, for_charge=chosen)


def cancel(lease, system, number):
    if payment := nth(Payment.objects.confirmed(), number):
        cancel_payment(actor=system, payment=payment, reason="error")


def waive(lease, system, number):
    if standing := nth(Charge.objects.standing(), number):
        waive_charge(actor=system, charge=standing, reason="agreed")


def give_back(lease, system, day, amount):
    charge_share(actor=system, lease=lease, amount=-amount, day=day, due_date=day)


def rule(lease, system, value):
    set_rule(actor=system, site=lease.site, name="allocation", value=value)
    settle_leases(system, lease.site_id, [lease.pk])


def fees(lease, system, day):
    charge_late_fees(actor=system, site=lease.site, on=day)


def nth(rows, number):
    rows = list(rows.order_by("id"))
    return rows[number % len(rows)] if rows else None


ACTS = {
    "run": run,
    "charge": owe,
    "pay": give,
    "choose": choose,
    "cancel": cancel,
    "waive": waive,
    "fees": fees,
    "give back": give_back,
    "rule": rule,
}


def on(*codes) -> int:
    return JournalLine.objects.filter(account__code__in=codes).balance()


def test_less_rent_is_never_a_credit(lease):
    """It would pay charges of the owner's with money that nobody gave."""
    first = {"period_start": FIRST, "period_end": FIRST, "due_date": FIRST}
    for kind in NEVER_CREDITS:
        row = {"lease": lease, "kind": kind, "amount": -100_000, **first}
        with (
            pytest.raises(IntegrityError, match="a_credit_is_not_the_owners"),
            transaction.atomic(),
        ):
            bring_in_charges(actor=User.objects.system(), site=lease.site, rows=[row])
    assert not JournalEntry.objects.exists()


def written() -> list[str]:
    """Everything that may never change, as text."""
    fixed = []
    with connection.cursor() as cursor:
        for query in (
            "SELECT line::text FROM payments_journalline AS line ORDER BY id",
            "SELECT entry::text FROM payments_journalentry AS entry ORDER BY id",
            "SELECT id, lease_id, amount, value_date, method FROM payments_payment ORDER BY id",
            "SELECT id, kind, amount, period_start, due_date FROM payments_charge ORDER BY id",
            "SELECT id, number, code, amount, content::text FROM payments_receipt ORDER BY id",
        ):
            cursor.execute(query)
            fixed.append(cursor.fetchall())
    return fixed


@FEW
@example([("run", 1), ("pay", date(2026, 9, 12), 1630), ("pay", FIRST, 849)])  # only VAT moves
@given(st.lists(acts, min_size=3, max_size=12))
def test_any_mix_of_acts_leaves_books_that_agree(lease, mix):
    system = User.objects.system()
    try:
        with transaction.atomic():
            before = written()
            for act in mix:
                name, *values = act
                ACTS[name](lease, system, *values)
                after = written()
                for old, new in zip(before, after, strict=True):
                    assert new[: len(old)] == old
                before = after
            assert differences() == []
            assert JournalLine.objects.all().balance() == 0
            owners = Charge.objects.standing().filter(kind__in=OWNERS)
            sums = owners.aggregate(paid=Sum("collected"), all=Sum("amount"))
            paid, whole = sums["paid"] or 0, sums["all"] or 0
            assert on(Code.OWNER_PENDING) == paid - whole
            assert on(Code.OWNER_PAYABLE, Code.COMMISSION, Code.VAT) == -paid
            raise Undone
    except Undone:
        pass
    assert not JournalEntry.objects.exists()


def settled(lease) -> list[list]:
    """Everything that settling keeps."""
    allocations = Allocation.objects.filter(lease=lease).order_by("id")
    charges = Charge.objects.filter(lease=lease).order_by("id")
    payments = Payment.objects.filter(lease=lease).order_by("id")
    return [
        list(allocations.values()),
        list(charges.values("id", "collected", "settled_on")),
        list(payments.values("id", "allocated", "timing")),
    ]


@FEW
@example([("run", 1), ("pay", FIRST, 2_500_000), ("run", 2), ("run", 3), ("pay", FIRST, 1)])
@example([("run", 1), ("pay", date(2026, 3, 1), 3_000_000), ("pay", FIRST, 9), ("run", 2)])
@example([("run", 2), ("pay", FIRST, 9), ("pay", FIRST, 3_000_000), ("run", 1)])
@given(st.lists(st.one_of(acts, acts, acts, rules), min_size=3, max_size=12))
def test_what_is_kept_is_what_laying_it_anew_gives(lease, mix):
    system = User.objects.system()
    try:
        with transaction.atomic():
            for act in mix:
                name, *values = act
                ACTS[name](lease, system, *values)
            settle_leases(system, lease.site_id, [lease.pk])
            kept = settled(lease)
            lay_anew(lease.site)
            assert settle(actor=system, site_id=lease.site_id, leases=[lease.pk]) == (0, 0)
            assert settled(lease) == kept
            raise Undone
    except Undone:
        pass


def test_a_refused_act_in_between_leaves_no_trace(cast, books):
    charge(cast.lease, 1_000_000, FIRST)
    before = written()
    with pytest.raises(BusinessError):
        pay(cast.lease, 10**12 + 1)
    assert written() == before
