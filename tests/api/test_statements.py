"""Statements through the API's door: handed in, read, and each line given to its lease once."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from notifications.services import perform_job
from payments.models import Payment, Statement
from tests.api.conftest import Caller
from tests.cast import make_user
from tests.factories import charge
from tests.payments.statements.conftest import pay_out, transfer, wave


def hand_in(caller, content: bytes, **fields):
    told = {"file": SimpleUploadedFile("w.csv", content), "source": "wave", **fields}
    return caller.generic(
        "POST", "/api/statements", encode_multipart(BOUNDARY, told), MULTIPART_CONTENT
    )


@pytest.fixture
def lease(cast):
    charge(cast.lease, 1_000_000, date(2026, 10, 1), end=date(2026, 10, 31))
    return cast.lease


def test_a_file_is_read_and_its_lines_given_to_leases_once(call, cast, lease):
    diallo = call("diallo")
    answer = hand_in(
        diallo,
        wave(
            ("2026-10-05", "T_1", 300_000, "", "", lease.reference),
            ("2026-10-05", "T_1", 300_000, "", "", lease.reference),
            ("2026-10-05", "T_2", 400_000, "", "+224622112233", "loyer"),
            ("2026-10-05", "T_3", 70_000, "Personne", "", "merci"),
        ),
    )
    assert answer.status_code == 202
    perform_job(Statement.objects.get().job_id)
    told = diallo.get(f"/api/statements/{answer.json()['id']}").json()
    assert (told["status"], told["progress"], told["errors"]) == ("read", 100, [])
    assert told["duplicates"] == 1
    assert (told["matched"], told["suggested"], told["unmatched"]) == (1, 1, 1)
    (line,) = diallo.get("/api/statements/lines?status=suggested").json()["results"]
    assert (line["amount"], line["currency"], line["status"]) == (400_000, "GNF", "suggested")
    (candidate,) = line["candidates"]
    assert (candidate["lease"], 40 <= candidate["score"] < 100) == (lease.pk, True)
    assert all(isinstance(reason, str) and reason for reason in candidate["reasons"])
    address = f"/api/statements/lines/{line['id']}/match"
    for _twice in range(2):
        answer = diallo.post(address, {"lease": lease.pk})
        assert (answer.status_code, answer.json()["status"]) == (200, "posted")
    assert Payment.objects.count() == 2
    (unknown,) = diallo.get("/api/statements/lines?status=unmatched").json()["results"]
    address = f"/api/statements/lines/{unknown['id']}/match"
    parts = [{"lease": lease.pk, "amount": 69_999}]
    assert diallo.post(address, {"parts": parts}).status_code == 400
    assert diallo.post(address, {}).status_code == 400
    assert diallo.post(address, {"lease": cast.far_lease.pk}).status_code == 400


def test_one_transfer_proves_the_payouts_that_make_it_up(call, cast):
    diallo, payouts = call("diallo"), pay_out(cast)
    account = payouts[0].paid_from_id
    assert hand_in(diallo, transfer("2 646 000"), account=account).status_code == 202
    perform_job(Statement.objects.get().job_id)
    (line,) = diallo.get("/api/statements/lines").json()["results"]
    assert line["amount"] == -2_646_000
    address = f"/api/statements/lines/{line['id']}/match"
    keys = [payout.pk for payout in payouts]
    assert diallo.post(address, {"payouts": keys[:2]}).status_code == 400
    for _twice in range(2):
        answer = diallo.post(address, {"payouts": keys})
        assert (answer.status_code, answer.json()["status"]) == (200, "explained")
    assert diallo.post(address, {"payouts": keys[:2]}).status_code == 409


def test_other_branches_and_other_roles_find_no_statement(call, cast, lease):
    answer = hand_in(call("diallo"), wave(("2026-10-05", "T_3", 70_000, "Personne", "", "")))
    statement = Statement.objects.get()
    perform_job(statement.job_id)
    line = statement.lines.get()
    address = f"/api/statements/{answer.json()['id']}"
    match = f"/api/statements/lines/{line.pk}/match"
    far = Caller(make_user("Kaba Sékou", "comptable", cast.kindia))
    assert far.get(address).status_code == 404
    assert far.get("/api/statements/lines").json()["count"] == 0
    assert far.post(match, {"lease": cast.far_lease.pk}).status_code == 404
    assert hand_in(far, b"x", site="GN_CONAKRY").status_code == 403
    for stranger in ("estelle", "gassim", "fode"):
        assert call(stranger).get(address).status_code == 403
    assert hand_in(call(), b"x").status_code == 401
    assert hand_in(call("diallo"), b"").status_code == 400
