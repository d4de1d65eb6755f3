"""Calls back of providers: kept word for word at the door, read afterwards, believed never.

All that a call back can do is to have the provider asked sooner (``mobile.ask_provider``).
"""

import hmac
import logging
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from akig.lib.encryption import veiled
from payments.models import Attempt, Callback, Provider
from payments.providers import Forged, Hint, client_for

logger = logging.getLogger(__name__)

#: The largest body that is kept, in bytes, and the most headers and characters of one.
LARGEST_BODY = 64 * 1024
MOST_HEADERS = 50
LONGEST_HEADER = 2000

#: Providers that sign: what is not ours to know is still not a lie.
SIGNING = (Provider.Kind.WAVE, Provider.Kind.DJOMY)

#: What is a secret of somebody's browser, not a word of the provider.
NOT_KEPT = ("cookie",)

#: What is a secret itself: kept so that it can be compared and not read.
VEILED = ("authorization", "proxy-authorization", "x-api-key")

#: Says that a worker was told to read and has not begun; seconds until it is told again anyway.
RUNG = "callbacks:rung"
RUNG_SECONDS = 60

#: A call back may be quicker than the provider's answer to our own request.
EARLY = timedelta(minutes=2)

KEEP = """
INSERT INTO payments_callback
    (kind, site_code, method, headers, body, address, received_at, state, reason, event)
VALUES (%s, %s, %s, %s, %s, %s, %s, 'received', '', '')
"""


def keep_callback(
    *,
    kind: str,
    site_code: str,
    method: str,
    headers: dict[str, str],
    body: bytes,
    address: str | None,
) -> None:
    """Store a request as it came, its secrets veiled, in one statement; it is read later."""
    kept = {
        name[:100]: kept_header(name, value)
        for name, value in list(headers.items())[:MOST_HEADERS]
        if name.lower() not in NOT_KEPT
    }
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [kind, site_code, method, Jsonb(kept), body, address, timezone.now()])


def kept_header(name: str, value: str) -> str:
    if name.lower() in VEILED:
        return veiled(value)
    return value[:LONGEST_HEADER].replace("\x00", "")


def read_callbacks(number: int = 2000) -> int:
    """Read the calls back that wait, oldest first; return how many were read."""
    read = 0
    waiting = Callback.objects.filter(state=Callback.State.RECEIVED).order_by("received_at")
    for key in waiting.values_list("pk", flat=True)[:number]:
        read += read_callback(key)
    return read


def read_callback(key: int) -> bool:
    """Find what a call back is about and let that be asked next; tell whether it was read.

    One that is forged, or about nothing of ours, is kept with the reason why.
    """
    with transaction.atomic():
        callback = (
            Callback.objects.select_for_update(skip_locked=True)
            .filter(pk=key, state=Callback.State.RECEIVED)
            .first()
        )
        if callback is None:
            return False
        try:
            provider, hints = understand(callback)
        except Forged as forgery:
            return finish(callback, Callback.State.REFUSED, str(forgery))
        Provider.objects.filter(pk=provider.pk).update(last_callback_at=callback.received_at)
        callback.event = next((hint.event for hint in hints if hint.event), "")[:120]
        if is_repeated(callback):
            return finish(callback, Callback.State.DONE, _("Told before."))
        attempts = [attempt for hint in hints if (attempt := attempt_of(callback, hint))]
        if not attempts:
            is_early = callback.received_at > timezone.now() - EARLY
            return not (is_early and is_one_being_made(callback.kind)) and nobody_meant(
                callback, hints
            )
        callback.attempt = attempts[0]
        Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).exclude(
            state=Attempt.State.PAID
        ).update(next_poll_at=timezone.now())
        return finish(callback, Callback.State.DONE, "")


def understand(callback: Callback) -> tuple[Provider, list[Hint]]:
    """Return the hints of a call back, and the provider whose secret proves it.

    Where the address named no branch, every branch's contract of that kind is tried. Raises the
    refusal of the last one where none believes it.
    """
    refusal = Forged(_("No branch works with this provider."))
    found = None
    for provider in providers_of(callback):
        try:
            with client_for(provider) as client:
                hints = client.read_callback(
                    callback.method,
                    callback.headers,
                    bytes(callback.body),
                    received_at=callback.received_at,
                )
        except Forged as forgery:
            refusal = forgery
            continue
        found = found or (provider, hints)
        # Unsigned ones are believed by all: the branch is that of the attempt.
        for hint in hints:
            attempt = attempt_of(callback, hint)
            if attempt is not None and attempt.provider_id == provider.pk:
                return provider, hints
    if found is None:
        raise refusal
    return found


def providers_of(callback: Callback) -> QuerySet:
    """Return the contracts that it may be about, enabled or not: money can come late."""
    providers = Provider.objects.filter(kind=callback.kind).exclude(secrets="")
    if callback.site_code:
        providers = providers.filter(site=callback.site_code)
    return providers.select_related("site", "account")


def attempt_of(callback: Callback, hint: Hint) -> Attempt | None:
    """Return the attempt that ``hint`` means, by whatever it names it; None for a stranger's."""
    attempts = Attempt.objects.filter(provider__kind=callback.kind).select_related("provider")
    found = None
    for column, value in (
        ("notify_token", hint.notify_token),
        ("provider_reference", hint.session),
        ("order_id", hint.order_id),
    ):
        if value and found is None:
            found = attempts.filter(**{column: value}).first()
    if found is None or not found.notify_token:
        return found
    # A provider that gives each attempt a token must show it; found or not, compared in full.
    shown = (hint.notify_token or "").encode()
    return found if hmac.compare_digest(found.notify_token.encode(), shown) else None


def is_repeated(callback: Callback) -> bool:
    same = Callback.objects.filter(kind=callback.kind, event=callback.event)
    return bool(callback.event) and same.filter(state=Callback.State.DONE).exists()


def nobody_meant(callback: Callback, hints: list[Hint]) -> bool:
    """Keep a call back about no attempt of ours: it is refused where nothing proves it."""
    if callback.kind in SIGNING or not hints:
        # The provider's own word, about money at the shop's code or a test: statements bring it.
        return finish(callback, Callback.State.DONE, _("About no attempt of ours."))
    return finish(callback, Callback.State.REFUSED, _("It names no attempt of ours."))


def is_one_being_made(kind: str) -> bool:
    """Tell whether a provider of this kind may know an attempt whose number we do not yet."""
    fresh = Attempt.objects.filter(
        state=Attempt.State.CREATED, created_at__gt=timezone.now() - EARLY
    )
    return fresh.filter(provider__kind=kind).exists()


def finish(callback: Callback, state: str, reason: str) -> bool:
    callback.state, callback.reason, callback.done_at = state, reason[:200], timezone.now()
    callback.save(update_fields=["state", "reason", "event", "attempt", "done_at"])
    return True
