"""Guarantors and the history of rents go out and come in again, with the balances they explain."""

import json
from datetime import date
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction

from payments.services.charging import charge_rent
from payments.services.posting import forget_accounts
from sites_app.imports.handing_out import portfolio_files
from sites_app.models import ImportRow
from sites_app.services.importing import import_files, undo_import
from tenants.models import Guarantor, Lease, RentChange, Tenant
from tenants.services import add_guarantor, change_rent
from tests.imports import agency

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("february")]


@pytest.fixture
def february():
    with time_machine.travel("2026-02-20 10:00+00:00"):
        yield


def enter_history(cast):
    """Open an agency of two branches whose rents changed and whose tenants have guarantors."""
    assert cast.conakry, cast.kindia
    import_files(actor=cast.awa, files=agency.files())
    fanta = Tenant.objects.get(code="T-1")
    for name, details in (
        ("Hadja Sidibé", {"phone": "+224622334455", "relation": "tante", "profession": "juge"}),
        ("Alpha Barry", {"relation": "employeur"}),
        ("=1+1", {"phone": "+224622334456"}),
    ):
        add_guarantor(actor=cast.awa, tenant=fanta, name=name, **details)
    first, second = Lease.objects.get(reference="B-1"), Lease.objects.get(reference="B-2")
    changes = (
        (first, date(2026, 1, 1), 2_200_000, 100_000, "Révision annuelle"),
        (first, date(2026, 2, 1), 2_400_000, 0, "- 5 % repris"),
        (first, date(2026, 9, 1), 2_500_000, 0, ""),
        (second, date(2026, 4, 1), 950_000, 0, "Travaux"),
    )
    for lease, day, rent, charge, reason in changes:
        change_rent(
            actor=cast.awa,
            lease=lease,
            valid_from=day,
            rent=rent,
            service_charge=charge,
            reason=reason,
        )


def charged(cast, *months):
    for month in months:
        for site in (cast.conakry, cast.kindia):
            charge_rent(actor=cast.awa, site=site, month=month)


def told_balances():
    out = StringIO()
    call_command("balances", "--as-of", "2026-02-20", "--json", stdout=out)
    return json.loads(out.getvalue())


def facts():
    return {
        "balances": told_balances(),
        "guarantors": list(
            Guarantor.objects.order_by("tenant__code", "pk").values_list(
                "tenant__code", "name", "phone", "relation", "profession"
            )
        ),
        "rents": list(
            RentChange.objects.order_by("lease__reference", "valid_from").values_list(
                "lease__reference", "valid_from", "rent", "service_charge", "reason"
            )
        ),
        "leases": list(
            Lease.objects.order_by("reference").values_list("reference", "rent", "service_charge")
        ),
    }


def test_an_empty_agency_knows_the_same_after_reading_the_export(cast):
    assert cast.awa
    with transaction.atomic():
        enter_history(cast)
        charged(cast, date(2026, 1, 1))
        files = [content for _name, content, _count in portfolio_files(cast.awa)]
        charged(cast, date(2026, 2, 1))
        before = facts()
        transaction.set_rollback(True)
    forget_accounts()
    assert not Tenant.objects.exists()
    assert (len(before["guarantors"]), len(before["rents"])) == (3, 4)
    # What the files are called is of no account.
    renamed = [(f"{place}.csv", content) for place, content in enumerate(files)]
    _run, report = import_files(actor=cast.awa, files=renamed)
    assert report.total(ImportRow.Outcome.REFUSED) == 0
    charged(cast, date(2026, 2, 1))
    assert facts() == before
    _run, again = import_files(actor=cast.awa, files=renamed)
    assert again.total(ImportRow.Outcome.CREATED) == 0
    assert again.total(ImportRow.Outcome.REFUSED) == 0


