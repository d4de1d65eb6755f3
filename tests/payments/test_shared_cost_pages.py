"""The pages of shared costs through the door."""

import uuid

import pytest

from payments.models import Charge, Meter, Regularisation, SharedCost

BILL = {
    "utility": "water",
    "label": "Eau de septembre",
    "amount": "1 000 000",
    "first_day": "2026-09-01",
    "last_day": "2026-09-30",
    "shared_by": "equal",
    "paid_from": "571",
}


def form(**fields):
    return {**BILL, "key": str(uuid.uuid4()), **fields}


@pytest.mark.usefixtures("books")
def test_a_bill_is_entered_looked_at_and_charged(sign_in, cast, django_assert_max_num_queries):
    house = f"/biens/{cast.house.pk}"
    assert cast.lease
    door = sign_in(cast.diallo)
    assert door.post(f"{house}/charges-partagees", form(amount="x")).status_code == 400
    sent = form()
    for _time in range(2):
        there = door.post(f"{house}/charges-partagees", sent)["Location"]
    cost = SharedCost.objects.get()
    with django_assert_max_num_queries(12):
        page = door.get(there)
    assert [share.amount for share in page.context["shares"]] == [1_000_000]
    due = {"due_date": "2026-11-01"}
    for _time in range(2):
        assert door.post(f"{there}facturer", due).status_code == 302
    charge = Charge.objects.get()
    assert (charge.kind, charge.amount, charge.lease_id) == ("shared", 1_000_000, cast.lease.pk)
    assert door.post(f"{there}garder").status_code == 409
    with django_assert_max_num_queries(12):
        listed = door.get(f"/charges-partagees/?state=charged&property={cast.house.pk}")
    assert [row.pk for row in listed.context["page"]] == [cost.pk]
    assert listed.context["sums"][0]["amount"] == 1_000_000
    assert door.get(there).status_code == 200
    assert door.get(f"{house}/").status_code == 200
    assert door.post(f"{there}annuler", {"reason": ""}).status_code == 400
    assert door.post(f"{there}annuler", {"reason": "error"}).status_code == 302
    assert not Charge.objects.standing().exists()


@pytest.mark.usefixtures("books")
def test_shares_are_chosen_kept_and_reckoned(sign_in, cast):
    house = f"/biens/{cast.house.pk}"
    assert cast.lease
    type(cast.lease).objects.filter(pk=cast.lease.pk).update(start="2025-01-01")
    door = sign_in(cast.diallo)
    past = {"first_day": "2025-03-01", "last_day": "2025-03-31", "shared_by": "custom"}
    there = door.post(f"{house}/charges-partagees", form(**past))["Location"]
    assert door.get(there).context["problem"]
    assert door.post(f"{there}repartir", {}).status_code == 400
    chosen = {f"lease_{cast.lease.pk}": "2,5"}
    assert door.post(f"{there}repartir", chosen).status_code == 302
    assert door.post(f"{there}garder").status_code == 302
    year = f"{house}/regularisation?year=2025"
    shown = door.get(year).context
    assert [row.balance for row in shown["rows"]] == [1_000_000]
    assert shown["sums"] == {"provisions": 0, "actual": 1_000_000, "balance": 1_000_000}
    for _time in range(2):
        assert door.post(year, {"due_date": "2026-11-01"}).status_code == 302
    assert Regularisation.objects.get().charge.amount == 1_000_000
    assert not door.get(year).context["is_open"]
    assert not door.get(f"{house}/regularisation?year=2024").context["rows"]
    undo = f"{house}/regularisation/annuler?year=2025"
    assert door.get(undo).status_code == 200
    assert door.post(undo, {"reason": " "}).status_code == 400
    assert door.post(undo, {"reason": "A bill was missing"})["Location"] == year
    assert door.get(year).context["is_open"]
    assert not Charge.objects.standing().exists()
    assert sign_in(cast.coumba).post(undo, {"reason": "x"}).status_code == 403
    assert sign_in(cast.hadja).post(undo, {"reason": "x"}).status_code == 404


def test_all_meters_of_a_house_are_read_in_one_go(sign_in, cast):
    house = f"/biens/{cast.house.pk}/compteurs"
    door = sign_in(cast.diallo)
    assert door.get(house).status_code == 200
    added = {"unit": cast.unit.pk, "utility": "water", "number": "C-17"}
    assert door.post(f"{house}/nouveau", added).status_code == 302
    assert door.post(f"{house}/nouveau", added).status_code == 400
    meter = Meter.objects.get()
    read = {"day": "2026-10-14", f"meter_{meter.pk}": "120,5"}
    assert door.post(house, read).status_code == 302
    lower = door.post(house, {"day": "2026-10-15", f"meter_{meter.pk}": "120"})
    assert lower.status_code == 400
    assert f"meter_{meter.pk}" in lower.context["form"].errors
    assert meter.readings.count() == 1


def test_nobody_else_finds_them(sign_in, cast):
    cost = SharedCost.objects.create(
        site=cast.conakry, property=cast.house, utility="water", label="Eau", amount=5,
        first_day="2026-09-01", last_day="2026-09-30", entered_by=cast.diallo,
    )  # fmt: skip
    assert sign_in(cast.hadja).get(f"/charges-partagees/{cost.pk}/facturer").status_code == 404
    assert sign_in(cast.fode).get(f"/charges-partagees/{cost.pk}/").status_code == 403


def test_a_bill_begins_with_its_property(sign_in, cast):
    door, offered = sign_in(cast.diallo), cast.house.name
    assert offered in door.get("/biens/choix?property=kip").content.decode()
    way = "/charges-partagees/nouvelle"
    form_of = f"/biens/{cast.house.pk}/charges-partagees"
    assert door.post(way, {"property": cast.house.name})["Location"] == form_of
    assert door.post(way, {"property": "nowhere"}).status_code == 400
    far = cast.far_lease.property
    assert door.post(way, {"property": far.code}).status_code == 400
