"""Signing in, staying in, and being shut out."""

from datetime import timedelta

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import TokenFamily
from tests.api.conftest import Caller
from tests.cast import PASSWORD


def code(answer):
    return answer.status_code, answer.json()["code"]


def me_with(access):
    return Caller().get("/api/me", HTTP_AUTHORIZATION=f"Bearer {access}")


def test_signs_in_and_says_who_it_is(call, cast):
    tokens = call("coumba").tokens
    assert tokens["expires_in"] == 24 * 3600
    user = tokens["user"]
    assert (user["id"], user["email"]) == (cast.coumba.pk, "coumba@example.org")
    assert (user["role"], user["sites"], user["language"]) == ("secretaire", ["GN_CONAKRY"], "fr")
    assert "payment.record" in user["permissions"]
    assert call("coumba").get("/api/me").json() == user


def test_names_the_primary_branch_first(call):
    assert call("awa").tokens["user"]["sites"] == ["GN_CONAKRY", "GN_KINDIA"]


def test_capitals_in_an_address_do_not_matter(cast):
    sent = {"email": cast.coumba.email.upper(), "password": PASSWORD}
    assert Caller().post("/api/auth/login", sent).status_code == 200


def test_wrong_password_and_unknown_account_get_the_same_answer(cast):
    wrong = Caller().post("/api/auth/login", {"email": cast.coumba.email, "password": "x"})
    unknown = Caller().post("/api/auth/login", {"email": "no@example.org", "password": "x"})
    assert code(wrong) == (401, "not_authenticated")
    assert wrong.json() == unknown.json()
    assert "WWW-Authenticate" in wrong


def test_a_person_shut_out_gets_the_answer_of_a_stranger(cast):
    cast.coumba.is_active = False
    cast.coumba.save()
    sent = {"email": cast.coumba.email, "password": PASSWORD}
    assert code(Caller().post("/api/auth/login", sent)) == (401, "not_authenticated")


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"email": "coumba@example.org"},
        {"email": "x", "password": "y"},
        {"email": "a\u0000@example.org", "password": "y"},
        {"email": ["a@example.org"], "password": {"a": 1}},
        [],
    ],
)
def test_refuses_what_is_no_sign_in(db, sent):
    assert code(Caller().post("/api/auth/login", sent)) == (400, "validation_error")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer x.y.z",
        "Basic YTpi",
        "x",
        "Bearer é",
        "Bearer null",
    ],
)
def test_refuses_a_strange_authorization(db, header):
    answer = Caller().get("/api/me", HTTP_AUTHORIZATION=header)
    assert code(answer) == (401, "not_authenticated")
    assert answer["Content-Type"] == "application/problem+json"


FORGERS = {
    "no signature": lambda said, key: jwt.encode(said, None, algorithm="none"),
    "another measure": lambda said, key: jwt.encode(said, key, algorithm="HS512"),
    "another key": lambda said, key: jwt.encode(said, "k" * 64, algorithm="HS256"),
    "a key pair": lambda said, key: jwt.encode(
        said, rsa.generate_private_key(public_exponent=65537, key_size=2048), algorithm="RS256"
    ),
}


@pytest.mark.parametrize("forge", FORGERS.values(), ids=FORGERS)
def test_a_token_counts_only_as_we_sign_it(call, settings, forge):
    tokens = call("coumba").tokens
    for name, path in (("access", "/api/me"), ("refresh", "/api/auth/refresh")):
        said = jwt.decode(tokens[name], options={"verify_signature": False})
        forged = forge(said, settings.SECRET_KEY)
        answer = me_with(forged) if name == "access" else Caller().post(path, {"refresh": forged})
        assert code(answer) == (401, "not_authenticated")


def test_nobody_is_nobody(db):
    assert code(Caller().get("/api/me")) == (401, "not_authenticated")


def test_an_expired_token_says_so(call):
    access = call("coumba").tokens["access"]
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert code(me_with(access)) == (401, "token_expired")


def test_an_expired_refresh_says_so(call):
    refresh = call("coumba").tokens["refresh"]
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        answer = Caller().post("/api/auth/refresh", {"refresh": refresh})
    assert code(answer) == (401, "token_expired")


def test_a_refresh_token_opens_nothing_else(call):
    tokens = call("coumba").tokens
    assert code(me_with(tokens["refresh"])) == (401, "not_authenticated")
    answer = Caller().post("/api/auth/refresh", {"refresh": tokens["access"]})
    assert code(answer) == (401, "not_authenticated")


def test_refreshing_gives_a_new_pair(call):
    old = call("coumba").tokens
    answer = Caller().post("/api/auth/refresh", {"refresh": old["refresh"]})
    fresh = answer.json()
    assert answer.status_code == 200
    assert fresh["refresh"] != old["refresh"]
    assert me_with(fresh["access"]).status_code == 200
    assert Caller().post("/api/auth/refresh", {"refresh": fresh["refresh"]}).status_code == 200


