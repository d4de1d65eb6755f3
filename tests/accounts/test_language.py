"""The language of the pages is the person's, not the browser's."""

import pytest
from django.conf import settings

pytestmark = pytest.mark.django_db

ENGLISH_BROWSER = {"HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9"}


def spoken(response):
    return response.headers["Content-Language"]


def test_an_english_browser_is_answered_in_french(client):
    assert spoken(client.get("/accounts/login/", **ENGLISH_BROWSER)) == "fr"


def test_a_visitor_may_choose_another_language(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert spoken(client.get("/accounts/login/")) == "en"


def test_a_language_that_does_not_exist_is_french(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "xx"
    assert spoken(client.get("/accounts/login/")) == "fr"


def test_the_language_of_the_person_wins(client, cast):
    cast.coumba.language = "en"
    cast.coumba.save()
    client.force_login(cast.coumba)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    assert spoken(client.get("/profil/")) == "en"


def test_the_pages_follow_a_corrected_profile_at_once(client, cast):
    client.force_login(cast.coumba)
    answer = client.post("/profil/", {"name": "Coumba", "phone": "", "language": "en"})
    assert answer.status_code == 302
    assert spoken(client.get("/profil/")) == "en"
