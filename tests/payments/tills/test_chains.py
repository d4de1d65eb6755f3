"""Many hands at once, and in any order: no franc is lost between the tenant and the bank."""

from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akig.lib.errors import BusinessError
from payments.models import HandOver, JournalEntry
from payments.services.checking import differences
from payments.services.tills import (
    carry_to_bank,
    close_day,
    confirm_hand_over,
    declare_hand_over,
    refuse_hand_over,
)
from tests.factories import pay
from tests.payments.test_together import at_once
from tests.payments.tills.counting import notes, sums


@pytest.mark.django_db(transaction=True)
def test_five_confirmations_at_once_are_one(cast):
    pay(cast.lease, 500_000, actor=cast.estelle)
    hand_over = declare_hand_over(
        actor=cast.estelle, site=cast.conakry, notes=notes(500_000), key="k"
    )
    coumba, diallo, bachir = cast.coumba, cast.diallo, cast.bachir
    people = (coumba, diallo, coumba, bachir, coumba)
    results = at_once(
        *[
            lambda actor=actor: confirm_hand_over(
                actor=actor, hand_over=hand_over, notes=notes(490_000), reason="10 000 manquent"
            )
            for actor in people
        ]
    )
    assert {result.pk for result in results} == {hand_over.pk}
    assert sums(cast.conakry) == {"571": 490_000, "6588": 10_000}
    assert JournalEntry.objects.filter(kind="hand_over").count() == 1
    assert differences() == []


class Undone(Exception):
    """Takes an example back, so that the next begins where this one began."""


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "declare", "to_a_person", "confirm", "refuse", "close", "bank"]),
        st.integers(1, 400_000),
        st.integers(-5_000, 5_000),
    ),
    min_size=4,
    max_size=14,
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS)
def test_all_hands_and_differences_are_what_was_collected(cast, steps):
    site, lease, agent = cast.conakry, cast.lease, cast.estelle
    try:
        with transaction.atomic():
            collected = sum(
                walk(cast, site, lease, agent, *step, number) for number, step in enumerate(steps)
            )
            assert sum(sums(site).values()) == collected
            assert all(total >= 0 for code, total in sums(site).items() if code != "6588")
            raise Undone
    except Undone:
        pass


def walk(cast, site, lease, agent, what, amount, off, number) -> int:
    """Do one step as far as the rules let it; return what was collected by it."""
    waiting = HandOver.objects.open().select_related("target").order_by("pk").first()
    counted = max(amount + off, 1)
    try:
        with transaction.atomic():
            if what == "pay":
                actor = (agent, cast.coumba)[number % 2]
                pay(lease, amount, date(2026, 10, 1 + number % 15), actor=actor)
                return amount
            if what in ("declare", "to_a_person"):
                declare_hand_over(
                    actor=agent,
                    site=site,
                    notes=notes(amount),
                    key=str(number),
                    receiver=cast.bachir if what == "to_a_person" else None,
                )
            elif what in ("confirm", "refuse") and waiting:
                actor = cast.bachir if waiting.target.holder_id else cast.coumba
                if what == "refuse":
                    refuse_hand_over(actor=actor, hand_over=waiting, reason="non")
                else:
                    found = notes(max(waiting.declared + off, 1))
                    confirm_hand_over(actor=actor, hand_over=waiting, notes=found, reason="compté")
            elif what == "close":
                close_day(
                    actor=cast.coumba,
                    site=site,
                    day=date(2026, 10, 15),
                    notes=notes(counted),
                    remark="compté",
                )
            elif what == "bank":
                carry_to_bank(actor=cast.coumba, site=site, amount=amount, slip=str(number))
    except BusinessError:
        pass
    return 0
