"""What surrounds every request: its identifier and its measurement."""

import re
import time
import uuid
from collections.abc import Callable

from csp.constants import UNSAFE_EVAL
from csp.middleware import CSPMiddleware, PolicyParts
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from prometheus_client import Histogram

from akig.lib.logs import request_id
from akig.lib.workshop import Busy

SENT_BY_CALLER = re.compile(r"[\w.:-]{1,64}", re.ASCII)
ANSWERS = Histogram(
    "akig_http_answer_seconds",
    "Time to answer, by method, route and status.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMiddleware:
    """Give the request an identifier, tell it to the caller and the logs, measure the answer.

    Two measurements of our own, because django-prometheus' pair of middlewares keeps sixteen.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        sent = request.headers.get("X-Request-ID", "")
        request.request_id = sent if SENT_BY_CALLER.fullmatch(sent) else uuid.uuid4().hex
        # Not taken back: Django logs refusals after us, and the thread's next request sets its own.
        request_id.set(request.request_id)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request.request_id
        match = request.resolver_match
        ANSWERS.labels(
            request.method if request.method in METHODS else "other",
            match.route if match else "",
            response.status_code,
        ).observe(time.perf_counter() - began)
        return response

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Answer 400 to an address that no text of the database can hold."""
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("There is a NUL character in the address.")

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Tell who asked a page for a paper that it is late; the API says it its own way."""
        if not isinstance(error, Busy):
            return None
        response = render(request, "503.html", {"refusal": error}, status=error.status)
        response.headers["Retry-After"] = str(error.wait)
        return response


class PolicyMiddleware(CSPMiddleware):
    """Tell the browser what a page may load and run: our own files, and nothing written inside it.

    The library of the back-office evaluates what stands in its own attributes.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponse, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith("/admin/"):
            parts.update = {"script-src": [UNSAFE_EVAL]}
        return parts
