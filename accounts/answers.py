"""Answers that are given again as they were sent, while nothing that made them has changed.

An answer of figures stands on a few values in Redis: the stamp and the record of its caller
(``accounts.callers``) and the tokens of its branches (``akig.lib.freshness``). Each process keeps
the answers it has sent together with those values; asked the same again, it reads the values in
the round trip that counts the request, and where all are as they were sends the same bytes. A
payment, a changed role, an ended sign-in show at once, on every process.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from django.utils import timezone

from accounts.callers import Caller, count_request
from akig.lib.freshness import changed_here

#: A renewal that Redis never heard of counts after so many seconds.
SECONDS = 10
MOST_ANSWERS = 128
MOST_BYTES = 65_536
#: Told anew with each answer.
CHANGING = {"X-RateLimit-Limit", "X-RateLimit-Remaining"}


@dataclass(frozen=True)
class Kept:
    """An answer, until when it may be given (seconds since 1970), and what it stands on."""

    until: float
    counted_as: str
    names: tuple[str, ...]
    values: list[bytes | None]
    match: ResolverMatch
    headers: dict[str, str]
    body: bytes


_kept: dict[tuple, Kept] = {}


class AnswerMiddleware:
    """Give an answer again, or let it be made and keep it where its view allows (``stands_on``).

    Stands outside of all that makes answers, so that what is kept is what was sent.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "GET" or "HTTP_AUTHORIZATION" not in request.META:
            return self.get_response(request)
        name = _name(request)
        kept = _kept.get(name)
        if kept is not None and time.time() < kept.until and not changed_here():
            counted = count_request(kept.counted_as, kept.names)
            if counted.beside == kept.values and not counted.wait:
                return _again(request, kept, counted)
            request.counted = counted
        response = self.get_response(request)
        if response.status_code == 200 and getattr(response, "stands_on", None) is not None:
            _keep(name, request, response)
        return response


def _name(request: HttpRequest) -> tuple:
    """Return all that an answer depends on beside what it stands on."""
    return (
        request.path,
        timezone.localdate(),
        request.scheme,
        *map(
            request.META.get,
            (
                "QUERY_STRING",
                "HTTP_AUTHORIZATION",
                "HTTP_HOST",
                "HTTP_X_SITE_ID",
                "HTTP_ACCEPT_LANGUAGE",
                "HTTP_COOKIE",
            ),
        ),
    )


def _again(request, kept, counted) -> HttpResponse:
    request.resolver_match, request.counted_as = kept.match, kept.counted_as
    response = HttpResponse(kept.body, headers=kept.headers)
    response.headers["X-RateLimit-Limit"] = str(counted.limit)
    response.headers["X-RateLimit-Remaining"] = str(counted.remaining)
    return response


def _keep(name, request, response):
    caller = getattr(request, "auth", None)
    if (
        not isinstance(caller, Caller)
        or caller.record is None
        or len(response.content) > MOST_BYTES
    ):
        return
    stands_on = caller.stands_on | response.stands_on
    if len(_kept) >= MOST_ANSWERS:
        _kept.clear()
    _kept[name] = Kept(
        until=min(caller.expires_at, time.time() + SECONDS),
        counted_as=caller.counted_as,
        names=tuple(stands_on),
        values=list(stands_on.values()),
        match=request.resolver_match,
        headers={name: text for name, text in response.items() if name not in CHANGING},
        body=response.content,
    )
