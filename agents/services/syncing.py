"""What telephones send is done once, and they are told what is different from what they hold."""

import datetime
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Device, User
from accounts.verbs import verb
from agents.models import Handout, Operation
from akig.lib.errors import BusinessError
from payments.services.once import KeyReused
from recovery.models import Contact, Photo

#: What a clock says of longer ago is not believed.
BELIEVED = datetime.timedelta(days=30)
#: The most rows of one answer, and how many answers a telephone may go back.
PAGE, KEPT = 500, 5

# Two statements in one round trip: only the second sees what the former holder has written.
EARLIER = """
SELECT pg_advisory_xact_lock(%s);
SELECT true FROM agents_operation WHERE client_id = %s
"""

#: Rows by kind and key, as they are told.
Rows = dict[str, dict[str, dict]]


class CursorUnknown(BusinessError):
    """Nobody knows any more what the telephone holds: it begins again without a cursor."""

    code = "cursor_unknown"


@dataclass(frozen=True)
class Clock:
    """A telephone's clock, compared with ours when it sent: ``sent_at`` as it saw the time."""

    sent_at: datetime.datetime | None
    received_at: datetime.datetime

    def judge(self, made_at: datetime.datetime) -> datetime.datetime:
        """Return when something was done that the telephone dates ``made_at``.

        A clock that is wrong is wrong by the same at both moments. What would lie ahead, or too
        far back to be believed, counts as done when it came.
        """
        ago = (self.sent_at or self.received_at) - made_at
        if not datetime.timedelta() <= ago <= BELIEVED:
            return self.received_at
        return self.received_at - ago


def do_once(
    device: Device, asked: dict, made_at: datetime.datetime, do: Callable[[], tuple[str, dict]]
) -> tuple[Operation, bool]:
    """Return what came of an operation (``asked`` as it was sent), and whether ``do`` did it now.

    ``do`` returns a status and an answer, and is called once in the life of a ``client_id``; both
    are written in one transaction. Raises ``KeyReused`` for other contents or another person.
    """
    key = UUID(asked["client_id"])
    fingerprint = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    with transaction.atomic():
        earlier = _earlier(key)
        if earlier is None:
            status, answer = do()
            operation = Operation.objects.create(
                client_id=key,
                device=device,
                entity=asked["entity"],
                fingerprint=fingerprint,
                status=status,
                answer=answer,
                made_at=made_at,
            )
            return operation, True
    if (earlier.fingerprint, earlier.device.user_id) != (fingerprint, device.user_id):
        raise KeyReused(_("This key was used for another request: take a new one."))
    return earlier, False


def _earlier(key: UUID) -> Operation | None:
    """Return the operation if it came before; whoever sends it at this moment is waited for."""
    with connection.cursor() as cursor:
        cursor.execute(EARLIER, [int.from_bytes(key.bytes[:8], signed=True), key])
        cursor.nextset()
        known = cursor.fetchone()
    return Operation.objects.select_related("device").get(pk=key) if known else None


@verb("collection.log_visit")
def add_photo(*, actor, visit: Contact, photo) -> Photo:
    """Add a photo, checked by the door, to a visit."""
    return Photo.objects.create(site_id=visit.site_id, contact=visit, file=photo)


def hand_out(user: User, device: Device | None, rows: Rows, cursor: UUID | None) -> dict:
    """Return what of ``rows`` is different from what the telephone holds at ``cursor``.

    ``rows`` is the whole of what it should hold. It is compared with what it was told, so nothing
    depends on the order in which others commit: what becomes visible later differs later. Raises
    ``CursorUnknown``.
    """
    held = _held(user, cursor)
    changes: dict[str, list] = {name: [] for name in rows}
    deleted = {
        name: [int(key) for key in held.get(name, {}) if key not in rows[name]] for name in rows
    }
    digests: dict[str, dict[str, str]] = {name: {} for name in rows}
    room, has_more = PAGE, False
    for name, told in rows.items():
        before = held.get(name, {})
        for key, row in told.items():
            digest = _digest(row)
            if before.get(key) == digest:
                digests[name][key] = digest
            elif room:
                room -= 1
                changes[name].append(row)
                digests[name][key] = digest
            else:
                has_more = True
                if key in before:
                    digests[name][key] = before[key]
    handout = Handout.objects.create(user=user, device=device, digests=digests)
    _forget_old(handout)
    return {
        "cursor": handout.cursor,
        "changes": changes,
        "deleted": deleted,
        "has_more": has_more,
    }


def _held(user, cursor) -> dict:
    if cursor is None:
        return {}
    handout = Handout.objects.filter(pk=cursor, user=user).first()
    if handout is None:
        sentence = _("Load everything anew.")
        raise CursorUnknown(sentence, fields={"cursor": sentence})
    return handout.digests


def _digest(row: dict) -> str:
    written = json.dumps(row, sort_keys=True, default=str).encode()
    return hashlib.blake2b(written, digest_size=12).hexdigest()


def _forget_old(newest: Handout) -> None:
    same = Handout.objects.filter(user=newest.user_id, device=newest.device_id)
    kept = same.order_by("-made_at").values("pk")[:KEPT]
    same.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
