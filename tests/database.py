"""The test database: migrated once per state of the code, then copied for each worker.

What a test commits is deleted behind it. Django would truncate: that writes a thousand files anew
and tells every right and role again, for the few rows of one test.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import OperationalError, connection
from psycopg import sql
from psycopg.errors import DeadlockDetected

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (
    "*/migrations/*.py", "accounts/roles.py", "accounts/apps.py", "sites_app/isolation.py",
    "accounts/record.py", "accounts/partitions.py", "requirements.txt",
)  # fmt: skip
#: What a migrated database holds, and no test may change for the next one.
KEPT = [
    "auth_group", "auth_group_permissions", "auth_permission", "django_content_type",
    "django_migrations",
]  # fmt: skip

# The triggers would refuse it, or write it down. The keys are looked at when all is gone.
EMPTY = """
DO $$
DECLARE
    place regclass;
    filled boolean;
    emptied regclass[] := '{{}}';
BEGIN
    SET CONSTRAINTS ALL DEFERRED;
    FOR place IN
        SELECT oid FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
           AND NOT relispartition AND relname <> ALL ({kept})
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', place) INTO filled;
        CONTINUE WHEN NOT filled;
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', place);
        EXECUTE format('DELETE FROM %s', place);
        emptied := emptied || place;
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;
    FOREACH place IN ARRAY emptied LOOP
        EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', place);
    END LOOP;
END $$
"""


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


def empty() -> None:
    """Delete every row that was committed.

    The last request to a server of the test may still run, and want a row of ours while we want a
    table of its: the database ends one of both, and where it was us, the other has ended by then.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(EMPTY).format(kept=sql.Literal(KEPT)))
    except OperationalError as error:
        if not isinstance(error.__cause__, DeadlockDetected):
            raise
        empty()


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


def _run(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
