"""Telephones that worked without network: everything arrives once, or with a reason."""

import base64
import gzip
import json
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Device
from agents.models import Mission, Operation, Position, Stop
from payments.models import HandOver, Payment, Receipt
from payments.services.closing import close_period
from recovery.models import Contact, Photo, Promise
from recovery.services.cases import refresh_cases
from tenants.services import correct_tenant
from tests.factories import charge, make_lease, make_promise, make_tenant
from tests.pictures import JPEG

TELEPHONE = str(uuid.UUID(int=1))
NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
HAND_OVER = {"notes": {"20000": 35}}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def operation(entity, data, *, kind="create", made_at=NOW, client_id=None, **more):
    return {
        "client_id": client_id or str(uuid.uuid4()),
        "kind": kind,
        "entity": entity,
        "data": data,
        "made_at": made_at.isoformat(),
        **more,
    }


def edit(tenant, version, **data):
    return operation("tenant", data, kind="update", id=tenant.pk, base_version=version)


@pytest.fixture
def push(call):
    """Return a function by which a telephone (Estelle's first) sends operations."""

    def send(*operations, device=TELEPHONE, person="estelle", **more):
        asked = {"device": device, "operations": operations, **more}
        answer = call(person).post("/api/sync/push", asked)
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    return send


def visit_with_cash(lease, amount=400_000, code="ABCDEFGH2345", **more):
    payment = {"lease": lease.pk, "amount": amount, "receipt_code": code}
    data = {"tenant": lease.tenant_id, "result": "payment", "payment": payment}
    return operation("visit", data, **more)


def late(lease, actor, amount=1_000_000):
    charge(lease, amount, date(2026, 9, 1))
    refresh_cases(actor=actor, site=lease.site)
    return lease


def test_everything_that_a_person_does_outside_arrives(cast, push):
    lease = cast.lease
    visit = visit_with_cash(lease)
    photo = base64.b64encode(JPEG).decode()
    results = push(
        operation("position", {"latitude": 9.5, "longitude": -13.7, "accuracy": 12}),
        visit,
        operation("photo", {"visit": visit["client_id"], "photo": photo}),
        operation("promise", {"tenant": lease.tenant_id, "date": "2026-10-31", "amount": 300_000}),
        operation("payment", {"lease": lease.pk, "amount": 100_000}),
        operation("hand_over", {"notes": {"20000": 25}}),
        edit(lease.tenant, 1, phones=["622112233", "+224 625 00 00 01"], notes="Chien"),
    )
    assert [result["status"] for result in results] == ["applied"] * 7
    assert Position.objects.get().agent == cast.estelle
    assert Contact.objects.get().payment.amount == 400_000
    assert Photo.objects.get().contact.client_id == uuid.UUID(visit["client_id"])
    assert Promise.objects.get().amount == 300_000
    assert HandOver.objects.get().declared == 500_000
    lease.tenant.refresh_from_db()
    assert lease.tenant.notes == "Chien"
    assert lease.tenant.phone == "+224622112233"


def test_the_code_on_the_provisional_paper_becomes_that_of_the_receipt(client, cast, push):
    assert client.get("/verify/ABCDEFGH2345").status_code == 404
    (result,) = push(visit_with_cash(cast.lease))
    receipt = Receipt.objects.get()
    assert result["receipt"] == {"number": receipt.number, "code": "ABCDEFGH2345"}
    assert receipt.number in client.get("/verify/ABCDEFGH2345").content.decode()


def test_a_code_that_stands_on_another_receipt_is_refused_and_no_money_moves(cast, push):
    push(visit_with_cash(cast.lease))
    (result,) = push(visit_with_cash(cast.lease))
    assert result["problem"]["code"] == "code_taken"
    assert Payment.objects.count() == 1


def test_the_same_push_twice_changes_nothing_and_answers_the_same(cast, push):
    operations = [visit_with_cash(cast.lease), operation("visit", {"tenant": 0})]
    first, second = push(*operations), push(*operations)
    assert [result["status"] for result in first] == ["applied", "rejected"]
    assert [result["status"] for result in second] == ["duplicate", "rejected"]
    assert [{**result, "status": ""} for result in first] == [
        {**result, "status": ""} for result in second
    ]
    assert Payment.objects.count() == 1


def test_the_same_key_with_other_contents_or_of_another_person_is_refused(cast, push):
    first = visit_with_cash(cast.lease)
    push(first)
    other = visit_with_cash(cast.lease, 500_000, client_id=first["client_id"])
    stranger = {"device": str(uuid.uuid4()), "person": "bachir"}
    for (result,) in (push(other), push(first, **stranger)):
        assert result["problem"]["code"] == "idempotency_key_reused"
    assert Payment.objects.get().amount == 400_000