def test_a_refresh_token_shown_again_kills_its_family(call):
    old = call("coumba").tokens
    fresh = Caller().post("/api/auth/refresh", {"refresh": old["refresh"]}).json()
    again = Caller().post("/api/auth/refresh", {"refresh": old["refresh"]})
    assert code(again) == (401, "not_authenticated")
    assert code(me_with(fresh["access"])) == (401, "not_authenticated")
    assert Caller().post("/api/auth/refresh", {"refresh": fresh["refresh"]}).status_code == 401


@pytest.mark.parametrize("by", ["refresh", "access"])
def test_signing_out_ends_both_tokens(call, by):
    tokens = call("coumba").tokens
    sent = {"refresh": tokens["refresh"]} if by == "refresh" else {}
    header = {"HTTP_AUTHORIZATION": f"Bearer {tokens['access']}"} if by == "access" else {}
    assert me_with(tokens["access"]).status_code == 200
    assert Caller().post("/api/auth/logout", sent, **header).status_code == 204
    assert code(me_with(tokens["access"])) == (401, "not_authenticated")
    assert Caller().post("/api/auth/refresh", {"refresh": tokens["refresh"]}).status_code == 401


def test_signing_out_leaves_other_devices_in(call, cast):
    here, there = Caller(cast.coumba), Caller(cast.coumba)
    here.post("/api/auth/logout", {"refresh": here.tokens["refresh"]})
    assert there.get("/api/me").status_code == 200


def test_signing_out_needs_a_token(db):
    assert code(Caller().post("/api/auth/logout", {})) == (401, "not_authenticated")


def test_a_token_dies_with_its_family(call):
    assert call("coumba").get("/api/me").status_code == 200
    for family in TokenFamily.objects.all():
        family.revoked_at = timezone.now()
        family.save()
    assert call("coumba").get("/api/me").status_code == 401


def test_a_token_dies_when_its_person_is_shut_out(call, cast):
    assert call("coumba").get("/api/me").status_code == 200
    cast.coumba.is_active = False
    cast.coumba.save()
    assert call("coumba").get("/api/me").status_code == 401


def test_a_new_role_and_new_branches_count_at_once(call, cast):
    assert call("coumba").get("/api/tenants").status_code == 200
    cast.coumba.groups.set([Group.objects.get(name="locataire")])
    assert call("coumba").get("/api/tenants").status_code == 403
    cast.coumba.groups.set([Group.objects.get(name="secretaire")])
    cast.coumba.assignments.all().delete()
    assert call("coumba").get("/api/tenants", HTTP_X_SITE_ID="GN_CONAKRY").status_code == 403


def test_the_session_of_a_page_counts_too(client, cast):
    client.force_login(cast.coumba)
    assert client.get("/api/me").json()["email"] == cast.coumba.email


def test_a_session_writes_only_with_its_csrf_token(cast):
    browser = Caller(enforce_csrf_checks=True)
    browser.force_login(cast.coumba)
    answer = browser.post("/api/tenants", {"name": "Aissatou Baldé"})
    assert code(answer) == (403, "permission_denied")


def test_the_101st_request_in_a_minute_waits(call, settings):
    settings.THROTTLE_USER = 5
    caller = call("coumba")
    answers = [caller.get("/api/me") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
    assert answers[-1]["X-RateLimit-Limit"] == "5"
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert answers[-1].json()["code"] == "throttled"
    assert call("diallo").get("/api/me").status_code == 200


def test_signing_in_is_counted_by_address(cast, settings):
    settings.THROTTLE_AUTH = 2
    sent = {"email": cast.coumba.email, "password": "wrong"}
    answers = [Caller().post("/api/auth/login", sent).status_code for _ in range(3)]
    assert answers == [401, 401, 429]
    other = Caller().post("/api/auth/login", sent, REMOTE_ADDR="10.1.1.1")
    assert other.status_code == 401


def test_works_without_redis(call, lost_redis):
    answer = call("coumba").get("/api/me")
    assert (answer.status_code, answer["X-RateLimit-Remaining"]) == (200, "100")


def test_speaks_the_language_of_the_request_or_the_person(call, cast):
    cast.coumba.language = "en"
    cast.coumba.save()
    caller = call("coumba")
    english = caller.get("/api/tenants/0").json()
    french = caller.get("/api/tenants/0", HTTP_ACCEPT_LANGUAGE="fr").json()
    assert english["code"] == french["code"] == "not_found"
    assert english["detail"] != french["detail"]


def test_failures_lock_the_door_to_known_and_unknown_alike(cast):
    for place, email in enumerate((cast.coumba.email, "nobody@example.org")):
        door = Caller(REMOTE_ADDR=f"127.0.1.{place}")
        wrong = {"email": email, "password": "wrong"}
        answers = [door.post("/api/auth/login", wrong) for _time in range(5)]
        assert {answer.status_code for answer in answers} == {401}
        locked = door.post("/api/auth/login", {"email": email, "password": PASSWORD})
        assert (locked.status_code, locked.json()["code"]) == (429, "throttled")
        assert int(locked["Retry-After"]) > 0
