"""Refusals of the API: the one place where they become JSON, in the shape of RFC 9457."""

import http
import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from akig.lib.errors import BusinessError, Conflict

logger = logging.getLogger(__name__)
PROBLEM = "application/problem+json"
ERRORS = api_settings.NON_FIELD_ERRORS_KEY

#: Codes of the framework that our contract names otherwise.
CODES = {
    "authentication_failed": "not_authenticated",
    "error": "server_error",
    "invalid": "validation_error",
    "parse_error": "validation_error",
}


class NotAuthenticated(exceptions.AuthenticationFailed):
    """Nobody is known by what was sent."""

    default_code = "not_authenticated"


class TokenExpired(exceptions.AuthenticationFailed):
    default_code = "token_expired"


class OtpRequired(NotAuthenticated):
    """The password is right; the second factor is missing."""

    default_code = "otp_required"


class OtpInvalid(NotAuthenticated):
    default_code = "otp_invalid"


class TooMany(exceptions.APIException):
    """The limit of a minute is used up; ``wait`` says for how many seconds."""

    status_code = 429
    default_code = "throttled"

    def __init__(self, wait: int):
        self.wait = wait
        super().__init__(
            _("Too many requests. Try again in %(seconds)d seconds.") % {"seconds": wait}
        )


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"


class VersionConflict(Conflict):
    """Somebody else changed it meanwhile; both states are told."""

    code = "version_conflict"

    def __init__(self, current: dict, yours: dict):
        super().__init__(_("Somebody else has changed this meanwhile."))
        self.more = {"current": current, "yours": yours}


# Problems


def problem(
    status: int, code: str, detail: str, errors: list[dict] | None = None, **more: Any
) -> dict:
    """Return the body of a refusal (RFC 9457)."""
    body = {
        "type": f"urn:akig:problem:{code}",
        "title": _title(status),
        "status": status,
        "code": code,
        "detail": str(detail),
        **more,
    }
    if errors is not None or status == http.HTTPStatus.BAD_REQUEST:
        body["errors"] = errors or []
    return body


def _title(status: int) -> str:
    titles = {
        400: _("The request is not right"),
        401: _("Sign in first"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Not done this way"),
        409: _("Not possible now"),
        413: _("Too large"),
        415: _("Unknown kind of content"),
        422: _("Already used otherwise"),
        429: _("Too many requests"),
        500: _("Our mistake"),
        503: _("Not ready"),
    }
    return titles.get(status) or http.HTTPStatus(status).phrase


def answer_problem(exc: Exception, context: dict) -> Response:
    """Translate whatever a view raised; the exception handler of the framework's settings."""
    if isinstance(exc, BusinessError):
        return _answer_refusal(exc)
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, RequestDataTooBig):
        exc = TooLarge(_("What you sent is too large."))
    elif isinstance(exc, SuspiciousOperation):
        exc = exceptions.ParseError()
    if isinstance(exc, exceptions.APIException):
        return _answer_exception(exc)
    return _answer_mistake(exc, context)


def _answer_refusal(exc: BusinessError) -> Response:
    errors = [
        {"field": name, "code": exc.code, "detail": str(text)} for name, text in exc.fields.items()
    ]
    # What is wrong with a field stands beside it; the whole is simply not valid.
    code = "validation_error" if exc.status == http.HTTPStatus.BAD_REQUEST else exc.code
    more = getattr(exc, "more", {})
    wait = getattr(exc, "wait", 0)
    headers = {"Retry-After": str(wait)} if wait else None
    return _respond(problem(exc.status, code, exc.message, errors or None, **more), headers)


def _answer_exception(exc: exceptions.APIException) -> Response:
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header
    if isinstance(exc, TooMany):
        headers["Retry-After"] = str(exc.wait)
    if isinstance(exc, exceptions.ValidationError):
        errors = list(_field_errors(exc.detail))
        detail = errors[0]["detail"] if len(errors) == 1 else _("Some fields are not right.")
        return _respond(problem(exc.status_code, "validation_error", detail, errors), headers)
    code = exc.get_codes()
    return _respond(
        problem(exc.status_code, CODES.get(code, code), exc.detail),
        headers,
    )


def _field_errors(detail: Any, path: str = ""):
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = "" if name == ERRORS else str(name)
            yield from _field_errors(inner, ".".join(part for part in (path, step) if part))
    elif isinstance(detail, list):
        for at, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _field_errors(inner, f"{path}.{at}" if nested else path)
    else:
        yield {"field": path, "code": detail.code, "detail": str(detail)}


def _answer_mistake(exc: Exception, context: dict) -> Response:
    """Answer 500 without a trace of the inside; log it, and tell whoever listens (the tests)."""
    request = context["request"]._request
    got_request_exception.send(sender=None, request=request)
    logger.error("Internal error: %s", request.path, exc_info=exc)
    return _respond(problem(500, "server_error", _("Something went wrong on our side.")))


def _respond(body: dict, headers: dict | None = None) -> Response:
    return Response(body, status=body["status"], headers=headers, content_type=PROBLEM)


def plain_problem(request: HttpRequest, status: int, code: str, detail: str) -> JsonResponse:
    """Answer a problem outside the framework's views (Django's own 400, 403, 404, 500)."""
    return JsonResponse(problem(status, code, detail), status=status, content_type=PROBLEM)
