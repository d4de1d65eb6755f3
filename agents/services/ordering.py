"""The order in which a mission's visits are made: the best way that is found, or a person's own.

Finding it takes seconds, so a job does it once the day is planned and holds nothing meanwhile. What
it finds is kept only if nobody changed the mission or made one of its visits in between.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.verbs import unchanged, verb
from agents.models import Mission, Stop
from agents.services.routing import planning
from agents.services.routing.planning import Departure, plan_walks, second_of, window_of
from agents.services.routing.problem import DAY, Visit
from agents.services.routing.tables import place_of
from akig.lib.errors import Conflict
from akig.lib.live import of_person, tell
from akig.lib.saving import correct, locked
from notifications.models import Job
from notifications.services import start_job
from recovery.services.ladders import ladder_of
from sites_app.rooms import room_of
from sites_app.rules import rules_for

ORDER_MISSIONS = "agents.order_missions"
#: Where a branch has no ladder that says when its day begins.
MORNING = 8 * 3600
#: How often the way is looked for while the mission keeps changing.
ATTEMPTS = 3

Order = Mission.Order


class VisitMade(Conflict):
    """A visit that was made keeps its place."""

    code = "visit_made"


@dataclass(frozen=True)
class Found:
    """The visits left in the best order; those without a ``Visit`` have no time or no place."""

    seen: tuple
    way: list[tuple[Stop, Visit | None]]
    metres: int
    baseline: int


def order_later(*, actor: User, missions: Iterable[Mission]) -> Job | None:
    """Let a worker find the best way of missions of one branch."""
    asked = sorted((mission.pk, mission.version, mission.site_id) for mission in missions)
    if not asked:
        return None
    keys = [[key, version] for key, version, _site in asked]
    title = _("The best way of the missions")
    return start_job(actor, ORDER_MISSIONS, {"missions": keys}, asked[0][2], title=title)


def order_mission(*, actor: User, mission: Mission) -> None:
    """Put the visits that are left of a mission into the best order; what was visited stays.

    Raises ``workshop.Busy``.
    """
    for _attempt in range(ATTEMPTS):
        mission.refresh_from_db()
        if keep_order(actor=actor, mission=mission, found=_best_way(mission)):
            return


def _best_way(mission: Mission) -> Found:
    """Find the best way from the last visit, or the office, through those that are left."""
    stops = _stops(mission)
    made = [stop for stop in stops if stop.result]
    left = [stop for stop in stops if not stop.result]
    placed = [stop for stop in left if place_of(stop.property)][: planning.MOST]
    goals = [planning.Stop(place_of(stop.property), window_of(stop.tenant)) for stop in placed]
    plan = plan_walks(goals, [_departure(mission, made)], rules_for(mission.site, on=mission.day))
    (walk,) = plan.walks
    visits = {placed[visit.stop].pk: visit for visit in walk.visits}
    rest = [(stop, None) for stop in left if stop.pk not in visits]
    return Found(
        seen=_seen(mission, stops),
        way=[(placed[visit.stop], visit) for visit in walk.visits] + rest,
        metres=plan.metres,
        baseline=plan.baseline,
    )


def _stops(mission) -> list[Stop]:
    stops = mission.stops.with_result().select_related("tenant", "property")
    return list(stops.order_by("position", "pk"))


def _seen(mission, stops) -> tuple:
    return mission.version, {stop.pk for stop in stops if stop.result}


def _departure(mission, made) -> Departure:
    """Return whence and when the agent goes on; the branch's ladder says when its day ends."""
    ladder = ladder_of(mission.site, mission.day)
    begins = second_of(ladder.day_starts) if ladder else MORNING
    ends = second_of(ladder.day_ends) if ladder else DAY
    if made and mission.day == timezone.localdate():
        begins = max(begins, second_of(timezone.localtime().time()))
    start = next(filter(None, (place_of(stop.property) for stop in reversed(made))), None)
    return Departure(start or place_of(mission.site), None, begins, ends)


@verb("mission.manage")
def keep_order(*, actor, mission: Mission, found: Found) -> bool:
    """Write down the way that was found; tell whether the mission was still as it was then."""
    held = locked(mission)
    stops = _stops(held)
    if _seen(held, stops) != found.seen:
        return unchanged(False)
    places = [stop.position for stop in stops if not stop.result]
    for place, (stop, visit) in zip(places, found.way, strict=True):
        stop.position = place
        stop.distance = visit and visit.metres
        stop.arrives_at = visit and _time_at(visit.begins)
    ways = ["position", "distance", "arrives_at"]
    Stop.objects.bulk_update([stop for stop, _visit in found.way], ways)
    told = {"ordered": Order.ROUTE, "distance": found.metres, "baseline": found.baseline}
    changed = correct(held, told)
    tell_missions(held.site_id, held.day, [held.agent_id])
    return True if changed else unchanged(True)


def _time_at(second: int) -> datetime.time:
    return datetime.time(*divmod(min(second, DAY - 1) // 60, 60))


@verb("mission.manage")
def move_visit(*, actor, stop: Stop, place: int) -> Mission:
    """Let a visit be made as the ``place``-th of its mission; the others keep their order.

    From then on the order is a person's: no planning changes it. Raises ``VisitMade``.
    """
    held = locked(stop.mission)
    stops = _stops(held)
    places = [one.position for one in stops if not one.result]
    left = [one for one in stops if not one.result and one.pk != stop.pk]
    if len(left) == len(places):
        sentence = _("This visit was made already.")
        raise VisitMade(sentence, fields={"stop": sentence})
    before = sum(one.position < place for one in left)
    left.insert(before, stop)
    for free, one in zip(places, left, strict=True):
        one.position, one.distance, one.arrives_at = free, None, None
    Stop.objects.bulk_update(left, ["position", "distance", "arrives_at"])
    correct(held, {"ordered": Order.HAND, "distance": None, "baseline": None})
    tell_missions(held.site_id, held.day, [held.agent_id])
    return held


def tell_missions(site_code: str, day: datetime.date, agents: Iterable[int]) -> None:
    """Tell the agents concerned, and whoever plans at the branch, that missions changed."""
    news = {"site": site_code, "day": day.isoformat()}
    for room in (room_of("mission.manage", site_code), *map(of_person, agents)):
        tell(room, "mission", news)
