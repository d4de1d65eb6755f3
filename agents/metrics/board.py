"""How agents stand to what is asked of them, month by month, from the money that each collected.

A payment is his who collected it, else his who entered it: never the whole agency's. success is
the share of payments on time, achievement that of the target, both in whole percent.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.db.models import (
    Count,
    DateField,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce, TruncDate, TruncMonth
from django.utils import timezone

from agents.metrics.scores import MET
from agents.models import GivenPoints, Target
from akig.lib.periods import months_of
from payments.models import Allocation, Payment
from recovery.models import Contact
from sites_app.models import Assignment

#: What a month earns. A late payment counts at once, good months when they are over.
POINTS = {"target": 100, "success": 50, "no_late": 25, "late": -20}
#: More than so many percent on time is a success.
SUCCESS = 90
#: From how many percent of the target on a result is called what.
WORDS = ((100, "reached"), (80, "good"), (50, "fair"), (0, "insufficient"))
#: So many payments in a day, in a month, and visits in a day, are worth a badge.
QUICK, MANY, WALKS = 5, 30, 10

#: Over which calendar months, this one included, one may ask.
SPANS = {"1m": 1, "3m": 3, "6m": 6, "12m": 12}

#: One agent at one branch.
Key = tuple[int, str]


@dataclass(frozen=True)
class Result:
    """What was collected, in minor units, and how its payments stood to what they paid.

    ``days_late`` is of all payments together.
    """

    collected: int = 0
    on_time: int = 0
    late: int = 0
    partial: int = 0
    days_late: int = 0
    target: int = 0

    @property
    def payments(self) -> int:
        return self.on_time + self.late + self.partial

    @property
    def success(self) -> int | None:
        return self.on_time * 100 // self.payments if self.payments else None

    @property
    def average_delay(self) -> int | None:
        """Return how many days after the due date a payment came, on average and rounded."""
        return (
            (2 * self.days_late + self.payments) // (2 * self.payments) if self.payments else None
        )

    @property
    def achievement(self) -> int | None:
        return self.collected * 100 // self.target if self.target else None

    @property
    def grade(self) -> str:
        if self.achievement is None:
            return ""
        return next(word for least, word in WORDS if self.achievement >= least)


@dataclass(frozen=True)
class Month:
    """A month of an agent; ``given`` are points by hand, ``feats`` badges earned on its days."""

    first: datetime.date
    result: Result
    given: int
    feats: frozenset[str]

    @property
    def is_over(self) -> bool:
        return self.first + relativedelta(months=1) <= timezone.localdate()

    @property
    def earned(self) -> dict[str, int]:
        """Return the points of the month by what they are for."""
        result = self.result
        good = self.is_over and result.payments > 0
        told = {
            "target": result.grade == "reached",
            "success": good and result.on_time * 100 > SUCCESS * result.payments,
            "no_late": good and not result.late,
            "late": result.late > 0,
        }
        points = {name: POINTS[name] for name, holds in told.items() if holds}
        return points | ({"given": self.given} if self.given else {})

    @property
    def badges(self) -> set[str]:
        told = {
            "perfect_month": {"target", "no_late"} <= self.earned.keys(),
            "many_payments": self.result.payments >= MANY,
        }
        return self.feats | {name for name, holds in told.items() if holds}


@dataclass(frozen=True)
class Line:
    """An agent at a branch, over some months."""

    assignment: Assignment
    months: list[Month]

    def until_now(self, first: datetime.date) -> "Line":
        return Line(self.assignment, [month for month in self.months if month.first >= first])

    @property
    def total(self) -> Result:
        results = [vars(month.result) for month in self.months]
        return Result(**{name: sum(one[name] for one in results) for name in vars(Result())})

    @property
    def points(self) -> int:
        return sum(sum(month.earned.values()) for month in self.months)

    @property
    def badges(self) -> list[str]:
        return sorted(set().union(*(month.badges for month in self.months)))


def since(months: int) -> datetime.date:
    """Return the first day of so many calendar months that end with this one."""
    return timezone.localdate().replace(day=1) - relativedelta(months=months - 1)


def scoreboard(sites: Iterable[str], first: datetime.date) -> list[Line]:
    """Return a line for each agent who works at one of the branches, the most points first.

    Its months are those from ``first``, which begins one, until this one.
    """
    last = timezone.localdate()
    assigned = Assignment.objects.current(first).filter(site__in=sites, user__groups__name="agent")
    assigned = list(assigned.select_related("user", "site"))
    agents = {one.user_id for one in assigned}
    months = months_of(first, last)
    payments = _own_payments(sites, agents, first, last)
    money, targets = _money(payments), _targets(sites, agents, months)
    given, feats = _given(sites, agents, first, last), _feats(payments, sites, agents, first, last)
    lines = [
        Line(
            one,
            [
                Month(
                    month,
                    Result(**money.get((*key, month), {}), target=targets[key].get(month, 0)),
                    given.get((*key, month), 0),
                    frozenset(feats[(*key, month)]),
                )
                for month in months
            ],
        )
        for one in assigned
        for key in [(one.user_id, one.site_id)]
    ]
    return sorted(lines, key=lambda line: (-line.points, line.assignment.user.name))


def _own_payments(sites, agents, first, last):
    rows = Payment.objects.filter(
        site__in=sites, status=Payment.Status.CONFIRMED, value_date__range=(first, last)
    )
    collector = Coalesce("collected_by", "created_by")
    return rows.order_by().annotate(collector=collector).filter(collector__in=agents)


def _money(payments) -> dict[tuple, dict]:
    paid = Allocation.objects.filter(payment=OuterRef("pk")).order_by("charge__due_date")
    due = Subquery(paid.values("charge__due_date")[:1], output_field=DateField())
    late = F("value_date") - Coalesce(due, "value_date")
    rows = payments.annotate(
        month=TruncMonth("value_date"), delay=ExpressionWrapper(late, DurationField())
    )
    rows = rows.values("collector", "site", "month").annotate(
        collected=Sum("amount"),
        **{name: Count("pk", filter=Q(timing=name)) for name in Payment.Timing.values},
        days=Sum("delay", filter=Q(delay__gt=datetime.timedelta())),
    )
    return {
        (row["collector"], row["site"], row["month"]): {
            **{name: row[name] for name in ("collected", *Payment.Timing.values)},
            "days_late": row["days"].days if row["days"] else 0,
        }
        for row in rows
    }


def _targets(sites, agents, months) -> dict[Key, dict[datetime.date, int]]:
    """Return what was asked each month: the newest target that had begun."""
    rows = Target.objects.filter(site__in=sites, agent__in=agents, month__lte=months[-1])
    held: dict[Key, dict[datetime.date, int]] = defaultdict(dict)
    for agent, site, begun, amount in rows.order_by("month").values_list(
        "agent", "site", "month", "amount"
    ):
        held[agent, site] |= {month: amount for month in months if month >= begun}
    return held


def _given(sites, agents, first, last) -> dict[tuple, int]:
    rows = GivenPoints.objects.filter(site__in=sites, agent__in=agents, day__range=(first, last))
    rows = rows.order_by().values_list("agent", "site", TruncMonth("day"))
    return {tuple(key): delta for *key, delta in rows.annotate(points=Sum("delta"))}


def _feats(payments, sites, agents, first, last) -> dict[tuple, set[str]]:
    """Return the badges that single days earned."""
    paid = payments.values_list("collector", "site", "value_date")
    met = Contact.objects.filter(MET, site__in=sites, made_by__in=agents)
    met = met.filter(made_at__date__range=(first, last)).order_by()
    walked = met.values_list("made_by", "site", TruncDate("made_at"))
    feats: dict[tuple, set[str]] = defaultdict(set)
    for name, days, least in (("quick_collector", paid, QUICK), ("many_visits", walked, WALKS)):
        for agent, site, day, _number in days.annotate(n=Count("pk")).filter(n__gte=least):
            feats[agent, site, day.replace(day=1)].add(name)
    return feats
