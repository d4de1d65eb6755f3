"""The door of the live process: ``/ws/live``, and nothing else.

A browser shows its session, and comes from one of our own pages; whoever shows a ticket needs no
session and may come from anywhere.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "akig.settings")
django.setup()

from channels.auth import AuthMiddlewareStack  # noqa: E402 - the settings stand first
from channels.routing import ProtocolTypeRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from akig.live import Live  # noqa: E402

PATH = "/ws/live"
with_ticket = Live.as_asgi()
with_session = AllowedHostsOriginValidator(AuthMiddlewareStack(with_ticket))


async def connect(scope, receive, send) -> None:
    if scope["path"] != PATH:
        await receive()
        await send({"type": "websocket.close"})
    elif b"token=" in scope["query_string"]:
        await with_ticket(scope, receive, send)
    else:
        await with_session(scope, receive, send)


async def answer(scope, receive, send) -> None:
    """Say that this process lives (204) at its one address, and that there is nothing else."""
    status = 204 if scope["path"] == PATH else 404
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


application = ProtocolTypeRouter({"websocket": connect, "http": answer})
