"""Branch isolation in the database: row-level security on every table that belongs to a branch.

The policies follow from the models: whatever has a ``site`` shows the rows of the branches that
the session was told (``akig.lib.isolation``), and so does its history. ``manage.py migrate`` keeps
them as they are written here, so that a new table cannot be forgotten.
"""

import hashlib
from collections.abc import Iterator

from django.apps import apps
from django.db import connection, transaction

from akig.lib.isolation import EVERYWHERE, NOWHERE, SETTING, branch_column, everywhere
from sites_app.querysets import branches_of, shared_with

POLICY = "of_branch"
# In a subquery they are asked once per statement, not per row.
_ALL = f"(SELECT current_setting('{SETTING}', true)) = '{EVERYWHERE}'"
_THESE = f"ANY ((SELECT string_to_array(current_setting('{SETTING}', true), ','))::text[])"
# An owner is known wherever a house of his stands, and everywhere until the first one does (which
# gives him its branch).
_OWNER = (
    " OR site_id IS NULL"
    " OR EXISTS (SELECT FROM sites_app_property AS house WHERE house.owner_id = {owner})"
)
_BESIDE = {
    # The database adds to the record itself, of whatever branch a row is that an act touched.
    "accounts_trace": " OR site_id IS NULL OR pg_trigger_depth() > 0",
    "sites_app_owner": _OWNER.format(owner="sites_app_owner.id"),
    "sites_app_ownerevent": _OWNER.format(owner="sites_app_ownerevent.pgh_obj_id"),
}
STANDING = """
SELECT relname, obj_description(policy.oid, 'pg_policy')
  FROM pg_class
  LEFT JOIN pg_policy AS policy
    ON polrelid = pg_class.oid AND polname = %s AND relrowsecurity AND relforcerowsecurity
 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
"""
ISOLATE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS {policy} ON {table};
CREATE POLICY {policy} ON {table} USING ({rule});
COMMENT ON POLICY {policy} ON {table} IS '{mark}'
"""


def rules() -> Iterator[tuple[str, str]]:
    """Yield each table that belongs to a branch with the condition under which a row is shown."""
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy and (column := branch_column(model)):
            table = model._meta.db_table
            yield table, f"{_ALL} OR {column} = {_THESE}{_BESIDE.get(table, '')}"


def isolate_tables(**kwargs) -> None:
    """Give every table the policy of ``rules`` (after each migrate); what has it is not touched."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STANDING, [POLICY])
        marks = dict(cursor.fetchall())
        for table, rule in rules():
            mark = hashlib.sha256(rule.encode()).hexdigest()[:16]
            if marks.get(table, mark) != mark:  # a table that is not there yet has no say
                words = {"table": table, "policy": POLICY, "rule": rule, "mark": mark}
                cursor.execute(ISOLATE.format(**words))


def scope_of(user) -> str:
    """Return the branches that the database shows to ``user``, with commas.

    Staff see those where they work, and while they only read those of what is shared with them;
    owners those of their houses, tenants those of their leases.
    """
    if not user.is_authenticated or not user.is_active:
        return NOWHERE
    if user.is_system:
        return EVERYWHERE
    if user.works_here:
        return ",".join([*branches_of(user), *shared_with(user)])
    if not hasattr(user, "_sites_seen"):  # asked once per request
        sites = apps.get_model("sites_app.Site").objects.visible_to(user)
        with everywhere():
            user._sites_seen = list(sites.order_by("code"))
    return ",".join(site.code for site in user._sites_seen)
