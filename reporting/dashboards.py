"""What people see first: the day of the staff, the houses of an owner."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.db.models import Sum
from django.utils import timezone

from agents.metrics.tasks import Call, calls_of
from akig.lib.freshness import remember
from akig.lib.periods import months_of
from notifications.models import Job
from payments import metrics
from payments.models import Payment, PropertyMonth
from sites_app.metrics import Occupancy, occupancy
from sites_app.models import Owner, Property, Site, Unit
from tenants.models import Lease

SECONDS = 60
ENDING_DAYS = 60
SHOWN = 6
RECENT_DAYS = 14
FIRST_CALLS, CALL_SECONDS = 3, 300


@dataclass(frozen=True)
class Day:
    """The money of one currency as the office sees it this morning, in minor units."""

    currency: str
    today: metrics.Counted
    cash: metrics.Counted
    collected: metrics.Counted
    charged: metrics.Counted
    before: metrics.Counted
    arrears: metrics.AgeingTotal

    @property
    def change_percent(self) -> int | None:
        """This month against the same days of the month before, in whole per cent."""
        if self.before.amount <= 0:
            return None
        return round(100 * (self.collected.amount - self.before.amount) / self.before.amount)


def money_of_today(sites: Iterable[Site], today: datetime.date) -> tuple[Day, ...]:
    """Return today's, this month's and all overdue money of ``sites``, per currency."""
    sites = sorted(sites, key=lambda site: site.pk)
    codes = [site.pk for site in sites]
    return remember(
        [f"site:{code}" for code in codes],
        f"today:{today}:{','.join(codes)}",
        SECONDS,
        lambda: tuple(_days(sites, today)),
    )


def _days(sites: Sequence[Site], today: datetime.date) -> Iterable[Day]:
    first = today.replace(day=1)
    same_day = today - relativedelta(months=1)
    days = metrics.intake(sites, first - relativedelta(months=1), today, daily=True)
    taken = [row for row in days if row.month == today]
    month = [row for row in days if row.month >= first]
    before = [row for row in days if row.month <= same_day]
    charged = metrics.charged(sites, first, first + relativedelta(months=1, days=-1))
    arrears = metrics.arrears_by_site(sites, today)
    for currency in sorted({site.currency for site in sites}):
        codes = {site.pk for site in sites if site.currency == currency}
        here = [row for row in taken if row.site in codes]
        yield Day(
            currency=currency,
            today=metrics.total_of(here),
            cash=metrics.total_of(row for row in here if row.method == Payment.Method.CASH),
            collected=metrics.total_of(row for row in month if row.site in codes),
            charged=sum(
                (charged.get(code, metrics.Counted()) for code in codes), metrics.Counted()
            ),
            before=metrics.total_of(row for row in before if row.site in codes),
            arrears=metrics.add_up(arrears.values(), currency),
        )


def latest_payments(user, sites: Sequence[Site]) -> list[Payment]:
    """Return the payments entered last, in the last fortnight (older ones are history).

    Where many are entered those of the last day suffice, and a fortnight's are not sorted.
    """
    rows = Payment.objects.visible_to(user).filter(site__in=sites).order_by("-created_at")
    rows = rows.select_related("lease__tenant", "site")
    found: list[Payment] = []
    for days in (1, RECENT_DAYS):
        since = timezone.now() - datetime.timedelta(days=days)
        if len(found) < SHOWN:
            found = list(rows.filter(created_at__gte=since)[:SHOWN])
    return found


def first_calls(user, sites: Sequence[Site], today: datetime.date) -> list[Call]:
    """Return the calls that matter most to ``user`` today, until something changed there."""
    codes = sorted(site.pk for site in sites)
    return remember(
        [f"site:{code}" for code in codes],
        f"first_calls:{user.pk}:{today}:{','.join(codes)}",
        CALL_SECONDS,
        lambda: calls_of(user, codes, FIRST_CALLS),
    )


def leases_ending(user, sites: Sequence[Site], today: datetime.date) -> list[Lease]:
    """Return the running leases that end within ``ENDING_DAYS``, soonest first."""
    until = today + datetime.timedelta(days=ENDING_DAYS)
    rows = Lease.objects.visible_to(user).filter(site__in=sites).ending(until, on=today)
    return list(rows.select_related("tenant", "property").order_by("end", "reference")[:SHOWN])


def jobs_to_watch(user) -> list[Job]:
    """Return this person's open jobs, and those that failed in the last two days."""
    since = timezone.now() - datetime.timedelta(days=2)
    rows = Job.objects.filter(requested_by=user, created_at__gte=since)
    wanted = (Job.State.WAITING, Job.State.RUNNING, Job.State.FAILED)
    return list(rows.filter(state__in=wanted)[:SHOWN])


@dataclass(frozen=True)
class House:
    property: Property
    money: metrics.OwnerHouse


@dataclass(frozen=True)
class OwnerDashboard:
    """An owner's houses: money per currency, occupancy, and the last months."""

    figures: tuple[metrics.OwnerFigures, ...]
    houses: dict[str, tuple[House, ...]]
    occupancy: Occupancy
    months: tuple[datetime.date, ...]
    collected: dict[str, tuple[int, ...]]
    debts: tuple[metrics.AgeingRow, ...]


def owner_dashboard(
    owner: Owner, sites: Iterable[Site], month: datetime.date, months: int = 12
) -> OwnerDashboard:
    """Return what ``owner`` has at ``sites``: collected in ``month``, held, payable, owed, let."""
    sites = {site.pk: site for site in sites}
    last = month + relativedelta(months=1, days=-1)
    debts = metrics.ageing(sites.values(), owner=owner)
    figures = metrics.owner_figures(owner, sites.values(), month, last, debts)
    money = {house.property: house for part in figures for house in part.houses}
    rows = Property.objects.filter(owner=owner, site__in=sites).with_occupancy().order_by("name")
    # One that was archived stays while it still has money.
    named = {row.pk: row for row in rows if row.archived_on is None or money[row.pk].is_moving}
    span = months_of(month - relativedelta(months=months - 1), month)
    sums = {
        (site, day): amount
        for site, day, amount in PropertyMonth.objects.filter(
            property__owner=owner, site__in=sites, month__range=(span[0], span[-1])
        )
        .values_list("site", "month")
        .annotate(Sum("amount"))
        .order_by()
    }
    by_currency = {
        part.currency: [code for code, site in sites.items() if site.currency == part.currency]
        for part in figures
    }
    return OwnerDashboard(
        figures=tuple(figures),
        houses={
            currency: tuple(
                House(row, money[row.pk]) for row in named.values() if row.site_id in codes
            )
            for currency, codes in by_currency.items()
        },
        occupancy=occupancy(Unit.objects.filter(property__owner=owner, site__in=sites)),
        months=tuple(span),
        collected={
            currency: tuple(sum(sums.get((code, day), 0) for code in codes) for day in span)
            for currency, codes in by_currency.items()
        },
        debts=tuple(row for row in debts.rows if row.arrears),
    )
