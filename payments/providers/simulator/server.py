"""One server on this machine alone, with all four protocols, the payer's pages and controls."""

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

from payments.providers.simulator.djomy import DjomyGateway
from payments.providers.simulator.mtn import Mtn
from payments.providers.simulator.orange import Orange
from payments.providers.simulator.orders import Message, Order, Orders, Scenario
from payments.providers.simulator.pages import Pages
from payments.providers.simulator.posting import Postman
from payments.providers.simulator.protocol import Hang, Protocol, Refusal, Reply, Request, body_of
from payments.providers.simulator.wave import WaveCheckout

logger = logging.getLogger(__name__)
LARGEST = 64 * 1024
PORT = 8099


class Simulator:
    """The four providers, from ``with`` to its end. ``port`` 0 takes any that is free.

    ``automatic``: the payers decide by themselves (else on their pages) after ``delay`` seconds,
    by which calls back are late too. ``held``: calls back stay in ``sent``. ``slow``: seconds for
    which a slow answer is withheld. Raises ValueError unless ``host`` is this machine itself.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        automatic: bool = True,
        delay: float = 0,
        seed: int = 1,
        held: bool = False,
        slow: float = 15,
    ):
        if not ip_address(host).is_loopback:
            raise ValueError("The simulator listens on this machine alone.")
        self.down = False
        self.requests: deque[Request] = deque(maxlen=1000)
        self._postman = Postman(delay=delay, held=held)
        self.orders = Orders(
            compose=self._compose,
            send=self._postman.send,
            automatic=automatic,
            delay=delay,
            seed=seed,
        )
        self._server = _Server((host, port), self._answer)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_address[1]}"
        self.protocols: dict[str, Protocol] = {
            protocol.kind: protocol(self.orders, self.url, slow)
            for protocol in (Orange, Mtn, WaveCheckout, DjomyGateway)
        }
        self._pages = Pages(self.orders)
        self._routes = self._all_routes()
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True)

    def __enter__(self) -> "Simulator":
        self._thread.start()
        self._postman.start()
        return self

    def __exit__(self, *failure) -> None:
        self.orders.close()
        self._postman.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def join(self) -> None:
        """Serve until somebody interrupts."""
        self._thread.join()

    # What tests say and see

    def next(self, *scenarios: str) -> None:
        """Let the coming orders, one each, meet ``scenarios``."""
        self.orders.next.extend(Scenario(scenario) for scenario in scenarios)

    def decide(self, order: Order, state: str) -> None:
        """Let the payer of ``order`` decide: "paid", "failed" or "expired"."""
        self.orders.decide(order, state)

    def order(self, order_id: str) -> Order:
        """Return the one order of that number. Raises StopIteration when there is none."""
        return next(order for order in self.orders.all() if order.order_id == order_id)

    def call_back_to(self, kind: str, url: str) -> None:
        """Write ``url`` into the portal of a provider that calls back to where its portal says."""
        self.protocols[kind].callback_url = url

    def wait(self, seconds: float = 5) -> None:
        """Wait until all calls back are carried away."""
        self._postman.wait(seconds)

    @property
    def sent(self) -> list[Message]:
        """Every call back so far, carried away or not."""
        return self._postman.sent

    # Answering

    def _all_routes(self) -> list[tuple[str, re.Pattern, Callable[..., Reply]]]:
        served: list[Any] = [self._pages, *self.protocols.values()]
        named = [
            (method, pattern, getattr(one, name))
            for one in served
            for method, pattern, name in one.routes
        ]
        own = [
            ("POST", r"/_simulator/next", self._control_next),
            ("POST", r"/_simulator/down", self._control_down),
            ("GET", r"/_simulator/orders", self._control_orders),
        ]
        return [(method, re.compile(pattern), act) for method, pattern, act in named + own]

    def _answer(self, request: Request) -> Reply:
        if self.down and not request.path.startswith("/_simulator/"):
            return Reply(503, {"code": "SERVICE_UNAVAILABLE"})
        self.requests.append(request)
        for method, pattern, act in self._routes:
            found = pattern.fullmatch(request.path)
            if found and method == request.method:
                try:
                    return act(request, **found.groupdict())
                except Refusal as refusal:
                    return refusal.reply
        return Reply(404, {"code": "NOT_FOUND"})

    def _compose(self, order: Order) -> Message | None:
        return self.protocols[order.kind].compose(order)

    # Control

    def _control_next(self, request: Request) -> Reply:
        data = request.json()
        try:
            self.next(*[data.get("scenario", "")] * int(data.get("times", 1)))
        except ValueError:
            raise Refusal(400, {"scenarios": list(Scenario)}) from None
        return Reply(200, {"next": list(self.orders.next)})

    def _control_down(self, request: Request) -> Reply:
        self.down = bool(request.json().get("down", True))
        return Reply(200, {"down": self.down})

    def _control_orders(self, request: Request) -> Reply:
        shown = ("kind", "order_id", "amount", "currency", "phone", "scenario", "state", "reason")
        return Reply(
            200, [{name: getattr(order, name) for name in shown} for order in self.orders.all()]
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], answer: Callable[[Request], Reply]):
        self.answer = answer
        super().__init__(address, _Handler)

    def handle_error(self, request, client_address) -> None:
        # Who hangs up in the middle is no news; anything else is a fault of ours.
        logger.debug("A request to the simulator ended early.", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    timeout = 30
    server: _Server

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST:
            self.close_connection = True
            self._send(Reply(413, {"code": "TOO_LARGE"}))
            return
        request = Request(
            method=self.command,
            path=parts.path,
            query=parse_qs(parts.query),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
        )
        try:
            self._send(self.server.answer(request))
        except Hang as hang:
            time.sleep(hang.after)
            self.close_connection = True

    do_GET = do_POST = do_PUT = _serve

    def _send(self, reply: Reply) -> None:
        body = b""
        if isinstance(reply.data, str):
            body = reply.data.encode()
        elif reply.data is not None:
            body = body_of(reply.data)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args) -> None:
        # Requests carry tokens in their headers only, but nobody reads these lines either.
        logger.debug(format, *args)
