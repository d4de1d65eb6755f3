"""Who does it: the language of the pages and the context that every row of history carries."""

from collections.abc import Callable

import pghistory
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.utils import translation
from pghistory import config
from pghistory.middleware import HistoryMiddleware as Base

from akig.lib.addresses import client_address


class LanguageMiddleware(LocaleMiddleware):
    """Speak the language of the person; before the sign-in the one chosen there, or French.

    What the browser prefers says nothing here: many are set to English by whoever sold them. Only
    other programs, under ``/api/``, are taken at their word (``Accept-Language``).
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.path.startswith("/api/"):
            super().process_request(request)
            return
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if request.user.is_authenticated:
            wanted = request.user.language
        spoken = wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        translation.activate(spoken)
        request.LANGUAGE_CODE = spoken


class Request(WSGIRequest):
    """A request that tells the history who it is for as soon as anybody (Django, DRF) knows."""

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "user":
            pghistory.context(**person(value))


class HistoryMiddleware(Base):
    """Name who, whence and what for in the history of what a request changes.

    Reading requests pass untouched; no query is made, the context travels with the changes.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in config.middleware_methods():
            return self.get_response(request)
        with pghistory.context(**self.get_context(request)):
            if isinstance(request, WSGIRequest):
                request.__class__ = Request
            return self.get_response(request)

    def get_context(self, request: HttpRequest) -> dict:
        return context_of(request)


def context_of(request: HttpRequest) -> dict:
    """Return what the history keeps of ``request``: whose it is, from where, with what."""
    return {
        "request_id": request.request_id,
        "address": client_address(request),
        "agent": request.headers.get("User-Agent", "")[:200],
        "method": request.method,
        "url": request.path,
        **person(getattr(request, "user", None)),
    }


def person(user) -> dict:
    """Return what the history keeps of ``user``: the number and the role at that moment.

    Of a program also the prefix of its key.
    """
    if user is None or not user.is_authenticated:
        return {"user": None, "role": ""}
    lent = {"key": user.key.prefix} if user.key else {}
    return {"user": user.pk, "role": user.role, **lent}


class SecondFactorMiddleware:
    """Lead who owes a second factor, and had his days, to the page where it is set up.

    The sign-in's own pages stay open, as do those that ask for nobody; the API refuses by itself.
    """

    OPEN = ("/api/", "/accounts/", "/langue/", "/apparence/", "/metrics", "/verify/", "/l/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            not request.path.startswith(self.OPEN)
            and request.user.is_authenticated
            and request.user.factor_days_left == 0
        ):
            return redirect("mfa_activate_totp")
        return self.get_response(request)
