"""Bills shared by tenants: divided to the franc, charged once, reckoned once a year."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from payments.models import (
    Account,
    Charge,
    ExitAccount,
    JournalLine,
    Meter,
    Regularisation,
    SharedCost,
)
from payments.services.shared import (
    SharedCostDecided,
    SharedCostRefused,
    add_meter,
    cancel_shared_cost,
    charge_shared_cost,
    choose_shares,
    enter_shared_cost,
    keep_shared_cost,
    read_meters,
    reckon_year,
    regularise,
    shares_of,
    undo_regularisation,
)
from tests.cast import Cast
from tests.factories import charge, make_lease, make_property, make_tenant, make_unit, pay

DUE = dt.date(2026, 10, 31)


def enter(house, amount=1_000_000, **fields):
    return enter_shared_cost(
        actor=User.objects.system(),
        house=house,
        **{
            "utility": "water",
            "label": "Water",
            "amount": amount,
            "first_day": dt.date(2026, 9, 1),
            "last_day": dt.date(2026, 9, 30),
            "shared_by": "equal",
            "paid_from": "571",
            **fields,
        },
    )


def on(code, **of):
    lines = JournalLine.objects.filter(account__code=code, **of)
    return lines.aggregate(total=Sum("amount"))["total"] or 0


@pytest.fixture
def three(cast):
    """Three leases of one house: two for the whole of September, one from its 16th day on."""
    starts = [dt.date(2026, 1, 1), dt.date(2026, 1, 1), dt.date(2026, 9, 16)]
    return [
        make_lease(
            unit=make_unit(cast.house, f"S{n}", area=area),
            tenant=make_tenant(site=cast.conakry, name=f"Tenant {n}"),
            start=start,
        )
        for n, (start, area) in enumerate(zip(starts, [50, 100, 50], strict=True))
    ]


@pytest.mark.usefixtures("books")
def test_a_bill_is_divided_by_days_and_charged_once(cast, three):
    cost = enter(cast.house)
    assert [share.amount for share in shares_of(cost)] == [400_000, 400_000, 200_000]
    assert on("4674") == 0
    for _time in range(2):
        charge_shared_cost(actor=cast.diallo, cost=cost, due_date=DUE)
    assert [on("411", lease=lease) for lease in three] == [400_000, 400_000, 200_000]
    assert (on("4674"), on("571")) == (0, -1_000_000)
    pay(three[0], 400_000)
    assert on("4672") == 0  # what was laid out comes back to the agency, not to the owner
    with pytest.raises(SharedCostDecided):
        keep_shared_cost(actor=cast.diallo, cost=cost)


@pytest.mark.usefixtures("books")
def test_a_cancelled_cost_gives_everything_back(cast, three):
    cost = enter(cast.house)
    charge_shared_cost(actor=cast.diallo, cost=cost, due_date=DUE)
    for _time in range(2):
        cancel_shared_cost(actor=cast.diallo, cost=cost, reason="another house")
    assert (on("4674"), on("571"), on("411")) == (0, 0, 0)
    assert not Charge.objects.standing().exists()


def test_areas_and_chosen_numbers_weigh(cast, three):
    by_area = enter(cast.house, shared_by="area")
    assert [share.amount for share in shares_of(by_area)] == [285_714, 571_429, 142_857]
    chosen = enter(cast.house, shared_by="custom")
    with pytest.raises(SharedCostRefused):
        shares_of(chosen)
    weights = {three[0].pk: Decimal(1), three[1].pk: Decimal(3), three[2].pk: Decimal(0)}
    chosen = choose_shares(actor=cast.diallo, cost=chosen, weights=weights)
    assert [share.amount for share in shares_of(chosen)] == [250_000, 750_000]
    for weights in ({three[0].pk: Decimal(0)}, {three[0].pk: Decimal(-1)}, {}):
        with pytest.raises(SharedCostRefused):
            choose_shares(actor=cast.diallo, cost=chosen, weights=weights)
    three[0].units.update(area=None)
    with pytest.raises(SharedCostRefused, match="S0"):
        shares_of(by_area)


def test_what_meters_counted_weighs(cast, three):
    meters = [
        add_meter(actor=cast.diallo, unit=lease.units.get(), utility="water", number=f"M{lease.pk}")
        for lease in three
    ]
    cost = enter(cast.house, shared_by="meter")
    with pytest.raises(SharedCostRefused):
        shares_of(cost)
    for day, values in {
        dt.date(2026, 8, 31): (100, 10, 0),
        dt.date(2026, 9, 30): (130, 60, 20),
    }.items():
        told = {meter.pk: Decimal(v) for meter, v in zip(meters, values, strict=True)}
        for _time in range(2):
            read_meters(actor=cast.diallo, house=cast.house, day=day, values=told)
    assert [share.amount for share in shares_of(cost)] == [300_000, 500_000, 200_000]
    first = meters[0]
    for day, value in {
        dt.date(2026, 10, 1): 129,
        dt.date(2026, 9, 15): 131,
        dt.date(2026, 9, 30): 140,
        dt.date(2026, 10, 16): 500,
    }.items():
        with pytest.raises(SharedCostRefused):
            read_meters(
                actor=cast.diallo, house=cast.house, day=day, values={first.pk: Decimal(value)}
            )
    assert Meter.objects.get(pk=first.pk).readings.count() == 2
    with pytest.raises(SharedCostRefused):
        add_meter(actor=cast.diallo, unit=first.unit, utility="water", number=first.number)


def test_what_cannot_be_is_refused(cast):
    for fields in (
        {"amount": 0},
        {"label": " "},
        {"last_day": dt.date(2026, 8, 1)},
        {"paid_from": "411"},
    ):
        with pytest.raises(SharedCostRefused):
            enter(cast.house, **fields)
    with pytest.raises(SharedCostRefused):
        shares_of(enter(cast.house))  # nobody lives there
    with pytest.raises(SharedCostRefused):
        regularise(actor=cast.diallo, house=cast.house, year=2026, due_date=DUE)


@pytest.mark.usefixtures("books")
def test_a_year_is_reckoned_once_and_the_owner_gives_up_the_advances(cast):
    january = dt.date(2025, 1, 1)
    leases = [
        make_lease(unit=make_unit(cast.house), tenant=make_tenant(site=cast.conakry), start=january)
        for _ in range(2)
    ]
    for lease, advance in zip(leases, (300_000, 700_000), strict=True):
        charge(lease, advance, dt.date(2025, 6, 1), kind=Charge.Kind.SERVICE)
        pay(lease, advance, dt.date(2025, 6, 5))
    year = {"first_day": january, "last_day": dt.date(2025, 12, 31)}
    keep_shared_cost(actor=cast.diallo, cost=enter(cast.house, 1_000_001, **year))
    assert on("4674") == 1_000_001
    assert [row.balance for row in reckon_year(cast.house, 2025)] in (
        [200_001, -200_000],
        [200_000, -199_999],
    )
    for number in (2, 0):
        done = regularise(actor=cast.diallo, house=cast.house, year=2025, due_date=DUE)
        assert done == number
    assert on("4674") == 0
    assert on("4673", owner=cast.owner) == 1_000_000
    assert sum(on("411", lease=lease) for lease in leases) == 1
    assert all(row.is_done for row in reckon_year(cast.house, 2025))
    late = enter(cast.house, 5_000, **year)
    with pytest.raises(SharedCostDecided):
        keep_shared_cost(actor=cast.diallo, cost=late)


@pytest.fixture
def reckoned(cast):
    """Two leases of 2025: one was given back 200 000, and it paid a charge; one owes 200 000."""
    january = dt.date(2025, 1, 1)
    leases = [
        make_lease(unit=make_unit(cast.house), tenant=make_tenant(site=cast.conakry), start=january)
        for _ in range(2)
    ]
    for lease, advance in zip(leases, (300_000, 700_000), strict=True):
        charge(lease, advance, dt.date(2025, 6, 1), kind=Charge.Kind.SERVICE)
        pay(lease, advance, dt.date(2025, 6, 5))
    year = {"first_day": january, "last_day": dt.date(2025, 12, 31)}
    keep_shared_cost(actor=cast.diallo, cost=enter(cast.house, 1_000_000, **year))
    regularise(actor=cast.diallo, house=cast.house, year=2025, due_date=DUE)
    pay(leases[0], 150_000)
    charge(leases[1], 120_000, dt.date(2026, 1, 1))
    return leases


@pytest.mark.usefixtures("books")
def test_a_regularisation_undone_leaves_what_was_before_and_can_be_done_again(cast, reckoned):
    asked = {"actor": cast.diallo, "house": cast.house, "year": 2025}
    assert [row.left for row in Charge.objects.filter(kind="rent")] == [0]  # the credit paid it
    for number in (2, 0):
        assert undo_regularisation(**asked, reason="A bill was missing") == number
    assert (on("4674"), on("4673", owner=cast.owner)) == (1_000_000, 0)
    assert [on("411", lease=lease) for lease in reckoned] == [-150_000, 120_000]
    assert Charge.objects.get(kind="rent").left == 120_000
    assert not any(row.is_done for row in reckon_year(cast.house, 2025))
    keep_shared_cost(
        actor=cast.diallo,
        cost=enter(
            cast.house, 500_000, last_day=dt.date(2025, 12, 31), first_day=dt.date(2025, 1, 1)
        ),
    )
    assert regularise(**asked, due_date=DUE) == 2
    assert on("4674") == 0
    assert on("4673", owner=cast.owner) == 1_000_000


@pytest.mark.usefixtures("books")
def test_a_regularisation_in_an_exit_account_that_was_signed_stands(cast, reckoned):
    first = reckoned[0]
    today = timezone.localdate()
    account = ExitAccount.objects.create(
        site=cast.conakry, lease=first, left_on=today, drawn_by=cast.diallo
    )
    account.state, account.agreed_at = ExitAccount.State.AGREED, timezone.now()
    account.save()
    with pytest.raises(SharedCostDecided, match=first.reference):
        undo_regularisation(actor=cast.diallo, house=cast.house, year=2025, reason="error")
    assert on("4674") == 0
    assert Regularisation.objects.filter(undone_at=None).count() == 2


class Adding(TestCase):
    @settings(max_examples=15, deadline=None)
    @given(
        amount=st.integers(1, 10**9),
        starts=st.lists(st.integers(0, 29), min_size=1, max_size=4),
        areas=st.lists(st.integers(1, 400), min_size=4, max_size=4),
        key=st.sampled_from(["equal", "area"]),
    )
    def test_shares_always_add_up(self, amount, starts, areas, key):
        cast = Cast()
        house = make_property(site=cast.conakry)
        for start, area in zip(starts, areas, strict=False):
            make_lease(
                unit=make_unit(house, area=area),
                start=dt.date(2026, 9, 1) + dt.timedelta(days=start),
            )
        cost = enter(house, amount, shared_by=key)
        assert sum(share.amount for share in shares_of(cost)) == amount
        charge_shared_cost(actor=User.objects.system(), cost=cost, due_date=DUE)
        assert SharedCost.objects.get(pk=cost.pk).state == "charged"
        assert Account.objects.filter(code="4674").exists()
        assert on("4674", property_id=house.pk) + on("411", property_id=house.pk) == amount
