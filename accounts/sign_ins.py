"""Where a person is signed in, in browsers and on telephones: written down, told and ended."""

import uuid
from datetime import timedelta

from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import get_random_string
from rest_framework_simplejwt.settings import api_settings

from accounts import tokens
from accounts.devices import cut_off, devices_of
from accounts.models import BrowserSession, TokenFamily, User
from accounts.notices import tell_if_new
from accounts.record import note
from akig.lib.addresses import client_address
from akig.lib.doors import is_key

#: The cookie that tells a browser again, and where its session keeps which row is its own.
DEVICE, ROW = "device", "browser"
DEVICE_DAYS = timedelta(days=400)


def open_browser(request: HttpRequest, user: User) -> None:
    """Write down that a browser is signed in, and tell the person when it is a new one."""
    if request.session.session_key is None:  # somebody else was signed in here a moment ago
        request.session.save()
    known = request.COOKIES.get(DEVICE, "")
    row = BrowserSession(
        user=user,
        key=request.session.session_key,
        device=known if len(known) == BrowserSession.DEVICE else get_random_string(32),
        address=client_address(request) or None,
        agent=request.META.get("HTTP_USER_AGENT", "")[:200],
    )
    tell_if_new(user, row.address, row.agent, row.device)
    row.save()
    request.session[ROW], request.device = row.pk, row.device


def keep_browser(request: HttpRequest) -> None:
    """Follow a session whose key changed, as it does when its person changes the password."""
    row = BrowserSession.objects.filter(pk=request.session.get(ROW))
    row.update(key=request.session.session_key)


def browsers_of(user: User) -> QuerySet[BrowserSession]:
    """Return the browsers in which ``user`` is signed in now, newest first."""
    alive = Session.objects.filter(session_key=OuterRef("key"), expire_date__gt=timezone.now())
    return BrowserSession.objects.filter(Exists(alive), user=user).order_by("-pk")


def telephones_of(user: User) -> QuerySet[TokenFamily]:
    """Return what ``user`` is signed in with by tokens now, last used first."""
    since = timezone.now() - api_settings.REFRESH_TOKEN_LIFETIME
    alive = TokenFamily.objects.filter(user=user, revoked_at=None, refreshed_at__gt=since)
    return alive.order_by("-refreshed_at")


def end(request: HttpRequest, what: str) -> bool:
    """End a sign-in of the person: ``browser:<number>``, ``token:<family>`` or ``others``.

    ``device:<number>`` cuts off a telephone of the field. ``others`` leaves those alone: what one
    has not sent yet would be lost.

    No right is asked, for nobody else's is touched; tell whether anything ended.
    """
    user, (kind, _colon, key) = request.user, what.partition(":")
    browsers, families, devices = [], [], []
    if kind == "others":
        browsers = browsers_of(user).exclude(key=request.session.session_key)
        families = telephones_of(user)
    elif kind == "browser" and is_key(key):
        browsers = browsers_of(user).filter(pk=key)
    elif kind == "token" and _is_family(key):
        families = telephones_of(user).filter(pk=key)
    elif kind == "device" and is_key(key):
        devices = devices_of(user).filter(pk=key)
    ended = [str(row.pk) for row in (*browsers, *families, *devices)]
    if ended:
        note("signed_out", user, request, ended=ended)
    for row in browsers:
        SessionStore(row.key).delete()
    for family in families:
        tokens.end(family.pk)
    for device in devices:
        cut_off(device)
    return bool(ended)


def _is_family(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False
