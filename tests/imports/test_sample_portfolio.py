"""The sample portfolio comes out to the franc: every figure of its own description is compared."""

import json
import re
from collections import defaultdict
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Sum
from django.db.models.functions import TruncMonth

from payments.models import Payment
from sites_app.models import ImportRun, Site

SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "portfolio"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SAMPLE.exists(), reason="The sample stands beside the project."),
]
AGAIN = ["soldes_ouverture.csv", "paiements_2.csv", "baux.xlsx", "proprietaires.csv"]


def run(*arguments) -> dict | list:
    told = StringIO()
    call_command(*arguments, "--json", stdout=told)
    return json.loads(told.getvalue())


def tables_of(title: str) -> list[list[str]]:
    """Return the cells of the first table below a heading of the description."""
    text = (SAMPLE / "README.md").read_text()
    lines = text.split(f"{title}\n", 1)[1].splitlines()
    rows = []
    for line in lines:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            break
    return [row for row in rows[1:] if not set(row[0]) <= set("-:")]


def number(written: str) -> int:
    return int(re.sub(r"\D", "", written))


def expected_refusals() -> dict[str, dict[int, str]]:
    return {
        name: {int(line): code for line, code in (item.split(": ") for item in reasons.split("; "))}
        for name, reasons in tables_of("### Rows to refuse")
    }


def refused(report: dict) -> dict[str, dict[int, str]]:
    return {
        file["file"]: {row["row"]: row["reason"] for row in file["refused"]}
        for file in report["files"]
    }


def open_the_agency():
    call_command("seed_sites", stdout=StringIO())
    for site in Site.objects.all():
        for rule in ("tpa_percent", "vat_percent", "late_fee_percent"):
            run("branch_rule", site.code, rule, "0", "--from", "2000-01-01")


@time_machine.travel("2026-11-02 10:00+00:00", tick=True)
def test_the_sample_comes_out_to_the_franc(tmp_path):
    open_the_agency()
    report = run("import_portfolio", str(SAMPLE))
    the_rows_are_those_described(report)
    run("charge_rent", "--from", "2025-11", "--to", "2026-10")
    told = run("balances", "--as-of", "2026-10-31")
    the_sums_are_those_described(told)
    the_debts_are_those_described(told)
    the_payments_are_those_described()
    nothing_is_added_under_other_names(tmp_path)


def the_rows_are_those_described(report):
    assert refused(report) == expected_refusals()
    by_name = {file["file"]: file for file in report["files"]}
    optional = {"proprietaires.csv": 2, "biens.csv": 1, "lots.xlsx": 2, "locataires.csv": 5}
    for name, _form, header, valid, duplicates, _refuse, _report, ignored in tables_of("## Files"):
        file = by_name[name]
        assert file["header_line"] == int(header), name
        accepted = file["created"] + file["existing"]
        surplus = accepted - int(valid) - int(duplicates)
        assert 0 <= surplus <= optional.get(name, 0), name
        assert file["ignored"] == int(ignored), name
    reported = tables_of("### Rows to accept or refuse, but to report")
    for name, rows in reported:
        told = {row["row"] for row in by_name[name]["reported"]}
        assert told == {int(line) for line in re.findall(r"(\d+): ", rows)}, name
    the_duplicates_are_those_described()


def the_duplicates_are_those_described():
    run = ImportRun.objects.get()
    existing = defaultdict(set)
    for row in run.rows.filter(outcome="existing"):
        existing[row.file.partition("#")[0]].add(row.line)
    for name, lines in tables_of("### Rows to recognise as duplicates"):
        if name == "paiements_2.csv":
            assert len(existing[name]) == 200
            assert existing[name] <= set(range(2, 205))
        else:
            described = {int(line) for line in lines.split(", ")}
            # A probable repetition of an owner may be accepted or not.
            assert existing[name] - {55} == described, name


def the_sums_are_those_described(told):
    sites = {site["site"]: site for site in told["sites"]}
    names = {
        "Active leases": "active_leases",
        "of which notice given": "notice_given",
        "Occupied units": "occupied_units",
        "Monthly rent of active leases": "monthly_rent",
        "Opening balances": "opening_balances",
        "Charges since": "charges",
        "Payments (number)": "payments_number",
        "Payments": "payments",
        "Balance": "balance",
        "Arrears": "arrears",
        "Advances": "advances",
        "Leases owing": "leases_owing",
        "of which ended": "ended_leases_owing",
    }
    for title, *amounts in tables_of("### On 31 October 2026"):
        for code, amount in zip(("GN_CONAKRY", "GN_KINDIA", "SN_DAKAR"), amounts, strict=True):
            site = sites[code]
            if title.startswith("Ageing "):
                figure = site["ageing"][title.removeprefix("Ageing ")]
            else:
                figure = site[names[title]]
            assert figure == number(amount), (title, code)
    for site in sites.values():
        assert site["journal_sum"] == 0
        assert site["receivable_in_journal"] == site["balance"]


def the_debts_are_those_described(told):
    currencies = {site["site"]: site["currency"] for site in told["sites"]}
    for currency in ("GNF", "XOF"):
        leases = [row for row in told["leases"] if currencies[row["site"]] == currency]
        largest = sorted(leases, key=lambda row: -row["balance"])[:20]
        described = tables_of(f"### Twenty largest debts by lease, {currency}")
        assert [(row["reference"], row["tenant"], row["balance"]) for row in largest] == [
            (reference, tenant, number(balance)) for reference, tenant, balance in described
        ]


def the_payments_are_those_described():
    for currency, methods in (
        ("GNF", ["bank_transfer", "cash", "mtn_momo", "orange_money"]),
        ("XOF", ["bank_transfer", "cheque", "orange_money", "wave"]),
    ):
        found: dict[tuple[str, str], int] = defaultdict(int)
        rows = Payment.objects.confirmed().filter(site__currency=currency)
        monthly = rows.annotate(month=TruncMonth("value_date")).values_list("month", "method")
        for month, method, amount in monthly.annotate(sum=Sum("amount")):
            found[f"{month:%Y-%m}", method] = amount
        for month, *amounts in tables_of(f"### Payments by month and method, {currency}"):
            if month == "all":
                continue
            mine = [found[month, method] for method in methods]
            assert [*mine, sum(mine)] == [number(amount) for amount in amounts], (currency, month)


def nothing_is_added_under_other_names(tmp_path):
    for place, name in enumerate(AGAIN):
        copy = tmp_path / f"{place}{Path(name).suffix}"
        copy.write_bytes((SAMPLE / name).read_bytes())
    report = run("import_portfolio", str(tmp_path))
    assert {file["created"] for file in report["files"]} == {0}
    assert Payment.objects.filter(value_date__lte=date(2026, 10, 31)).count() == 5524
