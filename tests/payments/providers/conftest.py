"""The production clients against the simulator, over HTTP on a port of its own."""

import pytest

from payments.providers import client_for, web
from tests.simulating import make_attempt, make_provider


@pytest.fixture(autouse=True)
def _no_waiting():
    """Let tries follow each other at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "REPEATABLE", web.REPEATABLE.new(backoff_factor=0, backoff_jitter=0))
        patch.setattr(web, "ONCE", web.ONCE.new(backoff_factor=0))
        yield


@pytest.fixture
def provider(simulator, cast):
    """Return a function that enters a provider of Conakry (Wave: of whoever is named)."""

    def enter(kind, **fields):
        return make_provider(simulator, kind, fields.pop("site", cast.conakry), **fields)

    return enter


@pytest.fixture
def begun(provider, simulator, cast):
    """Return a function that starts an attempt in a scenario and gives back client and attempt."""
    clients = []

    def begin(kind, scenario="success", **fields):
        simulator.next(scenario)
        attempt = make_attempt(provider(kind), cast.lease, **fields)
        client = client_for(attempt.provider)
        clients.append(client)
        started = client.start(attempt)
        attempt.provider_reference = started.session
        attempt.notify_token = started.notify_token
        attempt.payment_url = started.payment_url
        attempt.save()
        return client, attempt

    yield begin
    for client in clients:
        client.web.close()
