"""Instalment plans: they cover the debt, and the journal says how they are kept to."""

from datetime import date

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from akig.lib.errors import Conflict
from recovery.models import Case, Plan
from recovery.services.plans import PlanRefused, agree_plan, cancel_plan, spread
from recovery.tasks import refresh_all_cases
from tests.factories import charge, pay
from tests.recovery.conftest import TODAY

FIRST = date(2026, 10, 31)


@pytest.fixture
def late(cast) -> Case:
    charge(cast.lease, 1_000_000, date(2026, 7, 5))
    return Case.objects.select_related("site", "tenant").get()


@pytest.fixture
def plan(cast, late) -> Plan:
    return agree_plan(actor=cast.bachir, case=late, number=3, first_on=FIRST)


def state(case: Case) -> str:
    case.refresh_from_db()
    return case.state


@given(st.integers(1, 10**12), st.integers(1, 24))
def test_the_parts_cover_the_debt_exactly(amount, number):
    parts = spread(amount, number, date(2026, 1, 31))
    assert sum(part for _day, part in parts) == amount
    assert all(part > 0 for _day, part in parts)
    assert len({day for day, _part in parts}) == len(parts) <= number


def test_a_plan_pauses_the_ladder_and_adjusts_its_last_part(cast, late, plan):
    assert [(part.due_on, part.amount) for part in plan.parts.all()] == [
        (date(2026, 10, 31), 334_000),
        (date(2026, 11, 30), 334_000),
        (date(2026, 12, 31), 332_000),
    ]
    assert state(late) == "paused"
    with pytest.raises(Conflict):
        agree_plan(actor=cast.bachir, case=late, number=2, first_on=FIRST)


def test_a_plan_is_kept_to_while_no_more_is_late_than_it_allows(cast, late, plan):
    pay(cast.lease, 334_000)
    with time_machine.travel("2026-11-01 01:00:00+00:00"):
        refresh_all_cases()
        plan.refresh_from_db()
        assert (plan.state, state(late)) == ("active", "paused")
    with time_machine.travel("2026-12-01 01:00:00+00:00"):
        refresh_all_cases()
        plan.refresh_from_db()
        assert (plan.state, plan.ended_on) == ("broken", date(2026, 12, 1))
        assert state(late) == "open"


def test_rent_that_is_not_paid_beside_it_breaks_a_plan(cast, late, plan):
    pay(cast.lease, 334_000)
    charge(cast.lease, 500_000, date(2026, 10, 31))
    with time_machine.travel("2026-11-01 01:00:00+00:00"):
        refresh_all_cases()
        plan.refresh_from_db()
        assert plan.state == "broken"


def test_a_plan_ends_when_all_is_paid(cast, late, plan):
    pay(cast.lease, 1_000_000)
    refresh_all_cases()
    plan.refresh_from_db()
    assert (plan.state, state(late)) == ("paid", "settled")


def test_a_plan_is_cancelled_with_its_reason(cast, late, plan):
    with pytest.raises(PlanRefused):
        cancel_plan(actor=cast.bachir, plan=plan, reason=" ")
    for _time in range(2):
        assert cancel_plan(actor=cast.bachir, plan=plan, reason="moved away").state == "cancelled"
    assert state(late) == "open"


def test_refuses_plans_that_cannot_be(cast, late):
    for wrong in ({"number": 0}, {"number": 25}, {"first_on": date(2026, 10, 14)}):
        asked = {"number": 2, "first_on": FIRST} | wrong
        with pytest.raises(PlanRefused):
            agree_plan(actor=cast.bachir, case=late, **asked)
    pay(cast.lease, 1_000_000)
    with pytest.raises(Conflict):
        agree_plan(actor=cast.bachir, case=late, number=2, first_on=FIRST)


def test_a_plan_is_agreed_on_its_page_with_its_parts_shown_before(cast, late, sign_in):
    door = sign_in(cast.bachir)
    address = f"/recouvrement/dossiers/{late.pk}/echeancier"
    shown = door.get(f"{address}/apercu?number=2&first_on=2026-10-31").context["parts"]
    assert [amount for _day, amount in shown] == [500_000, 500_000]
    answer = door.post(address, {"number": "2", "first_on": "2026-10-31"})
    plan = Plan.objects.get()
    assert answer["Location"] == f"/recouvrement/echeanciers/{plan.pk}/"
    assert door.get(answer["Location"]).context["standing"] == "active"
    assert plan.agreed_on == TODAY
