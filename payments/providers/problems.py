"""What is wrong with a provider's settings, said so that somebody can mend it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from payments.providers.base import Client
from payments.providers.reasons import reason_text
from payments.providers.web import ProviderDown, ProviderRefused, is_loopback

LONGEST_CALLBACK = 120
SILENCE = timedelta(days=7)
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """Something wrong with a provider; a serious one forbids to enable it."""

    code: str
    text: str
    is_serious: bool = True


def problems_of(client: Client) -> list[Problem]:
    """Return all that is wrong, the provider having been asked whether it takes our credentials."""
    found = settings_problems(client)
    if not any(problem.is_serious for problem in found):
        found += _refusals(client)
    return found


def settings_problems(client: Client) -> list[Problem]:
    """Return what is wrong as far as that can be seen without asking the provider."""
    return [
        *_secrets(client),
        *_provider_address(client),
        *_our_address(client),
        *_environment(client),
        *_life(client),
    ]


def _secrets(client: Client) -> Iterator[Problem]:
    for name in client.missing(client.provider):
        yield Problem("secret_missing", _("A secret is missing: %(name)s.") % {"name": name})


def _provider_address(client: Client) -> Iterator[Problem]:
    address = client.provider.base_url
    if is_loopback(address):
        if not settings.LOCAL:
            yield Problem(
                "simulator", _("The address is that of the simulator, not of the provider.")
            )
        return
    parts = urlsplit(address)
    if parts.scheme != "https":
        yield Problem("address_not_https", _("The provider's address does not begin with https."))
    known = {urlsplit(known).hostname for known in (client.address, client.test_address) if known}
    if parts.hostname not in known:
        yield Problem(
            "address_unknown",
            _("%(host)s is not an address that we know of this provider.")
            % {"host": parts.hostname or "–"},
            is_serious=False,
        )
    yield from _wrong_environment(client, parts)


def _wrong_environment(client: Client, parts: SplitResult) -> Iterator[Problem]:
    production = urlsplit(client.address).hostname
    test = urlsplit(client.test_address or client.address).hostname
    other = production if client.provider.sandbox else test
    if production != test and parts.hostname == other:
        yield Problem(
            "wrong_environment",
            _("The address is that of the test environment, but this is not a test.")
            if other == test
            else _("The address is that of the real environment, but this is a test."),
        )


def _our_address(client: Client) -> Iterator[Problem]:
    provider = client.provider
    if settings.LOCAL and is_loopback(provider.callback_url) and is_loopback(provider.base_url):
        return
    parts = urlsplit(provider.callback_url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        yield Problem("callback_not_https", _("Our public address does not begin with https."))
    if _is_number(host):
        yield Problem(
            "callback_not_domain", _("Our public address is a number; providers want a domain.")
        )
    elif not DOMAIN.fullmatch(host):
        yield Problem("callback_not_domain", _("Our public address has no domain."))
    if _has_port(parts):
        yield Problem("callback_port", _("Our public address has a port; providers refuse that."))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        yield Problem(
            "callback_path", _("Our public address goes on after the domain; leave that out.")
        )
    if len(client.callback_address) > LONGEST_CALLBACK:
        yield Problem(
            "callback_too_long",
            _("The address to call back is longer than %(max)d letters.")
            % {"max": LONGEST_CALLBACK},
        )
    registered = provider.secrets.get("callback_host") if provider.secrets else None
    if registered and registered != host:
        yield Problem(
            "callback_host",
            _("The provider knows %(known)s as our domain, not %(ours)s: it will not call back.")
            % {"known": registered, "ours": host},
            is_serious=False,
        )


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _has_port(parts: SplitResult) -> bool:
    try:
        return parts.port is not None
    except ValueError:
        return True


def _environment(client: Client) -> Iterator[Problem]:
    provider = client.provider
    if provider.site.currency not in client.currencies:
        yield Problem(
            "currency_not_served",
            _("The provider does not take %(currency)s, the money of this branch.")
            % {"currency": provider.site.currency},
        )
    if provider.sandbox and not client.test_address and not is_loopback(provider.base_url):
        yield Problem("no_test_environment", _("This provider has no test environment."))


def _life(client: Client) -> Iterator[Problem]:
    """Tell what an enabled provider's days show: silence, and what went wrong last."""
    provider = client.provider
    if not provider.enabled:
        return
    success, callback = provider.last_success_at, provider.last_callback_at
    if success is None:
        yield Problem("no_success", _("No payment has succeeded yet."), is_serious=False)
    elif success < timezone.now() - SILENCE:
        yield Problem(
            "old_success",
            _("The last payment that succeeded is of %(day)s.") % {"day": _day(success)},
            is_serious=False,
        )
    if success and (callback is None or callback < success - timedelta(days=1)):
        yield Problem(
            "no_callback",
            _("Payments succeed, but the provider does not call back (last on %(day)s).")
            % {"day": _day(callback) if callback else "–"},
            is_serious=False,
        )
    if provider.last_error and (not success or provider.last_error_at > success):
        yield Problem(
            "last_error",
            _("The last request failed: %(reason)s") % {"reason": reason_text(provider.last_error)},
            is_serious=False,
        )


def _day(moment) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT")


def _refusals(client: Client) -> Iterator[Problem]:
    try:
        client.prove()
    except ProviderRefused as refusal:
        yield Problem(refusal.reason, reason_text(refusal.reason))
    except ProviderDown as failure:
        yield Problem(failure.reason, reason_text(failure.reason), is_serious=False)
