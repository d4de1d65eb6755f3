"""News: what just happened, told to whoever looks. It moves nothing and nobody relies on it.

News goes into one stream of Redis, which forgets the oldest, and the live process
(``akig.live``) passes each on to those who are in its *room*. A page that is told asks again for
what it shows; a page that is not, asks again by itself after a while.
"""

import json
import logging
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db import transaction
from django_redis import get_redis_connection

from akig.lib.throttling import AWAY

logger = logging.getLogger(__name__)
STREAM = "akig:live"
#: So many news are kept for who comes back.
KEPT = 10_000
#: Heard by no page: whoever is in the room is shown the door, and comes back with other rights.
RENEW = "renew"


def of_person(user_id: int) -> str:
    """Return the room that a person is in alone."""
    return f"person-{user_id}"


def tell(room: str, kind: str, payload: dict[str, Any]) -> None:
    """Tell those in ``room`` once the transaction is saved."""
    call = partial(tell_now, room, kind, payload)
    call.__qualname__ = f"tell {kind}"  # Django names a robust hook that failed by it
    transaction.on_commit(call, robust=True)


def tell_now(room: str, kind: str, payload: dict[str, Any]) -> None:
    """Tell those in ``room`` at once; without Redis nobody hears it."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said = json.dumps({"type": kind, "payload": payload, "at": at})
    try:
        get_redis_connection("default").xadd(
            STREAM, {"room": room, "kind": kind, "said": said}, maxlen=KEPT, approximate=True
        )
    except AWAY as error:
        logger.warning("Nobody is told of %s: %s", kind, error)
