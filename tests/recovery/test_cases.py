"""Cases say what the journal says: opened, kept up and settled by money and calendar alone."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from akig.lib.errors import NotAllowed
from payments.metrics import ageing
from payments.models import Charge, Payment
from payments.services.charging import waive_charge
from payments.services.collecting import cancel_payment
from payments.services.posting import balance_of
from recovery.models import Case, Level, Pause, Plan, Promise
from recovery.services.cases import pause_case, refresh_cases, resume_case
from recovery.services.plans import agree_plan, follow_plans
from recovery.services.promises import take_promise
from recovery.tasks import refresh_all_cases
from tenants.services import end_lease
from tests.factories import charge, make_lease, make_unit, pay
from tests.recovery.conftest import TODAY

JULY = date(2026, 7, 5)


def case_of(lease) -> Case:
    return Case.objects.get(site=lease.site, tenant=lease.tenant)


def refresh(site) -> int:
    return refresh_cases(actor=User.objects.system(), site=site)


def test_a_case_opens_with_what_is_late_and_settles_with_its_money(cast):
    charge(cast.lease, 1_000_000, JULY)
    case = case_of(cast.lease)
    assert (case.state, case.balance, case.oldest_due) == ("open", 1_000_000, JULY)
    assert (case.opened_on, case.days_late) == (TODAY, 102)
    pay(cast.lease, 1_000_000)
    case.refresh_from_db()
    assert (case.state, case.balance, case.settled_on) == ("settled", 0, TODAY)


def test_what_falls_due_today_is_late_tomorrow(cast):
    charge(cast.lease, 1_000_000, TODAY)
    assert not Case.objects.exists()
    with time_machine.travel("2026-10-16 01:00:00+00:00"):
        refresh_all_cases()
        assert case_of(cast.lease).days_late == 1


def test_a_part_is_still_followed_at_its_level(cast):
    refresh(cast.lease.site)
    charge(cast.lease, 1_000_000, JULY)
    Case.objects.update(level=2, acted_on=TODAY)
    pay(cast.lease, 100_000)
    case = case_of(cast.lease)
    assert (case.state, case.balance, case.level) == ("open", 900_000, 2)


def test_what_is_ahead_on_one_lease_counts_for_the_other(cast):
    other = make_lease(unit=make_unit(cast.house, "A2"), tenant=cast.tenant)
    charge(cast.lease, 1_000_000, JULY)
    pay(other, 300_000)
    assert case_of(cast.lease).balance == 700_000
    pay(other, 700_000)
    assert case_of(cast.lease).state == "settled"


def test_who_has_left_is_not_forgotten(cast):
    charge(cast.lease, 1_000_000, JULY)
    end_lease(actor=cast.bachir, lease=cast.lease, on=date(2026, 9, 30))
    refresh(cast.conakry)
    assert case_of(cast.lease).balance == 1_000_000


def test_a_payment_taken_back_opens_the_case_again_at_the_foot_of_the_ladder(cast):
    refresh(cast.lease.site)
    charge(cast.lease, 1_000_000, JULY)
    Case.objects.update(level=3, acted_on=TODAY)
    payment = pay(cast.lease, 1_000_000)
    cancel_payment(actor=cast.diallo, payment=payment, reason="returned")
    case = case_of(cast.lease)
    assert (case.state, case.balance, case.level, case.acted_on) == ("open", 1_000_000, 0, None)


def test_the_next_step_comes_by_the_ladder_and_never_two_at_once(cast):
    refresh(cast.lease.site)
    charge(cast.lease, 1_000_000, JULY)
    case = case_of(cast.lease)
    first = Level.objects.get(ladder__site=cast.conakry, position=1)
    assert (case.next_level, case.next_on) == (first, JULY + timedelta(days=3))
    Case.objects.update(level=1, acted_on=TODAY)
    refresh(cast.conakry)
    case.refresh_from_db()
    assert (case.next_level.position, case.next_on) == (2, TODAY + timedelta(days=4))


def test_a_pause_holds_until_its_day_and_can_be_lifted(cast):
    charge(cast.lease, 1_000_000, JULY)
    case = case_of(cast.lease)
    pause_case(actor=cast.awa, case=case, note="in hospital", until=TODAY)
    assert case_of(cast.lease).state == "paused"
    with time_machine.travel("2026-10-16 01:00:00+00:00"):
        refresh(cast.conakry)
        assert case_of(cast.lease).state == "open"
    pause_case(actor=cast.awa, case=case, note="again", until=date(2026, 12, 1))
    resume_case(actor=cast.awa, case=case)
    assert case_of(cast.lease).state == "open"
    assert not Pause.objects.in_force(date(2026, 10, 16)).exists()


def test_a_refresh_touches_its_branch_only_and_nothing_twice(cast):
    charge(cast.lease, 1_000_000, JULY)
    charge(cast.far_lease, 600_000, JULY)
    Case.objects.all().update(balance=1)
    refresh(cast.conakry)
    assert case_of(cast.lease).balance == 1_000_000
    assert case_of(cast.far_lease).balance == 1
    assert refresh(cast.conakry) == 0


days = st.integers(0, 300).map(lambda number: date(2026, 1, 1) + timedelta(days=number))
amounts = st.integers(1, 2_500_000)
which = st.integers(0, 1)
acts = st.one_of(
    st.tuples(st.just("charge"), which, days, amounts),
    st.tuples(st.just("pay"), which, days, amounts),
    st.tuples(st.just("cancel"), st.integers(0, 20)),
    st.tuples(st.just("waive"), st.integers(0, 20)),
    st.tuples(st.just("promise"), days, amounts),
    st.tuples(st.just("plan"), st.integers(1, 6)),
    st.just(("night",)),
)


class Undone(Exception):
    """Takes an example back, so that the next begins where this one began."""


def nth(rows, number):
    rows = list(rows.order_by("id"))
    return rows[number % len(rows)] if rows else None


def do(leases, name, *values):
    system = User.objects.system()
    if name == "charge":
        number, day, amount = values
        charge(leases[number], amount, day, kind="other")
    elif name == "pay":
        number, day, amount = values
        pay(leases[number], amount, min(day, TODAY))
    elif name == "cancel" and (payment := nth(Payment.objects.confirmed(), *values)):
        cancel_payment(actor=system, payment=payment, reason="error")
    elif name == "waive" and (standing := nth(Charge.objects.standing(), *values)):
        waive_charge(actor=system, charge=standing, reason="agreed")
    elif name == "promise":
        made_on, amount = values
        made_on = min(made_on, TODAY)
        take_promise(
            actor=system,
            tenant=leases[0].tenant,
            amount=amount,
            made_on=made_on,
            due_on=made_on + timedelta(days=10),
        )
    elif name == "plan" and (case := Case.objects.running().first()):
        if not Plan.objects.active().exists():
            agree_plan(actor=system, case=case, number=values[0], first_on=TODAY)
    elif name == "night":
        follow_plans(actor=system, site=leases[0].site)
        for plan in Plan.objects.active():
            owed = Case.objects.get(tenant=plan.tenant).balance
            assert 0 < owed <= plan.amount


def agree(leases):
    """Hold the case against the journal, and each promise against the payments one by one."""
    found = ageing([leases[0].site], leases=[lease.pk for lease in leases])
    late = found.total("GNF")
    owed = sum(balance_of(lease) for lease in leases) - late.not_due
    assert owed == late.arrears - late.advances
    oldest = min((row.oldest_due for row in found.rows if row.oldest_due), default=None)
    case = Case.objects.filter(tenant=leases[0].tenant).first()
    if owed > 0 and oldest < TODAY:
        state = "paused" if Plan.objects.active().exists() else "open"
        assert (case.state, case.balance, case.oldest_due) == (state, owed, oldest)
    else:
        assert case is None or (case.state, case.balance) == ("settled", 0)
    for promise in Promise.objects.filter(cancelled_at=None):
        assert promise.received == sum(
            payment.amount
            for payment in Payment.objects.confirmed()
            if promise.made_on <= payment.value_date <= promise.due_on
            and (payment.value_date > promise.made_on or payment.created_at > promise.created_at)
        )


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example([("charge", 0, JULY, 5), ("pay", 1, JULY, 3), ("cancel", 0), ("pay", 0, TODAY, 5)])
@example([("charge", 0, JULY, 5), ("plan", 2), ("pay", 0, TODAY, 5), ("night",), ("cancel", 0)])
@example([("charge", 0, JULY, 5), ("plan", 2), ("charge", 1, JULY, 3), ("night",), ("plan", 1)])
@given(st.lists(acts, min_size=2, max_size=10))
def test_after_any_mix_of_acts_cases_agree_with_the_journal(cast, mix):
    leases = [cast.lease, make_lease(unit=make_unit(cast.house), tenant=cast.tenant)]
    refresh(cast.conakry)  # gives the branch its ladder
    try:
        with transaction.atomic():
            for act in mix:
                do(leases, *act)
                agree(leases)
            assert refresh(cast.conakry) == 0
            agree(leases)
            raise Undone
    except Undone:
        pass


def test_an_agent_pauses_nobody(cast):
    charge(cast.lease, 1_000_000, JULY)
    with pytest.raises(NotAllowed):
        pause_case(actor=cast.estelle, case=case_of(cast.lease), note="a friend", until=TODAY)
