"""The rent run: who owes what for which days, once, whatever happens in between."""

from datetime import date
from decimal import Decimal

import pytest

from akig.lib.errors import BusinessError, NotAllowed
from payments import metrics
from payments.models import Charge, RentRun
from payments.services import charging
from payments.services.charging import (
    charge_late_fees,
    charge_rent,
    raise_charge,
    take_over_balance,
)
from payments.services.closing import close_period, reopen_period
from payments.services.posting import balance_of
from sites_app.models import Site
from sites_app.services.branches import set_rule
from sites_app.services.mandates import set_mandate
from tenants.services import change_rent, end_lease
from tests.factories import charge, make_lease, make_property, make_unit, pay

pytestmark = pytest.mark.usefixtures("books")


def run(cast, month, day=1, site=None, actor=None):
    site = site or cast.conakry
    return charge_rent(actor=actor or cast.awa, site=site, month=date(2026, month, day))


def rents(lease) -> list[tuple]:
    rows = Charge.objects.standing().filter(lease=lease, kind="rent").order_by("period_start")
    return list(rows.values_list("period_start", "period_end", "amount"))


def test_charges_rent_service_and_tax_once(cast):
    lease = make_lease(site=cast.conakry, rent=2_000_000, service_charge=150_000)
    first = run(cast, 3, day=17)
    assert (first.created, first.amount, first.existing, first.failed) == (3, 2_250_000, 0, [])
    rows = Charge.objects.filter(lease=lease).order_by("kind")
    assert list(rows.values_list("kind", "amount", "due_date", "commission_percent")) == [
        ("rent", 2_000_000, date(2026, 3, 5), Decimal(10)),
        ("service", 150_000, date(2026, 3, 5), 0),
        ("tax", 100_000, date(2026, 3, 5), 0),
    ]
    again = run(cast, 3)
    assert (again.created, again.amount, again.existing) == (0, 0, 3)
    assert balance_of(lease) == 2_250_000


def test_kindia_charges_four_per_cent_where_conakry_charges_five(cast):
    cast.lease, cast.far_lease  # noqa: B018 - they exist from here on
    for site in (cast.conakry, cast.kindia):
        run(cast, 6, site=site)
    taxes = Charge.objects.filter(kind="tax").values_list("site", "amount")
    assert dict(taxes) == {"GN_CONAKRY": 50_000, "GN_KINDIA": 24_000}


@pytest.mark.parametrize(
    ("start", "end", "month", "expected"),
    [
        (date(2026, 3, 16), None, 3, (date(2026, 3, 16), date(2026, 3, 31), 516_129)),
        (date(2026, 2, 15), None, 2, (date(2026, 2, 15), date(2026, 2, 28), 500_000)),
        (date(2026, 1, 1), date(2026, 4, 10), 4, (date(2026, 4, 1), date(2026, 4, 10), 333_333)),
        (date(2026, 5, 10), date(2026, 5, 19), 5, (date(2026, 5, 10), date(2026, 5, 19), 322_581)),
        (date(2026, 3, 31), None, 3, (date(2026, 3, 31), date(2026, 3, 31), 32_258)),
    ],
)
def test_a_part_of_a_month_costs_its_days(cast, start, end, month, expected):
    lease = make_lease(site=cast.conakry, start=start, end=end)
    run(cast, month)
    assert rents(lease) == [expected]


def test_a_quarter_is_charged_at_once_and_by_months_where_it_begins_late(cast):
    lease = make_lease(site=cast.conakry, start=date(2026, 2, 15), periodicity=3)
    for month in range(2, 7):
        run(cast, month)
    assert rents(lease) == [
        (date(2026, 2, 15), date(2026, 4, 30), 2_500_000),
        (date(2026, 5, 1), date(2026, 7, 31), 3_000_000),
    ]


@pytest.mark.parametrize("periodicity", [1, 3, 6, 12])
def test_a_year_costs_the_same_whatever_the_rhythm(cast, periodicity):
    lease = make_lease(site=cast.conakry, periodicity=periodicity, end=date(2026, 12, 31))
    for month in range(1, 12):
        run(cast, month)
    months = 12 if periodicity > 1 else 11  # December lies too far ahead
    assert sum(amount for _first, _last, amount in rents(lease)) == months * 1_000_000


def test_a_change_of_rent_counts_from_the_next_period(cast):
    change_rent(actor=cast.bachir, lease=cast.lease, valid_from=date(2026, 4, 1), rent=1_200_000)
    for month in (3, 4):
        run(cast, month)
    assert [amount for *_days, amount in rents(cast.lease)] == [1_000_000, 1_200_000]


