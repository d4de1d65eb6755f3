"""Steps in writing: proposed, chosen by a person, frozen when they are sent."""

from datetime import date, timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import ProgrammingError, transaction
from django.db.utils import InternalError

from recovery.models import Action, Case, Level, Wording
from recovery.services.cases import refresh_cases
from recovery.services.ladders import USUAL
from recovery.services.steps import (
    AmountChanged,
    QuietHours,
    StepRefused,
    decide_otherwise,
    decide_steps,
    leave_out,
    propose,
    send_step,
)
from tests.factories import charge, make_lease, make_promise, make_tenant, make_unit, pay
from tests.recovery.conftest import TODAY

DAYS_AGO = TODAY - timedelta(days=4)


@pytest.fixture
def late(cast) -> Case:
    """Gassim, who agreed to messages, is four days late: the ladder says WhatsApp, else SMS."""
    cast.tenant.agreed_on = date(2026, 1, 1)
    cast.tenant.save()
    refresh_cases(actor=cast.awa, site=cast.conakry)
    charge(cast.lease, 1_000_000, DAYS_AGO)
    return Case.objects.select_related("site", "tenant", "next_level").get()


def decided(cast, case, channel="") -> Action:
    if channel:
        return decide_otherwise(actor=cast.bachir, case=case, channel=channel, reason="asked for")
    (action,) = decide_steps(actor=cast.bachir, cases=[case])
    return action


def test_a_step_is_proposed_chosen_and_sent_with_the_amount_of_that_moment(cast, late, sign_in):
    door = sign_in(cast.bachir)
    (proposal,) = door.get("/recouvrement/relances/").context["proposals"]
    assert (proposal.channel, proposal.address) == ("whatsapp", "+224622112233")
    assert door.post("/recouvrement/relances/", {"cases": [late.pk]}).status_code == 302
    action = Action.objects.get()
    assert (action.state, action.amount, action.text) == ("to_send", None, "")
    pay(cast.lease, 400_000)
    page = door.get(f"/recouvrement/relances/{action.pk}/")
    assert page.context["link"].startswith("https://wa.me/224622112233?text=Bonjour")
    shown = page.context["form"]["amount"].value()
    assert door.post(f"/recouvrement/relances/{action.pk}/", {"amount": shown}).status_code == 302
    action.refresh_from_db()
    assert (action.state, action.amount, action.sent_by) == ("sent", 600_000, cast.bachir)
    assert [debt["left"] for debt in action.debts] == [600_000]
    assert "600" in action.text
    late.refresh_from_db()
    assert (late.level, late.acted_on) == (1, TODAY)
    assert not Case.objects.to_write().exists()


def test_what_is_decided_is_not_proposed_again_and_decided_twice_is_once(cast, late):
    first = decided(cast, late)
    assert not Case.objects.to_write().exists()
    assert decide_steps(actor=cast.bachir, cases=[late]) == [first]
    assert Action.objects.count() == 1


def test_a_tenant_who_did_not_agree_gets_no_message(cast, late):
    cast.tenant.agreed_on = None
    cast.tenant.save()
    late.tenant.refresh_from_db()
    assert propose(late).channel == ""
    assert not Case.objects.to_write().exists()
    assert [case.why for case in Case.objects.to_call()] == ["step"]  # he is called instead
    assert decide_steps(actor=cast.bachir, cases=[late]) == []
    with pytest.raises(StepRefused):
        decided(cast, late, "sms")
    assert decided(cast, late, "letter").state == "to_send"


def test_the_fallback_is_taken_where_the_first_way_is_closed(cast, late):
    Level.objects.filter(pk=late.next_level_id).update(channel="email", fallback="sms")
    late.next_level.refresh_from_db()
    assert propose(late).channel == "sms"


