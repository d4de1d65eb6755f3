"""The tokens of people and telephones: signed in once, refreshed in turn, dead at once when told.

Access and refresh tokens name their family (``TokenFamily``). A refresh token is good once; shown
again it was stolen, and the family dies with all its tokens.
"""

import uuid
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from accounts import callers, factors, lockout
from accounts.lockout import Locked
from accounts.models import TokenFamily, User
from accounts.notices import tell_if_new
from accounts.record import note
from akig.lib.problems import NotAuthenticated, TokenExpired, TooMany

FAMILY = "family"


@dataclass(frozen=True)
class Pair:
    """What a device receives: ``expires_in`` are the seconds that ``access`` lives."""

    user: User
    access: str
    refresh: str
    expires_in: int


def sign_in(
    *, email: str, password: str, otp: str, address: str, agent: str, request: HttpRequest
) -> Pair:
    """Open a family for whoever password and second factor prove.

    Raises NotAuthenticated, OtpRequired, OtpInvalid and TooMany.
    An unknown account costs the same time and gets the same answer as a wrong password. Failures
    are counted together with those of the pages, and lock both doors for a while.
    """
    try:
        user = get_adapter(request).authenticate(request, email=email.lower(), password=password)
        if user is None:
            raise NotAuthenticated(_("The e-mail or the password is wrong."))
        factors.prove(user, otp, request)
    except Locked as locked:
        raise TooMany(locked.wait) from locked
    lockout.clear(user.email)
    family = TokenFamily(user=user, address=address or None, agent=agent[:200])
    pair = _issue(family)
    tell_if_new(user, family.address, family.agent)
    family.save()
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    note("signed_in", user, request)
    return pair


def refresh(written: str) -> Pair:
    """Exchange a refresh token for a new pair. Raises NotAuthenticated and TokenExpired.

    A token that was exchanged before kills its family, and that death outlives the refusal.
    """
    token = read(written, RefreshToken)
    with transaction.atomic():
        family = (
            TokenFamily.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(pk=token[FAMILY], revoked_at=None, user__is_active=True)
            .first()
        )
        if family is not None and family.current == token["jti"]:
            pair = _issue(family)
            family.save(update_fields=["current", "refreshed_at"])
            return pair
        if family is not None:
            end(family.pk)
    raise NotAuthenticated(_("This sign-in is no longer valid."))


def sign_out(written: str, kind: type[Token]) -> None:
    """End the family that a token names; one that is dead already stays dead.

    Raises NotAuthenticated and TokenExpired for what is no token of ours.
    """
    family = end(read(written, kind)[FAMILY])
    if family is not None:
        note("signed_out", family.user)


def end_all(user: User) -> None:
    """End every sign-in of ``user``: the password changed, or the person was shut out."""
    for family in TokenFamily.objects.filter(user=user, revoked_at=None):
        end(family.pk)


def read(written: str, kind: type[Token]) -> Token:
    """Check signature, kind and time of a token. Raises NotAuthenticated and TokenExpired."""
    try:
        token = kind(written)
        uuid.UUID(token[FAMILY])
    except ExpiredTokenError as error:
        raise TokenExpired(_("Your sign-in has expired.")) from error
    except (TokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise NotAuthenticated(_("This sign-in is not valid.")) from error
    return token


def _issue(family: TokenFamily) -> Pair:
    fresh = RefreshToken.for_user(family.user)
    fresh[FAMILY] = str(family.pk)
    family.current = fresh["jti"]
    access: AccessToken = fresh.access_token
    return Pair(
        user=family.user,
        access=str(access),
        refresh=str(fresh),
        expires_in=int(api_settings.ACCESS_TOKEN_LIFETIME.total_seconds()),
    )


def end(family_id) -> TokenFamily | None:
    family = TokenFamily.objects.filter(pk=family_id, revoked_at=None).first()
    if family is not None:
        family.revoked_at = timezone.now()
        family.save(update_fields=["revoked_at"])
        callers.forget(family.user_id)
    return family
