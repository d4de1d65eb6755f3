"""MTN MoMo Collections: the payer's telephone is asked; the answer is read by our own number."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from payments.models import Attempt, Provider
from payments.providers.base import Hint, Started, Status, TokenClient, header, message, plain, word
from payments.providers.web import Answer, ProviderRefused

STATES = {
    "PENDING": Status.WAITING,
    "SUCCESSFUL": Status.PAID,
    "FAILED": Status.FAILED,
}
PATH = "/collection/v1_0/requesttopay"
KNOWN_ALREADY = 409
NOT_FOUND = 404


class MtnMomo(TokenClient):
    """The number of the request is the attempt's own, made before anything is sent.

    So a request may be repeated (the second answers 409) and asked for although its answer was
    lost. 202 means no more than queued. Calls back are unsigned, POST or PUT, or never come.
    """

    kind = Provider.Kind.MTN_MOMO
    secrets = ("api_user", "api_key", "subscription_key", "target_environment")
    #: The host registered at MTN; the test environment is given our address only if it is ours.
    optional = ("callback_host",)
    address = "https://proxy.momoapi.mtn.com"
    test_address = "https://sandbox.momodeveloper.mtn.com"
    test_currency = "EUR"
    currencies = frozenset({"GNF", "XOF"})
    patience = timedelta(minutes=5)

    @classmethod
    def missing(cls, provider: Provider) -> list[str]:
        missing = super().missing(provider)
        if provider.sandbox:
            missing = [name for name in missing if name != "target_environment"]
        return missing

    def fetch_token(self) -> Answer:
        return self.web.ask(
            "POST",
            "/collection/token/",
            repeatable=True,
            auth=(self.secret("api_user"), self.secret("api_key")),
            headers={"Ocp-Apim-Subscription-Key": self.secret("subscription_key")},
        )

    def start(self, attempt: Attempt, *, return_url: str = "") -> Started:
        self.serves(attempt)
        if not attempt.phone:
            raise ProviderRefused("phone_missing")
        headers = {**self._headers, "X-Reference-Id": _number(attempt)}
        if self._calls_back:
            headers["X-Callback-Url"] = self.callback_address
        note = plain(attempt.lease.reference)
        answer = self.ask(
            "POST",
            PATH,
            repeatable=True,
            headers=headers,
            json={
                "amount": self.amount_out(attempt),
                "currency": self.currency_out(attempt),
                "externalId": attempt.order_id,
                "payer": {"partyIdType": "MSISDN", "partyId": attempt.phone.lstrip("+")},
                "payerMessage": note,
                "payeeNote": note,
            },
        )
        if answer.status != KNOWN_ALREADY:
            self.refuse(answer)
        return Started(session=_number(attempt), expires_at=self.ends_at())

    def status(self, attempt: Attempt) -> Status:
        number = _number(attempt)
        answer = self.ask("GET", f"{PATH}/{number}", repeatable=True, headers=self._headers)
        if answer.status == NOT_FOUND:
            return self.never_arrived(attempt)
        self.refuse(answer)
        data = answer.data
        state = STATES.get(word(data, "status").upper(), Status.WAITING)
        reason = _reason(data)
        if state == Status.FAILED and reason == "EXPIRED":
            state = Status.EXPIRED
        return Status(
            state,
            amount=self.amount_in(data.get("amount"), attempt),
            currency=self.currency_in(data.get("currency"), attempt),
            order_id=word(data, "externalId") or None,
            session=number,
            transaction=word(data, "financialTransactionId", longest=80),
            reason=reason,
        )

    def read_callback(
        self,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        received_at: datetime | None = None,
    ) -> list[Hint]:
        data = message(body)
        said = word(data, "status").upper()
        return [
            Hint(
                session=header(headers, "X-Reference-Id")[:120],
                order_id=word(data, "externalId"),
                state_hint=STATES.get(said, Status.WAITING),
                topic=said,
            )
        ]

    @property
    def _headers(self) -> dict[str, str]:
        environment = "sandbox" if self.provider.sandbox else self.secret("target_environment")
        return {
            "X-Target-Environment": environment,
            "Ocp-Apim-Subscription-Key": self.secret("subscription_key"),
        }

    @property
    def _calls_back(self) -> bool:
        registered = self.provider.secrets.get("callback_host", "")
        if registered:
            return registered == urlsplit(self.provider.callback_url).hostname
        return not self.provider.sandbox


def _number(attempt: Attempt) -> str:
    """Return the attempt's number in the shape of a random one, the only one that MTN takes."""
    return str(uuid.UUID(int=attempt.pk.int, version=4))


def _reason(data: Mapping) -> str:
    reason = data.get("reason")
    if isinstance(reason, Mapping):
        return word(reason, "code", "message")
    return word(data, "reason")
