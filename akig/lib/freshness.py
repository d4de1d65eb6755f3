"""Cached figures that go stale by themselves when their branch's data changes.

A scope ("site:GN_CONAKRY") has a random token in Redis; a value is kept together with the tokens
of its scopes as they were before it was computed, and counts only while they are the same. Nobody
deletes values. The token is random and not a counter, because an evicted counter could come back
to an old value.
"""

import hashlib
import logging
import pickle
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db import connection, transaction
from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

AWAY = (ConnectionInterrupted, RedisError, OSError)
T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Renewal:
    scope: str

    def store_new_token(self) -> None:
        try:
            get_redis_connection("default").set(_token_key(self.scope), _new_token())
        except AWAY as error:
            logger.warning("Redis is away, figures of %s may be old: %s", self.scope, error)


def renew(scope: str) -> None:
    """Make every value remembered under ``scope`` stale once the transaction is committed.

    A cache that is away never turns a saved act into a failure: a figure cached before it went is
    at worst one time-to-live old.
    """
    renewal = Renewal(scope)
    alive = set(connection.savepoint_ids)
    for savepoints, waiting in _waiting():
        # One that an abandoned savepoint may yet take away does not count.
        if waiting == renewal and savepoints <= alive:
            return
    # A bound method, because Django logs a robust hook's __qualname__, which a partial has not.
    transaction.on_commit(renewal.store_new_token, robust=True)


def remember(scopes: Iterable[str], key: str, seconds: int, compute: Callable[[], T]) -> T:
    """Return ``compute()``, or what it returned less than ``seconds`` ago under the same scopes.

    ``key`` names the figure and all its parameters; that of a text names the language too. Values
    are picklable. The value is simply computed when the cache is away, or when this transaction has
    itself changed one of the scopes (its figures are nobody else's yet).
    """
    return remember_under(scopes, key, seconds, compute)[0]


def remember_under(
    scopes: Iterable[str], key: str, seconds: int, compute: Callable[[], T]
) -> tuple[T, dict[str, bytes] | None]:
    """Do as ``remember``, and tell under which tokens (by their keys in Redis) the value stands.

    None where it can be remembered nowhere.
    """
    scopes = sorted(scopes)
    if changed_here().intersection(scopes):
        return compute(), None
    name, names = _value_key(key, scopes), [_token_key(scope) for scope in scopes]
    try:
        redis = get_redis_connection("default")
        # Read before computing: data changed meanwhile leaves the value under the old token.
        kept, *tokens = redis.mget(name, *names)
        if None in tokens:
            for missing in names:
                redis.set(missing, _new_token(), nx=True)
            tokens = redis.mget(names)
    except AWAY:
        return compute(), None
    if None in tokens:  # a server so full that it drops what it was just given
        return compute(), None
    stamp, under = b"".join(tokens), dict(zip(names, tokens, strict=True))
    if kept is not None and kept.startswith(stamp):
        return pickle.loads(kept[len(stamp) :]), under  # noqa: S301  # nosec B301 # ours
    value = compute()
    try:
        redis.set(name, stamp + pickle.dumps(value), ex=seconds)
    except AWAY:
        return value, None
    return value, under


def changed_here() -> set[str]:
    """Return the scopes that this transaction has changed and not committed yet."""
    return {waiting.scope for _savepoints, waiting in _waiting()}


def _waiting() -> list[tuple[set, Renewal]]:
    """Return the renewals that this transaction will do when it commits, with their savepoints."""
    hooks = [
        (savepoints, getattr(hook, "__self__", None))
        for savepoints, hook, _robust in connection.run_on_commit
    ]
    return [(savepoints, owner) for savepoints, owner in hooks if isinstance(owner, Renewal)]


def _new_token() -> str:
    return secrets.token_hex(8)  # all of one length, as the stamp of a value wants


def _token_key(scope: str) -> str:
    return f"akig:fresh:token:{scope}"


def _value_key(key: str, scopes: list[str]) -> str:
    # Hashed, because a page's parameters may be of any length.
    return "akig:fresh:value:" + hashlib.sha256("\n".join([key, *scopes]).encode()).hexdigest()