def test_the_lease_or_the_branch_says_when_the_rent_is_due(cast):
    own = make_lease(site=cast.conakry, due_day=20)
    usual = make_lease(site=cast.conakry)
    set_rule(
        actor=cast.awa,
        site=cast.conakry,
        name="rent_due_day",
        value="8",
        valid_from=date(2026, 5, 1),
    )
    for month in (4, 5):
        run(cast, month)
    due = Charge.objects.filter(kind="rent").order_by("lease", "due_date")
    assert list(due.values_list("lease", "due_date")) == [
        (own.pk, date(2026, 4, 20)),
        (own.pk, date(2026, 5, 20)),
        (usual.pk, date(2026, 4, 5)),
        (usual.pk, date(2026, 5, 8)),
    ]


def test_the_mandate_of_the_month_says_the_commission(cast):
    set_mandate(
        actor=cast.bachir,
        property=cast.lease.property,
        commission=Decimal(8),
        start=date(2026, 4, 1),
    )
    for month in (3, 4):
        run(cast, month)
    percents = Charge.objects.filter(kind="rent").order_by("period_start")
    assert list(percents.values_list("commission_percent", flat=True)) == [10, 8]


def test_without_a_mandate_the_branch_says_it(cast):
    house = make_property(site=cast.conakry)
    lease = make_lease(unit=make_unit(house))
    set_rule(
        actor=cast.awa,
        site=cast.conakry,
        name="commission_percent",
        value="12",
        valid_from=date(2000, 1, 1),
    )
    run(cast, 3)
    assert Charge.objects.get(lease=lease, kind="rent").commission_percent == 12


@pytest.mark.parametrize("state", ["draft", "suspended"])
def test_a_lease_that_does_not_run_is_not_charged(cast, state):
    make_lease(site=cast.conakry, state=state)
    assert run(cast, 3).created == 0


def test_a_lease_that_ended_with_arrears_stays_in_them(cast):
    cast.lease  # noqa: B018
    run(cast, 3)
    end_lease(actor=cast.bachir, lease=cast.lease, on=date(2026, 3, 31))
    assert run(cast, 4).created == 0
    (row,) = metrics.ageing(Site.objects.filter(pk=cast.conakry.pk)).rows
    assert (row.lease, row.lease_end, balance_of(cast.lease)) == (
        cast.lease.pk,
        date(2026, 3, 31),
        1_050_000,
    )


def test_an_advance_is_used_by_the_next_run(cast):
    payment = pay(cast.lease, 2_500_000, date(2026, 2, 20))
    assert payment.unallocated == 2_500_000
    for month in (3, 4):
        run(cast, month)
    payment.refresh_from_db()
    assert payment.unallocated == 400_000
    assert not Charge.objects.open().exists()


def test_a_balance_taken_over_stands_for_what_came_before(cast):
    take_over_balance(actor=cast.awa, lease=cast.lease, amount=1_700_000, on=date(2026, 3, 31))
    for month in (2, 3, 4):
        run(cast, month)
    assert [first for first, _last, _amount in rents(cast.lease)] == [date(2026, 4, 1)]
    assert balance_of(cast.lease) == 1_700_000 + 1_050_000
    with pytest.raises(BusinessError):
        take_over_balance(actor=cast.awa, lease=cast.lease, amount=1, on=date(2026, 3, 31))


def test_an_advance_taken_over_pays_the_next_rent(cast):
    take_over_balance(actor=cast.awa, lease=cast.lease, amount=-1_500_000, on=date(2026, 3, 31))
    run(cast, 4)
    rent = Charge.objects.get(lease=cast.lease, kind="rent")
    assert (rent.collected, balance_of(cast.lease)) == (1_000_000, -450_000)


def test_one_bad_lease_is_reported_and_the_others_are_charged(cast):
    homeless = make_lease(site=cast.conakry)
    homeless.occupancies.all().delete()
    huge = make_lease(site=cast.conakry, rent=9 * 10**18)
    good = make_lease(site=cast.conakry)
    done = run(cast, 3)
    assert {row["lease"] for row in done.failed} == {homeless.reference, huge.reference}
    assert set(Charge.objects.values_list("lease", flat=True)) == {good.pk}


def test_a_run_killed_in_the_middle_and_run_again_is_as_if_once(cast, monkeypatch):
    leases = [make_lease(site=cast.conakry) for _number in range(5)]
    monkeypatch.setattr(charging, "BATCH", 2)

    def killed(done, total):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        charge_rent(actor=cast.awa, site=cast.conakry, month=date(2026, 3, 1), progress=killed)
    assert Charge.objects.filter(kind="rent").count() == 4
    assert RentRun.objects.get().finished_at is None
    again = run(cast, 3)
    assert (again.created, again.existing) == (2, 8)
    assert Charge.objects.filter(kind="rent").count() == len(leases)


