"""The live process: who is connected, in which rooms, and what each is told.

One task reads the stream of news (``akig.lib.live``) and Channels hands each to its room. The
layer is in the memory of this process: several processes each read the whole stream, which also
is what somebody missed who comes back. A layer in Redis keeps nothing, and to speak to it from a
thread of a web process costs a loop and a connection for each news.
"""

import asyncio
import logging
from datetime import datetime
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings
from redis import asyncio as redis
from redis.exceptions import RedisError

from accounts import factors
from accounts.models import User
from akig.lib.live import KEPT, RENEW, STREAM
from akig.lib.problems import OtpRequired
from sites_app.rooms import read_ticket, rooms_of

logger = logging.getLogger(__name__)
PAUSE = 1  # seconds before Redis is asked again after it was away
WAIT = 20_000  # milliseconds for which Redis may keep us waiting for news
#: The code with which somebody is sent away whose rights may have changed.
STALE = 4001


class Live(AsyncWebsocketConsumer):
    """One connection: ``/ws/live?token=…&since=<the at of what was heard last>``."""

    rooms: list[str] = []

    async def connect(self) -> None:
        asked = parse_qs(self.scope["query_string"].decode("latin-1"))
        self.rooms = await _rooms(self.scope, asked.get("token", [""])[0])
        if not self.rooms:
            await self.close()
            return
        await reader.begin()
        for room in self.rooms:
            await self.channel_layer.group_add(room, self.channel_name)
        await self.accept()
        # What comes in between is heard twice, never missed: pages only ask again.
        for said in await missed(self.rooms, asked.get("since", [""])[0]):
            await self.send(said)

    async def disconnect(self, code: int) -> None:
        for room in self.rooms:
            await self.channel_layer.group_discard(room, self.channel_name)

    async def receive(self, **said) -> None:
        """Nothing is said to us but that somebody is still there."""

    async def live_news(self, news: dict) -> None:
        if news["kind"] == RENEW:
            await self.close(STALE)
        else:
            await self.send(news["said"])


async def _rooms(scope, ticket: str) -> list[str]:
    if ticket:
        return read_ticket(ticket)
    return await database_sync_to_async(_rooms_of_session)(scope["user"])


def _rooms_of_session(user: User) -> list[str]:
    if not user.is_authenticated or not user.is_active:
        return []
    try:
        factors.refuse_overdue(user)
    except OtpRequired:
        return []
    return rooms_of(user)


def connection() -> redis.Redis:
    """Return a client that finds out when Redis no longer answers."""
    return redis.Redis.from_url(
        settings.CACHES["default"]["LOCATION"],
        decode_responses=True,
        socket_timeout=2 * WAIT / 1000,
    )


async def missed(rooms: list[str], since: str) -> list[str]:
    """Return what was said in ``rooms`` from an instant on (an ``at``), as far as it is kept."""
    try:
        first = int(datetime.fromisoformat(since).timestamp() * 1000)
    except (ValueError, OverflowError):
        return []
    try:
        async with connection() as known:
            news = await known.xrange(STREAM, min=max(0, first), count=KEPT)
    except (RedisError, OSError):
        return []
    wanted = set(rooms)
    return [said["said"] for _key, said in news if said["room"] in wanted]


class Reader:
    """Reads the stream as long as this process lives, once somebody is there to be told."""

    def __init__(self):
        self.task: asyncio.Task | None = None

    async def begin(self) -> None:
        """See to it that the stream is read; what is said from now on will be heard."""
        if self.task is None or self.task.done():
            self.listens = asyncio.Event()
            self.task = asyncio.create_task(self._read())
        await self.listens.wait()

    async def _read(self) -> None:
        stands = ""
        while True:
            try:
                async with connection() as known:
                    stands = stands or await _end_of_stream(known)
                    self.listens.set()
                    while True:
                        stands = await _pass_on(known, stands)
            except (RedisError, OSError) as error:
                logger.warning("No news for now: %s", error)
                self.listens.set()  # nobody waits for Redis
                await asyncio.sleep(PAUSE)


async def _end_of_stream(known: redis.Redis) -> str:
    news = await known.xrevrange(STREAM, count=1)
    return news[0][0] if news else "0-0"


async def _pass_on(known: redis.Redis, stands: str) -> str:
    """Wait for what comes after ``stands``, tell it to its rooms, and return where that ended."""
    layer = get_channel_layer()
    for _stream, news in await known.xread({STREAM: stands}, block=WAIT):
        for _key, said in news:
            event = {"type": "live.news", "kind": said["kind"], "said": said["said"]}
            await layer.group_send(said["room"], event)
        stands = news[-1][0]
    return stands


reader = Reader()
