"""What is above a threshold waits for a second person, whatever door it came through."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.keys import make_key
from accounts.models import User
from akig.lib.errors import BusinessError
from akig.lib.waiting import waiting_for
from payments.models import JournalEntry, Payment
from payments.services.charging import waive_charge
from payments.services.collecting import cancel_payment
from sites_app.models import Approval, Assignment
from sites_app.services.approving import approve, refuse
from sites_app.tasks import expire
from tenants.models import RentChange
from tenants.services import change_rent
from tests.api.conftest import Caller
from tests.cast import make_user
from tests.factories import ask_approval, charge, make_lease, pay
from tests.payments.test_together import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(cast):
    """Six millions, one more than a person cancels alone."""
    return pay(cast.lease, 6_000_000)


@pytest.fixture
def asked(cast, payment) -> Approval:
    return cancel_payment(actor=cast.diallo, payment=payment, reason="Wrong tenant")


def address(name, row):
    return reverse(f"sites_app:{name}", args=[row.pk])


def status_of(payment):
    return Payment.objects.get(pk=payment.pk).status


def state_of(approval):
    return Approval.objects.get(pk=approval.pk).state


# Asking


def test_up_to_the_threshold_nobody_is_asked(client, cast):
    paid = pay(cast.lease, 5_000_000)
    client.force_login(cast.diallo)
    client.post(reverse("payments:cancel_payment", args=[paid.pk]), {"reason": "Wrong tenant"})
    assert (status_of(paid), Approval.objects.count()) == ("cancelled", 0)


def test_above_it_the_page_asks_for_a_second_person(client, cast, payment):
    client.force_login(cast.diallo)
    page = reverse("payments:cancel_payment", args=[payment.pk])
    answer = client.post(page, {"reason": "Wrong tenant"}, follow=True)
    approval = Approval.objects.get()
    assert answer.redirect_chain == [(address("approval_page", approval), 302)]
    assert [told.level_tag for told in answer.context["messages"]] == ["warning"]
    assert (approval.state, approval.amount, approval.asked_by) == (
        "pending",
        6_000_000,
        cast.diallo,
    )
    assert (approval.act, approval.object_id) == ("payments.cancel_payment", payment.pk)
    assert status_of(payment) == "confirmed"
    shown = client.get(reverse("payments:payment_page", args=[payment.pk])).content.decode()
    assert approval.address in shown


def test_the_api_answers_that_it_waits(cast, payment):
    answer = Caller(cast.diallo).post(f"/api/payments/{payment.pk}/cancel", {"reason": "Error"})
    assert answer.status_code == 202
    told = answer.json()
    assert (told["status"], told["approval"]["status"]) == ("pending_approval", "pending")
    assert (told["approval"]["amount"], told["approval"]["currency"]) == (6_000_000, "GNF")


def test_asked_twice_it_waits_once(cast, asked, payment):
    again = cancel_payment(actor=cast.diallo, payment=payment, reason="Wrong tenant")
    assert again == asked
    with pytest.raises(BusinessError) as refusal:
        cancel_payment(actor=cast.bachir, payment=payment, reason="Wrong tenant")
    assert refusal.value.code == "approval_waiting"
    assert Approval.objects.count() == 1


def test_what_the_act_would_refuse_is_refused_before_anybody_is_asked(client, cast, payment):
    answer = Caller(cast.diallo).post(f"/api/payments/{payment.pk}/cancel", {})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "reason")
    client.force_login(cast.bachir)
    said = {"valid_from": "2026-01-01", "rent": "100000", "reason": "Agreed"}
    page = reverse("tenants:change_rent", args=[cast.lease.pk])
    assert client.post(page, said).status_code == 400
    assert Approval.objects.count() == 0


def test_who_may_not_do_it_cannot_ask_for_it(cast, payment):
    answer = Caller(cast.coumba).post(f"/api/payments/{payment.pk}/cancel", {"reason": "Error"})
    assert (answer.status_code, Approval.objects.count()) == (403, 0)


def test_a_waived_charge_and_a_lowered_rent_wait_too(client, cast):
    lease = make_lease(site=cast.conakry, rent=4_000_000, start=date(2026, 1, 1))
    rent = charge(lease, 4_000_000, date(2026, 9, 1))
    assert waive_charge(actor=cast.diallo, charge=rent, reason="Water").state == "pending"
    client.force_login(cast.bachir)
    page = reverse("tenants:change_rent", args=[lease.pk])
    said = {"valid_from": "2027-01-01", "rent": "3000000", "reason": "Works next door"}
    client.post(page, said)
    approval = Approval.objects.get(act="tenants.change_rent")
    assert (approval.amount, RentChange.objects.count()) == (1_000_000, 0)
    client.force_login(cast.awa)
    assert client.get(approval.address).status_code == 200
    client.post(address("approve", approval), {"answer": "For a year"})
    change = RentChange.objects.get()
    assert (change.valid_from, change.rent) == (date(2027, 1, 1), 3_000_000)


def test_a_little_less_rent_waits_for_nobody(client, cast):
    client.force_login(cast.bachir)
    said = {"valid_from": "2027-01-01", "rent": "600000", "reason": "Agreed"}
    client.post(reverse("tenants:change_rent", args=[cast.lease.pk]), said)
    assert (RentChange.objects.count(), Approval.objects.count()) == (1, 0)


def test_small_steps_of_a_rent_are_one_large_one(cast):
    lease = make_lease(site=cast.conakry, rent=4_000_000, start=date(2026, 1, 1))

    def lower(day, rent):
        return change_rent(actor=cast.bachir, lease=lease, valid_from=day, rent=rent, reason="-")

    assert lower(date(2026, 11, 1), 3_600_000).rent == 3_600_000
    asked = lower(date(2026, 12, 1), 3_400_000)
    assert (asked.state, asked.amount) == ("pending", 600_000)
    refuse(actor=cast.awa, approval=asked, answer="No")
    assert lower(date(2026, 11, 1), 3_200_000).state == "pending"  # entered anew
    assert lower(date(2026, 12, 1), 3_800_000).rent == 3_800_000  # it rises
    assert lower(date(2027, 3, 2), 3_400_000).rent == 3_400_000  # three months later


def test_waivers_of_one_tenant_and_cancellations_of_one_person_are_added_up(client, cast):
    rents = [charge(cast.lease, 1_500_000, date(2026, month, 1)) for month in (7, 8)]
    others = charge(make_lease(site=cast.conakry), 1_500_000, date(2026, 9, 1))
    waive_charge(actor=cast.diallo, charge=rents[0], reason="Water")
    asked = waive_charge(actor=cast.bachir, charge=rents[1], reason="Water")
    assert (asked.state, asked.amount) == ("pending", 1_500_000)
    client.force_login(cast.awa)
    assert client.get(asked.address).context["together"] == 3_000_000
    approve(actor=cast.awa, approval=asked)
    assert waive_charge(actor=cast.bachir, charge=others, reason="Water").cancelled_on

    paid = [pay(cast.lease, 3_000_000) for _time in range(3)]
    cancel_payment(actor=cast.diallo, payment=paid[0], reason="Error")
    assert cancel_payment(actor=cast.diallo, payment=paid[1], reason="Error").state == "pending"
    assert cancel_payment(actor=cast.bachir, payment=paid[2], reason="Error").status == "cancelled"


# Deciding


def test_approved_it_happens_as_the_act_of_who_asked(client, cast, asked, payment):
    client.force_login(cast.bachir)
    page = client.post(address("approve", asked), {"answer": "Seen"}, follow=True)
    assert [told.level_tag for told in page.context["messages"]] == ["success"]
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, asked.answer) == ("approved", cast.bachir, "Seen")
    payment.refresh_from_db()
    assert (payment.status, payment.cancelled_by) == ("cancelled", cast.diallo)
    assert payment.cancel_reason == "Wrong tenant"
    context = payment.events.latest("pgh_id").pgh_context
    assert context.metadata["verb"] == "sites_app.approve"
    assert context.metadata["user"] == cast.bachir.pk
    assert asked.events.latest("pgh_id").pgh_context == context


def test_nobody_approves_what_he_asked_himself(client, cast, payment):
    mine = cancel_payment(actor=cast.bachir, payment=payment, reason="Error")
    client.force_login(cast.bachir)
    assert client.post(address("approve", mine)).status_code == 409
    assert client.post(address("refuse_approval", mine), {"answer": "No"}).status_code == 409
    assert (state_of(mine), status_of(payment)) == ("pending", "confirmed")
    with pytest.raises(DatabaseError), transaction.atomic():
        Approval.objects.filter(pk=mine.pk).update(state="approved", decided_by=cast.bachir)


def test_who_does_not_lead_or_works_elsewhere_decides_nothing(client, cast, asked):
    for person, status in ((cast.diallo, 403), (cast.coumba, 403), (cast.hadja, 404)):
        client.force_login(person)
        assert client.post(address("approve", asked)).status_code == status
    assert state_of(asked) == "pending"


def test_a_program_never_gives_the_second_yes(cast, asked):
    with pytest.raises(BusinessError):
        make_key(actor=cast.admin, name="Bot", scopes=["approval.decide"], branches=["GN_CONAKRY"])


def test_approving_asks_again_who_is_there(client, cast, asked):
    client.force_login(cast.bachir)
    with time_machine.travel(datetime(2026, 10, 15, 11, tzinfo=UTC)):
        answer = client.get(address("approve", asked))
    assert answer["Location"].startswith("/accounts/reauthenticate/")


def test_approved_twice_it_happens_once(cast, asked, payment):
    for person in (cast.bachir, cast.awa):
        approve(actor=person, approval=asked)
    assert Approval.objects.get().decided_by == cast.bachir
    assert JournalEntry.objects.filter(kind="reversal").count() == 1


def test_what_happened_meanwhile_is_told_and_stays_undone(client, cast, asked, payment):
    cancel_payment(actor=User.objects.system(), payment=payment, reason="Bounced")
    client.force_login(cast.bachir)
    answer = client.post(address("approve", asked))
    assert (answer.status_code, state_of(asked)) == (409, "pending")
    assert client.post(address("refuse_approval", asked), {"answer": "Done"}).status_code == 302
    assert state_of(asked) == "refused"


def test_the_right_of_who_asked_is_judged_again(client, cast, asked, payment):
    Assignment.objects.filter(user=cast.diallo).update(ends_on=date(2026, 10, 14))
    with pytest.raises(BusinessError) as refusal:
        approve(actor=cast.bachir, approval=asked)
    assert refusal.value.code == "asker_not_allowed"
    assert (state_of(asked), status_of(payment)) == ("pending", "confirmed")


def test_refused_it_never_happens(client, cast, asked, payment):
    client.force_login(cast.bachir)
    assert client.post(address("refuse_approval", asked), {"answer": " "}).status_code == 400
    client.post(address("refuse_approval", asked), {"answer": "It was hers"})
    assert (state_of(asked), status_of(payment)) == ("refused", "confirmed")
    assert client.post(address("approve", asked)).status_code == 409


def test_only_who_asked_withdraws(client, cast, asked):
    client.force_login(cast.bachir)
    assert client.post(address("withdraw_approval", asked)).status_code == 403
    client.force_login(cast.diallo)
    page = client.post(address("withdraw_approval", asked), follow=True)
    assert [told.level_tag for told in page.context["messages"]] == ["success"]
    assert state_of(asked) == "withdrawn"


def test_what_nobody_decides_expires(cast, asked, payment):
    with time_machine.travel(datetime(2026, 10, 22, 10, 1, tzinfo=UTC)):
        with pytest.raises(BusinessError) as refusal:
            approve(actor=cast.bachir, approval=asked)
        again = cancel_payment(actor=cast.bachir, payment=payment, reason="Wrong tenant")
    assert refusal.value.code == "approval_decided"
    assert (state_of(asked), state_of(again)) == ("expired", "pending")
    with time_machine.travel(datetime(2026, 10, 29, 10, 2, tzinfo=UTC)):
        expire()
        expire()
    assert (state_of(again), status_of(payment)) == ("expired", "confirmed")


def test_the_database_keeps_what_was_asked_and_decided(cast, asked):
    rows = Approval.objects.filter(pk=asked.pk)
    for change in (
        {"amount": 1},
        {"reason": "Another"},
        {"asked_at": asked.asked_at - timedelta(1)},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    refuse(actor=cast.bachir, approval=asked, answer="No")
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(state="pending")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM sites_app_approval")


# Finding


def test_it_waits_on_the_first_page_of_who_may_decide(cast, asked):
    def told(user):
        found = waiting_for(user, [cast.conakry])
        return [line.number for line in found if line.address == reverse("sites_app:approval_list")]

    assert (told(cast.bachir), told(cast.diallo)) == ([1], [])


def test_the_page_names_who_may_decide(client, cast, asked, django_assert_max_num_queries):
    names = (cast.awa.name, cast.bachir.name)
    make_user("Ibrahima Leno", "chef_equipe", cast.kindia)
    client.force_login(cast.diallo)
    with django_assert_max_num_queries(12):
        shown = client.get(asked.address).content.decode()
    assert all(name in shown for name in names)
    assert "Ibrahima Leno" not in shown
    assert address("approve", asked) not in shown


def test_the_list_asks_few_questions(client, cast, django_assert_max_num_queries):
    for _number in range(3):
        ask_approval(pay(cast.lease, 1_000), cast.diallo)
    client.force_login(cast.bachir)
    with django_assert_max_num_queries(10):
        answer = client.get(reverse("sites_app:approval_list"))
    assert len(answer.context["page"]) == 3
    assert len(client.get("/accords/?state=approved").context["page"]) == 0


def test_the_api_lists_and_decides(cast, asked, payment):
    assert Caller(cast.hadja).get("/api/approvals").json()["results"] == []
    caller = Caller(cast.bachir)
    assert caller.get("/api/approvals?status=pending").json()["results"][0]["id"] == asked.pk
    own = Caller(cast.diallo).post(f"/api/approvals/{asked.pk}/approve")
    assert own.status_code == 403
    first = caller.post(f"/api/approvals/{asked.pk}/approve", {"answer": "Seen"})
    again = caller.post(f"/api/approvals/{asked.pk}/approve", {"answer": "Seen"})
    assert (first.status_code, first.json()["status"]) == (200, "approved")
    assert again.json() == first.json()
    assert status_of(payment) == "cancelled"
    assert caller.post(f"/api/approvals/{asked.pk}/refuse", {"answer": "No"}).status_code == 409


@pytest.mark.django_db(transaction=True)
def test_two_approve_at_once_and_it_happens_once(cast):
    paid = pay(cast.lease, 6_000_000)
    asked = cancel_payment(actor=cast.diallo, payment=paid, reason="Error")
    leads = (cast.awa, cast.bachir, cast.admin)
    decided = at_once(*[lambda lead=lead: approve(actor=lead, approval=asked) for lead in leads])
    assert len({approval.decided_by_id for approval in decided}) == 1
    assert JournalEntry.objects.filter(kind="reversal").count() == 1


@pytest.mark.django_db(transaction=True)
def test_asked_at_once_it_waits_once(cast):
    paid, diallo = pay(cast.lease, 6_000_000), cast.diallo
    found = at_once(
        *[lambda: cancel_payment(actor=diallo, payment=paid, reason="Error") for _time in range(3)]
    )
    assert len({approval.pk for approval in found}) == 1
