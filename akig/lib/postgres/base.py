"""Django's PostgreSQL, told before each statement which branches the statement may see.

The session keeps what it was told, and every statement compares, so that no request inherits
another's. Behind a pooler that gives a session to many (``DISABLE_SERVER_SIDE_CURSORS``, Django's
own word for one), each transaction is told anew and forgets at its end; a statement outside one
gets one of its own.
"""

from django.db import transaction
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from akig.lib import isolation


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._told = None  # None: we cannot know
        self.execute_wrappers.append(self._tell)

    def init_connection_state(self):
        self._told = None
        super().init_connection_state()

    def _tell(self, execute, sql, params, many, context):
        if self._is_shared and self.get_autocommit() and not self.in_atomic_block:
            with transaction.atomic(using=self.alias):
                return self._tell(execute, sql, params, many, context)
        self.tell_scope()
        return execute(sql, params, many, context)

    def tell_scope(self) -> None:
        """Tell the session which branches its next statement may see, where it does not know."""
        scope = isolation.scope()  # may ask the database in its turn, within another scope
        if scope != self._told and not self._has_failed():
            with self.wrap_database_errors, self.connection.cursor() as cursor:
                words = (isolation.SETTING, scope, self._is_shared)
                cursor.execute("SELECT set_config(%s, %s, %s)", words)
            self._told = scope

    @property
    def _is_shared(self):
        return self.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]

    def _has_failed(self):
        # Nothing but the end of the transaction, or of a part of it, is heard any more.
        return self.connection.info.transaction_status == TransactionStatus.INERROR

    # A setting made inside what is rolled back is rolled back with it.

    def _commit(self):
        super()._commit()
        if self._is_shared:
            self._told = None

    def _rollback(self):
        self._told = None
        return super()._rollback()

    def _savepoint_rollback(self, sid):
        super()._savepoint_rollback(sid)
        self._told = None
