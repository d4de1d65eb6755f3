"""Mobile money: what each provider asks for, word for word, behind one interface.

with client_for(provider) as client:
    started = client.start(attempt)
"""

from payments.models import Provider
from payments.providers.base import (
    Client,
    Forged,
    Hint,
    Started,
    Status,
    callback_address,
    same,
)
from payments.providers.djomy import Djomy
from payments.providers.mtn import MtnMomo
from payments.providers.orange import OrangeMoney
from payments.providers.problems import Problem
from payments.providers.reasons import reason_text
from payments.providers.wave import Wave
from payments.providers.web import ProviderDown, ProviderRefused

__all__ = [
    "CLIENTS",
    "SECRETS",
    "Client",
    "Forged",
    "Hint",
    "Problem",
    "ProviderDown",
    "ProviderRefused",
    "Started",
    "Status",
    "callback_address",
    "client_for",
    "missing_secrets",
    "reason_text",
    "same",
]

CLIENTS: dict[str, type[Client]] = {
    client.kind: client for client in (OrangeMoney, MtnMomo, Wave, Djomy)
}
#: The names under which each kind's secrets lie in ``Provider.secrets``.
SECRETS = {kind: client.secrets for kind, client in CLIENTS.items()}


def client_for(provider: Provider) -> Client:
    """Return the way to ``provider``, to be used in a ``with``."""
    return CLIENTS[provider.kind](provider)


def missing_secrets(provider: Provider) -> list[str]:
    """Return the names of the secrets without which ``provider`` cannot be enabled."""
    return CLIENTS[provider.kind].missing(provider)
