"""The password of the demonstration's people is known to all: it opens nothing elsewhere."""

import pytest

from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(cast):
    cast.coumba.email = "secretaire@akig.demo"
    cast.coumba.save()
    return cast.coumba


@pytest.mark.parametrize(("demo", "status"), [(True, 200), (False, 401)])
def test_they_sign_in_to_the_demonstration_alone(client, settings, visitor, demo, status):
    settings.DEMO = demo
    assert client.login(username=visitor.email, password=PASSWORD) == demo
    answer = client.post(
        "/api/auth/login",
        {"email": visitor.email, "password": PASSWORD},
        content_type="application/json",
    )
    assert answer.status_code == status


def test_a_session_of_the_demonstration_ends_with_it(client, settings, visitor):
    settings.DEMO = True
    client.force_login(visitor)
    assert client.get("/profil/").status_code == 200
    settings.DEMO = False
    assert client.get("/profil/").status_code == 302
