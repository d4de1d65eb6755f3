"""The record: who did what to which rows, kept by the database whatever door they came through.

Each row of history names its *context*: who, which act, from where. Here the database learns to
note one for raw SQL and commands, too, to leave every context as its transaction wrote it, and to
add a line to the record (``Trace``) with the first row of a kind that an act touches in a branch.
All of it follows from the models and is kept so by ``manage.py migrate``: a new table of history
cannot be forgotten.
"""

from collections.abc import Iterator

import pghistory
from django.apps import apps
from django.db import connection, models, transaction
from django.http import HttpRequest
from pghistory.models import Event

from accounts.middleware import context_of
from accounts.models import User
from accounts.verbs import saying
from akig.lib.isolation import branch_column

#: A context belongs to one act of one transaction: what it says later is added, and what another
#: one of the same request says is a context of its own. Where nobody said anything, the name of the
#: session's program ("manage.py charge_rent", "psql") and of its database user stand in it.
ATTACH = """
CREATE OR REPLACE FUNCTION _pgh_attach_context() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    key uuid := nullif(current_setting('pghistory.context_id', true), '');
    said jsonb := coalesce(nullif(current_setting('pghistory.context_metadata', true), ''), '{}');
    kept pghistory_context;
BEGIN
    IF NOT said ? 'request_id' THEN
        said := jsonb_build_object(
            'program', current_setting('application_name'), 'database_user', session_user
        ) || said;
    END IF;
    IF key IS NULL THEN
        key := md5(pg_current_xact_id()::text || now()::text || said::text)::uuid;
    END IF;
    SELECT * INTO kept FROM pghistory_context WHERE id = key;
    IF kept.metadata <> said AND (
        kept.created_at <> now() OR kept.metadata -> 'verb' IS DISTINCT FROM said -> 'verb'
    ) THEN
        key := akig_context_of(key, said ->> 'verb');
        SELECT * INTO kept FROM pghistory_context WHERE id = key;
    END IF;
    IF kept.id IS NULL THEN
        INSERT INTO pghistory_context (id, metadata, created_at, updated_at)
        VALUES (key, said, now(), now()) ON CONFLICT (id) DO NOTHING;
    ELSIF NOT kept.metadata @> said THEN
        UPDATE pghistory_context SET metadata = metadata || said, updated_at = now()
         WHERE id = key;
    END IF;
    RETURN key;
END $$;

CREATE OR REPLACE FUNCTION akig_context_of(request uuid, verb text) RETURNS uuid LANGUAGE sql AS
$$ SELECT md5(concat_ws(' ', request, pg_current_xact_id(), verb))::uuid $$;

CREATE OR REPLACE FUNCTION akig_keep_context() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (
        OLD.created_at = now() OR current_setting('akig.redacting', true) = 'on'
    ) THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' AND current_setting('akig.retaining', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'What the record says of an act is neither changed nor deleted.';
END $$;
CREATE OR REPLACE TRIGGER keep_context BEFORE UPDATE OR DELETE ON pghistory_context
FOR EACH ROW EXECUTE FUNCTION akig_keep_context();
CREATE INDEX IF NOT EXISTS context_by_request ON pghistory_context ((metadata ->> 'request_id'))
"""
TRACES = """
INSERT INTO accounts_trace (at, context, model, site_id, person, verb)
SELECT max(event.pgh_created_at), event.pgh_context_id, '{label}', {site},
       (context.metadata->>'user')::bigint, left(coalesce(context.metadata->>'verb', ''), 80)
  FROM {source} AS event JOIN pghistory_context AS context ON context.id = event.pgh_context_id
 GROUP BY event.pgh_context_id, 4, context.metadata
    ON CONFLICT (context, model, site_id) DO NOTHING
"""
TRACING = """
CREATE OR REPLACE FUNCTION akig_trace_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {traces};
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER trace AFTER INSERT ON {table} REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION akig_trace_{table}()
"""


def histories() -> Iterator[type[models.Model]]:
    """Yield every model of history, each of one model that is kept track of."""
    for model in apps.get_models():
        if issubclass(model, Event) and model._meta.managed and not model._meta.proxy:
            yield model


def keep_record(**kwargs) -> None:
    """Let the database keep the record of every history (after each migrate)."""
    standing = set(connection.introspection.table_names())
    with transaction.atomic(), connection.cursor() as cursor:
        if "accounts_trace" not in standing:  # migrated to before there was one
            return
        cursor.execute(ATTACH)
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'trace'")
        traced = {table for (table,) in cursor.fetchall()}
        for model in histories():
            if (table := model._meta.db_table) not in standing:
                continue
            cursor.execute(TRACING.format(table=table, traces=_traces(model, "written")))
            if table not in traced:  # what was written before
                cursor.execute(_traces(model, table))


def trace_again() -> None:
    """Add the lines that the record lacks: of history that no trigger saw."""
    with transaction.atomic(), connection.cursor() as cursor:
        for model in histories():
            cursor.execute(_traces(model, model._meta.db_table))


def _traces(model, source):
    column = branch_column(model)
    return TRACES.format(
        source=source,
        label=model.pgh_tracked_model._meta.label_lower,
        site=f"event.{column}" if column else "NULL",
    )


def note(deed: str, person: User, request: HttpRequest | None = None, **details) -> None:
    """Put on record what changes no row: ``deed`` is one of ``DEEDS``, ``details`` say more of it.

    It stands in the history of ``person``, who did it where ``details`` name no other ``user``.
    """
    about = context_of(request) if request is not None else {}
    about |= {"user": person.pk, "role": person.role, **details}
    with transaction.atomic(), saying(**about, verb=f"accounts.{deed}"):
        pghistory.create_event(person, label=deed)
