"""Money through the API's door: once, whole, and only by those who may."""

import json
from datetime import date

import pytest

from payments.models import Payment, Receipt
from tests.factories import charge, make_lease, pay

KEY = {"HTTP_IDEMPOTENCY_KEY": "0f0e-1"}


@pytest.fixture
def owed(cast):
    """Gassim owes January and February 2026, a million each."""
    for month in (1, 2):
        charge(cast.lease, 1_000_000, date(2026, month, 1), end=date(2026, month, 28))
    return cast.lease


def ask(lease, **fields):
    return {"lease": lease.pk, "amount": 1_400_000, "method": "cash", **fields}


def test_records_a_payment_with_its_receipt(call, owed):
    answer = call("coumba").post("/api/payments", ask(owed, value_date="2026-02-03"), **KEY)
    assert answer.status_code == 201
    body = answer.json()
    january, february = owed.charges.order_by("period_start")
    assert body["allocations"] == [
        {"charge": january.pk, "period": "2026-01", "kind": "rent", "amount": 1_000_000},
        {"charge": february.pk, "period": "2026-02", "kind": "rent", "amount": 400_000},
    ]
    receipt = Receipt.objects.get()
    assert (body["lease"], body["tenant"]) == (owed.pk, owed.tenant_id)
    assert (body["amount"], body["currency"], body["status"]) == (1_400_000, "GNF", "confirmed")
    assert (body["unallocated"], body["balance"]) == (0, 600_000)
    assert body["value_date"] == "2026-02-03"
    assert body["created_at"].endswith("Z")
    assert body["receipt"]["number"] == receipt.number
    assert body["receipt"]["url"].endswith(f"/api/receipts/{receipt.number}.pdf")
    assert body["receipt"]["verify_url"].endswith(f"/verify/{receipt.code}")
    assert call("coumba").get(f"/api/payments/{body['id']}").json() == body


def test_the_same_key_gives_the_first_answer_byte_for_byte(call, owed):
    first = call("coumba").post("/api/payments", ask(owed), **KEY)
    again = call("coumba").post("/api/payments", json.dumps(ask(owed), indent=1), **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Payment.objects.count() == Receipt.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(call, owed):
    call("coumba").post("/api/payments", ask(owed), **KEY)
    answer = call("coumba").post("/api/payments", ask(owed, amount=1), **KEY)
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert Payment.objects.count() == 1


def test_a_key_belongs_to_its_caller(call, owed):
    call("coumba").post("/api/payments", ask(owed), **KEY)
    assert call("diallo").post("/api/payments", ask(owed, amount=1), **KEY).status_code == 201


def test_a_refused_request_leaves_its_key_free(call, owed):
    assert call("coumba").post("/api/payments", ask(owed, amount=-5), **KEY).status_code == 400
    assert call("coumba").post("/api/payments", ask(owed), **KEY).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "é"])
def test_refuses_a_strange_key(call, owed, key):
    answer = call("coumba").post("/api/payments", ask(owed), HTTP_IDEMPOTENCY_KEY=key)
    assert answer.status_code == 400
    assert not Payment.objects.exists()


def test_needs_a_key_or_a_reference(call, owed):
    answer = call("coumba").post("/api/payments", ask(owed))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "reference"


