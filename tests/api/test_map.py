"""The map over the API: who is late where, and where colleagues are."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from agents.models import Position
from agents.services.positions import forget_positions
from tests.factories import charge, make_lease, make_property, make_unit, pay

TODAY = date(2026, 10, 31)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-10-31 09:00:00+00:00", tick=True):
        yield


def owing(site, amount: int, days: int, *, at: tuple[float, float] | None = (9.6, -13.6)):
    """Sign a lease at a place and charge it an amount that was due so many days ago."""
    place = {"latitude": at[0], "longitude": at[1]} if at else {}
    lease = make_lease(unit=make_unit(make_property(site=site, **place)))
    charge(lease, amount, TODAY - timedelta(days=days))
    return lease


def seen(caller, query="") -> list[tuple]:
    answer = caller.get(f"/api/map/late-tenants{query}")
    assert answer.status_code == 200, answer.content
    told = [one["properties"] for one in answer.json()["features"]]
    return [(one["tenant"], one["count"], one["amount"], one["priority"]) for one in told]


def test_late_tenants_stand_where_they_live_with_what_they_owe(call, cast):
    worst = owing(cast.conakry, 900_000, 61)
    urgent = owing(cast.conakry, 800_000, 60)
    late = owing(cast.conakry, 700_000, 30)
    pay(late, 200_000)
    owing(cast.conakry, 600_000, 0)  # due today
    owing(cast.conakry, 600_000, 40, at=None)  # nobody knows where
    pay(owing(cast.conakry, 500_000, 50), 500_000)
    owing(cast.kindia, 900_000, 90)
    assert seen(call("estelle")) == [
        (worst.tenant_id, 1, 900_000, "critical"),
        (urgent.tenant_id, 1, 800_000, "urgent"),
        (late.tenant_id, 1, 500_000, "normal"),
    ]
    assert len(seen(call("estelle"), "?min_days=31")) == 2
    told = call("estelle").get("/api/map/late-tenants").json()
    assert told["type"] == "FeatureCollection"
    assert told["features"][0]["geometry"] == {"type": "Point", "coordinates": [-13.6, 9.6]}
    assert told["features"][0]["properties"]["days_late"] == 61


def test_a_box_keeps_what_lies_in_it(call, cast):
    here = owing(cast.conakry, 900_000, 10, at=(9.51, -13.71))
    owing(cast.conakry, 900_000, 10, at=(9.70, -13.50))
    assert [row[0] for row in seen(call("estelle"), "?bbox=-13.8,9.5,-13.6,9.6")] == [
        here.tenant_id
    ]
    for wrong in ("1,2,3", "a,b,c,d", "1,2,3,inf", "1,2,3,4,5"):
        assert call("estelle").get(f"/api/map/late-tenants?bbox={wrong}").status_code == 400


def test_tenants_who_would_lie_on_one_another_are_one_spot(call, cast):
    owing(cast.conakry, 900_000, 70, at=(9.600, -13.600))
    owing(cast.conakry, 100_000, 10, at=(9.601, -13.601))
    alone = owing(cast.conakry, 300_000, 40, at=(9.900, -13.000))
    assert seen(call("estelle"), "?zoom=8") == [
        (alone.tenant_id, 1, 300_000, "urgent"),
        (None, 2, 1_000_000, "critical"),
    ]
    assert len(seen(call("estelle"), "?zoom=18")) == 3


def test_amounts_of_two_currencies_are_never_added(call, cast):
    cast.awa.assignments.create(site=cast.dakar)
    owing(cast.conakry, 900_000, 10)
    owing(cast.dakar, 50_000, 10)
    assert {row[2] for row in seen(call("awa"), "?zoom=3")} == {900_000, 50_000}


def test_only_who_sees_the_map_asks_it(call, cast):
    assert call("coumba").get("/api/map/late-tenants").status_code == 403
    assert call("fode").get("/api/map/late-tenants").status_code == 403


# Positions

HERE = {"latitude": 9.6, "longitude": -13.6, "accuracy": 12}


def positions(caller) -> list[str]:
    return [one["name"] for one in caller.get("/api/map/positions").json()["results"]]


def test_a_position_is_seen_by_the_leads_of_the_branch_and_by_oneself(call, cast):
    told = call("estelle").post("/api/map/positions", HERE)
    assert told.status_code == 201, told.content
    assert told.json() == {
        "agent": cast.estelle.pk,
        "name": "Estelle Loua",
        "site": "GN_CONAKRY",
        **HERE,
        "taken_at": told.json()["taken_at"],
    }
    call("bachir").post("/api/map/positions", HERE)
    assert positions(call("bachir")) == positions(call("awa"))
    assert sorted(positions(call("bachir"))) == ["Bachir Camara", "Estelle Loua"]
    assert positions(call("estelle")) == ["Estelle Loua"]
    assert positions(call("hadja")) == []
    assert call("coumba").get("/api/map/positions").status_code == 403


def test_the_newest_position_is_told_and_one_older_than_two_hours_is_not(call, cast):
    now = timezone.now()
    for minutes in (121, 30, 50):
        taken = (now - timedelta(minutes=minutes)).isoformat()
        told = {**HERE, "latitude": 9 + minutes / 100, "taken_at": taken}
        assert call("estelle").post("/api/map/positions", told).status_code == 201
    found = call("bachir").get("/api/map/positions").json()["results"]
    assert [one["latitude"] for one in found] == [9.3]
    with time_machine.travel(now + timedelta(minutes=91)):
        assert positions(call("bachir")) == []


def test_a_position_told_twice_is_one_and_none_lies_in_the_future(call, cast):
    told = {**HERE, "taken_at": "2026-10-31T08:55:00Z"}
    first = call("estelle").post("/api/map/positions", told).json()
    assert call("estelle").post("/api/map/positions", told).json() == first
    assert Position.objects.count() == 1
    later = {**HERE, "taken_at": "2026-10-31T10:00:00Z"}
    refused = call("estelle").post("/api/map/positions", later)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "taken_at")


def test_positions_are_forgotten_after_two_hours_or_the_days_of_the_setting(call, cast, settings):
    for taken in ("2026-10-31T08:00:00Z", "2026-10-31T06:00:00Z", "2026-10-28T06:00:00Z"):
        call("estelle").post("/api/map/positions", {**HERE, "taken_at": taken})
    settings.POSITION_HISTORY_DAYS = 2
    forget_positions()
    assert Position.objects.count() == 2
    settings.POSITION_HISTORY_DAYS = 0
    forget_positions()
    assert Position.objects.count() == 1
