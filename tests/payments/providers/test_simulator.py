"""The simulator by itself: who may reach it, what a payer sees, how a scenario is chosen."""

import pytest
import requests
from django.core.management import CommandError, call_command

from payments.models import Provider
from payments.providers import client_for
from payments.providers.simulator import Simulator
from tests.simulating import make_attempt, make_provider

WAIT = 5


@pytest.fixture
def asked(db, cast):
    """An attempt whose payer has to decide, beside the simulator that waits for him."""
    with Simulator(automatic=False, held=True) as simulator:
        provider = make_provider(simulator, Provider.Kind.ORANGE_MONEY, cast.conakry)
        attempt = make_attempt(provider, cast.lease)
        with client_for(provider) as client:
            started = client.start(attempt)
            attempt.provider_reference = started.session
            yield simulator, client, attempt, started


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2"])  # noqa: S104
def test_it_listens_on_this_machine_alone(host):
    with pytest.raises(CommandError):
        call_command("provider_simulator", host=host, port=0)


@pytest.mark.parametrize(("button", "state"), [("pay", "paid"), ("refuse", "failed")])
def test_the_payers_page_has_two_buttons(asked, button, state):
    simulator, client, attempt, started = asked
    assert client.status(attempt).state == "waiting"
    page = requests.get(started.payment_url, timeout=WAIT)
    assert page.text.count("<button") == 2
    assert 'lang="fr"' in page.text
    pressed = requests.post(
        started.payment_url, {"decision": button}, timeout=WAIT, allow_redirects=False
    )
    assert pressed.headers["Location"] == "http://127.0.0.1:8000/"
    assert client.status(attempt).state == state
    assert len(simulator.sent) == 1


def test_pressing_twice_pays_once(asked):
    simulator, client, attempt, started = asked
    for decision in ("pay", "refuse", "pay"):
        requests.post(
            started.payment_url, {"decision": decision}, timeout=WAIT, allow_redirects=False
        )
    assert client.status(attempt).state == "paid"
    assert len(simulator.sent) == 1


def test_the_telephone_lists_what_waits(asked):
    simulator, _, attempt, _ = asked
    assert attempt.order_id in requests.get(simulator.url, timeout=WAIT).text
    simulator.decide(simulator.order(attempt.order_id), "paid")
    assert attempt.order_id not in requests.get(simulator.url, timeout=WAIT).text


@pytest.mark.django_db
def test_an_amount_or_a_telephone_chooses_the_scenario(simulator, cast):
    provider = make_provider(simulator, Provider.Kind.MTN_MOMO, cast.conakry)
    by_amount = make_attempt(provider, cast.lease, 150_902)
    by_phone = make_attempt(provider, cast.lease, phone="+224622000902")
    with client_for(provider) as client:
        for attempt in (by_amount, by_phone):
            client.start(attempt)
            assert client.status(attempt).state == "failed"


def test_the_controls_order_a_scenario_and_an_outage(simulator):
    def control(path, data):
        return requests.post(f"{simulator.url}/_simulator/{path}", json=data, timeout=WAIT)

    assert control("next", {"scenario": "late", "times": 2}).json() == {"next": ["late", "late"]}
    assert control("next", {"scenario": "nonsense"}).status_code == 400
    control("down", {})
    assert requests.get(simulator.url, timeout=WAIT).status_code == 503
    control("down", {"down": False})
    assert requests.get(f"{simulator.url}/_simulator/orders", timeout=WAIT).json() == []


def test_calls_back_never_leave_this_machine(simulator, db, cast):
    with Simulator() as open_one:
        provider = make_provider(
            open_one, Provider.Kind.MTN_MOMO, cast.conakry, callback_url="https://example.org"
        )
        provider.secrets["callback_host"] = "example.org"
        with client_for(provider) as client:
            client.start(make_attempt(provider, cast.lease))
        open_one.wait()
        assert len(open_one.sent) == 1
