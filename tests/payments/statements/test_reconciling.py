"""The journal against the statements: what agrees, what differs, and money in any order."""

from datetime import date
from itertools import pairwise

import pytest
from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from payments.models import JournalLine, Payment, Reconciliation, Statement, StatementLine
from payments.readers import read_statement
from payments.services.collecting import cancel_payment
from payments.services.posting import balance_of
from payments.services.reconciling import compare
from payments.services.statements import post_certain, take_in
from payments.services.wallets import wallet_of
from payments.tasks import reconcile_accounts
from tests.factories import pay
from tests.payments.statements.conftest import wave

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 20)


def test_books_and_statement_agree_or_tell_what_differs(hand_in, lease, cast, client):
    pay(lease, 200_000, date(2026, 10, 4), method="wave", reference="T_7")
    hand_in(
        wave(
            ("2026-10-03", "T_1", 300_000, "", "", lease.reference, "x", 3_000),
            ("2026-10-04", "T_7", 200_000, "", "", ""),
            ("2026-10-05", "T_8", 50_000, "Personne", "", "merci"),
            ("2026-10-18", "T_9", -5_000, "", "", "frais", "fee"),
        )
    )
    account = Statement.objects.get().account
    found = compare(account, TODAY)
    assert (found.journal, found.moved, found.unexplained) == (542_000, 542_000, 0)
    assert found.agrees
    assert {line.reference for line in found.unknown_here} == {"T_8", "T_9"}
    # The office says that money came in on the 6th; the wallet never saw it.
    ghost = pay(lease, 77_000, date(2026, 10, 6), method="wave", reference="T_77")
    reconcile_accounts()
    kept = Reconciliation.objects.get()
    assert (kept.agrees, kept.missing_here, kept.missing_there) == (False, 45_000, 77_000)
    address = reverse("payments:reconciliation", args=[account.pk])
    shown = client.get(address).context
    assert [line.entry.payment for line in shown["unknown_there"]] == [ghost]
    waits = {line.address: line.number for line in client.get("/").context["waiting"]}
    assert waits[reverse("payments:inbox")] == 2
    assert waits[reverse("payments:reconciliation_list")] == 1
    cancel_payment(actor=cast.diallo, payment=ghost, reason="Erreur")
    reconcile_accounts()
    assert Reconciliation.objects.get().agrees


ROWS = [
    ("2026-10-03", "T_AAA0000001", 300_000, "", "", "{reference}"),
    ("2026-10-04", "T_AAA0000002", 200_000, "", "", ""),
    ("2026-10-05", "T_AAA0000003", 50_000, "Personne", "", "merci"),
    ("2026-10-06", "T_AAA0000004", 90_000, "", "", "{reference}"),
    ("2026-10-08", "T_AAA0000005", -90_000, "", "", "Reversal of T_AAA0000004", "reversal"),
]


@given(
    order=st.permutations(range(len(ROWS))),
    cuts=st.sets(st.integers(1, len(ROWS) - 1)),
    again=st.lists(st.integers(0, len(ROWS) - 1), max_size=3),
)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_lines_in_any_order_and_any_files_end_the_same(lease, cast, order, cuts, again):
    with transaction.atomic():
        pay(lease, 200_000, date(2026, 10, 4), method="wave", reference="T_AAA0000002")
        actor, account = User.objects.system(), wallet_of(cast.conakry, "wave")
        rows = [(*row[:5], row[5].format(reference=lease.reference), *row[6:]) for row in ROWS]
        told = [rows[place] for place in (*order, *again)]
        begins = [0, *sorted(cuts), len(told)]
        for first, last in pairwise(begins):
            statement = Statement.objects.create(
                site=cast.conakry, account=account, name="x", handed_in_by=actor
            )
            read = read_statement("x", wave(*told[first:last]), currency="GNF")
            take_in(actor=actor, statement=statement, account=account, read=read)
            post_certain(account)
        states = dict(StatementLine.objects.values_list("reference", "state"))
        assert states == {
            "T_AAA0000001": "posted",
            "T_AAA0000002": "linked",
            "T_AAA0000003": "unmatched",
            "T_AAA0000004": "reversed",
            "T_AAA0000005": "reversed",
        }
        assert sum(Payment.objects.confirmed().values_list("amount", flat=True)) == 500_000
        assert balance_of(lease) == 500_000
        money = JournalLine.objects.filter(account__code="5523")
        assert money.aggregate(sum=Sum("amount"))["sum"] == 550_000
        assert compare(account, TODAY).unexplained == 0
        transaction.set_rollback(True)
