"""Who owes what, as of any day, on the page and in files."""

import csv
import io
from datetime import date

import pytest
from openpyxl import load_workbook

from tenants.models import Lease
from tests.factories import charge, make_lease, make_tenant, make_unit, pay


@pytest.fixture
def debts(cast):
    """Four debts at Conakry, one of each age, and one at Kindia."""
    for place, start in enumerate(
        (date(2026, 10, 5), date(2026, 9, 5), date(2026, 8, 5), date(2026, 5, 5))
    ):
        lease = make_lease(unit=make_unit(cast.house), tenant=make_tenant(
            site=cast.conakry, name=f"=Débiteur {place}"))  # fmt: skip
        charge(lease, 1_000 * (place + 1), start)
    charge(cast.far_lease, 55_555, date(2026, 9, 1))
    return cast


def test_adds_up_by_age(debts, sign_in):
    page = sign_in(debts.coumba).get("/impayes/")
    total = page.context["total"]
    assert (total.d0_30, total.d31_60, total.d61_90, total.d90_plus) == (1_000, 2_000, 3_000, 4_000)
    assert total.arrears == page.context["found"].total.arrears == 10_000


def test_each_age_opens_its_list(debts, sign_in):
    client = sign_in(debts.coumba)
    for age, amount in (
        ("d0_30", 1_000),
        ("d31_60", 2_000),
        ("d61_90", 3_000),
        ("d90_plus", 4_000),
    ):
        found = client.get("/impayes/", {"age": age}).context["found"]
        assert sum(getattr(row, age) for row in found.rows) == amount
        assert getattr(found.total, age) == amount


def test_any_past_day_can_be_asked(debts, sign_in):
    client = sign_in(debts.coumba)
    assert client.get("/impayes/", {"on": "2026-08-31"}).context["total"].arrears == 7_000
    assert client.get("/impayes/", {"on": "2026-05-04"}).context["total"].arrears == 0
    for wrong in ("2030-01-01", "0001-01-01", "x"):
        assert client.get("/impayes/", {"on": wrong}).status_code == 400


def test_an_ended_lease_still_owes(debts, sign_in):
    lease = make_lease(unit=make_unit(debts.house), end=date(2026, 6, 30))
    charge(lease, 90_000, date(2026, 6, 1))
    first = sign_in(debts.coumba).get("/impayes/").context["found"].rows[0]
    assert (first.lease, first.arrears) == (lease.pk, 90_000)


def test_files_hold_every_row_and_no_formula(debts, sign_in):
    pay(debts.lease, 500, date(2026, 10, 1))
    client = sign_in(debts.diallo)
    text = client.get("/impayes/?format=csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(rows) == 1 + 5 + 1
    assert rows[-1][-4] == "10000"
    assert all(not cell.startswith("=") for row in rows for cell in row)
    book = load_workbook(io.BytesIO(client.get("/impayes/?format=xlsx").content))
    table = list(book.worksheets[0].iter_rows())
    assert sum(row[11].value for row in table[1:-1]) == table[-1][11].value == 10_000
    assert all(cell.data_type != "f" for row in table for cell in row)


def test_only_exporters_take_files(debts, sign_in):
    assert sign_in(debts.coumba).get("/impayes/?format=csv").status_code == 403


def test_another_branch_sees_only_its_own(debts, sign_in):
    page = sign_in(debts.hadja).get("/impayes/")
    assert page.context["total"].arrears == 55_555
    assert "Débiteur" not in page.content.decode()
    assert sign_in(debts.hadja).get("/impayes/", {"site": "GN_CONAKRY"}).status_code == 404


def test_an_owner_sees_the_debts_of_his_houses(debts, sign_in):
    charge(make_lease(site=debts.conakry), 777_777, date(2026, 9, 1))
    page = sign_in(debts.fode).get("/impayes/")
    assert page.context["total"].arrears == page.context["found"].total.arrears == 10_000


def test_a_page_beyond_the_end_is_the_last(debts, sign_in):
    client = sign_in(debts.coumba)
    for number in ("99", "0", "-1", "x", "9" * 30):
        page = client.get("/impayes/", {"page": number})
        assert page.status_code == 200
        assert len(page.context["found"].rows) == 4


def test_asks_few_questions(debts, sign_in, django_assert_max_num_queries):
    client = sign_in(debts.coumba)
    for query in ({}, {"on": "2026-08-31"}):
        with django_assert_max_num_queries(12):
            client.get("/impayes/", query)


def test_the_remembered_page_follows_a_payment(debts, sign_in, django_capture_on_commit_callbacks):
    client = sign_in(debts.coumba)
    before = client.get("/impayes/")
    largest = before.context["found"].rows[0]
    with django_capture_on_commit_callbacks(execute=True):
        pay(Lease.objects.get(pk=largest.lease), 4_000, date(2026, 10, 6))
    after = client.get("/impayes/")
    assert before.context["total"].arrears - after.context["total"].arrears == 4_000
    assert largest.lease not in [row.lease for row in after.context["found"].rows]
