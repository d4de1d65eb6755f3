"""The figures of money against sums made by hand, as of today and of days past."""

from datetime import date

import pytest
import time_machine

from accounts.models import User
from payments import metrics
from payments.services.charging import take_over_balance, waive_charge
from payments.services.closing import close_period, enter_cost
from payments.services.collecting import cancel_payment
from sites_app.models import Site
from tests.cast import Cast
from tests.factories import charge, make_lease, make_property, make_unit, pay

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 20)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel("2026-10-20 10:00:00+00:00", tick=False):
        yield


@pytest.fixture
def cast():
    return Cast()


def system():
    return User.objects.system()


def months(lease, *starts, amount=1_000_000):
    return [charge(lease, amount, start, due=start.replace(day=5)) for start in starts]


def test_ages_debts_by_the_days_since_they_were_due(cast):
    months(
        cast.lease, date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1),
        date(2026, 11, 1),
    )  # fmt: skip
    pay(cast.lease, 300_000, date(2026, 7, 20))
    ageing = metrics.ageing([cast.conakry])
    (row,) = ageing.rows
    assert row.amounts() == (1_000_000, 1_000_000, 1_000_000, 1_000_000, 700_000, 0)
    assert (row.arrears, row.balance) == (3_700_000, 4_700_000)
    assert (row.oldest_due, row.days_late) == (date(2026, 7, 5), 107)
    (total,) = ageing.totals
    assert (total.currency, total.leases, total.amounts()) == ("GNF", 1, row.amounts())
    assert metrics.arrears_by_site([cast.conakry])["GN_CONAKRY"].amounts() == row.amounts()


def test_the_day_decides_the_bucket(cast):
    charge(cast.lease, 100, date(2026, 9, 20))  # 30 days
    charge(cast.lease, 200, date(2026, 9, 19))  # 31
    charge(cast.lease, 400, date(2026, 8, 21))  # 60
    charge(cast.lease, 800, date(2026, 8, 20))  # 61
    charge(cast.lease, 1600, date(2026, 7, 22))  # 90
    charge(cast.lease, 3200, date(2026, 7, 21))  # 91
    charge(cast.lease, 6400, TODAY)
    expected = (0, 6500, 600, 2400, 3200, 0)
    assert metrics.ageing([cast.conakry]).rows[0].amounts() == expected
    assert metrics.ageing([cast.conakry], TODAY).rows[0].amounts() == expected


def test_shows_what_was_paid_ahead(cast):
    pay(cast.lease, 250_000, date(2026, 10, 1))
    take_over_balance(actor=system(), lease=cast.lease, amount=-50_000, on=date(2026, 10, 2))
    for on in (None, date(2026, 10, 19)):
        (row,) = metrics.ageing([cast.conakry], on).rows
        assert (row.advances, row.balance) == (300_000, -300_000)


def test_a_past_day_is_seen_as_it_was(cast):
    july, _august = months(cast.lease, date(2026, 7, 1), date(2026, 8, 1))
    first = pay(cast.lease, 400_000, date(2026, 7, 10))
    pay(cast.lease, 1_600_000, date(2026, 9, 3))
    close_period(actor=system(), site=cast.conakry, month=date(2026, 7, 1))
    cancel_payment(actor=system(), payment=first, reason="error")
    waive_charge(actor=system(), charge=july, reason="damage")
    on = {day: metrics.ageing([cast.conakry], day) for day in (
        date(2026, 6, 30), date(2026, 7, 9), date(2026, 7, 31), date(2026, 8, 31),
        date(2026, 9, 30), TODAY,
    )}  # fmt: skip
    for day, ageing in on.items():
        total = metrics.arrears_by_site([cast.conakry], day)["GN_CONAKRY"]
        assert total.balance == sum(row.balance for row in ageing.rows)
    balance = [sum(row.balance for row in ageing.rows) for ageing in on.values()]
    assert balance == [0, 1_000_000, 600_000, 1_600_000, 0, -600_000]


