"""The door of providers: whatever comes is kept, and answered at once.

``akig.wsgi`` opens it before Django's middlewares, because a provider that waits calls again. The
same address is a view too, for other servers and for tests.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Iterable

from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from akig.lib.addresses import client_address
from akig.lib.jobs import ring
from payments.models import Provider
from payments.services.callbacks import LARGEST_BODY, RUNG, RUNG_SECONDS, keep_callback

PATH = "/api/mobile-money/callback/"
METHODS = ("POST", "PUT")
CODE = re.compile(r"[A-Z][A-Z0-9_]{0,19}")
OK = (200, {"status": "received"})
TOO_LARGE = (413, {"status": "too large"})
UNREADABLE = (400, {"status": "unreadable"})
UNKNOWN = (404, {"status": "unknown"})
LATER = (503, {"status": "later"})
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 413: "Too Large", 503: "Busy"}


def is_callback(environ: dict) -> bool:
    return environ["REQUEST_METHOD"] in METHODS and environ["PATH_INFO"].startswith(PATH)


def answer(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Keep a call back at the door of the web process, before Django looks at it."""
    kind, _slash, site_code = environ["PATH_INFO"].removeprefix(PATH).partition("/")
    status, said = keep(WSGIRequest(environ), kind, site_code)
    body = json.dumps(said).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(f"{status} {REASONS[status]}", headers)
    return [body]


@csrf_exempt
def receive(request: HttpRequest, kind: str, site_code: str = "") -> HttpResponse:
    """Keep a call back that came through Django."""
    if request.method not in METHODS:
        return HttpResponse(status=405, headers={"Allow": ", ".join(METHODS)})
    status, said = keep(request, kind, site_code)
    return HttpResponse(json.dumps(said), status=status, content_type="application/json")


def keep(request: HttpRequest, kind: str, site_code: str) -> tuple[int, dict]:
    """Store the request and wake a worker; return the status and what is said."""
    if kind not in Provider.Kind.values or (site_code and not CODE.fullmatch(site_code)):
        return UNKNOWN
    try:
        body = read_body(request)
    except (UnreadablePostError, OSError):
        return UNREADABLE
    if body is None:
        return TOO_LARGE
    told = {
        "kind": kind,
        "site_code": site_code,
        "method": request.method,
        "headers": dict(request.headers),
        "body": body,
        "address": known_address(request),
    }
    try:
        keep_callback(**told)
    except Error:
        # The kept connection may have died since the last request: a fresh one is tried once.
        if connection.in_atomic_block:
            raise
        connection.close()
        try:
            keep_callback(**told)
        except Error:
            return LATER
    if cache.add(RUNG, 1, RUNG_SECONDS):
        ring("payments.tasks.read_calls_back")
    return OK


def read_body(request: HttpRequest) -> bytes | None:
    """Return the body, or None when it is larger than is kept."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LARGEST_BODY:
        return None
    try:
        body = request.body
    except RequestDataTooBig:
        return None
    return body if len(body) <= LARGEST_BODY else None


def known_address(request: HttpRequest) -> str | None:
    try:
        return str(ipaddress.ip_address(client_address(request)))
    except ValueError:
        return None
