"""Who goes where, in which order: the ways are measured, solved and told beside a plain guess."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from agents.services.routing import exact
from agents.services.routing.problem import DAY, Problem, Walk, Walker
from agents.services.routing.tables import Point, table_of
from akig.lib import workshop
from sites_app.rules import Rules
from tenants.models import Tenant

#: The most stops of one plan.
MOST = 200
#: How long the process beside may take, its start included, in seconds.
PATIENCE = 30
ALL_DAY = (0, DAY)


@dataclass(frozen=True)
class Stop:
    """A place to visit, and the seconds of the day between which the visit may begin."""

    point: Point
    window: tuple[int, int] = ALL_DAY


def window_of(tenant: Tenant) -> tuple[int, int]:
    """Return the seconds of the day between which a visit to a tenant may begin."""
    opens, closes = tenant.visit_from, tenant.visit_until
    return second_of(opens) if opens else 0, second_of(closes) if closes else DAY


def second_of(time: datetime.time) -> int:
    return 3600 * time.hour + 60 * time.minute + time.second


@dataclass(frozen=True)
class Departure:
    """Who goes: from and to which point (None: anywhere), between which seconds of the day."""

    start: Point | None = None
    end: Point | None = None
    begins: int = 0
    ends: int = DAY


@dataclass(frozen=True)
class Plan:
    """A walk for each departure; stops for which there was no time are ``left_out`` (numbers).

    ``baseline`` are the metres of whoever always goes to the nearest stop, whatever its window.
    ``solver`` is exact or pyvrp, ``source`` where the distances come from.
    """

    walks: tuple[Walk, ...]
    left_out: tuple[int, ...]
    baseline: int
    solver: str
    source: str

    @property
    def metres(self) -> int:
        return sum(walk.metres for walk in self.walks)

    @property
    def seconds(self) -> int:
        return sum(walk.seconds for walk in self.walks)


def plan_walks(stops: Sequence[Stop], departures: Sequence[Departure], rules: Rules) -> Plan:
    """Plan the walks through at most ``MOST`` stops of one branch, shared evenly by several.

    Few stops of one person are solved at once, more in a process beside. Raises
    ``workshop.Busy`` when that does not answer in time.
    """
    points = [stop.point for stop in stops]
    walkers = [_walker(departure, points) for departure in departures]
    table = table_of(points, rules)
    problem = Problem(
        metres=table.metres,
        seconds=table.seconds,
        windows=[stop.window for stop in stops],
        service=[60 * rules.visit_minutes] * len(stops),
        walkers=walkers,
    )
    if not stops:
        solver, orders = "exact", [[] for _walker in walkers]
    elif len(walkers) == 1 and len(stops) <= exact.MOST:
        solver, orders = "exact", [exact.best_order(problem)]
    else:
        solver = "pyvrp"
        orders = workshop.do("agents.services.routing.solving:solve", problem, seconds=PATIENCE)
    visited = {stop for order in orders for stop in order}
    return Plan(
        walks=tuple(map(problem.walk, walkers, orders)),
        left_out=tuple(stop for stop in range(len(stops)) if stop not in visited),
        baseline=_nearest_first(problem, visited),
        solver=solver,
        source=table.source,
    )


def _walker(departure: Departure, points: list[Point]) -> Walker:
    """Return the walker of a departure, whose ends are added to ``points``."""
    start, end = (_added(point, points) for point in (departure.start, departure.end))
    return Walker(start, end, departure.begins, departure.ends)


def _added(point: Point | None, points: list[Point]) -> int | None:
    if point is None:
        return None
    points.append(point)
    return len(points) - 1


def _nearest_first(problem: Problem, stops: set[int]) -> int:
    metres, left = 0, set(stops)
    for walker in problem.walkers:
        place = walker.start
        for _turn in range(min(problem.share, len(left))):
            way, nearest = min((problem.leg(place, stop)[0], stop) for stop in left)
            metres += way
            left.remove(nearest)
            place = nearest
        if place != walker.start:
            metres += problem.leg(place, walker.end)[0]
    return metres
