"""The missions of a day: planned by leads, walked by agents."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest

from agents.models import Mission, Stop
from recovery.services.contacts import log_visit
from sites_app.services.branches import set_rule
from tests.cast import make_user
from tests.factories import (
    charge,
    make_lease,
    make_promise,
    make_property,
    make_tenant,
    make_unit,
    pay,
)

TODAY = date(2026, 10, 15)
pytestmark = pytest.mark.usefixtures("mid_october")


@pytest.fixture
def late(cast):
    """Return a function that makes somebody late: ``late(days, amount, place)``."""

    def make(days=40, amount=500_000, place=("9.60", "-13.60"), *, house=None, site=None):
        house = house or make_property(
            site=site or cast.conakry,
            quartier=f"Quartier {place[0]}",
            latitude=place[0],
            longitude=place[1],
        )
        lease = make_lease(unit=make_unit(house), start=date(2025, 1, 1))
        charge(lease, amount, TODAY - timedelta(days=days))
        return lease

    return make


def plan(caller, **said) -> dict:
    answer = caller.post("/api/agents/missions/generate", {"site": "GN_CONAKRY", **said})
    assert answer.status_code == 200, answer.content
    return answer.json()


def at_most(cast, visits: int) -> None:
    rule = {"name": "visits_per_day", "value": str(visits), "valid_from": date(2020, 1, 1)}
    set_rule(actor=cast.admin, site=cast.conakry, **rule)


def test_late_tenants_become_the_visits_of_the_day(call, cast, late):
    far, near = late(place=("9.70", "-13.50")), late(place=("9.53", "-13.70"))
    cast.conakry.latitude, cast.conakry.longitude = "9.51", "-13.71"
    cast.conakry.save()
    assert cast.estelle
    late(site=cast.kindia)
    pay(late(), 500_000)
    assert plan(call("bachir")) == {
        "date": "2026-10-15",
        "created": 1,
        "existing": 0,
        "tenants": 2,
        "amount": 1_000_000,
        "unassigned": 0,
    }
    (mission,) = call("estelle").get("/api/agents/missions/today").json()["results"]
    assert (mission["agent"], mission["state"], mission["currency"]) == (
        cast.estelle.pk, "planned", "GNF",
    )  # fmt: skip
    assert [(stop["order"], stop["tenant"]) for stop in mission["stops"]] == [
        (1, near.tenant_id),
        (2, far.tenant_id),
    ]
    assert mission["stops"][0]["days_late"] == 40


def test_planning_twice_adds_nothing_but_who_is_late_since(call, cast, late):
    assert cast.estelle
    late()
    plan(call("bachir"))
    again = plan(call("bachir"))
    assert (again["created"], again["existing"], again["tenants"]) == (0, 1, 1)
    newcomer = late()
    assert plan(call("bachir"))["tenants"] == 2
    stop = Stop.objects.get(tenant=newcomer.tenant)
    assert (stop.position, Mission.objects.count()) == (2, 1)


def test_the_most_urgent_come_first_and_the_rest_is_unassigned(call, cast, late):
    assert cast.estelle
    at_most(cast, 2)
    late(days=10, amount=9_000_000)
    urgent, critical = late(days=40, amount=100_000), late(days=70, amount=50_000)
    planned = plan(call("bachir"))
    assert (planned["tenants"], planned["unassigned"]) == (2, 1)
    assert set(Stop.objects.values_list("tenant", flat=True)) == {
        urgent.tenant_id,
        critical.tenant_id,
    }


def test_without_agents_everybody_is_unassigned(call, late):
    late()
    assert plan(call("bachir"))["unassigned"] == 1


def test_several_share_the_doors_by_quarter_and_load(call, cast, late):
    estelle, other = cast.estelle, make_user("Ibrahima Kanté", "agent", cast.conakry)
    make_user("Loin Diallo", "agent", cast.kindia)
    north = [late(place=("9.70", "-13.60")) for _door in range(3)]
    south = [late(place=("9.50", "-13.70")) for _door in range(3)]
    assert plan(call("bachir"))["created"] == 2
    walked = {
        agent: set(Stop.objects.filter(mission__agent=agent).values_list("tenant", flat=True))
        for agent in (estelle, other)
    }
    quarters = [{lease.tenant_id for lease in part} for part in (north, south)]
    assert sorted(walked.values(), key=min) == sorted(quarters, key=min)


def test_a_house_of_many_is_one_stretch_of_the_way(call, cast, late):
    assert cast.estelle
    first = late(days=70)
    late(days=65, place=("9.50", "-13.70"))
    second = late(days=10, house=first.property)
    plan(call("bachir"))
    (mission,) = call("estelle").get("/api/agents/missions/today").json()["results"]
    order = [stop["tenant"] for stop in mission["stops"]]
    assert abs(order.index(first.tenant_id) - order.index(second.tenant_id)) == 1


def test_who_is_to_be_left_alone_is_not_visited(call, cast, late):
    assert cast.estelle
    make_promise(late().tenant)
    shy = late().tenant
    shy.do_not_contact = True
    shy.save()
    assert plan(call("bachir"))["tenants"] == 0


def test_nobody_is_visited_on_a_day_on_which_nobody_is_there(call, cast, late):
    assert cast.estelle
    thursday, friday = late().tenant, late().tenant
    for tenant, day in ((thursday, 4), (friday, 5)):
        tenant.visit_days = [day]
        tenant.save()
    assert plan(call("bachir"))["tenants"] == 1  # TODAY is a Thursday
    assert Stop.objects.get().tenant == thursday
    assert plan(call("bachir"), date="2026-10-16")["tenants"] == 1


def test_a_stop_says_when_to_come_and_what_to_beware_of(call, cast, late):
    lease = late()
    assert cast.estelle
    lease.tenant.visit_from = time(17)
    lease.tenant.save()
    note = {"landmark": "Face à la mosquée", "safety_note": "Chien dans la cour"}
    call("bachir").patch(f"/api/properties/{lease.property_id}", note)
    plan(call("bachir"))
    (mission,) = call("estelle").get("/api/agents/missions/today").json()["results"]
    (stop,) = mission["stops"]
    assert (stop["safety_note"], stop["visit_from"], stop["visit_until"]) == (
        "Chien dans la cour", "17:00", None,
    )  # fmt: skip
    (tenant,) = call("estelle").get("/api/sync/pull").json()["changes"]["tenants"]
    assert tenant["home"]["safety_note"] == "Chien dans la cour"
    assert tenant["visiting_hours"].endswith("17:00")


def test_planning_anew_keeps_what_is_begun(call, cast, late):
    estelle, other = cast.estelle, make_user("Ibrahima Kanté", "agent", cast.conakry)
    for place in (("9.70", "-13.60"), ("9.50", "-13.70")):
        late(place=place)
    plan(call("bachir"))
    begun = Mission.objects.get(agent=estelle)
    stop = begun.stops.get()
    log_visit(actor=estelle, tenant=stop.tenant, result="absent")
    left = Mission.objects.get(agent=other).pk
    planned = plan(call("bachir"), anew=True)
    assert (planned["existing"], planned["tenants"]) == (1, 2)
    assert begun.stops.filter(pk=stop.pk).exists()
    assert not Mission.objects.filter(pk=left).exists()
    (mission,) = call("estelle").get("/api/agents/missions/today").json()["results"]
    assert mission["stops"][0]["result"] == "absent"


def test_a_visit_that_names_its_mission_is_a_stop_of_it_and_begins_it(call, cast, late):
    tenant, stranger = late().tenant, make_tenant(site=cast.conakry)
    assert cast.estelle
    plan(call("bachir"))
    mission = Mission.objects.get()

    def visit(person="estelle", **said):
        body = {"tenant": tenant.pk, "result": "absent", "mission": mission.pk, **said}
        return call(person).post("/api/recovery/visits", body)

    def refused(answer):
        (error,) = answer.json()["errors"]
        return answer.status_code, error["code"], error["field"]

    assert refused(visit(tenant=stranger.pk)) == (400, "no_such_stop", "mission")
    yesterday = "2026-10-14T10:00:00Z"
    assert refused(visit(visited_at=yesterday)) == (400, "no_such_stop", "mission")
    assert refused(visit("hadja", tenant=make_tenant(site=cast.kindia).pk))[2] == "mission"
    client_id = str(uuid4())
    done = visit(client_id=client_id)
    assert done.status_code == 201
    (told,) = call("estelle").get("/api/agents/missions/today").json()["results"]
    assert (told["state"], told["stops"][0]["result"]) == ("begun", "absent")
    call("estelle").patch(f"/api/agents/missions/{mission.pk}", {"state": "done"})
    assert refused(visit()) == (409, "mission_done", "mission")
    assert visit(client_id=client_id).json() == done.json()


def test_an_agent_says_that_the_mission_is_begun_and_sees_no_other(call, cast, late):
    late()
    assert cast.estelle
    plan(call("bachir"))
    mission = Mission.objects.get()
    address = f"/api/agents/missions/{mission.pk}"
    said = call("estelle").patch(address, {"state": "begun", "notes": "Pluie"})
    assert (said.status_code, said.json()["state"]) == (200, "begun")
    assert said.json()["version"] == mission.version + 1
    stale = call("estelle").patch(address, {"state": "done"}, HTTP_IF_MATCH='"1"')
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    other = make_user("Ibrahima Kanté", "agent", cast.conakry)
    cast.ibrahima = other
    assert call("ibrahima").patch(address, {"state": "done"}).status_code == 404
    assert call("hadja").get(address).status_code == 404
    assert call("estelle").post("/api/agents/missions/generate", {}).status_code == 403
    own = call("bachir").get(f"/api/agents/{cast.estelle.pk}/missions?date=2026-10-15")
    assert [one["id"] for one in own.json()["results"]] == [mission.pk]
    none = call("bachir").get(f"/api/agents/{cast.estelle.pk}/missions?status=done")
    assert none.json()["results"] == []


def test_the_best_way_of_a_mission(call, cast, late):
    leases = [late(place=(f"9.5{number}", "-13.6")) for number in (3, 1, 2)]
    assert cast.estelle
    plan(call("bachir"))
    asked = {"mission": Mission.objects.get().pk, "start": {"latitude": 9.5, "longitude": -13.6}}
    route = call("estelle").post("/api/map/route", asked)
    assert [stop["tenant"] for stop in route.json()["stops"]] == [
        leases[1].tenant_id, leases[2].tenant_id, leases[0].tenant_id,
    ]  # fmt: skip
    assert call("hadja").post("/api/map/route", asked).status_code == 400


def test_the_telephone_carries_the_mission_of_today(call, cast, late):
    assert cast.estelle
    lease = late()
    plan(call("bachir"))
    pulled = call("estelle").get("/api/sync/pull").json()["changes"]
    (mission,) = pulled["missions"]
    assert (mission["date"], mission["state"]) == ("2026-10-15", "planned")
    assert [stop["tenant"] for stop in mission["stops"]] == [lease.tenant_id]
