"""Disputes: filed with evidence, led to an end; the tenant is left alone until then."""

from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from akig.lib.errors import Conflict
from recovery.models import Case, Dispute
from recovery.services.disputes import DisputeRefused, advance_dispute, file_dispute
from tests.factories import charge
from tests.pictures import JPEG


@pytest.fixture
def late(cast) -> Case:
    charge(cast.lease, 1_000_000, date(2026, 7, 5))
    return Case.objects.get()


@pytest.fixture
def dispute(cast, late) -> Dispute:
    return file_dispute(
        actor=cast.coumba, tenant=cast.tenant, kind="rent_arrears", summary="Payé en juillet"
    )


def test_a_dispute_pauses_the_ladder_until_its_end(cast, late, dispute):
    late.refresh_from_db()
    assert late.state == "paused"
    assert (dispute.due_on, dispute.step_due_on) == (date(2026, 12, 14), date(2026, 10, 18))
    advance_dispute(actor=cast.coumba, dispute=dispute, state="mediation", note="met both")
    late.refresh_from_db()
    assert late.state == "paused"
    advance_dispute(
        actor=cast.coumba, dispute=dispute, state="decided", note="not paid", responsible="tenant"
    )
    late.refresh_from_db()
    dispute.refresh_from_db()
    assert (late.state, dispute.state, dispute.outcome) == ("open", "decided", "not paid")
    assert [step.state for step in dispute.steps.all()] == ["filed", "mediation", "decided"]


def test_steps_come_in_their_order_and_a_decision_says_who(cast, dispute):
    for wrong in ({"state": "arbitration"}, {"state": "nothing"}):
        with pytest.raises(Conflict):
            advance_dispute(actor=cast.coumba, dispute=dispute, note="x", **wrong)
    for wrong in (
        {"state": "decided", "note": "x"},
        {"state": "mediation", "note": "x", "responsible": "owner"},
        {"state": "mediation", "note": " "},
    ):
        with pytest.raises(DisputeRefused):
            advance_dispute(actor=cast.coumba, dispute=dispute, **wrong)
    advance_dispute(actor=cast.coumba, dispute=dispute, state="withdrawn", note="found it")
    with pytest.raises(Conflict):
        advance_dispute(actor=cast.coumba, dispute=dispute, state="mediation", note="x")


def test_two_reasons_to_wait_are_two(cast, late, dispute):
    other = file_dispute(
        actor=cast.coumba, tenant=cast.tenant, kind="refund_claim", summary="La caution"
    )
    advance_dispute(actor=cast.coumba, dispute=other, state="withdrawn", note="agreed")
    late.refresh_from_db()
    assert late.state == "paused"


def test_evidence_is_handed_in_and_handed_out(cast, late, sign_in):
    door = sign_in(cast.coumba)
    told = {
        "kind": "rent_arrears",
        "summary": "Reçu joint",
        "amount": "1 000 000",
        "evidence": SimpleUploadedFile("recu.jpg", JPEG, "image/jpeg"),
    }
    answer = door.post(f"/locataires/{cast.tenant.pk}/contester", told)
    dispute = Dispute.objects.get()
    assert answer["Location"] == f"/litiges/{dispute.pk}/"
    photo = door.get(f"/litiges/pieces/{dispute.steps.get().pk}")
    assert photo["Content-Type"] == "image/jpeg"
    suite = door.post(f"/litiges/{dispute.pk}/suite", {"state": "mediation", "note": "rendez-vous"})
    assert suite.status_code == 302
    assert "rendez-vous" in door.get(f"/litiges/{dispute.pk}/").content.decode()


def test_a_step_that_did_not_come_is_overdue(cast, dispute):
    assert not Dispute.objects.overdue().exists()
    with time_machine.travel("2026-10-19 10:00:00+00:00"):
        assert Dispute.objects.overdue().get().is_overdue
