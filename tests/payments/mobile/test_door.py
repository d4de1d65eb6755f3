"""The door of providers: everything is kept, at once, whatever else is broken."""

import io
import json

import pytest

from payments.api import callbacks
from payments.models import Callback
from payments.services.callbacks import LARGEST_BODY

pytestmark = pytest.mark.django_db

ADDRESS = "/api/mobile-money/callback/mtn_momo"


def test_what_comes_is_kept_as_it_came_in_one_question(
    client, lost_redis, django_assert_num_queries
):
    body = b'\x00\xff{"status": "SUCCESSFUL"'
    with django_assert_num_queries(1):
        answer = client.put(
            f"{ADDRESS}/GN_CONAKRY",
            body,
            content_type="text/plain",
            headers={"X-Reference-Id": "1", "Cookie": "secret", "Authorization": "Bearer secret"},
        )
    assert answer.status_code == 200
    kept = Callback.objects.get()
    assert (kept.kind, kept.site_code, kept.method, bytes(kept.body)) == (
        "mtn_momo",
        "GN_CONAKRY",
        "PUT",
        body,
    )
    assert (kept.address, kept.headers["X-Reference-Id"]) == ("127.0.0.1", "1")
    assert "Cookie" not in kept.headers
    assert "secret" not in str(kept.headers)


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("/api/mobile-money/callback/nobody", b"{}", 404),
        (f"{ADDRESS}/..%2f", b"{}", 404),
        (ADDRESS, b"x" * (LARGEST_BODY + 1), 413),
        (ADDRESS, b"x" * LARGEST_BODY, 200),
        (ADDRESS, b"", 200),
    ],
)
def test_strangers_and_floods_are_not_kept(client, address, body, status):
    answer = client.post(address, body, content_type="application/json")
    assert answer.status_code == status
    if status != 200:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status
    assert Callback.objects.count() == (status == 200)


def test_other_methods_are_told_which_ones(client):
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer["Allow"]) == (405, "POST, PUT")
    assert answer.json()["code"] == "method_not_allowed"


def test_the_door_before_django_is_the_same(db):
    said = {}
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": ADDRESS,
        "QUERY_STRING": "",
        "CONTENT_LENGTH": "2",
        "CONTENT_TYPE": "application/json",
        "SERVER_NAME": "akig",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "unix",
        "wsgi.input": io.BytesIO(b"{}"),
        "wsgi.url_scheme": "http",
    }
    assert callbacks.is_callback(environ)
    body = callbacks.answer(environ, lambda status, headers: said.update(status=status))
    assert (said["status"], json.loads(b"".join(body))) == ("200 OK", {"status": "received"})
    assert Callback.objects.get().address is None
    assert not callbacks.is_callback(environ | {"REQUEST_METHOD": "GET"})


def test_without_redis_nothing_is_lost(agency, lost_redis):
    attempt = agency.ask()
    for message in agency.simulator.sent:
        assert agency.carry(message).status_code == 200
    assert Callback.objects.get().state == "received"
    agency.work()
    attempt.refresh_from_db()
    assert attempt.state == "paid"
