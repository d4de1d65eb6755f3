"""What goes out comes in again: an empty agency that reads the export owes the same."""

from datetime import date
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction

from payments.metrics import balances
from payments.models import Charge
from payments.services.charging import charge_rent
from payments.services.posting import forget_accounts
from sites_app.imports.handing_out import portfolio_files
from sites_app.imports.resource import shielded, unshielded
from sites_app.models import ImportRow, Owner, Property
from sites_app.services.importing import import_files
from tests.imports import agency

pytestmark = pytest.mark.django_db
DAY = date(2026, 2, 1)


def figures(cast):
    return [
        (row.site, row.reference, row.amounts(), row.journal)
        for row in balances([cast.conakry, cast.kindia], DAY)
    ]


@time_machine.travel("2026-02-01 10:00+00:00")
def test_an_empty_agency_owes_the_same_after_reading_the_export(cast):
    assert cast.conakry, cast.kindia
    actor = cast.awa
    with transaction.atomic():
        import_files(actor=actor, files=agency.files())
        for site in (cast.conakry, cast.kindia):
            charge_rent(actor=actor, site=site, month=date(2026, 1, 1))
        Owner.objects.filter(code="M01").update(notes="=cmd|' /C calc'!A0")
        Property.objects.update(safety_note="Chien dans la cour")
        before = figures(cast)
        handed_out = [(name, content) for name, content, _count in portfolio_files(actor)]
        transaction.set_rollback(True)
    forget_accounts()
    assert not Property.objects.exists()
    _run, report = import_files(actor=actor, files=handed_out)
    assert report.total(ImportRow.Outcome.REFUSED) == 0
    assert figures(cast) == before
    assert not Property.objects.exclude(safety_note="Chien dans la cour").exists()
    assert Charge.objects.filter(kind="rent").exists()
    assert Owner.objects.get(code="M01").notes == "=cmd|' /C calc'!A0"
    for site in (cast.conakry, cast.kindia):
        assert charge_rent(actor=actor, site=site, month=date(2026, 1, 1)).created == 0


def test_the_command_writes_one_file_of_each_kind(cast, tmp_path):
    import_files(actor=cast.awa, files=agency.files())
    call_command("export_portfolio", str(tmp_path), "--site", cast.conakry.code, stdout=StringIO())
    names = {path.name for path in tmp_path.iterdir()}
    assert {"proprietaires.csv", "biens.csv", "baux.csv", "paiements.csv"} <= names
    assert "R2" not in (tmp_path / "biens.csv").read_text()


@pytest.mark.parametrize(
    "written", ["=1+1", "@SUM(A1)", "-cmd", "+x", "'=1", "'t Hof", "plain", ""]
)
def test_formulas_are_shielded_and_come_back(written):
    assert unshielded(shielded(written)) == written
    assert not str(shielded(written)).startswith(("=", "@", "-c", "+x"))


@pytest.mark.parametrize("number", ["+224622001234", "-13.677619", "-650 000"])
def test_numbers_need_no_shield(number):
    assert shielded(number) == number
