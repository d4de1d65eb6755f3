"""Statements as providers write them, handed in through the page and read by a worker."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from notifications.services import perform_job
from payments.models import Payout, Statement
from payments.services.payouts import approve_payouts, prepare_payouts, set_payment_details
from payments.services.wallets import wallet_of
from tests.factories import charge, make_lease, make_owner, make_property, make_unit, pay

HEAD = (
    "timestamp;transaction_id;transaction_type;amount;fee;currency;balance;"
    "counterparty_name;counterparty_mobile;payment_reason"
)


def wave(*rows: tuple, currency: str = "GNF") -> bytes:
    """Return a statement of Wave.

    Rows are (day, number, amount, name, telephone, text), then kind and fee where they matter.
    """
    lines = [HEAD]
    for row in rows:
        usual = ("merchant_payment", 0)
        day, number, amount, name, phone, text, kind, fee = (*row, *usual[len(row) - 6 :])
        lines.append(
            f"{day}T10:00:00Z;{number};{kind};{amount};{fee};{currency};;{name};{phone};{text}"
        )
    return "\n".join(lines).encode()


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-10-20 09:00:00+00:00", tick=True):
        yield


@pytest.fixture
def lease(cast):
    """Gassim owes October: one million."""
    charge(cast.lease, 1_000_000, date(2026, 10, 1), end=date(2026, 10, 31))
    return cast.lease


@pytest.fixture
def hand_in(cast, sign_in):
    """Return a function that hands a file in by the page and lets the worker read it."""

    def hand(content: bytes, name: str = "wave.csv", person=None, **fields) -> Statement:
        person = person or cast.diallo
        upload = SimpleUploadedFile(name, content)
        answer = sign_in(person).post(
            reverse("payments:hand_in"), {"site": person_site(person), "file": upload, **fields}
        )
        assert answer.status_code == 302, answer.context["form"].errors
        statement = Statement.objects.latest("pk")
        perform_job(statement.job_id)
        statement.refresh_from_db()
        return statement

    return hand


def person_site(person) -> str:
    return person.assignments.values_list("site", flat=True).first()


def pay_out(cast, owners=("Aïssata", "Boubacar", "Cellou")) -> list[Payout]:
    """Pay September's 882 000 GNF out to each of some owners, by transfer from Conakry's bank."""
    site = cast.conakry
    wallet_of(site, "bank")
    for name in owners:
        owner = make_owner(site, name)
        house = make_property(site=site, owner=owner, commission=Decimal(10))
        lease = make_lease(unit=make_unit(house))
        charge(lease, 1_000_000, date(2026, 9, 1), end=date(2026, 9, 30))
        pay(lease, 1_000_000, date(2026, 9, 4))
        set_payment_details(
            actor=cast.diallo, site=site, owner=owner, method="bank_transfer", number="GN00421111"
        )
    run = prepare_payouts(
        actor=cast.diallo, site=site, month=date(2026, 9, 1), value_date=date(2026, 10, 16)
    )
    approve_payouts(actor=cast.awa, run=run)
    return list(run.payouts.select_related("entry", "paid_from").order_by("pk"))


def transfer(amount: str) -> bytes:
    """Return a bank's statement of one transfer of ``amount`` that went out."""
    head = "Date;Libellé;Référence;Débit;Crédit;Solde"
    return f"{head}\n16/10/2026;VIREMENT GROUPE;V1;{amount};;10 000 000\n".encode()
