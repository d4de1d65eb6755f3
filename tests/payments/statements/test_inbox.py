"""A statement comes in: each line finds its place once, and what is wrong can be undone."""

from datetime import date

import pytest
from django.db.models import Sum
from django.urls import reverse

from notifications.services import perform_job
from payments.models import (
    JournalLine,
    KnownPayer,
    MoneyAccount,
    Payment,
    Statement,
    StatementLine,
)
from payments.readers import read_statement
from payments.services.closing import close_period
from payments.services.posting import balance_of
from payments.services.statements import bring_in, take_in
from payments.services.wallets import wallet_of
from tenants.models import Lease
from tests.factories import make_lease, make_tenant, make_unit, pay
from tests.payments.statements.conftest import wave

pytestmark = pytest.mark.django_db
State = StatementLine.State
TAKES_BACK = "Reversal of T_KEC5HNZ0249"


def held(code: str, site="GN_CONAKRY") -> int:
    lines = JournalLine.objects.filter(site=site, account__code=code)
    return lines.aggregate(sum=Sum("amount"))["sum"] or 0


def the_line(**fields) -> StatementLine:
    return StatementLine.objects.get(**fields)


def press(client, name, line, **fields):
    return client.post(reverse(f"payments:{name}", args=[line.pk]), fields)


def test_a_written_reference_is_posted_with_its_fee(hand_in, lease):
    written = lease.reference.lower().replace("-", " ")
    statement = hand_in(
        wave(("2026-10-05", "T_1", 400_000, "Un Ami", "", f"loyer {written} oct", "x", 4_000))
    )
    payment = Payment.objects.get()
    assert (payment.lease, payment.amount, payment.fee) == (lease, 400_000, 4_000)
    assert (payment.reference, payment.source) == ("T_1", "statement")
    assert payment.value_date == date(2026, 10, 5)
    assert payment.receipts.count() == 1
    assert (held("5523"), held("6318"), held("471")) == (396_000, 4_000, 0)
    assert statement.account.kind == MoneyAccount.Kind.WAVE
    assert the_line().state == State.POSTED


def test_the_same_money_in_any_file_is_posted_once(hand_in, lease):
    rows = [
        ("2026-10-05", "T_1", 400_000, "A", "", lease.reference),
        ("2026-10-06", "T_2", 100_000, "B", "", lease.reference),
    ]
    first = hand_in(wave(*rows, rows[0]))
    assert (first.lines_read, first.duplicates) == (3, 1)
    again = hand_in(wave(*rows), "other.csv")
    overlapping = hand_in(wave(("2026-10-07", "T_3", 50_000, "", "", lease.reference), *rows))
    assert (again.duplicates, overlapping.duplicates) == (2, 2)
    assert sum(payment.amount for payment in Payment.objects.all()) == 550_000


def test_a_job_done_again_posts_what_a_stopped_worker_left(lease, cast):
    account = wallet_of(cast.conakry, "wave")
    statement = Statement.objects.create(
        site=cast.conakry, account=account, name="x", handed_in_by=cast.diallo
    )
    content = wave(("2026-10-05", "T_1", 400_000, "A", "", lease.reference))
    read = read_statement("x", content, currency="GNF")
    statement = take_in(actor=cast.diallo, statement=statement, account=account, read=read)
    assert (the_line().suspense, Payment.objects.count()) == (None, 0)
    for _twice in range(2):
        bring_in(actor=cast.diallo, statement=statement)
    statement.refresh_from_db()
    assert (Payment.objects.count(), the_line().state, statement.duplicates) == (1, "posted", 0)


def test_what_the_office_recorded_is_linked_and_nothing_added(hand_in, lease):
    payment = pay(lease, 300_000, date(2026, 10, 4), method="wave", reference="T_7")
    hand_in(wave(("2026-10-05", "T_7", 300_000, "", "", "", "x", 3_000)))
    assert the_line().state == State.LINKED
    assert the_line().parts.get().payment == payment
    assert (Payment.objects.count(), held("5523"), held("6318")) == (1, 297_000, 3_000)


def test_a_cut_file_is_refused_whole(hand_in, lease):
    content = wave(("2026-10-05", "T_1", 300_000, "", "", lease.reference))
    statement = hand_in(content + b"\n2026-10-06T10:00:00Z;T_2;merchant_payment;12,5x;0;GNF;;;;")
    assert statement.state == Statement.State.REFUSED
    assert statement.errors[0]["line"] == 3
    assert statement.errors[0]["detail"]
    assert (StatementLine.objects.count(), Payment.objects.count()) == (0, 0)


