"""Is it alive, is it ready, how does it fare: the pages that machines read."""

import hmac
import ipaddress
from collections.abc import Callable

import django_rq
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from akig.lib.addresses import client_address


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part that a request needs is there, else 503 with what failed."""
    parts = {
        "database": _tried("connected", _ask_database),
        "cache": _tried("connected", _ask_cache),
        "queue": _tried("connected", _ask_queue),
    }
    parts["migrations"] = (
        _tried("applied", _ask_migrations) if parts["database"] == "connected" else "unknown"
    )
    is_ready = all(state in ("connected", "applied") for state in parts.values())
    return JsonResponse(
        {"status": "ok" if is_ready else "unavailable", "ready": is_ready, **parts},
        status=200 if is_ready else 503,
    )


class NotReady(Exception):
    """A part answers, but not as it must."""


def _tried(word: str, ask: Callable[[], None]) -> str:
    try:
        ask()
    except NotReady as reason:
        return str(reason)
    except (DatabaseError, RedisError, ConnectionInterrupted, OSError):
        return "failed"
    return word


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_cache() -> None:
    # Past Django's cache, which is told to hide a lost Redis.
    get_redis_connection("default").ping()


def _ask_queue() -> None:
    django_rq.get_connection("default").ping()


_migrated = False


def _ask_migrations() -> None:
    global _migrated
    if _migrated:
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady("missing")
    _migrated = True


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus' text to the addresses of METRICS_ALLOW, or to METRICS_TOKEN."""
    if not (_comes_from_allowed_address(request) or _carries_token(request)):
        raise PermissionDenied
    return ExportToDjangoView(request)


def _comes_from_allowed_address(request: HttpRequest) -> bool:
    try:
        address = ipaddress.ip_address(client_address(request))
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS_ALLOW)


def _carries_token(request: HttpRequest) -> bool:
    expected = f"Bearer {settings.METRICS_TOKEN}"
    sent = request.headers.get("Authorization", "")
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(sent.encode(), expected.encode())
