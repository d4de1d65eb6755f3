from copy import deepcopy
from datetime import date

import pytest
import time_machine

from payments.services.closing import enter_cost
from payments.services.collecting import cancel_payment
from tests.cast import Cast
from tests.factories import charge, make_lease, make_property, make_unit, pay

TODAY = date(2026, 10, 31)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel("2026-10-31 09:00:00+00:00", tick=True):
        yield


@pytest.fixture(scope="module")
def _year(for_all):
    with time_machine.travel("2026-10-31 08:00:00+00:00", tick=True):
        return tell_the_year(Cast())


@pytest.fixture
def year(_year, db):
    """Twelve months of one lease at Conakry, another house, and a little of Kindia.

    Conakry, by month of payment: November to December 2025 600 000 each, January to June 100 000
    each, July 250 000, August 400 000 late, September 500 000 partial and 70 000 cancelled,
    October 1 000 000 on time.
    """
    return deepcopy(_year)


def tell_the_year(cast: Cast) -> Cast:
    lease = make_lease(unit=cast.unit, tenant=cast.tenant, rent=1_000_000, start=date(2025, 11, 1))
    cast.rented = lease
    other = make_lease(unit=make_unit(make_property(site=cast.conakry, name="Cité Nongo")))
    for day in (date(2025, 11, 3), date(2025, 12, 3)):
        pay(lease, 600_000, day)
    for month in range(1, 7):
        pay(other, 100_000, date(2026, month, 28))
    pay(lease, 250_000, date(2026, 7, 1), method="wave", reference="W1")
    cancelled = pay(lease, 70_000, date(2026, 9, 9))
    cancel_payment(actor=cast.diallo, payment=cancelled, reason="error")
    charge(other, 1_000_000, date(2026, 8, 1))
    pay(other, 400_000, date(2026, 8, 31), method="orange_money", reference="OM1")
    pay(other, 500_000, date(2026, 9, 30))
    pay(other, 1_000_000, date(2026, 10, 31), reference="C1")
    pay(cast.far_lease, 77, date(2026, 10, 2))
    for month, category, amount in (
        (date(2025, 11, 1), "salaries", 50_000),
        (date(2026, 8, 1), "salaries", 30_000),
        (date(2026, 10, 1), "salaries", 40_000),
        (date(2026, 10, 1), "other", 5_000),
    ):
        enter_cost(
            actor=cast.diallo, site=cast.conakry, month=month, category=category, amount=amount
        )
    return cast
