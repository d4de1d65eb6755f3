"""The live process: who is let in, what each hears, and what was said while somebody was away."""

import json
from datetime import date
from http.cookies import SimpleCookie

import pytest
import time_machine
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.db import connection
from django_redis import get_redis_connection

from accounts import callers
from accounts.keys import Lent
from agents.models import Mission
from agents.services.missions import correct_mission
from agents.services.positions import tell_position
from akig.asgi import application
from akig.lib.live import STREAM, tell_now
from akig.live import STALE
from notifications.models import Job
from payments.services.collecting import cancel_payment
from sites_app.rooms import make_ticket
from tests.factories import pay

pytestmark = pytest.mark.django_db
HOST = [(b"origin", b"http://localhost:8000"), (b"host", b"localhost:8001")]


@pytest.fixture(autouse=True)
def _one_transaction(monkeypatch):
    """Channels closes the connection of each thread: here it is that of the test's transaction."""
    monkeypatch.setattr(connection, "close", lambda: None)


def knock(query: str, *, path="/ws/live", headers=HOST) -> ApplicationCommunicator:
    """Return a connection that is not open yet."""
    scope = {
        "type": "websocket",
        "path": path,
        "query_string": query.encode(),
        "headers": headers,
        "subprotocols": [],
    }
    return ApplicationCommunicator(application, scope)


def with_ticket(user, since="") -> ApplicationCommunicator:
    return knock(f"token={make_ticket(user)}&since={since}")


def with_session(client, headers=HOST) -> ApplicationCommunicator:
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME) or SimpleCookie()
    sent = f"{settings.SESSION_COOKIE_NAME}={getattr(cookie, 'value', '')}".encode()
    return knock("", headers=[*headers, (b"cookie", sent)])


@async_to_sync
async def heard_by(door: ApplicationCommunicator, *news: tuple) -> list | None:
    """Connect, let the news be told, and return what was heard; None who is not let in."""
    await door.send_input({"type": "websocket.connect"})
    if (await door.receive_output(10))["type"] == "websocket.close":
        return None
    for room, kind, payload in news:
        tell_now(room, kind, payload)
    heard = []
    while not await door.receive_nothing(timeout=0.3):
        said = await door.receive_output()
        if said["type"] == "websocket.close":
            return [*heard, said["code"]]
        heard.append(json.loads(said["text"]))
    await door.send_input({"type": "websocket.disconnect", "code": 1000})
    await door.wait()
    return heard


CONAKRY = ("payment.view-GN_CONAKRY", "payment", {"id": 1})
KINDIA = ("payment.view-GN_KINDIA", "payment", {"id": 2})
LEADS = ("mission.manage-GN_CONAKRY", "position", {"agent": 3})


def test_each_hears_what_the_rights_and_branches_allow(cast):
    assert cast.kindia
    for person, expected in (
        (cast.coumba, [CONAKRY]),
        (cast.bachir, [CONAKRY, LEADS]),
        (cast.hadja, [KINDIA]),
        (cast.awa, [CONAKRY, KINDIA, LEADS]),
        (cast.fode, []),
    ):
        heard = heard_by(with_ticket(person), CONAKRY, KINDIA, LEADS)
        assert [(one["type"], one["payload"]) for one in heard] == [
            (kind, payload) for _room, kind, payload in expected
        ], person
        assert all(set(one) == {"type", "payload", "at"} for one in heard)


def test_a_browser_shows_its_session(client, cast, sign_in):
    assert heard_by(with_session(client)) is None
    sign_in(cast.coumba)
    assert len(heard_by(with_session(client), CONAKRY)) == 1


def test_a_page_of_a_stranger_cannot_borrow_the_session(client, cast, sign_in):
    sign_in(cast.coumba)
    stranger = [(b"origin", b"https://elsewhere.example"), (b"host", b"localhost:8001")]
    assert heard_by(with_session(client, stranger)) is None


def test_nobody_is_let_in_elsewhere_or_with_a_ticket_that_is_old_or_invented(cast):
    assert heard_by(knock("token=x", path="/ws/else")) is None
    assert heard_by(knock("token=x")) is None
    with time_machine.travel("2026-10-31 09:00:00+00:00", tick=False) as clock:
        old = with_ticket(cast.coumba)
        clock.shift(61)
        assert heard_by(old) is None


def test_who_comes_back_hears_what_was_said_meanwhile(cast):
    (first,) = heard_by(with_ticket(cast.coumba), CONAKRY)
    for news in (KINDIA, ("payment.view-GN_CONAKRY", "payment", {"id": 7})):
        tell_now(*news)
    heard = heard_by(with_ticket(cast.coumba, since=first["at"]))
    assert [one["payload"]["id"] for one in heard] == [1, 7]
    assert heard_by(with_ticket(cast.coumba, since="yesterday")) == []


def test_a_program_hears_no_more_than_its_key_was_lent(cast):
    assert cast.kindia
    cast.awa.key = Lent(1, "x", frozenset({"payment.view"}), frozenset({"GN_KINDIA"}), 0)
    heard = heard_by(with_ticket(cast.awa), CONAKRY, KINDIA, LEADS)
    assert [one["payload"]["id"] for one in heard] == [2]


def test_who_is_shut_out_is_sent_away(cast, django_capture_on_commit_callbacks):
    away = (f"person-{cast.coumba.pk}", "renew", {})
    assert heard_by(with_ticket(cast.coumba), away) == [STALE]
    get_redis_connection("default").delete(STREAM)
    with django_capture_on_commit_callbacks(execute=True):
        callers.forget(cast.coumba.pk)
        assert told() == []  # not before the act is saved
    assert told() == [away]


def told() -> list[tuple]:
    """Return the rooms, kinds and payloads of all news so far."""
    news = get_redis_connection("default").xrange(STREAM)
    return [
        (said[b"room"].decode(), said[b"kind"].decode(), json.loads(said[b"said"])["payload"])
        for _key, said in news
    ]


def news_of(kind: str) -> list[tuple]:
    return [(room, payload) for room, what, payload in told() if what == kind]


def test_payments_positions_and_jobs_are_news(cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        payment = pay(cast.lease, 400_000)
        cancel_payment(actor=cast.diallo, payment=payment, reason="Erreur")
        tell_position(agent=cast.estelle, site=cast.conakry, latitude="9.6", longitude="-13.6")
        mission = Mission.objects.create(
            site=cast.conakry, agent=cast.estelle, day=date(2026, 11, 20)
        )
        correct_mission(actor=cast.estelle, mission=mission, state="begun")
    Job.objects.create(kind="sites_app.apply_import", requested_by=cast.coumba, state="running")
    job = Job.objects.get()
    job.progress(1, 4)
    room, first = news_of("payment")[0]
    assert (room, first["id"]) == ("payment.view-GN_CONAKRY", payment.pk)
    assert [news["status"] for _room, news in news_of("payment")] == ["confirmed", "cancelled"]
    assert news_of("position") == [
        ("mission.manage-GN_CONAKRY", {"agent": cast.estelle.pk, "site": "GN_CONAKRY"})
    ]
    for room in ("mission.manage-GN_CONAKRY", f"person-{cast.estelle.pk}"):
        assert (room, {"site": "GN_CONAKRY", "day": "2026-11-20"}) in news_of("mission")
    assert news_of("import") == [
        (f"person-{cast.coumba.pk}", {"job": job.pk, "state": "running", "percent": 25})
    ]
