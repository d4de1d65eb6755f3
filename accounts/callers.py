"""Whom a token or a key names, remembered for seconds: person, rights and branches in one reading.

Every request of the API asks this; asked of the database it costs more than the answer. What is
remembered stands under a stamp of the person, and whoever shuts a person, a sign-in or a key out
changes the stamp (``forget``), so that the next request asks the database again. Without Redis
every request asks it.
"""

import pickle
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction
from django_redis import get_redis_connection

from accounts.keys import tally_of
from accounts.models import User
from akig.lib import live
from akig.lib.throttling import AWAY, Count, count

#: What changes behind the application's back (raw SQL) counts after so many seconds.
SECONDS = 10
#: The password stays where it is.
NOTHING = (None, (), {})
COLUMNS = [column.attname for column in User._meta.concrete_fields if column.attname != "password"]
LEARNT = {"_authority", "_branches", "_shared"}


@dataclass
class Caller:
    """Whom a request comes from; ``stamp`` is None where nothing can be remembered.

    ``name`` is that of the sign-in or of the key. ``counted`` says where ``counted_as`` stands with
    the requests of this minute, ``record`` is what is kept of the person, and ``expires_at`` when
    the token or the key ends (seconds since 1970).
    """

    name: str
    user: User
    counted_as: str
    counted: Count
    stamp: bytes | None
    remembered: frozenset[str] = frozenset()
    record: bytes | None = None
    expires_at: int = 0

    @property
    def stands_on(self) -> dict[str, bytes | None]:
        """The keys in Redis, with their values, that made this caller."""
        return {
            _stamp_key(self.user.pk): self.stamp or None,
            _record_key(self.name): self.record,
        }


def find(
    name: str,
    user_id: int | str,
    ask: Callable[[], User | None],
    counted_as: str,
    counted: Count | None = None,
) -> Caller | None:
    """Return who comes with what ``name`` stands for, unless that or the person is shut out.

    ``ask`` answers where nothing is remembered. The request is counted in the same round trip,
    unless it is already: then ``counted.beside`` begins with what ``stands_on`` names.
    """
    counted = counted or count_request(counted_as, (_stamp_key(user_id), _record_key(name)))
    stamp = None
    if counted.beside is not None:
        stamp, record = counted.beside[0] or b"", counted.beside[1]
        kept_under, values, extras = pickle.loads(record) if record else NOTHING  # noqa: S301  # nosec B301 # ours
        if kept_under == stamp:
            user = User.from_db("default", COLUMNS, values)
            vars(user).update(extras)
            return Caller(name, user, counted_as, counted, stamp, frozenset(extras), record)
    user = ask()
    return user and Caller(name, user, counted_as, counted, stamp)


def count_request(counted_as: str, beside: Iterable[str]) -> Count:
    """Count a request of ``user:<number>`` or ``key:<number>``, of keys for good as well."""
    kind, _colon, number = counted_as.partition(":")
    tally = tally_of(number) if kind == "key" else ""
    return count(counted_as, settings.THROTTLE_USER, beside, tally)


def keep(caller: Caller) -> None:
    """Remember a caller with what the request has learnt of the person meanwhile."""
    user = caller.user
    if caller.stamp is None or caller.remembered >= LEARNT:
        return
    extras = {name: vars(user)[name] for name in (*LEARNT, "key") if name in vars(user)}
    if caller.remembered >= set(extras):
        return
    values = [getattr(user, column) for column in COLUMNS]
    record = pickle.dumps((caller.stamp, values, extras))
    try:
        get_redis_connection("default").set(_record_key(caller.name), record, ex=SECONDS)
        caller.record = record
    except AWAY:
        return


def forget(user_id: int) -> None:
    """Let the next request of a person ask the database: now, and again once this is committed.

    Whoever listens to news as this person is sent away, to come back with the rights of then.
    """
    _restamp(user_id)
    live.tell(live.of_person(user_id), live.RENEW, {})
    if transaction.get_connection().in_atomic_block:
        restamp = partial(_restamp, user_id)
        restamp.__qualname__ = f"forget {user_id}"  # Django names a robust hook that failed by it
        transaction.on_commit(restamp, robust=True)


def _restamp(user_id) -> None:
    try:
        get_redis_connection("default").set(_stamp_key(user_id), secrets.token_hex(8))
    except AWAY:
        return


def _stamp_key(user_id) -> str:
    return f"akig:caller:stamp:{user_id}"


def _record_key(name) -> str:
    return f"akig:caller:{len(COLUMNS)}.{len(LEARNT)}:{name}"
