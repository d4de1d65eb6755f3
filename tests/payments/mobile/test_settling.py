"""Whatever the provider does, the money is booked where it belongs, and once."""

import json
from datetime import date

import pytest

from payments.models import (
    Attempt,
    Callback,
    JournalLine,
    Payment,
    Provider,
    Receipt,
    StatementLine,
)
from payments.services import mobile
from payments.services.callbacks import read_callbacks
from payments.services.closing import close_period
from payments.services.collecting import record_payment
from payments.services.posting import balance_of
from payments.services.suspense import suspend
from tenants.models import Lease
from tests.factories import charge, make_lease
from tests.simulating import make_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]
KINDS = ("orange_money", "mtn_momo", "djomy")


def lines_of(payment):
    lines = JournalLine.objects.filter(entry__payment=payment, entry__kind="payment")
    return dict(lines.values_list("account__code", "amount"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_back_leads_to_the_payment_and_its_receipt(agency, kind):
    attempt = agency.ask(kind)
    assert attempt.state == "waiting_payer"
    for message in agency.simulator.sent:
        assert agency.carry(message).status_code == 200
    agency.work()
    agency.wait(15)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.payment.amount) == ("paid", 400_000)
    assert attempt.payment.reference == attempt.transaction
    assert attempt.payment.source == "provider"
    assert Receipt.objects.get().payment == attempt.payment
    assert balance_of(attempt.lease) == -400_000
    assert Provider.objects.get().last_success_at


@pytest.mark.parametrize(
    ("bearer", "asked", "lines"),
    [
        ("agency", 400_000, {"5522": 396_000, "6318": 4_000, "411": -400_000}),
        ("tenant", 404_000, {"5522": 400_000, "6318": 4_000, "411": -400_000, "7073": -4_000}),
    ],
)
def test_gross_fee_and_net_are_booked(agency, bearer, asked, lines):
    agency.contract("mtn_momo", fee_percent=1, fee_bearer=bearer)
    attempt = agency.ask()
    assert attempt.asked == asked
    agency.wait(15)
    attempt.refresh_from_db()
    assert lines_of(attempt.payment) == lines
    content = attempt.payment.receipts.get().content
    assert (content["fee"], content["fee_bearer"]) == (4_000, bearer)


def test_repeated_and_doubled_calls_back_are_one_payment(agency):
    attempt = agency.ask("djomy", "doubled")
    for _time in range(3):
        for message in agency.simulator.sent:
            assert agency.carry(message).status_code == 200
        agency.work()
        agency.wait(15)
    assert Payment.objects.get().attempt == attempt
    assert Callback.objects.filter(state="received").count() == 0


def test_a_forged_orange_call_back_is_kept_and_refused(agency):
    attempt = agency.ask("orange_money")
    (message,) = agency.simulator.sent
    told = json.loads(message.body) | {"notif_token": "0" * 32}
    assert agency.carry(message, body=json.dumps(told)).status_code == 200
    before = attempt.next_poll_at
    agency.work()
    forged = Callback.objects.get()
    assert (forged.state, bytes(forged.body)) == ("refused", json.dumps(told).encode())
    assert forged.reason and forged.attempt is None
    attempt.refresh_from_db()
    assert (attempt.next_poll_at, attempt.polls) == (before, 0)


@pytest.fixture
def wave(agency, cast):
    """An attempt at Dakar that is paid, and what Wave calls back about it."""
    make_provider(agency.simulator, "wave", cast.dakar)
    attempt = agency.ask("wave", lease=make_lease(site=cast.dakar))
    return attempt, agency.simulator.sent[-1]


def test_a_wave_signature_may_have_two_values(agency, wave):
    attempt, message = wave
    signature = message.headers["Wave-Signature"].replace("v1=", f"v1={'0' * 64},v1=")
    assert agency.carry(message, **{"Wave-Signature": signature}).status_code == 200
    agency.work()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.payment.amount) == ("paid", 400_000)
    assert Callback.objects.get().state == "done"


