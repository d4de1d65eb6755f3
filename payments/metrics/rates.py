"""What money of one currency is worth in another, by the rates that people entered."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from akig.lib.money import EXPONENTS
from payments.models import ExchangeRate


@dataclass(frozen=True)
class Rate:
    """One unit of ``currency`` in ``into``; ``told`` is the rate as it was entered."""

    currency: str
    into: str
    value: Fraction
    told: str
    day: datetime.date
    source: str

    def convert(self, amount: int) -> int:
        """Return an amount (minor units of ``currency``) in minor units of ``into``, half up."""
        exact = (
            abs(amount)
            * self.value
            * Fraction(10) ** (EXPONENTS[self.into] - EXPONENTS[self.currency])
        )
        whole = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
        return -whole if amount < 0 else whole


def rates_of(
    currencies: Iterable[str], into: str, first: datetime.date, last: datetime.date
) -> dict[str, Rate]:
    """Return the newest rate of each currency within the days ``first`` to ``last``.

    A rate entered the other way round serves as well. A currency without one is left out.
    """
    wanted = set(currencies) - {into}
    found: dict[str, Rate] = {}
    rows = ExchangeRate.objects.filter(day__range=(first, last)).order_by("day", "pk")
    for row in rows:
        value = Fraction(row.rate)
        if row.into == into and row.currency in wanted:
            other = row.currency
        elif row.currency == into and row.into in wanted:
            other, value = row.into, 1 / value
        else:
            continue
        found[other] = Rate(other, into, value, str(row), row.day, row.source)
    return found
