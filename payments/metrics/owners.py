"""What belongs to an owner."""

import builtins  # the field ``property`` hides the decorator inside the class
import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Sum

from payments.metrics.debts import Ageing, ageing
from payments.metrics.income import intake_by_property
from payments.models import Account, JournalLine
from sites_app.models import Owner, Site

Code = Account.Code


@dataclass(frozen=True)
class OwnerFigures:
    """What an owner has to know, in one currency.

    ``held`` is his share of what was collected and not paid out yet, the commission taken off;
    ``payable`` is that less advances and expenses.
    """

    currency: str
    collected: int = 0
    held: int = 0
    payable: int = 0
    arrears: int = 0
    houses: tuple["OwnerHouse", ...] = ()


@dataclass(frozen=True)
class OwnerHouse:
    property: int
    collected: int
    held: int
    arrears: int

    @builtins.property
    def is_moving(self) -> bool:
        return bool(self.collected or self.held or self.arrears)


def owner_figures(
    owner: Owner,
    sites: Iterable[Site],
    first: datetime.date,
    last: datetime.date,
    debts: Ageing | None = None,
) -> list[OwnerFigures]:
    """Return collected (from ``first`` to ``last``), held, payable and arrears of ``owner`` now.

    One for each currency of ``sites``, with a line per property. ``debts`` is what ``ageing``
    says of the owner today, where the caller has it already.
    """
    sites = {site.pk: site for site in sites}
    houses = dict(owner.properties.filter(site__in=sites).values_list("pk", "site"))
    collected = {
        row.property: row.amount
        for row in intake_by_property(sites.values(), first, last, owner=owner)
    }
    booked: dict[tuple[int | None, str], int] = defaultdict(int)
    lines = (
        JournalLine.objects.filter(
            owner=owner,
            account__in=Account.objects.filter(
                site__in=sites, code__in=[Code.OWNER_PAYABLE, Code.OWNER_ADVANCE]
            ),
        )
        .values_list("property", "site", "account__code")
        .annotate(Sum("amount"))
        .order_by()
    )
    moved = list(lines)
    for house, _site, code, amount in moved:
        booked[house, code] -= amount
    late: dict[int, int] = defaultdict(int)
    for row in (debts or ageing(sites.values(), owner=owner)).rows:
        late[row.property] += row.arrears
    figures = []
    for currency in sorted({site.currency for site in sites.values()}):
        mine = [house for house, site in houses.items() if sites[site].currency == currency]
        here = [line for line in moved if sites[line[1]].currency == currency]
        held = -sum(line[3] for line in here if line[2] == Code.OWNER_PAYABLE)
        advances = sum(line[3] for line in here if line[2] == Code.OWNER_ADVANCE)
        figures.append(
            OwnerFigures(
                currency=currency,
                collected=sum(collected.get(house, 0) for house in mine),
                held=held,
                payable=held - advances,
                arrears=sum(late[house] for house in mine),
                houses=tuple(
                    OwnerHouse(
                        property=house,
                        collected=collected.get(house, 0),
                        held=booked[house, Code.OWNER_PAYABLE],
                        arrears=late[house],
                    )
                    for house in mine
                ),
            )
        )
    return figures
