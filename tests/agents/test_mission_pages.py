"""The pages of missions: plan a day, see who visits whom, and who stands where."""

from datetime import date, timedelta

import pytest

from agents.models import Mission, Stop
from recovery.services.contacts import log_visit
from tests.cast import make_user
from tests.factories import charge, make_lease

TODAY = date(2026, 10, 15)
pytestmark = pytest.mark.usefixtures("mid_october")


@pytest.fixture
def late(cast):
    lease = make_lease(site=cast.conakry, start=date(2025, 1, 1))
    charge(lease, 500_000, TODAY - timedelta(days=40))
    return lease


def to_make(door):
    """Return where the first page leads to make visits, and how many there are."""
    lines = [(line.address, line.number) for line in door.get("/").context["waiting"]]
    return [line for line in lines if line[0] in ("/terrain/", "/missions/")]


def test_a_lead_plans_a_day_and_sees_who_visits_whom(sign_in, cast, late):
    assert cast.estelle
    door = sign_in(cast.bachir)
    assert door.get("/missions/").context["unassigned"] == 1
    said = {"site": "GN_CONAKRY", "day": "2026-10-16"}
    assert door.post("/missions/preparer", said)["Location"] == "/missions/?day=2026-10-16"
    page = door.get("/missions/?day=2026-10-16").context
    assert page["unassigned"] == 0
    (row,) = page["rows"]
    assert (row["mission"].agent, row["stops"], row["visited"], row["amount"]) == (
        cast.estelle, 1, 0, 500_000,
    )  # fmt: skip
    over = door.post("/missions/preparer", {**said, "day": "2026-10-14"})
    assert (over.status_code, list(over.context["form"].errors)) == (400, ["day"])
    foreign = door.post("/missions/preparer", {**said, "site": cast.kindia.pk})
    assert list(foreign.context["form"].errors) == ["site"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-31", "x"])
def test_a_day_that_is_none_is_today(sign_in, cast, day):
    door = sign_in(cast.bachir)
    assert door.get(f"/missions/?day={day}").context["day"] == TODAY
    assert door.get(f"/missions/classement?day={day}").context["day"] == TODAY


def test_an_agent_sees_the_own_mission_alone_with_what_came_of_it(sign_in, cast, late):
    mission, other = (
        Mission.objects.create(site=cast.conakry, agent=agent, day=TODAY)
        for agent in (cast.estelle, make_user("Ibrahima Kanté", "agent", cast.conakry))
    )
    Stop.objects.create(
        site=cast.conakry, mission=mission, day=TODAY, position=1, tenant=late.tenant,
        property=late.property, amount=500_000, days_late=40,
    )  # fmt: skip
    door = sign_in(cast.estelle)
    assert to_make(door) == [("/terrain/", 1)]
    assert to_make(sign_in(cast.bachir)) == [("/missions/", 1)]
    assert to_make(sign_in(cast.hadja)) == []
    log_visit(actor=cast.estelle, tenant=late.tenant, result="absent")
    door = sign_in(cast.estelle)
    assert to_make(door) == []
    (row,) = door.get("/missions/").context["rows"]
    assert (row["mission"], row["visited"]) == (mission, 1)
    (stop,) = door.get(f"/missions/{mission.pk}/").context["stops"]
    assert (stop.tenant, stop.result) == (late.tenant, "absent")
    assert door.get(f"/missions/{other.pk}/").status_code == 404


def test_the_ranking_of_the_month_and_of_a_day(sign_in, cast, late):
    log_visit(actor=cast.estelle, tenant=late.tenant, result="refused")
    door = sign_in(cast.bachir)
    (rank,) = door.get("/missions/classement").context["ranks"]
    assert (rank.rank, rank.name, rank.achieved.score) == (1, "Estelle Loua", 0)
    assert door.get("/missions/classement?span=day&day=2026-10-14").context["ranks"] == []
