"""Which visits and calls of the day matter most to a person, and why.

priority = 0.35 urgency + 0.35 impact + 0.20 affinity + 0.10 dependency, each from 0 to 100.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from agents.metrics.homes import homes_of
from agents.models import Mission, Stop
from recovery.models import Case, Contact

#: Of a tenant with whom the person never had to do.
UNKNOWN = 60


@dataclass(frozen=True)
class Weighed:
    """What is still to be done.

    ``urgency`` grows with each day that the debt is late, ``impact`` with the amount beside the
    largest of the day, ``affinity`` with what the person's own visits (or calls) to the tenant led
    to, and ``dependency`` with the others who are late behind the same door.
    """

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
        """Say by codes what speaks most for, or against, it."""
        told = {
            "very_late": self.urgency > 85,
            "late": 60 < self.urgency <= 85,
            "large_debt": self.impact > 80,
            "several_at_the_door": self.dependency > 0,
            "hard_to_win": self.affinity < UNKNOWN,
        }
        return [reason for reason, holds in told.items() if holds]


@dataclass(frozen=True)
class Task(Weighed):
    """A visit that is still to be made."""

    stop: Stop


@dataclass(frozen=True)
class Call(Weighed):
    """A call that is still to be made; ``amount`` is late, in minor units."""

    case: int
    name: str
    amount: int
    currency: str
    days_late: int


def tasks_of(missions: QuerySet[Mission]) -> list[Task]:
    """Return the visits of an agent's missions still to be made, what matters most first."""
    open_ones = Stop.objects.filter(mission__in=missions).with_result().filter(result=None)
    stops = list(open_ones.select_related("mission", "site", "tenant", "property"))
    largest = max((stop.amount for stop in stops), default=1)
    at_door = Counter(stop.property_id for stop in stops)
    agents = {stop.mission.agent_id for stop in stops}
    won = _affinities("visit", agents, {stop.tenant_id for stop in stops})
    tasks = [
        Task(
            stop=stop,
            urgency=_urgency(stop.days_late),
            impact=_impact(stop.amount, largest),
            affinity=won.get(stop.tenant_id, UNKNOWN),
            dependency=_dependency(at_door[stop.property_id]),
        )
        for stop in stops
    ]
    return sorted(tasks, key=lambda task: (-task.priority, task.stop.position))


def calls_of(person: User, sites: Collection[str], most: int) -> list[Call]:
    """Return the first calls that a person should make today at branches."""
    today = timezone.localdate()
    cases = Case.objects.visible_to(person).filter(site__in=sites).to_call()
    rows = list(
        cases.values_list("pk", "tenant", "tenant__name", "balance", "site__currency", "oldest_due")
    )
    largest = Counter()
    for _case, _tenant, _name, amount, currency, _due in rows:
        largest[currency] = max(largest[currency], amount)
    tenants = {tenant for _case, tenant, *_rest in rows}
    doors = dict(homes_of(tenants).values_list("tenant", "property"))
    at_door = Counter(doors.values())
    won = _affinities("call", {person.pk}, tenants)
    calls = [
        Call(
            case=case,
            name=name,
            amount=amount,
            currency=currency,
            days_late=(today - due).days,
            urgency=_urgency((today - due).days),
            impact=_impact(amount, largest[currency]),
            affinity=won.get(tenant, UNKNOWN),
            dependency=_dependency(at_door.get(doors.get(tenant), 1)),
        )
        for case, tenant, name, amount, currency, due in rows
    ]
    return sorted(calls, key=lambda call: (-call.priority, call.case))[:most]


def _urgency(days_late: int) -> int:
    return min(100, 40 + days_late)


def _impact(amount: int, largest: int) -> int:
    return 50 + 50 * amount // largest


def _dependency(at_the_door: int) -> int:
    return min(100, 20 * (at_the_door - 1))


def _affinities(kind: str, people: set[int], tenants: set[int]) -> dict[int, int]:
    """Return from 0 to 100 what earlier visits, or calls, to each tenant led to."""
    told = Contact.objects.filter(made_by__in=people, tenant__in=tenants, kind=kind)
    won = Count("pk", filter=Q(result__in=["payment", "promise"]))
    rows = told.order_by().values_list("tenant").annotate(number=Count("pk"), won=won)
    return {tenant: 100 * won // number for tenant, number, won in rows}
