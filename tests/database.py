"""The test database: migrated once per state of the code, then copied for each worker."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (
    "*/migrations/*.py", "accounts/roles.py", "accounts/apps.py", "sites_app/isolation.py",
    "accounts/record.py", "requirements.txt",
)  # fmt: skip


@contextmanager
def copied_for(worker: str) -> Iterator[None]:
    """Let Django's connection use a database of ``worker`` alone inside the block."""
    usual = connection.settings_dict["NAME"]
    # Named after the folder, too: several may test on one server.
    place = hashlib.sha256(os.fsencode(os.environ["AKIG_VAR"])).hexdigest()[:6]
    template = f"akig_template_{place}_{_digest()}"
    own = f"akig_test_{place}_{worker}"
    with (Path(os.environ["AKIG_VAR"]) / "template.lock").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if template not in _databases(f"akig_template_{place}_%"):
            _make(template, place)
        _run(f"DROP DATABASE IF EXISTS {own} WITH (FORCE)")
        _run(f"CREATE DATABASE {own} TEMPLATE {template}")
    _use(own)
    yield
    _use(usual)
    _run(f"DROP DATABASE {own} WITH (FORCE)")


def _digest() -> str:
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _make(template: str, place: str) -> None:
    for old in _databases(f"akig_template_{place}_%") + _databases(f"akig_building_{place}"):
        _run(f"DROP DATABASE {old} WITH (FORCE)")
    building = f"akig_building_{place}"
    _run(f"CREATE DATABASE {building}")
    _use(building)
    call_command("migrate", verbosity=0)
    _use("postgres")
    _run(f"ALTER DATABASE {building} RENAME TO {template}")


def _databases(pattern: str) -> list[str]:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern])
        return [name for (name,) in cursor.fetchall()]


def _run(sql: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
