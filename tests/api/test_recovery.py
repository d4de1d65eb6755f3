"""Calls, visits, promises and cases through the API's door."""

import base64
import uuid
from datetime import date

import pytest
import time_machine

from payments.models import Payment
from payments.services.collecting import cancel_payment
from recovery.models import Case, Contact, Photo, Promise
from tests.api.conftest import Caller
from tests.factories import charge, pay
from tests.pictures import JPEG

TODAY = date(2026, 10, 15)
FRIDAY = date(2026, 10, 23)
pytestmark = pytest.mark.usefixtures("mid_october")


@pytest.fixture
def late(cast):
    """Gassim is late with a million since July."""
    charge(cast.lease, 1_000_000, date(2026, 7, 5))
    return cast.tenant


def promised(tenant, **fields) -> dict:
    promise = {"date": FRIDAY.isoformat(), "amount": 600_000}
    return {"tenant": tenant.pk, "result": "promise", "promise": promise, **fields}


def visited(lease, **fields) -> dict:
    return {
        "client_id": str(uuid.uuid4()),
        "tenant": lease.tenant_id,
        "visited_at": "2026-10-15T09:30:00Z",
        "duration_minutes": 12,
        "result": "payment",
        "payment": {"lease": lease.pk, "amount": 400_000},
        "latitude": 9.58,
        "longitude": -13.65,
        "accuracy": 15,
        **fields,
    }


def test_a_call_brings_a_promise_once(call, late):
    told = promised(late, client_id=str(uuid.uuid4()), called_at="2026-10-15T09:00:00Z", notes="x")
    first = call("coumba").post("/api/recovery/calls", told)
    assert first.status_code == 201
    body = first.json()
    assert (body["result"], body["owed"], body["agent"]) == (
        "promise",
        1_000_000,
        Contact.objects.get().made_by_id,
    )
    assert (body["promise"]["status"], body["promise"]["amount"]) == ("pending", 600_000)
    again = call("coumba").post("/api/recovery/calls", told)
    assert (again.status_code, again.json()["id"]) == (201, body["id"])
    other = call("coumba").post("/api/recovery/calls", {**told, "notes": "another"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Contact.objects.count() == Promise.objects.count() == 1


def test_a_visit_records_money_as_any_payment(call, cast, late):
    photo = base64.b64encode(JPEG).decode()
    told = visited(cast.lease, photos=[photo], promise={"date": "2026-10-23", "amount": 9})
    first = call("estelle").post("/api/recovery/visits", told)
    assert first.status_code == 201
    body = first.json()
    assert body["payment"]["receipt"]["number"].startswith("RC-")
    assert (body["payment"]["balance"], body["payment"]["collected_by"]) == (
        600_000,
        cast.estelle.pk,
    )
    assert (body["latitude"], body["photos"], body["owed"]) == (9.58, 1, 1_000_000)
    again = call("estelle").post("/api/recovery/visits", told)
    assert (again.status_code, again.json()["id"]) == (201, body["id"])
    assert Payment.objects.count() == Photo.objects.count() == 1
    # What was given at the visit keeps no promise that was made with it.
    assert (Promise.objects.get().received, Case.objects.get().balance) == (0, 600_000)


def test_a_visit_with_money_is_answered_byte_for_byte_under_its_key(call, cast, late):
    key = {"HTTP_IDEMPOTENCY_KEY": "visit-1"}
    told = visited(cast.lease, client_id=None)
    first = call("estelle").post("/api/recovery/visits", told, **key)
    again = call("estelle").post("/api/recovery/visits", told, **key)
    assert (first.content, again["Idempotency-Replayed"]) == (again.content, "true")
    naked = call("estelle").post("/api/recovery/visits", told)
    assert (naked.status_code, Payment.objects.count()) == (400, 1)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("calls", {"result": "payment"}),
        ("calls", {"result": "promise"}),
        ("calls", {"result": "refused", "promise": {"date": "2026-10-23", "amount": 5}}),
        ("calls", {"result": "promise", "promise": {"date": "2026-10-14", "amount": 5}}),
        ("calls", {"result": "promise", "promise": {"date": "2036-10-14", "amount": 5}}),
        ("calls", {"result": "refused", "called_at": "2026-10-16T10:00:00Z"}),
        ("visits", {"result": "payment"}),
        ("visits", {"result": "no_answer"}),
        ("visits", {"result": "absent", "photos": ["AAAA"]}),
    ],
)
def test_refuses_what_does_not_fit_together(call, late, path, told):
    answer = call("bachir").post(f"/api/recovery/{path}", {"tenant": late.pk, **told})
    assert answer.status_code == 400, answer.json()
    assert not Contact.objects.exists()


