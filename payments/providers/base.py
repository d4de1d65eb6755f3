"""What every provider of mobile money can do for us, whatever its protocol."""

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.db import connection, transaction
from django.utils import timezone

from akig.lib.money import EXPONENTS
from payments.models import Attempt, Provider
from payments.providers.web import Answer, ProviderDown, ProviderRefused, Web, read_json

CALLBACK_PATH = "/api/mobile-money/callback"
NOTE_LENGTH = 160
LOCK = 7231  # of the advisory locks that let one process at a time renew a token


class Forged(Exception):
    """What came in cannot be shown to be the provider's; ``reason`` says why, without secrets."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Started:
    """The provider took the attempt.

    ``session`` is its own name for it (kept in ``Attempt.provider_reference``, with which
    ``Client.status`` asks), ``notify_token`` the secret that its call back will carry,
    ``payment_url`` the page for the payer ("" where his telephone is asked instead).
    """

    session: str
    notify_token: str = ""
    payment_url: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Status:
    """What the provider itself says of an attempt, read server to server.

    ``amount`` and ``fee`` are minor units of the branch's currency, None where it does not say;
    ``currency`` is a branch's again where the test environment used another. ``session`` is new
    to us when the answer to ``start`` was lost and the attempt was found again by its order.
    """

    state: str
    amount: int | None = None
    currency: str = ""
    order_id: str | None = None
    session: str | None = None
    transaction: str = ""
    fee: int | None = None
    reason: str = ""
    payment_url: str = ""

    WAITING: ClassVar[str] = "waiting"
    PAID: ClassVar[str] = "paid"
    FAILED: ClassVar[str] = "failed"
    EXPIRED: ClassVar[str] = "expired"


@dataclass(frozen=True)
class Hint:
    """What a call back suggests. Nothing is believed before ``Client.status`` says the same.

    ``event`` is the provider's number of the message ("" where it numbers none), ``topic`` its
    kind. One of ``session``, ``notify_token`` and ``order_id`` leads to the attempt; a payment
    that no attempt asked for has none that we know.
    """

    event: str = ""
    session: str = ""
    notify_token: str = ""
    order_id: str = ""
    state_hint: str = ""
    topic: str = ""


class Client:
    """One provider of one branch. Use it in a ``with``, by one thread."""

    kind: ClassVar[str]
    #: What the provider must give us before it can be enabled; keys of ``Provider.secrets``.
    secrets: ClassVar[tuple[str, ...]]
    #: Keys that may stay empty.
    optional: ClassVar[tuple[str, ...]] = ()
    #: Its addresses, in production and for tests (None where it has none).
    address: ClassVar[str]
    test_address: ClassVar[str | None] = None
    #: The money of its test environment, when that is not the branch's.
    test_currency: ClassVar[str] = ""
    #: The currencies of branches that it serves.
    currencies: ClassVar[frozenset[str]]
    #: How long its payer may take.
    patience: ClassVar[timedelta]

    def __init__(self, provider: Provider):
        self.provider = provider
        self.web = Web(provider.base_url)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *failure) -> None:
        self.web.close()

    # What each provider does

    def start(self, attempt: Attempt, *, return_url: str = "") -> Started:
        """Ask the provider to collect ``attempt.asked``; the payer comes back to ``return_url``.

        Raises ProviderDown (``arrived`` tells what is known) and ProviderRefused.
        """
        raise NotImplementedError

    def status(self, attempt: Attempt) -> Status:
        """Ask the provider how the attempt stands. Raises ProviderDown and ProviderRefused."""
        raise NotImplementedError

    def read_callback(
        self,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        received_at: datetime | None = None,
    ) -> list[Hint]:
        """Read what came in at ``received_at`` (now); it may wait long before anybody reads it.

        Raises Forged when it proves nothing.
        """
        raise NotImplementedError

    def prove(self) -> None:
        """Show that the provider takes our credentials. Raises as ``status`` does."""
        raise NotImplementedError

    # What they share

    @classmethod
    def missing(cls, provider: Provider) -> list[str]:
        """Return the names of the secrets without which ``provider`` cannot be enabled."""
        return [name for name in cls.secrets if not provider.secrets.get(name)]

    def serves(self, attempt: Attempt) -> None:
        """Raise ProviderRefused unless the provider takes money of the attempt's currency."""
        if attempt.currency not in self.currencies:
            raise ProviderRefused("currency_not_served")

    def secret(self, name: str) -> str:
        value = self.provider.secrets.get(name, "")
        if not value:
            raise ProviderRefused("secret_missing")
        return value

    @property
    def callback_address(self) -> str:
        return callback_address(self.provider)

    def amount_out(self, attempt: Attempt) -> str:
        """Return what is asked of the payer as providers write it: "1500000", "12.50"."""
        exponent = EXPONENTS[attempt.currency]
        whole, rest = divmod(attempt.asked, 10**exponent)
        return f"{whole}.{rest:0{exponent}d}" if exponent else str(whole)

    def amount_in(self, written: Any, attempt: Attempt) -> int | None:
        """Return minor units of the attempt's currency, None for what is no such amount."""
        if written is None or isinstance(written, bool | float):
            return None
        try:
            exact = Decimal(str(written).strip()).scaleb(EXPONENTS[attempt.currency])
        except InvalidOperation:
            return None
        if not exact.is_finite() or abs(exact) > 10**15 or exact != exact.to_integral_value():
            return None
        return int(exact)

    def currency_out(self, attempt: Attempt) -> str:
        if self.provider.sandbox and self.test_currency:
            return self.test_currency
        return attempt.currency

    def currency_in(self, word: Any, attempt: Attempt) -> str:
        """Return the branch's currency for what the test environment calls it, else the word."""
        word = str(word or "").strip().upper()
        return attempt.currency if word == self.currency_out(attempt) else word

    def never_arrived(self, attempt: Attempt) -> Status:
        """Return how an attempt stands that the provider does not know, or that has no page.

        Nobody can pay it; yet it may still be on its way while a payer's patience lasts.
        """
        if timezone.now() < attempt.created_at + self.patience:
            return Status(Status.WAITING, reason="not_known_yet")
        return Status(Status.EXPIRED, reason="never_arrived")

    def refuse(self, answer: Answer, *names: str) -> None:
        """Raise ProviderRefused with the provider's own word for it unless the answer is good."""
        if not answer.ok:
            said = word(answer.data, *names, "code", "message", "error")
            raise ProviderRefused(said or f"http_{answer.status}", status=answer.status)

    def ends_at(self) -> datetime:
        return timezone.now() + self.patience

    def back_to(self, return_url: str, *, longest: int = 500) -> str:
        """Return where the payer's browser goes afterwards, our front door if that is too long."""
        if return_url and len(return_url) <= longest:
            return return_url
        return self.provider.callback_url.rstrip("/") + "/"


