"""The last line of defence: the database itself refuses what would falsify the books."""

from copy import deepcopy
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from payments.services.checking import NAMED, differences
from payments.services.closing import close_period
from tests.cast import Cast
from tests.factories import charge, pay

TABLES = (
    "payments_journalentry",
    "payments_journalline",
    "payments_account",
    "payments_charge",
    "payments_payment",
    "payments_receipt",
    "payments_idempotencykey",
    "payments_paymentevent",
    "payments_chargeevent",
    "payments_receiptevent",
)


@pytest.fixture(scope="module")
def _month(for_all):
    """A month in which something was charged, paid, and paid by a form."""
    cast = Cast()
    rent = charge(cast.lease, 1_000_000, date(2026, 6, 1))
    payment = pay(cast.lease, 400_000, date(2026, 6, 5))
    run_sql(
        "INSERT INTO payments_idempotencykey (user_id, key, fingerprint, status, body, created_at)"
        " VALUES (%s, 'k', 'f', 0, '', now())",
        cast.diallo.pk,
    )
    run_sql("UPDATE payments_receipt SET status = 'replaced'")
    run_sql("UPDATE payments_receipt SET status = 'valid'")
    return cast, rent, payment


@pytest.fixture
def cast(_month, db):
    return deepcopy(_month[0])


@pytest.fixture
def month(_month, db):
    return deepcopy(_month[1:])


def run_sql(sql: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def refused(sql: str, *values) -> bool:
    try:
        with transaction.atomic():
            run_sql(sql, *values)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize("table", TABLES)
def test_no_row_of_the_books_is_deleted(month, table):
    assert run_sql(f"SELECT count(*) FROM {table}")[0][0] > 0
    assert refused(f"DELETE FROM {table}")


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("payments_journalentry", "value_date = value_date + 1"),
        ("payments_journalentry", "memo = 'x'"),
        ("payments_journalline", "amount = amount + 1"),
        ("payments_journalline", "account_id = account_id + 1"),
        ("payments_account", "code = code || 'x'"),
        ("payments_charge", "amount = amount + 1"),
        ("payments_charge", "due_date = due_date + 1"),
        ("payments_charge", "commission_percent = 0"),
        ("payments_charge", "collected = amount + 1"),
        ("payments_payment", "amount = amount + 1"),
        ("payments_payment", "value_date = value_date - 1"),
        ("payments_payment", "method = 'wave'"),
        ("payments_payment", "allocated = amount + 1"),
        ("payments_receipt", "amount = amount + 1"),
        ("payments_receipt", "content = '{}'"),
        ("payments_receipt", "number = 'RC-0'"),
        ("payments_idempotencykey", "fingerprint = 'x'"),
        ("payments_paymentevent", "pgh_label = 'x'"),
        ("payments_chargeevent", "amount = 1"),
        ("payments_receiptevent", "status = 'valid'"),
    ],
)
def test_no_row_of_the_books_is_edited(month, table, change):
    assert refused(f"UPDATE {table} SET {change}")
    assert differences() == []


def test_an_entry_balances(month):
    assert refused(
        "INSERT INTO payments_journalline (site_id, entry_id, account_id, value_date, amount)"
        " SELECT site_id, entry_id, account_id, value_date, amount"
        " FROM payments_journalline LIMIT 1"
    )


def test_an_entry_that_stands_takes_no_more_lines(month):
    assert refused(
        "INSERT INTO payments_journalline (site_id, entry_id, account_id, value_date, amount)"
        " SELECT site_id, entry_id, account_id, value_date, amount FROM payments_journalline"
        " WHERE entry_id = (SELECT min(entry_id) FROM payments_journalline)"
    )


def test_a_line_stands_on_the_day_of_its_entry(cast, month):
    (entry,) = run_sql(
        "INSERT INTO payments_journalentry (site_id, kind, value_date, created_at, created_by_id,"
        " memo) VALUES ('GN_CONAKRY', 'payment', '2026-06-06', now(), %s, '') RETURNING id",
        cast.diallo.pk,
    )
    assert refused(
        "INSERT INTO payments_journalline (site_id, entry_id, account_id, value_date, amount)"
        " SELECT 'GN_CONAKRY', %s, id, '2026-06-07', side FROM payments_account"
        " CROSS JOIN (VALUES (1), (-1)) AS s (side) WHERE code = '571'",
        *entry,
    )


