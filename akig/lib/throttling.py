"""Counting requests by the minute, in Redis: one round trip, and nothing when Redis is away."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass

from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import NoScriptError, RedisError

WINDOW = 60_000
TALLY = "akig:tally"
AWAY = (RedisError, ConnectionInterrupted, OSError)

# The minute begins with its first request, so that no caller gets two limits at the turn of one.
COUNT = """
local used, left = redis.call('INCR', KEYS[1]), redis.call('PTTL', KEYS[1])
if left < 0 then
    left = tonumber(ARGV[1])
    redis.call('PEXPIRE', KEYS[1], left)
end
if ARGV[2] ~= '' then redis.call('HINCRBY', ARGV[3], ARGV[2], 1) end
local answer = {used, left}
for place = 2, #KEYS do
    answer[place + 1] = redis.call('GET', KEYS[place])
end
return answer
"""
DIGEST = hashlib.sha1(COUNT.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Count:
    """Where a caller stands: ``wait`` is zero, or the seconds until the next request is taken.

    ``beside`` are the values that were read in the same round trip, None where Redis is away.
    """

    limit: int
    remaining: int
    wait: int
    beside: list[bytes | None] | None = None


def count(name: str, limit: int, beside: Iterable[str] = (), tally: str = "") -> Count:
    """Count one more request of ``name`` in the minute that its first request began.

    ``beside`` are keys whose values are wanted anyway; under ``tally`` the request is counted for
    good, until ``take_tally`` takes it away.
    """
    keys = [f"akig:count:{name}", *beside]
    more = (WINDOW, tally, TALLY)
    try:
        redis = get_redis_connection("default")
        try:
            used, left, *values = redis.evalsha(DIGEST, len(keys), *keys, *more)
        except NoScriptError:
            used, left, *values = redis.eval(COUNT, len(keys), *keys, *more)
    except AWAY:
        return Count(limit, limit, 0)
    wait = max(1, math.ceil(left / 1000)) if used > limit else 0
    return Count(limit, max(0, limit - used), wait, values)


def take_tally() -> dict[str, int]:
    """Return what was counted under each name of a tally, and begin anew; nothing without Redis."""
    try:
        both = get_redis_connection("default").pipeline(transaction=True)
        found, _gone = both.hgetall(TALLY).delete(TALLY).execute()
    except AWAY:
        return {}
    return {name.decode(): int(number) for name, number in found.items()}
