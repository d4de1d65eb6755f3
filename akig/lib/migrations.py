"""Migrations that add many tables at once without taking minutes."""

from collections.abc import Sequence

from django.db.migrations.operations.base import Operation


class Together(Operation):
    """Several operations whose tables are drawn up once, after the last, instead of after each.

    Django renders every related model anew for each operation, and here every model is related to
    the branch: a hundred operations took a minute. Only for operations that each stand alone when
    they see the final state: new tables, and triggers on them.
    """

    reversible = True

    def __init__(self, operations: Sequence[Operation]):
        self.operations = operations

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)  # drawn up again when somebody asks, with all in it
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        # The state before knows none of the tables whose triggers are taken off here.
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, from_state)

    def describe(self):
        return f"{len(self.operations)} operations together"
