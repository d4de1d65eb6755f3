"""The pages of money through the door: who reads them, what their buttons do."""

import re
import uuid
from datetime import date

import pytest
from django.urls import reverse

from notifications.models import Job
from payments.models import AgencyCost, Charge, Payment, Receipt, RentRun
from payments.services.checking import differences
from payments.services.closing import close_period
from payments.services.collecting import cancel_payment
from tests.factories import charge, make_lease, pay

JUNE = date(2026, 6, 1)


@pytest.fixture
def rent(cast):
    return charge(cast.lease, 1_000_000, JUNE, end=date(2026, 6, 30))


@pytest.fixture
def payment(cast, rent):
    return pay(cast.lease, 400_000, date(2026, 6, 5), actor=cast.diallo)


def address(name, *keys, **query):
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return reverse(f"payments:{name}", args=keys) + (f"?{asked}" if asked else "")


def form(**fields):
    usual = {"amount": "600 000", "method": "cash", "value_date": "2026-10-15"}
    return {"key": str(uuid.uuid4()), **usual, **fields}


LISTS = [
    "record_payment",
    "payment_list",
    "receipt_list",
    "charge_list",
    "charge_rent",
    "journal",
    "trial_balance",
    "period_list",
    "cost_list",
    "enter_cost",
]
MAY = {
    "awa": LISTS,
    "bachir": LISTS[:5],
    "coumba": LISTS[:4],
    "diallo": LISTS,
    "estelle": LISTS[:4],
    "fode": LISTS[1:4],
    "gassim": LISTS[1:4],
}


@pytest.mark.parametrize("name", MAY)
def test_who_reads_which_list(cast, client, payment, name):
    client.force_login(getattr(cast, name))
    statuses = {page: client.get(address(page)).status_code for page in LISTS}
    assert statuses == {page: 200 if page in MAY[name] else 403 for page in LISTS}


def test_strangers_are_sent_to_the_sign_in(client, cast, payment):
    for page in LISTS:
        assert client.get(address(page)).status_code == 302


def test_hadja_sees_nothing_of_conakry(cast, client, rent, payment):
    client.force_login(cast.hadja)
    pages = [
        address("payment_page", payment.pk),
        address("payment_history", payment.pk),
        address("cancel_payment", payment.pk),
        address("charge_page", rent.pk),
        address("waive_charge", rent.pk),
        address("issue_quittance", rent.pk),
        address("receipt", payment.receipt.pk),
        address("record_payment", lease=cast.lease.pk),
        address("preview_payment", lease=cast.lease.pk, amount=5),
        address("raise_charge", lease=cast.lease.pk),
    ]
    assert [client.get(page).status_code for page in pages] == [404] * len(pages)
    for page in ("payment_list", "receipt_list", "charge_list"):
        answer = client.get(address(page, q="Gassim"))
        assert not list(answer.context["page"])
    found = client.get(address("record_payment", q="Gassim"))
    assert not found.context["leases"]
    answer = client.post(address("record_payment", lease=cast.lease.pk), form())
    assert answer.status_code == 404
    assert Payment.objects.count() == 1


def test_an_owner_and_a_tenant_see_their_own(cast, client, rent, payment):
    other = pay(make_lease(site=cast.conakry), 5_000)
    for person in (cast.fode, cast.gassim):
        client.force_login(person)
        assert list(client.get(address("payment_list", q="")).context["page"]) == []
        mine = client.get(address("payment_list", **{"from": "2026-01-01"}))
        assert [row.pk for row in mine.context["page"]] == [payment.pk]
        assert client.get(address("payment_page", payment.pk)).status_code == 200
        assert client.get(address("charge_page", rent.pk)).status_code == 200
        assert client.get(address("payment_page", other.pk)).status_code == 404
    assert client.get(address("my_account")).status_code == 302


def test_records_a_payment_and_shows_its_receipt(cast, client, rent):
    client.force_login(cast.coumba)
    asked = client.get(address("record_payment", q="gassim"))
    assert asked.url == address("record_payment", lease=cast.lease.pk)
    shown = client.get(asked.url)
    key = re.search(r'name="key" value="([^"]+)"', shown.content.decode())[1]
    fields = form(key=key, reference="")
    answer = client.post(asked.url, fields)
    payment = Payment.objects.get()
    assert answer.url == address("payment_page", payment.pk)
    assert (payment.amount, payment.created_by) == (600_000, cast.coumba)
    assert Receipt.objects.get().number in client.get(answer.url).content.decode()
    again = client.post(asked.url, fields)
    assert again.url == answer.url
    assert Payment.objects.count() == 1
    assert differences() == []


