"""Cash on its way from an agent's pocket to the bank, and the statement that proves it."""

import uuid
from datetime import date

import pytest
from django.urls import reverse

from payments.models import BankDeposit, HandOver, StatementLine
from payments.services.checking import differences
from payments.services.reconciling import compare
from tests.factories import pay
from tests.payments.tills.counting import counted, sums

pytestmark = pytest.mark.django_db

BANK = "Date;Libellé;Référence;Débit;Crédit;Solde\n16/10/2026;{};X1;;700 000;700 000\n"
TODAY = date(2026, 10, 20)


def send(client, name, *keys, **fields):
    address = reverse(f"payments:{name}", args=keys)
    answer = client.post(address, {"key": str(uuid.uuid4()), **fields}, follow=True)
    assert answer.status_code == 200, answer.context.get("form")
    return answer


@pytest.fixture
def carried(cast, client, lease):
    """Estelle's 800 000 went to the till, and 700 000 of them to the bank with a slip."""
    pay(lease, 800_000, date(2026, 10, 12), actor=cast.estelle)
    client.force_login(cast.estelle)
    send(client, "declare_hand_over", source="own", **counted(800_000))
    client.force_login(cast.coumba)
    send(client, "confirm_hand_over", HandOver.objects.get().pk, **counted(800_000))
    send(client, "carry_to_bank", what="cash", amount="700 000", slip="BV-9001", day="2026-10-15")
    assert sums(cast.conakry) == {"571": 100_000, "585": 700_000}
    return BankDeposit.objects.get()


@pytest.mark.parametrize("text", ["VERSEMENT ESPECES BV9001", "VERSEMENT GUICHET"])
def test_the_line_of_the_bank_is_the_arrival_of_its_slip(carried, hand_in, cast, client, text):
    hand_in(BANK.format(text).encode(), "releve.csv", account=carried.account_id)
    line = StatementLine.objects.get()
    on_its_way = {"571": 100_000, "585": 700_000, "521": 700_000}
    arrived = {"571": 100_000, "521": 700_000}
    assert sums(cast.conakry) == on_its_way
    page = client.get(reverse("payments:line_page", args=[line.pk]))
    assert page.context["deposit"] == carried
    for _twice in range(2):
        send(client, "explain_at_once", line.pk, explanation="transfer")
        carried.refresh_from_db()
        assert (carried.line, sums(cast.conakry)) == (line, arrived)
    assert compare(carried.account, TODAY).agrees
    for _twice in range(2):
        send(client, "undo_line", line.pk, reason="Un autre versement")
        carried.refresh_from_db()
        line.refresh_from_db()
        assert (carried.line, carried.arrived_entry, line.entry) == (None, None, None)
        assert (line.state, sums(cast.conakry)) == (StatementLine.State.UNMATCHED, on_its_way)
    send(client, "explain_at_once", line.pk, explanation="transfer")
    assert sums(cast.conakry) == arrived
    assert differences() == []