@pytest.mark.parametrize(("language", "begins"), [("en", "Hello"), ("sus", "Wo"), ("kqs", "Bon")])
def test_tenants_are_written_to_in_their_language_else_in_french(cast, late, language, begins):
    Wording.objects.create(
        site=cast.conakry, level=late.next_level, language="sus", text="Wo {name}, {amount}"
    )
    cast.tenant.language = language
    cast.tenant.save()
    late.tenant.refresh_from_db()
    assert propose(late).text.startswith(begins)
    action = send_step(actor=cast.coumba, action=decided(cast, late))
    assert action.text.startswith(begins)
    assert "{" not in action.text


def test_a_letter_is_french_whoever_reads_it(cast, late):
    cast.tenant.language = "en"
    cast.tenant.save()
    letter = decided(cast, late, "letter")
    assert send_step(actor=cast.coumba, action=letter).text.startswith("Bonjour")


def test_who_is_left_out_comes_up_again_after_the_day(cast, late):
    with pytest.raises(StepRefused):
        leave_out(actor=cast.bachir, case=late, reason=" ", until=TODAY)
    leave_out(actor=cast.bachir, case=late, reason="his house burnt", until=TODAY)
    assert not Case.objects.to_write().exists()
    with time_machine.travel("2026-10-16 10:00:00+00:00"):
        assert Case.objects.to_write().count() == 1


def test_whose_promise_is_awaited_is_not_written_to(cast, late):
    make_promise(cast.tenant)
    assert not Case.objects.to_write().exists()


def test_no_message_goes_out_at_night_but_a_letter_may_be_written(cast, late):
    action = decided(cast, late)
    with time_machine.travel("2026-10-15 21:30:00+00:00"), pytest.raises(QuietHours):
        send_step(actor=cast.coumba, action=action)
    action.refresh_from_db()
    assert action.state == "to_send"


def test_money_that_came_meanwhile_changes_what_is_asked_or_drops_it(cast, late):
    action = decided(cast, late)
    pay(cast.lease, 1)
    with pytest.raises(AmountChanged):
        send_step(actor=cast.coumba, action=action, amount=1_000_000)
    pay(cast.lease, 999_999)
    assert send_step(actor=cast.coumba, action=action).state == "dropped"


def test_a_letter_keeps_what_it_asked(cast, late, sign_in):
    action = decided(cast, late, "letter")
    door = sign_in(cast.coumba)
    address = f"/recouvrement/relances/{action.pk}/courrier.pdf"
    assert door.get(address).status_code == 404
    send_step(actor=cast.coumba, action=action)
    pay(cast.lease, 1_000_000)
    assert door.get(address).content.startswith(b"%PDF")
    with pytest.raises((ProgrammingError, InternalError)), transaction.atomic():
        Action.objects.update(amount=1)


def test_the_list_asks_once_for_all_its_words(cast, late, sign_in, django_assert_max_num_queries):
    for _number in range(4):
        tenant = make_tenant(site=cast.conakry, agreed_on=TODAY)
        charge(make_lease(unit=make_unit(cast.house), tenant=tenant), 5, DAYS_AGO)
    door = sign_in(cast.bachir)
    door.get("/recouvrement/relances/")
    with django_assert_max_num_queries(14):
        assert len(door.get("/recouvrement/relances/").context["proposals"]) == 5


def test_the_ladder_is_polite():
    """No text of the usual ladder threatens, whatever is added to it."""
    threats = {
        "fr": ("expuls", "police", "tribunal", "huissier", "saisie", "prison", "poursui", "honte"),
        "en": ("evict", "police", "court", "bailiff", "seiz", "prison", "sue", "shame", "must"),
    }
    greetings = ("Bonjour {name}", "Malgré nos rappels", "Hello {name}", "Despite our reminders")
    for step in USUAL:
        assert set(step.texts) == set(dict(settings.LANGUAGES)), step.name
        for language, text in step.texts.items():
            assert text.startswith(greetings), step.name
            assert not [word for word in threats[language] if word in text.lower()], step.name
