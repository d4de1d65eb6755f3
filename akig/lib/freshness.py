"""Cached figures that go stale by themselves when their branch's data changes.

A scope ("site:GN_CONAKRY") has a random token in the cache; a cached value lives under the tokens
of its scopes. Renewing a token makes every value under it unreachable: nobody deletes keys.
The token is random and not a counter, because an evicted counter could come back to an old value.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.core.cache import cache
from django.db import connection, transaction
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

AWAY = (ConnectionInterrupted, RedisError, OSError)
NOT_THERE = object()
T = TypeVar("T")


@dataclass(frozen=True)
class Renewal:
    scope: str

    def store_new_token(self) -> None:
        cache.set(_token_key(self.scope), secrets.token_hex(8), None)


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

    ``key`` names the figure and all its parameters. Values are figures (picklable), never texts:
    texts depend on the language. The value is simply computed when the cache is away, or when
    this transaction has itself changed one of the scopes (its figures are nobody else's yet).
    """
    scopes = sorted(scopes)
    changed = {waiting.scope for _savepoints, waiting in _waiting()}
    if changed.intersection(scopes):
        return compute()
    try:
        # Read before computing: data changed meanwhile leaves the value under the old token.
        name = _value_key(key, _tokens(scopes))
        value = cache.get(name, NOT_THERE)
    except AWAY:
        return compute()
    if value is not NOT_THERE:
        return value
    value = compute()
    try:
        cache.set(name, value, seconds)
    except AWAY:
        return value
    return value


def _waiting() -> list[tuple[set, Renewal]]:
    """Return the renewals that this transaction will do when it commits, with their savepoints."""
    hooks = [
        (savepoints, getattr(hook, "__self__", None))
        for savepoints, hook, _robust in connection.run_on_commit
    ]
    return [(savepoints, owner) for savepoints, owner in hooks if isinstance(owner, Renewal)]


def _tokens(scopes: list[str]) -> list[str]:
    names = [_token_key(scope) for scope in scopes]
    found = cache.get_many(names)
    for name in names:
        if name not in found:
            cache.add(name, secrets.token_hex(8), None)
            found[name] = cache.get(name)
    if None in found.values():
        raise ConnectionError("A cache that hides that it is away keeps no token.")
    return [found[name] for name in names]


def _token_key(scope: str) -> str:
    return f"fresh:token:{scope}"


def _value_key(key: str, tokens: list[str]) -> str:
    # Hashed, because a page's parameters may hold characters or lengths that a cache refuses.
    return "fresh:value:" + hashlib.sha256("\n".join([key, *tokens]).encode()).hexdigest()
