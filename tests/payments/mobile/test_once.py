"""In whatever order it is told, and by however many at once: one payment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.models import Sum
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from notifications.services import perform_job
from payments.models import (
    Attempt,
    Callback,
    JournalLine,
    Payment,
    Receipt,
    Statement,
    StatementLine,
)
from payments.services import mobile
from payments.services.callbacks import read_callbacks
from payments.services.checking import differences
from payments.services.posting import balance_of, forget_accounts
from tests.factories import charge
from tests.payments.statements.conftest import wave

#: A statement may name the lease: read first, it makes the payment. Unnamed, its line waits.
ACTS = st.permutations(
    ["callback", "callback", "poll", "ask", "named", "unnamed", "unnamed", "work", "worker"]
)


class Undone(Exception):
    """Ends an example: what it wrote is taken back."""


@pytest.fixture
def ready(agency):
    """Let everybody be there before the first example, so that all of them find the same."""
    agency.contract("mtn_momo")
    for person in (agency.cast.lease, agency.cast.diallo, User.objects.system()):
        assert person.pk
    agency.client.force_login(agency.cast.diallo)
    return agency


@pytest.mark.django_db
@settings(
    max_examples=9,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(acts=ACTS, scenario=st.sampled_from(["success", "doubled", "late", "lost_answer"]))
def test_calls_back_polls_and_statements_in_any_order_are_one_payment(ready, acts, scenario):
    try:
        with transaction.atomic():
            ready.simulator.sent.clear()
            play(ready, acts, scenario)
            raise Undone
    except Undone:
        forget_accounts()


def play(agency, acts, scenario):
    attempt = agency.ask("mtn_momo", scenario)
    order = agency.simulator.order(attempt.order_id)
    for act in acts:
        if act == "callback":
            for message in agency.simulator.sent:
                agency.carry(message)
        elif act == "poll":
            agency.wait(15)
        elif act == "ask":
            mobile.ask_provider(Attempt.objects.get())
        elif act in ("named", "unnamed") and order.transaction:
            hand_in(agency, order, attempt.lease.reference if act == "named" else "paiement")
        elif act == "work":
            read_callbacks()
        else:
            agency.work()
    agency.wait(3600)
    agency.work()
    hand_in(agency, order, "encore")
    payment = Payment.objects.get()
    assert (payment.attempt, payment.amount) == (attempt, 400_000)
    assert Receipt.objects.get().payment == payment
    line = StatementLine.objects.get()
    assert (line.suspense, line.parts.get().payment) == (None, payment)
    assert balance_of(attempt.lease) == -400_000
    held = JournalLine.objects.values_list("account__code").annotate(held=Sum("amount"))
    held = {code: amount for code, amount in held.order_by() if amount}
    assert sum(held.values()) == 0
    assert held[line.account.code] == 400_000 - payment.fee
    assert "471" not in held
    assert differences() == []


def hand_in(agency, order, text):
    """Hand in a statement of the wallet that tells of the same money, and let a worker read it."""
    row = ("2026-10-15", order.transaction, 400_000, "Gassim", "", text)
    answer = agency.client.post(
        reverse("payments:hand_in"),
        {
            "site": agency.cast.conakry.pk,
            "account": Attempt.objects.get().provider.account_id,
            "file": SimpleUploadedFile(f"{text}.csv", wave(row)),
        },
    )
    assert answer.status_code == 302, answer.context["form"].errors
    statement = Statement.objects.latest("pk")
    perform_job(statement.job_id)
    statement.refresh_from_db()
    assert statement.state == Statement.State.READ, statement.errors


@pytest.mark.django_db(transaction=True)
def test_five_workers_at_once_post_once(agency):
    charge(agency.cast.lease, 1_000_000, date(2026, 9, 1))
    attempt = agency.ask()
    for message in agency.simulator.sent * 3:
        agency.carry(message)
    start = Barrier(5)

    def work(number):
        try:
            start.wait(timeout=10)
            if number % 2:
                mobile.ask_provider(Attempt.objects.select_related("provider").get())
            else:
                agency.work()
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(work, range(5)))
    assert Payment.objects.get().attempt == attempt
    assert Callback.objects.filter(state="done").count() == 3
    assert balance_of(agency.cast.lease) == 600_000
    assert differences() == []


@pytest.mark.django_db(transaction=True)
def test_the_same_form_pressed_five_times_asks_once(agency):
    agency.contract("mtn_momo")
    lease, actor = agency.cast.lease, agency.cast.diallo
    start = Barrier(5)

    def press(_number):
        try:
            start.wait(timeout=10)
            return mobile.start_attempt(
                actor=actor,
                lease=lease,
                amount=400_000,
                kind="mtn_momo",
                phone="+224622112233",
                key="form",
            ).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        assert len(set(pool.map(press, range(5)))) == 1
    asked = [order for order in agency.simulator.orders.all() if order.order_id]
    assert len([order for order in asked if order.order_id == Attempt.objects.get().order_id]) == 1
