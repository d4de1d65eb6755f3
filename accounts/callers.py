"""Whom a token names, remembered for seconds: family, person, rights and branches in one reading.

Every request of the API asks this; asked of the database it costs more than the answer. What is
remembered stands under a stamp of the person, and whoever shuts a person or a sign-in out changes
the stamp (``forget``), so that the next request asks the database again. Without Redis every
request asks it.
"""

import pickle
import secrets
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction
from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from accounts.models import TokenFamily, User
from akig.lib.throttling import Count, count

AWAY = (RedisError, ConnectionInterrupted, OSError)
#: What changes behind the application's back (raw SQL) counts after so many seconds.
SECONDS = 10
#: The password stays where it is.
NOTHING = (None, (), {})
COLUMNS = [column.attname for column in User._meta.concrete_fields if column.attname != "password"]


@dataclass
class Caller:
    """Whom a request comes from; ``stamp`` is None where nothing can be remembered.

    ``counted`` says where the person stands with the requests of this minute, ``record`` is what
    is kept of the person, and ``expires_at`` when the token ends (seconds since 1970).
    """

    family: str
    user: User
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
            _record_key(self.family): self.record,
        }


def find(family: str, user_id: str, counted: Count | None = None) -> Caller | None:
    """Return who signed in as ``family``, unless the sign-in or the person is shut out.

    The request is counted in the same round trip, unless it is already: then ``counted.beside``
    begins with what ``stands_on`` names.
    """
    counted = counted or count(
        f"user:{user_id}",
        settings.THROTTLE_USER,
        beside=(_stamp_key(user_id), _record_key(family)),
    )
    stamp = None
    if counted.beside is not None:
        stamp, record = counted.beside[0] or b"", counted.beside[1]
        kept_under, values, extras = pickle.loads(record) if record else NOTHING  # noqa: S301 - ours
        if kept_under == stamp:
            user = User.from_db("default", COLUMNS, values)
            vars(user).update(extras)
            return Caller(family, user, counted, stamp, frozenset(extras), record)
    found = (
        TokenFamily.objects.select_related("user")
        .filter(pk=family, user=user_id, revoked_at=None, user__is_active=True)
        .first()
    )
    return found and Caller(family, found.user, counted, stamp)


def keep(caller: Caller) -> None:
    """Remember a caller with what the request has learnt of the person meanwhile."""
    user = caller.user
    if caller.stamp is None or {"_authority", "_branches"} <= caller.remembered:
        return
    extras = {name: vars(user)[name] for name in ("_authority", "_branches") if name in vars(user)}
    if caller.remembered >= set(extras):
        return
    values = [getattr(user, column) for column in COLUMNS]
    record = pickle.dumps((caller.stamp, values, extras))
    try:
        get_redis_connection("default").set(_record_key(caller.family), record, ex=SECONDS)
        caller.record = record
    except AWAY:
        return


def forget(user_id: int) -> None:
    """Let the next request of a person ask the database: now, and again once this is committed."""
    _restamp(user_id)
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


def _record_key(family) -> str:
    return f"akig:caller:{len(COLUMNS)}:{family}"
