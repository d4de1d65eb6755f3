"""The self-audit and the closing of a month, through their pages."""

import datetime as dt

import pytest
from django.db import connection
from django.urls import reverse

from payments import metrics
from payments.models import BooksCheck, ClosedPeriod, MoneyAccount, Payment, StatementLine
from payments.services.checking import check_books
from payments.services.closing import close_period
from payments.services.collecting import cancel_payment

pytestmark = pytest.mark.django_db
SEPTEMBER = dt.date(2026, 9, 1)
RED = {"rent", "costs", "tills", "books"}


@pytest.fixture
def books(year, client):
    client.force_login(year.diallo)
    return year


def checks(sites):
    return {check.name: check for check in metrics.self_audit(sites)}


def test_sound_books_are_green(books):
    check_books(books.conakry)
    found = checks([books.conakry])
    for name in ("journal", "receipts", "payments", "books", "client_money", "suspense", "history"):
        assert found[name].ok is True, name
    assert found["restore"].ok is None
    assert found["statements"].ok is None  # no account has a statement yet


def test_a_broken_total_turns_red_and_names_its_branch(books):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_journalday SET debit = debit + 1 WHERE site_id = %s AND "
            "id = (SELECT max(id) FROM payments_journalday WHERE site_id = %s)",
            ["GN_CONAKRY", "GN_CONAKRY"],
        )
    found = checks([books.conakry, books.kindia])
    assert (found["journal"].ok, found["journal"].sites) == (False, ("GN_CONAKRY",))
    check = check_books(books.conakry)
    assert not check.is_clean
    assert checks([books.conakry])["books"].number == len(check.differences)


def test_a_trigger_switched_off_turns_the_history_red(books):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'pgtrigger_append_only_%'"
            " AND tgrelid = 'payments_journalline'::regclass"
        )
        (name,) = cursor.fetchone()
        cursor.execute(f"ALTER TABLE payments_journalline DISABLE TRIGGER {name}")
    assert checks([books.conakry])["history"].detail == (name,)


def test_old_unknown_money_turns_red(books):
    account = MoneyAccount.objects.create(
        site=books.conakry, kind="bank", name="Banque", code="521"
    )
    StatementLine.objects.create(
        site=books.conakry,
        account=account,
        fingerprint="1",
        day=dt.date(2026, 10, 1),
        amount=5_000,
    )
    found = checks([books.conakry])["suspense"]
    assert (found.ok, found.number, found.since) == (False, 1, dt.date(2026, 10, 1))
    assert checks([books.kindia])["suspense"].ok is True


def test_the_page_asks_for_the_branches_of_its_reader(books, client):
    BooksCheck.objects.create(site=books.kindia, rules=1, differences=["of Kindia alone"])
    page = client.get(reverse("reporting:self_audit"), {"detail": "books"})
    assert page.status_code == 200
    assert "of Kindia alone" not in page.content.decode()
    client.force_login(books.coumba)
    assert client.get(reverse("reporting:self_audit")).status_code == 403


def test_the_page_asks_few_questions(books, client, django_assert_max_num_queries):
    client.get(reverse("reporting:self_audit"))
    with django_assert_max_num_queries(30):
        client.get(reverse("reporting:self_audit"))


def test_a_full_check_is_a_job(books, client):
    answer = client.post(reverse("reporting:check_books"), {"site": "GN_CONAKRY"})
    assert answer.status_code == 302


def close(client, **fields):
    return client.post(
        reverse("reporting:month_end"), {"site": "GN_CONAKRY", "month": "2026-09-01", **fields}
    )


def test_red_points_must_be_accepted(books, client):
    refused = close(client)
    assert refused.status_code == 409
    assert not ClosedPeriod.objects.exists()
    lines = {line.check.name: line.check.ok for line in refused.context["lines"]}
    assert {name for name, ok in lines.items() if ok is False} == RED


def test_closing_keeps_the_reports_as_they_stand(books, client):
    answer = close(client, accept_open="on")
    period = ClosedPeriod.objects.get()
    assert answer.url == reverse("reporting:closed_month", args=[period.pk])
    kept = period.reports
    assert (kept["finance"]["income"], kept["finance"]["costs"]) == (500_000, 0)
    assert sum(row["debit"] - row["credit"] for row in kept["trial_balance"]) == 0
    assert {point["name"] for point in kept["checklist"] if point["ok"] is False} == RED
    assert client.get(answer.url).context["changed"] == set()


def test_a_month_that_still_runs_is_not_closed(books, client):
    assert close(client, month="2026-10-01", accept_open="on").status_code == 409
    assert not ClosedPeriod.objects.exists()


def test_closing_twice_is_harmless(books, client):
    first = close(client, accept_open="on")
    again = close(client, accept_open="on")
    assert first.url == again.url
    assert ClosedPeriod.objects.count() == 1


def test_a_closed_month_keeps_its_figures_when_the_past_is_corrected(books, client):
    close(client, accept_open="on")
    period = ClosedPeriod.objects.get()
    before = period.reports
    late = Payment.objects.filter(value_date=dt.date(2026, 9, 30)).get()
    cancel_payment(actor=books.diallo, payment=late, reason="wrong tenant")
    period.refresh_from_db()
    assert period.reports == before
    assert period.reports["finance"]["income"] == 500_000


def test_only_the_director_reopens_and_leaves_a_trace(books, client):
    close(client, accept_open="on")
    period = ClosedPeriod.objects.get()
    address = reverse("payments:reopen_period", args=[period.pk])
    assert client.post(address, {"reason": "Oubli"}).status_code == 403
    client.force_login(books.awa)
    assert client.post(address, {"reason": "Oubli"}).status_code == 302
    period.refresh_from_db()
    assert (period.reopened_by, period.reason) == (books.awa, "Oubli")
    assert client.get(reverse("reporting:closed_month", args=[period.pk])).status_code == 200


def test_another_branch_is_neither_shown_nor_closed(books, client):
    far = close_period(actor=books.admin, site=books.kindia, month=SEPTEMBER)
    assert client.get(reverse("reporting:closed_month", args=[far.pk])).status_code == 404
    client.post(reverse("reporting:month_end"), {"site": "GN_KINDIA", "month": "2026-08-01"})
    assert not ClosedPeriod.objects.filter(site="GN_KINDIA", month=dt.date(2026, 8, 1)).exists()
