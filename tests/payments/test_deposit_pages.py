"""The pages of deposits through the door."""

import io
import uuid
from datetime import date

import pytest
from pypdf import PdfReader

from payments.models import DepositMovement, ExitAccount
from payments.services.deposits import held, hold_deposit
from tests.factories import charge

END = date(2026, 9, 20)


def form(**fields):
    usual = {"amount": "500 000", "method": "cash", "value_date": "2026-10-15"}
    return {"key": str(uuid.uuid4()), **usual, **fields}


@pytest.fixture
def kept(cast):
    """Gassim left on 20 September, inspected; 2 000 000 is held and 300 000 owed."""
    movement = hold_deposit(
        actor=cast.diallo, lease=cast.lease, amount=2_000_000, method="cash",
        value_date=date(2026, 1, 2),
    )  # fmt: skip
    charge(cast.lease, 300_000, date(2026, 9, 1))
    type(cast.lease).objects.filter(pk=cast.lease.pk).update(end=END)
    ExitAccount.objects.create(
        site=cast.conakry, lease=cast.lease, left_on=END, inspected_on=END, drawn_by=cast.diallo
    )
    return movement


@pytest.mark.usefixtures("books")
def test_a_deposit_goes_its_whole_way(sign_in, cast):
    lease = f"/baux/{cast.lease.pk}"
    door = sign_in(cast.diallo)
    sent = form()
    for _time in range(2):
        assert door.post(f"{lease}/caution", sent).status_code == 302
    movement = DepositMovement.objects.get()
    paper = door.get(f"/recus/{movement.receipt.number}.pdf")
    text = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    assert movement.receipt.number in text and "Gassim" in text
    assert door.get(f"/verify/{movement.receipt.code}").status_code == 200
    assert door.get(f"/recus/{movement.receipt.pk}/")["Location"] == f"{lease}/"
    assert door.post(f"/cautions/{movement.pk}/annuler", {"reason": ""}).status_code == 400
    assert door.post(f"/cautions/{movement.pk}/annuler", {"reason": "error"}).status_code == 302
    assert door.get(f"/cautions/{movement.pk}/annuler").status_code == 302
    assert door.post(f"{lease}/caution/reprendre", form(amount="750 000")).status_code == 302
    assert held(cast.lease) == 750_000
    assert door.post(f"{lease}/caution/retenir", form(amount="1", reason="x")).status_code == 400
    assert door.post(f"{lease}/caution/rendre", form(amount="1")).status_code == 409


@pytest.mark.usefixtures("books")
def test_what_is_left_after_the_debt_goes_back(sign_in, cast, kept):
    lease = f"/baux/{cast.lease.pk}"
    door = sign_in(cast.diallo)
    assert door.get(f"{lease}/caution/retenir").context["form"].initial["amount"] == 300_000
    sent = form(amount="300 000", reason="September")
    assert door.post(f"{lease}/caution/retenir", sent).status_code == 302
    assert door.get(f"{lease}/caution/rendre").context["form"].initial["amount"] == 1_700_000
    assert door.post(f"{lease}/caution/rendre", form(amount="1 700 000")).status_code == 302
    assert held(cast.lease) == 0
    assert not door.get("/cautions/?standing=to_return").context["page"].object_list


def test_the_list_tells_the_days_left_and_adds_up(
    sign_in, cast, kept, django_assert_max_num_queries
):
    door = sign_in(cast.coumba)
    with django_assert_max_num_queries(12):
        page = door.get("/cautions/?standing=to_return")
    (lease,) = page.context["page"].object_list
    assert (lease.held_now, lease.days_left) == (2_000_000, 5)
    (sum_,) = page.context["sums"]
    assert (sum_["number"], sum_["held"]) == (1, 2_000_000)
    assert len(door.get("/cautions/").context["page"].object_list) == 1
    assert not door.get("/cautions/?standing=missing").context["page"].object_list
    assert len(door.get("/cautions/?q=gassim").context["page"].object_list) == 1


def test_tenant_and_owner_see_theirs_and_others_nothing(sign_in, cast, kept):
    for user, number in ((cast.gassim, 1), (cast.fode, 1), (cast.hadja, 0)):
        page = sign_in(user).get("/cautions/")
        assert len(page.context["page"].object_list) == number
    assert sign_in(cast.gassim).get(f"/baux/{cast.lease.pk}/").status_code == 200
    assert sign_in(cast.estelle).get("/cautions/").status_code == 403
