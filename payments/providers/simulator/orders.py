"""What the simulated providers remember, and what befalls a payment there."""

import itertools
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class Scenario(StrEnum):
    """What happens to one order."""

    PAGE = "page"  # the payer decides on a page
    SUCCESS = "success"
    REFUSED = "refused"
    EXPIRED = "expired"
    SILENT = "silent"  # never decided, never called back
    SLOW = "slow"  # taken, but the answer comes after everybody's patience
    ERRORS = "errors"  # not taken: 500
    ERROR_ONCE = "error_once"  # 500, and taken when asked again
    LOST_ANSWER = "lost_answer"  # taken, and the connection breaks before the answer
    LOST_CALLBACK = "lost_callback"
    DOUBLED = "doubled"  # called back twice
    LATE = "late"  # expired; paid all the same once somebody has read that
    WRONG_AMOUNT = "wrong_amount"
    WRONG_CURRENCY = "wrong_currency"
    BAD_SIGNATURE = "bad_signature"  # a wrong token where there are no signatures
    PUT = "put"  # called back by PUT


#: An amount ending so, or a telephone with 00 before it, plays a scenario: 1 500 902 is refused.
ENDINGS = {
    str(number): scenario
    for number, scenario in enumerate(
        [scenario for scenario in Scenario if scenario is not Scenario.PAGE], start=901
    )
}
WAITING, PAID, FAILED, EXPIRED = "waiting", "paid", "failed", "expired"
#: How each scenario ends; what is not named here is paid.
ENDS = {
    Scenario.REFUSED: FAILED,
    Scenario.EXPIRED: EXPIRED,
    Scenario.LATE: EXPIRED,
    Scenario.SILENT: WAITING,
}


@dataclass
class Order:
    """One payment asked of a provider. ``amount`` is written as the client wrote it."""

    kind: str
    session: str
    order_id: str
    amount: str
    currency: str
    phone: str = ""
    callback_url: str = ""
    return_url: str = ""
    cancel_url: str = ""
    notify_token: str = ""
    scenario: Scenario = Scenario.SUCCESS
    state: str = WAITING
    reason: str = ""
    transaction: str = ""
    reads: int = 0
    messages: int = 0
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def paid_amount(self) -> str:
        """The amount as the provider tells it afterwards."""
        if self.scenario is Scenario.WRONG_AMOUNT:
            return str(int(self.amount) - 1)
        return self.amount

    @property
    def paid_currency(self) -> str:
        return "USD" if self.scenario is Scenario.WRONG_CURRENCY else self.currency


@dataclass(frozen=True)
class Message:
    """A call back on its way."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


class Orders:
    """All orders of one simulator; every method may be called by several threads.

    ``compose`` makes the call back of an order (None where its provider sends none), ``send``
    takes it away. ``delay`` is how many seconds an automatic payer thinks.
    """

    def __init__(
        self,
        *,
        compose: Callable[[Order], Message | None],
        send: Callable[[Message], None],
        automatic: bool,
        delay: float,
        seed: int,
    ):
        self.compose, self.send = compose, send
        self.automatic, self.delay = automatic, delay
        self.random = random.Random(seed)  # noqa: S311 - it plays, it guards nothing
        self.lock = threading.RLock()
        self.next: deque[Scenario] = deque()
        self._orders: dict[tuple[str, str], Order] = {}
        self._numbers = itertools.count(1)
        self._timers: list[threading.Timer] = []

    def close(self) -> None:
        for timer in self._timers:
            timer.cancel()

    # Names

    def name(self, prefix: str = "", length: int = 24) -> str:
        """Return a new name that nobody guesses; the same ones for the same seed."""
        with self.lock:
            return prefix + f"{self.random.getrandbits(length * 4):0{length}x}"

    def number(self) -> int:
        with self.lock:
            return next(self._numbers)

    # Orders

    def scenario_for(self, amount: str, phone: str) -> Scenario:
        """Choose what will happen: as ordered beforehand, else by the amount or the telephone."""
        with self.lock:
            if self.next:
                return self.next.popleft()
        if amount[-3:] in ENDINGS:
            return ENDINGS[amount[-3:]]
        if phone[-5:-3] == "00" and phone[-3:] in ENDINGS:
            return ENDINGS[phone[-3:]]
        return Scenario.SUCCESS if self.automatic else Scenario.PAGE

    def add(self, order: Order) -> Order:
        with self.lock:
            self._orders[order.kind, order.session] = order
        return order

    def begin(self, order: Order) -> None:
        """Let the payer of ``order`` decide: now, after the delay, or on his page."""
        if order.scenario is Scenario.PAGE:
            return
        if not self.delay:
            self.decide(order)
            return
        timer = threading.Timer(self.delay, self.decide, [order])
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def find(self, kind: str, session: str) -> Order | None:
        with self.lock:
            return self._orders.get((kind, session))

    def find_order_id(self, kind: str, order_id: str) -> list[Order]:
        with self.lock:
            return [
                order
                for order in self._orders.values()
                if order.kind == kind and order.order_id == order_id
            ]

    def all(self) -> list[Order]:
        with self.lock:
            return list(self._orders.values())

    # What befalls them

    def decide(self, order: Order, state: str = "", reason: str = "") -> None:
        """End ``order`` as its scenario has it (or in ``state``) and call back once or twice."""
        with self.lock:
            if order.state == PAID:
                return
            order.state = state or ENDS.get(order.scenario, PAID)
            self._give_reason(order, reason)
        if order.state == WAITING or order.scenario is Scenario.LOST_CALLBACK:
            return
        self.call_back(order)
        if order.scenario is Scenario.DOUBLED:
            self.call_back(order)

    def _give_reason(self, order: Order, reason: str) -> None:
        if order.state == PAID:
            order.reason = ""
            order.transaction = f"MP{time.strftime('%y%m%d')}.{self.number():06d}"
        elif order.state == FAILED:
            order.reason = reason or order.reason or "APPROVAL_REJECTED"
        elif order.state == EXPIRED:
            order.reason = "EXPIRED"

    def call_back(self, order: Order) -> None:
        message = self.compose(order)
        if message is not None:
            self.send(message)

    def read(self, order: Order) -> dict:
        """Return the order as somebody reads it now; who came late pays after the first reading."""
        with self.lock:
            seen = dict(vars(order), amount=order.paid_amount, currency=order.paid_currency)
            order.reads += 1
            comes_late = order.scenario is Scenario.LATE and order.state == EXPIRED
        if comes_late:
            self.decide(order, PAID)
        return seen
