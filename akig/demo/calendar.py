"""The months of the demonstration, and what makes people pay late in some of them."""

import datetime
from dataclasses import dataclass
from functools import cached_property

from dateutil.relativedelta import relativedelta

#: A first day of Ramadan and the mean length of twelve lunar months: near enough for a season.
RAMADAN = datetime.date(2025, 3, 1)
TABASKI_AFTER = 97
LUNAR_YEAR = 354.367

#: How much harder it is to pay, by month: rains, school fees, the bonus of January.
SEASON = {1: 0.6, 2: 0.9, 7: 1.3, 8: 1.5, 9: 1.4, 10: 1.5, 12: 0.9}


@dataclass(frozen=True)
class Calendar:
    """``months`` months that end with the month of ``today``."""

    today: datetime.date
    months: int

    @cached_property
    def first(self) -> datetime.date:
        return self.month(0)

    @cached_property
    def this_month(self) -> datetime.date:
        return self.today.replace(day=1)

    @cached_property
    def taken_over(self) -> datetime.date:
        """The evening whose balances were taken over."""
        return self.first - datetime.timedelta(days=1)

    @cached_property
    def tax_begins(self) -> datetime.date:
        """The 1 January on which the branches began to charge their tax."""
        return (self.today - relativedelta(months=6)).replace(month=1, day=1)

    def month(self, index: int) -> datetime.date:
        return self.today.replace(day=1) - relativedelta(months=self.months - 1 - index)

    @cached_property
    def strain(self) -> dict[tuple[int, int], float]:
        """How hard it is to pay in each month (year, month); 1 is usual."""
        weights = {}
        for index in range(self.months + 1):
            month = self.month(index)
            weights[month.year, month.month] = SEASON.get(month.month, 1.0)
        for turn in range(-30, 60):
            ramadan = RAMADAN + datetime.timedelta(days=round(turn * LUNAR_YEAR))
            for feast in (ramadan, ramadan + datetime.timedelta(days=TABASKI_AFTER)):
                key = (feast.year, feast.month)
                if key in weights:
                    weights[key] *= 1.35
        return weights
