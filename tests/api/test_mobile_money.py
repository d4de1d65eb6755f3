"""Mobile money over HTTP: ask, look, and never twice."""

import pytest

from payments.models import Attempt
from payments.providers.simulator import Simulator
from payments.services.mobile import ask_due
from tests.simulating import make_provider

INITIATE = "/api/mobile-money/initiate"


@pytest.fixture
def simulator():
    with Simulator(held=True) as simulator:
        yield simulator


@pytest.fixture
def asked(cast, simulator):
    """What a request says, at a branch that works with Orange Money and MTN."""
    for kind in ("orange_money", "mtn_momo"):
        make_provider(simulator, kind, cast.conakry)
    return {"lease": cast.lease.pk, "amount": 250_000, "provider": "orange_money"}


def test_asking_answers_202_and_the_page_of_the_provider(call, asked, simulator):
    answer = call("coumba").post(INITIATE, asked, HTTP_IDEMPOTENCY_KEY="a")
    assert answer.status_code == 202
    said = answer.json()
    assert (said["status"], said["amount"], said["currency"]) == ("waiting_payer", 250_000, "GNF")
    assert said["payment_url"].startswith(simulator.url)
    attempts = f"/api/mobile-money/attempts/{said['attempt']}"
    assert call("coumba").get(attempts).json()["status"] == "waiting_payer"
    Attempt.objects.update(next_poll_at="2020-01-01T00:00Z")
    ask_due()
    said = call("coumba").get(attempts).json()
    assert (said["status"], said["payment"]) == ("paid", Attempt.objects.get().payment_id)


def test_the_same_key_asks_nobody_again(call, asked, simulator):
    first = call("coumba").post(INITIATE, asked, HTTP_IDEMPOTENCY_KEY="a")
    again = call("coumba").post(INITIATE, asked, HTTP_IDEMPOTENCY_KEY="a")
    assert (again.status_code, again.content) == (202, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert len(simulator.orders.all()) == Attempt.objects.count() == 1
    other = call("coumba").post(INITIATE, asked | {"amount": 1}, HTTP_IDEMPOTENCY_KEY="a")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_request_that_died_half_way_is_answered_from_its_attempt(call, asked, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("payments.services.mobile.send_attempt", lambda attempt, *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            call("coumba").post(INITIATE, asked, HTTP_IDEMPOTENCY_KEY="a")
    soon = call("coumba").post(INITIATE, asked, HTTP_IDEMPOTENCY_KEY="a")
    assert (soon.status_code, soon.json()["code"]) == (409, "idempotency_in_progress")
    Attempt.objects.update(created_at="2026-01-01T00:00Z")
    later = call("coumba").post(INITIATE, asked, HTTP_IDEMPOTENCY_KEY="a")
    assert (later.status_code, Attempt.objects.count()) == (202, 1)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"provider": "wave"}, 400, "validation_error"),
        ({"provider": "mtn_momo"}, 400, "validation_error"),
        ({"provider": "paypal"}, 400, "validation_error"),
        ({"amount": 1.5}, 400, "validation_error"),
        ({"lease": 0}, 400, "validation_error"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nobody_is_asked(
    call, asked, simulator, change, status, code
):
    answer = call("coumba").post(INITIATE, asked | change, HTTP_IDEMPOTENCY_KEY="a")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not simulator.orders.all()
    assert not Attempt.objects.exists()


def test_a_request_without_a_key_or_a_right_asks_nobody(call, asked):
    assert call("coumba").post(INITIATE, asked).status_code == 400
    assert call("fode").post(INITIATE, asked, HTTP_IDEMPOTENCY_KEY="a").status_code == 403
    assert call().post(INITIATE, asked).status_code == 401
    assert not Attempt.objects.exists()


def test_kindia_sees_nothing_of_conakry(call, asked, cast):
    said = call("coumba").post(INITIATE, asked, HTTP_IDEMPOTENCY_KEY="a").json()
    address = f"/api/mobile-money/attempts/{said['attempt']}"
    assert call("hadja").get(address).status_code == 404
    far = asked | {"lease": cast.far_lease.pk}
    assert call("coumba").post(INITIATE, far, HTTP_IDEMPOTENCY_KEY="b").status_code == 400
