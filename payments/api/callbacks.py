"""The door of providers: whatever comes is kept, and answered at once.

``akig.wsgi`` opens it before Django's middlewares, because a provider that waits calls again. The
same address is a view too, for other servers and for tests.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus

from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from akig.lib.addresses import client_address
from akig.lib.jobs import ring
from akig.lib.problems import PROBLEM, problem
from payments.models import Provider
from payments.services.callbacks import LARGEST_BODY, RUNG, RUNG_SECONDS, keep_callback

PATH = "/api/mobile-money/callback/"
METHODS = ("POST", "PUT")
CODE = re.compile(r"[A-Z][A-Z0-9_]{0,19}")
RECEIVED = b'{"status": "received"}'
REFUSALS = {
    400: ("validation_error", _("This request cannot be read.")),
    404: ("not_found", _("There is nothing at this address.")),
    405: ("method_not_allowed", _("Not done this way")),
    413: ("too_large", _("What you sent is too large.")),
    503: ("server_error", _("Something went wrong on our side.")),
}


def is_callback(environ: dict) -> bool:
    return environ["REQUEST_METHOD"] in METHODS and environ["PATH_INFO"].startswith(PATH)


def answer(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Keep a call back at the door of the web process, before Django looks at it."""
    kind, _slash, site_code = environ["PATH_INFO"].removeprefix(PATH).partition("/")
    status = keep(WSGIRequest(environ), kind, site_code)
    body, content_type = said(status)
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [body]


@csrf_exempt
def receive(request: HttpRequest, kind: str, site_code: str = "") -> HttpResponse:
    """Keep a call back that came through Django."""
    is_call = request.method in METHODS
    status = keep(request, kind, site_code) if is_call else 405
    body, content_type = said(status)
    headers = {} if is_call else {"Allow": ", ".join(METHODS)}
    return HttpResponse(body, status=status, content_type=content_type, headers=headers)


def keep(request: HttpRequest, kind: str, site_code: str) -> int:
    """Store the request and wake a worker; return the status of the answer."""
    if kind not in Provider.Kind.values or (site_code and not CODE.fullmatch(site_code)):
        return 404
    try:
        body = read_body(request)
    except (UnreadablePostError, OSError):
        return 400
    if body is None:
        return 413
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
            return 503
    if cache.add(RUNG, 1, RUNG_SECONDS):
        ring("payments.tasks.read_calls_back")
    return 200


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


def said(status: int) -> tuple[bytes, str]:
    """Return what is answered with ``status``, and its kind of content."""
    if status == HTTPStatus.OK:
        return RECEIVED, "application/json"
    code, detail = REFUSALS[status]
    return json.dumps(problem(status, code, detail)).encode(), PROBLEM
