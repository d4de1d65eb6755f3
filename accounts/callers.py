"""Whom a token names, remembered for seconds: family, person, rights and branches in one reading.

Every request of the API asks this; asked of the database it costs more than the answer. What is
remembered stands under a stamp of the person, and whoever shuts a person or a sign-in out changes
the stamp (``forget``), so that the next request asks the database again. Without Redis every
request asks it.
"""

import pickle
import secrets
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from django.db import transaction
from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from accounts.models import TokenFamily, User

AWAY = (RedisError, ConnectionInterrupted, OSError)
#: What changes behind the application's back (raw SQL) counts after so many seconds.
SECONDS = 10
#: The password stays where it is.
COLUMNS = [column.attname for column in User._meta.concrete_fields if column.attname != "password"]


@dataclass
class Caller:
    """Whom a request comes from; ``stamp`` is None where nothing can be remembered."""

    family: UUID
    user: User
    stamp: bytes | None
    remembered: set[str] = field(default_factory=set)


def find(family: UUID, user_id: str) -> Caller | None:
    """Return who signed in as ``family``, unless the sign-in or the person is shut out."""
    stamp, record = _ask(family, user_id)
    if record and stamp is not None:
        kept_under, values, extras = pickle.loads(record)  # noqa: S301 - our own Redis
        if kept_under == stamp:
            user = User.from_db("default", COLUMNS, values)
            vars(user).update(extras)
            return Caller(family, user, stamp, set(extras))
    found = (
        TokenFamily.objects.select_related("user")
        .filter(pk=family, user=user_id, revoked_at=None, user__is_active=True)
        .first()
    )
    return found and Caller(family, found.user, stamp)


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
    except AWAY:
        return


def forget(user_id: int) -> None:
    """Let the next request of a person ask the database: now, and again once this is committed."""
    _restamp(user_id)
    if transaction.get_connection().in_atomic_block:
        restamp = partial(_restamp, user_id)
        restamp.__qualname__ = f"forget {user_id}"  # Django names a robust hook that failed by it
        transaction.on_commit(restamp, robust=True)


def _ask(family: UUID, user_id: str) -> tuple[bytes | None, bytes | None]:
    try:
        redis = get_redis_connection("default")
        stamp, record = redis.mget(_stamp_key(user_id), _record_key(family))
    except AWAY:
        return None, None
    return stamp or b"", record


def _restamp(user_id) -> None:
    try:
        get_redis_connection("default").set(_stamp_key(user_id), secrets.token_hex(8))
    except AWAY:
        return


def _stamp_key(user_id) -> str:
    return f"akig:caller:stamp:{user_id}"


def _record_key(family) -> str:
    return f"akig:caller:{len(COLUMNS)}:{family}"
