"""Cancelling a payment, waiving a charge: everything returns, nothing is edited."""

from datetime import date

import pytest

from akig.lib.errors import BusinessError, NotAllowed
from payments.models import Account, Charge, JournalEntry, JournalLine, Payment, Receipt
from payments.services.charging import waive_charge
from payments.services.closing import close_period
from payments.services.collecting import cancel_payment
from payments.services.posting import balance_of
from payments.services.receipts import NotFullyPaid, issue_quittance
from tests.factories import charge, pay

pytestmark = pytest.mark.usefixtures("books")
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
EVENTS = Payment.pgh_event_model


def total(code: str) -> int:
    return JournalLine.objects.filter(account__code=code).balance()


def test_cancelling_returns_rent_commission_share_and_cash(cast):
    rent = charge(cast.lease, 1_000_000, JUNE)
    payment = pay(cast.lease, 1_000_000, date(2026, 6, 4))
    assert total(Account.Code.COMMISSION) == -100_000
    cancelled = cancel_payment(actor=cast.diallo, payment=payment, reason="Wrong tenant")
    assert cancelled.status == "cancelled"
    for code in (Account.Code.CASH, Account.Code.COMMISSION, Account.Code.OWNER_PAYABLE):
        assert total(code) == 0
    rent.refresh_from_db()
    assert (rent.collected, rent.settled_on) == (0, None)
    assert balance_of(cast.lease) == 1_000_000
    assert Receipt.objects.get(payment=payment).status == "cancelled"
    reversal = JournalEntry.objects.get(reverses__isnull=False)
    assert (reversal.value_date, reversal.memo) == (date(2026, 6, 4), "Wrong tenant")


def test_it_records_who_cancelled(cast):
    payment = cancel_payment(actor=cast.diallo, payment=pay(cast.lease, 500), reason="error")
    event = EVENTS.objects.filter(pgh_obj=payment).latest("pgh_id")
    assert event.status == "cancelled"
    assert event.pgh_context.metadata["user"] == cast.diallo.pk
    assert event.pgh_context.metadata["verb"] == "payments.cancel_payment"


def test_cancelling_twice_is_harmless(cast):
    payment = pay(cast.lease, 500_000)
    for _time in range(2):
        cancel_payment(actor=cast.diallo, payment=payment, reason="error")
    assert JournalEntry.objects.filter(reverses__isnull=False).count() == 1


def test_a_reason_is_asked(cast):
    with pytest.raises(BusinessError) as refusal:
        cancel_payment(actor=cast.diallo, payment=pay(cast.lease, 500_000), reason="  ")
    assert "reason" in refusal.value.fields


def test_a_payment_of_a_closed_month_is_taken_back_today(cast):
    charge(cast.lease, 1_000_000, JUNE)
    payment = pay(cast.lease, 1_000_000, date(2026, 6, 4))
    close_period(actor=cast.diallo, site=cast.conakry, month=JUNE)
    payment = cancel_payment(actor=cast.diallo, payment=payment, reason="cheque unpaid")
    assert payment.cancelled_on == date(2026, 10, 15)
    late = JournalEntry.objects.filter(value_date=date(2026, 10, 15))
    assert sorted(late.values_list("kind", flat=True)) == ["reversal", "share"]


def test_the_next_payment_takes_the_place_of_a_cancelled_one(cast):
    rent = charge(cast.lease, 1_000_000, JUNE)
    first = pay(cast.lease, 1_000_000, date(2026, 6, 2))
    second = pay(cast.lease, 1_000_000, date(2026, 6, 3))
    assert second.unallocated == 1_000_000
    cancel_payment(actor=cast.diallo, payment=first, reason="error")
    rent.refresh_from_db()
    second.refresh_from_db()
    assert (rent.collected, second.unallocated) == (1_000_000, 0)


def test_a_reference_is_free_again_when_its_payment_is_cancelled(cast):
    first = pay(cast.lease, 500_000, method="wave", reference="W-7")
    cancel_payment(actor=cast.diallo, payment=first, reason="twice")
    assert pay(cast.lease, 500_000, method="wave", reference="W-7").pk


@pytest.mark.parametrize("name", ["coumba", "estelle", "fode", "gassim"])
def test_who_may_not_cancel(cast, name):
    payment = pay(cast.lease, 500_000)
    with pytest.raises(NotAllowed):
        cancel_payment(actor=getattr(cast, name), payment=payment, reason="error")


# Quittances


def test_a_quittance_says_that_a_period_is_fully_paid(cast):
    rent = charge(cast.lease, 1_000_000, JUNE)
    charge(cast.lease, 50_000, JUNE, kind=Charge.Kind.TAX)
    pay(cast.lease, 1_000_000)
    with pytest.raises(NotFullyPaid):
        issue_quittance(actor=cast.diallo, charge=rent)
    pay(cast.lease, 50_000)
    quittance = issue_quittance(actor=cast.diallo, charge=rent)
    assert (quittance.number, quittance.amount) == ("QT-GN_CONAKRY-2026-000001", 1_050_000)
    assert issue_quittance(actor=cast.diallo, charge=rent) == quittance


def test_a_quittance_is_withdrawn_with_the_payment_that_it_stands_on(cast):
    rent = charge(cast.lease, 1_000_000, JUNE)
    payment = pay(cast.lease, 1_000_000)
    quittance = issue_quittance(actor=cast.diallo, charge=rent)
    cancel_payment(actor=cast.diallo, payment=payment, reason="error")
    quittance.refresh_from_db()
    assert quittance.status == "cancelled"
    pay(cast.lease, 1_000_000)
    assert issue_quittance(actor=cast.diallo, charge=rent).number.endswith("000002")


# Waivers


def test_a_waived_charge_gives_its_money_to_the_next(cast):
    june, july = (charge(cast.lease, 1_000_000, month) for month in (JUNE, JULY))
    pay(cast.lease, 1_000_000)
    june = waive_charge(actor=cast.diallo, charge=june, reason="water damage")
    july.refresh_from_db()
    assert (june.state, june.collected, july.state) == ("cancelled", 0, "paid_late")
    assert balance_of(cast.lease) == 0
    assert total(Account.Code.COMMISSION) == -100_000


def test_waiving_twice_is_harmless_and_asks_a_reason(cast):
    june = charge(cast.lease, 1_000_000, JUNE)
    with pytest.raises(BusinessError):
        waive_charge(actor=cast.diallo, charge=june, reason="")
    for _time in range(2):
        waive_charge(actor=cast.diallo, charge=june, reason="agreed")
    assert JournalEntry.objects.filter(reverses__isnull=False).count() == 1
    with pytest.raises(NotAllowed):
        waive_charge(actor=cast.coumba, charge=june, reason="agreed")
