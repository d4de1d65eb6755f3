"""The second factor of a sign-in: who owes one, and whether a code is good.

allauth keeps the secrets (encrypted, see ``accounts.adapters``) and shows the pages; codes are
judged here, for pages and API alike.
"""

from datetime import datetime

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt, is_mfa_enabled
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import callers, lockout
from accounts.models import User
from accounts.record import note
from accounts.roles import SECOND_FACTOR
from akig.lib.addresses import client_address
from akig.lib.encryption import renewed
from akig.lib.problems import OtpInvalid, OtpRequired

TOTP = Authenticator.Type.TOTP
SETTLE = """
UPDATE accounts_user AS person SET owes_factor_since = CASE WHEN
    EXISTS (
        SELECT FROM accounts_user_groups AS has JOIN auth_group AS role ON role.id = has.group_id
         WHERE has.user_id = person.id AND role.name = ANY(%(roles)s))
    AND NOT EXISTS (
        SELECT FROM mfa_authenticator WHERE user_id = person.id AND type = %(totp)s)
    THEN coalesce(owes_factor_since, %(since)s) END
 WHERE id = %(person)s
"""


def prove(user: User, code: str, request: HttpRequest) -> None:
    """Ask for the second factor of ``user`` where one is due.

    Raises OtpRequired, OtpInvalid and Locked.
    """
    if is_mfa_enabled(user, [TOTP]):
        if not code:
            raise OtpRequired(_("Send the code of your second factor too."))
        if judge(user, code, request) is None:
            raise OtpInvalid(_("This code is wrong, or it was used before."))
    else:
        refuse_overdue(user)


def refuse_overdue(user: User) -> None:
    """Raise OtpRequired for who had his days and still has no second factor."""
    if user.factor_days_left == 0:
        raise OtpRequired(_("Your role asks for a second factor: set it up on the pages first."))


def judge(user: User, code: str, request: HttpRequest) -> Authenticator | None:
    """Accept ``code``, or count a failure of account and address and put it on record.

    Raises Locked.
    """
    attempt = lockout.begin(user.email, client_address(request))
    held = accept(user, code)
    if held is None:
        note("sign_in_failed", user, request, what="code", tried=user.email, user=None, role="")
    else:
        attempt.give_back()
    return held


def accept(user: User, code: str) -> Authenticator | None:
    """Use ``code`` up and return what it proves: the telephone, or a recovery code.

    None for a code that is wrong or was accepted before; of two that come at once one is too late.
    """
    with transaction.atomic():
        for held in Authenticator.objects.select_for_update().filter(user=user):
            good = _is_next(held, code) if held.type == TOTP else held.wrap().validate_code(code)
            if good:
                return held
    return None


def _is_next(held: Authenticator, code: str) -> bool:
    """Judge a code by RFC 6238; none counts after itself or after a later one (its section 5.2)."""
    secret = decrypt(held.data["secret"])
    for counter in yield_hotp_counters_from_time():
        expected = format_hotp_value(hotp_value(secret, counter))
        if counter > held.data.get("counter", -1) and compare_user_code(
            actual=code, expected=expected
        ):
            held.data["counter"] = counter
            held.save(update_fields=["data"])
            return True
    return False


def renew_secrets() -> int:
    """Encrypt what an older of ``FIELD_KEYS`` encrypted anew; return of how many factors.

    Only one factor is held at a time. Raises ImproperlyConfigured where a key is lacking.
    """
    written = 0
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            held = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if held is None:  # taken away meanwhile
                continue
            sealed = {name: held.data[name] for name in ("secret", "seed") if name in held.data}
            fresh = {name: renewed(text) for name, text in sealed.items()}
            if fresh != sealed:
                held.data |= fresh
                held.save(update_fields=["data"])
                written += 1
    return written


def settle(user_id: int, since: datetime | None = None) -> None:
    """Note since when (now, unless told) a person owes a second factor, or that he does not."""
    asked = {"roles": list(SECOND_FACTOR), "totp": TOTP, "since": since or timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, asked | {"person": user_id})
    callers.forget(user_id)
