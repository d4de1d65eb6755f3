"""Calls of the API: who asked what, how it ended and how long it took, written down in batches.

A call waits in a list of its process, and a thread writes the list away every few seconds by one
COPY: no answer waits for it, and Redis is not asked. A process that dies takes the calls of those
seconds with it; what they changed is in the record in any case.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from psycopg import Error

from akig.lib.addresses import client_address

logger = logging.getLogger(__name__)
#: So many calls wait at most while the database is away; later ones are not kept.
MOST = 50_000
# Rows of Django's own cost as much as the answers that they tell of.
COPY = """
COPY accounts_apicall (at, caller, method, route, status, milliseconds, request_id, address)
FROM STDIN
"""
_waiting: list[tuple] = []
_starting = threading.Lock()
_writers: list[threading.Thread] = []


class CallMiddleware:
    """Note each request under ``/api/``; stands outside of the answers that are given again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        began = time.perf_counter()
        response = self.get_response(request)
        _note(request, response.status_code, time.perf_counter() - began)
        return response


def write() -> None:
    """Write down the calls that wait. Raises ``psycopg.Error``; then they wait on."""
    calls = _waiting[:]
    if calls:
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for call in calls:
                copy.write_row(call)
        del _waiting[: len(calls)]


def _note(request, status, seconds):
    if len(_waiting) >= MOST:
        return
    match = request.resolver_match
    call = (
        timezone.now(), _caller(request), request.method[:10], match.route[:120] if match else "",
        status, round(1000 * seconds), request.request_id, client_address(request) or None,
    )  # fmt: skip
    _waiting.append(call)
    if settings.CALLS_SECONDS and not _writers:
        with _starting:
            if not _writers:
                _writers.append(threading.Thread(target=_write_on, name="calls", daemon=True))
                _writers[0].start()


def _caller(request):
    """Return as whom the request was counted (``user:7``, ``key:3``), or an empty text."""
    if known := getattr(request, "counted_as", "") or getattr(
        getattr(request, "auth", None), "counted_as", ""
    ):
        return known
    user = getattr(request, "user", None)
    return f"user:{user.pk}" if user is not None and user.is_authenticated else ""


def _write_on():
    while True:
        time.sleep(settings.CALLS_SECONDS)
        try:
            write()
        except (Error, DatabaseError) as error:
            logger.warning("%s calls of the API wait: %s", len(_waiting), error)
            connection.close()
