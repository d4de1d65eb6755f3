"""Counting requests by the minute, in Redis: one round trip, and nothing when Redis is away."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass

from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import NoScriptError, RedisError

WINDOW = 60_000

# The minute begins with its first request, so that no caller gets two limits at the turn of one.
COUNT = """
local used, left = redis.call('INCR', KEYS[1]), redis.call('PTTL', KEYS[1])
if left < 0 then
    left = tonumber(ARGV[1])
    redis.call('PEXPIRE', KEYS[1], left)
end
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


def count(name: str, limit: int, beside: Iterable[str] = ()) -> Count:
    """Count one more request of ``name`` in the minute that its first request began.

    ``beside`` are keys whose values are wanted anyway.
    """
    keys = [f"akig:count:{name}", *beside]
    try:
        redis = get_redis_connection("default")
        try:
            used, left, *values = redis.evalsha(DIGEST, len(keys), *keys, WINDOW)
        except NoScriptError:
            used, left, *values = redis.eval(COUNT, len(keys), *keys, WINDOW)
    except (RedisError, ConnectionInterrupted, OSError):
        return Count(limit, limit, 0)
    wait = max(1, math.ceil(left / 1000)) if used > limit else 0
    return Count(limit, max(0, limit - used), wait, values)
