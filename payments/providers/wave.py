"""Wave Checkout: Senegal and Mali, one key for each wallet, no test environment."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from akig.lib.encryption import veiled
from payments.models import Attempt, Provider
from payments.providers.base import (
    Client,
    Forged,
    Hint,
    Started,
    Status,
    header,
    message,
    needed,
    same,
    signed,
    word,
)
from payments.providers.web import Answer, ProviderRefused

PATH = "/v1/checkout/sessions"
HINTS = {
    "checkout.session.completed": Status.PAID,
    "checkout.session.payment_failed": Status.FAILED,
    "merchant.payment_received": Status.PAID,
}
OLDEST = 300  # seconds between a signature and its arrival


class Wave(Client):
    """The payer is sent to Wave's application; calls back are signed."""

    kind = Provider.Kind.WAVE
    secrets = ("api_key", "webhook_secret")
    address = "https://api.wave.com"
    currencies = frozenset({"XOF", "GNF"})
    patience = timedelta(minutes=30)

    def prove(self) -> None:
        answer = self._ask("GET", f"{PATH}/search?client_reference=akig", repeatable=True)
        if answer.status != 404:
            self.refuse(answer)

    def start(self, attempt: Attempt, *, return_url: str = "") -> Started:
        self.serves(attempt)
        # Wave promises to know the key again for payouts only: so it is sent, not relied upon.
        answer = self._ask(
            "POST",
            PATH,
            repeatable=False,
            headers={"Idempotency-Key": str(attempt.pk)},
            json={
                "amount": self.amount_out(attempt),
                "currency": self.currency_out(attempt),
                "client_reference": attempt.order_id,
                "success_url": self.back_to(return_url),
                "error_url": self.back_to(return_url),
            },
        )
        self.refuse(answer)
        return Started(
            session=needed(answer, "id", 120),
            payment_url=needed(answer, "wave_launch_url", 500),
            expires_at=_when(answer.data.get("when_expires")) or self.ends_at(),
        )

    def status(self, attempt: Attempt) -> Status:
        session = self._session(attempt)
        if session is None:
            return self.never_arrived(attempt)
        failure = session.get("last_payment_error")
        reason = word(failure, "code", "message") if isinstance(failure, Mapping) else ""
        return Status(
            _state(session),
            amount=self.amount_in(session.get("amount"), attempt),
            currency=self.currency_in(session.get("currency"), attempt),
            order_id=word(session, "client_reference") or None,
            session=word(session, "id", longest=120),
            transaction=word(session, "transaction_id", longest=80),
            reason=reason,
            payment_url=word(session, "wave_launch_url", longest=500),
        )

    def read_callback(
        self,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        received_at: datetime | None = None,
    ) -> list[Hint]:
        self._verify(headers, body, received_at or timezone.now())
        data = message(body)
        inside = data.get("data") if isinstance(data.get("data"), Mapping) else {}
        topic = word(data, "type")
        session = word(inside, "checkout_api_session_id", longest=120)
        return [
            Hint(
                event=word(data, "id", longest=120),
                session=session or word(inside, "id", longest=120),
                order_id=word(inside, "client_reference"),
                state_hint=HINTS.get(topic, ""),
                topic=topic,
            )
        ]

    def _verify(self, headers: Mapping[str, str], body: bytes, received_at: datetime) -> None:
        secret = self.provider.secrets.get("webhook_secret", "")
        if not secret:
            raise Forged("secret_missing")
        signature = header(headers, "Wave-Signature")
        if not signature:
            # The portal's other way: the secret itself, as a bearer; the door has veiled it.
            if not same(header(headers, "Authorization"), veiled(f"Bearer {secret}")):
                raise Forged("no_signature")
            return
        parts = [part.strip().partition("=") for part in signature.split(",")]
        stamps = [value for name, _, value in parts if name == "t"]
        if len(stamps) != 1 or not stamps[0].isdecimal() or len(stamps[0]) > 12:
            raise Forged("no_timestamp")
        # Several values while a key is changed; all are compared, in the same time.
        wanted = signed(stamps[0].encode() + body, secret)
        matching = [same(value, wanted) for name, _, value in parts if name == "v1"]
        if True not in matching:
            raise Forged("wrong_signature")
        if abs(received_at.timestamp() - int(stamps[0])) > OLDEST:
            raise Forged("too_old")

    def _session(self, attempt: Attempt) -> Mapping[str, Any] | None:
        """Return the session of the attempt, found again by its order if its answer was lost."""
        if attempt.provider_reference:
            answer = self._ask(
                "GET", f"{PATH}/{quote(attempt.provider_reference, safe='')}", repeatable=True
            )
            self.refuse(answer)
            return answer.data
        answer = self._ask(
            "GET", f"{PATH}/search?client_reference={quote(attempt.order_id)}", repeatable=True
        )
        if answer.status == 404:
            return None
        self.refuse(answer)
        found = answer.data.get("result")
        found = [session for session in found or [] if isinstance(session, Mapping)]
        paid = [session for session in found if _state(session) == Status.PAID]
        return next(iter(paid or found), None)

    def _ask(self, method: str, path: str, *, repeatable: bool, headers=None, **request) -> Answer:
        bearer = {"Authorization": f"Bearer {self.secret('api_key')}"}
        answer = self.web.ask(
            method, path, repeatable=repeatable, headers={**bearer, **(headers or {})}, **request
        )
        if answer.status in (401, 403):
            raise ProviderRefused("credentials_refused", status=answer.status)
        return answer


def _state(session: Mapping[str, Any]) -> str:
    checkout = word(session, "checkout_status").lower()
    payment = word(session, "payment_status").lower()
    if checkout == "complete" and payment == "succeeded":
        return Status.PAID
    if checkout == "expired":
        return Status.EXPIRED
    if checkout == "failed" or payment == "cancelled":
        return Status.FAILED
    return Status.WAITING


def _when(written: Any) -> datetime | None:
    try:
        when = parse_datetime(written) if isinstance(written, str) else None
    except ValueError:
        return None
    return when.replace(tzinfo=when.tzinfo or UTC) if when else None
