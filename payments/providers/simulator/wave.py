"""Wave Checkout and its signed calls back."""

import hmac
import time
from datetime import timedelta

from payments.models import Provider
from payments.providers.simulator.credentials import SECRETS
from payments.providers.simulator.orders import Message, Order, Scenario
from payments.providers.simulator.protocol import Protocol, Refusal, Reply, Request, body_of

STATES = {
    "waiting": ("open", "processing"),
    "paid": ("complete", "succeeded"),
    "failed": ("open", "cancelled"),
    "expired": ("expired", "cancelled"),
}
TOPICS = {"paid": "checkout.session.completed", "failed": "checkout.session.payment_failed"}


class WaveCheckout(Protocol):
    kind = Provider.Kind.WAVE
    routes = [
        ("POST", r"/v1/checkout/sessions", "start"),
        ("GET", r"/v1/checkout/sessions/search", "search"),
        ("GET", r"/v1/checkout/sessions/(?P<session>cos-[0-9a-f]+)", "status"),
    ]

    def start(self, request: Request) -> Reply:
        self._authorise(request)
        data = request.json()
        amount = data.get("amount")
        if not isinstance(amount, str) or not amount.isdecimal():
            raise Refusal(400, {"code": "request-validation-error", "message": "amount"})
        if data.get("currency") not in ("XOF", "GNF"):
            raise Refusal(400, {"code": "request-validation-error", "message": "currency"})
        if not data.get("success_url") or not data.get("error_url"):
            raise Refusal(400, {"code": "request-validation-error", "message": "success_url"})
        order = self.take(
            Order(
                kind=self.kind,
                session=self.orders.name("cos-", 14),
                order_id=data.get("client_reference", ""),
                amount=amount,
                currency=data["currency"],
                callback_url=self.portal_url(data["success_url"]),
                return_url=data["success_url"],
                cancel_url=data["error_url"],
                scenario=self.orders.scenario_for(amount, ""),
            )
        )
        return Reply(200, self._told(order, dict(vars(order))))

    def status(self, request: Request, session: str) -> Reply:
        self._authorise(request)
        order = self.orders.find(self.kind, session)
        if order is None:
            raise Refusal(404, {"code": "checkout-session-not-found"})
        return Reply(200, self._told(order, self.orders.read(order)))

    def search(self, request: Request) -> Reply:
        self._authorise(request)
        reference = request.query.get("client_reference", [""])[0]
        found = self.orders.find_order_id(self.kind, reference)
        return Reply(
            200, {"result": [self._told(order, self.orders.read(order)) for order in found]}
        )

    def compose(self, order: Order) -> Message | None:
        topic = TOPICS.get(order.state)
        if topic is None or not order.callback_url:
            return None
        seen = dict(vars(order), amount=order.paid_amount, currency=order.paid_currency)
        # Both messages of a doubled call back bear one number.
        told = {
            "id": f"EV_{order.session}_{order.state}",
            "type": topic,
            "data": self._told(order, seen),
        }
        body = body_of(told)
        secret = SECRETS[self.kind]["webhook_secret"]
        if order.scenario is Scenario.BAD_SIGNATURE:
            secret = secret[::-1]
        method = "PUT" if order.scenario is Scenario.PUT else "POST"
        headers = {"Content-Type": "application/json", "Wave-Signature": sign(body, secret)}
        return Message(method, order.callback_url, headers, body)

    def _authorise(self, request: Request) -> None:
        if request.bearer() != SECRETS[self.kind]["api_key"]:
            raise Refusal(401, {"code": "invalid-auth"})

    def _told(self, order: Order, seen: dict) -> dict:
        checkout, payment = STATES[seen["state"]]
        failure = {"code": "payment-failure", "message": seen["reason"]}
        return {
            "id": order.session,
            "amount": seen["amount"],
            "currency": seen["currency"],
            "checkout_status": checkout,
            "payment_status": payment,
            "client_reference": order.order_id,
            "transaction_id": seen["transaction"],
            "wave_launch_url": self.page(order),
            "last_payment_error": failure if seen["state"] == "failed" else None,
            "when_created": order.made_at.isoformat(),
            "when_expires": (order.made_at + timedelta(minutes=30)).isoformat(),
        }


def sign(body: bytes, *secrets: str, at: int | None = None) -> str:
    """Return the header over ``body``: one v1 for each of ``secrets``, as while a key changes."""
    stamp = str(int(time.time()) if at is None else at)
    values = [
        "v1=" + hmac.new(secret.encode(), stamp.encode() + body, "sha256").hexdigest()
        for secret in secrets
    ]
    return ",".join([f"t={stamp}", *values])
