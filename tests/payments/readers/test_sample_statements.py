"""The sample statements read to what their own description says: lines, credits, debits, kinds."""

import re
from pathlib import Path

import pytest

from payments.readers import fingerprints, read_statement

SAMPLE = Path(__file__).resolve().parents[4] / "shared" / "data" / "statements"
pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="The sample stands beside the project.")
FORMATS = {
    "orange_money.csv": "orange_money",
    "mtn_momo.csv": "mtn_momo",
    "wave.csv": "wave",
    "bank.csv": "csv",
    "bank_camt053.xml": "camt053",
    "bank_mt940.sta": "mt940",
}


def table(heading: str) -> list[list[str]]:
    rows = []
    for line in (SAMPLE / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith(f"| {heading} |"):
            rows = [cells]
        elif rows and line.startswith("|"):
            rows.append(cells)
        elif rows:
            break
    return [row for row in rows if not set(row[0]) <= set("-:")]


def number(written: str) -> int:
    return int(re.sub(r"\D", "", written))


@pytest.mark.parametrize("name", FORMATS)
def test_a_sample_statement_reads_to_its_description(name):
    told = {row[0]: row for row in table("File")[1:]}[name]
    heading, *kinds = table("Kind")
    expected = {row[0]: number(row[heading.index(name)]) for row in kinds}

    read = read_statement("a file of any name", (SAMPLE / name).read_bytes())

    moved = [movement for movement in read.movements if not movement.failed]
    assert read.problem is None
    assert read.format == FORMATS[name]
    assert len(read.movements) == number(told[2])
    assert read.currency in ("", told[3])
    assert sum(m.amount for m in moved if m.amount > 0) == number(told[4])
    assert -sum(m.amount for m in moved if m.amount < 0) == number(told[5])
    assert sum(m.failed for m in read.movements) == expected["failed"]
    assert sum(bool(m.reversal_of) for m in read.movements) == expected["reversal"]
    assert all(m.amount < 0 for m in read.movements if m.reversal_of)
    marks = list(fingerprints(read.movements))
    assert len(marks) - len(set(marks)) == expected["duplicate_line"]
    for kind in ("fee", "transfer", "cost"):
        name_there = {"transfer": "sweep", "cost": "supplier"}.get(kind, kind)
        found = sum(m.kind == kind for m in read.movements)
        assert found == expected[f"not_tenant_{name_there}"]
