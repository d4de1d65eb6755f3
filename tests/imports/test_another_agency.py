"""Another agency's headings, separators and dirt are understood, or refused with the right word."""

from datetime import date

import pytest
import time_machine

from payments.models import Charge, Payment
from sites_app.models import ImportRow, ImportRun, Owner, Property, Unit
from sites_app.services.importing import import_files, undo_import
from tenants.models import Lease, Tenant
from tests.imports import agency

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(cast):
    with time_machine.travel("2026-02-01 10:00+00:00"):
        _run, report = import_files(actor=cast.awa, files=agency.files())
    return {file.kind: file for file in report.files}


def refused(file) -> dict[int, str]:
    return {row.line: row.reason for row in file.of(ImportRow.Outcome.REFUSED)}


def reported(file) -> set[tuple[int, str]]:
    return {(row.line, row.reason) for row in file.of(ImportRow.Outcome.REPORTED)}


def lines(file, outcome) -> list[int]:
    return [row.line for row in file.of(outcome)]


def test_every_file_is_recognised(report):
    assert set(report) == {
        "owners",
        "properties",
        "units",
        "tenants",
        "leases",
        "balances",
        "payments",
    }
    assert report["owners"].encoding == "cp1252"
    assert report["units"].sheet == "Locaux"


def test_owners(report):
    assert lines(report["owners"], "created") == [3, 4]
    assert lines(report["owners"], "existing") == [5]
    assert refused(report["owners"]) == {6: "name_missing"}
    aissata = Owner.objects.get(code="M01")
    assert (aissata.name, str(aissata.phone), str(aissata.usual_commission)) == (
        "Aïssata Keïta",
        "+224622110001",
        "8.50",
    )


def test_properties(report):
    assert lines(report["properties"], "created") == [2, 4]
    assert refused(report["properties"]) == {5: "unknown_owner", 6: "unknown_branch"}
    house = Property.objects.get(code="R2")
    assert (house.site_id, house.quartier, house.owner.site_id) == (
        "GN_KINDIA",
        "Fissé",
        "GN_KINDIA",
    )
    assert house.mandates.get().commission == 10


def test_units(report):
    assert lines(report["units"], "created") == [4, 5, 7, 8]
    assert lines(report["units"], "existing") == [6]
    assert refused(report["units"]) == {9: "unknown_property"}
    assert (8, "amount_not_a_number") in reported(report["units"])
    assert Unit.objects.get(property__code="R1", number="2").advised_rent == 1_500_000


def test_tenants(report):
    assert lines(report["tenants"], "created") == [2, 3, 4, 5]
    assert refused(report["tenants"]) == {6: "name_missing", 7: "unknown_branch"}
    assert reported(report["tenants"]) == {(4, "phone_8_digits")}
    numbers = Tenant.objects.get(code="T-2").phones.values_list("number", flat=True)
    assert {str(number) for number in numbers} == {"+224622111002", "+221760001122"}


def test_leases(report):
    assert lines(report["leases"], "created") == [3, 4, 5, 6]
    assert refused(report["leases"]) == {
        2: "overlap",
        7: "unknown_tenant",
        8: "end_missing",
    }
    both = Lease.objects.get(reference="B-2")
    assert (both.units.count(), both.periodicity, both.state) == (2, 3, "notice_given")
    assert both.start == date(2026, 1, 1)
    assert Lease.objects.get(reference="B-4").start == date(2026, 1, 1)
    assert Lease.objects.get(reference="B-1").deposit == 4_000_000


def test_opening_balances(report):
    assert lines(report["balances"], "created") == [4, 5, 7]
    assert refused(report["balances"]) == {6: "unknown_lease"}
    amounts = dict(Charge.objects.values_list("lease__reference", "amount"))
    assert amounts == {"B-1": 2_500_000, "B-5": -400_000}
    assert Lease.objects.get(reference="B-2").taken_over_on == date(2025, 12, 31)


def test_payments(report):
    assert lines(report["payments"], "created") == [2, 3, 5, 6, 7]
    assert refused(report["payments"]) == {
        4: "tenant_ambiguous",
        8: "columns_shifted",
        9: "currency_mismatch",
        10: "reference_conflict",
    }
    assert reported(report["payments"]) == {(5, "method_unknown")}
    assert Payment.objects.filter(lease__reference="B-4", amount=100_000).count() == 2


def test_brought_in_again_nothing_is_added(cast, report):
    with time_machine.travel("2026-02-01 10:00+00:00"):
        _run, again = import_files(actor=cast.awa, files=agency.files())
    assert again.total(ImportRow.Outcome.CREATED) == 0


def test_taken_back_as_a_whole_and_brought_in_again(cast, report):
    run = ImportRun.objects.get()
    undo_import(actor=cast.awa, run=run)
    assert not Payment.objects.confirmed().exists()
    assert not Charge.objects.standing().exists()
    assert set(Lease.objects.values_list("state", flat=True)) == {"cancelled"}
    assert not Owner.objects.filter(archived_on=None).exists()
    assert not Tenant.objects.filter(archived_on=None).exists()
    with time_machine.travel("2026-02-01 10:00+00:00"):
        _run, again = import_files(actor=cast.awa, files=agency.files())
    assert again.total(ImportRow.Outcome.CREATED) == run.created
    assert Payment.objects.confirmed().count() == 5


def test_a_dry_run_leaves_nothing(cast):
    _run, report = import_files(actor=cast.awa, files=agency.files(), dry_run=True)
    assert report.total(ImportRow.Outcome.CREATED) > 0
    assert not Owner.objects.exists()
    assert not ImportRun.objects.exists()


def test_people_of_one_branch_bring_in_that_branch_only(cast):
    assert cast.conakry
    _run, report = import_files(actor=cast.hadja, files=agency.files())
    properties = next(file for file in report.files if file.kind == "properties")
    assert refused(properties)[2] == "unknown_branch"
    assert set(Property.objects.values_list("site", flat=True)) == {"GN_KINDIA"}


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("Soldes au 31/12/2025", date(2025, 12, 31)),
        ("Soldes arrêtés le 31 décembre 2025 - édité le 15/01/2026", date(2025, 12, 31)),
        ("Fichier édité le 15/01/2026", None),
        ("Soldes au 31/12/2025 et au 30/11/2025", None),
    ],
)
def test_the_day_of_balances_is_taken_from_a_title_that_says_it(cast, report, title, day):
    written = f"{title};\nRéf bail;Reste dû\nB-4;100 000\n".encode()
    with time_machine.travel("2026-02-01 10:00+00:00"):
        import_files(actor=cast.awa, files=[("soldes.csv", written)])
    assert Lease.objects.get(reference="B-4").taken_over_on == day
