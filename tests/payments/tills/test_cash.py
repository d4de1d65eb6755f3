"""Cash from the tenant to the bank, through the pages: each account is right at each step."""

import uuid
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from payments.metrics.tills import cash_in_hands, open_days
from payments.models import (
    Account,
    BankDeposit,
    CashLimit,
    DayClosing,
    HandOver,
    MoneyAccount,
    Payment,
)
from payments.services.checking import differences
from payments.services.collecting import cancel_payment
from payments.services.tills import arrive, carry_to_bank, declare_hand_over, deposit_of
from payments.services.wallets import wallet_of
from tests.factories import charge, make_lease, make_property, make_tenant, make_unit, pay
from tests.payments.tills.counting import counted, line_of, sums

MARCH = date(2026, 3, 1)


def address(name, *keys, **asked):
    query = "&".join(f"{key}={value}" for key, value in asked.items())
    return reverse(f"payments:{name}", args=keys) + (f"?{query}" if query else "")


def send(client, name, *keys, site="GN_CONAKRY", **fields):
    """Send a form to a page of Conakry, with a fresh key unless one is given."""
    return client.post(address(name, *keys, site=site), {"key": str(uuid.uuid4()), **fields})


@pytest.fixture
def taken(cast):
    """Estelle took 800 000 GNF from Gassim."""
    charge(cast.lease, 1_000_000, MARCH)
    return pay(cast.lease, 800_000, date(2026, 10, 12), actor=cast.estelle)


