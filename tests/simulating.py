"""A provider whose address is the simulator's, and an attempt through it."""

from payments.models import Attempt, Provider
from payments.providers.simulator import SECRETS, Simulator
from sites_app.models import Site
from tenants.models import Lease
from tests import factories


def make_provider(simulator: Simulator, kind: str, site: Site, **fields) -> Provider:
    """Enter and enable a provider of ``site`` at the simulator; Wave alone is no test one."""
    usual = {
        "base_url": simulator.url,
        "sandbox": kind != Provider.Kind.WAVE,
        "secrets": dict(SECRETS[kind]),
    }
    return factories.make_provider(site, kind, **usual | fields)


def make_attempt(provider: Provider, lease: Lease, amount=150_000, **fields) -> Attempt:
    """Write down an attempt of which nobody has been told yet."""
    usual = {"state": Attempt.State.CREATED, "phone": "+224622112233"}
    return factories.make_attempt(provider, lease, amount, **usual | fields)
