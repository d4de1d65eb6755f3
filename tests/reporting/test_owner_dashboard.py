"""What an owner sees of his houses, and that nobody else's are among them."""

from datetime import date

from tests.cast import make_user
from tests.factories import charge, make_lease, make_owner, make_property, make_unit, pay


def test_shows_collected_held_payable_and_let(year, sign_in):
    charge(year.rented, 1_000_000, date(2026, 10, 1))
    pay(year.rented, 700_000, date(2026, 10, 5))
    make_unit(year.house)
    page = sign_in(year.fode).get("/proprietaire/")
    board = page.context["board"]
    (figures,) = board.figures
    assert figures.collected == 700_000
    # November 600 000, December 600 000 and July 250 000 were ahead; 1 000 000 is charged and paid.
    assert figures.held == figures.payable == 1_000_000 - 100_000 - 18_000
    assert (board.occupancy.let, board.occupancy.units) == (1, 2)
    (house,) = board.houses["GNF"]
    assert (house.money.held, house.money.collected) == (figures.held, figures.collected)
    assert sum(row.money.collected for row in board.houses["GNF"]) == figures.collected
    assert board.collected["GNF"] == (600_000, 600_000, 0, 0, 0, 0, 0, 0, 250_000, 0, 0, 700_000)


def test_earlier_months_can_be_read(year, sign_in):
    client = sign_in(year.fode)
    page = client.get("/proprietaire/", {"month": "2025-12"})
    assert page.context["board"].figures[0].collected == 600_000
    for wrong in ("2026-11", "1900-01", "x"):
        assert client.get("/proprietaire/", {"month": wrong}).status_code == 404


def test_an_owner_sees_nothing_of_another(year, sign_in):
    stranger = make_user("Ibrahima Sow", "proprietaire")
    theirs = make_owner(year.conakry, user=stranger)
    house = make_property(site=year.conakry, owner=theirs, name="Villa Secrète")
    pay(make_lease(unit=make_unit(house)), 5, date(2026, 10, 1))
    page = sign_in(year.fode).get("/proprietaire/")
    assert "Secrète" not in page.content.decode()
    assert page.context["board"].figures[0].collected == 0
    mine = sign_in(stranger).get("/proprietaire/")
    assert mine.context["board"].figures[0].collected == 5
    assert sign_in(year.fode).get(f"/proprietaire/{theirs.pk}/").status_code == 403


def test_the_staff_of_the_branch_may_look(year, sign_in):
    address = f"/proprietaire/{year.owner.pk}/"
    assert sign_in(year.coumba).get(address).status_code == 200
    assert sign_in(year.hadja).get(address).status_code == 404
    assert sign_in(year.gassim).get(address).status_code == 403
    assert sign_in(year.coumba).get("/proprietaire/").status_code == 404


def test_asks_few_questions(year, sign_in, django_assert_max_num_queries):
    client = sign_in(year.fode)
    with django_assert_max_num_queries(14):
        client.get("/proprietaire/")
