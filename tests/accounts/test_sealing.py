"""The record has a seal for each day, and whoever alters a day afterwards is found out."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Removal, Seal, User
from accounts.sealing import seal_days, verify

pytestmark = pytest.mark.django_db
UserEvent = User.pgh_event_model
TODAY = timezone.now().astimezone(UTC).date()


def happened(person, day, name):
    """Let ``person`` have been renamed on ``day``."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    values = {field.attname: getattr(person, field.attname) for field in person._meta.fields}
    kept = {field.attname for field in UserEvent._meta.fields}
    told = {name: value for name, value in values.items() if name in kept} | {"name": name}
    event = UserEvent.objects.create(pgh_label="update", pgh_obj_id=person.pk, **told)
    alter("UPDATE accounts_userevent SET pgh_created_at = %s WHERE pgh_id = %s", at, event.pk)
    return event


def alter(sql, *values):
    """Do what only somebody with the database in his hands can do."""
    with pgtrigger.ignore("accounts.UserEvent:append_only"), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def days(cast):
    """Four days of history, sealed."""
    days = [TODAY - timedelta(days=back) for back in (4, 3, 2, 1)]
    for day in days[:2]:
        happened(cast.coumba, day, f"C {day}")
        happened(cast.coumba, day, f"D {day}")
    seal_days()
    return days


def found():
    return [(difference.day, difference.table, difference.what) for difference in verify()]


def test_each_day_is_sealed_once_and_follows_from_the_day_before(days):
    seals = list(Seal.objects.order_by("day"))
    assert [seal.day for seal in seals] == days
    assert [seal.previous for seal in seals] == ["", *(seal.digest for seal in seals[:-1])]
    assert seals[0].parts["accounts_userevent"]["rows"] == 2
    assert seals[2].parts == {}
    assert seal_days() == []
    assert found() == []


def test_what_is_altered_afterwards_is_told_by_its_day(days):
    newest = UserEvent.objects.filter(pgh_created_at__date=days[1]).latest("pgh_id").pk
    alter("UPDATE accounts_userevent SET name = 'Nobody' WHERE pgh_id = %s", newest)
    assert found() == [(days[1], "accounts_userevent", "has other rows (changed)")]
    alter("DELETE FROM accounts_userevent WHERE pgh_id = %s", newest)
    assert found() == [(days[1], "accounts_userevent", "has 1 rows fewer (deleted)")]


def test_what_is_slipped_in_afterwards_is_told_by_its_day(days, cast):
    happened(cast.coumba, days[2], "Never")
    assert found() == [(days[2], "accounts_userevent", "has 1 rows more (inserted)")]


def test_seals_stand_and_a_forged_one_breaks_the_chain(days):
    with pytest.raises(DatabaseError), transaction.atomic():
        Seal.objects.filter(day=days[1]).update(digest="0" * 64)
    with pgtrigger.ignore("accounts.Seal:append_only"):
        Seal.objects.filter(day=days[1]).update(digest="0" * 64)
    assert found() == [
        (days[1], "", "has an altered seal"),
        (days[2], "", "does not follow from the day before"),
    ]
    with pgtrigger.ignore("accounts.Seal:append_only"):
        Seal.objects.filter(day=days[1]).delete()
    assert (days[1], "", "is not sealed") in found()


def test_a_column_that_history_gets_later_alters_no_day(days):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_userevent ADD COLUMN shoe text DEFAULT '42'")
    assert found() == []


def test_the_command_tells_programs_and_fails_when_a_day_was_altered(days):
    told = StringIO()
    call_command("verify_record", "--json", stdout=told)
    assert json.loads(told.getvalue())["sealed_until"] == str(days[-1])
    alter("DELETE FROM accounts_userevent WHERE pgh_created_at::date = %s", days[0])
    told = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_record", "--json", stdout=told, stderr=StringIO())
    [altered] = json.loads(told.getvalue())["altered"]
    assert (altered["day"], altered["table"]) == (str(days[0]), "accounts_userevent")
    call_command("verify_record", "--from", str(days[1]), stdout=StringIO())


def test_history_that_is_given_up_leaves_the_chain_whole(cast):
    old = (TODAY.replace(day=1) - timedelta(days=1)).replace(day=1) - timedelta(days=2)
    happened(cast.coumba, old, "Old")
    kept = happened(cast.coumba, TODAY - timedelta(days=1), "New")
    with pytest.raises(CommandError, match="not sealed"):
        call_command("retain_record", "--months", "1", stdout=StringIO())
    seal_days()
    call_command("retain_record", "--months", "1", stdout=StringIO())
    names = UserEvent.objects.filter(pgh_obj=cast.coumba, name__in=["Old", "New"])
    assert [event.pk for event in names] == [kept.pk]
    removal = Removal.objects.get()
    assert (removal.before, removal.rows) == (old + timedelta(days=2), 1)
    assert Seal.objects.filter(day=old).exists()
    assert found() == []


def test_the_record_is_kept_for_good_where_nobody_says_otherwise(days):
    call_command("retain_record", stdout=StringIO())
    assert not Removal.objects.exists()
