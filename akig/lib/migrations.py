"""Migrations that touch many tables without taking minutes."""

from collections.abc import Sequence

from django.db.migrations import operations
from django.db.migrations.operations.base import Operation
from pgtrigger.migrations import AddTrigger

#: What a new table brings along when it is made from the final state.
PARTS = (
    operations.AddField,
    operations.AlterField,
    operations.AddIndex,
    operations.AddConstraint,
    operations.AlterModelOptions,
)
#: What is taken off again by what it says of the state after.
TAKEN_OFF = (AddTrigger, operations.AddConstraint)


class Together(Operation):
    """Several operations whose models are drawn up once, after the last, not after each.

    Django renders every related model anew for each operation, and here every model is related to
    the branch: a hundred operations took a minute. Each operation sees the state before all of
    them and the state after: a new table is made with the fields, indexes and constraints that
    the list adds to it further on. Not for Python that runs on historical models.
    """

    reversible = True

    def __init__(self, steps: Sequence[Operation]):
        self.steps = steps
        new = {step.name_lower for step in steps if isinstance(step, operations.CreateModel)}
        self.at_work = [
            step
            for step in steps
            if not (isinstance(step, PARTS) and getattr(step, "model_name_lower", "") in new)
        ]

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)  # drawn up again when somebody asks, with all in it
        for step in self.steps:
            step.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for step in self.at_work:
            step.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for step in reversed(self.at_work):
            # The state before knows neither the new tables, whose triggers are taken off here, nor
            # the new fields that a constraint speaks of.
            before = from_state if isinstance(step, TAKEN_OFF) else to_state
            step.database_backwards(app_label, schema_editor, from_state, before)

    def describe(self):
        return f"{len(self.steps)} operations together"
