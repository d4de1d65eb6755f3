"""The first page: figures that equal their lists, for each role its own."""

from datetime import date

from notifications.models import Job
from tests.factories import charge, make_lease, make_unit, pay


def test_shows_the_money_of_the_day_and_month(year, sign_in):
    pay(year.rented, 123, date(2026, 10, 31))
    charge(year.rented, 800_000, date(2026, 10, 1))
    (day,) = sign_in(year.diallo).get("/").context["days"]
    assert (day.today.number, day.today.amount) == (2, 1_000_123)
    assert day.cash == day.today
    assert day.collected.amount == 1_000_123
    assert day.charged.amount == 800_000
    assert day.before.amount == 500_000
    assert day.change_percent == 100


def test_the_figure_of_arrears_is_the_sum_of_its_list(year, sign_in):
    charge(make_lease(unit=make_unit(year.house)), 900_000, date(2026, 7, 1))
    charge(year.rented, 5_000_000, date(2026, 9, 1))
    client = sign_in(year.diallo)
    figure = client.get("/").context["days"][0].arrears
    listed = client.get("/impayes/", {"age": "arrears", "currency": "GNF"})
    found = listed.context["found"]
    assert sum(row.arrears for row in found.rows) == found.total.arrears == figure.arrears
    assert figure.leases == found.number
    assert figure.arrears > 0


def test_counts_only_the_branches_of_the_reader(year, sign_in):
    page = sign_in(year.hadja).get("/")
    (day,) = page.context["days"]
    assert day.collected.amount == 77
    assert all(payment.site_id == "GN_KINDIA" for payment in page.context["payments"])
    assert "Gassim" not in page.content.decode()


def test_narrows_to_the_branch_of_the_address(year, sign_in):
    client = sign_in(year.awa)
    assert client.get("/").context["days"][0].collected.amount == 1_000_077
    assert client.get("/", {"site": "GN_KINDIA"}).context["days"][0].collected.amount == 77
    assert client.get("/", {"site": "NOWHERE"}).status_code == 404


def test_shows_ending_leases_and_work(year, sign_in):
    soon = make_lease(unit=make_unit(year.house), end=date(2026, 11, 30))
    Job.objects.create(kind="x.y", requested_by=year.diallo, state="failed", title="Import")
    page = sign_in(year.diallo).get("/")
    assert page.context["ending"] == [soon]
    assert [str(job) for job in page.context["jobs"]] == ["Import"]


def test_leads_everybody_to_their_own_first_page(year, sign_in):
    assert sign_in(year.fode).get("/")["Location"] == "/proprietaire/"
    tenant = year.gassim.tenant.pk
    assert sign_in(year.gassim).get("/")["Location"] == f"/locataires/{tenant}/releve"
    assert sign_in(year.estelle).get("/").status_code == 200
    for user in (year.awa, year.bachir, year.coumba, year.diallo):
        assert sign_in(user).get("/").status_code == 200


def test_strangers_sign_in_first(client):
    assert client.get("/")["Location"].startswith("/accounts/login/")


def test_asks_few_questions(year, sign_in, django_assert_max_num_queries):
    client = sign_in(year.diallo)
    with django_assert_max_num_queries(12):
        client.get("/")
