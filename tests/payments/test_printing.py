"""Many receipts at once: chosen on their list, made by a worker, one PDF or a file each."""

import io
from datetime import date
from zipfile import ZipFile

import pytest
from pypdf import PdfReader

from notifications.models import Job
from notifications.services import perform_job
from payments.models import Receipt
from payments.services import printing
from payments.services.printing import request_receipts
from tests.factories import charge, pay

WAY = "/recus/imprimer"


@pytest.fixture
def receipts(cast):
    """Three receipts of Conakry and one of another branch."""
    charge(cast.lease, 900_000, date(2026, 1, 1))
    paid = [pay(cast.lease, amount, date(2026, 1, 4)) for amount in (100_000, 200_000, 300_000)]
    return [payment.receipt for payment in [*paid, pay(cast.far_lease, 50_000)]]


@pytest.fixture
def make(sign_in, django_capture_on_commit_callbacks):
    """Return a function that asks for a file at the door, lets the worker go, and gives the job."""

    def ask(user, query="", bundle="pdf") -> Job:
        with django_capture_on_commit_callbacks(execute=True):
            answer = sign_in(user).post(f"{WAY}?{query}", {"bundle": bundle})
        assert answer.status_code == 302
        return Job.objects.get(pk=answer.url.strip("/").rpartition("/")[2])

    return ask


def pages_of(job) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(job.file.read())).pages]


def test_one_pdf_has_a_page_for_each_in_the_order_of_numbers(cast, receipts, make, monkeypatch):
    monkeypatch.setattr(printing, "BATCH", 2)
    job = make(cast.coumba)
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    pages = pages_of(job)
    assert len(pages) == 3
    assert all(row.number in page for row, page in zip(receipts[:3], pages, strict=True))


def test_a_zip_has_a_file_for_each(cast, receipts, make, client):
    job = make(cast.coumba, bundle="zip")
    answer = client.get(f"/taches/{job.pk}/file")
    with ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as folder:
        assert folder.namelist() == [f"{receipt.number}.pdf" for receipt in receipts[:3]]
        assert folder.read(folder.namelist()[0]).startswith(b"%PDF")


def test_prints_what_the_filters_of_the_list_leave(cast, receipts, make):
    month = f"{receipts[0].issued_at:%Y-%m}"
    for query, number in (
        (f"period={month}", 3),
        (f"lease={cast.lease.pk}&kind=receipt", 3),
        (f"q={receipts[1].number}", 1),
    ):
        assert len(pages_of(make(cast.coumba, query))) == number
    assert make(cast.admin, f"site={cast.kindia.pk}").params["receipts"] == [receipts[3].pk]


def test_says_so_when_nothing_or_too_much_is_chosen(cast, receipts, sign_in, monkeypatch):
    door = sign_in(cast.coumba)
    assert door.post(f"{WAY}?period=1999-01", {"bundle": "pdf"}).status_code == 400
    monkeypatch.setattr(printing, "MOST", 2)
    assert door.post(WAY, {"bundle": "pdf"}).status_code == 400
    assert door.post(WAY, {"bundle": "docx"}).status_code == 400
    assert not Job.objects.exists()


def test_pressed_twice_it_is_made_once(cast, receipts):
    rows = Receipt.objects.visible_to(cast.coumba)
    first, second = (
        request_receipts(actor=cast.coumba, receipts=rows, bundle="pdf") for _time in range(2)
    )
    assert first == second


def test_of_another_branch_nothing_is_printed(cast, receipts, make, sign_in):
    assert sign_in(cast.coumba).get(f"{WAY}?site={cast.kindia.pk}").status_code == 404
    job = make(cast.coumba, f"lease={cast.lease.pk}")
    # Were the row tampered with, or the branch taken from the person meanwhile:
    job.params["receipts"].append(receipts[3].pk)
    job.state = Job.State.WAITING
    job.save()
    perform_job(job.pk)
    job.refresh_from_db()
    assert len(pages_of(job)) == 3


def test_who_issues_none_prints_none(cast, receipts, sign_in):
    assert sign_in(cast.fode).post(WAY, {"bundle": "pdf"}).status_code == 403
