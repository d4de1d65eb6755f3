"""What PostgreSQL does at best: the same rows, without our code, in copies of the same tables."""

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from akig.lib.embedded import postgres_programs
from sites_app.isolation import rules

COPIES = [
    "payments_payment",
    "payments_paymentevent",
    "payments_idempotencykey",
    "payments_journalentry",
    "payments_journalline",
    "payments_journalday",
    "payments_collectionday",
    "payments_propertymonth",
    "payments_allocation",
    "payments_charge",
    "payments_receipt",
    "payments_receiptcounter",
    "pghistory_context",
]

# The statements that a payment cannot do without: what POST /api/payments leaves behind.
PAYMENT = """
\\set lease random(1, 900)
\\set amount random(100000, 5000000)
\\set place random(0, 5)
BEGIN;
INSERT INTO bench_pghistory_context (id, created_at, updated_at, metadata)
VALUES (gen_random_uuid(), now(), now(), '{"verb": "payments.record_payment", "user": 3, "role": "comptable", "address": "127.0.0.1", "request": "0123456789abcdef"}')
RETURNING id AS context \\gset
INSERT INTO bench_payments_payment (site_id, lease_id, property_id, amount, method, reference, value_date,
    notes, source, created_at, created_by_id, status, cancel_reason, allocated, timing, fee, fee_bearer)
VALUES ('SITE' || :place, :lease, :lease / 8, :amount, 'cash', '', current_date, '', 'api', now(), 3,
    'confirmed', '', 0, 'on_time', 0, 'agency') RETURNING id AS payment \\gset
INSERT INTO bench_payments_paymentevent (pgh_created_at, pgh_label, pgh_obj_id, pgh_context_id, id, site_id,
    lease_id, property_id, amount, method, reference, value_date, notes, source, created_at,
    created_by_id, status, cancel_reason, allocated, timing, fee, fee_bearer)
VALUES (now(), 'insert', :payment, :context::uuid, :payment, 'SITE' || :place, :lease, :lease / 8, :amount,
    'cash', '', current_date, '', 'api', now(), 3, 'confirmed', '', 0, 'on_time', 0, 'agency');
INSERT INTO bench_payments_collectionday AS t (site_id, day, method, timing, number, amount)
VALUES ('SITE' || :place, current_date, 'cash', 'on_time', 1, :amount)
ON CONFLICT (site_id, day, method, timing) DO UPDATE SET number = t.number + 1, amount = t.amount + excluded.amount;
INSERT INTO bench_payments_propertymonth AS t (site_id, property_id, month, number, amount)
VALUES ('SITE' || :place, :lease / 8, date_trunc('month', current_date), 1, :amount)
ON CONFLICT (property_id, month) DO UPDATE SET number = t.number + 1, amount = t.amount + excluded.amount;
INSERT INTO bench_payments_journalentry (site_id, kind, value_date, created_at, created_by_id, lease_id, payment_id, memo)
VALUES ('SITE' || :place, 'payment', current_date, now(), 3, :lease, :payment, '') RETURNING id AS entry \\gset
INSERT INTO bench_payments_journalline (site_id, entry_id, account_id, lease_id, owner_id, property_id, value_date, amount)
VALUES ('SITE' || :place, :entry, 1, NULL, NULL, :lease / 8, current_date, :amount),
       ('SITE' || :place, :entry, 2, :lease, NULL, :lease / 8, current_date, -:amount::bigint);
INSERT INTO bench_payments_journalday AS t (site_id, account_id, day, debit, credit)
VALUES ('SITE' || :place, 1, current_date, :amount, 0), ('SITE' || :place, 2, current_date, 0, :amount)
ON CONFLICT (site_id, account_id, day) DO UPDATE SET debit = t.debit + excluded.debit, credit = t.credit + excluded.credit;
INSERT INTO bench_payments_allocation (site_id, lease_id, payment_id, charge_id, amount, commission, vat, posted_on)
VALUES ('SITE' || :place, :lease, :payment, :lease, :amount, :amount / 10, :amount / 50, current_date);
INSERT INTO bench_payments_journalentry (site_id, kind, value_date, created_at, created_by_id, lease_id, payment_id, memo)
VALUES ('SITE' || :place, 'share', current_date, now(), 3, :lease, :payment, '') RETURNING id AS share \\gset
INSERT INTO bench_payments_journalline (site_id, entry_id, account_id, lease_id, owner_id, property_id, value_date, amount)
VALUES ('SITE' || :place, :share, 3, :lease, :lease / 20, :lease / 8, current_date, :amount),
       ('SITE' || :place, :share, 4, :lease, :lease / 20, :lease / 8, current_date, -:amount::bigint),
       ('SITE' || :place, :share, 5, :lease, :lease / 20, :lease / 8, current_date, -1),
       ('SITE' || :place, :share, 6, :lease, :lease / 20, :lease / 8, current_date, 1);
INSERT INTO bench_payments_journalday AS t (site_id, account_id, day, debit, credit)
VALUES ('SITE' || :place, 3, current_date, :amount, 0), ('SITE' || :place, 4, current_date, 0, :amount),
       ('SITE' || :place, 5, current_date, 0, 1), ('SITE' || :place, 6, current_date, 1, 0)
ON CONFLICT (site_id, account_id, day) DO UPDATE SET debit = t.debit + excluded.debit, credit = t.credit + excluded.credit;
UPDATE bench_payments_charge SET collected = 1 - collected WHERE id = :lease;
UPDATE bench_payments_payment SET allocated = :amount WHERE id = :payment;
INSERT INTO bench_payments_receiptcounter AS c (site_id, kind, year, last)
VALUES ('SITE' || :place, 'receipt', 2000, 1)
ON CONFLICT (site_id, kind, year) DO UPDATE SET last = c.last + 1 RETURNING last AS rank \\gset
INSERT INTO bench_payments_receipt (site_id, kind, year, sequence, number, code, lease_id, payment_id, amount, value_date, issued_at, issued_by_id, content, status)
VALUES ('SITE' || :place, 'receipt', 2000, :rank, 'RC-SITE' || :place || '-' || :rank, substr(md5(:payment::text), 1, 12),
    :lease, :payment, :amount, current_date, now(), 3,
    '{"site": "Conakry", "lease": "BAIL-2019-0194", "notes": "", "units": ["05"], "agency": "AKIG Immobilier", "method": "orange_money", "tenant": "Boubacar Kourouma", "address": "Boulbinet, Kaloum, après le carrefour", "balance": 0, "currency": "GNF", "initials": "B. K.", "property": "Cour Youla", "reference": "PP261120", "allocations": [{"kind": "rent", "left": 0, "amount": 900000, "period_end": "2026-11-30", "period_start": "2026-11-01"}], "unallocated": 0, "collected_by": "Coumba Sylla"}',
    'valid');
INSERT INTO bench_payments_idempotencykey (user_id, key, fingerprint, payment_id, status, body, created_at)
VALUES (3, gen_random_uuid()::text, md5('a') || md5('b'), :payment, 201, convert_to(repeat('x', 700), 'UTF8'), now());
COMMIT;
"""  # noqa: E501


