"""Planning the visits of a day: who is late, grouped by door and quarter, shared out to agents."""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.verbs import unchanged, verb
from agents.metrics.homes import homes_of
from agents.metrics.late import CRITICAL, URGENT
from agents.metrics.skill import skills
from agents.models import Mission, Stop
from agents.services.ordering import order_later, tell_missions
from agents.services.routing.tables import Point, haversine, place_of
from akig.lib.garbage import collector_resting
from akig.lib.saving import correct, locked
from recovery.models import Case, Promise
from sites_app.models import Property, Site
from sites_app.rules import rules_for

#: What each visit that an agent already has, and a skilled hand at the largest debt, weigh in
#: metres of way.
VISIT, SKILL = 1_500, 3_000
#: How far it is to one's first door, and to one of which nobody knows where it is.
SOMEWHERE = 5_000


@dataclass
class Door:
    """The late tenants of one property, the most urgent first."""

    property: Property
    cases: list[Case] = field(default_factory=list)

    @cached_property
    def place(self) -> Point | None:
        return place_of(self.property)

    @property
    def quarter(self) -> tuple[str, str]:
        return (self.property.commune, self.property.quartier)


@dataclass
class Hand:
    """An agent while the day is shared out: the room left, where the way leads, what is taken."""

    agent: User
    skill: float
    limit: int
    room: int
    quarters: set[tuple[str, str]] = field(default_factory=set)
    place: Point | None = None
    taken: list[Door] = field(default_factory=list)

    def pass_by(self, door: Door) -> None:
        self.quarters.add(door.quarter)
        self.place = door.place or self.place

    def take(self, door: Door, cases: list[Case]) -> None:
        self.taken.append(Door(door.property, cases))
        self.room -= len(cases)
        self.pass_by(door)

    def way_to(self, door: Door) -> float:
        """Return about how many metres off one's way a door lies."""
        return 0 if door.quarter in self.quarters else _way(self.place, door)


@dataclass(frozen=True)
class Planned:
    """What planning came to; ``amount`` is expected of all stops of the day, in minor units."""

    day: datetime.date
    created: int
    existing: int
    tenants: int
    amount: int
    unassigned: int


@verb("mission.manage")
@collector_resting()  # cases, doors and stops by the thousand
def plan_missions(*, actor, site: Site, day: datetime.date, anew: bool = False) -> Planned:
    """Share out the late tenants of a branch for a day; done again, it adds who is late since.

    The most urgent come first, then the largest debts, until each agent's day is full; the rest
    is unassigned. Left alone are those whose case is paused, whose promise is awaited, who are not
    to be contacted or cannot be visited on that day of the week. ``anew`` first takes back the
    missions that nobody has begun. A job then looks for the best way of each agent.
    """
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)  # one plan at a time
    missions = Mission.objects.filter(site=site, day=day)
    withdrawn = missions.untouched().delete()[0] if anew else 0
    existing = {mission.agent_id: mission for mission in missions}
    waiting = list(cases_to_visit(site, day).only("tenant", "balance", "oldest_due"))
    hands = _hands(site, day, existing)
    assigned = _share_out(_doors(waiting, day), hands)
    created = _write(site, day, hands, existing)
    stops = Stop.objects.filter(site=site, day=day).order_by()
    expected = list(stops.values_list("amount", flat=True))
    planned = Planned(
        day=day,
        created=created,
        existing=len(existing),
        tenants=len(expected),
        amount=sum(expected),
        unassigned=len(waiting) - assigned,
    )
    if not assigned and not withdrawn:
        return unchanged(planned)
    agents = [hand.agent.pk for hand in hands if hand.taken]
    tell_missions(site.pk, day, agents)
    by_hand = Mission.Order.HAND
    order_later(actor=actor, missions=missions.filter(agent__in=agents).exclude(ordered=by_hand))
    return planned


def cases_to_visit(site: Site, day: datetime.date) -> QuerySet[Case]:
    """Return the cases of a branch that want a visit on a day and have none planned."""
    of_tenant = {"tenant": OuterRef("tenant"), "site": OuterRef("site")}
    can_be_met = Q(tenant__visit_days=[]) | Q(tenant__visit_days__contains=[day.isoweekday()])
    cases = Case.objects.filter(
        can_be_met,
        site=site,
        state=Case.State.OPEN,
        oldest_due__lt=day,
        tenant__do_not_contact=False,
    )
    cases = cases.exclude(Exists(Promise.objects.in_status("pending", day).filter(**of_tenant)))
    return cases.exclude(Exists(Stop.objects.filter(day=day, **of_tenant)))


