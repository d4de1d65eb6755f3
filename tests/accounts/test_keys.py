"""Keys of programs are made, renewed and revoked on their pages."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiKey
from akig.lib.waiting import waiting_for
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(client, cast):
    """Return a key that the administrator made on the page, and what the page showed."""
    client.force_login(cast.admin)
    sent = {"name": "Comptable externe", "scopes": ["lease.view"], "branches": ["GN_CONAKRY"]}
    answer = client.post(reverse("people:make_key"), sent)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return ApiKey.objects.get(), answer.context["written"]


def works(written):
    asked = Caller().get("/api/me", HTTP_AUTHORIZATION=f"Api-Key {written}")
    return asked.status_code == 200


def test_a_key_is_shown_once(client, made):
    key, written = made
    assert works(written)
    for name in ("key_page", "renew_key", "revoke_key"):
        page = client.get(reverse(f"people:{name}", args=[key.pk])).content.decode()
        assert key.prefix in page
        assert written not in page
    assert key.name in client.get(reverse("people:key_list")).content.decode()


def test_the_form_lends_nothing_personal(client, cast):
    client.force_login(cast.admin)
    sent = {"name": "x", "scopes": ["user.manage"], "branches": ["GN_CONAKRY"]}
    answer = client.post(reverse("people:make_key"), sent)
    assert answer.status_code == 400
    assert not ApiKey.objects.exists()


def test_a_key_is_renewed_and_revoked(client, made):
    key, written = made
    answer = client.post(reverse("people:renew_key", args=[key.pk]), {"overlap_hours": "0"})
    fresh = answer.context["written"]
    assert (works(written), works(fresh)) == (False, True)
    client.post(reverse("people:revoke_key", args=[key.pk]))
    assert not works(fresh)
    verbs = [event.pgh_context.metadata["verb"] for event in key.events.order_by("pgh_id")]
    assert verbs == ["accounts.make_key", "accounts.renew_key", "accounts.revoke_key"]


def test_an_old_secret_waits_on_the_first_page(made, cast):
    key, _written = made
    lines = [line for line in waiting_for(cast.admin, []) if "cles" in line.address]
    assert lines == []
    old = timezone.now() - timedelta(days=91)
    ApiKey.objects.filter(pk=key.pk).update(renewed_at=old)
    (line,) = [line for line in waiting_for(cast.admin, []) if "cles" in line.address]
    assert line.number == 1
    assert not [line for line in waiting_for(cast.bachir, []) if "cles" in line.address]
