"""The desk: who is called and why, the call on one screen, the day's report."""

from datetime import date, timedelta

import pytest
import time_machine

from recovery.models import Case, Contact, Ladder, Promise
from recovery.services.cases import pause_case, refresh_cases
from recovery.services.contacts import log_call
from tests.factories import charge, make_lease, make_promise, make_tenant, make_unit, pay
from tests.recovery.conftest import TODAY

#: A week late: the ladder's second step, a call, is due once the first was taken.
WEEK_AGO = TODAY - timedelta(days=8)


@pytest.fixture
def late(cast) -> Case:
    """Gassim is late with a million, and the ladder says to call him."""
    refresh_cases(actor=cast.awa, site=cast.conakry)
    charge(cast.lease, 1_000_000, WEEK_AGO)
    Case.objects.update(level=1, acted_on=WEEK_AGO + timedelta(days=3))
    refresh_cases(actor=cast.awa, site=cast.conakry)
    return Case.objects.get()


def another(cast, amount: int, name="Mariama Bah") -> Case:
    tenant = make_tenant(site=cast.conakry, name=name)
    lease = make_lease(unit=make_unit(cast.house), tenant=tenant)
    charge(lease, amount, WEEK_AGO)
    Case.objects.filter(tenant=tenant).update(level=1, acted_on=WEEK_AGO + timedelta(days=3))
    refresh_cases(actor=cast.awa, site=cast.conakry)
    return Case.objects.get(tenant=tenant)


def to_call() -> list[tuple]:
    return [(case.tenant.name, case.why) for case in Case.objects.to_call()]


def answered(actor, case, result="refused", **fields) -> Contact:
    return log_call(actor=actor, tenant=case.tenant, result=result, **fields)


def test_who_is_called_by_the_ladder_stands_on_the_desk(cast, late, sign_in):
    page = sign_in(cast.coumba).get("/recouvrement/")
    assert [case.pk for case in page.context["page"]] == [late.pk]
    assert to_call() == [("Gassim Touré", "step")]


def test_a_call_is_the_step_that_was_due(cast, late):
    answered(cast.coumba, late)
    late.refresh_from_db()
    assert (late.level, late.acted_on, late.next_level.position) == (2, TODAY, 3)
    assert to_call() == []


def test_who_was_not_reached_comes_again_tomorrow(cast, late):
    answered(cast.coumba, late, "no_answer")
    late.refresh_from_db()
    assert (late.level, to_call()) == (1, [])
    with time_machine.travel("2026-10-16 10:00:00+00:00"):
        assert to_call() == [("Gassim Touré", "step")]


def test_whose_promise_is_awaited_is_left_alone_and_called_once_it_is_broken(cast, late):
    make_promise(cast.tenant, actor=cast.coumba, days=3)
    assert to_call() == []
    another(cast, 9_000_000)
    with time_machine.travel("2026-10-19 10:00:00+00:00"):
        assert to_call() == [("Gassim Touré", "promise"), ("Mariama Bah", "step")]
        answered(cast.coumba, late)
    with time_machine.travel("2026-10-20 10:00:00+00:00"):
        assert to_call() == [("Mariama Bah", "step")]


def test_a_promise_about_debts_that_are_paid_is_no_reason_to_call(cast, late):
    make_promise(cast.tenant, 900_000, days=3)
    with time_machine.travel("2026-10-20 10:00:00+00:00"):
        pay(cast.lease, 1_000_000, date(2026, 10, 20))
        charge(cast.lease, 5, date(2026, 10, 19))
        assert to_call() == []


def test_nobody_is_called_more_often_than_the_branch_allows(cast, late):
    Ladder.objects.update(contacts_per_week=1)
    answered(cast.coumba, late)
    Case.objects.update(level=1, acted_on=WEEK_AGO)
    refresh_cases(actor=cast.awa, site=cast.conakry)
    with time_machine.travel("2026-10-18 10:00:00+00:00"):
        assert to_call() == []
    with time_machine.travel("2026-10-23 10:00:00+00:00"):
        assert len(to_call()) == 1


def test_who_is_paused_or_wants_no_contact_is_not_called(cast, late):
    pause_case(actor=cast.awa, case=late, note="in hospital", until=TODAY)
    assert to_call() == []
    another(cast, 5)
    Case.objects.exclude(pk=late.pk).get().tenant.__class__.objects.update(do_not_contact=True)
    assert to_call() == []


def test_a_call_on_one_screen_leads_to_the_next(cast, late, sign_in):
    following = another(cast, 2_000_000)
    door = sign_in(cast.coumba)
    address = f"/recouvrement/dossiers/{late.pk}/appel"
    page = door.get(address)
    assert "1 000 000" in page.context["script"].replace("\u202f", " ")
    told = {
        "key": page.context["form"]["key"].value(),
        "result": "promise",
        "promise_amount": "400 000",
        "promise_on": "2026-10-23",
        "place": "office",
        "notes": "travelling",
    }
    for _time in range(2):
        answer = door.post(address, told)
        assert answer["Location"] == f"/recouvrement/dossiers/{following.pk}/appel"
    promise = Promise.objects.get()
    assert (promise.amount, promise.due_on, promise.contact.notes) == (
        400_000,
        date(2026, 10, 23),
        "travelling",
    )