def test_one_bad_operation_never_blocks_the_others(cast, push):
    bad = [
        3,
        {"client_id": "no"},
        operation("visit", {"tenant": cast.far_lease.tenant_id, "result": "absent"}),
        operation("payment", {"lease": cast.lease.pk, "amount": 0}),
        operation("tenant", {}, kind="create"),
        operation("tenant", {}, kind="update"),
        operation("photo", {"visit": str(uuid.uuid4()), "photo": ""}),
        operation("hand_over", {"notes": {"7": 1}}),
        operation("hand_over", {"notes": {"10000": 1}}),
        operation("visit", {"tenant": cast.tenant.pk, "result": "absent", "notes": "\x00"}),
    ]
    results = push(*bad, operation("visit", {"tenant": cast.tenant.pk, "result": "absent"}))
    assert {result["status"] for result in results[:-1]} == {"rejected"}
    assert all(result["problem"]["code"] for result in results[:-1])
    assert results[-1]["status"] == "applied"


def test_what_is_refused_among_many_leaves_the_others_and_no_gap_in_the_numbers(cast, push):
    leases = [cast.lease, *(make_lease(site=cast.conakry) for _door in range(4))]
    leases[2].state = "cancelled"
    leases[2].save()
    codes = ["ABCDEFGH2345", "ABCDEFGH2346", "ABCDEFGH2347", "ABCDEFGH2348", "ABCDEFGH2345"]
    visits = [visit_with_cash(lease, code=code) for lease, code in zip(leases, codes, strict=True)]
    results = push(*visits)
    told = [result["problem"] and result["problem"]["code"] for result in results]
    assert told == [None, None, "lease_ended", None, "code_taken"]
    assert list(Receipt.objects.order_by("pk").values_list("sequence", flat=True)) == [1, 2, 3]
    assert Contact.objects.count() == Payment.objects.count() == 3


def test_what_was_done_with_one_tenant_keeps_its_order(cast, push):
    lease, other = late(cast.lease, cast.bachir), late(make_lease(site=cast.conakry), cast.bachir)
    amounts = [100_000, 250_000, 650_000]
    visits = [visit_with_cash(lease, amount, code="") for amount in amounts]
    push(visits[0], visit_with_cash(other), visits[1], operation("hand_over", HAND_OVER), visits[2])
    assert HandOver.objects.get().declared == 700_000
    receipts = Receipt.objects.filter(lease=lease).order_by("sequence")
    assert [receipt.amount for receipt in receipts] == amounts
    assert [receipt.content["balance"] for receipt in receipts] == [900_000, 650_000, 0]
    owed = Contact.objects.filter(tenant=lease.tenant).order_by("pk").values_list("owed", flat=True)
    assert list(owed) == [1_000_000, 900_000, 650_000]


def test_cash_is_handed_to_a_colleague_whom_the_telephone_knows(cast, push, pull):
    bachir, hadja = cast.bachir, cast.hadja
    (told,) = pull()["changes"]["receivers"]
    assert (told["id"], told["site"]) == (bachir.pk, "GN_CONAKRY")
    push(visit_with_cash(cast.lease))
    notes = {"notes": {"20000": 20}}
    mine, foreign = push(
        operation("hand_over", {**notes, "receiver": bachir.pk, "site": "GN_CONAKRY"}),
        operation("hand_over", {**notes, "receiver": hadja.pk}),
    )
    assert (mine["status"], foreign["problem"]["errors"][0]["field"]) == ("applied", "receiver")
    assert HandOver.objects.get().target.holder == bachir


def test_many_doors_cost_as_many_statements_as_few(cast, push):
    leases = [late(make_lease(site=cast.conakry), cast.bachir) for _door in range(6)]
    promise = {"date": "2026-10-31", "amount": 300_000}

    def statements(doors):
        visits = [visit_with_cash(lease, code="") for lease in doors]
        visits[0]["data"]["promise"] = promise
        with CaptureQueriesContext(connection) as asked:
            assert {result["status"] for result in push(*visits)} == {"applied"}
        # Small tables are looked at by their size; the rest must not depend on how many there are.
        return sum("ANALYZE" not in query["sql"] for query in asked)

    statements(leases[:1])  # which opens accounts
    assert statements(leases[1:3]) == statements(leases[3:])


def test_money_for_a_closed_month_is_refused_with_the_reason(cast, push):
    charge(cast.lease, 1_000_000, date(2026, 9, 1))
    close_period(actor=cast.diallo, site=cast.conakry, month=date(2026, 9, 1))
    made_at = datetime(2026, 9, 29, 10, tzinfo=UTC)
    (result,) = push(visit_with_cash(cast.lease, made_at=made_at))
    assert result["problem"]["code"] == "period_closed"
    assert Payment.objects.count() == 0


