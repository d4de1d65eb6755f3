"""The cache as we want it when its server is away."""

from django_redis.cache import RedisCache


class SoftRedisCache(RedisCache):
    """With Redis away (and IGNORE_EXCEPTIONS), nothing is found and whatever is added is new.

    ``add`` is how allauth takes the lock of its rate limits; a "no" would let nobody sign in.
    """

    def add(self, *args, **kwargs) -> bool:
        added = super().add(*args, **kwargs)
        return True if added is None else added
