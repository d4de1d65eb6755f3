"""Several people at once: threads with connections of their own, no transaction around the test."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from akig.lib.errors import BusinessError
from payments.models import Charge, Payment, Receipt
from payments.services.charging import charge_late_fees, charge_rent
from payments.services.checking import differences
from payments.services.closing import close_period
from payments.services.collecting import cancel_payment, record_payment, record_payment_once
from payments.services.posting import balance_of
from tests.factories import charge, make_lease, pay

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable) -> list:
    """Do all acts at the same moment; return what they returned, or the refusal."""
    start = Barrier(len(acts))

    def do(act):
        try:
            start.wait(timeout=10)
            return act()
        except BusinessError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


def test_the_same_form_five_times_at_once_is_one_payment(cast):
    charge(cast.lease, 1_000_000, date(2026, 9, 1))
    fields = {"lease": cast.lease, "amount": 400_000, "method": "cash"}
    actor = cast.diallo
    payments = at_once(
        *[lambda: record_payment_once(actor=actor, key="form", **fields) for _time in range(5)]
    )
    assert len({payment.pk for payment in payments}) == 1
    assert Payment.objects.count() == Receipt.objects.count() == 1
    assert balance_of(cast.lease) == 600_000
    assert differences() == []


def test_two_cashiers_at_once_on_one_tenant(cast):
    charge(cast.lease, 1_000_000, date(2026, 9, 1))
    lease, cashiers = cast.lease, (cast.coumba, cast.diallo)

    def take(actor):
        for _time in range(4):
            record_payment(actor=actor, lease=lease, amount=100_000, method="cash")

    at_once(*[lambda actor=actor: take(actor) for actor in cashiers])
    assert balance_of(lease) == 200_000
    assert sorted(Receipt.objects.values_list("sequence", flat=True)) == list(range(1, 9))
    balances = {receipt.content["balance"] for receipt in Receipt.objects.all()}
    assert balances == {1_000_000 - 100_000 * number for number in range(1, 9)}
    assert differences() == []


def test_a_whole_office_at_work_waits_in_no_circle(cast):
    leases = [make_lease(site=cast.conakry) for _number in range(3)]
    for lease in leases:
        charge(lease, 1_000_000, date(2026, 8, 1))
    first = pay(leases[0], 250_000, date(2026, 8, 20))
    site, coumba, diallo, awa = cast.conakry, cast.coumba, cast.diallo, cast.awa

    def cashier(actor, day):
        for lease in leases:
            record_payment(actor=actor, lease=lease, amount=70_000, method="cash", value_date=day)

    results = at_once(
        lambda: cashier(coumba, date(2026, 9, 3)),
        lambda: cashier(diallo, date(2026, 9, 2)),
        lambda: cancel_payment(actor=diallo, payment=first, reason="error"),
        lambda: charge_rent(actor=awa, site=site, month=date(2026, 9, 1)),
        lambda: charge_rent(actor=awa, site=site, month=date(2026, 9, 1)),
        lambda: charge_late_fees(actor=awa, site=site),
    )
    assert not [result for result in results if isinstance(result, Exception)]
    assert Charge.objects.filter(kind="rent", period_start=date(2026, 9, 1)).count() == 3
    assert not [row for result in results for row in getattr(result, "failed", [])]
    assert differences() == []


def test_a_month_is_closed_while_somebody_pays_into_it(cast):
    lease, site, diallo = cast.lease, cast.conakry, cast.diallo
    charge(lease, 1_000_000, date(2026, 8, 1))
    results = at_once(
        lambda: close_period(actor=diallo, site=site, month=date(2026, 9, 1)),
        *[
            lambda: record_payment(
                actor=diallo, lease=lease, amount=1_000, method="cash", value_date=date(2026, 9, 2)
            )
            for _time in range(4)
        ],
    )
    refused = [result for result in results if isinstance(result, BusinessError)]
    assert {refusal.code for refusal in refused} <= {"period_closed"}
    assert Payment.objects.count() == 4 - len(refused)
    assert differences() == []


def test_one_reference_at_once_is_one_payment(cast):
    leases = [make_lease(site=cast.conakry) for _number in range(3)]
    diallo = cast.diallo
    results = at_once(
        *[
            lambda lease=lease: record_payment(
                actor=diallo, lease=lease, amount=1_000, method="wave", reference="W-1"
            )
            for lease in leases
        ]
    )
    assert sorted(getattr(result, "code", "paid") for result in results) == [
        "paid",
        "reference_conflict",
        "reference_conflict",
    ]
    assert differences() == []
