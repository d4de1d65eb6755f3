"""Every request that moves something takes an ``Idempotency-Key``: asked twice, it happens once."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT

from agents.models import GivenPoints, Position
from payments.models import Statement
from recovery.models import Contact
from tests.api.described import description
from tests.factories import charge, make_statement, pay

#: What stands under these takes keys, or is safe to repeat for the reason beside it.
WALKED = (
    "payments",
    "payouts",
    "charges",
    "statements",
    "mobile-money",
    "recovery",
    "agents",
    "map",
)
SAFE = {
    "/api/map/route": "changes nothing",
    "/api/mobile-money/callback/{provider}": "is the provider's, and kept as often as it comes",
}
#: Asked twice in tests/api/test_mobile_money.py: somebody else is asked in between.
ELSEWHERE = {"/api/mobile-money/initiate"}


@pytest.fixture
def requests(cast, mid_october):
    """Return for each address who asks it for what, and what there is one of afterwards."""
    lease = cast.lease
    charge(lease, 1_000_000, date(2026, 9, 1))
    paid = pay(lease, 400_000, date(2026, 9, 15))
    _statement, line = make_statement(cast.conakry, cast.awa)
    visit = {"tenant": lease.tenant_id, "result": "absent"}
    return {
        "/api/payments": ("coumba", {"lease": lease.pk, "amount": 500, "method": "cash"}),
        "/api/payouts/run": ("diallo", {"period": "2026-09", "site": "GN_CONAKRY"}),
        "/api/charges/run": ("diallo", {"period": "2026-10", "site": "GN_CONAKRY"}),
        f"/api/statements/lines/{line.pk}/match": ("diallo", {"lease": lease.pk}),
        "/api/recovery/calls": ("coumba", {**visit, "result": "no_answer"}),
        "/api/recovery/visits": ("estelle", visit),
        "/api/agents/missions/generate": ("bachir", {"site": "GN_CONAKRY"}),
        f"/api/agents/{cast.estelle.pk}/score": ("bachir", {"delta": 5, "reason": "Aide"}),
        f"/api/payments/{paid.pk}/cancel": ("awa", {"reason": "Erreur"}),
        "/api/map/positions": ("estelle", {"latitude": 9.5, "longitude": -13.7}),
    }


def test_what_is_asked_twice_under_a_key_is_done_once(call, requests):
    for address, (person, body) in requests.items():
        key = str(uuid4())
        first = call(person).post(address, body, HTTP_IDEMPOTENCY_KEY=key)
        assert first.status_code < 300, (address, first.content)
        again = call(person).post(address, body, HTTP_IDEMPOTENCY_KEY=key)
        assert (again.status_code, again.content) == (first.status_code, first.content), address
        assert again["Idempotency-Replayed"] == "true"
        other = call(person).post(address, {**body, "site": "x"}, HTTP_IDEMPOTENCY_KEY=key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert GivenPoints.objects.count() == Position.objects.count() == 1
    assert Contact.objects.count() == 2


def test_a_file_handed_in_twice_under_a_key_is_one(cast, call):
    def hand_in(content):
        file = SimpleUploadedFile("a.csv", content)
        body = {"file": file, "site": "GN_CONAKRY"}
        caller = call("diallo")
        sent = caller._encode_data(body, MULTIPART_CONTENT)
        return caller.post(
            "/api/statements", sent, content_type=MULTIPART_CONTENT, HTTP_IDEMPOTENCY_KEY="one"
        )

    first, again, other = hand_in(b"a;b\n1;2\n"), hand_in(b"a;b\n1;2\n"), hand_in(b"a;b\n3;4\n")
    assert (first.status_code, again.content) == (202, first.content)
    assert other.status_code == 422
    assert Statement.objects.count() == 1


def test_no_address_that_moves_something_is_forgotten(requests):
    known = {pattern(address) for address in requests} | ELSEWHERE | {"/api/statements"}
    told = {
        address: {parameter["name"] for parameter in methods["post"].get("parameters", ())}
        for address, methods in description()["paths"].items()
        if "post" in methods and address.split("/")[2] in WALKED
    }
    assert {address for address, names in told.items() if "Idempotency-Key" in names} == known
    assert told.keys() - known == SAFE.keys()


def pattern(address):
    return "/".join("{id}" if part.isdigit() else part for part in address.split("/"))