def test_a_telephone_suggests_and_one_click_accepts(hand_in, lease, cast, client):
    hand_in(wave(("2026-10-05", "T_1", 1_000_000, "Gassim", "+224622112233", "loyer")))
    line = the_line()
    assert (line.state, line.candidates[0]["lease"]) == (State.SUGGESTED, lease.pk)
    assert {"phone", "open"} <= set(line.candidates[0]["reasons"])
    assert (held("471"), held("5523")) == (-1_000_000, 1_000_000)
    assert not Payment.objects.exists()
    page = client.get(reverse("payments:line_page", args=[line.pk]))
    assert lease.reference in page.content.decode()
    for _twice in range(2):
        assert press(client, "accept_line", line, lease=lease.pk).status_code in (302, 409)
    assert (held("471"), held("5523"), balance_of(lease)) == (0, 1_000_000, 0)
    assert Payment.objects.get().created_by == cast.diallo
    other = make_lease(unit=make_unit(cast.house, "Z9"))
    answer = press(client, "accept_line", line, lease=other.pk)
    assert answer.status_code == 409
    assert Payment.objects.count() == 1


def test_undoing_cancels_the_payment_and_the_line_waits_again(hand_in, lease, client):
    hand_in(wave(("2026-10-05", "T_1", 1_000_000, "", "", lease.reference)))
    line = the_line()
    press(client, "undo_line", line, reason="Erreur de bail")
    line.refresh_from_db()
    assert line.state == State.SUGGESTED
    assert (held("471"), balance_of(lease)) == (-1_000_000, 1_000_000)
    assert Payment.objects.get().status == "cancelled"
    press(client, "accept_line", line, lease=lease.pk)
    assert (held("471"), balance_of(lease)) == (0, 0)
    assert Payment.objects.confirmed().get().reference == "T_1"


def test_cancelling_the_payment_puts_its_line_back(hand_in, lease, client):
    hand_in(wave(("2026-10-05", "T_1", 1_000_000, "", "", lease.reference)))
    payment = Payment.objects.get()
    client.post(reverse("payments:cancel_payment", args=[payment.pk]), {"reason": "Erreur"})
    assert the_line().state == State.SUGGESTED
    assert (held("471"), held("5523")) == (-1_000_000, 1_000_000)


def test_a_line_is_shared_out_over_leases_and_makes_up_the_whole(hand_in, lease, cast, client):
    other = make_lease(unit=make_unit(cast.house, "Z9"), rent=500_000)
    hand_in(wave(("2026-10-05", "T_1", 1_500_000, "Employeur SA", "+224660000001", "paie")))
    line = the_line()
    fields = {"lease-1": lease.reference, "amount-1": "1000000", "lease-2": other.reference}
    assert press(client, "split_line", line, **fields, **{"amount-2": "400000"}).status_code == 400
    assert not Payment.objects.exists()
    assert press(client, "split_line", line, **fields, **{"amount-2": "500000"}).status_code == 302
    paid = dict(Payment.objects.values_list("lease", "amount"))
    assert paid == {lease.pk: 1_000_000, other.pk: 500_000}
    assert (held("471"), held("5523")) == (0, 1_500_000)
    # Both are learned: the employer's next transfer suggests the two.
    assert KnownPayer.objects.filter(mark="+224660000001").count() == 2
    hand_in(wave(("2026-10-12", "T_2", 500_000, "", "+224660000001", "")))
    told = the_line(reference="T_2")
    assert {one["lease"] for one in told.candidates} == {lease.pk, other.pk}
    assert told.state == State.SUGGESTED
    part = Payment.objects.get(lease=other)
    answer = client.post(reverse("payments:cancel_payment", args=[part.pk]), {"reason": "Erreur"})
    assert answer.status_code == 409


def test_what_several_tenants_may_have_paid_is_never_posted_alone(hand_in, lease, cast):
    for number in ("Z1", "Z2"):
        tenant = make_tenant(site=cast.conakry, name="Sia Tolno", phone="+224628000001")
        make_lease(unit=make_unit(cast.house, number), tenant=tenant, rent=700_000)
    hand_in(
        wave(
            ("2026-10-05", "T_1", 700_000, "", "+224628000001", ""),
            ("2026-10-05", "T_2", 700_000, "Un Ami", "", "loyer de TOLNO sia"),
            ("2026-10-05", "T_3", 700_000, "Personne", "+224628999999", "merci"),
        )
    )
    states = dict(StatementLine.objects.values_list("reference", "state"))
    assert states == {"T_1": "suggested", "T_2": "suggested", "T_3": "unmatched"}
    assert {len(the_line(reference=number).candidates) for number in ("T_1", "T_2")} == {2}
    assert held("471") == -2_100_000


def test_a_reversal_takes_back_what_it_names_in_any_file(hand_in, lease):
    paid = ("2026-10-05", "T_KEC5HNZ0249", 1_000_000, "", "", lease.reference)
    back = ("2026-10-08", "T_XXKLTPD0527", -1_000_000, "", "", TAKES_BACK, "reversal")
    hand_in(wave(paid))
    assert balance_of(lease) == 0
    hand_in(wave(back))
    payment = Payment.objects.get()
    assert (payment.status, payment.cancelled_on) == ("cancelled", date(2026, 10, 8))
    assert set(StatementLine.objects.values_list("state", flat=True)) == {State.REVERSED}
    assert (held("5523"), held("471"), balance_of(lease)) == (0, 0, 1_000_000)


