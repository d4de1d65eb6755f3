"""Loading a great many rows at once: COPY into tables that wear nothing, then dress them again."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection

# Foreign keys go off first and come back last, for keys stand on unique indexes; those of other
# tables that point to these go too.
CONSTRAINTS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
  FROM pg_constraint
 WHERE conrelid = ANY(%(tables)s::regclass[]) AND contype IN ('f', 'p', 'u', 'x')
    OR confrelid = ANY(%(tables)s::regclass[])
 ORDER BY contype = 'f', conrelid, conname
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
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


def copy_lines(table: str, columns: Iterable[str], lines: list[str]) -> None:
    """Add rows that are written already as COPY's own text, with tabs between values."""
    with connection.cursor() as cursor, _copying(cursor, table, columns) as stream:
        stream.write("".join(lines))


def _copying(cursor, table, columns):
    names = ", ".join(f'"{name}"' for name in columns)
    return cursor.copy(f"COPY {table} ({names}) FROM STDIN")


@contextmanager
def undressed(tables: list[str]) -> Iterator[None]:
    """Take keys, indexes and triggers off ``tables``; put them back when the block is done.

    Keys and constraints come back by ``ADD CONSTRAINT``, which reads every row: a load that broke
    one fails here. All of it must happen in one transaction, so that a failure or a crash leaves
    the tables as they were. What the triggers would have written or refused, the block answers for.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute(CONSTRAINTS, {"tables": tables})
        constraints = cursor.fetchall()
        cursor.execute(INDEXES, {"tables": tables})
        indexes = cursor.fetchall()
        for table, name, _definition in reversed(constraints):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            # What is emptied in this transaction need not be logged (wal_level minimal).
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")  # noqa: S608 - our own names
            if not cursor.fetchone()[0]:
                cursor.execute(f"TRUNCATE {table}")
        yield
        cursor.execute(f"ANALYZE {', '.join(tables)}")
        keys = [row for row in constraints if row[2].startswith("FOREIGN KEY")]
        for table, name, definition in constraints:
            if (table, name, definition) not in keys:
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
