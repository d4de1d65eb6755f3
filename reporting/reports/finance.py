"""The finance report: collected, spent, earned, owed. One computation for page, API and files.

Income is the money collected on its value date, as the brief of the agency means it; beside it
stands the agency's own result, of commissions and late fees less costs. Everything is per currency.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone

from akig.lib.freshness import remember
from akig.lib.periods import months_of, months_until
from payments import metrics
from payments.models import AgencyCost, Payment
from sites_app.models import Property, Site

RANGES = {"1m": 1, "3m": 3, "6m": 6, "12m": 12}
SECONDS = 300
HOUSES = 50


@dataclass(frozen=True)
class Income:
    """What was collected; ``late`` and ``partial`` are payments that came so (partial wins)."""

    total: int
    count: int
    on_time: metrics.Counted
    late: metrics.Counted
    partial: metrics.Counted


@dataclass(frozen=True)
class Costs:
    """What the branches spent, by category of ``AgencyCost``."""

    by_category: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_category.values())


@dataclass(frozen=True)
class Own:
    """The agency's own result: commission without its VAT, and late fees, less the costs."""

    commission: int
    late_fees: int
    costs: int

    @property
    def result(self) -> int:
        return self.commission + self.late_fees - self.costs


@dataclass(frozen=True)
class Line:
    """Income, costs and own earnings of one month or one branch (``key``)."""

    key: Any
    income: metrics.Counted
    costs: int
    commission: int
    late_fees: int
    arrears: int = 0

    @property
    def net(self) -> int:
        return self.income.amount - self.costs

    @property
    def result(self) -> int:
        return self.commission + self.late_fees - self.costs


@dataclass(frozen=True)
class House:
    """What one property brought in."""

    property: int
    name: str
    owner: str
    site: str
    number: int
    amount: int


@dataclass(frozen=True)
class Section:
    """The report of the branches of one currency, in its minor units."""

    currency: str
    sites: tuple[str, ...]
    income: Income
    costs: Costs
    own: Own
    months: tuple[Line, ...]
    branches: tuple[Line, ...]
    methods: tuple[tuple[str, metrics.Counted], ...]
    houses: tuple[House, ...]
    other_houses: metrics.Counted
    arrears: metrics.AgeingTotal

    @property
    def net(self) -> int:
        return self.income.total - self.costs.total

    @property
    def margin_percent(self) -> Decimal | None:
        """Net of income, in per cent with one decimal, half up; None without income."""
        if self.income.total <= 0:
            return None
        exact = Decimal(100 * self.net) / self.income.total
        return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class FinanceReport:
    """``first`` to ``last`` (both included) of the branches ``sites``, a section per currency."""

    span: str
    first: datetime.date
    last: datetime.date
    sites: tuple[str, ...]
    sections: tuple[Section, ...]


def finance_report(
    sites: Iterable[Site], span: str = "1m", to: datetime.date | None = None
) -> FinanceReport:
    """Return the finance report of ``sites`` over ``span`` (a key of ``RANGES``) until ``to``.

    ``to`` is today unless given. Remembered for five minutes, or until one of the branches changes.
    """
    sites = sorted(sites, key=lambda site: site.pk)
    last = to or timezone.localdate()
    first = months_until(last, RANGES[span])
    codes = [site.pk for site in sites]
    return remember(
        [f"site:{code}" for code in codes],
        f"finance:{span}:{last}:{timezone.localdate()}:{','.join(codes)}",
        SECONDS,
        lambda: FinanceReport(span, first, last, tuple(codes), _sections(sites, first, last)),
    )


def _sections(sites: Sequence[Site], first, last) -> tuple[Section, ...]:
    facts = _Facts(sites, first, last)
    currencies = sorted({site.currency for site in sites})
    return tuple(facts.section(currency) for currency in currencies)


class _Facts:
    """The figures of all branches, each asked for once, from which sections are cut."""

    def __init__(self, sites: Sequence[Site], first: datetime.date, last: datetime.date):
        self.sites = sites
        self.months = months_of(first, last)
        self.intake = metrics.intake(sites, first, last)
        self.spent = metrics.spent(sites, first, last)
        self.earned = metrics.earned(sites, first, last)
        self.arrears = metrics.arrears_by_site(sites, last)
        self.houses = metrics.intake_by_property(sites, first, last)

    def section(self, currency: str) -> Section:
        codes = tuple(site.pk for site in self.sites if site.currency == currency)
        intake = [row for row in self.intake if row.site in codes]
        spent = [row for row in self.spent if row.site in codes]
        earned = [row for row in self.earned if row.site in codes]
        houses = [row for row in self.houses if row.site in codes]
        whole = _line(None, intake, spent, earned)
        timings = {
            timing: metrics.total_of(row for row in intake if row.timing == timing)
            for timing in Payment.Timing.values
        }
        methods = [
            (method, metrics.total_of(row for row in intake if row.method == method))
            for method in Payment.Method.values
        ]
        return Section(
            currency=currency,
            sites=codes,
            income=Income(whole.income.amount, whole.income.number, **timings),
            costs=Costs(
                {
                    category: sum(row.amount for row in spent if row.category == category)
                    for category in AgencyCost.Category.values
                }
            ),
            own=Own(whole.commission, whole.late_fees, whole.costs),
            months=tuple(
                _line(
                    month,
                    *(
                        [row for row in rows if row.month == month]
                        for rows in (intake, spent, earned)
                    ),
                )
                for month in self.months
            ),
            branches=tuple(
                _line(
                    code,
                    *(
                        [row for row in rows if row.site == code]
                        for rows in (intake, spent, earned)
                    ),
                    arrears=self.arrears[code].arrears,
                )
                for code in codes
            ),
            methods=tuple((method, total) for method, total in methods if total.number),
            houses=_named(houses[:HOUSES]),
            other_houses=metrics.Counted(
                sum(row.number for row in houses[HOUSES:]),
                sum(row.amount for row in houses[HOUSES:]),
            ),
            arrears=metrics.add_up(self.arrears.values(), currency),
        )


def _where(name: str, value, *portions: list) -> list[list]:
    return [[row for row in rows if getattr(row, name) == value] for rows in portions]


def _line(key, intake, spent, earned, arrears: int = 0) -> Line:
    def booked(code: str) -> int:
        return sum(row.amount for row in earned if row.code == code)

    return Line(
        key=key,
        income=metrics.total_of(intake),
        costs=sum(row.amount for row in spent),
        commission=booked(metrics.COMMISSION),
        late_fees=booked(metrics.LATE_FEES),
        arrears=arrears,
    )


def _named(rows: Sequence[metrics.HouseIntake]) -> tuple[House, ...]:
    named = Property.objects.select_related("owner").in_bulk([row.property for row in rows])
    return tuple(
        House(
            property=row.property,
            name=named[row.property].name,
            owner=named[row.property].owner.name,
            site=row.site,
            number=row.number,
            amount=row.amount,
        )
        for row in rows
    )
