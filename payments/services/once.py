"""Acts that happen once, however often they are asked: keys, and the answers kept under them."""

import hashlib
import json
from collections.abc import Callable

from django.db import connection
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged
from akig.lib.errors import BusinessError, Conflict
from payments.models import IdempotencyKey


class KeyReused(BusinessError):
    """The idempotency key came before, with other contents."""

    code = "idempotency_key_reused"
    status = 422


class KeyInProgress(Conflict):
    """The same request is being carried out at this moment."""

    code = "idempotency_in_progress"


# Two statements in one round trip: only the second sees what the former holder has written.
WAIT = "SELECT pg_advisory_xact_lock(%s); SELECT true"
TRY = """
SELECT set_config('akig.claimed', pg_try_advisory_xact_lock(%s)::text, true);
SELECT current_setting('akig.claimed')::boolean
"""
EARLIER = ", (SELECT id FROM payments_idempotencykey WHERE user_id = %s AND key = %s)"

KEEP = """
INSERT INTO payments_idempotencykey
    (user_id, key, fingerprint, payment_id, status, body, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


def fingerprint_of(fields: dict) -> str:
    """Return the SHA-256 of what a form asks: rows by their key, the rest as text."""
    parts = {name: str(getattr(value, "pk", value)) for name, value in fields.items()}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def claim_key(actor, key: str, fingerprint: str, *, wait: bool = False) -> IdempotencyKey | None:
    """Take hold of an idempotency key until the transaction ends; return its first answer, if any.

    ``fingerprint`` is a SHA-256 of the request. Raises ``KeyReused`` when the key came with other
    contents, and, unless told to ``wait``, ``KeyInProgress`` while its first use is running.
    """
    lock = int.from_bytes(hashlib.sha256(f"{actor.pk}:{key}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute((WAIT if wait else TRY) + EARLIER, [lock, actor.pk, key])
        while cursor.nextset():
            pass
        is_ours, known = cursor.fetchone()
    if not is_ours:
        raise KeyInProgress(_("The same request is being carried out: ask again shortly."))
    earlier = known and IdempotencyKey.objects.get(pk=known)
    if earlier is not None and earlier.fingerprint != fingerprint:
        raise KeyReused(_("This key was used for another request: take a new one."))
    return earlier


def keep_answer(actor, key: str, fingerprint: str, *, payment=None, status=0, body=b""):
    """Store the answer of a claimed key, in the same transaction as the act."""
    values = [actor.pk, key, fingerprint, payment and payment.pk, status, body, timezone.now()]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, values)


def made_once(actor, key: str, asked: dict, model: type[Model], make: Callable[[], Model]) -> Model:
    """Return the row of ``model`` that ``make`` makes, or the one that it made under this key.

    ``asked`` is what the form says. Call it inside the verb of the act; raises ``KeyReused``.
    """
    fingerprint = fingerprint_of(asked)
    earlier = claim_key(actor, key, fingerprint, wait=True)
    if earlier is not None:
        return unchanged(model.objects.get(pk=int(bytes(earlier.body))))
    row = make()
    keep_answer(actor, key, fingerprint, body=str(row.pk).encode())
    return row