def test_the_amount_owed_stands_in_the_form(cast, client, rent, payment):
    client.force_login(cast.coumba)
    shown = client.get(address("record_payment", lease=cast.lease.pk))
    assert shown.context["form"]["amount"].value() == "600\u202f000"


@pytest.mark.parametrize(
    ("fields", "wrong", "status"),
    [
        ({"amount": "abc"}, "amount", 400),
        ({"amount": "0"}, "amount", 400),
        ({"amount": "-5"}, "amount", 400),
        ({"amount": "1.5"}, "amount", 400),
        ({"amount": "10000000000000"}, "amount", 400),
        ({"amount": ""}, "amount", 400),
        ({"method": "barter"}, "method", 400),
        ({"value_date": "2026-10-16"}, "value_date", 400),
        ({"value_date": "yesterday"}, "value_date", 400),
        ({"value_date": "2026-05-31"}, "value_date", 409),
        ({"for_charge": "999999"}, "for_charge", 400),
    ],
)
def test_a_bad_field_is_told_beside_it_and_nothing_is_written(
    cast, client, rent, fields, wrong, status
):
    close_period(actor=cast.diallo, site=cast.conakry, month=date(2026, 5, 1))
    client.force_login(cast.coumba)
    answer = client.post(address("record_payment", lease=cast.lease.pk), form(**fields))
    assert answer.status_code == status
    assert list(answer.context["form"].errors) == [wrong]
    assert not Payment.objects.exists()


def test_the_preview_answers_htmx_and_the_button_without_javascript(cast, client, rent):
    client.force_login(cast.coumba)
    asked = form(amount="400000")
    look = {"lease": cast.lease.pk, **asked}
    page = client.get(address("preview_payment"), look)
    assert page.context["preview"].balance == 600_000
    page = client.get(address("preview_payment"), {**look, "amount": "x"})
    assert page.status_code == 200
    page = client.post(address("record_payment", lease=cast.lease.pk), {**asked, "look": "1"})
    assert page.context["preview"].parts[0].percent == 40
    assert not Payment.objects.exists()


def test_the_list_adds_up_what_it_shows(cast, client, rent, payment):
    cancelled = pay(cast.lease, 70_000)
    cancel_payment(actor=cast.diallo, payment=cancelled, reason="error")
    pay(cast.lease, 100_000, method="wave", reference="W-1")
    client.force_login(cast.diallo)

    def listed(**query):
        context = client.get(address("payment_list", **query)).context
        return len(context["page"]), [(row["number"], row["amount"]) for row in context["sums"]]

    assert listed() == (2, [(1, 100_000)])
    assert listed(lease=cast.lease.pk) == (3, [(2, 500_000)])
    assert listed(method="wave", q="W-1") == (1, [(1, 100_000)])
    assert listed(status="cancelled") == (1, [(0, 0)])
    assert listed(q=payment.receipt.number) == (1, [(1, 400_000)])
    assert listed(**{"from": "2026-06-01", "to": "2026-06-30"}) == (1, [(1, 400_000)])


def test_cancels_with_a_reason(cast, client, payment):
    client.force_login(cast.diallo)
    page = address("cancel_payment", payment.pk)
    assert client.post(page, {"reason": ""}).status_code == 400
    assert client.post(page, {"reason": "Wrong tenant"}).url == address("payment_page", payment.pk)
    assert "Wrong tenant" in client.get(address("payment_page", payment.pk)).content.decode()
    assert client.get(page).status_code == 302
    client.force_login(cast.coumba)
    assert client.post(page, {"reason": "x"}).status_code == 403


def test_lists_charges_by_month_and_state(cast, client, rent, payment):
    charge(cast.lease, 30_000, date(2026, 10, 10), due=date(2026, 10, 20), kind="other")
    client.force_login(cast.diallo)

    def listed(**query):
        context = client.get(address("charge_list", **query)).context
        return len(context["page"]), [(row["charged"], row["left"]) for row in context["sums"]]

    assert listed() == (1, [(30_000, 30_000)])
    assert listed(period="2026-06") == (1, [(1_000_000, 600_000)])
    assert listed(state="overdue") == (1, [(1_000_000, 600_000)])
    assert listed(period="", state="partial") == (1, [(1_000_000, 600_000)])
    assert listed(lease=cast.lease.pk) == (2, [(1_030_000, 630_000)])
    assert listed(lease=cast.lease.pk, kind="other", state="due") == (1, [(30_000, 30_000)])
    assert listed(period="2026-13")[0] == 1


