"""Orange Money Web Payment: Guinea, Mali, Senegal, and a test environment with its own money."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from payments.models import Attempt, Provider
from payments.providers.base import (
    Forged,
    Hint,
    Started,
    Status,
    TokenClient,
    message,
    needed,
    plain,
    word,
)
from payments.providers.web import Answer

STATES = {
    "INITIATED": Status.WAITING,
    "PENDING": Status.WAITING,
    "SUCCESS": Status.PAID,
    "FAILED": Status.FAILED,
    "EXPIRED": Status.EXPIRED,
}
URL_LENGTH = 120
REFERENCE_LENGTH = 30


class OrangeMoney(TokenClient):
    """The payer is sent to a page of Orange's; the call back has a secret token and no more.

    It says neither amount nor order, and is not signed: it only tells which attempt to ask for.
    """

    kind = Provider.Kind.ORANGE_MONEY
    secrets = ("client_id", "client_secret", "merchant_key")
    address = "https://api.orange.com"
    test_address = "https://api.orange.com"
    test_currency = "OUV"
    currencies = frozenset({"GNF", "XOF"})
    patience = timedelta(minutes=10)

    def fetch_token(self) -> Answer:
        return self.web.ask(
            "POST",
            "/oauth/v3/token",
            repeatable=True,
            auth=(self.secret("client_id"), self.secret("client_secret")),
            data={"grant_type": "client_credentials"},
        )

    def start(self, attempt: Attempt, *, return_url: str = "") -> Started:
        self.serves(attempt)
        # Not repeatable: an order that Orange knows already is refused, and its page is lost.
        answer = self.ask(
            "POST",
            f"{self._path}/webpayment",
            repeatable=False,
            json={
                "merchant_key": self.secret("merchant_key"),
                "currency": self.currency_out(attempt),
                "order_id": attempt.order_id,
                "amount": self.amount_out(attempt),
                "return_url": self.back_to(return_url, longest=URL_LENGTH),
                "cancel_url": self.back_to(return_url, longest=URL_LENGTH),
                "notif_url": self.callback_address,
                "lang": "fr",
                "reference": plain(attempt.lease.reference)[:REFERENCE_LENGTH],
            },
        )
        self.refuse(answer, "description")
        return Started(
            session=needed(answer, "pay_token", 120),
            notify_token=needed(answer, "notif_token", 200),
            payment_url=needed(answer, "payment_url", 500),
            expires_at=self.ends_at(),
        )

    def status(self, attempt: Attempt) -> Status:
        if not attempt.provider_reference:
            return self.never_arrived(attempt)
        answer = self.ask(
            "POST",
            f"{self._path}/transactionstatus",
            repeatable=True,
            json={
                "order_id": attempt.order_id,
                "amount": self.amount_out(attempt),
                "pay_token": attempt.provider_reference,
            },
        )
        self.refuse(answer, "description")
        data = answer.data
        said = word(data, "status").upper()
        # The question named the amount, in the order's own currency; Orange repeats neither.
        # Where a country does repeat them, its word counts.
        return Status(
            STATES.get(said, Status.WAITING),
            amount=self.amount_in(data.get("amount", self.amount_out(attempt)), attempt),
            currency=self.currency_in(data.get("currency", self.currency_out(attempt)), attempt),
            order_id=word(data, "order_id") or None,
            session=attempt.provider_reference,
            transaction=word(data, "txnid", longest=80),
            reason="" if said in ("SUCCESS", "PENDING", "INITIATED") else said,
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
        token = word(data, "notif_token")
        if not token:
            raise Forged("no_token")
        said = word(data, "status").upper()
        return [
            Hint(
                notify_token=token,
                state_hint=STATES.get(said, Status.WAITING),
                topic=said,
            )
        ]

    @property
    def _path(self) -> str:
        country = "dev" if self.provider.sandbox else self.provider.site.country.lower()
        return f"/orange-money-webpay/{country}/v1"
