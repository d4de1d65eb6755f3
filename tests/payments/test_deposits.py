"""Deposits: a liability from the first franc to the last, never income, never commission."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akig.lib.errors import BusinessError
from payments.models import (
    Account,
    DepositMovement,
    ExitAccount,
    JournalLine,
    Payment,
    Receipt,
)
from payments.services import deposits
from payments.services.checking import differences
from payments.services.collecting import cancel_payment
from payments.services.posting import balance_of
from reporting.reports.finance import finance_report
from tests.factories import charge, make_lease, make_unit, pay

Code = Account.Code
JULY, SEPTEMBER = date(2026, 7, 1), date(2026, 9, 30)


def total(code: str) -> int:
    return JournalLine.objects.filter(account__code=code).balance()


def hold(cast, amount=2_000_000, **fields):
    values = {"method": "cash", "value_date": date(2026, 1, 2), **fields}
    return deposits.hold_deposit(actor=cast.diallo, lease=cast.lease, amount=amount, **values)


def leave(cast, inspected=True):
    """Let Gassim leave on 30 September, his rooms inspected on that day."""
    type(cast.lease).objects.filter(pk=cast.lease.pk).update(end=SEPTEMBER)
    cast.lease.refresh_from_db()
    ExitAccount.objects.create(
        site=cast.conakry, lease=cast.lease, left_on=SEPTEMBER, drawn_by=cast.diallo,
        inspected_on=SEPTEMBER if inspected else None,
    )  # fmt: skip


def refused(act, **fields) -> str:
    with pytest.raises(BusinessError) as refusal:
        act(**fields)
    return refusal.value.code


@pytest.fixture
def leaving(cast):
    charge(cast.lease, 1_500_000, JULY)
    leave(cast)
    return cast


@pytest.mark.usefixtures("books")
def test_a_deposit_is_held_and_has_its_receipt(cast):
    movement = hold(cast, reference="OM-77")
    assert (total(Code.CASH), total(Code.DEPOSITS)) == (2_000_000, -2_000_000)
    assert balance_of(cast.lease) == 0
    receipt = movement.receipt
    assert receipt.number == "CA-GN_CONAKRY-2026-000001"
    assert receipt.content["held"] == 2_000_000
    assert deposits.held(cast.lease) == 2_000_000
    assert Payment.objects.count() == 0
    assert refused(hold, cast=cast, amount=1, reference="OM-77") == "reference_conflict"
    assert refused(hold, cast=cast, amount=1_000_001) == "deposit_refused"
    assert refused(hold, cast=cast, amount=1, method="deposit") == "deposit_refused"


@pytest.mark.usefixtures("books")
def test_a_deduction_pays_what_is_owed_and_counts_as_rent_then(cast):
    hold(cast)
    rent = charge(cast.lease, 1_500_000, JULY)
    act = {"actor": cast.diallo, "lease": cast.lease, "reason": "Rent of July"}
    assert refused(deposits.deduct_deposit, amount=1_000_000, **act) == "deposit_refused"
    leave(cast)
    assert refused(deposits.deduct_deposit, amount=1_500_001, **act) == "deposit_refused"
    movement = deposits.deduct_deposit(amount=1_500_000, **act)
    rent.refresh_from_db()
    assert rent.left == 0
    assert (total(Code.DEPOSITS), total(Code.COMMISSION)) == (-500_000, -150_000)
    assert movement.payment.method == "deposit"
    assert Receipt.objects.get(payment=movement.payment).amount == 1_500_000
    assert refused(deposits.deduct_deposit, amount=1, **act) == "deposit_refused"
    cancel_payment(actor=cast.diallo, payment=movement.payment, reason="error")
    assert deposits.held(cast.lease) == 2_000_000
    assert (total(Code.DEPOSITS), total(Code.COMMISSION)) == (-2_000_000, 0)


@pytest.mark.usefixtures("books")
def test_what_is_left_goes_back_after_the_inspection_less_what_is_owed(cast):
    hold(cast)
    charge(cast.lease, 300_000, JULY)
    act = {"actor": cast.diallo, "lease": cast.lease, "method": "cash"}
    assert refused(deposits.refund_deposit, amount=1, **act) == "not_inspected"
    leave(cast)
    assert refused(deposits.refund_deposit, amount=2_000_001, **act) == "deposit_refused"
    assert refused(deposits.refund_deposit, amount=1_700_001, **act) == "still_owes"
    deposits.refund_deposit(amount=1_700_000, **act)
    assert (total(Code.CASH), total(Code.DEPOSITS)) == (300_000, -300_000)


@pytest.mark.usefixtures("books")
def test_a_mistake_is_answered_once(cast):
    movement = hold(cast)
    answers = {
        deposits.reverse_deposit(actor=cast.diallo, movement=movement, reason="error").pk
        for _time in range(2)
    }
    assert len(answers) == 1
    assert (deposits.held(cast.lease), total(Code.CASH), total(Code.DEPOSITS)) == (0, 0, 0)
    movement.receipt.refresh_from_db()
    assert movement.receipt.status == "cancelled"
    hold(cast, reference="OM-78")


@pytest.mark.usefixtures("books")
def test_what_is_gone_is_not_taken_back(cast):
    movement = hold(cast)
    leave(cast)
    deposits.refund_deposit(actor=cast.diallo, lease=cast.lease, amount=1, method="cash")
    act = {"actor": cast.diallo, "movement": movement, "reason": "error"}
    assert refused(deposits.reverse_deposit, **act) == "deposit_refused"


@pytest.mark.usefixtures("books")
def test_deposits_of_contracts_are_taken_over_once(cast):
    day = date(2026, 9, 1)
    other = make_lease(unit=make_unit(cast.house), deposit=500_000)
    type(cast.lease).objects.filter(pk=cast.lease.pk).update(deposit=2_000_000)
    taken = [
        deposits.take_over_deposits(actor=cast.diallo, site=cast.conakry, value_date=day)
        for _time in range(2)
    ]
    assert taken == [2, 0]
    told = StringIO()
    call_command("take_over_deposits", "--site", cast.conakry.pk, stdout=told)
    assert ": 0 " in told.getvalue()
    with pytest.raises(CommandError):
        call_command("take_over_deposits", "--site", "NOWHERE")
    assert (total(Code.OPENING), total(Code.DEPOSITS)) == (2_500_000, -2_500_000)
    act = {"actor": cast.diallo, "lease": other, "amount": 1, "value_date": day}
    assert refused(deposits.take_over_deposit, **act) == "deposit_refused"


def test_holding_changes_no_figure_of_the_finance_report(cast):
    charge(cast.lease, 1_000_000, JULY)
    pay(cast.lease, 400_000, JULY)
    before = finance_report([cast.conakry], "12m")
    hold(cast)
    assert finance_report([cast.conakry], "12m") == before


class Undone(Exception):
    """Takes an example back, so that the next begins where this one began."""


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["hold", "deduct", "refund", "pay", "reverse"]),
            st.integers(1, 1_200_000),
        ),
        max_size=9,
    )
)
def test_deposits_never_become_income_and_never_go_below_nothing(leaving, steps):
    cast, common = leaving, {"actor": leaving.diallo, "lease": leaving.lease}
    with suppress(Undone), transaction.atomic():
        for act, amount in steps:
            with suppress(BusinessError), transaction.atomic():
                if act == "hold":
                    hold(cast, amount)
                elif act == "deduct":
                    deposits.deduct_deposit(amount=amount, reason="rent", **common)
                elif act == "refund":
                    deposits.refund_deposit(amount=amount, method="cash", **common)
                elif act == "pay":
                    pay(cast.lease, amount)
                elif found := DepositMovement.objects.filter(kind="held").first():
                    deposits.reverse_deposit(actor=cast.diallo, movement=found, reason="error")
        assert differences() == []
        assert deposits.held(cast.lease) == -total(Code.DEPOSITS) >= 0
        # Commission and share are of what was paid; what is only held is nobody's income.
        allocated = sum(row.allocated for row in Payment.objects.confirmed())
        assert total(Code.COMMISSION) + total(Code.VAT) + total(Code.OWNER_PAYABLE) == -allocated
        raise Undone


@pytest.mark.django_db(transaction=True)
def test_five_hands_pressing_at_once_hold_it_once(cast):
    fields = {
        "actor": cast.diallo, "key": "one", "act": deposits.hold_deposit, "lease": cast.lease,
        "amount": 400_000, "method": "cash",
    }  # fmt: skip

    def press(_hand):
        try:
            return deposits.move_once(**fields).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as hands:
        assert len(set(hands.map(press, range(5)))) == 1
    assert DepositMovement.objects.count() == 1
