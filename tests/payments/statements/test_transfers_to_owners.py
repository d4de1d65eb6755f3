"""One transfer that left the bank for several owners proves all their payouts, or none."""

from datetime import date

import pytest
from django.db.models import Sum
from django.urls import reverse

from payments.metrics.audit import payouts_proved
from payments.models import JournalLine, Payout, Proof, StatementLine
from payments.services.placing import entries_explaining
from payments.services.reconciling import compare
from tests.payments.statements.conftest import pay_out, transfer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

TODAY = date(2026, 10, 20)
TOGETHER = 3 * 882_000


def held() -> tuple[int, int]:
    """Return what lies at the bank and on account 471."""
    sums = dict(
        JournalLine.objects.filter(account__code__in=["521", "471"])
        .values_list("account__code")
        .annotate(held=Sum("amount"))
        .order_by()
    )
    return sums["521"], sums.get("471", 0)


def test_a_transfer_proves_the_whole_run_and_is_undone_as_a_whole(hand_in, cast, client):
    payouts = pay_out(cast)
    account = payouts[0].paid_from
    entries = [payout.entry_id for payout in payouts]
    hand_in(transfer("2 646 000"), "releve.csv", account=account.pk)
    line = StatementLine.objects.get()
    waiting = (-2 * TOGETHER, TOGETHER)
    assert held() == waiting
    address = reverse("payments:explain_line", args=[line.pk])
    offered = client.get(address).context["form"]
    assert {entry.pk for entry in offered.initial["entries"]} == set(entries)
    told = {"explanation": "payout", "entries": entries}
    for some in (entries[:2], []):
        refused = client.post(address, {**told, "entries": some})
        assert (refused.status_code, Proof.objects.count()) == (400, 0)
    for _twice in range(2):
        assert client.post(address, told).status_code == 302
        assert Proof.objects.filter(line=line).count() == 3
        assert held() == (-TOGETHER, 0)
    shown = client.get(reverse("payments:line_page", args=[line.pk]))
    assert [proof.entry_id for proof in shown.context["proofs"]] == sorted(entries)
    assert payouts[0].number in shown.content.decode()
    assert compare(account, TODAY).agrees
    assert payouts_proved([cast.conakry.pk], TODAY).ok
    hand_in(transfer("2 646 000").replace(b"V1", b"V2"), "suite.csv", account=account.pk)
    assert entries_explaining(StatementLine.objects.get(reference="V2"), "payout") == []
    undo = reverse("payments:undo_line", args=[line.pk])
    for _twice in range(2):
        assert client.post(undo, {"reason": "Un autre virement"}).status_code == 302
        assert (Proof.objects.count(), held()) == (0, (-3 * TOGETHER, 2 * TOGETHER))
    assert set(Payout.objects.values_list("state", flat=True)) == {Payout.State.PAID}
    assert not payouts_proved([cast.conakry.pk], TODAY).ok


def test_a_transfer_to_one_owner_offers_his_payout_alone(hand_in, cast, client):
    payouts = pay_out(cast)
    hand_in(transfer("882 000"), "releve.csv", account=payouts[0].paid_from_id)
    line = StatementLine.objects.get()
    offered = client.get(reverse("payments:explain_line", args=[line.pk])).context["form"]
    assert (offered.initial["explanation"], len(offered.initial["entries"])) == ("payout", 1)
    assert len(offered.fields["entries"].queryset) == 3