@contextmanager
def copies() -> Iterator[None]:
    """Keep empty copies (``bench_…``) of the tables of money inside the block, indexes and all."""
    with connection.cursor() as cursor:
        _drop(cursor)
        for table in COPIES:
            cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
        cursor.execute(
            "INSERT INTO bench_payments_charge SELECT * FROM payments_charge ORDER BY id LIMIT 900"
        )
        cursor.execute(
            "UPDATE bench_payments_charge AS c SET id = place, collected = 0, amount = 1,"
            " settled_on = NULL FROM ("
            "   SELECT id AS old, row_number() OVER (ORDER BY id) AS place"
            "     FROM bench_payments_charge"
            " ) AS numbered WHERE numbered.old = c.id"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            _drop(cursor)


def _drop(cursor):
    for table in COPIES:
        cursor.execute(f"DROP TABLE IF EXISTS bench_{table}")


def raw_payments(clients: int, seconds: int = 6) -> tuple[float, float]:
    """Return the payments a second that pgbench inserts, and its mean latency in milliseconds."""
    database = settings.DATABASES["default"]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "payment.sql"
        script.write_text(PAYMENT)
        told = subprocess.run(
            [
                str(postgres_programs() / "pgbench"),
                "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds),
                "-h", database["HOST"], "-p", str(database["PORT"] or 5432),
                "-U", database["USER"], "-f", str(script), database["NAME"],
            ],
            capture_output=True,
            text=True,
        )  # fmt: skip
    if told.returncode:
        raise subprocess.CalledProcessError(told.returncode, "pgbench", told.stdout, told.stderr)
    rate = float(re.search(r"tps = ([\d.]+)", told.stdout)[1])
    return rate, float(re.search(r"latency average = ([\d.]+)", told.stdout)[1])


#: What a rent run writes, after the number of the last entry before it. Charges are taken as they
#: are after their advances were settled.
RUN = {
    "payments_journalentry": "id > {last}",
    "payments_charge": "entry_id > {last}",
    "payments_journalline": "entry_id > {last}",
    "payments_allocation": "charge_id IN (SELECT id FROM payments_charge WHERE entry_id > {last})",
}


def rows_of_run(last: int, folder: Path) -> None:
    """Write the rows of a rent run (what came after entry ``last``) into files of ``folder``."""
    with connection.cursor() as cursor:
        for table, condition in RUN.items():
            chosen = f"SELECT * FROM {table} WHERE {condition.format(last=last)} ORDER BY id"
            with (
                (folder / table).open("wb") as file,
                cursor.copy(f"COPY ({chosen}) TO STDOUT (FORMAT binary)") as stream,
            ):
                for block in stream:
                    file.write(block)


def raw_payouts(runs: list[int]) -> float:
    """Return the seconds that the rows of ``runs`` (ids) take, copied into tables like theirs."""
    asked = {
        "payments_payout": "run_id = ANY(%s)",
        "payments_journalentry": (
            "id IN (SELECT entry_id FROM payments_payout WHERE run_id = ANY(%s))"
        ),
        "payments_journalline": (
            "entry_id IN (SELECT entry_id FROM payments_payout WHERE run_id = ANY(%s))"
        ),
    }
    took = 0.0
    with connection.cursor() as cursor:
        for table, condition in asked.items():
            cursor.execute(f"CREATE TEMP TABLE raw_{table} (LIKE {table} INCLUDING ALL)")
            begun = time.perf_counter()
            cursor.execute(
                f"INSERT INTO raw_{table} SELECT * FROM {table} WHERE {condition}", [runs]
            )
            took += time.perf_counter() - begun
    return took


def raw_rent_run(folder: Path) -> float:
    """Return the seconds in which those rows are inserted again, as they are, by INSERT … SELECT.

    Into the tables themselves, with their months of rows and their indexes, but without foreign
    keys, triggers and row-level security: nothing is computed, nothing is checked. What it does is
    taken back.
    """
    taken = 0.0
    with transaction.atomic(), connection.cursor() as cursor:
        for table in RUN:
            cursor.execute(f"CREATE TEMP TABLE run_{table} (LIKE {table}) ON COMMIT DROP")
            with (
                (folder / table).open("rb") as file,
                cursor.copy(f"COPY run_{table} FROM STDIN (FORMAT binary)") as stream,
            ):
                while block := file.read(2**20):
                    stream.write(block)
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
                [table],
            )
            for (key,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{key}"')
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY")
        for table in RUN:
            begun = time.perf_counter()
            cursor.execute(f"INSERT INTO {table} SELECT * FROM run_{table}")
            taken += time.perf_counter() - begun
        transaction.set_rollback(True)
    return taken


@contextmanager
def without_isolation() -> Iterator[None]:
    """Let the database show every branch to everybody inside the block."""
    _force("NO FORCE")
    try:
        yield
    finally:
        _force("FORCE")


def _force(word):
    with connection.cursor() as cursor:
        for table, _rule in rules():
            cursor.execute(f"ALTER TABLE {table} {word} ROW LEVEL SECURITY")
