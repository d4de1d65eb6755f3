"""What a dashboard of another system asks first: how the branches stand over a period."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count

from payments import metrics
from payments.metrics.payers import Overdue, overdue_by_site
from sites_app.metrics import Occupancy, occupancy_by_site
from sites_app.models import Site
from tenants.models import Lease

PERIODS = ("day", "week", "month", "year")


@dataclass(frozen=True)
class Figures:
    """The money of one branch, or of all of one currency, in its minor units."""

    currency: str
    charged: int
    collected: int
    payments: int
    arrears: Overdue
    punctuality: metrics.Punctuality


@dataclass(frozen=True)
class Branch:
    site: str
    name: str
    tenants: int
    occupancy: Occupancy
    figures: Figures


@dataclass(frozen=True)
class Summary:
    """How ``branches`` stand from ``first`` to ``last``; money per currency, never added across."""

    name: str
    first: datetime.date
    last: datetime.date
    tenants: int
    occupancy: Occupancy
    branches: tuple[Branch, ...]
    currencies: tuple[Figures, ...]


def first_day(period: str, today: datetime.date) -> datetime.date:
    """Return the first day of the day, week (Monday), month or year that holds ``today``."""
    return {
        "day": today,
        "week": today - datetime.timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }[period]


def summary(sites: Iterable[Site], period: str, today: datetime.date) -> Summary:
    """Return how ``sites`` stand in the ``period`` (one of ``PERIODS``) that holds ``today``."""
    sites = sorted(sites, key=lambda site: site.pk)
    first = first_day(period, today)
    money = _money(sites, first, today)
    tenants = dict(
        Lease.objects.active(today)
        .filter(site__in=sites)
        .order_by()
        .values_list("site")
        .annotate(Count("tenant", distinct=True))
    )
    let = occupancy_by_site(sites, today)
    units = {site.pk: let.get(site.pk, Occupancy(0, 0)) for site in sites}
    return Summary(
        name=period,
        first=first,
        last=today,
        tenants=sum(tenants.values()),
        occupancy=Occupancy(
            sum(row.units for row in units.values()), sum(row.let for row in units.values())
        ),
        branches=tuple(
            Branch(site.pk, site.name, tenants.get(site.pk, 0), units[site.pk], money[site.pk])
            for site in sites
        ),
        currencies=tuple(
            _added(currency, [money[site.pk] for site in sites if site.currency == currency])
            for currency in sorted({site.currency for site in sites})
        ),
    )


def _money(sites: Sequence[Site], first, last) -> dict[str, Figures]:
    charged = metrics.charged(sites, first, last)
    overdue = overdue_by_site(sites, last)
    intake = metrics.intake(sites, first, last)
    punctuality = metrics.punctuality(sites, first, last)
    found = {}
    for site in sites:
        collected = metrics.total_of(row for row in intake if row.site == site.pk)
        found[site.pk] = Figures(
            currency=site.currency,
            charged=charged.get(site.pk, metrics.Counted()).amount,
            collected=collected.amount,
            payments=collected.number,
            arrears=overdue.get(site.pk, Overdue()),
            punctuality=punctuality.get(site.pk, metrics.Punctuality()),
        )
    return found


def _added(currency: str, parts: Sequence[Figures]) -> Figures:
    return Figures(
        currency=currency,
        charged=sum(part.charged for part in parts),
        collected=sum(part.collected for part in parts),
        payments=sum(part.payments for part in parts),
        arrears=sum((part.arrears for part in parts), Overdue()),
        punctuality=metrics.Punctuality(
            due=sum(part.punctuality.due for part in parts),
            settled=sum(part.punctuality.settled for part in parts),
            on_time=sum(part.punctuality.on_time for part in parts),
        ),
    )
