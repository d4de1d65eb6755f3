"""The finance report against sums made by hand, the same on page, in files and on paper."""

import csv
import io
from datetime import date

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from akig.lib.periods import months_until
from notifications.models import Job
from payments.services.collecting import cancel_payment
from reporting.reports.finance import finance_report
from sites_app.models import Site
from tests.factories import make_lease, pay

ADDRESS = "/rapports/finance/"
#: Income, costs by range until 31 October 2026, added up by hand from ``year``.
BY_HAND = {
    "1m": (1_000_000, 45_000),
    "3m": (1_900_000, 75_000),
    "6m": (1_900_000 + 250_000 + 200_000, 75_000),
    "12m": (1_900_000 + 250_000 + 600_000 + 1_200_000, 125_000),
}


@pytest.mark.parametrize(
    ("to", "months", "first"),
    [
        (date(2026, 10, 31), 1, date(2026, 10, 1)),
        (date(2026, 10, 31), 12, date(2025, 11, 1)),
        (date(2026, 10, 5), 1, date(2026, 9, 6)),
        (date(2026, 10, 5), 3, date(2026, 7, 6)),
        (date(2026, 2, 28), 3, date(2025, 12, 1)),
        (date(2026, 3, 30), 1, date(2026, 3, 1)),
        (date(2026, 9, 30), 6, date(2026, 4, 1)),
    ],
)
def test_a_range_is_made_of_calendar_months(to, months, first):
    assert months_until(to, months) == first


@pytest.mark.parametrize("span", BY_HAND)
def test_page_and_files_say_what_was_added_up_by_hand(year, sign_in, span):
    income, costs = BY_HAND[span]
    client = sign_in(year.diallo)
    page = client.get(ADDRESS, {"span": span})
    (section,) = page.context["report"].sections
    assert (section.income.total, section.costs.total) == (income, costs)
    assert section.net == income - costs
    assert sum(line.income.amount for line in section.months) == income
    assert sum(line.net for line in section.months) == section.net
    assert sum(row.amount for row in section.houses) == income
    assert sum(total.amount for _method, total in section.methods) == income
    timings = (section.income.on_time, section.income.late, section.income.partial)
    assert sum(timing.amount for timing in timings) == income
    assert sum(timing.number for timing in timings) == section.income.count
    assert f"{income:,}".replace(",", "\u202f") in page.content.decode()

    rows = read_csv(client.get(ADDRESS, {"span": span, "format": "csv"}))
    assert [str(income)] in [row[2:] for row in rows if len(row) == 3]
    assert len([row for row in rows if str(income) in row]) >= 5

    book = read_xlsx(client.get(ADDRESS, {"span": span, "format": "xlsx"}))
    months = list(book.worksheets[1].iter_rows(values_only=True))
    assert months[-1][2:5] == (income, costs, income - costs)
    assert sum(row[2] for row in months[1:-1]) == income


def read_csv(answer) -> list[list[str]]:
    assert answer.status_code == 200
    text = answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def read_xlsx(answer):
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content))


def test_tells_on_time_late_and_partial(year, sign_in):
    page = sign_in(year.diallo).get(ADDRESS, {"span": "3m"})
    income = page.context["report"].sections[0].income
    # August pays a part of its charge; what was ahead since January paid the rest with it.
    assert income.count == 3
    assert income.on_time.number + income.late.number + income.partial.number == 3


def test_margin_is_of_the_income_and_missing_without_one(year, sign_in):
    client = sign_in(year.diallo)
    section = client.get(ADDRESS, {"span": "1m"}).context["report"].sections[0]
    assert str(section.margin_percent) == "95.5"
    empty = client.get(ADDRESS, {"span": "1m", "to": "2025-06-30"})
    assert empty.context["report"].sections[0].margin_percent is None


def test_the_agency_keeps_commission_less_costs(year, sign_in):
    section = sign_in(year.diallo).get(ADDRESS).context["report"].sections[0]
    own = section.own
    assert own.result == own.commission + own.late_fees - 45_000
    assert section.branches[0].result == own.result


