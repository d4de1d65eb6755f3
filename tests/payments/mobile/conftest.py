"""Payers, providers and their calls back, carried to our door by the test itself."""

import pytest
import time_machine

from payments.models import Attempt, Provider
from payments.providers import web
from payments.providers.simulator import Simulator
from payments.services import mobile
from payments.services.mobile import ask_due
from payments.tasks import read_calls_back
from tests.simulating import make_provider

PHONE = "+224622112233"


@pytest.fixture(scope="session")
def house_of_providers():
    """One simulator for all tests here; its calls back are kept, not carried."""
    with Simulator(held=True) as simulator:
        yield simulator


@pytest.fixture
def simulator(house_of_providers):
    simulator = house_of_providers
    simulator.down = False
    simulator.orders.next.clear()
    simulator.sent.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "REPEATABLE", web.REPEATABLE.new(backoff_factor=0, backoff_jitter=0))
        patch.setattr(web, "ONCE", web.ONCE.new(backoff_factor=0))
        yield simulator
    simulator.down = False


class Agency:
    """Asks payers of a lease, carries calls back to the door, lets time pass."""

    def __init__(self, simulator, cast, client):
        self.simulator, self.cast, self.client = simulator, cast, client

    def contract(self, kind, **fields) -> Provider:
        return make_provider(self.simulator, kind, self.cast.conakry, **fields)

    def ask(self, kind="mtn_momo", scenario="success", amount=400_000, **fields) -> Attempt:
        """Ask Gassim for money through a contract that stands, or is made now."""
        if not Provider.objects.filter(kind=kind).exists():
            self.contract(kind)
        self.simulator.next(scenario)
        fields = {"lease": self.cast.lease, "phone": PHONE, "actor": self.cast.diallo} | fields
        return mobile.start_attempt(amount=amount, kind=kind, **fields)

    def carry(self, message, *, kind="", method="", body=None, **headers):
        """Bring a call back to our door as the provider would; return the answer."""
        path = message.url.partition("127.0.0.1")[2].partition("/")[2]
        told = {**message.headers, **headers}
        kept = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in told.items()}
        kept.pop("HTTP_CONTENT_TYPE", None)
        return self.client.generic(
            method or message.method,
            f"/{path}",
            message.body if body is None else body,
            "application/json",
            **kept,
        )

    def work(self):
        """Let a worker do what it was rung for."""
        read_calls_back()

    def wait(self, seconds: float):
        """Let time pass, and the schedule do its turn at the end of it."""
        self.clock.shift(seconds)
        ask_due()


@pytest.fixture
def agency(simulator, cast, client):
    with time_machine.travel("2026-10-15 10:00:00+00:00", tick=False) as clock:
        agency = Agency(simulator, cast, client)
        agency.clock = clock
        yield agency
