"""A browser left alone does nothing sensitive: it asks again who is there."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from tests.accounts.test_second_factor import protect
from tests.api.conftest import Caller
from tests.cast import PASSWORD
from tests.factories import make_provider

pytestmark = pytest.mark.django_db
ASKING = "/accounts/reauthenticate/?next="
CONFIRM = "/accounts/reauthenticate/"


@pytest.fixture
def later():
    """The browser was signed in 16 minutes ago; ``later.shift`` lets it wait on."""
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False) as clock:
        yield clock


@pytest.fixture
def alone(client, cast, later):
    """A browser that the administrator left 16 minutes ago."""
    later.shift(timedelta(minutes=-16))
    client.force_login(cast.admin)
    later.shift(timedelta(minutes=16))
    return client


def test_every_sensitive_page_asks_and_others_do_not(alone, cast):
    person, provider = cast.coumba.pk, make_provider(cast.conakry).pk
    for page in (
        "/personnes/nouvelle",
        f"/personnes/{person}/role",
        f"/personnes/{person}/mot-de-passe",
        f"/personnes/{person}/reprendre",
        f"/personnes/{person}/liberer",
        f"/personnes/{person}/second-facteur",
        f"/personnes/{person}/agence",
        f"/personnes/{person}/partager",
        f"/proprietaires/{cast.owner.pk}/acces",
        f"/locataires/{cast.tenant.pk}/acces",
        "/cles/nouvelle",
        "/mobile-money/contrats/nouveau",
        f"/mobile-money/contrats/{provider}/modifier",
        f"/mobile-money/contrats/{provider}/activer",
        f"/locataires/{cast.tenant.pk}/donnees",
        f"/proprietaires/{cast.owner.pk}/donnees",
    ):
        assert alone.get(page)["Location"].startswith(ASKING), page
    for page in ("/profil/", "/paiements/", f"/personnes/{person}/exclure"):
        assert alone.get(page).status_code == 200, page


def test_changing_the_second_factor_asks_too(alone):
    assert alone.get("/accounts/2fa/totp/activate/")["Location"].startswith(CONFIRM)


def test_the_password_opens_the_page_again(alone, cast):
    page = f"/personnes/{cast.coumba.pk}/role"
    asked = alone.get(page)["Location"]
    wrong = alone.post(asked, {"password": "wrong"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (200, ["password"])
    answer = alone.post(CONFIRM, {"password": PASSWORD, "next": page})
    assert answer["Location"] == page
    assert alone.get(page).status_code == 200
    assert alone.post(page, {"role": "comptable"}).status_code == 302
    assert User.objects.get(pk=cast.coumba.pk).role == "comptable"


def test_a_code_does_too(alone, cast):
    codes = protect(cast.admin)
    page = "/personnes/nouvelle"
    answer = alone.post("/accounts/2fa/reauthenticate/", {"code": codes[0], "next": page})
    assert answer["Location"] == page
    assert alone.get(page).status_code == 200


def test_a_form_has_time_to_be_filled(alone, cast, later):
    page = f"/personnes/{cast.coumba.pk}/role"
    assert alone.get(page).status_code == 302
    assert alone.post(page, {"role": "comptable"}).status_code == 302
    assert User.objects.get(pk=cast.coumba.pk).role == "comptable"
    later.shift(timedelta(minutes=16))
    answer = alone.post(page, {"role": "agent"})
    assert answer["Location"].startswith(ASKING)
    assert User.objects.get(pk=cast.coumba.pk).role == "comptable"


def test_guessing_there_locks_the_account_as_elsewhere(alone, cast):
    for _time in range(5):
        alone.post(CONFIRM, {"password": "wrong"})
    locked = alone.post(CONFIRM, {"password": PASSWORD})
    assert locked.context["form"].errors.as_data()["password"][0].code == "locked"
    form = {"email": cast.admin.email, "password": PASSWORD}
    assert Caller().post("/api/auth/login", form).status_code == 429


def test_a_foreign_address_is_no_way_on(alone):
    answer = alone.post(CONFIRM, {"password": PASSWORD, "next": "https://evil.example/"})
    assert answer["Location"] == "/"