def test_counts_a_cancelled_payment_no_more_at_once(year, sign_in):
    client = sign_in(year.diallo)
    assert client.get(ADDRESS).context["report"].sections[0].income.total == 1_000_000
    payment = year.rented.property.site  # the branch, to show that the cache follows its changes
    extra = pay(year.rented, 333, date(2026, 10, 30))
    assert client.get(ADDRESS).context["report"].sections[0].income.total == 1_000_333
    cancel_payment(actor=year.diallo, payment=extra, reason="error")
    assert client.get(ADDRESS).context["report"].sections[0].income.total == 1_000_000
    assert payment.pk == "GN_CONAKRY"


def test_each_branch_reads_its_own(year, sign_in):
    client = sign_in(year.hadja)
    report = client.get(ADDRESS, {"span": "12m"}).context["report"]
    assert report.sites == ("GN_KINDIA",)
    assert report.sections[0].income.total == 77
    assert client.get(ADDRESS, {"site": "GN_CONAKRY"}).status_code == 404
    for kind in ("csv", "xlsx"):
        answer = client.get(ADDRESS, {"span": "12m", "format": kind})
        assert b"Nongo" not in answer.content


def test_the_direction_reads_all_branches_side_by_side(year, sign_in):
    section = sign_in(year.awa).get(ADDRESS).context["report"].sections[0]
    assert [line.key for line in section.branches] == ["GN_CONAKRY", "GN_KINDIA"]
    assert [line.income.amount for line in section.branches] == [1_000_000, 77]
    narrowed = sign_in(year.awa).get(ADDRESS, {"site": "GN_KINDIA"})
    assert narrowed.context["report"].sections[0].income.total == 77


def test_currencies_stand_apart(year):
    abroad = make_lease(site=year.dakar, rent=90_000)
    pay(abroad, 90_000, date(2026, 10, 9))
    report = finance_report(Site.objects.all())
    assert [(part.currency, part.income.total) for part in report.sections] == [
        ("GNF", 1_000_077), ("XOF", 90_000),
    ]  # fmt: skip


def test_only_some_roles_read_it(year, sign_in):
    for user, status in (
        (year.bachir, 200), (year.diallo, 200), (year.coumba, 403), (year.estelle, 403),
        (year.fode, 403), (year.gassim, 403),
    ):  # fmt: skip
        assert sign_in(user).get(ADDRESS).status_code == status, user


@pytest.mark.parametrize("wrong", [{"to": "2030-01-01"}, {"to": "x"}, {"span": "2m"}])
def test_refuses_what_is_no_range(year, sign_in, wrong):
    assert sign_in(year.diallo).get(ADDRESS, wrong).status_code == 400


def test_asks_few_questions(year, sign_in, django_assert_max_num_queries):
    client = sign_in(year.diallo)
    with django_assert_max_num_queries(12):
        client.get(ADDRESS, {"span": "12m", "to": "2026-10-31"})


def test_a_worker_prints_it(year, sign_in):
    client = sign_in(year.diallo)
    answer = client.post(f"{ADDRESS}pdf", {"span": "12m", "to": "2026-10-31"})
    job = Job.objects.get()
    assert answer["Location"] == f"/taches/{job.pk}/"
    assert job.state == "done", job.errors
    content = b"".join(client.get(f"/taches/{job.pk}/file").streaming_content)
    reader = PdfReader(io.BytesIO(content))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    text = text.replace("\u202f", " ")
    income, costs = BY_HAND["12m"]
    for amount in (income, costs, income - costs):
        assert f"{amount:,}".replace(",", " ") in text
    assert "Diallo Mamadou" in text and "Cité Nongo" in text
    assert f"{len(reader.pages)} / {len(reader.pages)}" in text
    taken = year.diallo.events.get(pgh_label="exported").pgh_context.metadata
    assert (taken["what"], taken["job_id"]) == ("finance", job.pk)


def test_nobody_prints_what_another_branch_earned(year, sign_in):
    client = sign_in(year.hadja)
    answer = client.post(f"{ADDRESS}pdf", {"span": "12m", "site": "GN_CONAKRY"})
    assert answer.status_code == 404
    assert not Job.objects.exists()
