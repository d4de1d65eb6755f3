"""Every table of a branch is isolated in the database, whatever the code above it forgets."""

import json
from datetime import date

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import ProgrammingError, connection, transaction
from django.http import JsonResponse
from django.test import RequestFactory

from akig.lib import isolation
from sites_app.isolation import isolate_tables, rules
from sites_app.middleware import BranchMiddleware
from sites_app.models import Property
from tests.architecture.test_ladder import BRANCHLESS, our_models
from tests.factories import charge, make_property, pay

pytestmark = pytest.mark.django_db

ISOLATED = """
SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid
 WHERE relrowsecurity AND relforcerowsecurity
"""


def ask(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def test_every_table_has_a_branch_rule_or_a_written_exemption():
    isolated = {name for (name,) in ask(ISOLATED)}
    exempt = {apps.get_model(label)._meta.db_table for label in BRANCHLESS}
    tables = {
        model._meta.db_table
        for model in our_models()
        if model._meta.managed
        and not model._meta.proxy
        and getattr(model, "pgh_tracked_model", model)._meta.label not in BRANCHLESS
    }
    assert tables - exempt - isolated == set()
    assert isolated == {table for table, _rule in rules()}


def seen_in_a_request_of(user, sql):
    """Return what raw SQL finds inside a request of ``user``."""
    request = RequestFactory().get("/")
    request.user = user
    answer = BranchMiddleware(lambda _request: JsonResponse({"rows": ask(sql)}))(request)
    return [tuple(row) for row in json.loads(answer.content)["rows"]]


def test_raw_sql_in_a_request_of_kindia_sees_kindia_only(cast):
    charge(cast.lease, 1_000_000, date(2026, 1, 1))
    pay(cast.lease, 400_000)
    make_property(site=cast.kindia, name="Villa de Kindia")
    assert ask("SELECT count(*) FROM payments_payment") == [(1,)]
    for table, _rule in rules():
        column = "code" if table.startswith("sites_app_site") else "site_id"
        found = seen_in_a_request_of(cast.hadja, f"SELECT DISTINCT {column} FROM {table}")
        assert set(found) <= {("GN_KINDIA",), (None,)}, table
    houses = seen_in_a_request_of(cast.hadja, "SELECT name FROM sites_app_property")
    assert houses == [("Villa de Kindia",)]
    assert seen_in_a_request_of(cast.hadja, "SELECT name FROM sites_app_owner") == [
        (Property.objects.get(site=cast.kindia).owner.name,)
    ]


def test_raw_sql_straight_at_a_part_of_a_table_sees_nothing_of_any_branch(cast):
    pay(cast.lease, 400_000)
    assert ask("SELECT count(*) FROM payments_paymentevent") == [(1,)]
    assert ask("SELECT * FROM payments_paymentevent_first") == []
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        ask("INSERT INTO payments_paymentevent_rest SELECT * FROM payments_paymentevent")
    open_parts = "relispartition AND relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)"
    assert ask(f"SELECT relname FROM pg_class WHERE {open_parts}") == []


def test_nobody_sees_a_branch_before_signing_in(cast):
    pay(cast.lease, 400_000)
    nobody = AnonymousUser()
    assert seen_in_a_request_of(nobody, "SELECT 1 FROM payments_payment") == []
    assert seen_in_a_request_of(nobody, "SELECT 1 FROM sites_app_site") == []


def test_an_owner_sees_the_branches_of_the_houses_and_a_tenant_that_of_the_lease(cast):
    assert cast.lease.site != cast.far_lease.site
    for user in (cast.fode, cast.gassim):
        sites = seen_in_a_request_of(user, "SELECT code FROM sites_app_site")
        assert sites == [("GN_CONAKRY",)]


def test_raw_sql_writes_nothing_into_another_branch(cast):
    lease, hadja = cast.lease, cast.hadja
    moved = seen_in_a_request_of(hadja, "UPDATE tenants_tenant SET name = 'X' RETURNING id")
    assert moved == []
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        seen_in_a_request_of(
            hadja,
            "INSERT INTO sites_app_branchrule (site_id, name, value, valid_from, note, set_at)"
            f" VALUES ('{lease.site_id}', 'tpa_percent', '0', '2020-01-01', '', now())",
        )


def test_a_scope_ends_with_its_block_even_when_its_transaction_is_undone(cast):
    assert cast.conakry
    with pytest.raises(ZeroDivisionError), transaction.atomic(), isolation.within(["GN_KINDIA"]):
        assert ask("SELECT code FROM sites_app_site") == []
        raise ZeroDivisionError
    assert ask("SELECT code FROM sites_app_site") == [("GN_CONAKRY",)]


def test_a_table_that_lost_its_policy_gets_it_back_with_the_next_migrate(cast):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_payment NO FORCE ROW LEVEL SECURITY")
    isolate_tables()
    assert ("payments_payment",) in ask(ISOLATED)


def test_the_application_is_a_role_that_isolation_binds(db):
    assert ask("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") == [
        (False,)
    ]


@pytest.mark.django_db(transaction=True)
def test_behind_a_pooler_the_session_keeps_nothing(cast, monkeypatch):
    assert cast.lease
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    connection.close()
    ask_sites = "SELECT code FROM sites_app_site ORDER BY code"
    assert seen_in_a_request_of(cast.hadja, ask_sites) == [("GN_KINDIA",)]
    assert ask(ask_sites) == [("GN_CONAKRY",), ("GN_KINDIA",)]
    with connection.connection.cursor() as bare:
        assert bare.execute("SELECT current_setting('akig.branches', true)").fetchone() == ("",)