def test_a_refused_payment_leaves_no_visit(call, cast, late):
    told = visited(cast.lease, payment={"lease": cast.lease.pk, "amount": 5, "method": "wave"})
    cast.conakry.rules.create(name="methods", value="cash", valid_from=date(2000, 1, 1))
    assert call("estelle").post("/api/recovery/visits", told).status_code == 400
    assert not Contact.objects.exists() and not Payment.objects.exists()


def test_what_became_of_a_promise_is_read_in_the_journal(call, cast, late):
    call("coumba").post("/api/recovery/calls", promised(late))
    address = f"/api/recovery/promises/{Promise.objects.get().pk}"
    pay(cast.lease, 200_000, TODAY)
    with time_machine.travel("2026-10-24 10:00:00+00:00"):
        coumba = Caller(cast.coumba)
        assert coumba.get(address).json()["status"] == "partly_kept"
        payment = pay(cast.lease, 400_000, FRIDAY)
        body = coumba.get(address).json()
        assert (body["status"], body["received"], body["left"]) == ("kept", 600_000, 0)
        cancel_payment(actor=cast.diallo, payment=payment, reason="returned")
        cancel_payment(
            actor=cast.diallo, payment=Payment.objects.confirmed().get(), reason="returned"
        )
        assert coumba.get(address).json()["status"] == "broken"
        listed = coumba.get("/api/recovery/promises?status=broken").json()
        assert [row["left"] for row in listed["results"]] == [600_000]
        for status in ("pending", "kept", "partly_kept", "cancelled"):
            found = coumba.get(f"/api/recovery/promises?status={status}").json()
            assert found["count"] == 0
        late_word = coumba.patch(address, {"amount": 5})
        assert (late_word.status_code, late_word.json()["code"]) == (409, "promise_decided")


def test_a_promise_is_corrected_or_cancelled_while_it_is_awaited(call, cast, late):
    call("coumba").post("/api/recovery/calls", promised(late))
    address = f"/api/recovery/promises/{Promise.objects.get().pk}"
    etag = call("coumba").get(address)["ETag"]
    moved = call("coumba").patch(address, {"date": "2026-10-30"}, HTTP_IF_MATCH=etag)
    assert moved.json()["date"] == "2026-10-30"
    stale = call("coumba").patch(address, {"amount": 7}, HTTP_IF_MATCH=etag)
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    assert call("coumba").patch(address, {"status": "kept"}).status_code == 400
    assert call("coumba").patch(address, {"status": "cancelled"}).status_code == 400
    gone = call("coumba").patch(address, {"status": "cancelled", "reason": "error"})
    assert (gone.json()["status"], gone.json()["reason"]) == ("cancelled", "error")
    assert call("diallo").patch(address, {"amount": 7}).status_code == 403


def test_a_new_promise_takes_the_place_of_the_one_awaited(call, late):
    for _time in range(2):
        call("coumba").post("/api/recovery/calls", promised(late))
    statuses = Promise.objects.order_by("pk")
    assert [promise.status for promise in statuses] == ["cancelled", "pending"]


