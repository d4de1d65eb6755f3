"""Paying out to owners through the door: two people, one payout, a statement that proves itself."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum

from akig.lib.waiting import waiting_for
from payments.models import JournalEntry, JournalLine, OwnerCost, Payout, PayoutRun
from payments.services.collecting import cancel_payment
from payments.services.owner_costs import enter_owner_cost
from payments.services.payouts import approve_payouts, prepare_payouts, set_payment_details
from sites_app.models import BranchRule, MaintenanceTicket
from tests.cast import make_user
from tests.factories import charge, make_lease, make_owner, make_property, make_unit, pay
from tests.payments.test_together import at_once
from tests.pictures import PNG

pytestmark = pytest.mark.usefixtures("books")

OCTOBER = date(2026, 10, 1)
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def paid(cast):
    """Gassim paid August and September, a million each, by Orange Money."""
    for month in (8, 9):
        charge(cast.lease, 1_000_000, date(2026, month, 1), end=date(2026, month, 28))
    pay(cast.lease, 1_000_000, date(2026, 8, 3))
    return pay(cast.lease, 1_000_000, date(2026, 9, 4), method="orange_money", reference="OM-7")


@pytest.fixture
def cost(cast):
    return enter_owner_cost(
        actor=cast.diallo, site=cast.conakry, owner=cast.owner, property=cast.house,
        kind="repair", label="Toit", amount=100_000, paid_from="571",
        value_date=date(2026, 9, 10),
    )  # fmt: skip


def prepare(client, cast, month="2026-09", **fields):
    answer = client.post(
        "/reversements/preparer",
        {"site": cast.conakry.pk, "month": month, "value_date": "2026-10-15", **fields},
    )
    return PayoutRun.objects.order_by("pk").last(), answer


def balance(code):
    return JournalLine.objects.filter(account__code=code).aggregate(sum=Sum("amount"))["sum"] or 0


def rule(cast, name, value):
    BranchRule.objects.update_or_create(
        site=cast.conakry, name=name, valid_from=date(2020, 1, 1), defaults={"value": value}
    )


def test_a_month_is_prepared_by_one_and_approved_by_another(cast, sign_in, paid, cost):
    rule(cast, "withholding_percent", "10")
    client = sign_in(cast.diallo)
    run, answer = prepare(client, cast)
    assert answer["Location"] == f"/reversements/{run.pk}/"
    page = client.get(f"/reversements/{run.pk}/")
    totals = page.context["totals"]
    # August's 1 000 000 less 118 000 came before the month; 10 % of September's are withheld.
    assert (totals.opening, totals.collected, totals.commission) == (882_000, 1_000_000, 118_000)
    assert (totals.costs, totals.withheld, totals.amount) == (100_000, 100_000, 1_564_000)
    assert not JournalEntry.objects.filter(kind="payout").exists()
    assert client.post(f"/reversements/{run.pk}/approuver").status_code == 403
    answer = sign_in(cast.awa).post(f"/reversements/{run.pk}/approuver")
    assert answer.status_code == 302
    payout = Payout.objects.get()
    assert (payout.state, payout.amount, payout.number) == (
        "paid", 1_564_000, "RV-GN_CONAKRY-2026-000001",
    )  # fmt: skip
    entry = JournalEntry.objects.get(kind="payout")
    assert (payout.entry, entry.value_date) == (entry, date(2026, 10, 15))
    sides = dict(entry.lines.order_by().values_list("account__code").annotate(Sum("amount")))
    assert sides == {"4672": 1_764_000, "4673": -100_000, "4472": -100_000, "571": -1_564_000}
    assert balance("4672") == balance("4673") == payout.closing == 0
    sign_in(cast.awa).post(f"/reversements/{run.pk}/approuver")
    assert JournalEntry.objects.filter(kind="payout").count() == 1


def test_who_prepared_does_not_approve_and_kindia_sees_nothing(cast, sign_in, paid):
    client = sign_in(cast.awa)
    run, _answer = prepare(client, cast)
    assert client.post(f"/reversements/{run.pk}/approuver").status_code == 409
    assert Payout.objects.get().state == "prepared"
    payout = Payout.objects.get()
    for user, status in ((cast.hadja, 404), (cast.fode, 404), (cast.gassim, 403)):
        assert sign_in(user).get(f"/reversements/releves/{payout.pk}/").status_code == status
    assert sign_in(cast.bachir).get(f"/reversements/{run.pk}/").status_code == 403


def test_preparing_again_adds_nothing_and_cancelling_frees_the_month(cast, sign_in, paid):
    client = sign_in(cast.diallo)
    run, _answer = prepare(client, cast)
    again, _answer = prepare(client, cast)
    assert (again.pk, Payout.objects.count()) == (run.pk, 1)
    assert prepare(client, cast, "2026-10")[1].status_code == 409  # September waits
    assert client.post(f"/reversements/{run.pk}/annuler", {"reason": ""}).status_code == 400
    assert client.post(f"/reversements/{run.pk}/annuler", {"reason": "x"}).status_code == 302
    fresh, _answer = prepare(client, cast)
    assert fresh.pk != run.pk
    for wrong in ({"value_date": "2026-10-16"}, {"value_date": "2026-08-31"}, {"month": "1900-01"}):
        fields = {"month": "2026-09", **wrong}
        assert prepare(client, cast, **fields)[1].status_code == 400


def test_a_negative_month_pays_nothing_and_is_carried_over(cast, sign_in, paid):
    enter_owner_cost(
        actor=cast.diallo, site=cast.conakry, owner=cast.owner, kind="advance", label="Avance",
        amount=1_000_000, paid_from="521", value_date=date(2026, 9, 2),
    )  # fmt: skip
    enter_owner_cost(
        actor=cast.diallo, site=cast.conakry, owner=cast.owner, kind="expense", label="Peinture",
        amount=900_000, paid_from="571", value_date=date(2026, 9, 2),
    )  # fmt: skip
    run, _answer = prepare(sign_in(cast.diallo), cast)
    approve_payouts(actor=cast.awa, run=run)
    payout = Payout.objects.get()
    assert (payout.amount, payout.advances, payout.costs) == (0, 1_000_000, 900_000)
    assert payout.closing == -136_000 == -balance("4673")
    charge(cast.lease, 1_000_000, OCTOBER)
    pay(cast.lease, 1_000_000, date(2026, 10, 5))
    run = prepare_payouts(actor=cast.diallo, site=cast.conakry, month=OCTOBER)
    assert (run.payouts.get().opening, run.payouts.get().amount) == (-136_000, 746_000)


def test_a_reserve_stays(cast, sign_in, paid):
    client = sign_in(cast.diallo)
    client.post(f"/biens/{cast.house.pk}/reserve", {"amount": "200 000"})
    run, _answer = prepare(client, cast)
    payout = run.payouts.get()
    assert (payout.reserved, payout.amount, payout.closing) == (200_000, 1_564_000, 200_000)
    approve_payouts(actor=cast.awa, run=run)
    assert balance("4672") == -200_000


def test_a_payment_cancelled_later_restates_the_statement(cast, client, sign_in, paid):
    run, _answer = prepare(sign_in(cast.diallo), cast)
    approve_payouts(actor=cast.awa, run=run)
    payout = Payout.objects.get()
    assert client.get(f"/verify/{payout.code}").context["state"] == "paid"
    cancel_payment(actor=cast.diallo, payment=paid, reason="error")
    payout.refresh_from_db()
    assert payout.shown_state == "restated"
    assert client.get(f"/verify/{payout.code}").context["state"] == "restated"
    charge(cast.lease, 1_000_000, OCTOBER)
    pay(cast.lease, 2_000_000, date(2026, 10, 5))
    later = prepare_payouts(actor=cast.diallo, site=cast.conakry, month=OCTOBER).payouts.get()
    late = [line for line in later.content["lines"] if line.get("is_late")]
    assert [line["net"] for line in late] == [-882_000]
    assert (later.opening, later.amount) == (0, 882_000)
    page = sign_in(cast.diallo).get(f"/reversements/releves/{payout.pk}/")
    assert [line["net"] for line in page.context["corrections"]] == [-882_000]
    assert payout.content == Payout.objects.get(pk=payout.pk).content  # frozen


def test_money_taken_back_before_the_approval_stops_it(cast, paid):
    run = prepare_payouts(actor=cast.diallo, site=cast.conakry, month=SEPTEMBER)
    cancel_payment(actor=cast.diallo, payment=paid, reason="error")
    with pytest.raises(Exception, match="Fodé Soumah") as refusal:
        approve_payouts(actor=cast.awa, run=run)
    assert refusal.value.code == "payout_changed"
    assert not JournalEntry.objects.filter(kind="payout").exists()


def test_a_payout_sent_back_is_reversed_and_can_be_prepared_again(cast, client, sign_in, paid):
    run = prepare_payouts(actor=cast.diallo, site=cast.conakry, month=SEPTEMBER)
    approve_payouts(actor=cast.awa, run=run)
    payout = Payout.objects.get()
    answer = sign_in(cast.awa).post(
        f"/reversements/releves/{payout.pk}/annuler", {"reason": "Compte fermé"}
    )
    assert answer.status_code == 302
    assert (balance("4672"), balance("571")) == (-1_764_000, 1_000_000)
    assert client.get(f"/verify/{payout.code}").context["state"] == "cancelled"
    run = prepare_payouts(actor=cast.diallo, site=cast.conakry, month=SEPTEMBER)
    assert (run.created, run.payouts.get().amount) == (1, 1_764_000)


def test_an_owner_reads_his_statements_with_their_proofs(cast, sign_in, paid, cost):
    run = prepare_payouts(actor=cast.diallo, site=cast.conakry, month=SEPTEMBER)
    client = sign_in(cast.fode)
    assert not client.get("/reversements/releves/").context["page"].object_list
    approve_payouts(actor=cast.awa, run=run)
    (payout,) = client.get("/reversements/releves/").context["page"].object_list
    page = client.get(f"/reversements/releves/{payout.pk}/")
    assert page.status_code == 200
    rent, repair = page.context["lines"]
    assert (rent["receipt"], rent["reference"], rent["net"]) == (
        paid.receipt.number, "OM-7", 882_000,
    )  # fmt: skip
    assert (repair["owner_cost"], repair["cost"]) == (cost.pk, 100_000)
    assert payout.content["days_held"] == 41  # from 4 September to 15 October
    paper = client.get(f"/reversements/releves/{payout.pk}/papier")
    assert paper["Content-Type"] == "application/pdf"
    stranger = make_user("Ibrahima Sow", "proprietaire")
    make_owner(cast.conakry, user=stranger)
    client = sign_in(stranger)
    assert not client.get("/reversements/releves/").context["page"].object_list
    assert client.get(f"/reversements/releves/{payout.pk}/").status_code == 404
    assert client.get(f"/reversements/releves/{payout.pk}/papier").status_code == 404
    assert client.get(f"/depenses-proprietaires/{cost.pk}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_files_carry_the_money_and_no_formulas(cast, sign_in, paid):
    client = sign_in(cast.diallo)
    address = f"/proprietaires/{cast.owner.pk}/coordonnees"
    fields = {"method": "bank_transfer", "bank": "=cmd()", "holder": "@Fodé"}
    assert client.post(address, fields).status_code == 400  # without a number
    assert client.post(address, fields | {"number": "GN 0042 1111 2222"}).status_code == 302
    shown = client.get(address).content.decode()
    assert "2222" in shown and "00421111" not in shown
    other = make_owner(cast.conakry, name="Mory")
    house = make_property(site=cast.conakry, owner=other, name="Villa")
    pay(make_lease(unit=make_unit(house)), 500, date(2026, 9, 1))
    charge(house.leases.get(), 500, SEPTEMBER)
    set_payment_details(
        actor=cast.diallo, site=cast.conakry, owner=other, method="wave", number="622 11 22 33"
    )
    run, _answer = prepare(client, cast)
    bank = f"/reversements/{run.pk}/virements.csv"
    assert client.get(bank).status_code == 302  # not approved
    approve_payouts(actor=cast.awa, run=run)
    rows = list(
        csv.reader(io.StringIO(client.get(bank).content.decode("utf-8-sig")), delimiter=";")
    )
    assert rows[1][1:6] == ["'@Fodé", "'=cmd()", "GN004211112222", "1764000", "GNF"]
    mobile = client.get(f"/reversements/{run.pk}/wave.csv").content.decode("utf-8-sig").splitlines()
    assert mobile[1].startswith("224622112233;") and len(mobile) == 2
    assert client.get(f"/reversements/{run.pk}/cash.csv").status_code == 404
    client.post(address, fields | {"number": "GN99"})
    assert client.get(bank).status_code == 302  # it would go elsewhere than was approved


@pytest.mark.django_db(transaction=True)
def test_two_people_approving_at_once_pay_once(cast, paid):
    run = prepare_payouts(actor=cast.diallo, site=cast.conakry, month=SEPTEMBER)
    people = [cast.awa, cast.admin]
    results = at_once(
        *[lambda person=person: approve_payouts(actor=person, run=run) for person in people * 2]
    )
    assert {result.state for result in results} == {"approved"}
    assert JournalEntry.objects.filter(kind="payout").count() == 1
    assert balance("571") == 1_000_000 - 1_764_000


@pytest.mark.parametrize(
    "address", ["/reversements/", "/reversements/releves/", "/depenses-proprietaires/"]
)
def test_lists_ask_few_questions(cast, sign_in, paid, cost, address, django_assert_max_num_queries):
    run = prepare_payouts(actor=cast.diallo, site=cast.conakry, month=SEPTEMBER)
    approve_payouts(actor=cast.awa, run=run)
    client = sign_in(cast.diallo)
    for page in (
        address,
        f"/reversements/releves/{run.payouts.get().pk}/",
        f"/reversements/{run.pk}/",
    ):
        with django_assert_max_num_queries(12):
            assert client.get(page).status_code == 200


# Costs


def ask(cast, **fields):
    return {
        "key": "9a1f0c1e-0000-4000-8000-000000000001", "kind": "repair", "label": "Toit",
        "amount": "2 000 000", "property": cast.house.pk, "value_date": "2026-10-10",
        "paid_from": "571", **fields,
    }  # fmt: skip


def test_a_cost_above_the_threshold_waits_for_a_second_person(cast, sign_in):
    client = sign_in(cast.diallo)
    address = f"/proprietaires/{cast.owner.pk}/depenses/nouvelle"
    for _time in range(2):
        assert client.post(address, ask(cast)).status_code == 302
    cost = OwnerCost.objects.get()
    assert (cost.state, cost.entry) == ("waiting", None)
    page = f"/depenses-proprietaires/{cost.pk}"
    assert client.post(f"{page}/approuver").status_code == 409
    assert sign_in(cast.fode).get(f"{page}/").status_code == 404  # not before it counts
    assert sign_in(cast.coumba).post(f"{page}/approuver").status_code == 403
    assert sign_in(cast.awa).post(f"{page}/approuver").status_code == 302
    cost.refresh_from_db()
    assert (cost.state, cost.decided_by) == ("posted", cast.awa)
    assert (balance("4673"), balance("571")) == (2_000_000, -2_000_000)
    assert sign_in(cast.fode).get(f"{page}/").status_code == 200
    assert sign_in(cast.awa).post(f"{page}/refuser", {"reason": "x"}).status_code == 409
    sign_in(cast.diallo).post(f"{page}/annuler", {"reason": "double"})
    assert balance("4673") == balance("571") == 0


def test_a_cost_refused_is_never_posted(cast, sign_in):
    sign_in(cast.diallo).post(f"/proprietaires/{cast.owner.pk}/depenses/nouvelle", ask(cast))
    cost = OwnerCost.objects.get()
    page = f"/depenses-proprietaires/{cost.pk}/refuser"
    assert sign_in(cast.awa).post(page, {"reason": ""}).status_code == 400
    assert sign_in(cast.awa).post(page, {"reason": "Trop cher"}).status_code == 302
    assert OwnerCost.objects.get().state == "refused"
    assert not JournalEntry.objects.exists()


def test_a_proof_is_checked_by_its_content_and_shown_to_its_owner(cast, sign_in):
    client = sign_in(cast.diallo)
    address = f"/proprietaires/{cast.owner.pk}/depenses/nouvelle"
    for content in (b"MZ\x90\0" * 9, b"<svg onload=alert(1)>", b"", PNG + b"\0" * 8 * 2**20):
        file = SimpleUploadedFile("facture.png", content)
        assert client.post(address, ask(cast, amount="5", proof=file)).status_code == 400
    file = SimpleUploadedFile("../../x.html", PNG)
    assert client.post(address, ask(cast, amount="5", proof=file)).status_code == 302
    cost = OwnerCost.objects.get()
    assert cost.state == "posted" and cost.proof.name.endswith(".png")
    page = f"/depenses-proprietaires/{cost.pk}/justificatif"
    for user, status in ((cast.fode, 200), (cast.coumba, 200), (cast.hadja, 404)):
        assert sign_in(user).get(page).status_code == status
    answer = sign_in(cast.fode).get(page)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert b"".join(answer.streaming_content) == PNG


def test_refuses_what_is_not_the_owners(cast, sign_in):
    client = sign_in(cast.diallo)
    address = f"/proprietaires/{cast.owner.pk}/depenses/nouvelle"
    foreign = make_property(site=cast.conakry, name="Villa")
    tomorrow = str(date(2026, 10, 15) + timedelta(days=1))
    for wrong in (
        {"property": foreign.pk}, {"amount": "0"}, {"value_date": tomorrow},
        {"paid_from": "4672"}, {"label": ""}, {"kind": "bribe"},
    ):  # fmt: skip
        assert client.post(address, ask(cast, **wrong)).status_code == 400
    assert not OwnerCost.objects.exists()


def test_pages_of_owner_house_and_first_page_tell_of_it(cast, sign_in, paid):
    ticket = MaintenanceTicket.objects.create(
        site=cast.conakry, property=cast.house, title="Fuite", state="done", cost=70_000,
        closed_on=date(2026, 10, 2),
    )  # fmt: skip
    client = sign_in(cast.diallo)
    link = f"/proprietaires/{cast.owner.pk}/depenses/nouvelle?ticket={ticket.pk}"
    assert link in client.get(f"/biens/{cast.house.pk}/").content.decode()
    form = client.get(link).context["form"]
    assert form.initial == {"kind": "repair", "label": "Fuite", "amount": 70_000}
    values = ask(cast, label="Fuite", amount="2000000")
    assert client.post(link, values).status_code == 302
    assert link not in client.get(f"/biens/{cast.house.pk}/").content.decode()
    again = values | {"key": "9a1f0c1e-0000-4000-8000-000000000002"}
    assert client.post(link, again).status_code == 400  # the repair is there already
    run, _answer = prepare(client, cast)
    cost = OwnerCost.objects.get()
    waiting = {f"/depenses-proprietaires/{cost.pk}/", f"/reversements/{run.pk}/"}
    for person, number in ((cast.diallo, 0), (cast.awa, 2)):
        client = sign_in(person)
        asked = client.get("/accords/").context["elsewhere"]
        assert {line["address"] for line in asked} == waiting
        assert {line["asked_by"] for line in asked} == {cast.diallo}
        assert sum(line["amount"] for line in asked) == cost.amount + run.payouts.get().amount
        told = waiting_for(person, [cast.conakry])
        assert [line.number for line in told if line.address == "/accords/"] == [number][:number]
    assert "elsewhere" not in client.get("/accords/?state=approved").context
    approve_payouts(actor=cast.awa, run=run)
    payout = Payout.objects.get()
    for user, page in (
        (cast.awa, f"/proprietaires/{cast.owner.pk}/"),
        (cast.fode, "/proprietaire/"),
    ):
        shown = sign_in(user).get(page)
        assert f"/reversements/releves/{payout.pk}/" in shown.content.decode()
