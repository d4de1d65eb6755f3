"""Where one is signed in: told, ended, and noticed when it is new."""

import pytest
from django.core import mail

from tests.api.conftest import Caller
from tests.cast import PASSWORD
from tests.conftest import Door

pytestmark = pytest.mark.django_db
PAGE = "/profil/connexions"


def enter(browser, user, address="10.0.0.1", agent="Firefox"):
    form = {"login": user.email, "password": PASSWORD}
    answer = browser.post("/accounts/login/", form, REMOTE_ADDR=address, HTTP_USER_AGENT=agent)
    assert answer["Location"] == "/"
    return browser


def log_in(user, address="10.0.0.1", agent="AKIG/1.0"):
    form = {"email": user.email, "password": PASSWORD}
    there = {"REMOTE_ADDR": address, "HTTP_USER_AGENT": agent}
    caller = Caller()
    access = caller.post("/api/auth/login", form, **there).json()["access"]
    caller.defaults["HTTP_AUTHORIZATION"] = f"Bearer {access}"
    return caller


def is_in(browser):
    return browser.get("/profil/").status_code == 200


def test_one_sees_and_ends_his_own_sign_ins_one_by_one(client, cast):
    other, telephone = enter(Door(), cast.coumba), log_in(cast.coumba)
    stranger = enter(Door(), cast.diallo)
    enter(client, cast.coumba)
    page = client.get(PAGE)
    assert len(page.context["browsers"]) == 2
    [family] = page.context["telephones"]
    client.post(PAGE, {"end": f"browser:{page.context['browsers'][1].pk}"})
    assert (is_in(other), is_in(client)) == (False, True)
    assert telephone.get("/api/me").status_code == 200
    client.post(PAGE, {"end": f"token:{family.pk}"})
    assert telephone.get("/api/me").status_code == 401
    theirs = stranger.get(PAGE).context["browsers"][0]
    client.post(PAGE, {"end": f"browser:{theirs.pk}"})
    assert is_in(stranger)
    told = cast.coumba.events.filter(pgh_label="signed_out").order_by("pgh_id").last()
    assert told.pgh_context.metadata["ended"] == [str(family.pk)]


def test_all_others_end_at_once_and_this_one_stays(client, cast):
    other, telephone = enter(Door(), cast.coumba), log_in(cast.coumba)
    enter(client, cast.coumba)
    assert client.post(PAGE, {"end": "others"})["Location"] == PAGE
    assert (is_in(other), is_in(client)) == (False, True)
    assert telephone.get("/api/me").status_code == 401
    page = client.get(PAGE)
    assert (len(page.context["browsers"]), page.context["telephones"]) == (1, [])
    client.post(PAGE, {"end": f"browser:{page.context['browsers'][0].pk}"})
    assert not is_in(client)


@pytest.mark.parametrize("what", ["", "browser:", "browser:²", "browser:-1", "token:x", "all"])
def test_what_names_no_sign_in_ends_none(client, cast, what):
    enter(client, cast.coumba)
    assert client.post(PAGE, {"end": what}).status_code == 302
    assert is_in(client)


def test_a_new_password_ends_all_others(client, cast):
    other, telephone = enter(Door(), cast.coumba), log_in(cast.coumba)
    enter(client, cast.coumba)
    fresh = "un mot bien à moi 7"
    form = {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh}
    assert client.post("/accounts/password/change/", form).status_code == 302
    assert (is_in(other), is_in(client)) == (False, True)
    assert telephone.get("/api/me").status_code == 401
    assert len(client.get(PAGE).context["browsers"]) == 1


def test_a_new_device_is_told_by_mail_once(client, cast):
    enter(client, cast.coumba)
    assert mail.outbox == []
    client.post("/accounts/logout/")
    enter(client, cast.coumba, address="10.9.9.9", agent="Firefox, newer")
    assert mail.outbox == []
    enter(Door(), cast.coumba, address="41.82.0.7", agent="Chrome")
    [letter] = mail.outbox
    assert letter.to == [cast.coumba.email]
    assert "41.82.0.7" in letter.body
    assert "Chrome" in letter.body
    enter(Door(), cast.coumba, address="41.82.0.7", agent="Chrome")
    assert len(mail.outbox) == 1


def test_a_new_telephone_is_told_too(cast):
    log_in(cast.coumba)
    log_in(cast.coumba)
    assert mail.outbox == []
    log_in(cast.coumba, agent="AKIG/2.0")
    assert len(mail.outbox) == 1


def test_a_cookie_of_somebody_else_makes_no_device_known(client, cast):
    enter(client, cast.diallo)
    client.post("/accounts/logout/")
    enter(Door(), cast.coumba)
    enter(client, cast.coumba, address="41.82.0.7", agent="Chrome")
    assert len(mail.outbox) == 1


def test_a_person_after_another_has_a_session_of_his_own(client, cast):
    client.force_login(cast.diallo)
    client.force_login(cast.coumba)
    [browser] = client.get(PAGE).context["browsers"]
    assert browser.user == cast.coumba
    client.post(PAGE, {"end": f"browser:{browser.pk}"})
    assert not is_in(client)


def test_signing_in_needs_no_redis(client, cast, lost_redis):
    enter(Door(), cast.coumba)
    enter(client, cast.coumba, address="41.82.0.7")
    assert is_in(client)
