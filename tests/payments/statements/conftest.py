"""Statements as providers write them, handed in through the page and read by a worker."""

from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from notifications.services import perform_job
from payments.models import Statement
from tests.factories import charge

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