def test_a_reversal_read_before_its_original_ends_the_same(hand_in, lease):
    hand_in(wave(("2026-10-08", "T_XXKLTPD0527", -1_000_000, "", "", TAKES_BACK, "reversal")))
    assert held("471") == 1_000_000
    hand_in(wave(("2026-10-05", "T_KEC5HNZ0249", 1_000_000, "", "", lease.reference)))
    assert set(StatementLine.objects.values_list("state", flat=True)) == {State.REVERSED}
    assert (held("5523"), held("471"), balance_of(lease)) == (0, 0, 1_000_000)
    assert not Payment.objects.confirmed().exists()


def test_money_out_is_explained_and_leaves_suspense(hand_in, lease, client):
    hand_in(
        wave(
            ("2026-10-05", "T_1", -10_000, "", "", "frais", "fee"),
            ("2026-10-05", "T_2", -500_000, "", "", "virement vers banque", "merchant_sweep"),
            ("2026-10-05", "T_3", -70_000, "", "", "peinture", "b2b_payment"),
        )
    )
    assert held("471") == 580_000
    fee, sweep, cost = (the_line(reference=number) for number in ("T_1", "T_2", "T_3"))
    press(client, "explain_at_once", fee, explanation="fee")
    press(client, "explain_line", sweep, explanation="transfer")
    press(client, "explain_line", cost, explanation="cost", note="Peinture")
    assert (held("6318"), held("585"), held("628")) == (10_000, 500_000, 70_000)
    assert (held("471"), held("5523")) == (0, -580_000)
    press(client, "undo_line", cost, reason="Non")
    assert (held("471"), held("628")) == (70_000, 0)


def test_a_closed_month_takes_the_money_today(hand_in, lease, cast):
    close_period(actor=cast.diallo, site=cast.conakry, month=date(2026, 9, 1))
    hand_in(
        wave(
            ("2026-09-05", "T_1", 300_000, "", "", lease.reference),
            ("2026-09-06", "T_2", 200_000, "Personne", "", "merci"),
        )
    )
    assert Payment.objects.get().value_date == date(2026, 10, 20)
    assert the_line(reference="T_2").suspense.value_date == date(2026, 10, 20)


def test_unknown_columns_are_asked_for_once(hand_in, lease, cast, client):
    content = (
        "colA;colB;colC;colD\n05/10/2026;250000;X1;"
        + lease.reference
        + "\n06/10/2026;50000;X2;personne\n"
    ).encode()
    statement = hand_in(content, "mystere.csv")
    assert statement.state == Statement.State.COLUMNS
    account = MoneyAccount.objects.create(site=cast.conakry, kind="bank", name="Banque", code="521")
    answer = client.post(
        reverse("payments:say_what", args=[statement.pk]),
        {
            "account": account.pk,
            "column-0": "day",
            "column-1": "amount",
            "column-2": "reference",
            "column-3": "text",
        },
    )
    assert answer.status_code == 302
    statement.refresh_from_db()
    perform_job(statement.job_id)
    statement.refresh_from_db()
    assert (statement.state, statement.account) == (Statement.State.READ, account)
    assert Payment.objects.get().amount == 250_000
    later = hand_in(content.replace(b"X", b"Y"), "suite.csv")
    assert later.state == Statement.State.READ
    assert Payment.objects.count() == 2


def test_an_operators_message_makes_a_line_that_the_statement_knows(lease, cast, sign_in, hand_in):
    client = sign_in(cast.diallo)
    text = (
        "Vous avez recu 1000000 GNF de GASSIM TOURE 622112233. "
        "ID Transaction: PP261005.1010.A12345. Nouveau solde: 5000000 GNF. Orange Money"
    )
    answer = client.post(reverse("payments:paste_message"), {"site": cast.conakry.pk, "text": text})
    assert answer.status_code == 302, answer.context["form"].errors
    line = the_line()
    assert (line.amount, line.account.kind) == (1_000_000, "orange_money")
    assert line.candidates[0]["lease"] == lease.pk
    client.post(reverse("payments:paste_message"), {"site": cast.conakry.pk, "text": text})
    assert StatementLine.objects.count() == 1
    refused = client.post(
        reverse("payments:paste_message"), {"site": cast.conakry.pk, "text": "Bonjour"}
    )
    assert refused.status_code == 400


def test_a_shared_wallet_serves_the_branches_of_its_currency(hand_in, lease, cast, client):
    far = cast.far_lease
    Lease.objects.filter(pk=far.pk).update(reference="BAIL-K-0077")
    far.refresh_from_db()
    hand_in(wave(("2026-10-05", "T_1", 600_000, "", "", far.reference)))
    assert Payment.objects.get().site == cast.kindia
    assert (held("5523", "GN_KINDIA"), held("5523")) == (600_000, 0)
    # Kindia's people see the payment; the line is Conakry's.
    client.force_login(cast.hadja)
    line = the_line()
    for name in ("line_page", "split_line", "explain_line", "undo_line"):
        assert client.get(reverse(f"payments:{name}", args=[line.pk])).status_code in (403, 404)
