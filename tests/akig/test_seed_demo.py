"""The demonstration: the same twice, right in its books, refused where it must be."""

import datetime
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from agents.models import Stop
from akig.demo import books, bulk, loading, portfolio
from akig.demo.people import PASSWORD, PEOPLE
from notifications.models import Job
from notifications.services import perform_job
from payments.metrics.audit import self_audit
from payments.models import (
    Account,
    Attempt,
    BankDeposit,
    Charge,
    DayClosing,
    DepositMovement,
    ExchangeRate,
    HandOver,
    JournalLine,
    OwnerCost,
    Payment,
    PaymentClaim,
    PayoutRun,
    Receipt,
    SharedCost,
    Statement,
    StatementLine,
)
from payments.services.checking import differences
from payments.services.settling import settle
from recovery.models import Notice
from sites_app.models import Approval, Site
from tenants.models import Lease
from tests.factories import lay_anew

TODAY = datetime.date(2026, 10, 21)
# All that tells of the agency; the lines of the journal follow from its entries.
TOLD = [
    table
    for table in (*portfolio.TABLES, *books.TABLES)
    if not table.endswith("event") and table != "payments_journalline"
]


@pytest.fixture
def demonstration(settings, db):
    settings.DEMO = True
    return load


def load(seed=7, size="tiny", today=TODAY):
    told = io.StringIO()
    call_command("seed_demo", size=size, seed=seed, today=today, stdout=told)
    return told.getvalue()


def fingerprint():
    prints = {}
    with connection.cursor() as cursor:
        for table in TOLD:
            cursor.execute(
                f"SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) FROM ("
                f" SELECT {columns_of(cursor, table)} FROM {table}) AS row"
            )
            prints[table] = cursor.fetchone()[0]
    return prints


def columns_of(cursor, table):
    """Leave out the numbers that sequences give: they go on where the first load stopped.

    An entry tells when it was made; those of deposits are made by the act itself, now.
    """
    left_out = {"id", "created_at"} if table == "payments_journalentry" else {"id"}
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
        [table],
    )
    return ", ".join(f'"{name}"' for (name,) in cursor.fetchall() if name not in left_out)


def test_the_same_seed_and_day_give_the_same_agency(demonstration):
    demonstration()
    first = fingerprint()
    assert all(first.values())
    empty()
    demonstration()
    assert fingerprint() == first
    empty()
    demonstration(seed=8)
    assert fingerprint() != first


def empty():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        tables = ", ".join({*portfolio.TABLES, *books.TABLES, "payments_rentrun"})
        cursor.execute(f"TRUNCATE {tables} CASCADE")
        # They go with the transaction, which in a test is still the same.
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'demo_%'")
        for (stage,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {stage}")


def test_the_books_are_right(demonstration):
    demonstration()
    assert Lease.objects.count() == 72
    for site in Site.objects.all():
        lines = JournalLine.objects.filter(site=site)
        assert lines.balance() == 0
        owed = lines.filter(account__code=Account.Code.RECEIVABLE).balance()
        charged = sum(Charge.objects.filter(site=site).values_list("amount", flat=True))
        paid = sum(Payment.objects.confirmed().filter(site=site).values_list("amount", flat=True))
        assert owed == charged - paid


def test_settling_again_changes_nothing(demonstration):
    demonstration()
    actor = User.objects.system()
    for site in Site.objects.all():
        lay_anew(site)
        leases = list(Lease.objects.filter(site=site).values_list("pk", flat=True))
        assert settle(actor=actor, site_id=site.pk, leases=leases) == (0, 0)


def test_running_totals_are_those_of_the_rows(demonstration):
    demonstration()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT sum(debit) - sum(credit) FROM payments_journalday),"
            " (SELECT sum(amount) FROM payments_collectionday),"
            " (SELECT sum(amount) FROM payments_propertymonth),"
            " (SELECT sum(amount) FROM payments_payment WHERE status = 'confirmed')"
        )
        balance, by_day, by_month, paid = cursor.fetchone()
    assert balance == 0
    assert by_day == by_month == paid > 0


def test_each_payment_has_its_receipt_and_numbers_have_no_gap(demonstration):
    demonstration()
    assert Receipt.objects.count() == Payment.objects.count()
    numbers = {}
    for site, year, rank in Receipt.objects.order_by("pk").values_list("site", "year", "sequence"):
        assert rank == numbers.get((site, year), 0) + 1
        numbers[site, year] = rank
    receipt = Receipt.objects.filter(status="valid").last()
    assert receipt.content["tenant"] == receipt.lease.tenant.name
    assert receipt.content["currency"] == receipt.site.currency


def test_keys_indexes_and_triggers_are_back(demonstration):
    before = dressed()
    demonstration()
    assert dressed() == before


