"""What a day at the recovery desk brought, by currency and by person."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields

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
    agent: int | None = None
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
    people: tuple[DayFigures, ...]

    @property
    def totals(self) -> list[DayFigures]:
        """All people together, a row per currency."""
        names = [field.name for field in fields(DayFigures) if field.type is int]
        return [
            DayFigures(
                currency=currency,
                **{
                    name: sum(getattr(row, name) for row in self.people if row.currency == currency)
                    for name in names
                },
            )
            for currency in sorted({row.currency for row in self.people})
        ]


def day_of(sites: Iterable[Site], on: datetime.date, *, person=None) -> Day:
    """Return what was done on a day at ``sites``, by ``person`` alone where one is given."""
    contacts = Contact.objects.filter(site__in=sites, made_at__date=on)
    promises = Promise.objects.filter(site__in=sites)
    if person is not None:
        contacts, promises = contacts.filter(made_by=person), promises.filter(made_by=person)
    found: dict[tuple, dict] = defaultdict(dict)
    for rows in (
        _of_each(contacts).annotate(
            calls=Count("pk", filter=Q(kind="call")),
            visits=Count("pk", filter=Q(kind="visit")),
            reached=Count("pk", filter=~Q(result__in=MISSED)),
            refused=Count("pk", filter=Q(result="refused")),
            payments=Count("payment", filter=Q(payment__status="confirmed")),
            collected=Sum("payment__amount", filter=Q(payment__status="confirmed"), default=0),
        ),
        _of_each(promises.filter(made_on=on)).annotate(
            promises=Count("pk"), promised=Sum("amount")
        ),
        _of_each(promises.filter(due_on=on, cancelled_at=None)).annotate(
            due=Count("pk"),
            due_amount=Sum("amount"),
            due_kept=Count("pk", filter=Q(received__gte=F("amount"))),
            due_received=Sum("received"),
        ),
    ):
        for row in rows:
            key = row.pop("site__currency"), row.pop("made_by__name"), row.pop("made_by")
            found[key] |= row
    return Day(
        on=on,
        people=tuple(
            DayFigures(currency=currency, person=name, agent=person, **figures)
            for (currency, name, person), figures in sorted(found.items())
        ),
    )


def _of_each(rows):
    return rows.order_by().values("site__currency", "made_by__name", "made_by")