def test_the_list_of_leases_names_the_rent_of_today(cast):
    enter_history(cast)
    files = {name: content.decode("utf-8-sig") for name, content, _ in portfolio_files(cast.awa)}
    lease = next(line for line in files["baux.csv"].splitlines() if line.startswith("B-1;"))
    assert ";2400000;" in lease
    rents = [line.split(";") for line in files["revisions_loyer.csv"].splitlines()]
    told = [(row[2], row[3], row[4]) for row in rents if row[0] == "B-1"]
    assert told == [
        ("2025-03-10", "2000000", "0"),
        ("2026-01-01", "2200000", "100000"),
        ("2026-02-01", "2400000", "0"),
        ("2026-09-01", "2500000", "0"),
    ]


ENGLISH = """Lease no,New rent,Effective date,New service charge,Reason
B-1,2 100 000,01/03/2026,,Works
B-1,2 100 000,01/03/2026,,Works
B-1,1 900 000,10/03/2025,,before all
B-1,2 000 000,2025-03-10,,as it began
B-1,1 900 000,01/01/2025,,too early
B-5,1 900 000,01/01/2026,,it has ended
B-1,2 150 000,01/03/2026,,another
B-1,a lot,01/04/2026,,
B-9,2 000 000,01/04/2026,,
"""


def test_changes_of_rent_as_another_agency_writes_them(cast):
    import_files(actor=cast.awa, files=agency.files())
    run, report = import_files(actor=cast.awa, files=[("x.csv", ENGLISH.encode())])
    (file,) = report.files
    assert file.kind == "rents"
    assert [row.line for row in file.of(ImportRow.Outcome.CREATED)] == [2]
    assert [row.line for row in file.of(ImportRow.Outcome.EXISTING)] == [3, 5]
    assert {row.line: row.reason for row in file.of(ImportRow.Outcome.REFUSED)} == {
        4: "rent_conflict",
        6: "before_start",
        7: "after_end",
        8: "rent_conflict",
        9: "amount_not_a_number",
        10: "unknown_lease",
    }
    change = RentChange.objects.get()
    assert (change.lease.reference, change.rent, change.reason) == ("B-1", 2_100_000, "Works")
    assert Lease.objects.get(reference="B-1").rent == 2_000_000
    undo_import(actor=cast.awa, run=run)
    assert not RentChange.objects.exists()


GUARANTORS = """Matricule;Preneur;Avaliste;Tél. avaliste;Lien;Métier
T-1;Fanta Diallo;Hadja Sidibé;622 33 44 55;tante;
T-1;Fanta Diallo;HADJA SIDIBE;;;
;Mamadou Ba;Alpha Barry;;employeur;commerçant
T-9;;Personne;;;
T-2;Mamadou Ba;;;;
"""


def test_guarantors_as_another_agency_writes_them(cast):
    import_files(actor=cast.awa, files=agency.files())
    run, report = import_files(actor=cast.awa, files=[("x.csv", GUARANTORS.encode())])
    (file,) = report.files
    assert file.kind == "guarantors"
    assert [row.line for row in file.of(ImportRow.Outcome.CREATED)] == [2, 4]
    assert [row.line for row in file.of(ImportRow.Outcome.EXISTING)] == [3]
    assert {row.line: row.reason for row in file.of(ImportRow.Outcome.REFUSED)} == {
        5: "unknown_tenant",
        6: "name_missing",
    }
    aunt = Guarantor.objects.get(relation="tante")
    assert (str(aunt.phone), aunt.tenant.code) == ("+224622334455", "T-1")
    undo_import(actor=cast.awa, run=run)
    assert not Guarantor.objects.exists()


def test_a_list_of_tenants_that_names_guarantors_stays_one(cast):
    written = "Matricule;Locataire;Téléphone;Garant;Lien garant\nT-1;A B;622112233;C D;oncle\n"
    _run, report = import_files(actor=cast.bachir, files=[("x.csv", written.encode())])
    assert report.files[0].kind == "tenants"
    assert Guarantor.objects.get().relation == "oncle"
