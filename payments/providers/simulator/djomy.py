"""Djomy's gateway: two keys on each call, signed calls back, a fee of its own."""

import hmac

from payments.models import Provider
from payments.providers.simulator.credentials import SECRETS
from payments.providers.simulator.orders import Message, Order, Scenario
from payments.providers.simulator.protocol import Protocol, Refusal, Reply, Request, body_of

STATES = {"waiting": "PENDING", "paid": "SUCCESS", "failed": "CANCELLED", "expired": "FAILED"}
EVENTS = {"paid": "payment.success", "failed": "payment.cancelled", "expired": "payment.failed"}
FEE = 2  # per cent


class DjomyGateway(Protocol):
    kind = Provider.Kind.DJOMY
    routes = [
        ("POST", r"/v1/auth", "token"),
        ("POST", r"/v1/payments/gateway", "start"),
        ("GET", r"/v1/payments/(?P<session>[0-9a-f]+)/status", "status"),
    ]

    def token(self, request: Request) -> Reply:
        self._known(request)
        token = self.give_token()
        return Reply(200, _wrap({"accessToken": token, "expiresIn": self.token_lasts}))

    def start(self, request: Request) -> Reply:
        self._authorise(request)
        data = request.json()
        amount = data.get("amount")
        if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
            raise Refusal(400, {"success": False, "message": "amount"})
        if not data.get("returnUrl") or not data.get("countryCode"):
            raise Refusal(400, {"success": False, "message": "returnUrl"})
        phone = data.get("payerNumber", "")
        order = self.take(
            Order(
                kind=self.kind,
                session=self.orders.name(length=32),
                order_id=data.get("merchantPaymentReference", ""),
                amount=str(amount),
                currency="GNF" if data["countryCode"] == "GN" else "FCFA",
                phone=phone,
                callback_url=self.portal_url(data["returnUrl"]),
                return_url=data["returnUrl"],
                cancel_url=data.get("cancelUrl", data["returnUrl"]),
                scenario=self.orders.scenario_for(str(amount), phone),
            )
        )
        return Reply(
            200,
            _wrap(
                {
                    "transactionId": order.session,
                    "redirectUrl": self.page(order),
                    "status": "CREATED",
                }
            ),
        )

    def status(self, request: Request, session: str) -> Reply:
        self._authorise(request)
        order = self.orders.find(self.kind, session)
        if order is None:
            raise Refusal(404, {"success": False, "message": "NOT_FOUND"})
        return Reply(200, _wrap(_told(self.orders.read(order))))

    def compose(self, order: Order) -> Message | None:
        event = EVENTS.get(order.state)
        if event is None or not order.callback_url:
            return None
        seen = dict(vars(order), amount=order.paid_amount, currency=order.paid_currency)
        told = {
            "eventType": event,
            "eventId": f"EV-{order.session}-{order.state}",
            "data": _told(seen),
        }
        body = body_of(told)
        secret = SECRETS[self.kind]["client_secret"]
        if order.scenario is Scenario.BAD_SIGNATURE:
            secret = secret[::-1]
        signature = hmac.new(secret.encode(), body, "sha256").hexdigest()
        method = "PUT" if order.scenario is Scenario.PUT else "POST"
        headers = {
            "Content-Type": "application/json",
            "X-Webhook-Signature": f"v1:{signature}",
        }
        return Message(method, order.callback_url, headers, body)

    def _known(self, request: Request) -> None:
        client, secret = SECRETS[self.kind]["client_id"], SECRETS[self.kind]["client_secret"]
        signature = hmac.new(secret.encode(), client.encode(), "sha256").hexdigest()
        if request.headers.get("x-api-key") != f"{client}:{signature}":
            raise Refusal(401, {"success": False, "message": "INVALID_API_KEY"})

    def _authorise(self, request: Request) -> None:
        self._known(request)
        if not self.knows(request.bearer()):
            raise Refusal(401, {"success": False, "message": "INVALID_TOKEN"})


def _wrap(data: dict) -> dict:
    return {"success": True, "message": "OK", "data": data}


def _told(seen: dict) -> dict:
    told = {
        "transactionId": seen["session"],
        "status": STATES[seen["state"]],
        "merchantPaymentReference": seen["order_id"],
        "payerIdentifier": seen["phone"],
        "currency": seen["currency"],
    }
    if seen["state"] == "paid":
        amount = int(seen["amount"])
        fee = amount * FEE // 100
        told |= {"paidAmount": amount, "receivedAmount": amount - fee, "fees": fee}
    return told