def test_the_replay_agrees_with_the_present(cast):
    other = make_lease(unit=make_unit(cast.house), rent=500_000)
    debts = months(cast.lease, date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1))
    months(other, date(2026, 9, 1), date(2026, 10, 1), amount=500_000)
    pay(cast.lease, 700_000, date(2026, 9, 9), for_charge=debts[2])
    pay(cast.lease, 600_000, date(2026, 9, 12), for_charge=debts[2])
    pay(other, 1_300_000, date(2026, 9, 30))
    now = metrics.ageing([cast.conakry])
    with time_machine.travel("2026-10-21 10:00:00+00:00", tick=False):
        then = metrics.ageing([cast.conakry], TODAY)
    assert now == then


def test_agrees_with_the_balances_of_every_lease(cast):
    months(cast.lease, date(2026, 8, 1), date(2026, 9, 1))
    pay(cast.lease, 1_200_000, date(2026, 9, 9))
    for day in (date(2026, 8, 31), date(2026, 9, 30)):
        (row,) = metrics.ageing([cast.conakry], day).rows
        (told,) = metrics.balances([cast.conakry], day)
        assert row.amounts() == told.amounts()
        assert told.journal == row.balance


def test_pages_by_age_carry_the_sums_of_all_their_rows(cast):
    others = [make_lease(unit=make_unit(cast.house)) for _place in range(4)]
    for place, lease in enumerate(others, start=1):
        charge(lease, place * 1_000, date(2026, 5, 1))
    charge(others[0], 10, date(2026, 10, 1))
    charge(cast.lease, 500, date(2026, 10, 1))
    page = metrics.ageing_page([cast.conakry], age="d90_plus", limit=2, offset=1)
    assert [row.d90_plus for row in page.rows] == [3_000, 2_000]
    assert (page.number, page.total.leases) == (4, 4)
    assert (page.total.d90_plus, page.total.d0_30) == (10_000, 10)
    assert metrics.ageing_page([cast.conakry], age="advances").number == 0
    whole = metrics.ageing([cast.conakry])
    assert [row.arrears for row in whole.rows] == [4_000, 3_000, 2_000, 1_010, 500]


def test_never_adds_across_currencies(cast):
    abroad = make_lease(site=cast.dakar, rent=90_000)
    months(cast.lease, date(2026, 9, 1))
    months(abroad, date(2026, 9, 1), amount=90_000)
    totals = metrics.ageing([cast.conakry, cast.dakar]).totals
    assert [(total.currency, total.arrears) for total in totals] == [
        ("GNF", 1_000_000), ("XOF", 90_000),
    ]  # fmt: skip


def test_counts_the_intake_by_month_method_and_timing(cast):
    months(cast.lease, date(2026, 8, 1), date(2026, 9, 1))
    pay(cast.lease, 1_000_000, date(2026, 8, 3))
    pay(cast.lease, 400_000, date(2026, 9, 20), method="wave")
    gone = pay(cast.lease, 999, date(2026, 9, 21))
    cancel_payment(actor=system(), payment=gone, reason="error")
    rows = metrics.intake([cast.conakry], date(2026, 8, 1), date(2026, 9, 30))
    assert [(row.month.month, row.method, row.timing, row.number, row.amount) for row in rows] == [
        (8, "cash", "on_time", 1, 1_000_000),
        (9, "wave", "partial", 1, 400_000),
    ]
    assert metrics.total_of(rows) == metrics.Counted(2, 1_400_000)


