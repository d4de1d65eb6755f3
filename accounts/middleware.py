"""Who does it: the context that every row of history written by a request carries."""

import pghistory
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from pghistory import config
from pghistory.middleware import HistoryMiddleware as Base

from akig.lib.addresses import client_address


class Request(WSGIRequest):
    """A request that tells the history who it is for as soon as anybody (Django, DRF) knows."""

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "user":
            pghistory.context(**person(value))


class HistoryMiddleware(Base):
    """Name user, role, address, request, method and path in the history of what a request changes.

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
        return {
            "request_id": request.request_id,
            "address": client_address(request),
            "method": request.method,
            "url": request.path,
            **person(getattr(request, "user", None)),
        }


def person(user) -> dict:
    """Return what the history keeps of ``user``: the key and the role at that moment."""
    if user is None or not user.is_authenticated:
        return {"user": None, "role": ""}
    return {"user": user.pk, "role": user.role}
