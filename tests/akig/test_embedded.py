"""The embedded servers: an ordinary role, shared use, data that stay."""

import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from akig.lib import embedded


@pytest.fixture
def var(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    # Not pytest's own folder: every session of pytest closes that one to other users again.
    with tempfile.TemporaryDirectory() as folder:
        # A name that is long, and has a space: no socket can stand there.
        yield Path(folder) / ("long name " * 12) / "var"


def test_the_last_user_stops_them_and_the_next_finds_its_data(var):
    with embedded.running(var):
        with embedded.running(var), psycopg.connect(embedded.database_url(var)) as first:
            first.execute("CREATE TABLE kept (word text)")
            first.execute("INSERT INTO kept VALUES ('Kipé')")
            redis.Redis.from_url(embedded.redis_url(var)).set("kept", "1")
        psycopg.connect(embedded.database_url(var)).close()  # the outer user still has them
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(embedded.database_url(var))
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(embedded.redis_url(var)).ping()
    with embedded.running(var):
        with psycopg.connect(embedded.database_url(var)) as second:
            assert second.execute("SELECT word FROM kept").fetchone() == ("Kipé",)
            role = second.execute(
                "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles"
                " WHERE rolname = current_user"
            ).fetchone()
        assert role == ("akig", False, False, False)
        assert redis.Redis.from_url(embedded.redis_url(var)).get("kept") == b"1"


def test_only_their_owner_reaches_the_sockets(var):
    with embedded.running(var):
        assert embedded.socket_folder(var).stat().st_mode & 0o077 == 0


def test_named_servers_are_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://there/akig")
    monkeypatch.setenv("REDIS_URL", "redis://there")
    with embedded.running(tmp_path / "var"):
        assert not (tmp_path / "var").exists()
