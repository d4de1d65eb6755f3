"""The web's usual attacks, tried at the door."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from akig.lib.logs import OneLine, request_id
from tenants.models import Tenant
from tests.api.conftest import Caller
from tests.cast import PASSWORD

STRANGE = ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]


@pytest.mark.parametrize("strange", STRANGE)
def test_nobody_is_sent_to_a_strange_place(client, cast, strange):
    client.force_login(cast.awa)
    for name, more in (("switch_site", {"site": ""}), ("switch_theme", {"theme": "dark"})):
        assert client.post(reverse(name), {"next": strange, **more}).url.startswith("/")
    assert client.post(reverse("set_language"), {"next": strange, "language": "fr"}).url == "/"
    client.logout()
    words = {"login": cast.awa.email, "password": PASSWORD, "next": strange}
    assert client.post(reverse("account_login"), words).url == "/"


def test_a_strange_host_is_refused(client, settings):
    settings.ALLOWED_HOSTS = ["akig.example"]
    assert client.get("/verify/", HTTP_HOST="evil.example").status_code == 400


def test_a_form_of_another_site_is_refused(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.awa)
    answer = client.post(reverse("profile"), {"name": "Mallory"})
    assert answer.status_code == 403
    assert not User.objects.filter(name="Mallory").exists()


def test_answers_cannot_be_framed_sniffed_or_followed(client, cast):
    words = {"login": cast.awa.email, "password": PASSWORD}
    answer = client.post(reverse("account_login"), words)
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    cookie = answer.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_what_a_form_does_not_show_is_not_taken(client, cast):
    client.force_login(cast.estelle)
    words = {"name": "Estelle", "phone": "", "language": "fr"}
    taken = {"role": "admin", "is_superuser": "1", "email": "x@example.org", "groups": "1"}
    assert client.post(reverse("profile"), words | taken).status_code == 302
    held = User.objects.get(pk=cast.estelle.pk)
    assert (held.role, held.is_superuser) == ("agent", False)
    assert held.email == cast.estelle.email


def test_a_tenant_cannot_be_sent_to_another_branch(cast):
    tenant = cast.tenant
    Caller(cast.bachir).patch(
        f"/api/tenants/{tenant.pk}", {"name": "Gassim T.", "site": "GN_KINDIA", "id": 1}
    )
    assert Tenant.objects.get(pk=tenant.pk).site_id == "GN_CONAKRY"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../akig/settings.py",
        "/static/%2e%2e/manage.py",
        "/api/receipts/..%2f..%2fetc%2fpasswd.pdf",
        "/recus/..%2f..%2fsecret_key",
    ],
)
def test_no_path_leads_out(client, cast, path):
    client.force_login(cast.awa)
    assert client.get(path).status_code == 404


def test_a_header_writes_no_line_of_its_own_into_the_log(client):
    answer = client.get("/verify/", HTTP_X_REQUEST_ID="1\r\n2026 INFO root [-] all is well")
    assert "\n" not in answer["X-Request-ID"]
    assert "well" not in answer["X-Request-ID"]
    request_id.set("-")
    record = logging.LogRecord("x", logging.INFO, "", 1, "one\ntwo\r\nthree", (), None)
    assert "\n" not in OneLine().format(record)
