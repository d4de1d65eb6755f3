"""What agents achieved, from the visits and calls that they wrote down themselves.

score = visits + 2 × promises + 3 × payments − refusals. A visit counts when somebody was met; a
promise when it was given at a visit, a payment when it stands, a refusal wherever it was heard.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce, TruncDate

from recovery.models import Contact

#: So many stand in a ranking, those who share its last rank included.
TOP = 10
MEDALS = {1: "gold", 2: "silver", 3: "bronze"}
MET = Q(kind="visit") & ~Q(result="absent")
PAID = Q(payment__status="confirmed")
COUNTS = {
    "visits": Count("pk", filter=MET),
    "promises": Count("promise", filter=MET & Q(promise__cancelled_at=None)),
    "payments": Count("payment", filter=PAID),
    "refusals": Count("pk", filter=Q(result="refused")),
    "amount": Coalesce(Sum("payment__amount", filter=PAID), 0),
}


@dataclass(frozen=True)
class Score:
    """What one agent did over some days; ``amount`` was collected at visits, in minor units."""

    visits: int = 0
    promises: int = 0
    payments: int = 0
    refusals: int = 0
    amount: int = 0

    @property
    def score(self) -> int:
        return self.visits + 2 * self.promises + 3 * self.payments - self.refusals


@dataclass(frozen=True)
class Rank:
    """Who stands where; equals share a rank, and the next one counts them all."""

    rank: int
    agent: int
    name: str
    currency: str
    achieved: Score

    @property
    def medal(self) -> str:
        return MEDALS.get(self.rank, "")


def _contacts(sites: Iterable[str], first: datetime.date, last: datetime.date):
    rows = Contact.objects.filter(site__in=sites, made_at__date__range=(first, last))
    return rows.filter(made_by__groups__name="agent").order_by()


def ranking(sites: Iterable[str], first: datetime.date, last: datetime.date) -> list[Rank]:
    """Return the best agents of branches over some days, the best first.

    Who works in two currencies stands there once for each: amounts of two are never added.
    """
    rows = _contacts(sites, first, last).values(
        "made_by", name=F("made_by__name"), currency=F("site__currency")
    )
    told = [(row, Score(**{name: row[name] for name in COUNTS})) for row in rows.annotate(**COUNTS)]
    told.sort(key=lambda one: (-one[1].score, one[0]["name"], one[0]["made_by"]))
    scores = [achieved.score for _row, achieved in told]
    ranks = [
        Rank(
            rank=scores.index(achieved.score) + 1,
            agent=row["made_by"],
            name=row["name"],
            currency=row["currency"],
            achieved=achieved,
        )
        for row, achieved in told
    ]
    return [rank for rank in ranks if rank.rank <= TOP]


def performance(
    sites: Iterable[str], agent: int, first: datetime.date, last: datetime.date
) -> dict[datetime.date, Score]:
    """Return what an agent achieved on each day on which there was something."""
    rows = _contacts(sites, first, last).filter(made_by=agent)
    days = rows.annotate(day=TruncDate("made_at")).values("day").annotate(**COUNTS)
    return {
        row["day"]: Score(**{name: row[name] for name in COUNTS}) for row in days.order_by("day")
    }


def add_up(scores: Iterable[Score]) -> Score:
    """Return what several days, or several agents, achieved together."""
    scores = list(scores)
    return Score(**{name: sum(getattr(one, name) for one in scores) for name in COUNTS})
