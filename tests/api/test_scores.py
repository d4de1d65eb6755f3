"""What agents achieved: only from what they did themselves, equals on one rank."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments.services.collecting import cancel_payment
from recovery.services.contacts import log_call, log_visit
from tests.cast import make_user
from tests.factories import charge, make_lease

pytestmark = pytest.mark.usefixtures("mid_october")


@pytest.fixture
def visit(cast):
    """Return a function by which an agent visits somebody who is late."""

    def make(agent, result, *, days_ago=0, amount=100_000, site=None):
        lease = make_lease(site=site or cast.conakry, start=timezone.localdate() - timedelta(400))
        charge(lease, 500_000, timezone.localdate() - timedelta(days=40))
        told = {"made_at": timezone.now() - timedelta(days=days_ago), "result": result}
        if result == "promise":
            due = timezone.localdate() + timedelta(days=3)
            told["promise"] = {"amount": amount, "due_on": due}
        if result == "payment":
            told["payment"] = {"lease": lease, "amount": amount, "method": "cash"}
        return log_visit(actor=agent, tenant=lease.tenant, **told)

    return make


def told(rank: dict) -> tuple:
    return (rank["rank"], rank["name"], rank["score"], rank["amount"], rank["medal"])


def test_the_score_counts_visits_promises_payments_and_refusals(call, cast, visit):
    estelle = cast.estelle
    visit(estelle, "payment", amount=100_000)  # 1 + 3
    visit(estelle, "promise")  # 1 + 2
    visit(estelle, "refused")  # 1 - 1
    visit(estelle, "absent")
    refused = visit(estelle, "absent", days_ago=2).tenant
    log_call(actor=estelle, tenant=refused, result="refused")  # -1
    (rank,) = call("bachir").get("/api/agents/ranking/day").json()["results"]
    assert told(rank) == (1, "Estelle Loua", 6, 100_000, "gold")
    counts = {name: rank[name] for name in ("visits", "promises", "payments", "refusals")}
    assert counts == {"visits": 3, "promises": 1, "payments": 1, "refusals": 2}


def test_equals_share_a_rank_and_the_next_one_counts_them(call, cast, visit):
    agents = [make_user(f"{name} Kanté", "agent", cast.conakry) for name in "ABCD"]
    for agent, results in zip(
        agents, (["promise"], ["payment", "promise"], ["promise"], ["refused"]), strict=True
    ):
        for result in results:
            visit(agent, result)
    visit(make_user("Loin Diallo", "agent", cast.kindia), "payment", site=cast.kindia)
    visit(cast.bachir, "payment")
    ranks = call("bachir").get("/api/agents/ranking/month?month=2026-10").json()
    assert (ranks["first"], ranks["last"]) == ("2026-10-01", "2026-10-31")
    assert [told(rank) for rank in ranks["results"]] == [
        (1, "B Kanté", 7, 100_000, "gold"),
        (2, "A Kanté", 3, 0, "silver"),
        (2, "C Kanté", 3, 0, "silver"),
        (4, "D Kanté", 0, 0, ""),
    ]
    assert call("bachir").get("/api/agents/ranking/day?date=2026-10-14").json()["results"] == []


def test_a_cancelled_payment_counts_no_more(call, cast, visit):
    contact = visit(cast.estelle, "payment")
    cancel_payment(actor=cast.diallo, payment=contact.payment, reason="Faux billets")
    (rank,) = call("bachir").get("/api/agents/ranking/day").json()["results"]
    assert told(rank)[2:4] == (1, 0)


def test_an_agent_reads_the_own_days_and_no_other(call, cast, visit):
    visit(cast.estelle, "payment", amount=200_000)
    visit(cast.estelle, "promise", days_ago=3)
    mine = call("estelle").get(f"/api/agents/{cast.estelle.pk}/performance").json()
    assert (mine["total"]["score"], mine["total"]["amount"], mine["currency"]) == (
        7, 200_000, "GNF",
    )  # fmt: skip
    assert [(day["date"], day["achieved"]["score"]) for day in mine["days"]] == [
        ("2026-10-12", 3),
        ("2026-10-15", 4),
    ]
    address = f"/api/agents/{cast.estelle.pk}/performance"
    assert call("bachir").get(f"{address}?from=2026-10-15").json()["total"]["score"] == 4
    assert call("hadja").get(address).status_code == 404
    assert call("estelle").get(f"/api/agents/{cast.bachir.pk}/performance").status_code == 403
    assert call("bachir").get(f"{address}?from=2020-01-01").status_code == 400
    assert call("estelle").get("/api/agents/ranking/day").status_code == 403
