"""A telephone proves a person beside the password: on pages, over the API, and when it is lost."""

import base64
import re
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import SecondFactor, User
from accounts.roles import ROLES, SECOND_FACTOR
from tests.api.conftest import Caller
from tests.cast import PASSWORD, make_user

pytestmark = pytest.mark.django_db

#: The key of the test vectors of RFC 6238 (appendix B), as a telephone takes it.
SECRET = base64.b32encode(b"12345678901234567890").decode()
SETUP = "/accounts/2fa/totp/activate/"


def protect(user):
    """Let ``user`` have a telephone with the key ``SECRET``; return his recovery codes."""
    TOTP.activate(user, SECRET)
    return RecoveryCodes.activate(user).generate_codes()


def shown(secret=SECRET, later=0):
    """Return what the telephone shows now, or so many half minutes ``later``."""
    return format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30 + later))


def log_in(user, **sent):
    return Caller().post("/api/auth/login", {"email": user.email, "password": PASSWORD, **sent})


def code(answer):
    return answer.status_code, answer.json().get("code")


# Codes


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238_sign_in(cast, moment, expected):
    protect(cast.diallo)
    with time_machine.travel(moment, tick=False):
        assert code(log_in(cast.diallo, otp="000000")) == (401, "otp_invalid")
        assert log_in(cast.diallo, otp=expected[-6:]).status_code == 200


def test_the_api_asks_for_the_second_factor_once_the_password_is_right(cast):
    protect(cast.diallo)
    assert code(log_in(cast.diallo)) == (401, "otp_required")
    assert code(log_in(cast.diallo, otp="")) == (401, "otp_required")
    assert code(log_in(cast.diallo, password="x")) == (401, "not_authenticated")
    assert code(log_in(cast.diallo, password="x", otp=shown())) == (401, "not_authenticated")
    assert log_in(cast.diallo, otp=shown()).status_code == 200


def test_a_code_is_good_once(cast):
    protect(cast.diallo)
    used, earlier = shown(), shown(later=-1)
    assert log_in(cast.diallo, otp=used).status_code == 200
    assert code(log_in(cast.diallo, otp=used)) == (401, "otp_invalid")
    assert code(log_in(cast.diallo, otp=earlier)) == (401, "otp_invalid")
    with time_machine.travel(timezone.now() + timedelta(seconds=60), tick=False):
        assert log_in(cast.diallo, otp=shown()).status_code == 200


def test_a_code_is_good_once_without_redis_too(cast, lost_redis):
    protect(cast.diallo)
    used = shown()
    assert log_in(cast.diallo, otp=used).status_code == 200
    assert code(log_in(cast.diallo, otp=used)) == (401, "otp_invalid")


def test_a_clock_may_be_half_a_minute_wrong_and_no_more(cast):
    protect(cast.diallo)
    with time_machine.travel("2026-11-02 09:00:10+00:00", tick=False):
        for later in (-2, 2):
            assert code(log_in(cast.diallo, otp=shown(later=later))) == (401, "otp_invalid")
        for later in (-1, 0, 1):
            assert log_in(cast.diallo, otp=shown(later=later)).status_code == 200


def test_a_recovery_code_opens_once(cast):
    first, second, *_others = protect(cast.diallo)
    assert log_in(cast.diallo, otp=first).status_code == 200
    assert code(log_in(cast.diallo, otp=first)) == (401, "otp_invalid")
    assert log_in(cast.diallo, otp=second).status_code == 200


@pytest.mark.parametrize("otp", ["12345", "٣٤٥٦٧٨", "a" * 20, "-1", "      "])
def test_what_is_no_code_is_wrong(cast, otp):
    protect(cast.diallo)
    assert log_in(cast.diallo, otp=otp).status_code == 401


def test_the_database_holds_no_key_in_clear(cast):
    codes = protect(cast.diallo)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in kept
    assert not any(word in kept for word in codes)
    assert len(re.findall("gAAAA", kept)) == 2


def test_its_key_is_encrypted_anew_with_the_columns(cast, settings):
    codes, older = protect(cast.diallo), settings.FIELD_KEYS
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *older]
    call_command("rotate_keys", stdout=StringIO())
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert log_in(cast.diallo, otp=shown()).status_code == 200
    assert log_in(cast.diallo, otp=codes[0]).status_code == 200
    said = StringIO()
    call_command("rotate_keys", stdout=said)
    assert "mfa.Authenticator.data: 0 written" in said.getvalue()


# Pages


def enter(client, user, **sent):
    return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD, **sent})


def test_pages_ask_for_the_code_after_the_password(client, cast):
    codes = protect(cast.diallo)
    assert enter(client, cast.diallo)["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/profil/").status_code == 302
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (200, ["code"])
    used = shown()
    assert client.post("/accounts/2fa/authenticate/", {"code": used}).status_code == 302
    assert client.get("/profil/").status_code == 200
    other = Client()
    enter(other, cast.diallo)
    assert other.post("/accounts/2fa/authenticate/", {"code": used}).status_code == 200
    assert other.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302


