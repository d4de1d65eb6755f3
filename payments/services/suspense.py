"""Money that nobody has placed yet: each line of a statement has one entry on account 471.

Money in: D bank or wallet, D 6318 what the provider kept, C 471. Money out: the other way round.
Placing a line answers its entry with a reversal.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from akig.lib.errors import Conflict
from payments.models import (
    ClosedPeriod,
    JournalEntry,
    LinePart,
    MoneyAccount,
    Payment,
    StatementLine,
)
from payments.services.posting import Code, accounts_of, lock_books, open_day, reverse

State = StatementLine.State

#: From this score on a line counts as suggested; see ``matching``.
WORTH_SHOWING = 40
CERTAIN = 100

SUSPEND = """
WITH line AS MATERIALIZED (
    SELECT id, nextval((SELECT pg_get_serial_sequence('payments_journalentry', 'id'))) AS entry_id,
           amount, fee, left(coalesce(nullif(reference, ''), text), 200) AS memo,
           CASE WHEN date_trunc('month', least(day, %(today)s))::date = ANY(%(closed)s::date[])
                THEN %(today)s ELSE least(day, %(today)s) END AS value_date
      FROM payments_statementline
     WHERE account_id = %(money_account)s AND suspense_id IS NULL
       AND state IN ('suggested', 'unmatched') AND {which}
), entry AS (
    INSERT INTO payments_journalentry
        (id, site_id, kind, value_date, created_at, created_by_id, memo)
    SELECT entry_id, %(site)s, 'suspense', value_date, %(now)s, %(actor)s, memo FROM line
), side AS (
    INSERT INTO payments_journalline (site_id, entry_id, account_id, value_date, amount)
    SELECT %(site)s, entry_id, side.account, value_date, side.amount
      FROM line CROSS JOIN LATERAL (VALUES
        (%(money)s::bigint, line.amount - fee), (%(fees)s::bigint, fee),
        (%(suspense)s::bigint, -line.amount)) AS side (account, amount)
     WHERE side.amount <> 0
)
UPDATE payments_statementline AS suspended SET suspense_id = line.entry_id
  FROM line WHERE line.id = suspended.id
"""
THESE = "id = ANY(%(lines)s)"
OF_STATEMENT = """statement_id = %(statement)s
       AND coalesce((candidates -> 0 ->> 'score')::int, 0) < 100"""


def suspend(actor, account: MoneyAccount, lines: Sequence[int]) -> int:
    """Post the open lines (ids) of ``account`` to suspense; those that are there already stay."""
    return _suspend(actor, account, THESE, {"lines": list(lines)})


def suspend_statement(actor, account: MoneyAccount, statement: int) -> int:
    """Post the open lines of a statement to suspense, save those that are posted to a lease."""
    with _joined_by_hash():
        return _suspend(actor, account, OF_STATEMENT, {"statement": statement})


@contextmanager
def _joined_by_hash() -> Iterator[None]:
    """Keep the planner from comparing each line with each.

    It counts what was there before this transaction. Where that was nothing, it takes a hundred
    thousand new lines for one, and would be at it for hours.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def _suspend(actor, account, which: str, values: dict) -> int:
    lock_books(account.site_id, [])
    accounts = accounts_of(account.site_id)
    closed = ClosedPeriod.objects.filter(site=account.site_id, reopened_at=None)
    values |= {
        "money_account": account.pk,
        "site": account.site_id,
        "today": timezone.localdate(),
        "now": timezone.now(),
        "closed": list(closed.values_list("month", flat=True)),
        "actor": actor.pk,
        "money": accounts[account.code],
        "fees": accounts[Code.PROVIDER_FEES],
        "suspense": accounts[Code.SUSPENSE],
    }
    with connection.cursor() as cursor:
        cursor.execute(SUSPEND.format(which=which), values)
        return cursor.rowcount


def answer_suspense(actor, line: StatementLine, memo: str) -> JournalEntry | None:
    """Reverse the entry of a line in suspense, on the day of that entry if its month is open."""
    entry = line.suspense
    if entry is None:
        return None
    line.suspense = None
    day = open_day(entry.site_id, entry.value_date)
    return reverse(actor=actor, entry=entry, on=day, memo=memo[:200])


def put_back(actor, line: StatementLine) -> None:
    """Let a line wait in the inbox again; what was certain of it no longer is."""
    for candidate in line.candidates:
        candidate["score"] = min(candidate["score"], CERTAIN - 1)
    best = line.candidates[0]["score"] if line.candidates else 0
    line.state = State.SUGGESTED if best >= WORTH_SHOWING else State.UNMATCHED
    line.explanation, line.entry = "", None
    line.save(update_fields=["state", "explanation", "entry", "suspense", "candidates"])
    suspend(actor, line.account, [line.pk])
    line.refresh_from_db(fields=["suspense"])


def free_line_of(actor, payment: Payment) -> None:
    """Put the line that a payment was made of back into suspense: the payment is cancelled.

    Raises Conflict when the line was split: then its parts stand or fall together.
    """
    part = payment.line_parts.filter(undone_at=None).select_related("line__account").first()
    if part is None:
        return
    if LinePart.objects.filter(line=part.line, undone_at=None).count() > 1:
        raise Conflict(
            _("This payment is a part of a line of a statement: undo the whole line."),
            code="line_split",
        )
    part.undone_at, part.undone_by = timezone.now(), actor
    part.save(update_fields=["undone_at", "undone_by"])
    line = part.line
    if line.state in (State.POSTED, State.LINKED):
        if line.entry is not None:
            day = open_day(line.entry.site_id, line.entry.value_date)
            reverse(actor=actor, entry=line.entry, on=day, memo=str(payment))
        put_back(actor, line)
