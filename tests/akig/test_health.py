"""Alive, ready, measured: what machines ask."""

from wsgiref.util import setup_testing_defaults

import pytest
from django.db import connection

from akig import health
from akig.wsgi import application


def knock(path, method="GET"):
    """Ask the WSGI door itself; return status, headers and body."""
    environ = {"PATH_INFO": path, "REQUEST_METHOD": method}
    setup_testing_defaults(environ)
    environ["HTTP_HOST"] = "127.0.0.1"
    answer = {}

    def start_response(status, headers, _failure=None):
        answer.update(status=int(status[:3]), headers=dict(headers))

    body = b"".join(application(environ, start_response))
    return answer["status"], answer["headers"], body


def test_health_answers_without_the_database():
    # No database fixture: a query would fail the test.
    assert knock("/api/health")[0::2] == (200, b'{"status":"ok"}')


def test_health_is_also_a_view(client):
    assert client.get("/api/health").json() == {"status": "ok"}
    assert client.post("/api/health").status_code == 405


@pytest.mark.django_db
def test_ready_tells_each_part(client):
    answer = client.get("/api/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "ready": True,
        "database": "connected",
        "cache": "connected",
        "queue": "connected",
        "migrations": "applied",
    }


@pytest.mark.django_db
def test_ready_names_a_lost_redis(client, lost_redis):
    answer = client.get("/api/ready")
    assert answer.status_code == 503
    assert (answer.json()["cache"], answer.json()["queue"]) == ("failed", "failed")
    assert answer.json()["database"] == "connected"


@pytest.mark.django_db
def test_ready_names_a_missing_migration(client, monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'notifications'")
    answer = client.get("/api/ready")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "missing"


def test_metrics_are_for_allowed_addresses(client, settings):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 403
    settings.METRICS_TOKEN = "a-long-token"
    headers = {"Authorization": "Bearer a-long-token"}
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7", headers=headers).status_code == 200
    headers = {"Authorization": "Bearer é"}
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7", headers=headers).status_code == 403


def test_every_answer_carries_its_request(client):
    assert client.get("/api/health", headers={"X-Request-ID": "abc-1"})["X-Request-ID"] == "abc-1"
    made = client.get("/api/health", headers={"X-Request-ID": "two\nlines"})["X-Request-ID"]
    assert len(made) == 32
