"""Statements that each connection keeps prepared: read and planned once, then only performed."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection, transaction


def run_prepared(sql: str, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple]:
    """Perform a statement of which each connection keeps the plan; return its rows.

    For statements of many parts, which take longer to plan than to perform. The plan is made for
    any ``values`` (``plan_cache_mode`` in the settings): one made for a lease must do for all that
    are ever given. It runs beside Django's cursors, so before it writes, the transaction must have
    written or locked through one of them: that tells the history who acts.
    """
    with transaction.atomic(savepoint=False):
        connection.tell_scope()
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
            return cursor.execute(sql, values, prepare=True).fetchall()