def declare(client, cast, amount=800_000, **fields):
    client.force_login(cast.estelle)
    answer = send(client, "declare_hand_over", source="own", **counted(amount), **fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return HandOver.objects.latest("pk")


def test_from_the_tenant_over_agent_and_till_to_the_bank(cast, client, taken):
    hers = f"5712-{cast.estelle.pk}"
    assert sums(cast.conakry) == {hers: 800_000}
    hand_over = declare(client, cast)
    assert sums(cast.conakry) == {hers: 800_000}
    client.force_login(cast.coumba)
    answer = send(client, "confirm_hand_over", hand_over.pk, **counted(800_000))
    assert answer.url == address("hand_over_page", hand_over.pk)
    assert sums(cast.conakry) == {"571": 800_000}
    send(client, "carry_to_bank", what="cash", amount="700 000", slip="B-17", day="2026-10-15")
    assert sums(cast.conakry) == {"571": 100_000, "585": 700_000}
    deposit = BankDeposit.objects.get()
    line = line_of(deposit.account, 700_000)
    arrive(actor=cast.diallo, deposit=deposit, line=line)
    arrive(actor=cast.diallo, deposit=deposit, line=line)
    assert sums(cast.conakry) == {"571": 100_000, "521": 700_000}
    listed = client.get(address("bank_deposit_list", state="arrived")).context
    assert [row.pk for row in listed["page"]] == [deposit.pk]
    assert differences() == []


def test_cash_lies_with_who_took_it_and_else_in_the_till(cast):
    lease = cast.lease
    pay(lease, 1_000, actor=cast.coumba)
    pay(lease, 2_000, actor=cast.coumba, collected_by=cast.bachir)
    pay(lease, 4_000, actor=cast.estelle)
    pay(lease, 8_000, actor=cast.estelle, method="wave")
    assert sums(cast.conakry) == {
        "571": 1_000,
        f"5712-{cast.bachir.pk}": 2_000,
        f"5712-{cast.estelle.pk}": 4_000,
        "5523": 8_000,
    }
    assert Payment.objects.get(amount=4_000).collected_by == cast.estelle
    account = Account.objects.get(code=f"5712-{cast.estelle.pk}")
    assert (account.label, account.holder) == ("Estelle Loua", cast.estelle)


def test_a_difference_needs_a_reason_and_stands_in_the_same_entry(cast, client, taken):
    hand_over = declare(client, cast)
    client.force_login(cast.coumba)
    refused = send(client, "confirm_hand_over", hand_over.pk, **counted(750_000))
    assert refused.status_code == 400
    assert "reason" in refused.context["form"].errors
    send(client, "confirm_hand_over", hand_over.pk, reason="Billets déchirés", **counted(750_000))
    assert sums(cast.conakry) == {"571": 750_000, "6588": 50_000}
    hand_over.refresh_from_db()
    assert hand_over.entry.lines.count() == 3
    assert hand_over.counted_notes == {"20000": 37, "10000": 1}
    paper = client.get(address("hand_over_paper", hand_over.pk))
    assert paper.content.startswith(b"%PDF")


def test_declared_and_confirmed_twice_is_once(cast, client, taken):
    key = str(uuid.uuid4())
    first = declare(client, cast, 300_000, key=key)
    assert declare(client, cast, 300_000, key=key) == first
    client.force_login(cast.coumba)
    for _time in range(2):
        answer = send(client, "confirm_hand_over", first.pk, **counted(300_000))
        assert answer.status_code == 302
    assert sums(cast.conakry)["571"] == 300_000
    refused = send(client, "refuse_hand_over", first.pk, reason="Trop tard")
    assert refused.status_code == 409


def test_nobody_confirms_alone_and_third_persons_do_not(cast, client, taken):
    hand_over = declare(client, cast)
    alone = send(client, "confirm_hand_over", hand_over.pk, **counted(800_000))
    assert alone.status_code == 403
    client.force_login(cast.bachir)
    send(client, "refuse_hand_over", hand_over.pk, reason="Pas compté")
    assert HandOver.objects.get().state == "refused"
    to_bachir = declare(client, cast, receiver=cast.bachir.pk)
    client.force_login(cast.coumba)
    assert send(client, "confirm_hand_over", to_bachir.pk, **counted(800_000)).status_code == 403
    client.force_login(cast.bachir)
    assert send(client, "confirm_hand_over", to_bachir.pk, **counted(800_000)).status_code == 302
    assert sums(cast.conakry) == {f"5712-{cast.bachir.pk}": 800_000}
    client.force_login(cast.estelle)
    to_herself = send(
        client, "declare_hand_over", source="own", receiver=cast.estelle.pk, **counted(1_000)
    )
    assert to_herself.status_code == 400
    out_of_the_till = send(
        client, "declare_hand_over", source="till", receiver=cast.bachir.pk, **counted(1_000)
    )
    assert out_of_the_till.status_code == 400


def test_nothing_is_handed_over_that_was_never_recorded(cast, client, taken):
    client.force_login(cast.estelle)
    refused = send(client, "declare_hand_over", source="own", **counted(900_000))
    assert refused.status_code == 409
    declare(client, cast, 500_000)
    again = send(client, "declare_hand_over", source="own", **counted(500_000))
    assert again.status_code == 409
    hand_over = HandOver.objects.get()
    cancel_payment(actor=cast.diallo, payment=taken, reason="Erreur")
    client.force_login(cast.coumba)
    assert send(client, "confirm_hand_over", hand_over.pk, **counted(500_000)).status_code == 409
    assert sums(cast.conakry) == {}
    till = send(client, "carry_to_bank", what="cash", amount="1", slip="B-1", day="2026-10-15")
    assert till.status_code == 409


def test_counts_without_javascript_before_it_declares(cast, client, taken):
    client.force_login(cast.estelle)
    shown = send(client, "declare_hand_over", source="own", look="1", **counted(70_500))
    assert shown.context["form"].counted == 70_500
    assert not HandOver.objects.exists()
    empty = send(client, "declare_hand_over", source="own")
    assert empty.status_code == 400
    wrong = send(client, "declare_hand_over", source="own", n20000="-1", n10000="abc")
    assert set(wrong.context["form"].errors) == {"n20000", "n10000"}


def test_an_agent_sees_what_passes_through_own_hands(cast, client, taken):
    pay(cast.lease, 5_000, collected_by=cast.bachir)
    other = declare_hand_over(
        actor=cast.bachir, site=cast.conakry, notes={5_000: 1}, key="k", receiver=None
    )
    client.force_login(cast.estelle)
    page = client.get(address("cash_page")).context
    assert [hand.person for hand in page["hands"]] == [cast.estelle.pk]
    assert (page["tills"], page["waiting"]) == ([], [])
    accounts = {account.code: account.pk for account in Account.objects.all()}
    hers, his = accounts[f"5712-{cast.estelle.pk}"], accounts[f"5712-{cast.bachir.pk}"]
    listed = client.get(address("cash_account", hers)).context
    assert [(line.amount, line.balance) for line in listed["page"]] == [(800_000, 800_000)]
    for hidden in (his, accounts["571"], accounts["411"]):
        assert client.get(address("cash_account", hidden)).status_code == 404
    assert client.get(address("hand_over_page", other.pk)).status_code == 404
    client.force_login(cast.coumba)
    page = client.get(address("cash_page")).context
    assert {hand.person for hand in page["hands"]} == {cast.estelle.pk, cast.bachir.pk}
    assert page["waiting"] == [other]
    assert client.get(address("cash_account", accounts["411"])).status_code == 404
    client.force_login(cast.hadja)
    assert client.get(address("cash_page")).context["hands"] == []
    assert client.get(address("cash_account", hers)).status_code == 404
    assert client.get(address("hand_over_page", other.pk)).status_code == 404


def test_a_limit_warns_and_blocks_nothing(cast, client, taken):
    client.force_login(cast.awa)
    for amount in ("500 000", "600 000"):
        asked = {"site": "GN_CONAKRY", "agent": cast.estelle.pk, "amount": amount}
        assert client.post(address("set_cash_limit"), asked).status_code == 302
    assert CashLimit.objects.get().amount == 600_000
    (hand,) = cash_in_hands([cast.conakry])
    assert (hand.amount, hand.limit, hand.is_over) == (800_000, 600_000, True)
    assert (hand.since, hand.days, hand.last) == (date(2026, 10, 12), 3, None)
    for person in (cast.estelle, cast.coumba):
        client.force_login(person)
        warned = [line for line in client.get("/").context["waiting"] if line.text]
        assert len(warned) == 1
    pay(cast.lease, 1_000, actor=cast.estelle)


def test_the_oldest_of_what_is_carried_tells_since_when(cast, client, taken):
    declare(client, cast, 800_000)
    pay(cast.lease, 200_000, date(2026, 10, 14), actor=cast.estelle)
    client.force_login(cast.coumba)
    send(client, "confirm_hand_over", HandOver.objects.get().pk, **counted(800_000))
    (hand,) = cash_in_hands([cast.conakry])
    assert (hand.amount, hand.since) == (200_000, date(2026, 10, 14))
    assert hand.last is not None


def test_closes_a_day_once_with_its_difference(cast, client):
    pay(cast.lease, 500_000, date(2026, 10, 14))
    client.force_login(cast.coumba)
    silent = send(client, "close_day", day="2026-10-14", **counted(480_000))
    assert "remark" in silent.context["form"].errors
    for _time in range(2):
        send(client, "close_day", day="2026-10-14", remark="Il manque 20", **counted(480_000))
    closing = DayClosing.objects.get()
    assert (closing.expected, closing.counted, closing.difference) == (500_000, 480_000, -20_000)
    assert sums(cast.conakry) == {"571": 480_000, "6588": 20_000}
    again = send(client, "close_day", day="2026-10-14", remark="Retrouvé", **counted(500_000))
    assert again.status_code == 409
    earlier = send(client, "close_day", day="2026-10-13", **counted(480_000))
    assert earlier.status_code == 409
    tomorrow = send(client, "close_day", day="2026-10-16", **counted(480_000))
    assert tomorrow.status_code == 400
    send(client, "close_day", day="2026-10-15", remark="Retrouvé", **counted(500_000))
    assert sums(cast.conakry) == {"571": 500_000}
    assert client.get(address("closing_list")).context["page"].paginator.count == 2


def test_proposes_today_or_the_day_that_was_asked_for(cast, client):
    client.force_login(cast.coumba)
    for asked, proposed in (({}, timezone.localdate()), ({"day": "2026-10-14"}, "2026-10-14")):
        form = client.get(address("close_day"), asked).context["form"]
        assert form["day"].value() == proposed


def test_names_the_days_that_were_not_closed(cast, client):
    pay(cast.lease, 1_000, date(2026, 10, 10))
    assert open_days([cast.conakry]) == {}
    client.force_login(cast.coumba)
    send(client, "close_day", day="2026-10-10", **counted(1_000))
    pay(cast.lease, 2_000, date(2026, 10, 13))
    pay(cast.lease, 2_000, date(2026, 10, 15))
    assert open_days([cast.conakry]) == {"GN_CONAKRY": [date(2026, 10, 13)]}
    waiting = client.get("/").context["waiting"]
    assert [line.number for line in waiting if "clotures" in line.address] == [1]


def test_a_slip_is_used_once_and_cheques_go_the_same_way(cast, client):
    pay(cast.lease, 300_000, method="cheque")
    pay(cast.lease, 200_000)
    client.force_login(cast.coumba)
    fields = {"amount": "300 000", "slip": "B-2", "day": "2026-10-15"}
    for _time in range(2):
        assert send(client, "carry_to_bank", what="cheques", **fields).status_code == 302
    assert sums(cast.conakry) == {"571": 200_000, "585": 300_000}
    other = send(client, "carry_to_bank", what="cash", **{**fields, "amount": "200 000"})
    assert other.status_code == 409
    deposit = BankDeposit.objects.get()
    assert deposit.account == wallet_of(cast.conakry, MoneyAccount.Kind.BANK)
    figure = client.get(address("cash_page")).context["tills"][0]
    listed = client.get(address("bank_deposit_list", state="on_way")).context["sums"]
    assert figure.transit == listed[0]["amount"] == 300_000


def test_a_line_of_another_sum_is_not_the_arrival(cast):
    pay(cast.lease, 300_000)
    deposit = carry_to_bank(actor=cast.coumba, site=cast.conakry, amount=300_000, slip="BV-9001")
    assert deposit_of(line_of(deposit.account, 300_000, text="VERSEMENT BV9001")) == deposit
    assert deposit_of(line_of(deposit.account, 300_000)) == deposit
    assert deposit_of(line_of(deposit.account, 300_001, text="BV-9001")) is None


# In series


@pytest.fixture
def tenants(cast):
    """Two leases of tenants whose names are nearly the same, and Gassim's."""
    house = make_property(site=cast.conakry)
    return [
        make_lease(unit=make_unit(house), tenant=make_tenant(site=cast.conakry, name=name))
        for name in ("Aminata Diaby", "Aminata Diakité")
    ] + [cast.lease]


def rows(*said):
    """Return the fields of rows: (who, amount) each, with keys of their own."""
    fields = {}
    for number in range(10):
        who, amount = said[number] if number < len(said) else ("", "")
        fields |= {f"{number}-who": who, f"{number}-amount": amount}
        fields[f"{number}-key"] = str(uuid.uuid4())
    return fields


def test_ten_rows_are_saved_each_once_and_errors_stay_beside_theirs(cast, client, tenants):
    client.force_login(cast.estelle)
    fields = rows(("Diaby", "5 000"), ("Aminata", "7 000"), ("Gassim", "x"), ("Gassim", "9000"))
    for _time in range(2):
        answer = client.post(address("series"), fields)
        assert answer.status_code == 400
        assert {number for number in range(10) if answer.context["rows"][number].errors} >= {1, 2}
    assert sorted(Payment.objects.values_list("amount", flat=True)) == [5_000, 9_000]
    assert answer.context["rows"][1].candidates == tenants[:2]
    assert answer.context["entered"]["sums"] == [{"site__currency": "GNF", "amount": 14_000}]
    fields |= {"1-lease": str(tenants[1].pk), "2-amount": "1 000"}
    assert client.post(address("series"), fields).status_code == 302
    assert sums(cast.conakry) == {f"5712-{cast.estelle.pk}": 22_000}
    assert Payment.objects.get(amount=7_000).lease == tenants[1]


def test_one_row_alone_is_answered_alone(cast, client, tenants):
    client.force_login(cast.coumba)
    key = str(uuid.uuid4())
    fields = {"3-who": f"{cast.lease.reference} · Gassim", "3-amount": "2 500", "3-key": key}
    fields |= {"collector": cast.estelle.pk, "day": "2026-10-14"}
    for _time in range(2):
        answer = client.post(address("series", row=3), fields)
        assert answer.context["row"].payment.lease == cast.lease
    payment = Payment.objects.get()
    assert (payment.collected_by, payment.value_date) == (cast.estelle, date(2026, 10, 14))
    assert sums(cast.conakry) == {f"5712-{cast.estelle.pk}": 2_500}
    changed = client.post(address("series", row=3), {**fields, "3-amount": "9 000"})
    assert changed.context["row"].errors
    assert Payment.objects.count() == 1


def test_series_find_only_the_reader_s_leases(cast, client, tenants):
    client.force_login(cast.hadja)
    offered = client.get(address("lease_choices"), {"0-who": "Gassim"})
    assert cast.lease.reference not in offered.content.decode()
    fields = {"0-who": cast.lease.reference, "0-amount": "5", "0-key": str(uuid.uuid4())}
    assert client.post(address("series", row=0), fields).context["row"].errors
    by_key = {**fields, "0-lease": cast.lease.pk}
    assert client.post(address("series", row=0), by_key).context["row"].errors
    assert not Payment.objects.exists()
    client.force_login(cast.coumba)
    offered = client.get(address("lease_choices"), {"0-who": "Gassim"})
    assert cast.lease.reference in offered.content.decode()


def test_pages_of_cash_ask_few_questions(cast, client, taken, django_assert_max_num_queries):
    hand_over = declare(client, cast)
    client.force_login(cast.diallo)
    send(client, "confirm_hand_over", hand_over.pk, **counted(800_000))
    send(client, "close_day", day="2026-10-15", **counted(800_000))
    send(client, "carry_to_bank", what="cash", amount="1 000", slip="B-1", day="2026-10-15")
    till = Account.objects.get(code="571").pk
    for name, *keys in (
        ("cash_page",),
        ("cash_account", till),
        ("hand_over_list",),
        ("hand_over_page", hand_over.pk),
        ("declare_hand_over",),
        ("closing_list",),
        ("close_day",),
        ("bank_deposit_list",),
        ("carry_to_bank",),
        ("series",),
    ):
        with django_assert_max_num_queries(12):
            assert client.get(address(name, *keys)).status_code == 200, name


def test_the_journal_names_the_cash_of_a_person(cast, client, taken):
    client.force_login(cast.diallo)
    hers = f"5712-{cast.estelle.pk}"
    journal = client.get(reverse("payments:journal"), {"account": hers}).context
    assert (hers, "Estelle Loua") in journal["codes"]
    assert [entry.payment_id for entry in journal["entries"]] == [taken.pk]
    ((_currency, rows, _sums),) = client.get(reverse("payments:trial_balance")).context["books"]
    assert "Estelle Loua" in {row.name for row in rows}
