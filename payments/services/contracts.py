"""A branch's contracts with providers of mobile money: set up, enabled, disabled, checked."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import Conflict
from akig.lib.saving import Refusals, correct, locked, save
from payments.models import MoneyAccount, Provider
from payments.providers import CLIENTS, SECRETS, Problem, client_for
from payments.providers.problems import problems_of, settings_problems
from payments.services.wallets import wallet_of
from sites_app.models import Site

#: The wallet in which each provider's money lies.
WALLETS = {
    Provider.Kind.ORANGE_MONEY: MoneyAccount.Kind.ORANGE_MONEY,
    Provider.Kind.MTN_MOMO: MoneyAccount.Kind.MTN_MOMO,
    Provider.Kind.WAVE: MoneyAccount.Kind.WAVE,
    Provider.Kind.DJOMY: MoneyAccount.Kind.MERCHANT_CODE,
}
REFUSALS: Refusals = {
    "one_provider_per_branch": (
        "conflict",
        "kind",
        _("This branch works with this provider already: correct that contract."),
    ),
}


class NotReady(Conflict):
    """The provider cannot be enabled as it is set up."""

    code = "provider_not_ready"


@verb("provider.manage")
def add_provider(
    *, actor, site: Site, kind: str, secrets: dict[str, str] | None = None, **fields
) -> Provider:
    """Enter a contract, not enabled yet; its wallet is entered with it where there is none.

    ``fields`` are those of ``Provider``: address, test environment, fee and who bears it.
    """
    if Provider.objects.filter(site=site, kind=kind).exists():
        code, field, sentence = REFUSALS["one_provider_per_branch"]
        raise Conflict(str(sentence), code=code, fields={field: str(sentence)})
    provider = Provider(site=site, kind=kind, account=wallet_of(site, WALLETS[kind]), **fields)
    provider.base_url = provider.base_url or usual_address(provider)
    provider.secrets = kept_secrets(kind, {}, secrets or {})
    return save(provider, REFUSALS)


@verb("provider.manage")
def correct_provider(
    *, actor, provider: Provider, secrets: dict[str, str] | None = None, **changes
) -> Provider:
    """Change a contract. Of ``secrets`` only those written are replaced; none is ever shown."""
    provider = locked(provider)
    kept = kept_secrets(provider.kind, provider.secrets, secrets or {})
    if kept != provider.secrets:
        changes["secrets"] = kept
        changes |= {"token": {}, "token_expires_at": None, "secrets_since": timezone.now()}
    if "base_url" in changes and not changes["base_url"]:
        changes["base_url"] = usual_address(provider)
    return provider if correct(provider, changes, REFUSALS) else unchanged(provider)


@verb("provider.manage")
def enable_provider(*, actor, provider: Provider) -> Provider:
    """Let tenants pay through it. Raises ``NotReady`` with all that still forbids it."""
    provider = locked(provider)
    if provider.enabled:
        return unchanged(provider)
    found = [problem.text for problem in problems_seen(provider) if problem.is_serious]
    if found:
        raise NotReady(" ".join(found))
    provider.enabled = True
    provider.save(update_fields=["enabled"])
    return provider


@verb("provider.manage")
def disable_provider(*, actor, provider: Provider) -> Provider:
    """Ask nobody through it any more; open attempts are followed to their end."""
    provider = locked(provider)
    if not provider.enabled:
        return unchanged(provider)
    provider.enabled = False
    provider.save(update_fields=["enabled"])
    return provider


def usual_address(provider: Provider) -> str:
    client = CLIENTS[provider.kind]
    return (provider.sandbox and client.test_address) or client.address


def kept_secrets(kind: str, known: dict[str, str], written: dict[str, str]) -> dict[str, str]:
    """Return the secrets of a provider after a correction: an empty field keeps the old one."""
    names = (*SECRETS[kind], *CLIENTS[kind].optional)
    fresh = {name: written[name].strip() for name in names if written.get(name, "").strip()}
    return known | fresh


def problems_seen(provider: Provider) -> list[Problem]:
    """Return what is wrong as far as can be seen here, nobody being asked."""
    with client_for(provider) as client:
        return settings_problems(client)


def problems_told(provider: Provider) -> list[Problem]:
    """Return what is wrong, the provider having been asked whether it knows us."""
    with client_for(provider) as client:
        return problems_of(client)
