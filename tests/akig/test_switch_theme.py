import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_keeps_the_choice_in_a_cookie(client, theme):
    answer = client.post(reverse("switch_theme"), {"theme": theme, "next": "/somewhere/?q=1"})
    assert answer.status_code == 302
    assert answer["Location"] == "/somewhere/?q=1"
    assert client.cookies["theme"].value == theme
    assert f'data-theme="{theme}"' in client.get(reverse("account_login")).content.decode()


def test_automatic_takes_the_cookie_away(client):
    client.post(reverse("switch_theme"), {"theme": "dark"})
    client.post(reverse("switch_theme"), {"theme": ""})
    assert client.cookies["theme"].value == ""


@pytest.mark.parametrize(
    "place", ["https://elsewhere.example/", "//elsewhere.example", "javascript:1"]
)
def test_never_leads_elsewhere(client, place):
    assert client.post(reverse("switch_theme"), {"next": place})["Location"] == "/"


def test_a_link_changes_nothing(client):
    assert client.get(reverse("switch_theme")).status_code == 405


def test_a_strange_cookie_is_not_written_into_the_page(client):
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get(reverse("account_login")).content.decode()
