"""In whatever order it is told, and by however many at once: one payment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from payments.models import Attempt, Callback, Payment, StatementLine
from payments.services import mobile
from payments.services.callbacks import read_callbacks
from payments.services.checking import differences
from payments.services.posting import balance_of, forget_accounts
from payments.services.suspense import suspend
from tests.factories import charge

ACTS = st.permutations(["callback", "callback", "poll", "ask", "line", "work", "worker"])


class Undone(Exception):
    """Ends an example: what it wrote is taken back."""


@pytest.fixture
def ready(agency):
    """Let everybody be there before the first example, so that all of them find the same."""
    agency.contract("mtn_momo")
    for person in (agency.cast.lease, agency.cast.diallo, User.objects.system()):
        assert person.pk
    return agency


@pytest.mark.django_db
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(acts=ACTS, scenario=st.sampled_from(["success", "doubled", "late", "lost_answer"]))
def test_calls_back_polls_and_a_statement_in_any_order_are_one_payment(ready, acts, scenario):
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
        elif act == "line" and order.transaction:
            bring_line(agency, order)
        elif act == "work":
            read_callbacks()
        else:
            agency.work()
    agency.wait(3600)
    agency.work()
    payment = Payment.objects.get()
    assert (payment.attempt, payment.amount) == (attempt, 400_000)
    assert balance_of(attempt.lease) == -400_000
    lines = StatementLine.objects.all()
    assert {line.suspense for line in lines} <= {None}
    assert differences() == []


def bring_line(agency, order):
    """Let a statement bring the same money, as the reader of statements does."""
    known = Payment.objects.filter(reference=order.transaction).first()
    line = StatementLine.objects.create(
        site=agency.cast.conakry,
        account=Attempt.objects.get().provider.account,
        fingerprint=order.transaction,
        day="2026-10-15",
        amount=400_000,
        reference=order.transaction,
        state="linked" if known else "unmatched",
    )
    suspend(agency.cast.diallo, line.account, [line.pk])


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
