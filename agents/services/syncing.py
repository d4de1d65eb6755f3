"""What telephones send is done once, and they are told what is different from what they hold."""

import datetime
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
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
#: What an operation is about that has to do with all that was done before.
EVERYTHING = "everything"
#: The most rows of one answer, and how many answers a telephone may go back.
PAGE, KEPT = 500, 5

# Whoever sends one of them at this moment is waited for: in one order, so that none waits in a
# circle.
HOLD = "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key"

#: An operation with whether it was done now, or why it is refused.
Came = tuple[Operation, bool] | KeyReused
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


def in_turns(subjects: Iterable[set]) -> list[list[int]]:
    """Return the places of operations, told what each is about, in turns.

    In a turn no two are about the same, so they can be done in any order; what is about the same
    keeps its own. What is about ``EVERYTHING`` comes after all before it.
    """
    turns: list[list[int]] = []
    next_turn: dict[Any, int] = {}
    for place, about in enumerate(subjects):
        turn = max((next_turn.get(subject, 0) for subject in about), default=0)
        if EVERYTHING in about:
            turn = len(turns)
        next_turn |= dict.fromkeys(about, turn + 1)
        if turn == len(turns):
            turns.append([])
        turns[turn].append(place)
    return turns


@dataclass(frozen=True)
class Outcome:
    """What came of an operation that the telephone dates ``made_at``, and what is answered."""

    made_at: datetime.datetime
    status: str
    answer: dict


def do_once(
    device: Device, sent: list[dict], do: Callable[[list[int]], list[Outcome]]
) -> list[Came]:
    """Return what came of operations (``sent``, each with another ``client_id``) in their order.

    ``do`` is told which of them (by their places) are to be done, and returns what came of each; it
    is called once in the life of a ``client_id``, and what it does and returns is written in one
    transaction. An operation is returned with whether it was done now, or refused where its key
    came before with other contents or from another person.
    """
    keys = [UUID(asked["client_id"]) for asked in sent]
    prints = [
        hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest() for asked in sent
    ]
    with transaction.atomic():
        earlier = _earlier(keys)
        fresh = [place for place, key in enumerate(keys) if key not in earlier]
        made = Operation.objects.bulk_create(
            Operation(
                client_id=keys[place],
                device=device,
                entity=sent[place]["entity"],
                fingerprint=prints[place],
                status=outcome.status,
                answer=outcome.answer,
                made_at=outcome.made_at,
            )
            for place, outcome in zip(fresh, do(fresh), strict=True)
        )
    done = {operation.client_id: operation for operation in made}
    return [
        (done[key], True) if key in done else _again(earlier[key], printed, device)
        for key, printed in zip(keys, prints, strict=True)
    ]


def _earlier(keys: list[UUID]) -> dict[UUID, Operation]:
    """Return the operations that came before, and hold ``keys`` until the transaction ends."""
    locks = sorted(int.from_bytes(key.bytes[:8], signed=True) for key in keys)
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [locks])
    return Operation.objects.select_related("device").in_bulk(keys)


def _again(earlier, fingerprint, device) -> Came:
    if (earlier.fingerprint, earlier.device.user_id) != (fingerprint, device.user_id):
        return KeyReused(_("This key was used for another request: take a new one."))
    return earlier, False


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
