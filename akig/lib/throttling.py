"""Counting requests by the minute, in Redis: one round trip, and nothing when Redis is away."""

import math
from dataclasses import dataclass

from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

WINDOW = 60


@dataclass(frozen=True)
class Count:
    """Where a caller stands: ``wait`` is zero, or the seconds until the next request is taken."""

    limit: int
    remaining: int
    wait: int


def count(name: str, limit: int) -> Count:
    """Count one more request of ``name`` in the minute that its first request began."""
    key = f"akig:count:{name}"
    try:
        pipeline = get_redis_connection("default").pipeline(transaction=True)
        pipeline.set(key, 0, ex=WINDOW, nx=True)
        pipeline.incr(key)
        pipeline.pttl(key)
        _made, used, left = pipeline.execute()
    except (RedisError, ConnectionInterrupted, OSError):
        return Count(limit, limit, 0)
    wait = max(1, math.ceil(left / 1000)) if used > limit else 0
    return Count(limit, max(0, limit - used), wait)
