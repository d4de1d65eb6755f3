"""Carrying calls back to our own house, again and again until somebody answers 2xx."""

import heapq
import itertools
import logging
import threading
import time

import requests

from payments.providers.simulator.orders import Message
from payments.providers.web import is_loopback

logger = logging.getLogger(__name__)
PATIENCE = 5  # seconds, as Wave's
WAITS = (0.2, 1, 2, 5, 10)  # seconds before each further try


class Postman(threading.Thread):
    """Takes messages away in the order in which they are due. ``held`` keeps them instead.

    ``sent`` are all messages ever given, delivered or not: a test may carry them itself, in
    any order and as often as it likes.
    """

    def __init__(self, *, delay: float, held: bool):
        super().__init__(name="simulator-postman", daemon=True)
        self.delay, self.held = delay, held
        self.sent: list[Message] = []
        self.answers: list[int] = []
        self._due: list[tuple[float, int, int, Message]] = []
        self._numbers = itertools.count()
        self._ready = threading.Condition()
        self._open = 0
        self._ends = False

    def send(self, message: Message) -> None:
        with self._ready:
            self.sent.append(message)
            if not self.held:
                self._put(message, self.delay, 0)

    def wait(self, seconds: float = 5) -> None:
        """Wait until everything due has been carried away, at most ``seconds``."""
        with self._ready:
            self._ready.wait_for(lambda: not self._due and not self._open, seconds)

    def close(self) -> None:
        with self._ready:
            self._ends = True
            self._ready.notify_all()
        if self.is_alive():
            self.join(PATIENCE + 1)

    def run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while (due := self._take()) is not None:
                message, tried = due
                is_taken = self._carry(session, message)
                with self._ready:
                    self._open -= 1
                    if not is_taken and tried < len(WAITS):
                        self._put(message, WAITS[tried], tried + 1)
                    self._ready.notify_all()

    def _put(self, message: Message, wait: float, tried: int) -> None:
        due = time.monotonic() + wait
        heapq.heappush(self._due, (due, next(self._numbers), tried, message))
        self._ready.notify_all()

    def _take(self) -> tuple[Message, int] | None:
        with self._ready:
            while not self._ends:
                if not self._due:
                    self._ready.wait()
                elif (wait := self._due[0][0] - time.monotonic()) > 0:
                    self._ready.wait(wait)
                else:
                    _, _, tried, message = heapq.heappop(self._due)
                    self._open += 1
                    return message, tried
            return None

    def _carry(self, session: requests.Session, message: Message) -> bool:
        if not is_loopback(message.url):
            logger.warning("A call back would leave this machine; it is dropped.")
            return True
        try:
            answer = session.request(
                message.method,
                message.url,
                headers=message.headers,
                data=message.body,
                timeout=PATIENCE,
                allow_redirects=False,
            )
        except requests.RequestException:
            return False
        self.answers.append(answer.status_code)
        return answer.ok
