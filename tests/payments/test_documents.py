"""Receipts, quittances and statements on paper, read back as text."""

import io
from datetime import date

import pytest
from pypdf import PdfReader

from payments.documents import LINES, receipt_pdf, verify_url
from payments.models import Charge, Receipt
from payments.services.collecting import cancel_payment
from payments.services.receipts import issue_quittance
from tests.cast import PASSWORD
from tests.factories import charge, pay

A6, ROLL, A4 = (298, 420), (227, None), (595, 842)


def read(content: bytes) -> tuple[str, PdfReader]:
    reader = PdfReader(io.BytesIO(content))
    text = " ".join(page.extract_text() for page in reader.pages)
    return " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split()), reader


def size(reader: PdfReader) -> tuple[int, int]:
    box = reader.pages[0].mediabox
    return round(box.width), round(box.height)


@pytest.fixture
def payment(cast):
    charge(cast.lease, 1_000_000, date(2026, 1, 1), end=date(2026, 1, 31), due=date(2026, 1, 5))
    return pay(cast.lease, 600_000, date(2026, 1, 4), collected_by=cast.estelle)


@pytest.fixture
def quittance(cast, payment):
    pay(cast.lease, 400_000, date(2026, 1, 9))
    return issue_quittance(actor=cast.diallo, charge=Charge.objects.get())


def test_a_receipt_says_all_on_one_a6(payment):
    text, reader = read(receipt_pdf(payment.receipt))
    assert len(reader.pages) == 1
    assert size(reader) == A6
    for words in (
        payment.receipt.number, "600 000 GNF", "Six cent mille francs guinéens", "Gassim Touré",
        "janvier 2026", "400 000", "Estelle Loua", "Villa Kipé", "Conakry",
    ):  # fmt: skip
        assert words in text
    code = payment.receipt.code
    assert f"{code[:4]}-{code[4:8]}-{code[8:]}" in text


def test_a_receipt_fits_a_roll(payment):
    _text, reader = read(receipt_pdf(payment.receipt, form="80mm"))
    assert len(reader.pages) == 1
    assert size(reader)[0] == ROLL[0]


def test_many_charges_still_fit_one_a6(cast):
    for month in range(1, 13):
        charge(cast.lease, 100_000, date(2025, month, 1))
        charge(cast.lease, 5_000, date(2025, month, 1), kind="tax")
    receipt = pay(cast.lease, 2_000_000, date(2026, 1, 4)).receipt
    text, reader = read(receipt_pdf(receipt))
    assert len(reader.pages) == 1
    assert str(24 - LINES + 1) in text


def test_a_quittance_names_its_period(quittance):
    text, reader = read(receipt_pdf(quittance))
    assert size(reader) == A6
    for words in (quittance.number, "1 000 000", "Un million de francs guinéens", "janvier 2026"):
        assert words in text


def test_a_cancelled_paper_says_so(cast, payment, quittance):
    whole = read(receipt_pdf(quittance))[0]
    cancel_payment(actor=cast.diallo, payment=payment, reason="error")
    for receipt in (payment.receipt, quittance):
        receipt.refresh_from_db()
        assert receipt.status == Receipt.Status.CANCELLED
    marked = read(receipt_pdf(quittance))[0]
    assert len(marked) > len(whole)


def test_carries_the_letters_of_the_local_languages(cast, payment):
    receipt = payment.receipt
    receipt.content["tenant"] = "Ɓoƴi Ŋaɲe Ɗaɗo ɓɗɲŋƴ"
    text, reader = read(receipt_pdf(receipt))
    assert "ɓɗɲŋƴ" in text
    fonts = {font for page in reader.pages for font in page["/Resources"]["/Font"]}
    assert fonts


def test_names_with_markup_ask_nobody_for_anything(payment):
    receipt = payment.receipt
    receipt.content["tenant"] = '<img src="file:///etc/passwd"> & Fils'
    assert "& Fils" in read(receipt_pdf(receipt))[0]


def test_leads_to_the_public_page(payment, settings):
    settings.PUBLIC_URL = "https://akig.example"
    assert verify_url(payment.receipt) == f"https://akig.example/verify/{payment.receipt.code}"


# --- Through the door


def sign_in(client, user):
    assert client.login(username=user.email, password=PASSWORD)
    return client


def test_hands_out_a_receipt(client, cast, payment):
    answer = sign_in(client, cast.coumba).get(f"/recus/{payment.receipt.number}.pdf")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert payment.receipt.number in read(answer.content)[0]
    roll = client.get(f"/recus/{payment.receipt.number}.pdf?format=80mm")
    assert size(read(roll.content)[1])[0] == ROLL[0]
    assert client.get(f"/recus/{payment.receipt.number}.pdf?format=a3").status_code == 404


def test_another_branch_knows_nothing_of_it(client, cast, payment):
    sign_in(client, cast.hadja)
    assert client.get(f"/recus/{payment.receipt.number}.pdf").status_code == 404
    assert client.get(f"/locataires/{cast.tenant.pk}/releve").status_code == 404


def test_the_tenant_and_the_owner_have_theirs(client, cast, payment):
    for user in (cast.gassim, cast.fode):
        answer = sign_in(client, user).get(f"/recus/{payment.receipt.number}.pdf")
        assert answer.status_code == 200


def test_shows_the_statement_on_page_and_paper(client, cast, payment, quittance):
    sign_in(client, cast.coumba)
    page = client.get(f"/locataires/{cast.tenant.pk}/releve")
    account = page.context["account"]
    assert (account.charged, account.paid, account.closing) == (1_000_000, 1_000_000, 0)
    paper = client.get(f"/locataires/{cast.tenant.pk}/releve?format=pdf")
    text, reader = read(paper.content)
    assert size(reader) == A4
    assert "600 000" in text and payment.receipt.number in text and "Coumba Sylla" in text
    part = client.get(f"/locataires/{cast.tenant.pk}/releve?from=2026-01-05&to=2026-01-31")
    assert part.context["account"].opening == 400_000
    assert client.get(f"/locataires/{cast.tenant.pk}/releve?from=now").status_code == 400


def test_a_long_statement_repeats_its_sums_on_each_page(client, cast):
    for number in range(70):
        charge(cast.lease, 1_000, date(2026, 1, 1), kind="other")
        pay(cast.lease, 500 + number, date(2026, 1, 2))
    paper = sign_in(client, cast.coumba).get(f"/locataires/{cast.tenant.pk}/releve?format=pdf")
    reader = read(paper.content)[1]
    assert len(reader.pages) > 2
    for page in reader.pages[:-1]:
        assert "70 000" in page.extract_text().replace("\u202f", " ")