@pytest.mark.parametrize("wrong", ["old", "changed", "unsigned"])
def test_a_wave_signature_that_is_old_or_of_another_body_is_refused(agency, wave, wrong):
    attempt, message = wave
    if wrong == "old":
        Attempt.objects.update(next_poll_at=None)
        agency.clock.shift(301)
        agency.carry(message)
    elif wrong == "changed":
        agency.carry(message, body=message.body.replace(b"400000", b"400001"))
    else:
        agency.carry(message, **{"Wave-Signature": ""})
    read_callbacks()
    attempt.refresh_from_db()
    assert (Callback.objects.get().state, attempt.state) == ("refused", "waiting_payer")


@pytest.mark.parametrize("kind", KINDS)
def test_money_of_another_amount_waits_in_the_inbox(agency, kind):
    attempt = agency.ask(kind, "wrong_amount")
    agency.wait(15)
    attempt.refresh_from_db()
    assert attempt.payment is None
    assert balance_of(attempt.lease) == 0
    if kind == "orange_money":
        # Orange is told the amount and repeats none; what its country adds to it counts.
        assert attempt.state in ("unknown", "paid", "waiting_payer")
        return
    assert attempt.state == "unknown"
    line = StatementLine.objects.get()
    assert (line.amount, line.reference, line.state) == (399_999, attempt.transaction, "suggested")
    assert JournalLine.objects.get(account__code="471").amount == -399_999
    for _time in range(3):
        mobile.ask_provider(attempt)
    assert StatementLine.objects.count() == 1


def test_another_currency_moves_nothing(agency):
    attempt = agency.ask("mtn_momo", "wrong_currency")
    agency.wait(15)
    attempt.refresh_from_db()
    assert (attempt.state, Payment.objects.count()) == ("unknown", 0)
    assert not JournalLine.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_payer_refuses_ends_without_money(agency, kind):
    attempt = agency.ask(kind, "refused")
    for message in agency.simulator.sent:
        agency.carry(message)
    agency.work()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.payment) == ("failed", None)
    assert attempt.reason and not Payment.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_money_after_the_expiry_counts_though_no_call_back_comes(agency, kind):
    attempt = agency.ask(kind, "late")
    agency.wait(15)
    attempt.refresh_from_db()
    assert attempt.state == ("failed" if kind == "djomy" else "expired")
    agency.wait(30)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.payment.amount) == ("paid", 400_000)


def test_a_call_back_that_never_comes_is_not_missed(agency):
    attempt = agency.ask("mtn_momo", "lost_callback")
    assert agency.simulator.sent == []
    agency.wait(15)
    attempt.refresh_from_db()
    assert attempt.state == "paid"


def test_mtn_calls_back_by_put_or_post(agency):
    for scenario, method in (("success", "POST"), ("put", "PUT")):
        attempt = agency.ask("mtn_momo", scenario)
        message = agency.simulator.sent[-1]
        assert message.method == method
        assert agency.carry(message).status_code == 200
        agency.work()
        attempt.refresh_from_db()
        assert attempt.state == "paid"
    assert Callback.objects.filter(state="done").count() == 2


def test_a_call_back_before_the_answer_waits_for_it(agency):
    provider = agency.contract("orange_money")
    agency.simulator.next("success")
    attempt, _is_new = mobile.open_attempt(
        actor=agency.cast.diallo, lease=agency.cast.lease, amount=1000, kind=provider.kind
    )
    early = Callback.objects.create(
        kind="orange_money", method="POST", body=b'{"status":"SUCCESS","notif_token":"x"}'
    )
    agency.work()
    early.refresh_from_db()
    assert early.state == "received"
    mobile.send_attempt(attempt)
    agency.work()
    early.refresh_from_db()
    assert early.state == "refused"


def test_an_answer_that_was_lost_is_found_again(agency):
    attempt = agency.ask("mtn_momo", "lost_answer")
    assert attempt.state in ("sent", "waiting_payer")
    agency.wait(15)
    attempt.refresh_from_db()
    assert attempt.state == "paid"


