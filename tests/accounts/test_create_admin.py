"""The first administrator of an empty agency."""

from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch):
    monkeypatch.delenv("ADMIN_EMAIL", raising=False)
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)


def create_admin() -> str:
    out = StringIO()
    call_command("create_admin", stdout=out)
    return out.getvalue()


def test_the_administrator_signs_in_and_sees_every_branch(cast, client, monkeypatch):
    sites = {cast.conakry.pk, cast.kindia.pk}
    monkeypatch.setenv("ADMIN_EMAIL", "Chef@Agence.example")
    monkeypatch.setenv("ADMIN_PASSWORD", "un mot bien à moi")
    told = create_admin()
    assert "chef@agence.example" in told.lower()
    assert "un mot bien à moi" not in told
    admin = authenticate(username="chef@agence.example", password="un mot bien à moi")
    assert admin.role == "admin"
    assert {row.site_id for row in admin.assignments.all()} == sites
    assert admin.assignments.filter(is_primary=True).count() == 1
    client.force_login(admin)
    assert client.get("/agences/").context["sites"]


def test_without_a_password_one_is_made_and_shown_once(db):
    told = create_admin()
    password = told.strip().splitlines()[-1].rsplit(" ", 1)[-1]
    assert authenticate(username="admin@akig.local", password=password).role == "admin"
    assert password not in create_admin()


def test_where_there_is_one_nothing_changes(cast, monkeypatch):
    assert cast.admin
    before = list(User.objects.values_list("email", "password"))
    monkeypatch.setenv("ADMIN_EMAIL", "second@agence.example")
    create_admin()
    assert list(User.objects.values_list("email", "password")) == before


def test_an_address_that_is_none_is_refused(db, monkeypatch):
    monkeypatch.setenv("ADMIN_EMAIL", "chef")
    with pytest.raises(CommandError, match="ADMIN_EMAIL"):
        create_admin()
    assert not User.objects.exists()
