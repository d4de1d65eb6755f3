"""Loading a great many rows at once: COPY into tables that wear nothing, then dress them again."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing import get_context

from django.db import connection, transaction

SESSIONS = 2  # as many as a small server has cores

# Foreign keys go off first and come back last, for keys stand on unique indexes; those of other
# tables that point to these go too.
DRESS = """
CREATE TABLE demo_dress (
    rank int GENERATED ALWAYS AS IDENTITY, wearer text, is_foreign bool, removal text,
    statement text)
"""
CONSTRAINTS = """
INSERT INTO demo_dress (wearer, is_foreign, removal, statement)
SELECT conrelid::regclass::text, contype = 'f',
       format('ALTER TABLE %%s DROP CONSTRAINT IF EXISTS %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
              pg_get_constraintdef(oid))
  FROM pg_constraint
 WHERE conrelid = ANY(%(tables)s::regclass[]) AND contype IN ('f', 'p', 'u', 'x')
    OR confrelid = ANY(%(tables)s::regclass[])
 ORDER BY contype = 'f', conrelid, conname
"""
INDEXES = """
INSERT INTO demo_dress (wearer, is_foreign, removal, statement)
SELECT indrelid::regclass::text, false, format('DROP INDEX IF EXISTS %%s', indexrelid::regclass),
       replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')  -- and on all parts
  FROM pg_index
 WHERE indrelid = ANY(%(tables)s::regclass[])
   AND NOT EXISTS (SELECT FROM pg_constraint
                    WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
 ORDER BY indexrelid
"""


def copy(table: str, columns: Iterable[str], rows: Iterable[Iterable]) -> None:
    """Add ``rows`` (values in the order of ``columns``) to ``table`` by COPY."""
    with connection.cursor() as cursor, _copying(cursor, table, columns) as stream:
        for row in rows:
            stream.write_row(row)


def copy_lines(table: str, columns: Iterable[str], lines: str) -> None:
    """Add rows that are written already as COPY's own text, with tabs between values."""
    with connection.cursor() as cursor, _copying(cursor, table, columns) as stream:
        stream.write(lines)


def beside(work: Callable, batches: Iterable) -> Iterator:
    """Yield ``work(batch)`` of each batch, in their order.

    One batch is worked off here; more of them by a process beside, a few ahead, so that this one
    only writes what it returns.
    """
    batches = iter(batches)
    first = list(islice(batches, 2))
    if len(first) < 2:
        yield from map(work, first)
        return
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        ahead = deque(pool.submit(work, batch) for batch in first)
        for batch in batches:
            ahead.append(pool.submit(work, batch))
            yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _copying(cursor, table, columns):
    names = ", ".join(f'"{name}"' for name in columns)
    return cursor.copy(f"COPY {table} ({names}) FROM STDIN")


def take_off(tables: list[str]) -> None:
    """Take keys, indexes and triggers off ``tables``; what to put back is kept in ``demo_dress``.

    What the triggers would have written or refused, the load answers for. Branches are not told
    apart meanwhile, which COPY into a table that tells them would refuse.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(DRESS)
        cursor.execute(CONSTRAINTS, {"tables": tables})
        cursor.execute(INDEXES, {"tables": tables})
        _strip(cursor)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY")


def begin_anew(tables: Iterable[str]) -> None:
    """Empty tables that are empty: what one transaction empties and fills need not be logged.

    (On a server whose wal_level is minimal.)
    """
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")  # noqa: S608  # nosec B608 # our own names
            if not cursor.fetchone()[0]:
                cursor.execute(f"TRUNCATE {table}")


def look_over(tables: Iterable[str]) -> None:
    """Tell the planner what ``tables`` hold by now."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")


def put_on(tables: Iterable[str]) -> None:
    """Build the unique keys and indexes of ``tables``. Raises IntegrityError for a broken one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement FROM demo_dress WHERE wearer = ANY(%s) AND NOT is_foreign"
            " ORDER BY rank",
            [list(tables)],
        )
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


def put_on_keys(tables: Iterable[str]) -> None:
    """Put the foreign keys back, which read every row, and wake the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM demo_dress WHERE is_foreign ORDER BY rank")
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER, FORCE ROW LEVEL SECURITY")


def forget() -> None:
    """Drop what the load stood on: the last thing it does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_namespace AS space ON space.oid = relnamespace"
            " WHERE relkind = 'r' AND relname LIKE 'demo\\_%' AND nspname = current_schema()"
        )
        for (stage,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {stage}")


def left_behind() -> bool:
    """Say whether a load began and did not finish."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('demo_dress') IS NOT NULL")
        return cursor.fetchone()[0]


@transaction.atomic
def start_over(tables: list[str]) -> None:
    """Empty ``tables``, which a load that did not finish had found empty, and dress them again."""
    with connection.cursor() as cursor:
        _strip(cursor)
        cursor.execute(f"TRUNCATE {', '.join(tables)}")
    put_on(tables)
    put_on_keys(tables)
    forget()


def _strip(cursor):
    cursor.execute("SELECT removal FROM demo_dress ORDER BY rank DESC")
    for (removal,) in cursor.fetchall():
        cursor.execute(removal)


def together(*tasks: Callable[[], None]) -> None:
    """Do ``tasks``, two at a time, each in a transaction of its own.

    Inside a transaction they are done one after the other in it: another session would not see
    what it has written.
    """
    if connection.in_atomic_block:
        for task in tasks:
            task()
    else:
        _two_at_a_time(partial(_in_a_step, task) for task in tasks)


def sweep(tables: Iterable[str]) -> None:
    """Mark all rows as seen by everybody.

    Whoever reads a page first marks it anyhow, and the whole page is logged then; swept at once, it
    is logged once, and no row has to be frozen later. Inside a transaction it has to wait.
    """
    if not connection.in_atomic_block:
        _two_at_a_time(partial(_vacuum, table) for table in tables)


def _in_a_step(task):
    with step(), connection.cursor() as cursor:
        # The other session has the other core.
        cursor.execute("SET LOCAL max_parallel_maintenance_workers = 0")
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        task()


def _vacuum(table):
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (FREEZE, PARALLEL 0) {table}")


def _two_at_a_time(tasks):
    with ThreadPoolExecutor(SESSIONS) as pool:
        for future in [pool.submit(_alone, task) for task in tasks]:
            future.result()


def _alone(task):
    try:
        task()
    finally:
        connection.close()


@contextmanager
def step() -> Iterator[None]:
    """Open a transaction that sorts and hashes in memory: what spills is written and read again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '512MB'")
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        yield
