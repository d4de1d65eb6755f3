"""An answer that is given again is never older than what it was made from."""

import pytest
import time_machine
from django.contrib.auth.models import Group

from accounts import answers
from tests.factories import pay

SUMMARY = "/api/dashboard/summary"


@pytest.fixture(autouse=True)
def _nothing_kept():
    answers._kept.clear()


@pytest.fixture
def again(call, django_assert_num_queries):
    """Return a function that asks the summary and expects that it costs no query."""

    def ask(name="bachir", **headers):
        with django_assert_num_queries(0):
            return call(name).get(SUMMARY, **headers)

    return ask


def test_the_same_bytes_are_sent_and_counted(call, cast, again):
    first = call("bachir").get(SUMMARY)
    second = again()
    assert second.content == first.content
    assert len(answers._kept) == 1
    kept = set(first.headers) - {"X-Request-ID", "X-RateLimit-Remaining"}
    assert {name: second[name] for name in kept} == {name: first[name] for name in kept}
    assert second["X-Request-ID"] != first["X-Request-ID"]
    left = [int(answer["X-RateLimit-Remaining"]) for answer in (first, second)]
    assert left[0] - left[1] == 1
    assert second.resolver_match.route == first.resolver_match.route


@pytest.mark.django_db(transaction=True)
def test_a_payment_shows_at_once(call, cast, again):
    lease = {"lease": cast.lease.pk, "amount": 70_000, "method": "cash"}
    before = call("bachir").get(SUMMARY).json()["collected"]
    assert again().json()["collected"] == before
    paid = call("coumba").post("/api/payments", lease, HTTP_IDEMPOTENCY_KEY="k1")
    assert paid.status_code == 201
    assert call("bachir").get(SUMMARY).json()["collected"] == before + 70_000


def test_a_sign_in_that_is_ended_gets_nothing_more(call, cast, again):
    call("bachir").get(SUMMARY)
    again()
    call("bachir").post("/api/auth/logout", {"refresh": call("bachir").tokens["refresh"]})
    assert call("bachir").get(SUMMARY).status_code == 401


def test_a_token_that_expires_gets_nothing_more(call, cast):
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False) as clock:
        call("bachir").get(SUMMARY)
        clock.shift(24 * 3600 + 1)
        answer = call("bachir").get(SUMMARY)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


def test_a_role_that_is_taken_gets_nothing_more(call, cast, again):
    call("bachir").get(SUMMARY)
    again()
    cast.bachir.groups.set([Group.objects.get(name="locataire")])
    assert call("bachir").get(SUMMARY).status_code == 403


def test_a_branch_that_is_taken_is_left_out(call, cast):
    asked = call("awa").get(SUMMARY).json()["sites"]
    cast.awa.assignments.filter(site=cast.kindia).delete()
    cast.awa.assignments.first().delete()
    left = call("awa").get(SUMMARY)
    assert left.status_code == 403 or left.json()["sites"] < asked


def test_who_is_signed_in_is_told_without_a_question(call, cast, django_assert_num_queries):
    first = call("awa").get("/api/me").json()
    with django_assert_num_queries(0):
        assert call("awa").get("/api/me").json() == first
    cast.awa.assignments.get(site=cast.kindia).delete()
    assert call("awa").get("/api/me").json()["sites"] == ["GN_CONAKRY"]
    cast.awa.language = "en"
    cast.awa.save()
    assert call("awa").get("/api/me").json()["language"] == "en"


def test_what_is_asked_otherwise_is_answered_otherwise(call, cast):
    pay(cast.lease, 70_000)
    ask = call("awa").get
    texts = [
        ask(SUMMARY),
        ask(SUMMARY, HTTP_X_SITE_ID="GN_KINDIA"),
        ask(SUMMARY + "?site=GN_CONAKRY"),
        ask(SUMMARY, HTTP_ACCEPT_LANGUAGE="en"),
        call("hadja").get(SUMMARY),
    ]
    assert [text.status_code for text in texts] == [200] * 5
    assert texts[0].json()["collected"] != texts[1].json()["collected"]
    assert texts[3]["Content-Language"] == "en"
    assert call("hadja").get(SUMMARY, HTTP_X_SITE_ID="GN_CONAKRY").status_code == 403


def test_the_limit_holds_and_each_request_counts_once(call, cast, settings):
    settings.THROTTLE_USER = 4
    codes = [call("bachir").get(SUMMARY).status_code for _turn in range(4)]
    refused = call("bachir").get(SUMMARY)
    assert (codes, refused.status_code) == ([200] * 4, 429)
    assert 0 < int(refused["Retry-After"]) <= 60


def test_a_stale_answer_counts_once_too(call, cast, again):
    call("bachir").get(SUMMARY)
    before = int(again()["X-RateLimit-Remaining"])
    pay(cast.lease, 70_000)
    cast.bachir.save()
    assert int(call("bachir").get(SUMMARY)["X-RateLimit-Remaining"]) == before - 1


def test_without_redis_nothing_is_given_again(call, cast, request):
    first = call("bachir").get(SUMMARY)
    request.getfixturevalue("lost_redis")
    answer = call("bachir").get(SUMMARY)
    assert (answer.status_code, answer.json()) == (200, first.json())