def test_cases_show_balance_age_and_next_step(call, cast, late):
    charge(cast.lease, 50_000, TODAY, kind="other")
    body = call("coumba").get("/api/recovery/cases").json()
    (case,) = body["results"]
    assert (case["balance"], case["oldest_due"], case["days_late"]) == (
        1_050_000,
        "2026-07-05",
        102,
    )
    assert (case["d0_30"], case["d90_plus"], case["arrears"]) == (50_000, 1_000_000, 1_050_000)
    assert (case["stage"]["position"], case["status"]) == (0, "open")
    for asked, number in (("min_days=102", 1), ("min_days=103", 0), ("status=settled", 0)):
        assert call("coumba").get(f"/api/recovery/cases?{asked}").json()["count"] == number


def test_the_history_tells_everything_newest_first(call, cast, late):
    pay(cast.lease, 5, date(2026, 9, 1))
    call("coumba").post("/api/recovery/calls", promised(late, called_at="2026-10-15T08:00:00Z"))
    body = call("coumba").get(f"/api/recovery/history/{late.pk}").json()
    kinds = [event["kind"] for event in body["results"]]
    assert kinds == ["promise", "call", "payment"]
    assert body["before"] is None
    older = call("coumba").get(f"/api/recovery/history/{late.pk}?before=2026-10-01T00:00:00Z")
    assert [event["kind"] for event in older.json()["results"]] == ["payment"]


def test_the_days_figures_are_counted_by_person(call, cast, late):
    call("coumba").post("/api/recovery/calls", promised(late))
    call("coumba").post("/api/recovery/calls", {"tenant": late.pk, "result": "no_answer"})
    call("estelle").post("/api/recovery/visits", visited(cast.lease))
    body = call("bachir").get("/api/recovery/stats/daily?date=2026-10-15").json()
    (total,) = body["totals"]
    assert (total["calls"], total["reached"], total["visits"]) == (2, 2, 1)
    assert (total["promises"], total["promised"], total["collected"]) == (1, 600_000, 400_000)
    assert {row["person"]: row["calls"] for row in body["people"]} == {
        "Coumba Sylla": 2,
        "Estelle Loua": 0,
    }
    due = call("bachir").get("/api/recovery/stats/daily?date=2026-10-23").json()["totals"]
    assert [(row["due"], row["due_amount"]) for row in due] == [(1, 600_000)]


def test_each_role_does_its_own(call, cast, late):
    told = {"tenant": late.pk, "result": "no_answer"}
    for name, call_status, visit_status, stats in (
        ("coumba", 201, 403, 403),
        ("estelle", 201, 201, 403),
        ("bachir", 201, 201, 200),
        ("diallo", 403, 403, 403),
        ("fode", 403, 403, 403),
        ("gassim", 403, 403, 403),
    ):
        caller = call(name)
        assert caller.post("/api/recovery/calls", told).status_code == call_status, name
        visit = caller.post("/api/recovery/visits", {**told, "result": "absent"})
        assert visit.status_code == visit_status, name
        assert caller.get("/api/recovery/stats/daily").status_code == stats, name


def test_another_branch_sees_nothing_of_it(call, cast, late):
    call("coumba").post("/api/recovery/calls", promised(late))
    promise = Promise.objects.get()
    hadja = call("hadja")
    assert hadja.get("/api/recovery/cases").json()["count"] == 0
    assert hadja.get("/api/recovery/promises").json()["count"] == 0
    assert hadja.get(f"/api/recovery/promises/{promise.pk}").status_code == 404
    assert hadja.patch(f"/api/recovery/promises/{promise.pk}", {"amount": 1}).status_code == 404
    assert hadja.get(f"/api/recovery/history/{late.pk}").status_code == 404
    assert hadja.post("/api/recovery/calls", promised(late)).status_code == 400
    assert hadja.get("/api/recovery/stats/daily").json()["totals"] == []
    assert call("fode").get("/api/recovery/cases").json()["count"] == 0
