"""What came in, what was charged, and what the agency earned and spent, over a span of days."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from payments.models import (
    Account,
    AgencyCost,
    Charge,
    CollectionDay,
    JournalDay,
    Payment,
    PropertyMonth,
)
from sites_app.models import Owner, Site

Code = Account.Code
COMMISSION, LATE_FEES = Code.COMMISSION.value, Code.LATE_FEES.value
ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Counted:
    """A number of payments and their amount."""

    number: int = 0
    amount: int = 0

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(self.number + other.number, self.amount + other.amount)


@dataclass(frozen=True)
class Intake:
    """The payments of one branch and month (or part of one) by one method, as they stand in time.

    A payment counts on its value date; a cancelled one is taken off on the day of its reversal.
    """

    site: str
    month: datetime.date
    method: str
    timing: str
    number: int
    amount: int


def intake(
    sites: Iterable[Site], first: datetime.date, last: datetime.date, *, daily: bool = False
) -> list[Intake]:
    """Return what was collected from ``first`` to ``last`` (both included), in small portions.

    ``total_of`` adds portions up; a caller groups them as its page asks: by branch, month, method.
    ``daily`` keeps the days apart: ``month`` is then the day.
    """
    rows = (
        CollectionDay.objects.filter(site__in=[site.pk for site in sites], day__range=(first, last))
        .annotate(month=F("day") if daily else TruncMonth("day"))
        .values_list("site", "month", "method", "timing")
        .annotate(Sum("number"), Sum("amount"))
        .order_by("site", "month", "method", "timing")
    )
    return [Intake(*row) for row in rows if row[4] or row[5]]


def total_of(portions: Iterable[Intake]) -> Counted:
    """Return number and amount of ``portions`` (of one currency)."""
    portions = list(portions)
    return Counted(sum(row.number for row in portions), sum(row.amount for row in portions))


def charged(sites: Iterable[Site], first: datetime.date, last: datetime.date) -> dict[str, Counted]:
    """Return by branch the standing charges whose period begins from ``first`` to ``last``.

    Balances taken over are left out: they were charged before.
    """
    rows = (
        Charge.objects.standing()
        .filter(site__in=[site.pk for site in sites], period_start__range=(first, last))
        .exclude(kind=Charge.Kind.OPENING)
        .values_list("site")
        .annotate(number=Count("*"), total=Sum("amount"))
        .order_by("site")
    )
    return {site: Counted(number, amount) for site, number, amount in rows}


@dataclass(frozen=True)
class Punctuality:
    """Of the charges that fell due in a span: how many are settled, and how many were in time."""

    due: int = 0
    settled: int = 0
    on_time: int = 0

    @property
    def percent(self) -> int | None:
        """Settled in time of all settled, rounded half up; None where nothing is settled."""
        return (200 * self.on_time + self.settled) // (2 * self.settled) if self.settled else None


def punctuality(
    sites: Iterable[Site], first: datetime.date, last: datetime.date
) -> dict[str, Punctuality]:
    """Return by branch how the rents that fell due from ``first`` to ``last`` were settled."""
    rows = (
        Charge.objects.standing()
        .filter(
            site__in=[site.pk for site in sites],
            kind=Charge.Kind.RENT,
            due_date__range=(first, last),
        )
        .order_by()
        .values_list("site")
        .annotate(
            due=Count("lease"),
            settled=Count("lease", filter=Q(settled_on__isnull=False)),
            on_time=Count("lease", filter=Q(settled_on__lte=F("due_date"))),
        )
    )
    return {site: Punctuality(*numbers) for site, *numbers in rows}


@dataclass(frozen=True)
class HouseIntake:
    """What the tenants of a property paid."""

    property: int
    site: str
    number: int
    amount: int


def intake_by_property(
    sites: Iterable[Site],
    first: datetime.date,
    last: datetime.date,
    *,
    owner: Owner | None = None,
) -> list[HouseIntake]:
    """Return what was collected per property from ``first`` to ``last``, largest first.

    Whole months are read from their totals, the days before and after from the payments. Nothing
    is dated in the future: until today the current month is a whole one.
    """
    codes = [site.pk for site in sites]
    sums: dict[tuple[int, str], Counted] = defaultdict(Counted)
    whole_from = first if first.day == 1 else _next_month(first)
    whole_until = _next_month(last + ONE_DAY) - relativedelta(months=1)  # excluded
    if last >= timezone.localdate():
        whole_until = _next_month(last)
    months = PropertyMonth.objects.filter(
        site__in=codes, month__gte=whole_from, month__lt=whole_until
    )
    spans = [(first, whole_from - ONE_DAY), (whole_until, last)]
    if whole_from >= whole_until:  # no whole month lies inside
        months, spans = months.none(), [(first, last)]
    payments = Payment.objects.filter(site__in=codes)
    if owner is not None:
        months, payments = (rows.filter(property__owner=owner) for rows in (months, payments))
    portions = [(months, 1)]
    for start, end in spans:
        if start <= end:
            portions.append((payments.filter(value_date__range=(start, end)), 1))
            portions.append((payments.filter(cancelled_on__range=(start, end)), -1))
    for rows, sign in portions:
        counted = Sum("number") if rows.model is PropertyMonth else Count("pk")
        grouped = rows.order_by().values_list("property", "site").annotate(counted, Sum("amount"))
        for house, site, number, amount in grouped:
            sums[house, site] += Counted(sign * number, sign * amount)
    found = [
        HouseIntake(house, site, total.number, total.amount)
        for (house, site), total in sums.items()
        if total.number or total.amount
    ]
    return sorted(found, key=lambda row: (-row.amount, row.property))


def _next_month(day: datetime.date) -> datetime.date:
    return day.replace(day=1) + relativedelta(months=1)


@dataclass(frozen=True)
class Earned:
    """An account's credits less its debits in one month of a branch."""

    site: str
    month: datetime.date
    code: str
    amount: int


def earned(sites: Iterable[Site], first: datetime.date, last: datetime.date) -> list[Earned]:
    """Return commission (without VAT) and late fees, as the journal booked them, by month."""
    rows = (
        JournalDay.objects.filter(
            account__site__in=[site.pk for site in sites],
            account__code__in=[Code.COMMISSION, Code.LATE_FEES],
            day__range=(first, last),
        )
        .annotate(month=TruncMonth("day"))
        .values_list("account__site", "month", "account__code")
        .annotate(amount=Sum("credit") - Sum("debit"))
        .order_by("account__site", "month", "account__code")
    )
    return [Earned(*row) for row in rows]


@dataclass(frozen=True)
class Spent:
    site: str
    month: datetime.date
    category: str
    amount: int


def spent(sites: Iterable[Site], first: datetime.date, last: datetime.date) -> list[Spent]:
    """Return the costs entered for the months whose first day lies from ``first`` to ``last``."""
    rows = AgencyCost.objects.filter(
        site__in=[site.pk for site in sites], month__range=(first, last)
    ).order_by("site", "month", "category")
    return [Spent(*row) for row in rows.values_list("site", "month", "category", "amount")]


def held_in(sites: Iterable[Site], codes: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return the balances (debit positive) of accounts ``codes`` today, by branch and code."""
    rows = (
        JournalDay.objects.filter(
            account__site__in=[site.pk for site in sites], account__code__in=codes
        )
        .values_list("account__site", "account__code")
        .annotate(balance=Sum("debit") - Sum("credit"))
        .order_by()
    )
    return {(site, code): balance for site, code, balance in rows}