def test_a_promise_needs_its_day_and_amount(cast, late, sign_in):
    door = sign_in(cast.coumba)
    address = f"/recouvrement/dossiers/{late.pk}/appel"
    key = door.get(address).context["form"]["key"].value()
    page = door.post(address, {"key": key, "result": "promise", "notes": "x"})
    assert page.status_code == 400
    assert set(page.context["form"].errors) == {"promise_amount", "promise_on"}
    assert not Contact.objects.exists()


def test_a_visit_with_money_is_told_on_one_page(cast, late, sign_in):
    door = sign_in(cast.estelle)
    address = f"/recouvrement/dossiers/{late.pk}/visite"
    form = door.get(address).context["form"]
    told = {
        "key": form["key"].value(),
        "result": "payment",
        "amount": "250000",
        "lease": cast.lease.pk,
        "method": "cash",
    }
    assert door.post(address, told).status_code == 302
    visit = Contact.objects.get()
    assert (visit.payment.amount, visit.payment.collected_by) == (250_000, cast.estelle)
    late.refresh_from_db()
    assert late.balance == 750_000
    empty = door.post(address, {"key": form["key"].value(), "result": "payment"})
    assert "amount" in empty.context["form"].errors


def test_cases_are_found_by_age_state_and_name_with_their_sum(cast, late, sign_in):
    another(cast, 2_000_000)
    door = sign_in(cast.coumba)
    for asked, number in (
        ("", 2), ("?age=d0_30", 2), ("?age=d31_60", 0), ("?state=settled", 0), ("?q=gassim", 1),
    ):  # fmt: skip
        page = door.get(f"/recouvrement/dossiers/{asked}").context
        assert page["page"].paginator.count == number, asked
    assert door.get("/recouvrement/dossiers/").context["sums"][0]["balance"] == 3_000_000


def test_the_case_and_the_tenants_page_tell_what_happened(cast, late, sign_in):
    answered(cast.coumba, late, notes="no money this week")
    pay(cast.lease, 100_000)
    door = sign_in(cast.coumba)
    for address in (f"/recouvrement/dossiers/{late.pk}/", f"/locataires/{cast.tenant.pk}/"):
        assert "no money this week" in door.get(address).content.decode(), address


def test_the_day_is_reported_to_who_leads_and_to_everybody_their_own(cast, late, sign_in):
    answered(cast.coumba, late)
    answered(cast.bachir, another(cast, 5))
    everything = sign_in(cast.bachir).get("/recouvrement/journee?date=2026-10-15").context
    assert [row.calls for row in everything["told"].totals] == [2]
    mine = sign_in(cast.coumba).get("/recouvrement/journee?date=2026-10-15").context
    assert [(row.person, row.calls) for row in mine["told"].people] == [("Coumba Sylla", 1)]


def test_the_report_tells_whose_promises_were_kept(cast, late, sign_in):
    make_promise(cast.tenant, 5, actor=cast.coumba)
    pay(cast.lease, 5)
    rates = sign_in(cast.bachir).get("/recouvrement/journee?date=2026-10-30").context["rates"]
    assert [(name, rate.percent) for name, rate in rates] == [("Coumba Sylla", 100)]


def test_promises_are_corrected_and_cancelled_on_pages(cast, late, sign_in):
    promise = make_promise(cast.tenant, actor=cast.coumba)
    door = sign_in(cast.coumba)
    address = f"/recouvrement/promesses/{promise.pk}/"
    told = {"amount": "5", "due_on": "2026-10-30", "place": "bank", "version": promise.version}
    assert door.post(address + "corriger", told).status_code == 302
    promise.refresh_from_db()
    assert (promise.amount, promise.place) == (5, "bank")
    assert door.post(address + "annuler", {"reason": "error"}).status_code == 302
    page = door.get("/recouvrement/promesses/?status=cancelled")
    assert [row.pk for row in page.context["page"]] == [promise.pk]


def test_the_pages_ask_little_of_the_database(cast, late, sign_in, django_assert_max_num_queries):
    for number in range(5):
        another(cast, 1_000 + number, name=f"Tenant {number}")
    door = sign_in(cast.bachir)
    for address, most in (
        ("/recouvrement/", 12),
        ("/recouvrement/dossiers/", 12),
        (f"/recouvrement/dossiers/{late.pk}/", 10),
        (f"/recouvrement/dossiers/{late.pk}/appel", 11),
        (f"/locataires/{late.tenant_id}/", 12),
        ("/recouvrement/promesses/", 12),
        ("/recouvrement/journee", 11),
    ):
        door.get(address)
        with django_assert_max_num_queries(most):
            assert door.get(address).status_code == 200
