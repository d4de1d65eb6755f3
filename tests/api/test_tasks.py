"""What matters most to an agent today, and why."""

from datetime import date, timedelta

import pytest
import time_machine

from recovery.services.contacts import log_visit
from tests.factories import charge, make_lease, make_property, make_unit

TODAY = date(2026, 10, 15)
pytestmark = pytest.mark.usefixtures("mid_october")


@pytest.fixture
def late(cast):
    def make(days: int, amount: int, house=None):
        house = house or make_property(site=cast.conakry)
        lease = make_lease(unit=make_unit(house), start=date(2025, 1, 1))
        charge(lease, amount, TODAY - timedelta(days=days))
        return lease

    return make


def tasks(caller, agent, query="") -> list[dict]:
    answer = caller.get(f"/api/tasks/today/{agent.pk}{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_three_visits_that_matter_most_each_with_its_reasons(call, cast, late):
    estelle = cast.estelle
    old, large = late(70, 200_000), late(10, 1_000_000)
    neighbour = late(30, 500_000, house=large.property)
    small = late(5, 100_000)
    with time_machine.travel("2026-10-01 10:00:00+00:00"):
        log_visit(actor=estelle, tenant=old.tenant, result="absent")
    call("bachir").post("/api/agents/missions/generate", {"site": "GN_CONAKRY"})
    found = tasks(call("estelle"), estelle)
    by_tenant = {task["tenant"]: task for task in found}
    assert small.tenant_id not in by_tenant
    assert found[0]["tenant"] == large.tenant_id
    assert by_tenant[large.tenant_id]["components"] == {
        "urgency": 50, "impact": 100, "affinity": 60, "dependency": 20,
    }  # fmt: skip
    assert by_tenant[large.tenant_id]["priority"] == 67  # 17.5 + 35 + 12 + 2, rounded
    assert by_tenant[large.tenant_id]["reasons"] == ["large_debt", "several_at_the_door"]
    assert by_tenant[neighbour.tenant_id]["components"]["urgency"] == 70
    assert by_tenant[old.tenant_id]["components"] == {
        "urgency": 100, "impact": 60, "affinity": 0, "dependency": 0,
    }  # fmt: skip
    assert by_tenant[old.tenant_id]["reasons"] == ["very_late", "hard_to_win"]
    assert found[0]["duration_minutes"] == 15
    assert len(tasks(call("estelle"), estelle, "?limit=10")) == 4


def test_a_visit_that_was_made_matters_no_more_and_strangers_see_nothing(call, cast, late):
    lease = late(40, 500_000)
    assert cast.estelle
    call("bachir").post("/api/agents/missions/generate", {"site": "GN_CONAKRY"})
    assert len(tasks(call("bachir"), cast.estelle)) == 1
    assert tasks(call("hadja"), cast.estelle) == tasks(call("coumba"), cast.estelle) == []
    log_visit(actor=cast.estelle, tenant=lease.tenant, result="refused")
    assert tasks(call("estelle"), cast.estelle) == []
