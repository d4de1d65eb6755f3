"""With Redis away everything answers, only slower."""

import pytest
from django.contrib.auth import get_user_model

from akig.lib import freshness

pytestmark = pytest.mark.django_db


def test_people_sign_in_and_see_pages_without_redis(client, lost_redis):
    get_user_model().objects.create_user("awa@example.org", "pass-2026", role="pdg", name="Awa")
    answer = client.post("/accounts/login/", {"login": "awa@example.org", "password": "pass-2026"})
    assert answer.status_code == 302
    assert client.get("/taches/").status_code == 200


def test_figures_are_computed_without_redis(lost_redis):
    assert freshness.remember(["site:GN_CONAKRY"], "sum", 60, lambda: 42) == 42
    assert freshness.remember(["site:GN_CONAKRY"], "sum", 60, lambda: 43) == 43
