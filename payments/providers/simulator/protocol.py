"""What the four protocols share: a request, a reply, tokens that run out."""

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from payments.providers.base import CALLBACK_PATH
from payments.providers.simulator.orders import Order, Orders, Scenario


@dataclass(frozen=True)
class Request:
    """What came in; names of headers are in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict:
        try:
            data = json.loads(self.body or b"{}")
        except ValueError:
            raise Refusal(400, {"code": "INVALID_JSON"}) from None
        if not isinstance(data, dict):
            raise Refusal(400, {"code": "INVALID_JSON"})
        return data

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    def basic(self) -> tuple[str, str]:
        kind, _, coded = self.headers.get("authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(coded).decode().partition(":")
        except ValueError:
            return "", ""
        return (user, password) if kind == "Basic" else ("", "")

    def bearer(self) -> str:
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind == "Bearer" else ""


@dataclass(frozen=True)
class Reply:
    status: int
    data: Any = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Answered at once with ``status`` and ``data``."""

    def __init__(self, status: int, data: dict):
        super().__init__(status)
        self.reply = Reply(status, data)


class Hang(Exception):
    """The order was taken, but the connection breaks; ``after`` that many seconds."""

    def __init__(self, after: float = 0):
        super().__init__()
        self.after = after


class Protocol:
    """One provider: ``routes`` name the method, the path's pattern and what answers."""

    kind: str
    routes: list[tuple[str, str, str]]

    def __init__(self, orders: Orders, url: str, slow: float):
        self.orders, self.url, self.slow = orders, url, slow
        self.token_lasts = 3600
        #: Where calls back go, for those whose portal has it instead of each order.
        self.callback_url = ""
        self._tokens: dict[str, float] = {}

    def give_token(self) -> str:
        token = self.orders.name("tok-", 32)
        self._tokens[token] = time.time() + self.token_lasts
        return token

    def forget_tokens(self) -> None:
        self._tokens.clear()

    def knows(self, token: str) -> bool:
        return self._tokens.get(token, 0) > time.time()

    def take(self, order: Order) -> Order:
        """Keep a new order and let its scenario begin; some end before they are taken."""
        if order.scenario is Scenario.ERRORS:
            raise Refusal(500, {"code": "INTERNAL_ERROR"})
        if order.scenario is Scenario.ERROR_ONCE:
            self.orders.next.appendleft(Scenario.SUCCESS)
            raise Refusal(503, {"code": "SERVICE_UNAVAILABLE"})
        self.orders.add(order)
        self.orders.begin(order)
        if order.scenario is Scenario.SLOW:
            raise Hang(self.slow)
        if order.scenario is Scenario.LOST_ANSWER:
            raise Hang
        return order

    def portal_url(self, return_url: str) -> str:
        """Return the address of the portal; unless it was written there, that of our house."""
        if self.callback_url:
            return self.callback_url
        ours = urlsplit(return_url)
        return f"{ours.scheme}://{ours.netloc}{CALLBACK_PATH}/{self.kind}"

    def page(self, order: Order) -> str:
        return f"{self.url}/payer/{order.kind}/{order.session}"

    def compose(self, order: Order):
        """Return the call back that tells how ``order`` stands, or None."""
        raise NotImplementedError


def body_of(data: dict) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()