def test_the_same_reference_is_the_same_payment(call, owed):
    first = call("coumba").post("/api/payments", ask(owed, reference="OM-77"))
    again = call("diallo").post("/api/payments", ask(owed, reference="OM-77"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "duplicate": True}
    assert Payment.objects.count() == 1


def test_the_same_reference_with_other_contents_is_a_conflict(call, owed):
    call("coumba").post("/api/payments", ask(owed, reference="OM-77"))
    answer = call("coumba").post("/api/payments", ask(owed, reference="OM-77", amount=3))
    assert answer.status_code == 409
    assert answer.json()["code"] == "reference_conflict"


@pytest.mark.parametrize(
    "amount", ["1500", "mille", 0, -5, 1.5, 1e3, True, None, [], 10**12 + 1, 10**13, 10**40]
)
def test_refuses_what_is_no_amount(call, owed, amount):
    answer = call("coumba").post("/api/payments", ask(owed, amount=amount), **KEY)
    assert answer.status_code == 400
    assert answer.json()["code"] == "validation_error"
    assert [error["field"] for error in answer.json()["errors"]] == ["amount"]
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "body", ['{"amount": NaN}', "{", "[]", "3", '"x"', "[" * 100_000, "\xff", '{"a": "\\ud800"}']
)
def test_refuses_what_is_no_json_of_ours(call, owed, body):
    answer = call("coumba").post("/api/payments", body, **KEY)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_refuses_other_kinds_of_content(call, owed):
    answer = call("coumba").generic("POST", "/api/payments", "a=1", "text/plain", **KEY)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_refuses_a_body_without_end(call, owed, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = call("coumba").post("/api/payments", ask(owed, notes="x" * 200), **KEY)
    assert answer.status_code == 413


@pytest.mark.parametrize("lease", [0, -1, 999_999, 10**30, "x", 1.5, True, None, "1; DROP TABLE"])
def test_refuses_an_unknown_lease(call, owed, lease):
    answer = call("coumba").post("/api/payments", ask(owed) | {"lease": lease}, **KEY)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "lease"


def test_a_lease_of_another_branch_is_unknown(call, cast):
    answer = call("coumba").post("/api/payments", ask(cast.far_lease), **KEY)
    unknown = call("coumba").post("/api/payments", ask(cast.far_lease) | {"lease": 10**6}, **KEY)
    assert answer.status_code == unknown.status_code == 400
    assert answer.json()["errors"][0]["code"] == unknown.json()["errors"][0]["code"]


def test_refuses_an_ended_lease_that_owes_nothing(call, cast):
    lease = make_lease(unit=cast.unit, start=date(2026, 1, 1), end=date(2026, 2, 1))
    answer = call("coumba").post("/api/payments", ask(lease), **KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "lease_ended")


def test_refuses_who_may_not_record(call, owed, cast):
    answer = call("gassim").post("/api/payments", ask(owed), **KEY)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_cancels_once_and_says_so_twice(call, owed):
    paid = call("diallo").post("/api/payments", ask(owed), **KEY).json()
    address = f"/api/payments/{paid['id']}/cancel"
    first = call("diallo").post(address, {"reason": "Mauvais locataire"})
    again = call("diallo").post(address, {"reason": "Mauvais locataire"})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["status"] == "cancelled"
    assert first.json()["balance"] == 2_000_000
    assert first.json()["allocations"] == []
    assert again.json() == first.json()


def test_cancelling_needs_a_reason_and_the_right(call, owed):
    paid = call("diallo").post("/api/payments", ask(owed), **KEY).json()
    address = f"/api/payments/{paid['id']}/cancel"
    assert call("diallo").post(address, {}).status_code == 400
    assert call("coumba").post(address, {"reason": "x"}).status_code == 403
    assert call("hadja").post(address, {"reason": "x"}).status_code == 404


def test_pages_by_cursor_there_and_back(call, owed):
    numbers = [pay(owed, 1000 + n, date(2026, 3, 1 + n // 3)).pk for n in range(7)]
    caller = call("coumba")
    first = caller.get("/api/payments?page_size=3").json()
    assert set(first) == {"next", "previous", "results"}
    second = caller.get(first["next"]).json()
    third = caller.get(second["next"]).json()
    shown = [row["id"] for page in (first, second, third) for row in page["results"]]
    assert shown == numbers[::-1]
    assert (first["previous"], third["next"]) == (None, None)
    assert caller.get(third["previous"]).json()["results"] == second["results"]
    back = caller.get(second["previous"]).json()
    assert back["results"] == first["results"]
    assert back["previous"] is None
    assert caller.get("/api/payments?cursor=nonsense").status_code == 404


def test_filters_payments(call, owed):
    cash = pay(owed, 1000, date(2026, 3, 1))
    wave = pay(owed, 2000, date(2026, 3, 5), method="wave")

    def found(query):
        return [row["id"] for row in call("coumba").get(f"/api/payments?{query}").json()["results"]]

    assert found("method=cash") == [cash.pk]
    assert found("from=2026-03-02&to=2026-03-31") == [wave.pk]
    assert found(f"lease={owed.pk}&tenant={owed.tenant_id}") == [wave.pk, cash.pk]
    assert found("status=cancelled") == []
    assert call("coumba").get("/api/payments?method=gold").status_code == 400
    assert call("coumba").get("/api/payments?from=yesterday").status_code == 400


def test_the_list_asks_the_same_questions_however_long(call, owed, django_assert_num_queries):
    caller = call("coumba")
    for n in range(3):
        pay(owed, 1000 + n, date(2026, 3, 1))
    caller.get("/api/payments")
    with django_assert_num_queries(LIST_QUERIES):
        caller.get("/api/payments")
    for n in range(5):
        pay(owed, 2000 + n, date(2026, 3, 1))
    with django_assert_num_queries(LIST_QUERIES):
        caller.get("/api/payments")


#: Payments, allocations, receipts and balances; who asks is remembered.
LIST_QUERIES = 4


def test_another_branch_sees_nothing(call, owed, cast):
    paid = pay(owed, 1000, date(2026, 3, 1), reference="SECRET")
    hadja = call("hadja")
    assert hadja.get("/api/payments").json()["results"] == []
    assert hadja.get(f"/api/payments/{paid.pk}").status_code == 404
    assert hadja.get(f"/api/payments?lease={owed.pk}").json()["results"] == []
    assert hadja.get(f"/api/charges?lease={owed.pk}").json()["count"] == 0
    assert hadja.get(f"/api/tenants/{owed.tenant_id}/statement").status_code == 404


def test_owner_and_tenant_see_their_own(call, owed, cast):
    paid = pay(owed, 1000, date(2026, 3, 1))
    other = make_lease(site=cast.conakry)
    pay(other, 1000, date(2026, 3, 1))
    for name in ("fode", "gassim"):
        shown = call(name).get("/api/payments").json()["results"]
        assert [row["id"] for row in shown] == [paid.pk]


def test_lists_charges(call, owed):
    pay(owed, 1_400_000, date(2026, 2, 3))
    caller = call("coumba")
    page = caller.get(f"/api/charges?lease={owed.pk}").json()
    assert page["count"] == 2
    assert [(row["period"], row["status"], row["left"]) for row in page["results"]] == [
        ("2026-02", "partial", 600_000),
        ("2026-01", "paid_late", 0),
    ]
    assert caller.get("/api/charges?period=2026-02").json()["count"] == 1
    assert caller.get("/api/charges?status=partial").json()["count"] == 1
    assert caller.get("/api/charges?overdue=true").json()["count"] == 1
    assert caller.get("/api/charges?period=hier").status_code == 400


def test_runs_the_rent_of_a_month_once(call, cast):
    lease = cast.lease
    ask = {"period": "2026-03", "site": "GN_CONAKRY"}
    first = call("diallo").post("/api/charges/run", ask)
    again = call("diallo").post("/api/charges/run", ask)
    assert first.status_code == 200
    assert first.json()["period"] == "2026-03"
    assert (first.json()["created"], first.json()["existing"], first.json()["failed"]) == (2, 0, [])
    assert (again.json()["created"], again.json()["existing"]) == (0, 2)
    assert lease.charges.count() == 2  # the rent, and the branch tax of 5 %


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"period": "mars", "site": "GN_CONAKRY"}, 400),
        ({"site": "GN_CONAKRY"}, 400),
        ({"period": "2999-01", "site": "GN_CONAKRY"}, 400),
        ({"period": "2026-03", "site": "GN_KINDIA"}, 403),
        ({"period": "2026-03", "site": "NOWHERE"}, 403),
    ],
)
def test_refuses_a_run_that_makes_no_sense(call, cast, body, status):
    assert cast.lease and cast.far_lease
    assert call("diallo").post("/api/charges/run", body).status_code == status