def test_a_person_sets_it_up_and_takes_it_away(client, cast):
    enter(client, cast.diallo)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get(SETUP)
    key = page.context["form"].secret
    assert b"data:image/svg+xml" in page.content
    used = shown(key)
    answer = client.post(SETUP, {"code": used}, follow=True)
    assert len(answer.context["unused_codes"]) == 10
    assert User.objects.get(pk=cast.diallo.pk).factor_days_left is None
    assert code(log_in(cast.diallo)) == (401, "otp_required")
    assert log_in(cast.diallo, otp=shown(key, later=1)).status_code == 200
    assert client.get("/accounts/2fa/").status_code == 200
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.exists()
    assert User.objects.get(pk=cast.diallo.pk).factor_days_left is not None


def test_the_code_that_set_it_up_is_used_up(client, cast):
    enter(client, cast.diallo)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    used = shown(client.get(SETUP).context["form"].secret)
    assert client.post(SETUP, {"code": used}).status_code == 302
    assert code(log_in(cast.diallo, otp=used)) == (401, "otp_invalid")


# Who needs one


@pytest.mark.parametrize("role", ROLES)
def test_four_roles_need_one(settings, role):
    settings.MFA_GRACE_DAYS = 14
    person = User.objects.get(pk=make_user("Mariam", role).pk)
    assert person.factor_days_left == (14 if role in SECOND_FACTOR else None)


def test_after_the_days_of_grace_every_page_leads_to_the_set_up(client, cast, settings):
    settings.MFA_GRACE_DAYS = 14
    telephone = Caller(cast.diallo)
    client.force_login(cast.diallo)
    banner = 'href="/accounts/2fa/totp/activate/"'
    assert banner in client.get("/profil/").content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=13, hours=23), tick=False):
        client.force_login(cast.diallo)
        assert client.get("/profil/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1), tick=False):
        client.force_login(cast.diallo)
        for page in ("/", "/profil/", "/admin/", "/paiements/"):
            assert client.get(page)["Location"] == SETUP, page
        assert client.get("/accounts/logout/").status_code == 200
        assert code(client.get("/api/me")) == (401, "otp_required")
        assert code(log_in(cast.diallo)) == (401, "otp_required")
    settings.MFA_GRACE_DAYS = 0
    assert code(telephone.get("/api/me")) == (401, "otp_required")
    protect(cast.diallo)
    assert telephone.get("/api/me").status_code == 200
    assert client.get("/profil/").status_code == 200


def test_the_days_count_from_the_role(client, cast, settings):
    settings.MFA_GRACE_DAYS = 14
    assert cast.coumba.factor_days_left is None
    later = timezone.now() + timedelta(days=100)
    with time_machine.travel(later, tick=False):
        client.force_login(make_user("Second", "admin"))
        client.post(f"/personnes/{cast.coumba.pk}/role", {"role": "comptable"})
        assert User.objects.get(pk=cast.coumba.pk).factor_days_left == 14
    with time_machine.travel(later + timedelta(days=15), tick=False):
        assert User.objects.get(pk=cast.coumba.pk).factor_days_left == 0
    cast.coumba.groups.clear()
    assert User.objects.get(pk=cast.coumba.pk).factor_days_left is None


def test_who_takes_it_away_later_has_no_days_again(cast, settings):
    settings.MFA_GRACE_DAYS = 14
    protect(cast.diallo)
    with time_machine.travel(timezone.now() + timedelta(days=100), tick=False):
        Authenticator.objects.filter(user=cast.diallo, type="totp").delete()
        assert User.objects.get(pk=cast.diallo.pk).factor_days_left == 0


def test_the_demonstration_never_has_to(cast, client, settings):
    settings.MFA_GRACE_DAYS, settings.DEMO = 0, True
    User.objects.filter(pk=cast.diallo.pk).update(email="comptable@akig.demo")
    cast.diallo.refresh_from_db()
    assert enter(client, cast.diallo)["Location"] == "/"
    assert client.get("/profil/").status_code == 200
    assert log_in(cast.diallo).status_code == 200


# A lost telephone


def test_an_administrator_takes_the_factor_of_a_lost_telephone_away(client, cast):
    protect(cast.diallo)
    telephone = Caller()
    telephone.tokens = log_in(cast.diallo, otp=shown()).json()
    client.force_login(cast.admin)
    page = f"/personnes/{cast.diallo.pk}/second-facteur"
    assert client.get(page).status_code == 200
    assert client.post(page).status_code == 302
    header = {"HTTP_AUTHORIZATION": f"Bearer {telephone.tokens['access']}"}
    assert telephone.get("/api/me", **header).status_code == 401
    assert log_in(cast.diallo).status_code == 200
    history = client.get(f"/admin/accounts/user/{cast.diallo.pk}/history/").context["events"]
    assert "Admin" in {event.who for event in history}
    kept = SecondFactor.pgh_event_model.objects.filter(user=cast.diallo, type="totp")
    labels = kept.order_by("pgh_id").values_list("pgh_label", flat=True)
    assert list(labels) == ["factor_added", "factor_removed"]
    assert client.post(page).status_code == 302


def test_nobody_takes_his_own_away_so(client, cast):
    protect(cast.admin)
    client.force_login(cast.admin)
    assert client.post(f"/personnes/{cast.admin.pk}/second-facteur").status_code == 409
    assert Authenticator.objects.filter(user=cast.admin).count() == 2
