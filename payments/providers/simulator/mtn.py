"""MTN MoMo Collections, with the payers that its test environment documents."""

import uuid

from payments.models import Provider
from payments.providers.simulator.credentials import SECRETS
from payments.providers.simulator.orders import Message, Order, Scenario
from payments.providers.simulator.protocol import Protocol, Refusal, Reply, Request, body_of

STATES = {"waiting": "PENDING", "paid": "SUCCESSFUL", "failed": "FAILED", "expired": "FAILED"}
#: Payers of the test environment who end in a reason of their own.
REASONS = {
    "46733123450": "INTERNAL_PROCESSING_ERROR",
    "46733123451": "APPROVAL_REJECTED",
    "46733123455": "PAYER_NOT_FOUND",
    "46733123456": "PAYEE_NOT_ALLOWED_TO_RECEIVE",
    "46733123457": "NOT_ALLOWED",
    "46733123458": "NOT_ALLOWED_TARGET_ENVIRONMENT",
    "46733123459": "INVALID_CALLBACK_URL_HOST",
    "46733123460": "INVALID_CURRENCY",
    "46733123461": "INTERNAL_PROCESSING_ERROR",
    "46733123462": "SERVICE_UNAVAILABLE",
    "46733123463": "COULD_NOT_PERFORM_TRANSACTION",
}
EXPIRES, ONGOING, DELAYED = "46733123452", "46733123453", "46733123454"
NOTE_LENGTH = 160


class Mtn(Protocol):
    kind = Provider.Kind.MTN_MOMO
    routes = [
        ("POST", r"/collection/token/", "token"),
        ("POST", r"/collection/v1_0/requesttopay", "start"),
        ("GET", r"/collection/v1_0/requesttopay/(?P<session>[0-9a-f-]{36})", "status"),
    ]

    def token(self, request: Request) -> Reply:
        known = SECRETS[self.kind]
        self._subscribed(request)
        if request.basic() != (known["api_user"], known["api_key"]):
            raise Refusal(401, {"error": "login_failed"})
        token = self.give_token()
        return Reply(
            200,
            {"access_token": token, "token_type": "access_token", "expires_in": self.token_lasts},
        )

    def start(self, request: Request) -> Reply:
        self._authorise(request)
        data = request.json()
        session = self._validate(request, data)
        if self.orders.find(self.kind, session):
            raise Refusal(409, {"code": "RESOURCE_ALREADY_EXIST", "message": "Duplicated"})
        phone = data["payer"]["partyId"]
        order = Order(
            kind=self.kind,
            session=session,
            order_id=data["externalId"],
            amount=data["amount"],
            currency=data["currency"],
            phone=phone,
            callback_url=request.headers.get("x-callback-url", ""),
            reason=REASONS.get(phone, ""),
            scenario=self._scenario(data["amount"], phone),
        )
        self.take(order)
        return Reply(202)

    def status(self, request: Request, session: str) -> Reply:
        self._authorise(request)
        order = self.orders.find(self.kind, session)
        if order is None:
            raise Refusal(404, {"code": "RESOURCE_NOT_FOUND", "message": "Not found"})
        seen = self.orders.read(order)
        if order.phone == DELAYED and order.state == "waiting":
            self.orders.decide(order, "paid")
        return Reply(200, _told(seen))

    def compose(self, order: Order) -> Message | None:
        if not order.callback_url:
            return None
        told = _told(dict(vars(order), amount=order.paid_amount, currency=order.paid_currency))
        if order.scenario is Scenario.BAD_SIGNATURE:
            told["externalId"] = order.order_id[::-1]
        # Failed ones come by PUT in some countries; a scenario of its own forces it.
        method = "PUT" if order.scenario is Scenario.PUT else "POST"
        headers = {"Content-Type": "application/json"}
        return Message(method, order.callback_url, headers, body_of(told))

    def _scenario(self, amount: str, phone: str) -> Scenario:
        if phone in REASONS:
            return Scenario.REFUSED
        if phone == EXPIRES:
            return Scenario.EXPIRED
        if phone in (ONGOING, DELAYED):
            return Scenario.SILENT
        return self.orders.scenario_for(amount, phone)

    def _subscribed(self, request: Request) -> None:
        known = SECRETS[self.kind]["subscription_key"]
        if request.headers.get("ocp-apim-subscription-key") != known:
            raise Refusal(401, {"message": "Access denied due to invalid subscription key."})

    def _authorise(self, request: Request) -> None:
        self._subscribed(request)
        if not self.knows(request.bearer()):
            raise Refusal(401, {"error": "invalid_token"})
        if request.headers.get("x-target-environment") != "sandbox":
            raise Refusal(400, {"code": "NOT_ALLOWED_TARGET_ENVIRONMENT"})

    def _validate(self, request: Request, data: dict) -> str:
        """Return the number of the request when all of it is right."""
        try:
            session = uuid.UUID(request.headers.get("x-reference-id", ""))
        except ValueError:
            raise Refusal(400, {"code": "INVALID_REFERENCE_ID"}) from None
        if session.version != 4:
            raise Refusal(400, {"code": "INVALID_REFERENCE_ID"})
        if data.get("currency") != "EUR":
            raise Refusal(400, {"code": "INVALID_CURRENCY"})
        payer = data.get("payer") or {}
        notes = [data.get("payerMessage", ""), data.get("payeeNote", "")]
        is_right = (
            isinstance(data.get("amount"), str)
            and data["amount"].isdecimal()
            and isinstance(data.get("externalId"), str)
            and payer.get("partyIdType") == "MSISDN"
            and str(payer.get("partyId", "")).isdecimal()
            and all(len(note) <= NOTE_LENGTH and note.isascii() for note in notes)
        )
        if not is_right:
            raise Refusal(400, {"code": "INVALID_REQUEST"})
        return str(session)


def _told(seen: dict) -> dict:
    told = {
        "amount": seen["amount"],
        "currency": seen["currency"],
        "externalId": seen["order_id"],
        "payer": {"partyIdType": "MSISDN", "partyId": seen["phone"]},
        "status": STATES[seen["state"]],
    }
    if seen["transaction"]:
        told["financialTransactionId"] = seen["transaction"]
    if told["status"] == "FAILED":
        told["reason"] = {"code": seen["reason"], "message": seen["reason"].capitalize()}
    return told
