"""The best way to some tenants, asked over the API."""

import pytest

from tests.factories import make_lease, make_property, make_unit


@pytest.fixture
def doors(cast):
    """Four tenants along one road at Conakry, in no order, and one whose house is nowhere."""
    return [
        make_lease(
            unit=make_unit(
                make_property(site=cast.conakry, latitude=latitude, longitude=longitude)
            )
        ).tenant
        for latitude, longitude in (
            (9.53, -13.68), (9.51, -13.70), (9.54, -13.67), (9.52, -13.69), (None, None),
        )
    ]  # fmt: skip


OFFICE = {"latitude": 9.509, "longitude": -13.701}


def test_stops_come_in_the_order_of_the_road(call, doors):
    asked = {"tenants": [tenant.pk for tenant in doors], "start": OFFICE, "departure": "09:00"}
    route = call("estelle").post("/api/map/route", asked)
    assert route.status_code == 200, route.content
    told = route.json()
    first, second, third, fourth, nowhere = doors
    assert [stop["tenant"] for stop in told["stops"]] == [
        second.pk, fourth.pk, first.pk, third.pk,
    ]  # fmt: skip
    assert [stop["order"] for stop in told["stops"]] == [1, 2, 3, 4]
    assert told["unserved"] == [{"tenant": nowhere.pk, "name": nowhere.name, "reason": "no_place"}]
    assert told["distance_m"] == sum(stop["distance_m"] for stop in told["stops"])
    assert told["distance_m"] == told["baseline_distance_m"]
    assert told["solver"] == "exact"
    assert told["stops"][0]["begins_at"] == "09:00"
    assert told["geometry"]["type"] == "LineString"
    assert told["geometry"]["coordinates"][0] == [-13.701, 9.509]
    assert len(told["geometry"]["coordinates"]) == 5


def test_a_tenant_is_met_when_at_home_and_left_out_when_there_is_no_time(call, doors):
    first, second = doors[:2]
    asked = {
        "tenants": [first.pk, second.pk],
        "start": OFFICE,
        "time_windows": [
            {"tenant": first.pk, "from": "10:00", "to": "10:10"},
            {"tenant": second.pk, "from": "18:00", "to": "19:00"},
        ],
        "until": "18:05",
    }
    told = call("estelle").post("/api/map/route", asked).json()
    assert [(stop["tenant"], stop["begins_at"], stop["leaves_at"]) for stop in told["stops"]] == [
        (first.pk, "10:00", "10:15")
    ]
    assert [one["reason"] for one in told["unserved"]] == ["no_time"]


def test_several_agents_share_the_stops(call, doors):
    asked = {"tenants": [tenant.pk for tenant in doors[:4]], "start": OFFICE, "agents": 2}
    told = call("estelle").post("/api/map/route", asked).json()
    assert [stop["agent"] for stop in told["stops"]] == [1, 1, 2, 2]
    assert told["solver"] == "pyvrp"
    assert told["geometry"]["type"] == "MultiLineString"


def test_more_agents_than_doors_and_none_at_all(call, doors):
    alone = {"tenants": [doors[0].pk], "agents": 20}
    assert len(call("estelle").post("/api/map/route", alone).json()["stops"]) == 1
    nowhere = {"tenants": [doors[4].pk], "agents": 2}
    told = call("estelle").post("/api/map/route", nowhere).json()
    assert (told["stops"], told["distance_m"]) == ([], 0)
    assert [one["reason"] for one in told["unserved"]] == ["no_place"]


def test_tenants_of_another_branch_do_not_exist(call, cast, doors):
    answer = call("estelle").post("/api/map/route", {"tenants": [cast.far_lease.tenant_id]})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "does_not_exist")


def test_a_route_stays_in_one_branch(call, cast, doors):
    both = {"tenants": [doors[0].pk, cast.far_lease.tenant_id]}
    assert call("awa").post("/api/map/route", both).json()["errors"][0]["field"] == "tenants"


def test_only_who_sees_the_map_asks_for_a_route(call, doors):
    asked = {"tenants": [doors[0].pk]}
    assert call("coumba").post("/api/map/route", asked).status_code == 403


def test_the_hours_that_a_tenant_told_hold_unless_others_are_named(call, doors):
    late, free = doors[:2]
    asked = {"tenants": [late.pk, free.pk], "start": OFFICE, "departure": "09:00"}
    hours = {"visit_from": "17:00", "visit_until": "19:30"}
    said = call("bachir").patch(f"/api/tenants/{late.pk}", {**hours, "visit_days": [1, 6]})
    assert (said.json()["visit_from"], said.json()["visit_days"]) == ("17:00", [1, 6])
    told = call("estelle").post("/api/map/route", asked).json()["stops"]
    assert [(stop["tenant"], stop["begins_at"]) for stop in told][1] == (late.pk, "17:00")
    asked["time_windows"] = [{"tenant": late.pk, "from": "09:00", "to": "12:00"}]
    told = call("estelle").post("/api/map/route", asked).json()["stops"]
    assert max(stop["begins_at"] for stop in told) < "12:00"
