"""What comes in at our address: believed as a hint when it is proved, refused when it is not."""

import datetime as dt
import json

import pytest
import requests
from django.utils import timezone

from payments.models import Provider
from payments.providers import Forged, client_for
from payments.providers.simulator import SECRETS, Simulator
from payments.providers.simulator.wave import sign
from payments.services.callbacks import kept_header
from tests.simulating import make_attempt, make_provider

KINDS = list(Provider.Kind)
WAVE_SECRET = SECRETS[Provider.Kind.WAVE]["webhook_secret"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def wave(provider):
    with client_for(provider(Provider.Kind.WAVE)) as client:
        yield client


def forged(client, body, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(Forged) as refusal:
        client.read_callback("POST", names, body)
    return refusal.value.reason


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scenario", ["success", "put", "doubled"])
def test_a_call_back_leads_to_its_attempt(begun, simulator, kind, scenario):
    client, attempt = begun(kind, scenario)
    assert len(simulator.sent) == (2 if scenario == "doubled" else 1)
    for message in simulator.sent:
        [hint] = client.read_callback(message.method, message.headers, message.body)
        assert hint.state_hint == "paid"
        ours = {attempt.provider_reference, attempt.notify_token, attempt.order_id}
        theirs = {hint.session, hint.notify_token, hint.order_id} - {""}
        assert theirs
        assert theirs <= ours


@pytest.mark.parametrize("kind", [Provider.Kind.WAVE, Provider.Kind.DJOMY])
def test_a_doubled_message_bears_one_number(begun, simulator, kind):
    client, _ = begun(kind, "doubled")
    events = {client.read_callback("POST", m.headers, m.body)[0].event for m in simulator.sent}
    assert len(events) == 1
    assert "" not in events


@pytest.mark.parametrize("kind", [Provider.Kind.WAVE, Provider.Kind.DJOMY])
def test_a_wrong_signature_is_forged(begun, simulator, kind):
    client, _ = begun(kind, "bad_signature")
    [message] = simulator.sent
    with pytest.raises(Forged) as refusal:
        client.read_callback("POST", message.headers, message.body)
    assert refusal.value.reason == "wrong_signature"


@pytest.mark.parametrize("kind", [Provider.Kind.WAVE, Provider.Kind.DJOMY])
def test_a_changed_body_or_no_secret_is_forged(begun, simulator, kind):
    client, _ = begun(kind)
    [message] = simulator.sent
    changed = message.body.replace(b"150000", b"950000")
    assert changed != message.body
    with pytest.raises(Forged):
        client.read_callback("POST", message.headers, changed)
    client.provider.secrets = {}
    with pytest.raises(Forged) as refusal:
        client.read_callback("POST", message.headers, message.body)
    assert refusal.value.reason == "secret_missing"


def test_a_wrong_token_is_not_the_attempts(begun, simulator):
    client, attempt = begun(Provider.Kind.ORANGE_MONEY, "bad_signature")
    [hint] = client.read_callback("POST", {}, simulator.sent[0].body)
    assert hint.notify_token != attempt.notify_token


# Wave's signature


def test_one_of_several_values_is_enough_while_a_key_changes(wave):
    body = b'{"id":"EV_1","type":"checkout.session.completed","data":{"id":"cos-1"}}'
    headers = {"wave-signature": sign(body, "the-old-secret", WAVE_SECRET)}
    assert wave.read_callback("POST", headers, body)[0].session == "cos-1"


@pytest.mark.parametrize("age", [dt.timedelta(minutes=6), -dt.timedelta(minutes=6)])
def test_an_old_or_future_timestamp_is_forged(wave, age):
    at = int((timezone.now() - age).timestamp())
    assert forged(wave, b"{}", Wave_Signature=sign(b"{}", WAVE_SECRET, at=at)) == "too_old"


def test_a_message_that_waited_for_us_is_as_old_as_when_it_came(wave):
    came = timezone.now() - dt.timedelta(hours=5)
    headers = {"Wave-Signature": sign(b"{}", WAVE_SECRET, at=int(came.timestamp()))}
    assert wave.read_callback("POST", headers, b"{}", received_at=came)


def test_a_dot_between_timestamp_and_body_is_not_waves_way(wave):
    at = int(timezone.now().timestamp())
    dotted = sign(b".{}", WAVE_SECRET, at=at)
    assert forged(wave, b"{}", Wave_Signature=dotted) == "wrong_signature"


def test_the_secret_itself_may_be_the_proof(wave):
    proof = kept_header("Authorization", f"Bearer {WAVE_SECRET}")
    assert WAVE_SECRET not in proof
    assert wave.read_callback("POST", {"Authorization": proof}, b"{}")
    assert forged(wave, b"{}", Authorization=kept_header("Authorization", "Bearer x"))
    assert forged(wave, b"{}", Authorization=f"Bearer {WAVE_SECRET}") == "no_signature"


def test_a_signature_that_is_none_is_forged(wave):
    for signature, reason in {
        "": "no_signature",
        "t=,v1=00": "no_timestamp",
        "v1=00": "no_timestamp",
        "t=1,t=2,v1=00": "no_timestamp",
        "t=99999999999999999999,v1=00": "no_timestamp",
        "t=1790000000": "wrong_signature",
        "t=1790000000,v1=é": "wrong_signature",
    }.items():
        assert forged(wave, b"{}", Wave_Signature=signature) == reason


def test_a_payment_without_an_attempt_leads_nowhere(wave):
    told = {"id": "EV_9", "type": "merchant.payment_received", "data": {"amount": "5000"}}
    body = json.dumps(told).encode()
    [hint] = wave.read_callback("POST", {"Wave-Signature": sign(body, WAVE_SECRET)}, body)
    assert (hint.topic, hint.session, hint.order_id) == ("merchant.payment_received", "", "")


# What is no message at all


NO_MESSAGES = [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN', b"0" * 5000]


@pytest.mark.parametrize("kind", [Provider.Kind.ORANGE_MONEY, Provider.Kind.MTN_MOMO])
def test_what_cannot_be_read_is_forged(provider, kind):
    with client_for(provider(kind)) as client:
        for body in NO_MESSAGES:
            with pytest.raises(Forged):
                client.read_callback("POST", {}, body)


def test_a_token_that_is_no_text_is_none(provider):
    with client_for(provider(Provider.Kind.ORANGE_MONEY)) as client:
        for token in (None, 1.5, {}, [], "", True):
            body = json.dumps({"status": "SUCCESS", "notif_token": token}).encode()
            assert forged(client, body) == "no_token"


def test_words_that_no_table_takes_are_mended(provider):
    body = json.dumps({"status": "SUCCESS", "notif_token": "a\0b\ud800" + "c" * 900}).encode()
    with client_for(provider(Provider.Kind.ORANGE_MONEY)) as client:
        [hint] = client.read_callback("POST", {}, body)
    assert hint.notify_token == "ab" + "c" * 198


# Carried by the simulator itself


def test_the_simulator_calls_until_somebody_listens(cast, tmp_path):
    with Simulator() as ours, Simulator() as simulator:
        # Another simulator stands for our house: it knows no such page, so it says 404.
        provider = make_provider(simulator, Provider.Kind.MTN_MOMO, cast.conakry)
        provider.callback_url = ours.url
        with client_for(provider) as client:
            client.start(make_attempt(provider, cast.lease))
        ours_heard = []
        for _ in range(200):
            ours_heard = [r for r in ours.requests if "callback" in r.path]
            if len(ours_heard) > 1:
                break
            requests.get(ours.url, timeout=5)
        assert len({request.body for request in ours_heard}) == 1
        assert len(ours_heard) > 1