class TokenClient(Client):
    """A client whose calls carry a token that runs out.

    The token lies encrypted in ``Provider.token`` for every process, beside a digest of the
    credentials it was given for: changed credentials never use the old one.
    """

    MARGIN = 60  # seconds before its end at which a token counts as run out

    def fetch_token(self) -> Answer:
        """Ask for a token; the answer is as RFC 6749 has it. Raises ProviderDown."""
        raise NotImplementedError

    def prove(self) -> None:
        self.token(refused=self._known().get("value", ""))

    def ask(self, method: str, path: str, *, repeatable: bool, headers=None, **request) -> Answer:
        """Send a request with the token, once more with a new one if it is not accepted."""
        token = self.token()
        for _try in range(2):
            answer = self.web.ask(
                method,
                path,
                repeatable=repeatable,
                headers={"Authorization": f"Bearer {token}", **(headers or {})},
                **request,
            )
            if answer.status != 401:
                return answer
            token = self.token(refused=token)
        raise ProviderRefused("credentials_refused", status=401)

    def token(self, refused: str = "") -> str:
        """Return a token that is still good, not ``refused``; one process at a time renews it."""
        if (known := self._known().get("value")) and known != refused:
            return known
        with transaction.atomic():
            with connection.cursor() as cursor:
                # Of the transaction, so that it ends with it behind PgBouncer too; the row itself
                # stays free for calls back meanwhile.
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, self.provider.pk])
            self.provider.refresh_from_db(fields=["token", "token_expires_at"])
            if (known := self._known().get("value")) and known != refused:
                return known
            value, lasts = self._new_token()
            self.provider.token = {"value": value, "lasts": lasts, "for": self._digest()}
            self.provider.token_expires_at = timezone.now() + timedelta(seconds=lasts)
            Provider.objects.filter(pk=self.provider.pk).update(
                token=self.provider.token, token_expires_at=self.provider.token_expires_at
            )
        return value

    def _known(self) -> dict:
        token, ends = self.provider.token, self.provider.token_expires_at
        if not token or not ends or token.get("for") != self._digest():
            return {}
        margin = timedelta(seconds=min(self.MARGIN, token["lasts"] // 10))
        return token if timezone.now() < ends - margin else {}

    def _new_token(self) -> tuple[str, int]:
        answer = self.fetch_token()
        value = answer.data.get("access_token")
        if not answer.ok or not isinstance(value, str) or not value:
            raise ProviderRefused("credentials_refused", status=answer.status)
        try:
            lasts = int(answer.data.get("expires_in") or 0)
        except (TypeError, ValueError):
            lasts = 0
        # The old samples say 90 days; a life of its own beyond a day helps nobody.
        return value, min(max(lasts, 0), 86_400)

    def _digest(self) -> str:
        told = json.dumps([self.provider.base_url, self.provider.secrets], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def callback_address(provider: Provider) -> str:
    """Return where this provider calls back: our public address, its kind and its branch."""
    ours = provider.callback_url.rstrip("/")
    return f"{ours}{CALLBACK_PATH}/{provider.kind}/{provider.site_id}"


def same(given: str, known: str) -> bool:
    """Compare two secrets in a time that tells nothing; an empty one equals nothing."""
    return bool(known) and hmac.compare_digest(
        given.encode("utf-8", "replace"), known.encode("utf-8", "replace")
    )


def signed(body: bytes, secret: str) -> str:
    """Return the HMAC-SHA256 of ``body`` in hexadecimal."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def plain(text: str) -> str:
    """Return ``text`` as providers take notes: ASCII letters, digits and little else, short."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9 .,_-]+", " ", letters).strip()[:NOTE_LENGTH]


def header(headers: Mapping[str, str], name: str) -> str:
    """Return a header whatever the case in which it was written, "" when it is not there."""
    for known, value in headers.items():
        if known.lower() == name.lower():
            return str(value)
    return ""


def message(body: bytes) -> dict:
    """Return the JSON object that a call back brought. Raises Forged when it brought none."""
    data = read_json(body)
    if data is None:
        raise Forged("not_json")
    return data


def word(data: Mapping[str, Any], *names: str, longest: int = 200) -> str:
    """Return the first of ``names`` that holds text or a number, as text that can be stored."""
    for name in names:
        value = data.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            text = str(value).encode("utf-8", "ignore").decode()
            return text.replace("\0", "")[:longest]
    return ""


def needed(answer: Answer, name: str, longest: int) -> str:
    """Return a word without which a started attempt is of no use, at most ``longest`` letters.

    Raises ProviderDown: it arrived, but we cannot go on with it.
    """
    value = word(answer.data, name, longest=longest + 1)
    if not value or len(value) > longest:
        raise ProviderDown("answer_incomplete", arrived=True)
    return value
