"""What a day at the recovery desk brought, by currency and by person."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum

from recovery.models import Contact, Promise
from recovery.querysets import MISSED
from sites_app.models import Site


@dataclass(frozen=True)
class DayFigures:
    """Counts of a day, and amounts in minor units.

    ``promises`` were taken on the day, ``due`` were for it; ``collected`` was paid at visits.
    """

    currency: str = ""
    person: str = ""
    calls: int = 0
    visits: int = 0
    reached: int = 0
    refused: int = 0
    promises: int = 0
    promised: int = 0
    payments: int = 0
    collected: int = 0
    due: int = 0
    due_amount: int = 0
    due_kept: int = 0
    due_received: int = 0


@dataclass(frozen=True)
class Day:
    on: datetime.date
    totals: tuple[DayFigures, ...]
    people: tuple[DayFigures, ...]


def day_of(sites: Iterable[Site], on: datetime.date, *, person=None) -> Day:
    """Return what was done on a day at ``sites``, by ``person`` alone where one is given."""
    contacts = Contact.objects.filter(site__in=sites, made_at__date=on)
    promises = Promise.objects.filter(site__in=sites)
    if person is not None:
        contacts, promises = contacts.filter(made_by=person), promises.filter(made_by=person)
    return Day(
        on=on,
        totals=_rows(contacts, promises, on, ["site__currency"]),
        people=_rows(contacts, promises, on, ["site__currency", "made_by__name"]),
    )


def _rows(contacts, promises, on, by) -> tuple[DayFigures, ...]:
    found: dict[tuple, dict] = {}
    for rows in (
        contacts.order_by()
        .values(*by)
        .annotate(
            calls=Count("pk", filter=Q(kind="call")),
            visits=Count("pk", filter=Q(kind="visit")),
            reached=Count("pk", filter=~Q(result__in=MISSED)),
            refused=Count("pk", filter=Q(result="refused")),
            payments=Count("payment", filter=Q(payment__status="confirmed")),
            collected=Sum("payment__amount", filter=Q(payment__status="confirmed"), default=0),
        ),
        promises.filter(made_on=on)
        .order_by()
        .values(*by)
        .annotate(promises=Count("pk"), promised=Sum("amount")),
        promises.filter(due_on=on, cancelled_at=None)
        .order_by()
        .values(*by)
        .annotate(
            due=Count("pk"),
            due_amount=Sum("amount"),
            due_kept=Count("pk", filter=Q(received__gte=F("amount"))),
            due_received=Sum("received"),
        ),
    ):
        for row in rows:
            key = tuple(row.pop(name) for name in by)
            found.setdefault(key, {}).update(row)
    names = ("currency", "person")
    return tuple(
        DayFigures(**dict(zip(names, key, strict=False)), **figures)
        for key, figures in sorted(found.items())
    )
