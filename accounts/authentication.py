"""Who calls the API: the schemes of the ``Authorization`` header, and the browser's session."""

import time
from collections.abc import Callable
from functools import lru_cache

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken

from accounts import callers, factors, keys, tokens
from accounts.models import TokenFamily, User
from akig.lib.problems import NotAuthenticated, TokenExpired
from akig.lib.throttling import Count


class HeaderAuthentication(BaseAuthentication):
    """``Authorization: SCHEME CREDENTIALS``, one function for each scheme of ``SCHEMES``.

    Without the header somebody else may know the caller (the session); with one that is wrong
    nobody does: a request never falls back to another identity than the one it claims.
    """

    def authenticate(self, request: Request) -> tuple[User, object] | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        scheme, _space, credentials = header.strip().partition(" ")
        known = SCHEMES.get(scheme.lower())
        if known is None or not credentials or " " in credentials:
            raise NotAuthenticated(_("The Authorization header is not one that we know."))
        # Whoever tried to give an answer again has counted the request already.
        return known(credentials, getattr(request, "counted", None))

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def bearer(credentials: str, counted: Count | None) -> tuple[User, callers.Caller]:
    """Find whom an access token names. Raises NotAuthenticated and TokenExpired."""
    family, user_id, expires_at = claims(credentials)
    if expires_at <= time.time():
        raise TokenExpired(_("Your sign-in has expired."))

    def ask() -> User | None:
        alive = TokenFamily.objects.filter(pk=family, user=user_id, revoked_at=None)
        found = alive.select_related("user").filter(user__is_active=True).first()
        return found and found.user

    caller = callers.find(family, user_id, ask, f"user:{user_id}", counted)
    if caller is None:
        raise NotAuthenticated(_("This sign-in is no longer valid."))
    factors.refuse_overdue(caller.user)
    caller.expires_at = expires_at
    return caller.user, caller


@lru_cache(maxsize=4096)
def claims(credentials: str) -> tuple[str, str, int]:
    """Read family, person and end of an access token whose signature is good.

    Remembered: a signature that was good stays so, and checking it costs as much as the rest.
    """
    token = tokens.read(credentials, AccessToken)
    return token[tokens.FAMILY], token[api_settings.USER_ID_CLAIM], token["exp"]


def api_key(credentials: str, counted: Count | None) -> tuple[User, callers.Caller]:
    """Find who lent a key; its person is narrowed to what was lent.

    Raises NotAuthenticated, and OtpRequired while that person owes a second factor himself.
    """
    key_id, user_id = keys.belongs_to(credentials)
    caller = callers.find(
        f"key:{keys.digest_of(credentials)}",
        user_id,
        lambda: keys.holder_of(credentials),
        f"key:{key_id}",
        counted,
    )
    if caller is None or caller.user.key.until <= time.time():
        raise NotAuthenticated(_("This key is not valid."))
    factors.refuse_overdue(caller.user)
    if caller.counted.beside is None:  # Redis, which counts else, is away
        keys.add_use({keys.tally_of(key_id): 1})
    caller.expires_at = caller.user.key.until
    return caller.user, caller


#: The first word of the header in small letters, and who answers for it.
SCHEMES: dict[str, Callable[[str, Count | None], tuple[User, object]]] = {
    "bearer": bearer,
    "api-key": api_key,
}


class PageSession(SessionAuthentication):
    """The session of a browser, which opens no more here than on the pages."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        known = super().authenticate(request)
        if known is not None:
            factors.refuse_overdue(known[0])
        return known