def test_a_waived_month_is_not_charged_again(cast):
    cast.lease  # noqa: B018
    run(cast, 3)
    rent = Charge.objects.get(kind="rent")
    charging.waive_charge(actor=cast.awa, charge=rent, reason="agreed")
    assert run(cast, 3).created == 0


def test_refuses_a_closed_month_until_it_is_reopened(cast):
    cast.lease  # noqa: B018
    close_period(actor=cast.diallo, site=cast.conakry, month=date(2026, 3, 1))
    with pytest.raises(BusinessError) as refusal:
        run(cast, 3)
    assert refusal.value.code == "period_closed"
    reopen_period(actor=cast.awa, site=cast.conakry, month=date(2026, 3, 1), reason="forgotten")
    assert run(cast, 3).created == 2


def test_refuses_months_further_ahead_than_the_next(cast):
    run(cast, 11)
    with pytest.raises(BusinessError):
        run(cast, 12)


@pytest.mark.parametrize("name", ["coumba", "estelle", "fode", "gassim"])
def test_who_may_not_run(cast, name):
    with pytest.raises(NotAllowed):
        run(cast, 3, actor=getattr(cast, name))
    assert not RentRun.objects.exists()


# Late fees


def test_a_late_fee_is_charged_once_after_the_days_of_grace_and_never_on_a_fee(cast):
    rent = charge(cast.lease, 1_000_000, date(2026, 9, 1), due=date(2026, 9, 5))
    charge(cast.lease, 500_000, date(2026, 9, 1), kind=Charge.Kind.SERVICE)
    pay(cast.lease, 400_000, date(2026, 9, 3), for_charge=rent)

    def fees(day):
        return charge_late_fees(actor=cast.awa, site=cast.conakry, on=date(2026, 9, day))

    assert fees(10) == (0, 0)
    assert fees(11) == (1, 60_000)
    assert fees(11) == fees(30) == (0, 0)
    fee = Charge.objects.get(kind="late_fee")
    assert (fee.fee_for, fee.due_date, fee.commission_percent) == (rent, date(2026, 9, 11), 0)


def test_no_late_fee_where_the_branch_has_none_or_the_rent_is_paid(cast):
    charge(cast.lease, 1_000_000, date(2026, 9, 1))
    pay(cast.lease, 1_000_000)
    assert charge_late_fees(actor=cast.awa, site=cast.conakry) == (0, 0)
    charge(cast.far_lease, 600_000, date(2026, 9, 1))
    set_rule(actor=cast.awa, site=cast.kindia, name="late_fee_percent", value="0")
    assert charge_late_fees(actor=cast.awa, site=cast.kindia) == (0, 0)


def test_two_rents_of_one_lease_have_a_fee_each(cast):
    for month in (7, 8):
        charge(cast.lease, 1_000_000, date(2026, month, 1))
    assert charge_late_fees(actor=cast.awa, site=cast.conakry) == (2, 200_000)
    charge(cast.lease, 500_000, date(2026, 8, 1))
    assert charge_late_fees(actor=cast.awa, site=cast.conakry) == (1, 50_000)


# By hand


@pytest.mark.parametrize("amount", [0, -5, 10**13])
def test_refuses_a_charge_of_no_amount(cast, amount):
    with pytest.raises(BusinessError) as refusal:
        charge(cast.lease, amount, date(2026, 9, 1), kind=Charge.Kind.OTHER)
    assert "amount" in refusal.value.fields


def test_refuses_a_period_that_ends_before_it_begins_and_a_lease_that_binds_nobody(cast):
    with pytest.raises(BusinessError):
        charge(cast.lease, 5_000, date(2026, 9, 2), end=date(2026, 9, 1))
    with pytest.raises(BusinessError):
        charge(make_lease(site=cast.conakry, state="draft"), 5_000, date(2026, 9, 1))


def test_a_charge_raised_by_hand_keeps_who_raised_it(cast):
    raised = raise_charge(
        actor=cast.diallo,
        lease=cast.lease,
        kind=Charge.Kind.OTHER,
        amount=80_000,
        period_start=date(2026, 9, 1),
        period_end=date(2026, 9, 30),
        due_date=date(2026, 9, 10),
    )
    (event,) = Charge.pgh_event_model.objects.filter(pgh_obj=raised)
    assert event.pgh_context.metadata["user"] == cast.diallo.pk
