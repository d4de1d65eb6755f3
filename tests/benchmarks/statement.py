"""A statement of 100,000 lines: read, deduplicated and matched, in a process of its own.

``python -m tests.benchmarks.statement`` prints seconds and peak memory as JSON; nothing is kept.
Six lines of ten name a lease, two come from a telephone that a tenant has, two from nobody. The
first are certain and would become payments, as quickly as payments are posted: that is measured
elsewhere. The others wait, an entry each on account 471, and posting those has a figure of its
own (``suspending``, a part of ``whole``). The limit is a bare COPY of the same rows.
"""

import json
import os
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "akig.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 - after the settings
from django.db.models import Count  # noqa: E402

from accounts.models import User  # noqa: E402
from akig.lib.isolation import trust_this_process  # noqa: E402
from payments.models import Statement  # noqa: E402
from payments.readers import read_statement  # noqa: E402
from payments.services.statements import COLUMNS, COPY, take_in  # noqa: E402
from payments.services.wallets import wallet_of  # noqa: E402
from sites_app.models import Site  # noqa: E402
from tenants.models import Lease, TenantPhone  # noqa: E402
from tests.benchmarks.web import own_peak  # noqa: E402

LINES = 100_000
HEAD = (
    "timestamp;transaction_id;transaction_type;amount;fee;currency;balance;"
    "counterparty_name;counterparty_mobile;payment_reason\n"
)


def written(references: list[str], phones: list[str], currency: str) -> bytes:
    """Return the file; amounts are whole, numbers unique."""
    lines = [HEAD]
    for number in range(LINES):
        day = f"2026-{number % 6 + 4:02}-{number % 28 + 1:02}T10:{number % 60:02}:00Z"
        text, phone, name = "loyer", "", f"Inconnu {number % 977}"
        if number % 10 < 6:
            text = f"loyer {references[number % len(references)].lower()}"
        elif number % 10 < 8:
            phone = phones[number % len(phones)]
        lines.append(
            f"{day};T_B{number:08}00;merchant_payment;{10_000 + number % 500};0;{currency};;"
            f"{name};{phone};{text}\n"
        )
    return "".join(lines).encode()


class Stopwatch:
    """Adds up the seconds in which money that waits is posted to account 471."""

    seconds = 0.0

    def __call__(self, execute, sql, params, many, context):
        begun = time.perf_counter()
        answer = execute(sql, params, many, context)
        if "INTO payments_journalentry" in str(sql):
            self.seconds += time.perf_counter() - begun
        return answer


def measure() -> dict[str, float]:
    actor = User.objects.system()
    leases = Lease.objects.real().filter(end=None)
    site = Site.objects.get(pk=leases.values_list("site", flat=True).order_by("site").first())
    references = list(leases.filter(site=site).values_list("reference", flat=True)[:5000])
    phones = [
        str(phone)
        for phone in TenantPhone.objects.filter(site=site).values_list("number", flat=True)[:5000]
    ]
    content = written(references, phones, site.currency)
    with transaction.atomic():
        account = wallet_of(site, "wave")
        statement = Statement.objects.create(
            site=site, account=account, name="bench.csv", handed_in_by=actor
        )
        began, busy = time.perf_counter(), time.process_time()
        read = read_statement("bench.csv", content, currency=site.currency)
        parsed = time.perf_counter() - began
        suspending = Stopwatch()
        with connection.execute_wrapper(suspending):
            take_in(actor=actor, statement=statement, account=account, read=read)
        whole, busy = time.perf_counter() - began, time.process_time() - busy
        peak = round(own_peak())
        states = dict(statement.lines.values_list("state").annotate(Count("pk")))
        names = ", ".join(COLUMNS)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {names} FROM payments_statementline WHERE statement_id = %s",
                [statement.pk],
            )
            rows = [
                tuple(json.dumps(cell) if isinstance(cell, dict | list) else cell for cell in row)
                for row in cursor.fetchall()
            ]
            cursor.execute("CREATE TEMP TABLE bare (LIKE payments_statementline) ON COMMIT DROP")
            began = time.perf_counter()
            with cursor.copy(COPY.replace("lines_read", "bare")) as copy:
                for row in rows:
                    copy.write_row(row)
            limit = time.perf_counter() - began
        transaction.set_rollback(True)
    return {
        "parsed": parsed,
        "whole": whole,
        "suspending": suspending.seconds,
        "busy": busy,
        "limit": limit,
        "peak": peak,
        "states": states,
    }


trust_this_process()
print(json.dumps(measure()))