def test_charges_by_hand_once_waives_and_issues_the_rent_receipt(cast, client, rent):
    client.force_login(cast.diallo)
    page = address("raise_charge", lease=cast.lease.pk)
    fields = {
        "key": str(uuid.uuid4()),
        "kind": "other",
        "amount": "80 000",
        "period_start": "2026-10-01",
        "period_end": "2026-10-31",
        "due_date": "2026-10-10",
    }
    answers = [client.post(page, fields) for _time in range(2)]
    raised = Charge.objects.get(kind="other")
    assert {answer.url for answer in answers} == {address("charge_page", raised.pk)}
    client.post(address("waive_charge", raised.pk), {"reason": "agreed"})
    told = client.get(address("charge_history", raised.pk)).context["events"]
    assert [event.act for event in told] == ["payments.waive_charge", "payments._raise_charge_once"]
    raised.refresh_from_db()
    assert raised.state == "cancelled"
    unpaid = client.post(address("issue_quittance", rent.pk), {"x": ""})
    assert unpaid.status_code == 409
    pay(cast.lease, 1_000_000)
    client.post(address("issue_quittance", rent.pk), {"x": ""})
    quittance = Receipt.objects.get(kind="quittance")
    assert client.get(address("receipt", quittance.pk)).url == address("charge_page", rent.pk)
    assert client.get(address("charge_page", rent.pk)).context["quittance"] == quittance


def test_a_rent_run_is_previewed_and_done_by_a_worker(cast, client):
    cast.lease  # noqa: B018
    client.force_login(cast.bachir)
    month = {"site": "GN_CONAKRY", "month": "2026-09"}
    preview = client.get(address("preview_rent"), month).context["preview"]
    assert (preview.leases, preview.created, preview.amount) == (1, 2, 1_050_000)
    answer = client.post(address("charge_rent"), month)
    job = Job.objects.get()
    assert answer.url == reverse("notifications:job", args=[job.pk])
    assert (job.state, job.result["created"], job.result["amount"]) == ("done", 2, 1_050_000)
    run = RentRun.objects.get()
    assert run.requested_by == cast.bachir
    assert client.get(address("rent_run", run.pk)).status_code == 200
    assert client.get(address("charge_rent")).context["runs"][0] == run
    preview = client.get(address("preview_rent"), month).context["preview"]
    assert (preview.created, preview.existing) == (0, 2)
    far = client.post(address("charge_rent"), {**month, "month": "2027-03"})
    assert (far.status_code, Job.objects.count()) == (400, 1)
    client.force_login(cast.hadja)
    assert client.post(address("charge_rent"), month).status_code == 400
    assert client.get(address("rent_run", run.pk)).status_code == 404


def test_late_fees_by_a_button(cast, client, rent):
    client.force_login(cast.bachir)
    client.post(address("charge_late_fees"), {"site": "GN_CONAKRY"})
    assert Job.objects.get().result == {"created": 1, "amount": 100_000}


def test_the_journal_turns_its_pages_without_losing_an_entry(cast, client):
    for number in range(35):
        pay(cast.lease, 1_000 + number, date(2026, 9, 1 + number % 3))
    client.force_login(cast.diallo)
    seen, after = [], ""
    while after is not None:
        context = client.get(address("journal", account="571", after=after)).context
        seen += [entry.pk for entry in context["entries"]]
        after = context["after"]
    assert len(seen) == len(set(seen)) == 35
    narrowed = client.get(address("journal", **{"from": "2026-09-02", "to": "2026-09-02"}))
    assert {entry.value_date for entry in narrowed.context["entries"]} == {date(2026, 9, 2)}
    assert not client.get(address("journal", account="521")).context["entries"]


