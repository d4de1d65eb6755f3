"""Orange Money Web Payment, as its guide has it."""

from payments.models import Provider
from payments.providers.simulator.credentials import SECRETS
from payments.providers.simulator.orders import Message, Order, Scenario
from payments.providers.simulator.protocol import Protocol, Refusal, Reply, Request, body_of

MONEY = {"dev": "OUV", "gn": "GNF", "ml": "XOF", "sn": "XOF"}
STATES = {"waiting": "PENDING", "paid": "SUCCESS", "failed": "FAILED", "expired": "EXPIRED"}
URLS = ("return_url", "cancel_url", "notif_url")


class Orange(Protocol):
    kind = Provider.Kind.ORANGE_MONEY
    routes = [
        ("POST", r"/oauth/v3/token", "token"),
        ("POST", r"/orange-money-webpay/(?P<country>\w+)/v1/webpayment", "start"),
        ("POST", r"/orange-money-webpay/(?P<country>\w+)/v1/transactionstatus", "status"),
    ]

    def token(self, request: Request) -> Reply:
        known = SECRETS[self.kind]
        if request.basic() != (known["client_id"], known["client_secret"]):
            raise Refusal(401, {"error": "invalid_client"})
        if request.form().get("grant_type") != "client_credentials":
            raise Refusal(400, {"error": "unsupported_grant_type"})
        token = self.give_token()
        return Reply(
            200,
            {"token_type": "Bearer", "access_token": token, "expires_in": str(self.token_lasts)},
        )

    def start(self, request: Request, country: str) -> Reply:
        self._authorise(request)
        data = request.json()
        self._validate(data, country)
        order = self.take(
            Order(
                kind=self.kind,
                session=self.orders.name(length=64),
                order_id=data["order_id"],
                amount=str(data["amount"]),
                currency=data["currency"],
                callback_url=data["notif_url"],
                return_url=data["return_url"],
                cancel_url=data["cancel_url"],
                notify_token=self.orders.name(length=32),
                scenario=self.orders.scenario_for(str(data["amount"]), ""),
            )
        )
        return Reply(
            201,
            {
                "status": 201,
                "message": "OK",
                "pay_token": order.session,
                "payment_url": self.page(order),
                "notif_token": order.notify_token,
            },
        )

    def status(self, request: Request, country: str) -> Reply:
        self._authorise(request)
        data = request.json()
        order = self.orders.find(self.kind, str(data.get("pay_token")))
        told = (str(data.get("order_id")), str(data.get("amount")))
        if order is None or told != (order.order_id, order.amount):
            raise Refusal(404, {"code": 60, "message": "Resource not found"})
        seen = self.orders.read(order)
        answer = {
            "status": STATES[seen["state"]],
            "order_id": order.order_id,
            "txnid": seen["transaction"],
        }
        # Some countries repeat more; here only those that disagree do.
        if order.scenario in (Scenario.WRONG_AMOUNT, Scenario.WRONG_CURRENCY):
            answer |= {"amount": seen["amount"], "currency": seen["currency"]}
        return Reply(200, answer)

    def compose(self, order: Order) -> Message:
        token = order.notify_token
        if order.scenario is Scenario.BAD_SIGNATURE:
            token = token[::-1]
        told = {
            "status": "SUCCESS" if order.state == "paid" else "FAILED",
            "notif_token": token,
            "txnid": order.transaction,
        }
        method = "PUT" if order.scenario is Scenario.PUT else "POST"
        headers = {"Content-Type": "application/json"}
        return Message(method, order.callback_url, headers, body_of(told))

    def _authorise(self, request: Request) -> None:
        if not self.knows(request.bearer()):
            raise Refusal(401, {"code": 42, "message": "Expired credentials"})

    def _validate(self, data: dict, country: str) -> None:
        wrong = [
            name
            for name, is_right in {
                "merchant_key": data.get("merchant_key") == SECRETS[self.kind]["merchant_key"],
                "currency": country in MONEY and data.get("currency") == MONEY[country],
                "order_id": 0 < len(str(data.get("order_id", ""))) <= 30,
                "amount": str(data.get("amount", "")).isdecimal(),
                "reference": 0 < len(str(data.get("reference", ""))) <= 30,
                "lang": data.get("lang") in ("fr", "en"),
                **{name: 0 < len(str(data.get(name, ""))) <= 120 for name in URLS},
            }.items()
            if not is_right
        ]
        if wrong:
            raise Refusal(400, {"code": 25, "message": f"Invalid {wrong[0]}"})
        if self.orders.find_order_id(self.kind, data["order_id"]):
            raise Refusal(403, {"code": 57, "message": "Order already exists"})