def _doors(cases: list[Case], day: datetime.date) -> list[Door]:
    """Return the doors to knock on, the most urgent first, then the largest debts.

    A tenant without a lease that stands has none.
    """

    def turn(case: Case) -> tuple[int, int, int]:
        late = (day - case.oldest_due).days
        return -((late >= CRITICAL) + (late >= URGENT)), -case.balance, case.pk

    cases = sorted(cases, key=turn)
    homes = homes_of([case.tenant_id for case in cases])
    house_of = dict(homes.values_list("tenant_id", "property_id"))
    houses = Property.objects.in_bulk(set(house_of.values()))
    doors: dict[int, Door] = {}
    for case in cases:
        if key := house_of.get(case.tenant_id):
            doors.setdefault(key, Door(houses[key])).cases.append(case)
    return list(doors.values())


def _hands(site, day, missions: dict[int, Mission]) -> list[Hand]:
    """Return the agents who work at the branch on the day, with the room that each has left."""
    agents = User.objects.filter(
        is_active=True,
        groups__name="agent",
        pk__in=site.assignments.current(day).values("user"),
    ).order_by("pk")
    known = skills([agent.pk for agent in agents], day)
    limit = rules_for(site, on=day).visits_per_day
    hands = {
        agent.pk: Hand(agent, known[agent.pk], limit, limit)
        for agent in agents
        if agent.pk not in missions or missions[agent.pk].state != Mission.State.DONE
    }
    stops = Stop.objects.filter(site=site, day=day, mission__agent__in=hands)
    for stop in stops.select_related("mission", "property").order_by("position"):
        hand = hands[stop.mission.agent_id]
        hand.pass_by(Door(stop.property))
        hand.room -= 1
    return list(hands.values())


def _share_out(doors: list[Door], hands: list[Hand]) -> int:
    """Give each door to whom it suits best; return how many tenants were given to somebody."""
    assigned = 0
    largest = max((case.balance for door in doors for case in door.cases), default=1)
    for door in doors:
        left = door.cases
        while left and (free := [hand for hand in hands if hand.room > 0]):
            weight = min(1, sum(case.balance for case in left) / largest)
            hand = min(free, key=partial(_cost, door=door, weight=weight))
            part, left = left[: hand.room], left[hand.room :]
            hand.take(door, part)
            assigned += len(part)
    return assigned


def _cost(hand: Hand, door: Door, weight: float) -> tuple[float, int]:
    load = VISIT * (hand.limit - hand.room)
    return hand.way_to(door) + load - SKILL * hand.skill * weight, hand.agent.pk


def _write(site, day, hands: list[Hand], existing: dict[int, Mission]) -> int:
    """Write down what was shared out; return how many missions are new."""
    busy = [hand for hand in hands if hand.taken]
    fresh = Mission.objects.bulk_create(
        Mission(site=site, agent=hand.agent, day=day)
        for hand in busy
        if hand.agent.pk not in existing
    )
    missions = existing | {mission.agent_id: mission for mission in fresh}
    office = place_of(site)
    Stop.objects.bulk_create(
        Stop(
            site_id=site.pk,
            mission_id=missions[hand.agent.pk].pk,
            day=day,
            position=hand.limit - hand.room - len(cases) + number,
            tenant_id=case.tenant_id,
            property_id=house.pk,
            amount=case.balance,
            days_late=(day - case.oldest_due).days,
        )
        for hand in busy
        for cases in [list(_in_order(hand.taken, office))]
        for number, (house, case) in enumerate(cases, 1)
    )
    grown = [existing[hand.agent.pk].pk for hand in busy if hand.agent.pk in existing]
    Mission.objects.filter(pk__in=grown).update(distance=None, baseline=None)
    return len(fresh)


def _in_order(doors: list[Door], place: Point | None) -> Iterator[tuple[Property, Case]]:
    """Yield the visits, quarter by quarter, always to the nearest door next."""
    left: dict[tuple[str, str], list[Door]] = defaultdict(list)
    for door in doors:
        left[door.quarter].append(door)
    here: list[Door] = []
    while left or here:
        if not here:
            nearest = min(chain(*left.values()), key=partial(_way, place))
            here = left.pop(nearest.quarter)
        door = min(here, key=partial(_way, place))
        here.remove(door)
        place = door.place or place
        yield from ((door.property, case) for case in door.cases)


def _way(place: Point | None, door: Door) -> float:
    return haversine(place, door.place) if place and door.place else SOMEWHERE


@verb("mission.view_own")
def correct_mission(*, actor, mission: Mission, version: int | None = None, **changes) -> Mission:
    """Say that a mission is begun or done, or note something. Raises ``stale``."""
    held = locked(mission, version)
    if not correct(held, changes):
        return unchanged(held)
    tell_missions(held.site_id, held.day, [held.agent_id])
    return held
