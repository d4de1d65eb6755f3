"""Which visits of the day matter most to an agent, and why.

priority = 0.35 urgency + 0.35 impact + 0.20 affinity + 0.10 dependency, each from 0 to 100.
"""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from agents.models import Mission, Stop
from recovery.models import Contact

#: Of a tenant whom the agent never visited.
UNKNOWN = 60


@dataclass(frozen=True)
class Task:
    """A visit that is still to be made.

    ``urgency`` grows with each day that the debt is late, ``impact`` with the amount beside the
    largest of the day, ``affinity`` with what the agent's own visits to the tenant led to, and
    ``dependency`` with the others who are late behind the same door.
    """

    stop: Stop
    urgency: int
    impact: int
    affinity: int
    dependency: int

    @property
    def priority(self) -> int:
        weighed = 35 * (self.urgency + self.impact) + 20 * self.affinity + 10 * self.dependency
        return (weighed + 50) // 100

    @property
    def reasons(self) -> list[str]:
        """Say by codes what speaks most for, or against, this visit."""
        told = {
            "very_late": self.urgency > 85,
            "late": 60 < self.urgency <= 85,
            "large_debt": self.impact > 80,
            "several_at_the_door": self.dependency > 0,
            "hard_to_win": self.affinity < UNKNOWN,
        }
        return [reason for reason, holds in told.items() if holds]


def tasks_of(missions: QuerySet[Mission]) -> list[Task]:
    """Return the visits of an agent's missions still to be made, what matters most first."""
    open_ones = Stop.objects.filter(mission__in=missions).with_result().filter(result=None)
    stops = list(open_ones.select_related("mission", "site", "tenant", "property"))
    largest = max((stop.amount for stop in stops), default=1)
    at_door = Counter(stop.property_id for stop in stops)
    won = _affinities(stops)
    tasks = [
        Task(
            stop=stop,
            urgency=min(100, 40 + stop.days_late),
            impact=50 + 50 * stop.amount // largest,
            affinity=won.get(stop.tenant_id, UNKNOWN),
            dependency=min(100, 20 * (at_door[stop.property_id] - 1)),
        )
        for stop in stops
    ]
    return sorted(tasks, key=lambda task: (-task.priority, task.stop.position))


def _affinities(stops: list[Stop]) -> dict[int, int]:
    """Return from 0 to 100 what the agent's earlier visits to each tenant led to."""
    visits = Contact.objects.filter(
        made_by__in={stop.mission.agent_id for stop in stops},
        tenant__in={stop.tenant_id for stop in stops},
        kind="visit",
    )
    won = Count("pk", filter=Q(result__in=["payment", "promise"]))
    rows = visits.order_by().values_list("tenant").annotate(number=Count("pk"), won=won)
    return {tenant: 100 * won // number for tenant, number, won in rows}