# Whoever edits what others edit


def test_edits_of_different_fields_are_both_kept(cast, push):
    tenant = cast.tenant
    correct_tenant(actor=cast.bachir, tenant=tenant, notes="Appeler le soir")
    (result,) = push(edit(tenant, 1, email="gassim@example.org"))
    assert (result["status"], result["version"]) == ("applied", 3)
    tenant.refresh_from_db()
    assert (tenant.notes, tenant.email) == ("Appeler le soir", "gassim@example.org")


def test_edits_of_the_same_field_are_a_conflict_with_both_states(cast, push):
    tenant = cast.tenant
    correct_tenant(actor=cast.bachir, tenant=tenant, notes="Appeler le soir")
    asked = edit(tenant, 1, notes="Appeler le matin", email="gassim@example.org")
    (result,) = push(asked)
    assert push(asked) == [result]
    assert result["status"] == "conflict"
    assert result["conflict"] == {
        "server": {"version": 2, "notes": "Appeler le soir", "email": ""},
        "mine": {"notes": "Appeler le matin", "email": "gassim@example.org"},
        "fields": ["notes"],
    }
    (mine,) = push(edit(tenant, 2, notes="Appeler le matin"))
    assert mine["status"] == "applied"


def test_telephones_that_the_office_changed_meanwhile_are_a_conflict(cast, push):
    tenant = cast.tenant
    correct_tenant(actor=cast.bachir, tenant=tenant, phones=[("+224622000000", True)])
    (result,) = push(edit(tenant, 1, phones=["+224622112233", "+224625000001"]))
    assert result["conflict"]["server"] == {"version": 2, "phones": ["+224622000000"]}
    assert result["conflict"]["fields"] == ["phones"]


def test_the_same_edit_on_two_telephones_is_no_conflict(cast, push):
    first, second = (edit(cast.tenant, 1, notes="Portail bleu") for _telephone in range(2))
    assert push(first)[0]["status"] == "applied"
    assert push(second, device=str(uuid.uuid4()))[0]["status"] == "applied"


# Clocks


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_wrong_by_a_day_is_seen_through(cast, push, days):
    wrong = timedelta(days=days)
    made_at = NOW - timedelta(hours=2) + wrong
    sent_at = (NOW + wrong).isoformat()
    (result,) = push(visit_with_cash(cast.lease, made_at=made_at), sent_at=sent_at)
    assert result["done_at"] == "2026-10-20T07:00:00Z"
    assert Payment.objects.get().value_date == date(2026, 10, 20)
    assert Operation.objects.get().made_at == made_at


@pytest.mark.parametrize("made_at", [NOW + timedelta(days=1), datetime(1970, 1, 1, tzinfo=UTC)])
def test_what_no_clock_can_mean_was_done_when_it_came(cast, push, made_at):
    push(visit_with_cash(cast.lease, made_at=made_at))
    assert Payment.objects.get().value_date == date(2026, 10, 20)


# Devices


def test_a_telephone_gets_its_key_until_it_is_cut_off(client, cast, call):
    ask = {"device": TELEPHONE}
    told = call("estelle").post("/api/sync/device", ask).json()
    assert len(base64.b64decode(told["key"])) == 32
    assert call("estelle").post("/api/sync/device", ask).json() == told
    assert call("bachir").post("/api/sync/device", ask).json()["code"] == "device_taken"
    client.force_login(cast.estelle)
    assert b"device:" in client.get("/profil/connexions").content
    client.post("/profil/connexions", {"end": f"device:{Device.objects.get().pk}"})
    for address, body in (
        ("/api/sync/device", ask),
        ("/api/sync/push", {**ask, "operations": []}),
    ):
        answer = call("estelle").post(address, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "device_cut_off")
    answer = call("estelle").get(f"/api/sync/pull?device={TELEPHONE}")
    assert (answer.status_code, answer.json()["code"]) == (403, "device_cut_off")


def test_nobody_cuts_off_the_telephone_of_another(client, cast, call):
    call("estelle").post("/api/sync/device", {"device": TELEPHONE})
    client.force_login(cast.bachir)
    client.post("/profil/connexions", {"end": f"device:{Device.objects.get().pk}"})
    assert Device.objects.get().cut_off_at is None


def test_who_has_no_missions_has_no_telephone(call):
    assert call("coumba").post("/api/sync/device", {"device": TELEPHONE}).status_code == 403


# What a telephone holds


@pytest.fixture
def pull(call):
    def ask(cursor=None, person="estelle"):
        address = "/api/sync/pull" + (f"?cursor={cursor}" if cursor else "")
        answer = call(person).get(address)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return ask


