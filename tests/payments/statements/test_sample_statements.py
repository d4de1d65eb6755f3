"""The sample statements, read over the sample portfolio: each kind of line ends as described."""

from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from payments.models import JournalLine, MoneyAccount, Payment, Statement, StatementLine
from payments.services.reconciling import compare
from payments.services.statements import bring_in, receive_statement
from sites_app.models import Site

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
SAMPLE = SHARED / "statements"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SAMPLE.exists(), reason="The sample stands beside the project."),
]
State = StatementLine.State
SUGGESTED = (
    "already_recorded_without_reference",
    "ambiguous_same_name",
    "ambiguous_shared_phone",
    "new_name_only",
    "new_phone_only",
)


def table(first: str) -> list[list[str]]:
    """Return the rows of the description's table whose first heading is ``first``."""
    lines = (SAMPLE / "README.md").read_text().splitlines()
    begin = next(place for place, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[begin:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return [row for row in rows if not set(row[0]) <= set("-:")]


def described() -> dict[str, dict[str, int]]:
    """Return file -> kind -> number of lines."""
    (_kind, *names), *rows = table("Kind")
    return {
        name: {kind: int(cells[place]) for kind, *cells in rows} for place, name in enumerate(names)
    }


def hand_in(actor, name: str, content: bytes | None = None, said: str = "") -> Statement:
    site = Site.objects.get(pk="GN_CONAKRY")
    content = content or (SAMPLE / name).read_bytes()
    statement = receive_statement(actor=actor, site=site, name=said or name, content=content)
    return bring_in(actor=actor, statement=statement)


@time_machine.travel("2026-11-20 10:00+00:00", tick=True)
def test_each_kind_of_line_ends_as_described():
    call_command("seed_sites", stdout=StringIO())
    call_command("import_portfolio", str(SHARED / "portfolio"), "--json", stdout=StringIO())
    actor = User.objects.system()
    for name, kinds in described().items():
        statement = hand_in(actor, name)
        assert statement.state == Statement.State.READ, (name, statement.errors)
        the_lines_end_as_described(statement, name, kinds)
    nothing_is_added_by(actor, "wave.csv", "again.csv")
    the_books_agree_with_the_statements()


def nothing_is_added_by(actor, name, said):
    lines, payments = StatementLine.objects.count(), Payment.objects.count()
    statement = hand_in(actor, name, said=said)
    assert statement.duplicates == statement.lines_read > 0
    assert (StatementLine.objects.count(), Payment.objects.count()) == (lines, payments)


def the_books_agree_with_the_statements():
    assert JournalLine.objects.aggregate(sum=Sum("amount"))["sum"] == 0
    for account in MoneyAccount.objects.select_related("site"):
        found = compare(account, timezone.localdate())
        assert found.unexplained == 0, account


def the_lines_end_as_described(statement, name, kinds):
    lines = list(statement.lines.select_related("reverses"))
    found = Counter(line.state for line in lines)
    assert statement.duplicates == kinds["duplicate_line"], name
    assert statement.lines_read == sum(kinds.values()), name
    assert found[State.FAILED] == kinds["failed"], name
    taken_back = [line for line in lines if line.reverses_id]
    assert len(taken_back) == kinds["reversal"], name
    assert found[State.REVERSED] == 2 * kinds["reversal"], name
    originals = {line.reverses_id for line in taken_back}
    placed = found[State.POSTED] + found[State.LINKED] + len(originals)
    assert placed == kinds["already_recorded"] + kinds["new_exact_reference"], name
    came = [line for line in lines if line.state in StatementLine.OPEN and line.amount > 0]
    went = [line for line in lines if line.state in StatementLine.OPEN and line.amount < 0]
    assert len(went) == sum(number for kind, number in kinds.items() if "not_tenant" in kind), name
    unknown = kinds["unknown"] + kinds["unknown_reference"]
    suggested = sum(kinds[kind] for kind in SUGGESTED)
    assert len(came) == suggested + unknown, name
    assert suggested <= found[State.SUGGESTED] <= suggested + unknown, name