def test_only_some_may_run_the_rent(call, cast):
    assert call("coumba").post("/api/charges/run", {"period": "2026-03"}).status_code == 403


def test_shows_a_tenants_account(call, owed):
    pay(owed, 300_000, date(2026, 2, 3))
    account = (
        call("coumba")
        .get(f"/api/tenants/{owed.tenant_id}/statement?from=2026-02-01&to=2026-02-28")
        .json()
    )
    assert account["opening_balance"] == 1_000_000
    assert [(line["debit"], line["credit"]) for line in account["lines"]] == [
        (1_000_000, 0),
        (0, 300_000),
    ]
    assert account["closing_balance"] == account["lines"][-1]["balance"] == 1_700_000
    assert account["currency"] == "GNF"
    address = f"/api/tenants/{owed.tenant_id}/statement"
    assert call("coumba").get(f"{address}?from=2026-03-01&to=2026-02-01").status_code == 400
    assert call("coumba").get(f"{address}?from=x").status_code == 400


def test_hands_out_the_receipt(call, owed):
    number = call("coumba").post("/api/payments", ask(owed), **KEY).json()["receipt"]["number"]
    paper = call("gassim").get(f"/api/receipts/{number}.pdf")
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF")
    assert call("hadja").get(f"/api/receipts/{number}.pdf").status_code == 404
    assert call("coumba").get("/api/receipts/RC-0.pdf").status_code == 404
