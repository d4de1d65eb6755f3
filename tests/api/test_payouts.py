"""Owners' statements and payout runs through the API's door."""

from datetime import date

import pytest

from payments.models import Payout
from payments.services.payouts import approve_payouts
from tests.factories import charge, pay

ASK = {"period": "2026-01", "site": "GN_CONAKRY"}


@pytest.fixture
def paid(cast):
    charge(cast.lease, 1_000_000, date(2026, 1, 1), end=date(2026, 1, 31))
    return pay(cast.lease, 1_000_000, date(2026, 1, 4))


def test_a_run_is_prepared_once(call, cast, paid):
    first = call("diallo").post("/api/payouts/run", ASK)
    assert first.status_code == 200
    body = first.json()
    assert (body["period"], body["site"], body["status"]) == ("2026-01", "GN_CONAKRY", "prepared")
    assert body["created"] == 1
    assert body["payouts"][0]["payable"] == 882_000
    again = call("diallo").post("/api/payouts/run", ASK).json()
    assert (again["id"], again["created"]) == (body["id"], 0)
    assert Payout.objects.count() == 1


def test_refuses_roles_branches_and_nonsense(call, cast, paid):
    for name in ("coumba", "bachir", "fode"):
        assert call(name).post("/api/payouts/run", ASK).status_code == 403
    elsewhere = call("diallo").post("/api/payouts/run", ASK | {"site": cast.kindia.pk})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "site_forbidden")
    for wrong in ({"period": "2026"}, {"period": "2999-01"}, {"value_date": "2025-12-31"}):
        assert call("diallo").post("/api/payouts/run", ASK | wrong).status_code == 400
    empty = call("awa").post("/api/payouts/run", ASK | {"site": cast.kindia.pk})
    assert (empty.status_code, empty.json()["code"]) == (409, "nothing_to_pay")


def test_a_statement_is_live_until_it_is_issued(call, cast, paid):
    address = f"/api/owners/{cast.owner.pk}/statement"
    month = {"period": "2026-01"}
    live = call("fode").get(address, month).json()
    assert (live["owner"], live["period"], live["currency"]) == (cast.owner.pk, "2026-01", "GNF")
    assert (live["collected"], live["commission"], live["expenses"]) == (1_000_000, 118_000, 0)
    assert (live["advances"], live["tax"], live["payable"]) == (0, 0, 882_000)
    assert live["status"] == "open"
    (line,) = live["lines"]
    assert (line["receipt"], line["net"]) == (paid.receipt.number, 882_000)
    call("diallo").post("/api/payouts/run", ASK)
    run = Payout.objects.get().run
    approve_payouts(actor=cast.awa, run=run)
    issued = call("fode").get(address, month).json()
    assert (issued["status"], issued["payable"]) == ("paid", 882_000)
    assert issued["numbers"] == [Payout.objects.get().number]
    assert issued["lines"] == live["lines"]


def test_an_owner_reads_only_his_own(call, cast, paid):
    address = f"/api/owners/{cast.owner.pk}/statement"
    assert call("hadja").get(address).status_code == 404
    assert call("gassim").get(address).status_code == 403
    assert call("estelle").get(address).status_code == 403
    assert call("diallo").get(address, {"period": "janvier"}).status_code == 400
    assert call("fode").get("/api/owners/999999/statement").status_code == 404