def test_a_telephone_is_told_whom_to_visit_and_then_only_what_changed(cast, push, pull):
    lease = late(cast.lease, cast.bachir)
    make_tenant(site=cast.conakry)
    first = pull()
    (tenant,) = first["changes"]["tenants"]
    assert (tenant["id"], tenant["late"], tenant["phones"]) == (
        lease.tenant_id, 1_000_000, ["+224622112233"],
    )  # fmt: skip
    assert [row["left"] for row in first["changes"]["charges"]] == [1_000_000]
    nothing = pull(first["cursor"])
    assert not any(nothing["changes"].values())
    assert not any(nothing["deleted"].values())
    push(visit_with_cash(lease))
    later = pull(nothing["cursor"])
    assert [row["late"] for row in later["changes"]["tenants"]] == [600_000]
    assert [row["left"] for row in later["changes"]["charges"]] == [600_000]
    assert later["changes"]["leases"] == []


def test_who_is_no_longer_assigned_is_deleted(cast, push, pull):
    lease = late(cast.lease, cast.bachir)
    first = pull()
    push(visit_with_cash(lease, 1_000_000))
    told = pull(first["cursor"])
    assert told["deleted"]["tenants"] == [lease.tenant_id]
    assert told["deleted"]["leases"] == [lease.pk]
    assert len(told["deleted"]["charges"]) == 1


def test_a_planned_day_is_all_that_the_telephone_holds_beside_awaited_promises(cast, pull):
    leases = [late(make_lease(site=cast.conakry), cast.bachir) for _door in range(3)]
    first, second, third = [lease.tenant for lease in leases]
    mission = Mission.objects.create(site=cast.conakry, agent=cast.estelle, day=NOW.date())
    Stop.objects.create(
        site=cast.conakry, mission=mission, day=NOW.date(), position=1, tenant=second,
        property=leases[1].property, amount=1_000_000, days_late=49,
    )  # fmt: skip
    make_promise(third, actor=cast.estelle)
    make_promise(first, actor=cast.bachir)
    told = pull()["changes"]
    assert {row["id"] for row in told["tenants"]} == {second.pk, third.pk}
    assert [stop["tenant"] for stop in told["missions"][0]["stops"]] == [second.pk]
    assert len(pull(person="bachir")["changes"]["tenants"]) == 3


def test_an_answer_that_was_lost_is_asked_for_again(cast, pull):
    late(cast.lease, cast.bachir)
    empty_handed = pull()["cursor"]
    cast.tenant.notes = "Chien"
    cast.tenant.save()
    lost, again = pull(empty_handed), pull(empty_handed)
    assert lost["changes"] == again["changes"]


def test_a_long_answer_comes_in_pages(cast, pull, monkeypatch):
    monkeypatch.setattr("agents.services.syncing.PAGE", 2)
    late(cast.lease, cast.bachir)
    first = pull()
    assert first["has_more"]
    second = pull(first["cursor"])
    assert not second["has_more"]
    told = [len(rows) for page in (first, second) for rows in page["changes"].values()]
    assert sum(told) == 4


@pytest.mark.django_db(transaction=True)
def test_what_began_earlier_and_commits_later_is_not_lost(cast, pull):
    lease = late(cast.lease, cast.bachir)
    other = late(make_lease(site=cast.conakry), cast.bachir)
    cursor = pull()["cursor"]
    slow = connection.copy()
    slow.set_autocommit(False)
    with slow.cursor() as writing:
        writing.execute("UPDATE tenants_tenant SET notes = 'A' WHERE id = %s", [lease.tenant_id])
        correct_tenant(actor=cast.bachir, tenant=other.tenant, notes="B")
        first = pull(cursor)
        slow.commit()
    slow.close()
    second = pull(first["cursor"])
    told = [[row["notes"] for row in page["changes"]["tenants"]] for page in (first, second)]
    assert told == [["B"], ["A"]]


def test_what_a_telephone_is_told_comes_packed(client, cast):
    late(cast.lease, cast.bachir)
    client.force_login(cast.estelle)
    answer = client.get("/api/sync/pull", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    told = json.loads(gzip.decompress(answer.content))
    assert told["changes"]["tenants"][0]["id"] == cast.lease.tenant_id


def test_nobody_uses_the_cursor_of_another(cast, call, pull):
    cursor = pull()["cursor"]
    answer = call("bachir").get(f"/api/sync/pull?cursor={cursor}")
    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == ["cursor_unknown"]


def test_another_branch_is_told_nothing(cast, pull):
    late(cast.lease, cast.bachir)
    assert not any(pull(person="hadja")["changes"].values())
