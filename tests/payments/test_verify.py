"""The public page of a receipt: what it tells, to whom, and what it keeps to itself."""

from datetime import date

import pytest

from payments.services.collecting import cancel_payment
from payments.views.public import LOOKS
from tests.factories import charge, pay


@pytest.fixture
def receipt(cast):
    charge(cast.lease, 1_000_000, date(2026, 1, 1))
    return pay(cast.lease, 600_000, date(2026, 1, 4), notes="secret note").receipt


def test_tells_that_a_receipt_is_valid(client, receipt, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        answer = client.get(f"/verify/{receipt.code}")
    assert answer.status_code == 200
    assert answer.context["state"] == "valid"
    page = answer.content.decode()
    assert receipt.number in page and "600\u202f000" in page and "G. T." in page
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_tells_nothing_personal(client, cast, receipt):
    page = client.get(f"/verify/{receipt.code}").content.decode()
    for secret in ("Gassim", "Touré", "622", "Villa", "secret note", cast.lease.reference):
        assert secret not in page


def test_tells_that_it_was_cancelled(client, cast, receipt):
    cancel_payment(actor=cast.diallo, payment=receipt.payment, reason="error")
    answer = client.get(f"/verify/{receipt.code}")
    assert answer.context["state"] == "cancelled"


def test_tells_that_it_was_replaced(client, cast, receipt):
    newer = pay(cast.lease, 1_000, date(2026, 1, 5)).receipt
    receipt.status, receipt.replaced_by = "replaced", newer
    receipt.save(update_fields=["status", "replaced_by"])
    answer = client.get(f"/verify/{receipt.code}")
    assert answer.context["state"] == "replaced"
    assert newer.number in answer.content.decode()


def test_reads_a_code_as_people_write_it(client, receipt):
    code = receipt.code.lower()
    for written in (f"{code[:4]}-{code[4:8]}-{code[8:]}", f" {code[:6]} {code[6:]} "):
        assert client.get(f"/verify/{written}").context["state"] == "valid"
    answer = client.get("/verify/", {"code": f"{code[:4]} {code[4:]}"})
    assert answer["Location"] == f"/verify/{receipt.code}"


def test_an_unknown_code_is_a_page_of_its_own(client, receipt):
    for code in ("NOTHING", "-", "é" * 300, receipt.code[:-1]):
        answer = client.get(f"/verify/{code}")
        assert answer.status_code == 404
        assert answer.context["state"] == "unknown"
    assert client.get("/verify/").status_code == 200


def test_tires_of_guessing(client, receipt):
    for _look in range(LOOKS):
        assert client.get(f"/verify/{receipt.code}").status_code == 200
    answer = client.get(f"/verify/{receipt.code}")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_answers_without_redis(client, receipt, lost_redis):
    assert client.get(f"/verify/{receipt.code}").status_code == 200
