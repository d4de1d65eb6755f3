"""What the branches spent, month by month."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

from akig.lib.periods import months_of
from payments import metrics
from payments.models import AgencyCost
from sites_app.models import Site

MONTHS = 12
LABELS = dict(AgencyCost.Category.choices)


@dataclass(frozen=True)
class CostRow:
    month: datetime.date
    amounts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(amount for _category, amount in self.amounts)

    @property
    def labelled(self) -> list[tuple[str, int]]:
        return [(LABELS[category], amount) for category, amount in self.amounts]


@dataclass(frozen=True)
class CostTable:
    """The costs of one branch, newest month first, in its currency."""

    site: Site
    rows: tuple[CostRow, ...]
    totals: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.totals)

    @property
    def labelled(self) -> list[tuple[str, int]]:
        return list(zip(LABELS.values(), self.totals, strict=True))


def cost_table(sites: Sequence[Site], today: datetime.date) -> list[CostTable]:
    """Return a table per branch of the twelve months until this one."""
    last = today.replace(day=1)
    first = last - relativedelta(months=MONTHS - 1)
    spent = {
        (row.site, row.month, row.category): row.amount for row in metrics.spent(sites, first, last)
    }
    categories = AgencyCost.Category.values
    tables = []
    for site in sites:
        rows = tuple(
            CostRow(
                month,
                tuple((name, spent.get((site.pk, month, name), 0)) for name in categories),
            )
            for month in reversed(months_of(first, last))
        )
        totals = tuple(
            sum(row.amounts[place][1] for row in rows) for place in range(len(categories))
        )
        tables.append(CostTable(site, rows, totals))
    return tables
