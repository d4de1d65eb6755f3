"""The order of a mission's visits: the best way, found by a worker, or a person's own."""

from datetime import date, time, timedelta

import pytest

from agents.models import Mission
from agents.services.missions import plan_missions
from agents.services.ordering import keep_order
from notifications.models import Job
from notifications.services import perform_job
from recovery.services.cases import refresh_cases
from recovery.services.contacts import log_visit
from tests.factories import charge, make_lease, make_property, make_unit

TODAY = date(2026, 10, 15)
pytestmark = pytest.mark.usefixtures("mid_october")


@pytest.fixture
def road(cast):
    """Late tenants along a road with the office in its middle: whoever goes to the nearest first
    passes by it once more."""
    cast.conakry.latitude, cast.conakry.longitude = "9.60", "-13.60"
    cast.conakry.save()
    assert cast.estelle
    return [_late(cast, latitude) for latitude in ("9.61", "9.585", "9.63")]


def _late(cast, latitude):
    house = make_property(site=cast.conakry, latitude=latitude, longitude="-13.60")
    lease = make_lease(unit=make_unit(house), start=date(2025, 1, 1))
    charge(lease, 500_000, TODAY - timedelta(days=40))
    return lease.tenant


def plan(cast) -> Mission:
    plan_missions(actor=cast.bachir, site=cast.conakry, day=TODAY)
    return Mission.objects.get()


def work() -> None:
    for job in Job.objects.open():
        perform_job(job.pk)
    assert not Job.objects.exclude(state="done").exists()


def order_of(mission) -> list:
    return [stop.tenant for stop in mission.stops.order_by("position")]


def test_a_worker_finds_the_best_way_of_a_planned_mission(sign_in, cast, road):
    near, south, far = road
    mission = plan(cast)
    assert (order_of(mission), mission.distance) == ([near, far, south], None)
    work()
    mission.refresh_from_db()
    assert (order_of(mission), mission.ordered) == ([south, near, far], "route")
    stops = list(mission.stops.order_by("position"))
    assert mission.distance == sum(stop.distance for stop in stops) < mission.baseline
    assert time(8) < stops[0].arrives_at < stops[1].arrives_at < stops[2].arrives_at < time(10)
    page = sign_in(cast.bachir).get(f"/missions/{mission.pk}/")
    assert page.context["mission"].distance == mission.distance


def test_the_hours_of_tenants_and_of_the_branch_are_kept(cast, road):
    near, south, far = road
    refresh_cases(actor=cast.bachir, site=cast.conakry)  # gives the branch its usual ladder
    for tenant, opens in ((near, time(16)), (far, time(20))):
        tenant.visit_from = opens
        tenant.save()
    mission = plan(cast)
    work()
    told = {stop.tenant: stop.arrives_at for stop in mission.stops.order_by("position")}
    assert list(told) == [near, south, far]
    assert (told[near], told[far]) == (time(16), None)  # nobody is disturbed after 19:00


def test_what_was_visited_keeps_its_place(cast, road):
    near, south, far = road
    mission = plan(cast)
    log_visit(actor=cast.estelle, tenant=near, result="absent")
    work()
    assert order_of(mission) == [near, far, south]
    mission.refresh_from_db()
    first, *rest = mission.stops.order_by("position")
    assert (first.arrives_at, mission.distance) == (None, sum(stop.distance for stop in rest))


def test_who_is_late_since_is_put_on_the_way(cast, road):
    mission = plan(cast)
    work()
    newcomer = _late(cast, "9.62")
    plan(cast)
    mission.refresh_from_db()
    assert mission.distance is None
    work()
    near, south, far = road
    assert order_of(mission) == [south, near, newcomer, far]


def test_an_order_chosen_by_hand_stays_until_a_lead_asks_for_the_best(sign_in, cast, road):
    near, south, far = road
    mission = plan(cast)
    door = sign_in(cast.bachir)
    stop = mission.stops.get(tenant=far)
    moved = door.post(f"/missions/{mission.pk}/deplacer", {"stop": stop.pk, "place": 1})
    assert moved.status_code == 302, moved.context["form"].errors
    assert moved["Location"] == f"/missions/{mission.pk}/"
    newcomer = _late(cast, "9.62")
    plan(cast)
    work()
    mission.refresh_from_db()
    assert (order_of(mission), mission.ordered) == ([far, near, south, newcomer], "hand")
    door.post(f"/missions/{mission.pk}/tournee")
    work()
    mission.refresh_from_db()
    assert (order_of(mission), mission.ordered) == ([south, near, newcomer, far], "route")


def test_a_visit_that_was_made_is_not_moved(sign_in, cast, road):
    mission = plan(cast)
    stop = mission.stops.get(tenant=road[0])
    log_visit(actor=cast.estelle, tenant=road[0], result="absent")
    said = {"stop": stop.pk, "place": 3}
    refused = sign_in(cast.bachir).post(f"/missions/{mission.pk}/deplacer", said)
    assert list(refused.context["form"].errors) == ["stop"]


def test_a_mission_that_changed_meanwhile_is_looked_at_again(cast, road, monkeypatch):
    """While the way is looked for, somebody notes something: what was found is not written."""
    mission = plan(cast)
    answers = []

    def once_disturbed(*, mission, **said):
        if not answers:
            Mission.objects.update(notes="Pluie")
        answers.append(keep_order(mission=mission, **said))
        return answers[-1]

    monkeypatch.setattr("agents.services.ordering.keep_order", once_disturbed)
    work()
    mission.refresh_from_db()
    assert (answers, mission.ordered, mission.notes) == ([False, True], "route", "Pluie")