@pytest.mark.parametrize("named", ["entry_id", "account_id", "lease_id", "owner_id", "property_id"])
def test_a_line_names_nothing_that_is_not_there(month, named):
    (entry,) = run_sql(
        "INSERT INTO payments_journalentry (site_id, kind, value_date, created_at, created_by_id,"
        " memo) SELECT site_id, kind, value_date, created_at, created_by_id, 'empty'"
        " FROM payments_journalentry ORDER BY id LIMIT 1 RETURNING id"
    )
    given = {"entry_id": entry[0], "account_id": "account_id", named: 987654321}
    lines = (
        f"INSERT INTO payments_journalline (site_id, value_date, amount, {', '.join(given)})"
        f" SELECT site_id, value_date, amount, {', '.join(map(str, given.values()))}"
        " FROM payments_journalline"
        " WHERE entry_id = (SELECT min(entry_id) FROM payments_journalline)"
    )
    assert refused(lines + "; SET CONSTRAINTS ALL IMMEDIATE")
    assert not refused(lines.replace("987654321", str(entry[0]) if named == "entry_id" else named))


def test_an_entry_stands_in_a_branch(month):
    assert refused(
        "INSERT INTO payments_journalentry (site_id, kind, value_date, created_at, created_by_id,"
        " memo) SELECT 'NOWHERE', kind, value_date, created_at, created_by_id, ''"
        " FROM payments_journalentry LIMIT 1"
    )


@pytest.mark.parametrize("change", ["lease_id", "entry_id", "site_id"])
def test_a_charge_stands_on_a_lease_of_its_branch_and_an_entry(month, change):
    values = {"lease_id": "lease_id", "entry_id": "entry_id", "site_id": "site_id"}
    copied = (
        "INSERT INTO payments_charge (lease_id, entry_id, site_id, property_id, owner_id, kind,"
        " period_start, period_end, issue, due_date, amount, commission_percent, vat_percent,"
        " collected, created_at, cancel_reason) SELECT {lease_id}, {entry_id}, {site_id},"
        " property_id, owner_id, kind, period_start, period_end, 7, due_date, amount, 0, 0, 0,"
        " now(), '' FROM payments_charge LIMIT 1"
    )
    wrong = "'GN_KINDIA'" if change == "site_id" else "987654321"
    assert refused(copied.format(**values | {change: wrong}))
    assert not refused(copied.format(**values))


@pytest.mark.parametrize("table", ["sites_app_owner", "sites_app_property"])
def test_nobody_is_deleted_whom_the_journal_names(cast, month, table):
    column = table.removeprefix("sites_app_") + "_id"
    assert refused(f"DELETE FROM {table} WHERE id IN (SELECT {column} FROM payments_journalline)")


def test_check_books_finds_a_row_that_names_nothing(month):
    run_sql("ALTER TABLE payments_journalline DISABLE TRIGGER USER")
    run_sql("UPDATE payments_journalline SET owner_id = 987654321 WHERE owner_id IS NOT NULL")
    run_sql("ALTER TABLE payments_journalline ENABLE TRIGGER USER")
    assert NAMED in {one.rule for one in differences()}


def test_a_closed_month_takes_no_entry(cast, month):
    close_period(actor=cast.diallo, site=cast.conakry, month=date(2026, 6, 1))
    assert refused(
        "INSERT INTO payments_journalentry (site_id, kind, value_date, created_at, created_by_id,"
        " memo) VALUES ('GN_CONAKRY', 'payment', '2026-06-06', now(), %s, '')",
        cast.diallo.pk,
    )


def test_check_books_says_what_differs(month, capsys):
    call_command("check_books")
    run_sql("UPDATE payments_journalday SET debit = debit + 7 WHERE debit > 0")
    run_sql("UPDATE payments_receiptcounter SET last = last + 1")
    with pytest.raises(CommandError):
        call_command("check_books", "--site", "GN_CONAKRY")
    said = capsys.readouterr().err
    assert "totals of a day" in said
    assert "no gap" in said
    call_command("check_books", "--site", "GN_KINDIA")
