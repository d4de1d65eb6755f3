"""Two more agencies: one workbook with headings in two lines, and seven files in seven dialects."""

from datetime import date

import pytest
import time_machine

from payments.models import Charge, Payment
from sites_app.models import Assignment, ImportRow, Owner
from sites_app.services.importing import import_files
from tenants.models import Lease
from tests.imports import many_dialects, one_workbook

pytestmark = pytest.mark.django_db


def brought_in(cast, files) -> dict:
    """Bring files in at Conakry, Kindia and Dakar; return the report of each kind."""
    Assignment.objects.create(user=cast.awa, site=cast.dakar)
    with time_machine.travel("2025-11-20 10:00+00:00"):
        _run, report = import_files(actor=cast.awa, files=files)
    return {file.kind or file.sheet: file for file in report.files}


@pytest.fixture
def workbook(cast):
    return brought_in(cast, [("classeur.xlsx", one_workbook.workbook())])


@pytest.fixture
def dialects(cast):
    return brought_in(cast, many_dialects.files())


def told(file, outcome) -> dict[int, str]:
    return {row.line: row.reason for row in file.of(outcome)}


def refused(file):
    return told(file, ImportRow.Outcome.REFUSED)


def reported(file):
    return told(file, ImportRow.Outcome.REPORTED)


def created(file) -> list[int]:
    return list(told(file, ImportRow.Outcome.CREATED))


def test_sheets_are_recognised_or_named(workbook):
    assert set(workbook) == {
        "owners",
        "properties",
        "units",
        "tenants",
        "leases",
        "balances",
        "payments",
        "Assurances",
    }
    assert workbook["Assurances"].as_dict()["error"]["code"] == "unknown_kind"
    assert workbook["Assurances"].as_dict()["error"]["detail"]


def test_a_share_is_no_percentage_and_the_same_person_is_told(workbook):
    assert created(workbook["owners"]) == [3, 4, 5, 6]
    assert reported(workbook["owners"]) == {
        3: "percent_invalid",
        4: "phone_with_letters",
        5: "probably_same",
    }
    assert Owner.objects.get(code="BL-02").usual_commission == 7.5
    assert Owner.objects.get(code="BL-01").usual_commission is None


def test_headings_in_two_lines(workbook):
    houses, leases = workbook["properties"], workbook["leases"]
    assert (houses.header_line, leases.header_line) == (2, 3)
    assert (houses.unknown, leases.unknown) == ([], [])
    assert refused(houses) == {5: "unknown_owner", 6: "owner_missing"}


def test_hidden_rows_count_and_totals_do_not(workbook):
    assert created(workbook["units"]) == [2, 3, 4, 5, 6]
    assert reported(workbook["units"]) == {4: "amount_not_a_number", 5: "amount_not_a_number"}
    assert workbook["units"].ignored == 1


def test_tenants_of_two_telephones_and_of_one_twice(workbook):
    assert created(workbook["tenants"]) == [2, 3, 4, 5, 6]
    assert reported(workbook["tenants"]) == {4: "probably_same", 6: "phone_with_letters"}


def test_leases_of_every_writing(workbook):
    assert created(workbook["leases"]) == [4, 5, 6]
    assert refused(workbook["leases"]) == {
        7: "periodicity_unknown",
        8: "tenant_ambiguous",
        9: "date_impossible",
    }
    assert set(Lease.objects.values_list("reference", "start", "rent", "periodicity")) == {
        ("C-1", date(2024, 3, 1), 1_250_000, 1),
        ("C-2", date(2024, 5, 1), 1_250_000, 1),
        ("C-3", date(2025, 1, 1), 3_000_000, 3),
    }


def test_a_dash_is_no_balance(workbook):
    assert refused(workbook["balances"]) == {4: "amount_not_a_number"}
    assert dict(Charge.objects.values_list("lease__reference", "amount")) == {
        "C-1": 1_250_000,
        "C-3": -3_000_000,
    }


def test_payments_of_every_writing(workbook):
    assert created(workbook["payments"]) == [2, 3, 4, 10]
    assert refused(workbook["payments"]) == {
        6: "date_impossible",
        7: "amount_not_a_number",
        8: "currency_mismatch",
        9: "amount_missing",
    }
    methods = Payment.objects.order_by("reference").values_list("reference", "method", "value_date")
    assert list(methods) == [
        ("1001", "cash", date(2025, 11, 5)),
        ("1002", "orange_money", date(2025, 11, 6)),
        ("1003", "cheque", date(2025, 11, 6)),
        ("1008", "cash", date(2025, 11, 11)),
    ]


def test_every_dialect_is_read(dialects):
    encodings = {kind: file.encoding for kind, file in dialects.items()}
    assert encodings == {
        "owners": "utf-16",
        "properties": "utf-8-sig",
        "units": "cp1252",
        "tenants": "utf-8-sig",
        "leases": "utf-16-le",
        "balances": "utf-8",
        "payments": "utf-8",
    }
    assert not any(file.unknown for kind, file in dialects.items())
    assert Owner.objects.get(code="LL1").usual_commission == 8


def test_what_the_dialects_say_is_right_or_refused(dialects):
    assert {kind: refused(file) for kind, file in dialects.items() if refused(file)} == {
        "properties": {5: "unknown_owner"},
        "leases": {4: "tenant_ambiguous", 6: "currency_mismatch"},
        "payments": {3: "columns_shifted", 5: "date_impossible"},
    }
    assert {kind: reported(file) for kind, file in dialects.items() if reported(file)} == {
        "properties": {4: "latitude_impossible"},
        "tenants": {5: "phone_invalid"},
    }
    assert set(told(dialects["units"], "existing")) == {4}
    assert set(told(dialects["payments"], "existing")) == {4}
    assert dict(Charge.objects.values_list("lease__reference", "amount")) == {
        "L1": 150_000,
        "L4": 75_500,
    }
