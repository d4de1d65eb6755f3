"""Djomy: one contract for Orange Money, MTN MoMo and other wallets of Guinea; it signs."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from payments.models import Attempt, Provider
from payments.providers.base import (
    Forged,
    Hint,
    Started,
    Status,
    TokenClient,
    header,
    message,
    needed,
    plain,
    same,
    signed,
    word,
)
from payments.providers.web import Answer

PATH = "/v1/payments"
STATES = {
    "CREATED": Status.WAITING,
    "REDIRECTED": Status.WAITING,
    "PENDING": Status.WAITING,
    "SUCCESS": Status.PAID,
    "FAILED": Status.FAILED,
    "CANCELLED": Status.FAILED,
    "EXPIRED": Status.EXPIRED,
}
#: Its words for currencies.
CURRENCIES = {"FCFA": "XOF", "DOLLAR": "USD", "LEONES": "SLE"}


class Djomy(TokenClient):
    """The payer is sent to Djomy's portal; calls back are signed with the client's secret."""

    kind = Provider.Kind.DJOMY
    secrets = ("client_id", "client_secret")
    #: The domain registered there; ours when it is empty.
    optional = ("partner_domain",)
    address = "https://api.djomy.africa"
    test_address = "https://sandbox-api.djomy.africa"
    currencies = frozenset({"GNF", "XOF"})
    patience = timedelta(minutes=30)

    def fetch_token(self) -> Answer:
        answer = self.web.ask("POST", "/v1/auth", repeatable=True, headers=self._headers, json={})
        data = _inside(answer.data)
        told = {
            "access_token": word(data, "accessToken", "access_token", longest=5000),
            "expires_in": word(data, "expiresIn", "expires_in"),
        }
        return Answer(answer.status, told)

    def start(self, attempt: Attempt, *, return_url: str = "") -> Started:
        self.serves(attempt)
        order = {
            "amount": int(self.amount_out(attempt)),
            "countryCode": self.provider.site.country,
            "description": plain(attempt.lease.reference),
            "merchantPaymentReference": attempt.order_id,
            "returnUrl": self.back_to(return_url),
            "cancelUrl": self.back_to(return_url),
        }
        if attempt.phone:
            order["payerNumber"] = attempt.phone.replace("+", "00", 1)
        answer = self.ask(
            "POST", f"{PATH}/gateway", repeatable=False, headers=self._headers, json=order
        )
        self.refuse(answer)
        answer = Answer(answer.status, _inside(answer.data))
        return Started(
            session=needed(answer, "transactionId", 120),
            payment_url=needed(answer, "redirectUrl", 500),
            expires_at=self.ends_at(),
        )

    def status(self, attempt: Attempt) -> Status:
        if not attempt.provider_reference:
            return self.never_arrived(attempt)
        answer = self.ask(
            "GET",
            f"{PATH}/{quote(attempt.provider_reference, safe='')}/status",
            repeatable=True,
            headers=self._headers,
        )
        self.refuse(answer)
        data = _inside(answer.data)
        said = word(data, "status").upper()
        state = STATES.get(said, Status.WAITING)
        currency = word(data, "currency").upper()
        return Status(
            state,
            amount=self.amount_in(data.get("paidAmount"), attempt),
            currency=self.currency_in(CURRENCIES.get(currency, currency), attempt),
            order_id=word(data, "merchantPaymentReference") or None,
            session=word(data, "transactionId", longest=120) or attempt.provider_reference,
            transaction=word(data, "transactionId", longest=80) if state == Status.PAID else "",
            fee=self.amount_in(data.get("fees"), attempt),
            reason=said if state in (Status.FAILED, Status.EXPIRED) else "",
        )

    def read_callback(
        self,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        received_at: datetime | None = None,
    ) -> list[Hint]:
        self._verify(headers, body)
        data = message(body)
        inside = _inside(data)
        topic = word(data, "eventType")
        return [
            Hint(
                event=word(data, "eventId", longest=120),
                session=word(inside, "transactionId", longest=120),
                order_id=word(inside, "merchantPaymentReference"),
                state_hint=STATES.get(topic.rpartition(".")[2].upper(), ""),
                topic=topic,
            )
        ]

    def _verify(self, headers: Mapping[str, str], body: bytes) -> None:
        secret = self.provider.secrets.get("client_secret", "")
        if not secret:
            raise Forged("secret_missing")
        version, _, given = header(headers, "X-Webhook-Signature").strip().partition(":")
        if not given:
            raise Forged("no_signature")
        if version != "v1" or not same(given, signed(body, secret)):
            raise Forged("wrong_signature")

    @property
    def _headers(self) -> dict[str, str]:
        client, secret = self.secret("client_id"), self.secret("client_secret")
        headers = {"X-API-KEY": f"{client}:{signed(client.encode(), secret)}"}
        if domain := self.provider.secrets.get("partner_domain"):
            headers["X-PARTNER-DOMAIN"] = domain
        return headers


def _inside(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what matters of an answer: some come in an envelope, some without."""
    inside = data.get("data")
    return inside if isinstance(inside, Mapping) else data