def test_the_trial_balance_sums_to_zero_on_any_day(cast, client, rent, payment):
    pay(cast.lease, 600_000)
    client.force_login(cast.diallo)
    for day in ("2026-06-01", "2026-06-05", "2026-10-15"):
        ((_currency, rows, sums),) = client.get(address("trial_balance", on=day)).context["books"]
        assert sums["owes"] == sums["has"] > 0
        assert sums["debit"] == sums["credit"]
    assert {row.code for row in rows} >= {"571", "4672", "7061", "4431"}
    assert not client.get(address("trial_balance", on="2025-01-01")).context["books"]


def test_enters_a_cost_and_corrects_it(cast, client):
    client.force_login(cast.diallo)
    fields = {"site": "GN_CONAKRY", "month": "2026-09", "category": "salaries"}
    for amount in ("4 000 000", "4 500 000"):
        client.post(address("enter_cost"), {**fields, "amount": amount})
    assert AgencyCost.objects.get().amount == 4_500_000
    context = client.get(address("cost_list", year="2026")).context
    assert [row["amount"] for row in context["sums"]] == [4_500_000]


def test_the_pages_of_tenant_lease_property_and_owner_carry_their_money(
    cast, client, rent, payment
):
    client.force_login(cast.bachir)
    pages = [
        reverse("tenants:lease_page", args=[cast.lease.pk]),
        reverse("tenants:tenant_page", args=[cast.tenant.pk]),
        reverse("sites_app:property_page", args=[cast.house.pk]),
        reverse("sites_app:owner_page", args=[cast.owner.pk]),
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        assert "600\u202f000" in answer.content.decode()


@pytest.mark.parametrize(
    ("listing", "most"),
    [("payment_list", 12), ("charge_list", 12), ("receipt_list", 12), ("journal", 12)],
)
def test_lists_ask_few_questions_however_long(
    cast, client, django_assert_max_num_queries, listing, most
):
    for number in range(12):
        lease = make_lease(site=cast.conakry)
        charge(lease, 500_000, date(2026, 10, 1))
        pay(lease, 100_000 + number)
    client.force_login(cast.diallo)
    with django_assert_max_num_queries(most):
        assert client.get(address(listing)).status_code == 200


def test_receipts_stand_newest_first_by_their_numbers(cast, client, rent):
    paid = [pay(cast.lease, 1_000, date(2026, 6, day), actor=cast.diallo) for day in range(1, 6)]
    client.force_login(cast.diallo)
    for asked in ({}, {"kind": "receipt"}, {"status": "valid"}):
        page = client.get(address("receipt_list", **asked)).context["page"]
        assert [receipt.payment_id for receipt in page] == [row.pk for row in reversed(paid)]
        assert page.paginator.count == 5
    assert not client.get(address("receipt_list", kind="quittance")).context["page"].object_list


def test_a_payment_is_found_by_receipt_reference_or_tenant(cast, client, rent, payment):
    client.force_login(cast.diallo)
    other = pay(cast.lease, 1_000, date(2026, 6, 7), actor=cast.diallo, reference="OM-77x")
    number = payment.receipts.get().number
    tenant = cast.lease.tenant.name
    for text, found in (
        (number.lower(), {payment.pk}),
        ("OM-77x", {other.pk}),
        (tenant, {payment.pk, other.pk}),
        ("nobody-at-all", set()),
    ):
        page = client.get(address("payment_list"), {"q": text}).context["page"]
        assert {row.pk for row in page} == found
        receipts = client.get(address("receipt_list"), {"q": text}).context["page"]
        if text != "OM-77x":
            assert {row.payment_id for row in receipts} == found
    client.get(address("payment_list"))
    cancel_payment(actor=cast.diallo, payment=other, reason="Saisie deux fois")
    page = client.get(address("payment_list"), {"q": "OM-77x"}).context["page"]
    assert [row.pk for row in page] == [other.pk]


def test_cancelled_charges_of_a_month_are_seen_when_asked_for(cast, client, rent):
    waived = charge(cast.lease, 5_000, JUNE, end=date(2026, 6, 30), kind="other")
    Charge.objects.filter(pk=waived.pk).update(cancelled_on=date(2026, 6, 2))
    client.force_login(cast.diallo)

    def shown(**asked):
        page = client.get(address("charge_list", **asked)).context["page"]
        assert page.paginator.count == len(page.object_list)
        return {row.pk for row in page}

    assert shown(period="2026-06") == {rent.pk}
    assert shown(period="2026-06", state="cancelled") == {waived.pk}
    assert shown(lease=cast.lease.pk) == {rent.pk, waived.pk}