def dressed():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        )
        constraints = set(cursor.fetchall())
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        indexes = set(cursor.fetchall())
        cursor.execute("SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger"
                       " WHERE NOT tgisinternal")  # fmt: skip
        return constraints, indexes, set(cursor.fetchall())


def test_everybody_signs_in_and_sees_their_branches(demonstration, client):
    demonstration()
    for name, _person, role, sites in PEOPLE:
        user = User.objects.get(email=f"{name}@akig.demo")
        assert user.role == role
        assert user.check_password(PASSWORD)
        assigned = set(user.assignments.values_list("site", flat=True))
        assert assigned == (
            set(Site.objects.values_list("pk", flat=True)) if sites is None else {*sites}
        )
    form = {"login": "comptable@akig.demo", "password": PASSWORD}
    assert client.post(reverse("account_login"), form).status_code == 302
    assert User.objects.get(email="proprietaire@akig.demo").owner.properties.count() > 1
    assert User.objects.get(email="locataire@akig.demo").tenant.leases.exists()


def test_a_second_load_does_nothing(demonstration):
    demonstration()
    leases = Lease.objects.count()
    demonstration(seed=8)
    assert Lease.objects.count() == leases


@pytest.mark.django_db(transaction=True)
def test_a_large_load_leaves_nothing_when_it_fails_and_begins_again(settings, monkeypatch):
    settings.DEMO = True
    monkeypatch.setattr(loading, "LARGE", 1)
    before = dressed()
    monkeypatch.setitem(books.PROOF, "rules that nobody can keep", "SELECT 1")
    with pytest.raises(books.BooksAreWrong):
        load()
    assert dressed() == before
    assert not Lease.objects.exists()
    assert not Payment.objects.exists()
    monkeypatch.delitem(books.PROOF, "rules that nobody can keep")
    # As a process leaves it that is killed.
    bulk.take_off(loading.TABLES)
    load()
    assert dressed() == before
    assert Lease.objects.count() == 72
    assert differences() == []


def test_the_office_works_leaves_some_waiting_and_keeps_its_books(demonstration, monkeypatch):
    monkeypatch.setitem(loading.SIZES, "tiny", loading.Size(240, 36, has_office=True))
    demonstration(today=timezone.localdate())
    told = StatementLine.objects.values_list("account__kind", "state")
    assert {kind for kind, _state in told} == {"bank", "orange_money"}
    states = [state for _kind, state in told]
    waiting = [state for state in states if state in StatementLine.OPEN]
    assert 0 < len(waiting) < states.count("linked")
    assert {"posted", "explained", "suggested"} <= set(states)
    assert {*Statement.objects.values_list("state", flat=True)} == {"read"}
    assert {*PayoutRun.objects.values_list("state", flat=True)} == {"approved", "prepared"}
    assert {*OwnerCost.objects.values_list("state", flat=True)} == {"posted", "waiting"}
    assert {*HandOver.objects.values_list("state", flat=True)} == {"confirmed", "declared"}
    assert {*SharedCost.objects.values_list("state", flat=True)} == {"charged", "draft"}
    assert Attempt.objects.get().state == "waiting_payer"
    assert PaymentClaim.objects.get().state == "waiting"
    assert Approval.objects.get().state == "pending"
    assert {*Notice.objects.values_list("state", flat=True)} == {"issued", "draft"}
    assert DayClosing.objects.filter(entry=None).count() > 10
    assert DayClosing.objects.exclude(entry=None).count() == 1
    assert BankDeposit.objects.filter(line=None).exists()
    assert BankDeposit.objects.exclude(line=None).exists()
    assert DepositMovement.objects.filter(kind="held").exists()
    assert ExchangeRate.objects.exists()
    assert Stop.objects.filter(day=timezone.localdate()).exists()
    agent = Account.objects.get(holder__email="agent@akig.demo")
    assert JournalLine.objects.filter(account=agent).balance() > 0
    # And the books, checked as at night, are green.
    for job in Job.objects.open().filter(kind="payments.check_books"):
        perform_job(job.pk)
    assert [check.name for check in self_audit(Site.objects.all()) if check.ok is False] == []


def test_nobody_works_on_a_day_to_come(demonstration, monkeypatch):
    monkeypatch.setitem(loading.SIZES, "tiny", loading.Size(72, 12, has_office=True))
    demonstration(today=timezone.localdate() + datetime.timedelta(days=1))
    assert Lease.objects.count() == 72
    assert not PayoutRun.objects.exists()


def test_refused_outside_the_demonstration(settings, db):
    settings.DEMO = False
    with pytest.raises(CommandError):
        load()
    assert not User.objects.filter(email__endswith="@akig.demo").exists()
