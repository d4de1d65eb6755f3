"""What owners are owed: whatever happens, it is paid, withheld, recovered or still held."""

from datetime import date, timedelta
from itertools import pairwise

from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from akig.lib.errors import BusinessError
from payments.metrics.payouts import reckon
from payments.models import JournalLine, OwnerCost, Payment, Payout, PayoutRun
from payments.services.checking import differences
from payments.services.collecting import cancel_payment
from payments.services.owner_costs import cancel_owner_cost, enter_owner_cost
from payments.services.payouts import (
    approve_payouts,
    cancel_payout,
    cancel_run,
    prepare_payouts,
    set_reserve,
)
from sites_app.models import BranchRule
from tests.factories import charge, pay

FEW = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FIRST = date(2026, 6, 1)
days = st.integers(0, 136).map(lambda number: FIRST + timedelta(days=number))
amounts = st.one_of(st.integers(1, 3_000_000), st.sampled_from([1, 1_000_001, 500_000]))
months = st.integers(6, 10).map(lambda number: date(2026, number, 1))
number = st.integers(0, 50)

acts = st.one_of(
    st.tuples(st.just("owe"), days, amounts),
    st.tuples(st.just("give"), days, amounts),
    st.tuples(st.just("give"), days, amounts),
    st.tuples(st.just("take_back"), number),
    st.tuples(st.just("lay_out"), days, amounts, st.sampled_from(OwnerCost.Kind.values)),
    st.tuples(st.just("give_up"), number),
    st.tuples(st.just("keep"), amounts),
    st.tuples(st.just("prepare"), months),
    st.tuples(st.just("prepare"), months),
    st.tuples(st.just("approve"), number),
    st.tuples(st.just("approve"), number),
    st.tuples(st.just("drop"), number),
    st.tuples(st.just("send_back"), number),
)


class Undone(Exception):
    """Takes an example back, so that the next begins where this one began."""


def nth(rows, number):
    rows = list(rows.order_by("pk"))
    return rows[number % len(rows)] if rows else None


class Office:
    """Does what the acts above say; what the rules refuse is not done."""

    def __init__(self, cast):
        self.lease, self.site, self.house = cast.lease, cast.conakry, cast.house
        self.one, self.other, self.system = cast.diallo, cast.awa, User.objects.system()

    def owe(self, day, amount):
        charge(self.lease, amount, day)

    def give(self, day, amount):
        pay(self.lease, amount, day)

    def take_back(self, number):
        if payment := nth(Payment.objects.all(), number):
            cancel_payment(actor=self.one, payment=payment, reason="x")

    def lay_out(self, day, amount, kind):
        enter_owner_cost(
            actor=self.one, site=self.site, owner=self.house.owner, property=self.house,
            kind=kind, label="Toit", amount=amount, paid_from="571", value_date=day,
        )  # fmt: skip

    def give_up(self, number):
        if cost := nth(OwnerCost.objects.all(), number):
            cancel_owner_cost(actor=self.one, cost=cost, reason="x")

    def keep(self, amount):
        set_reserve(actor=self.one, property=self.house, amount=amount)

    def prepare(self, month):
        prepare_payouts(actor=self.one, site=self.site, month=month)

    def approve(self, number):
        if run := nth(PayoutRun.objects.filter(state="prepared"), number):
            approve_payouts(actor=self.other, run=run)
            if run.payouts.filter(amount__gt=0).exists():
                assert balance("4672") <= 0, "more was paid than is collected"

    def drop(self, number):
        if run := nth(PayoutRun.objects.filter(state="prepared"), number):
            cancel_run(actor=self.one, run=run, reason="x")

    def send_back(self, number):
        if payout := nth(Payout.objects.filter(state="paid"), number):
            cancel_payout(actor=self.other, payout=payout, reason="x")


def balance(code, **kind):
    lines = JournalLine.objects.filter(account__code=code, **kind)
    return lines.aggregate(sum=Sum("amount"))["sum"] or 0


@FEW
@given(st.lists(acts, min_size=6, max_size=18), st.sampled_from(["0", "15"]))
def test_what_is_owed_is_paid_withheld_recovered_or_still_held(cast, acts, percent):
    office = Office(cast)
    BranchRule.objects.create(
        site=cast.conakry, name="withholding_percent", value=percent, valid_from=date(2020, 1, 1)
    )
    BranchRule.objects.create(
        site=cast.conakry, name="owner_cost_threshold", value="9000000", valid_from=date(2020, 1, 1)
    )
    try:
        with transaction.atomic():
            for name, *values in acts:
                try:
                    with transaction.atomic():
                        getattr(office, name)(*values)
                except BusinessError:
                    continue
                check()
            assert differences() == []  # what is in the books stays, and so would a difference
            raise Undone
    except Undone:
        pass
    BranchRule.objects.all().delete()


def check():
    standing = Payout.objects.exclude(state="cancelled")
    for payout in standing:
        told = sum(line["net"] for line in payout.content["lines"])
        assert payout.opening + told - payout.withheld - payout.amount == payout.closing
        assert payout.closing == payout.content["closing"]
    paid = list(Payout.objects.filter(state="paid").order_by("month"))
    for earlier, later in pairwise(paid):
        assert later.opening == earlier.closing
    assert -balance("4472") == sum(payout.withheld for payout in paid)
    assert -sum(balance(code) for code in ("4672", "4673")) + sum(
        payout.amount + payout.withheld for payout in paid
    ) == -balance("4672", entry__kind="share") - balance(
        "4673", entry__kind="owner_cost"
    ) - balance("4673", entry__reverses__kind="owner_cost")


@FEW
@given(
    held=st.integers(-(10**7), 10**7),
    advances=st.integers(-(10**6), 10**7),
    gross=st.integers(-(10**7), 10**7),
    percent=st.sampled_from([0, 5, 15]),
    reserve=st.integers(0, 10**6),
    withheld_before=st.integers(0, 10**6),
    later=st.integers(-(10**7), 10**7),
)
def test_a_reckoning_divides_what_is_held(
    held, advances, gross, percent, reserve, withheld_before, later
):
    parts = reckon(
        held=held,
        advances=advances,
        gross=gross,
        percent=percent,
        reserve=reserve,
        withheld_before=withheld_before,
        held_now=held + later,
    )
    assert parts.amount >= 0 and parts.reserved >= 0
    assert parts.recovered <= advances
    assert parts.withheld >= -withheld_before
    if parts.amount:
        assert parts.released + parts.reserved == held
        assert parts.released <= held + later
