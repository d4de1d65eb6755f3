"""Charges as another installation hands them on: credits where there may be some, shared costs."""

from datetime import date

import pytest
import time_machine
from django.db import transaction

from payments.metrics import balances
from payments.models import Charge
from payments.services.checking import differences
from payments.services.posting import forget_accounts
from payments.services.shared import charge_shared_cost, enter_shared_cost
from sites_app.imports.handing_out import portfolio_files
from sites_app.models import ImportRow, Property
from sites_app.services.importing import import_files
from tests.imports import agency

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("february")]

HEADINGS = "Ref contrat;Nature;Début période;Fin période;Date d'exigibilité;Montant appelé"
JANUARY = "01/01/2026;31/01/2026;05/01/2026"


@pytest.fixture
def february():
    with time_machine.travel("2026-02-20 10:00+00:00"):
        yield


def bring_in(cast, *rows):
    """Bring in charges of January, written "nature;amount", for one lease; return their report."""
    lines = [f"B-1;{kind};{JANUARY};{amount}" for kind, amount in (row.split(";") for row in rows)]
    written = "\n".join([HEADINGS, *lines]).encode()
    _run, report = import_files(actor=cast.awa, files=[("c.csv", written)])
    (file,) = report.files
    assert file.kind == "charges"
    return file


def charged():
    rows = Charge.objects.exclude(kind="opening").order_by("kind", "amount")
    return list(rows.values_list("lease__reference", "kind", "amount"))


def test_what_belongs_to_an_owner_is_never_negative(cast):
    import_files(actor=cast.awa, files=agency.files()[2:])
    file = bring_in(
        cast,
        "loyer;-2 000 000",
        "charges;(50 000)",
        "autre;-10 000",
        "taxe;-20 000",
        "pénalité de retard;-5 000",
        "partagé;-30 000",
    )
    assert {row.line: row.reason for row in file.of(ImportRow.Outcome.REFUSED)} == {
        2: "amount_negative",
        3: "amount_negative",
        4: "amount_negative",
    }
    assert charged() == [
        ("B-1", "late_fee", -5_000),
        ("B-1", "shared", -30_000),
        ("B-1", "tax", -20_000),
    ]
    assert differences() == []


def test_shared_costs_go_out_and_come_in_with_the_same_balances(cast):
    assert cast.awa
    with transaction.atomic():
        import_files(actor=cast.awa, files=agency.files())
        bring_in(cast, "partagé;-30 000")
        cost = enter_shared_cost(
            actor=cast.awa,
            house=Property.objects.get(code="R1"),
            utility="water",
            label="Eau de janvier",
            amount=300_001,
            first_day=date(2026, 1, 1),
            last_day=date(2026, 1, 31),
            shared_by="equal",
            paid_from="571",
        )
        charge_shared_cost(actor=cast.awa, cost=cost, due_date=date(2026, 2, 5))
        before = figures(cast)
        told = charged()
        files = [(name, content) for name, content, _count in portfolio_files(cast.awa)]
        transaction.set_rollback(True)
    forget_accounts()
    assert [kind for _lease, kind, _amount in told] == ["shared"] * 3
    assert sum(amount for *_rest, amount in told) == 270_001
    for again in (False, True):
        _run, report = import_files(actor=cast.awa, files=files)
        assert report.total(ImportRow.Outcome.REFUSED) == 0
        assert bool(report.total(ImportRow.Outcome.CREATED)) is not again
        assert (figures(cast), charged()) == (before, told)
    assert differences() == []


def figures(cast):
    return [
        (row.site, row.reference, row.amounts(), row.journal)
        for row in balances([cast.conakry, cast.kindia], date(2026, 2, 20))
    ]
