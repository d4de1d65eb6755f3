"""The tables of the record are parted by month, and stay what they were to all that use them."""

from datetime import UTC, timedelta
from io import StringIO

import pgtrigger
import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations import AddField, AddIndex, AlterField
from django.db.migrations.state import ModelState, ProjectState
from django.utils import timezone
from pgtrigger.migrations import AddTrigger

from accounts.models import ApiCall, Removal, Seal, Trace, User
from accounts.partitions import divide, keep_months, make_months, parted
from accounts.record import histories, keep_record
from accounts.tasks import seal_record
from sites_app.isolation import isolate_tables
from tenants.models import Tenant
from tests.accounts.test_sealing import happened

pytestmark = pytest.mark.django_db
TenantEvent = Tenant.pgh_event_model
UserEvent = User.pgh_event_model
TENANTS, PEOPLE = (
    {table: parted()[table]} for table in ("tenants_tenantevent", "accounts_userevent")
)
MONTH = relativedelta(months=1)
THIS_MONTH = timezone.now().astimezone(UTC).date().replace(day=1)


def ask(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [told for (told,) in cursor.fetchall()]


def parts_of(model):
    table = model._meta.db_table
    found = ask("SELECT relid::text FROM pg_partition_tree(%s) WHERE isleaf ORDER BY 1", table)
    return [part.removeprefix(f"{table}_") for part in found]


def rename(tenant, name):
    Tenant.objects.filter(pk=tenant.pk).update(name=name)
    return TenantEvent.objects.latest("pgh_id")


def test_every_history_and_the_calls_of_the_api_are_parted():
    whole = ask("SELECT relname FROM pg_class WHERE relkind = 'r'")
    for model in [*histories(), ApiCall]:
        assert model._meta.db_table in parted()
        assert model._meta.db_table not in whole
    seal_record()  # each hour; today there is nothing to make
    parts = parts_of(TenantEvent)
    assert (parts[-2:], len(parts)) == (["first", "rest"], 4)


def test_a_table_that_was_whole_keeps_its_rows_its_keys_and_all_that_guards_them(cast):
    tenant = cast.tenant
    with connection.schema_editor() as editor:
        editor.delete_model(TenantEvent)
        editor.create_model(TenantEvent)
    for trigger in TenantEvent._meta.triggers:
        trigger.install(TenantEvent)
    keep_record()
    isolate_tables()
    before = [rename(tenant, name).pk for name in ("A", "B", "C")]

    divide(TENANTS)
    make_months(TENANTS)
    assert len(parts_of(TenantEvent)) == 4
    keep_record()
    after = rename(tenant, "D").pk
    kept = TenantEvent.objects.order_by("pgh_id").values_list("pgh_id", "name")
    assert list(kept) == list(zip([*before, after], "ABCD", strict=True))
    for trigger in TenantEvent._meta.triggers:
        assert trigger.get_installation_status(TenantEvent)[0] == "INSTALLED"
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        TenantEvent.objects.filter(pk=before[0])._raw_delete("default")
    traced = Trace.objects.filter(model="tenants.tenant").values_list("context", flat=True)
    assert TenantEvent.objects.get(pk=after).pgh_context_id in traced
    assert ask("SELECT polname FROM pg_policy WHERE polrelid = 'tenants_tenantevent'::regclass")
    keep_months()  # nothing is left to do
    assert len(parts_of(TenantEvent)) == 4


def test_migrations_change_parted_tables_as_any_other_and_back(cast):
    told = rename(cast.tenant, "A")
    key = ("pgh_id", models.AutoField(primary_key=True))
    states = [ProjectState()]
    states[0].add_model(ModelState("tenants", "TenantEvent", [key]))
    steps = [
        AddField("tenantevent", "shoe", models.PositiveSmallIntegerField(default=42)),
        AlterField("tenantevent", "shoe", models.CharField(max_length=9, default="42")),
        AddIndex("tenantevent", models.Index(fields=["shoe"], name="tenant_by_shoe")),
        AddTrigger("tenantevent", pgtrigger.Protect(name="shod", operation=pgtrigger.Delete)),
    ]
    with connection.schema_editor() as editor:
        for step in steps:
            states.append(states[-1].clone())
            step.state_forwards("tenants", states[-1])
            step.database_forwards("tenants", editor, *states[-2:])
    assert ask("SELECT shoe FROM tenants_tenantevent WHERE pgh_id = %s", told.pk) == ["42"]
    assert ask("SELECT to_regclass('tenant_by_shoe')::text") == ["tenant_by_shoe"]
    with connection.schema_editor() as editor:
        for step in reversed(steps):
            after = states.pop()
            step.database_backwards("tenants", editor, after, states[-1])
    assert rename(cast.tenant, "B").name == "B"


def test_months_are_ready_before_they_begin_and_one_with_rows_stays_in_the_rest(cast):
    late = THIS_MONTH + 4 * MONTH
    happened(cast.coumba, late + timedelta(days=3), "Early")
    with time_machine.travel(late, tick=False):
        make_months(PEOPLE)
    made = [f"{THIS_MONTH + n * MONTH:%Y_%m}" for n in (1, 2, 3, 5, 6)]
    assert parts_of(UserEvent) == [*made, "first", "rest"]
    assert UserEvent.objects.filter(name="Early").exists()


def test_months_are_given_up_by_dropping_them_and_the_rest_by_deleting(cast):
    months = [THIS_MONTH + n * MONTH for n in range(8)]
    happened(cast.coumba, months[4], "Rest")
    with time_machine.travel(months[5], tick=False):
        make_months(PEOPLE)
    happened(cast.coumba, months[3], "Old")
    kept = happened(cast.coumba, months[5], "New")
    Seal.objects.create(day=months[5] - timedelta(days=1), parts={}, digest="", previous="")
    with time_machine.travel(months[6], tick=False):
        call_command("retain_record", "--months", "1", stdout=StringIO())
    assert parts_of(UserEvent) == [*(f"{month:%Y_%m}" for month in months[5:]), "rest"]
    assert list(UserEvent.objects.values_list("pgh_id", flat=True)) == [kept.pk]
    assert Removal.objects.get().rows > 2
