"""Figures of the branches through the API's door."""

from datetime import date

import pytest
import time_machine

from payments.models import AgencyCost
from tests.factories import charge, make_lease, make_unit, pay

FIGURES = (
    "/api/dashboard/summary",
    "/api/dashboard/sites",
    "/api/dashboard/good-payers",
    "/api/reporting/finance",
)


@pytest.fixture(autouse=True)
def _late_november():
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        yield


@pytest.fixture
def books(cast):
    """Gassim: August to October paid in time, November by half; a vacant unit beside his."""
    make_unit(cast.house, "A2")
    for month in (8, 9, 10, 11):
        charge(cast.lease, 1_000_000, date(2026, month, 1), due=date(2026, month, 5))
    for month in (8, 9, 10):
        pay(cast.lease, 1_000_000, date(2026, month, 3))
    pay(cast.lease, 400_000, date(2026, 11, 10))
    AgencyCost.objects.create(
        site=cast.conakry, month=date(2026, 11, 1), category="salaries", amount=100_000
    )
    return cast.lease


def test_sums_the_branches_up(call, books):
    body = call("bachir").get("/api/dashboard/summary?period=month").json()
    assert body["period"] == {"name": "month", "from": "2026-11-01", "to": "2026-11-20"}
    assert (body["sites"], body["tenants"], body["currency"]) == (1, 1, "GNF")
    assert body["occupancy"] == {"units": 2, "let": 1, "vacant": 1, "percent": 50}
    assert (body["charged"], body["collected"], body["payments"]) == (1_000_000, 400_000, 1)
    assert body["arrears"] == {"count": 1, "amount": 600_000, "partial": 1, "unpaid": 0}
    year = call("bachir").get("/api/dashboard/summary?period=year").json()
    assert (year["charged"], year["collected"], year["punctuality"]) == (4_000_000, 3_400_000, 100)
    assert call("bachir").get("/api/dashboard/summary?period=century").status_code == 400


def test_never_adds_across_currencies(call, cast, books):
    cast.awa.assignments.create(site=cast.dakar)
    pay(make_lease(site=cast.dakar, rent=50_000), 50_000, date(2026, 11, 2))
    body = call("awa").get("/api/dashboard/summary").json()
    collected = {part["currency"]: part["collected"] for part in body["currencies"]}
    assert collected == {"GNF": 400_000, "XOF": 50_000}
    assert (body["currency"], body["collected"]) == ("GNF", 400_000)
    dakar = call("awa").get("/api/dashboard/summary?site=SN_DAKAR").json()
    assert (dakar["currency"], dakar["collected"], dakar["sites"]) == ("XOF", 50_000, 1)


def test_tells_each_branch_apart(call, cast, books):
    pay(cast.far_lease, 70_000, date(2026, 11, 2))
    rows = call("awa").get("/api/dashboard/sites").json()["results"]
    assert [(row["site"], row["collected"], row["tenants"]) for row in rows] == [
        ("GN_CONAKRY", 400_000, 1),
        ("GN_KINDIA", 70_000, 1),
    ]
    assert [row["site"] for row in call("hadja").get("/api/dashboard/sites").json()["results"]] == [
        "GN_KINDIA"
    ]


def test_names_who_pays_well(call, cast, books):
    bad = make_lease(site=cast.conakry)
    for month in (8, 9, 10):
        charge(bad, 1_000, date(2026, month, 1))
    assert call("bachir").get("/api/dashboard/good-payers").json()["results"] == []
    pay(books, 600_000, date(2026, 11, 19))
    body = call("bachir").get("/api/dashboard/good-payers?limit=5").json()
    assert [(row["name"], row["settled"], row["on_time"]) for row in body["results"]] == [
        ("Gassim Touré", 4, 3)
    ]
    assert body["results"][0]["percent"] == 75
    assert call("bachir").get("/api/dashboard/good-payers?limit=x").status_code == 400


def test_reports_the_finances(call, books):
    body = call("diallo").get("/api/reporting/finance?range=3m").json()
    assert body["period"] == {"name": "3m", "from": "2026-08-21", "to": "2026-11-20"}
    assert body["income"]["total"] == 2_400_000
    assert body["income"]["count"] == 3
    counts = [body["income"][name] for name in ("on_time", "late", "partial")]
    assert sum(counts) == 3
    assert sum(body["income"]["amounts"].values()) == 2_400_000
    assert (body["costs"]["salaries"], body["costs"]["total"]) == (100_000, 100_000)
    assert body["summary"] == {"net": 2_300_000, "margin_percent": 95.8}
    assert sum(month["income"] for month in body["months"]) == 2_400_000
    assert [month["month"] for month in body["months"]][-1] == "2026-11"
    assert body["arrears"]["total"] == 600_000
    assert body["currency"] == "GNF"
    october = call("diallo").get("/api/reporting/finance?range=1m&to=2026-10-31").json()
    assert (october["income"]["total"], october["costs"]["total"]) == (1_000_000, 0)


@pytest.mark.parametrize(
    "query", ["range=2m", "range=", "to=yesterday", "to=2027-01-01", "to=0001-01-01"]
)
def test_refuses_spans_that_make_no_sense(call, cast, query):
    assert call("diallo").get(f"/api/reporting/finance?{query}").status_code == 400


@pytest.mark.parametrize(
    ("kind", "begins"), [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF")]
)
def test_hands_the_report_out_as_a_file(call, books, kind, begins):
    answer = call("diallo").get(f"/api/reporting/finance.{kind}?range=1m")
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert f".{kind}" in answer["Content-Disposition"]


def test_figures_are_fresh_after_a_payment(call, books):
    def collected():
        return call("bachir").get("/api/dashboard/summary").json()["collected"]

    assert collected() == 400_000
    sent = {"lease": books.pk, "amount": 100_000, "method": "cash", "reference": "R-1"}
    assert call("coumba").post("/api/payments", sent).status_code == 201
    assert collected() == 500_000


@pytest.mark.django_db(transaction=True)  # within a transaction, nothing is remembered
@pytest.mark.parametrize("address", FIGURES)
def test_what_was_answered_costs_no_question_again(call, books, address, django_assert_num_queries):
    first = call("bachir").get(address)
    assert first.status_code == 200
    with django_assert_num_queries(0):
        assert call("bachir").get(address).content == first.content


@pytest.mark.parametrize("address", FIGURES)
@pytest.mark.parametrize("name", ["fode", "gassim", "estelle"])
def test_figures_of_a_branch_are_for_its_staff(call, books, address, name):
    answer = call(name).get(address)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize("address", FIGURES)
def test_another_branch_is_forbidden(call, books, address):
    answer = call("hadja").get(address, HTTP_X_SITE_ID="GN_CONAKRY")
    assert (answer.status_code, answer.json()["code"]) == (403, "site_forbidden")
