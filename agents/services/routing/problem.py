"""What is asked of a solver: plain values, so that a process beside can solve it.

Places are known by their number: first the stops, then where people start and end. None is
anywhere: no way leads to it and none from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

DAY = 24 * 3600


@dataclass(frozen=True)
class Walker:
    """Who goes: from where to where, and between which seconds of the day."""

    start: int | None = None
    end: int | None = None
    begins: int = 0
    ends: int = DAY


@dataclass(frozen=True)
class Visit:
    """A stop on a walk: the metres to it, and the seconds of the day of the visit."""

    stop: int
    metres: int
    begins: int
    leaves: int


@dataclass(frozen=True)
class Walk:
    """One walker's visits in their order, with the way to where the walk ends."""

    visits: tuple[Visit, ...]
    metres: int
    seconds: int


@dataclass(frozen=True)
class Problem:
    """Which walker visits which stops, in which order?

    As many stops as possible, then as few metres as possible. ``windows`` says of each stop
    between which seconds of the day its visit may begin, ``service`` how long the visit takes.
    """

    metres: Sequence[Sequence[int]]
    seconds: Sequence[Sequence[int]]
    windows: Sequence[tuple[int, int]]
    service: Sequence[int]
    walkers: Sequence[Walker]

    @property
    def share(self) -> int:
        """The most stops of one walker: several share them evenly."""
        return -(-len(self.windows) // len(self.walkers))

    def leg(self, place: int | None, to: int | None) -> tuple[int, int]:
        """Return metres and seconds of the way between two places."""
        if place is None or to is None:
            return 0, 0
        return self.metres[place][to], self.seconds[place][to]

    def visit(self, place: int | None, at: int, stop: int) -> Visit | None:
        """Return the visit of whoever leaves ``place`` at a second; None when it is too late."""
        metres, seconds = self.leg(place, stop)
        opens, closes = self.windows[stop]
        begins = max(at + seconds, opens)
        if begins > closes:
            return None
        return Visit(stop, metres, begins, begins + self.service[stop])

    def walk(self, walker: Walker, order: Sequence[int]) -> Walk | None:
        """Return the walk that visits stops in an order; None when it cannot be done in time."""
        if not order:  # who visits nobody stays
            return Walk((), 0, 0)
        place, at, visits = walker.start, walker.begins, []
        for stop in order:
            visit = self.visit(place, at, stop)
            if visit is None:
                return None
            visits.append(visit)
            place, at = stop, visit.leaves
        metres, seconds = self.leg(place, walker.end)
        if at + seconds > walker.ends:
            return None
        metres += sum(visit.metres for visit in visits)
        return Walk(tuple(visits), metres, at + seconds - walker.begins)
