"""HTTP towards providers: short patience, small answers, and what a failure says of arrival."""

import json
import time
from dataclasses import dataclass
from decimal import Decimal
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util import Retry

CONNECT, READ, WHOLE = 3, 10, 20  # seconds; WHOLE for an answer that drips
LARGEST = 256 * 1024  # bytes of an answer
TROUBLE = frozenset({429, 500, 502, 503, 504})

#: A connection that was never made carried nothing: trying again is always safe.
ONCE = Retry(total=2, connect=2, read=0, status=0, other=0, redirect=0, backoff_factor=0.2)
#: For what may arrive twice without harm. A provider's "Retry-After" could hold us for hours.
REPEATABLE = Retry(
    total=2,
    redirect=0,
    status_forcelist=TROUBLE,
    allowed_methods=None,
    backoff_factor=0.2,
    backoff_jitter=0.3,
    backoff_max=2,
    raise_on_status=False,
    respect_retry_after_header=False,
)


class ProviderDown(Exception):
    """No usable answer came. ``arrived``: False when nothing reached the provider, None when
    nobody can know, True when it did. ``reason`` is one of ``payments.providers.reasons``.
    """

    def __init__(self, reason: str, *, arrived: bool | None = None):
        super().__init__(reason)
        self.reason = reason
        self.arrived = arrived


class ProviderRefused(Exception):
    """The provider answered, and the answer is no. ``reason`` is its word, or one of ours."""

    def __init__(self, reason: str, *, status: int = 0):
        super().__init__(reason)
        self.reason = reason[:200]
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What came back: the HTTP status and the JSON, {} where there was no JSON object."""

    status: int
    data: dict

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class Web:
    """The way to one provider's address. Close it, or use it in a ``with``."""

    def __init__(self, address: str):
        self.address = address.rstrip("/")
        # Made when first needed: whoever only reads a call back asks nobody.
        self._sessions: dict[bool, requests.Session] = {}

    def close(self) -> None:
        while self._sessions:
            self._sessions.popitem()[1].close()

    def ask(self, method: str, path: str, *, repeatable: bool, **request: Any) -> Answer:
        """Send one request and read its answer, whatever its status below 500.

        ``repeatable`` lets it be sent again after a failure. Redirects are never followed: they
        would carry our secrets elsewhere. Raises ProviderDown, and ProviderRefused when the
        address itself is not one to which secrets may go.
        """
        if not is_safe(self.address):
            raise ProviderRefused("address_not_https")
        if repeatable not in self._sessions:
            self._sessions[repeatable] = _session(REPEATABLE if repeatable else ONCE)
        session = self._sessions[repeatable]
        try:
            with session.request(
                method,
                self.address + path,
                timeout=(CONNECT, READ),
                allow_redirects=False,
                stream=True,
                **request,
            ) as response:
                body = _read(response)
        except (requests.RequestException, HTTPError) as error:
            raise ProviderDown("no_answer", arrived=_arrived(error, repeatable)) from None
        return _understand(response.status_code, body)


def is_safe(address: str) -> bool:
    """Tell whether secrets may be sent to ``address``: by https, or without leaving here."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(address))


def is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _session(retries: Retry) -> requests.Session:
    session = requests.Session()
    # Neither .netrc nor proxies of the environment: both would see or replace what we send.
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"User-Agent": "AKIG", "Accept": "application/json"})
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retries))
    return session


def _read(response: requests.Response) -> bytes:
    deadline = time.monotonic() + WHOLE
    body = b""
    for piece in response.iter_content(8192):
        body += piece
        if len(body) > LARGEST:
            raise ProviderDown("answer_too_large")
        if time.monotonic() > deadline:
            raise ProviderDown("no_answer")
    return body


def _arrived(error: Exception, repeatable: bool) -> bool | None:
    """Return False when surely nothing was sent; an earlier try of a repeated one may have been."""
    if repeatable:
        return None
    cause = getattr(error.args[0], "reason", None) if error.args else None
    never = isinstance(cause, NewConnectionError | ConnectTimeoutError)
    return False if never or isinstance(error, requests.exceptions.SSLError) else None


def _understand(status: int, body: bytes) -> Answer:
    if status == requests.codes.too_many_requests or 300 <= status < 400:
        raise ProviderDown(
            "busy" if status == requests.codes.too_many_requests else "redirected", arrived=False
        )
    if status >= requests.codes.server_error:
        raise ProviderDown("server_error")
    if not body.strip():
        return Answer(status, {})
    data = read_json(body)
    if data is None and status < requests.codes.bad_request:
        raise ProviderDown("not_json")
    return Answer(status, data or {})


def read_json(body: bytes) -> dict | None:
    """Return the JSON object in ``body`` with exact numbers, or None when it is none."""
    try:
        data = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
