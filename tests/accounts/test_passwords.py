"""How passwords are kept, and what becomes of those that came from elsewhere."""

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import User
from akig.settings import PASSWORD_HASHERS
from tests.api.conftest import Caller
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_on_a_server(settings):
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS


@pytest.mark.parametrize(
    "elsewhere",
    [
        lambda: make_password(PASSWORD, hasher="pbkdf2_sha256"),
        # As Node writes it, with ten rounds; Django's name stands before it.
        lambda: "bcrypt$$2b$10$LWD8pe7GGj9eYpKRVKMfh.erzUkH14n3/7dhMiVASJo70mFnrtada",
    ],
)
def test_a_password_from_elsewhere_is_rewritten_when_its_person_signs_in(cast, elsewhere):
    User.objects.filter(pk=cast.coumba.pk).update(password=elsewhere())
    assert "access" in Caller(cast.coumba).tokens
    kept = User.objects.get(pk=cast.coumba.pk)
    assert kept.password.startswith("argon2$argon2id$")
    assert kept.check_password(PASSWORD)
    assert "access" in Caller(cast.coumba).tokens


def test_a_wrong_password_rewrites_nothing(cast):
    before = make_password(PASSWORD, hasher="pbkdf2_sha256")
    User.objects.filter(pk=cast.coumba.pk).update(password=before)
    wrong = {"email": cast.coumba.email, "password": "wrong"}
    assert Caller().post("/api/auth/login", wrong).status_code == 401
    assert User.objects.get(pk=cast.coumba.pk).password == before


def test_a_password_too_long_for_bcrypt_is_simply_wrong(cast):
    kept = "bcrypt$$2b$04$NFVTaCbImgQh59IB4SuM3.3KYTWU7c/BkqITI23RRwcWSVlwRMKP2"
    User.objects.filter(pk=cast.coumba.pk).update(password=kept)
    wrong = {"email": cast.coumba.email, "password": "é" * 100}
    assert Caller().post("/api/auth/login", wrong).status_code == 401