def test_a_provider_that_is_down_for_an_hour_leaves_attempts_open(agency):
    attempt = agency.ask("mtn_momo", "success")
    agency.simulator.down = True
    for seconds in (15, 30, 60, 120, 300, 600, 3600):
        agency.wait(seconds)
        attempt.refresh_from_db()
        assert (attempt.state, attempt.payment) == ("waiting_payer", None)
    agency.simulator.down = False
    agency.wait(3600)
    attempt.refresh_from_db()
    assert attempt.state == "paid"


def test_one_who_never_decides_is_unknown_after_a_day_and_paid_if_he_does(agency):
    attempt = agency.ask("mtn_momo", "silent")
    asked = 0
    for _hour in range(30):
        agency.wait(3600)
        attempt.refresh_from_db()
        if attempt.polls == asked:
            break
        asked = attempt.polls
    assert (attempt.state, attempt.next_poll_at) == ("unknown", None)
    agency.simulator.decide(agency.simulator.order(attempt.order_id), "paid")
    agency.carry(agency.simulator.sent[-1])
    agency.work()
    attempt.refresh_from_db()
    assert attempt.state == "paid"


def test_our_own_downtime_is_caught_up(agency):
    attempt = agency.ask("mtn_momo", "success")
    agency.wait(3 * 24 * 3600)
    attempt.refresh_from_db()
    assert attempt.state == "paid"


def test_a_lease_that_ended_meanwhile_takes_nothing_and_the_money_is_kept(agency, cast):
    attempt = agency.ask("mtn_momo", "success")
    Lease.objects.filter(pk=attempt.lease_id).update(end=date(2026, 10, 1))
    agency.wait(15)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.payment) == ("paid", None)
    assert attempt.reason
    assert StatementLine.objects.get().suspense.lines.get(account__code="471").amount == -400_000


def test_a_month_that_is_closed_meanwhile_does_not_lose_the_money(agency, cast):
    attempt = agency.ask("mtn_momo", "success")
    agency.clock.shift(20 * 24 * 3600)
    close_period(actor=cast.diallo, site=cast.conakry, month=date(2026, 10, 1))
    agency.wait(1)
    attempt.refresh_from_db()
    assert attempt.payment.value_date == date(2026, 11, 4)


def test_what_a_statement_brought_first_is_not_booked_twice(agency, cast):
    attempt = agency.ask("mtn_momo", "success")
    order = agency.simulator.order(attempt.order_id)
    line = StatementLine.objects.create(
        site=cast.conakry,
        account=attempt.provider.account,
        fingerprint="f1",
        day=date(2026, 10, 15),
        amount=400_000,
        reference=order.transaction,
    )
    suspend(cast.diallo, line.account, [line.pk])
    agency.wait(15)
    attempt.refresh_from_db()
    line.refresh_from_db()
    assert attempt.payment.amount == 400_000
    assert (line.state, line.suspense) == ("linked", None)
    assert JournalLine.objects.filter(account__code="471").balance() == 0


def test_what_the_desk_entered_first_is_joined(agency, cast):
    charge(cast.lease, 1_000_000, date(2026, 9, 1))
    attempt = agency.ask("mtn_momo", "success")
    order = agency.simulator.order(attempt.order_id)
    entered = record_payment(
        actor=cast.coumba,
        lease=cast.lease,
        amount=400_000,
        method="mtn_momo",
        reference=order.transaction,
    )
    agency.wait(15)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.payment) == ("paid", entered)
    assert balance_of(cast.lease) == 600_000


def test_a_worker_killed_before_the_posting_leaves_it_to_the_next(agency, monkeypatch):
    attempt = agency.ask("mtn_momo", "success")

    class Killed(BaseException):
        pass

    def die(**_what):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(mobile, "settle_attempt", die)
        with pytest.raises(Killed):
            agency.wait(15)
    attempt.refresh_from_db()
    assert attempt.state == "waiting_payer"
    agency.wait(90)
    assert Payment.objects.get().attempt == attempt
    agency.wait(90)
    assert Payment.objects.count() == 1


def test_nobody_is_asked_through_what_is_not_enabled(agency, cast):
    for kind in KINDS:
        agency.contract(kind, enabled=False)
        with pytest.raises(mobile.NoProvider):
            agency.ask(kind)
    assert not Attempt.objects.exists()