def test_adds_up_each_property_to_the_day(cast):
    pay(cast.lease, 1, date(2026, 6, 30))
    pay(cast.lease, 10, date(2026, 7, 15))
    pay(cast.lease, 100, date(2026, 8, 31))
    pay(cast.lease, 1_000, date(2026, 9, 1))
    pay(cast.lease, 10_000, date(2026, 10, 5))
    gone = pay(cast.lease, 100_000, date(2026, 7, 2))
    close_period(actor=system(), site=cast.conakry, month=date(2026, 7, 1))
    cancel_payment(actor=system(), payment=gone, reason="error")
    other = make_lease(unit=make_unit(make_property(site=cast.conakry)))
    pay(other, 50_000, date(2026, 8, 8))

    def sums(first, last):
        rows = metrics.intake_by_property([cast.conakry], first, last)
        found = {row.property: row.amount for row in rows}
        whole = metrics.total_of(metrics.intake([cast.conakry], first, last))
        assert whole.amount == sum(found.values())
        assert whole.number == sum(row.number for row in rows)
        return found.get(cast.house.pk, 0)

    assert sums(date(2026, 7, 1), date(2026, 7, 31)) == 100_010
    assert sums(date(2026, 7, 3), date(2026, 10, 4)) == 1_110
    assert sums(date(2026, 7, 3), date(2026, 10, 20)) == 11_110 - 100_000
    assert sums(date(2026, 8, 2), date(2026, 8, 31)) == 100
    assert sums(date(2026, 8, 9), date(2026, 8, 20)) == 0


def test_the_statement_runs_from_the_opening_to_the_closing_balance(cast):
    september, _october = months(cast.lease, date(2026, 9, 1), date(2026, 10, 1))
    paid = pay(cast.lease, 400_000, date(2026, 9, 9))
    gone = pay(cast.lease, 5_000, date(2026, 10, 3))
    cancel_payment(actor=system(), payment=gone, reason="error")
    leases = [cast.lease]
    account = metrics.statement(leases, date(2026, 9, 5), date(2026, 10, 10))
    assert (account.opening, account.closing) == (1_000_000, 1_600_000)
    assert (account.debit, account.credit) == (1_005_000, 405_000)
    assert [(line.debit, line.credit, line.running) for line in account.lines] == [
        (0, 400_000, 600_000),
        (1_000_000, 0, 1_600_000),
        (0, 5_000, 1_595_000),
        (5_000, 0, 1_600_000),
    ]
    assert account.lines[0].receipt == paid.receipt
    assert account.lines[3].is_reversal and account.lines[3].payment == gone
    whole = metrics.statement(leases)
    assert whole.lines[0].charge == september
    assert whole.closing == 1_600_000


def test_an_owner_holds_what_was_collected_less_the_commission(cast):
    months(cast.lease, date(2026, 9, 1), date(2026, 10, 1))
    pay(cast.lease, 1_500_000, date(2026, 10, 9))
    (figures,) = metrics.owner_figures(
        cast.owner, [cast.conakry], date(2026, 10, 1), date(2026, 10, 31)
    )
    assert figures.collected == 1_500_000
    assert figures.held == figures.payable == 1_500_000 - 150_000 - 27_000
    assert figures.arrears == 500_000
    (house,) = figures.houses
    assert (house.property, house.held) == (cast.house.pk, figures.held)


def test_counts_what_the_agency_earned_and_spent(cast):
    months(cast.lease, date(2026, 9, 1))
    pay(cast.lease, 1_000_000, date(2026, 9, 9))
    enter_cost(
        actor=cast.awa, site=cast.conakry, month=date(2026, 9, 1), category="salaries", amount=70
    )
    sites = Site.objects.visible_to(cast.awa)
    (row,) = metrics.earned(sites, date(2026, 9, 1), date(2026, 9, 30))
    assert (row.site, row.month, row.code, row.amount) == (
        "GN_CONAKRY", date(2026, 9, 1), "7061", 100_000,
    )  # fmt: skip
    (cost,) = metrics.spent(sites, date(2026, 9, 1), date(2026, 9, 30))
    assert (cost.category, cost.amount) == ("salaries", 70)
    assert metrics.spent(sites, date(2026, 9, 2), date(2026, 9, 30)) == []
