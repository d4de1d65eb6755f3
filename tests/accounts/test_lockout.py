"""Who guesses waits: longer each time, by account and by address, known or not."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import lockout
from accounts.models import Lockout, User
from tests.accounts.test_second_factor import protect
from tests.api.conftest import Caller
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
HERE = {"REMOTE_ADDR": "196.28.1.1"}


def attempt(email, password="wrong", **sent):  # noqa: S107 - wrong on purpose
    there = {**HERE, **{key: sent.pop(key) for key in list(sent) if key.isupper()}}
    form = {"email": email, "password": password, **sent}
    return Caller().post("/api/auth/login", form, **there)


def fail(email, times, **sent):
    return [attempt(email, **sent).status_code for _time in range(times)]


@pytest.fixture(autouse=True)
def _many_requests(settings):
    settings.THROTTLE_AUTH = 1000


@pytest.mark.parametrize("known", [True, False])
def test_each_failure_after_the_fifth_waits_twice_as_long(cast, known):
    email = cast.coumba.email if known else "nobody@example.org"
    waits = []
    with time_machine.travel("2026-11-02 09:00:00+00:00", tick=False) as clock:
        assert fail(email, 5) == [401] * 5
        for _round in range(9):
            answer = attempt(email)
            assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
            waits.append(int(answer["Retry-After"]))
            clock.shift(waits[-1])
            assert attempt(email).status_code == 401
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_right_password_is_refused_with_the_same_words(cast):
    assert fail(cast.coumba.email, 5) == [401] * 5
    right = attempt(cast.coumba.email, PASSWORD)
    wrong = attempt(cast.coumba.email, "wrong", REMOTE_ADDR="196.28.1.2")
    assert (right.status_code, right.json()) == (429, wrong.json())
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
        assert attempt(cast.coumba.email, PASSWORD).status_code == 200
        assert fail(cast.coumba.email, 5) == [401] * 5


def test_pages_and_api_count_together_and_without_redis(client, cast, lost_redis):
    form = {"login": cast.coumba.email, "password": "wrong"}
    assert fail(cast.coumba.email, 3) == [401] * 3
    for _time in range(2):
        client.post("/accounts/login/", form)
    page = client.post("/accounts/login/", form | {"password": PASSWORD})
    error = page.context["form"].errors.as_data()["__all__"][0]
    assert error.code == "locked"
    assert attempt(cast.coumba.email, PASSWORD).status_code == 429
    unknown = client.post("/accounts/login/", {"login": "no@example.org", "password": "x"})
    assert unknown.context["form"].errors.as_data()["__all__"][0].code != "locked"


def test_an_address_is_locked_for_whatever_account(cast):
    for number in range(20):
        assert attempt(f"nobody{number}@example.org").status_code == 401
    assert attempt(cast.coumba.email, PASSWORD).status_code == 429
    assert attempt(cast.coumba.email, PASSWORD, REMOTE_ADDR="196.28.1.2").status_code == 200


def test_a_network_of_version_6_is_one_address(cast):
    for number in range(20):
        there = f"2001:db8:0:1::{number:x}"
        assert attempt(f"nobody{number}@example.org", REMOTE_ADDR=there).status_code == 401
    there = {"REMOTE_ADDR": "2001:db8:0:1:ffff::1"}
    assert attempt(cast.coumba.email, PASSWORD, **there).status_code == 429


def test_who_signs_in_now_and_then_does_not_free_his_address(cast):
    for number in range(19):
        attempt(f"nobody{number}@example.org")
        if number % 5 == 0:
            assert attempt(cast.coumba.email, PASSWORD).status_code == 200
    assert attempt("nobody@example.org").status_code == 401
    assert attempt("nobody@example.org").status_code == 429


def test_codes_are_counted_as_passwords_are(client, cast):
    codes = protect(cast.diallo)
    for _time in range(5):
        assert attempt(cast.diallo.email, PASSWORD, otp="000000").status_code == 401
    assert attempt(cast.diallo.email, PASSWORD, otp=codes[0]).status_code == 429
    assert attempt(cast.diallo.email, PASSWORD).status_code == 429
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        assert attempt(cast.diallo.email, PASSWORD, otp=codes[0]).status_code == 200
    assert not Lockout.objects.filter(name__startswith="account:").exists()


def test_a_failed_code_is_on_record(client, cast):
    protect(cast.diallo)
    attempt(cast.diallo.email, PASSWORD, otp="000000")
    client.post("/accounts/login/", {"login": cast.diallo.email, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    failed = cast.diallo.events.filter(pgh_label="sign_in_failed")
    said = [event.pgh_context.metadata for event in failed]
    assert [(one["what"], one["tried"]) for one in said] == [("code", cast.diallo.email)] * 2
    assert said[0]["address"] == HERE["REMOTE_ADDR"]


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password is hashed, which is what takes time."""

    times = 0

    def encode(self, password, salt):
        CountingHasher.times += 1
        return super().encode(password, salt)


@pytest.mark.parametrize("by_page", [False, True])
def test_an_unknown_account_costs_what_a_known_one_costs(client, cast, settings, by_page):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    cast.coumba.set_password(PASSWORD)
    cast.coumba.save()
    cast.bachir.is_active = False
    cast.bachir.save()
    assert User.objects.system()  # in whose history the attempts of nobody stand
    costs = []
    for email in (cast.coumba.email, cast.bachir.email, "nobody@example.org"):
        CountingHasher.times = 0
        with CaptureQueriesContext(connection) as queries:
            if by_page:
                client.post("/accounts/login/", {"login": email, "password": "wrong"})
            else:
                attempt(email)
        costs.append((CountingHasher.times, len(queries)))
    assert costs[0][0] == 1
    assert costs == [costs[0]] * 3


def test_a_page_counts_codes_too(client, cast):
    codes = protect(cast.diallo)
    client.post("/accounts/login/", {"login": cast.diallo.email, "password": PASSWORD})
    for _time in range(5):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    locked = client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert locked.context["form"].errors.as_data()["code"][0].code == "locked"


def test_failures_are_forgotten_after_a_day(cast):
    fail(cast.coumba.email, 5)
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert fail(cast.coumba.email, 5) == [401] * 5
        assert lockout.forget_old() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=50), tick=False):
        assert lockout.forget_old() == 2


def test_an_administrator_ends_it_and_that_is_on_record(client, cast):
    fail(cast.coumba.email, 5)
    assert attempt(cast.coumba.email, PASSWORD).status_code == 429
    client.force_login(cast.admin)
    page = f"/personnes/{cast.coumba.pk}/liberer"
    assert client.get(page).status_code == 200
    assert client.post(page).status_code == 302
    assert attempt(cast.coumba.email, PASSWORD).status_code == 200
    released = cast.coumba.events.get(pgh_label="released")
    assert released.pgh_context.metadata["user"] == cast.admin.pk
    assert client.post(page).status_code == 302


def test_no_row_names_an_account(cast):
    fail(cast.coumba.email, 1)
    assert not Lockout.objects.filter(name__contains="coumba").exists()
