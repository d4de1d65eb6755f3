"""What the agency spends, entered per branch and month."""

from datetime import date

import pytest
import time_machine

from payments.models import AgencyCost
from payments.services.closing import close_period

pytestmark = pytest.mark.usefixtures("_october")

COST = {"month": "2026-10", "category": "utilities", "amount": "1 250 000", "notes": "EDG"}


@pytest.fixture
def _october():
    with time_machine.travel("2026-10-31 09:00:00+00:00", tick=True):
        yield


@pytest.fixture
def cost(cast):
    return COST | {"site": cast.conakry.pk}


def test_enters_a_cost_and_shows_it(cast, sign_in, cost):
    client = sign_in(cast.diallo)
    assert client.post("/depenses/saisir", cost).status_code == 302
    row = AgencyCost.objects.get()
    assert (row.amount, row.month, row.entered_by) == (1_250_000, date(2026, 10, 1), cast.diallo)
    for month, sums in (("2026-10", [1_250_000]), ("2026-09", [])):
        listed = client.get(f"/depenses/?from={month}-01&to={month}-30").context["sums"]
        assert [row["amount"] for row in listed] == sums


def test_a_second_entry_replaces_the_first(cast, sign_in, cost):
    client = sign_in(cast.diallo)
    client.post("/depenses/saisir", cost)
    client.post("/depenses/saisir", cost | {"amount": "7"})
    assert AgencyCost.objects.get().amount == 7


@pytest.mark.parametrize(
    "wrong", [{"amount": "-5"}, {"amount": "1.5"}, {"category": "bribes"}, {"month": "2030-01"}]
)
def test_refuses_nonsense_and_keeps_what_was_typed(cast, sign_in, cost, wrong):
    answer = sign_in(cast.diallo).post("/depenses/saisir", cost | wrong)
    assert answer.status_code == 400
    assert "EDG" in answer.content.decode()
    assert not AgencyCost.objects.exists()


def test_refuses_a_closed_month(cast, sign_in, cost):
    close_period(actor=cast.diallo, site=cast.conakry, month=date(2026, 9, 1))
    answer = sign_in(cast.diallo).post("/depenses/saisir", cost | {"month": "2026-09"})
    assert answer.status_code == 409
    assert not AgencyCost.objects.exists()


def test_refuses_another_branch_and_other_roles(cast, sign_in, cost):
    elsewhere = sign_in(cast.diallo).post("/depenses/saisir", cost | {"site": cast.kindia.pk})
    assert elsewhere.status_code == 400
    for user in (cast.coumba, cast.hadja, cast.estelle):
        assert sign_in(user).post("/depenses/saisir", cost).status_code == 403
        assert sign_in(user).get("/depenses/").status_code == 403
    assert not AgencyCost.objects.exists()
