"""Taking money: what it pays, what it posts, what it refuses."""

from datetime import date
from decimal import Decimal

import pytest

from akig.lib.errors import BusinessError, NotAllowed
from payments.models import Account, Allocation, Charge, JournalEntry, JournalLine, Payment, Receipt
from payments.services.closing import close_period
from payments.services.collecting import preview_payment, record_payment, record_payment_once
from payments.services.posting import balance_of
from sites_app.services.branches import set_rule
from tenants.services import end_lease
from tests.factories import charge, make_lease, make_property, make_unit, pay

pytestmark = pytest.mark.usefixtures("books")
Code = Account.Code
JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)


def paid(payment: Payment) -> list[tuple[str, int]]:
    rows = payment.allocations.select_related("charge").order_by("charge__due_date", "charge_id")
    return [(f"{row.charge.period_start:%m}", row.amount) for row in rows]


def sums(site) -> dict[str, int]:
    lines = JournalLine.objects.filter(site=site).values_list("account__code", "amount")
    totals: dict[str, int] = {}
    for code, amount in lines:
        totals[code] = totals.get(code, 0) + amount
    return {code: amount for code, amount in totals.items() if amount}


def test_a_payment_pays_the_oldest_first_and_keeps_the_rest_as_an_advance(cast):
    for month in (JUNE, JULY):
        charge(cast.lease, 1_000_000, month)
    payment = pay(cast.lease, 2_400_000, actor=cast.diallo)
    assert paid(payment) == [("06", 1_000_000), ("07", 1_000_000)]
    assert (payment.unallocated, payment.balance) == (400_000, -400_000)
    assert payment.created_by == cast.diallo


def test_three_instalments_pay_one_month(cast):
    rent = charge(cast.lease, 1_000_000, JUNE)
    for amount, day in [(300_000, 3), (300_000, 12), (400_000, 20)]:
        pay(cast.lease, amount, date(2026, 6, day))
    rent.refresh_from_db()
    assert (rent.collected, rent.settled_on, rent.state) == (
        1_000_000,
        date(2026, 6, 20),
        "paid_late",
    )
    assert list(Payment.objects.order_by("value_date").values_list("timing", flat=True)) == [
        "partial",
        "partial",
        "late",
    ]


def test_one_payment_pays_five_months(cast):
    for month in range(1, 6):
        charge(cast.lease, 1_000_000, date(2026, month, 1))
    assert len(paid(pay(cast.lease, 5_000_000))) == 5
    assert balance_of(cast.lease) == 0


def test_commission_and_the_owners_share_add_up_to_the_franc(cast):
    house = make_property(site=cast.conakry, commission=Decimal("7.5"))
    lease = make_lease(unit=make_unit(house), rent=1_000_001)
    charge(lease, 1_000_001, JUNE)
    pay(lease, 1_000_001)
    assert sums(cast.conakry) == {
        Code.CASH: 1_000_001,
        Code.COMMISSION: -75_000,
        Code.VAT: -13_500,
        Code.OWNER_PAYABLE: -(1_000_001 - 75_000 - 13_500),
    }


def test_instalments_cost_the_owner_what_one_payment_would(cast):
    house = make_property(site=cast.conakry, commission=Decimal("7.5"))
    lease = make_lease(unit=make_unit(house), rent=1_000_001)
    charge(lease, 1_000_001, JUNE)
    for amount in (333_333, 333_333, 333_335):
        pay(lease, amount)
    assert sums(cast.conakry)[Code.COMMISSION] == -75_000
    assert sums(cast.conakry)[Code.VAT] == -13_500


def test_a_late_fee_and_the_branch_tax_earn_the_owner_nothing(cast):
    charge(cast.lease, 50_000, JUNE, kind=Charge.Kind.TAX)
    charge(cast.lease, 70_000, JULY, kind=Charge.Kind.LATE_FEE)
    pay(cast.lease, 120_000)
    assert sums(cast.conakry) == {
        Code.CASH: 120_000,
        Code.TAX: -50_000,
        Code.LATE_FEES: -70_000,
    }


@pytest.mark.parametrize(
    ("method", "account"),
    [("cash", "571"), ("orange_money", "5521"), ("wave", "5523"), ("bank_transfer", "521")],
)
def test_each_method_has_its_account(cast, method, account):
    pay(cast.lease, 500_000, method=method)
    assert sums(cast.conakry) == {account: 500_000, "411": -500_000}


def test_a_payer_may_choose_what_is_paid(cast):
    charge(cast.lease, 1_000_000, JUNE)
    july = charge(cast.lease, 1_000_000, JULY)
    payment = pay(cast.lease, 1_200_000, for_charge=july)
    assert paid(payment) == [("06", 200_000), ("07", 1_000_000)]


def test_a_chosen_charge_must_be_open_on_the_lease(cast):
    other = charge(make_lease(site=cast.conakry), 500_000, JUNE)
    with pytest.raises(BusinessError) as refusal:
        pay(cast.lease, 500_000, for_charge=other)
    assert "for_charge" in refusal.value.fields


def test_rent_comes_before_the_rest_where_the_branch_says_so(cast):
    set_rule(actor=cast.awa, site=cast.conakry, name="allocation", value="rent_first")
    charge(cast.lease, 100_000, JUNE, kind=Charge.Kind.SERVICE)
    rent = charge(cast.lease, 1_000_000, JULY)
    payment = pay(cast.lease, 1_000_000)
    assert [row.charge for row in payment.parts] == [rent]


def test_a_backdated_payment_takes_its_place_in_the_row(cast):
    charge(cast.lease, 1_000_000, JUNE)
    charge(cast.lease, 1_000_000, JULY)
    late = pay(cast.lease, 1_000_000, date(2026, 9, 1))
    early = pay(cast.lease, 1_000_000, date(2026, 6, 1))
    assert paid(early) == [("06", 1_000_000)]
    late = Payment.objects.get(pk=late.pk)
    assert paid(late) == [("07", 1_000_000)]


def test_the_receipt_says_what_was_paid_and_what_is_left(cast):
    charge(cast.lease, 1_000_000, JUNE)
    receipt = pay(cast.lease, 400_000, actor=cast.coumba).receipt
    assert receipt.number == "RC-GN_CONAKRY-2026-000001"
    assert receipt.content["balance"] == 600_000
    assert receipt.content["allocations"] == [
        {
            "kind": "rent",
            "period_start": "2026-06-01",
            "period_end": "2026-06-01",
            "amount": 400_000,
            "left": 600_000,
        }
    ]
    assert receipt.content["units"] == ["A1"]
    assert receipt.content["collected_by"] == cast.coumba.name


def test_the_same_form_twice_is_one_payment(cast):
    fields = {"lease": cast.lease, "amount": 500_000, "method": "cash"}
    first = record_payment_once(actor=cast.diallo, key="k", **fields)
    again = record_payment_once(actor=cast.diallo, key="k", **fields)
    assert first == again
    assert Receipt.objects.count() == Payment.objects.count() == 1


def test_a_key_with_other_contents_is_refused(cast):
    fields = {"lease": cast.lease, "method": "cash"}
    record_payment_once(actor=cast.diallo, key="k", amount=500_000, **fields)
    with pytest.raises(BusinessError) as refusal:
        record_payment_once(actor=cast.diallo, key="k", amount=600_000, **fields)
    assert refusal.value.code == "idempotency_key_reused"
    record_payment_once(actor=cast.coumba, key="k", amount=600_000, **fields)


@pytest.mark.parametrize("amount", [0, -5, 10**12 + 1, 10**13, 1.5, True, "500", None])
def test_refuses_what_is_no_amount(cast, amount):
    with pytest.raises(BusinessError) as refusal:
        pay(cast.lease, amount)
    assert "amount" in refusal.value.fields
    assert not Payment.objects.exists()


def test_takes_the_largest_amount(cast):
    assert pay(cast.lease, 10**12).balance == -(10**12)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"method": "barter"}, "method"),
        ({"day": date(2026, 10, 16)}, "value_date"),
    ],
)
def test_refuses_an_unknown_method_and_a_day_to_come(cast, fields, wrong):
    with pytest.raises(BusinessError) as refusal:
        pay(cast.lease, 500_000, **fields)
    assert list(refusal.value.fields) == [wrong]


def test_refuses_more_cash_than_the_branch_takes_at_once(cast):
    set_rule(actor=cast.awa, site=cast.conakry, name="max_cash", value="1000000")
    with pytest.raises(BusinessError):
        pay(cast.lease, 1_000_001)
    pay(cast.lease, 1_000_000)
    pay(cast.lease, 5_000_000, method="bank_transfer")


def test_refuses_a_reference_that_the_branch_has_seen(cast):
    pay(cast.lease, 500_000, method="orange_money", reference="OM-1")
    with pytest.raises(BusinessError) as refusal:
        pay(make_lease(site=cast.conakry), 300_000, method="orange_money", reference="OM-1")
    assert refusal.value.code == "reference_conflict"
    assert refusal.value.status == 409
    pay(cast.far_lease, 300_000, method="orange_money", reference="OM-1")


def test_refuses_a_day_in_a_closed_period_and_writes_nothing(cast):
    close_period(actor=cast.diallo, site=cast.conakry, month=JUNE)
    with pytest.raises(BusinessError) as refusal:
        pay(cast.lease, 500_000, date(2026, 6, 30))
    assert (refusal.value.code, list(refusal.value.fields)) == ("period_closed", ["value_date"])
    assert not JournalEntry.objects.exists()
    pay(cast.lease, 500_000, date(2026, 7, 1))


def test_what_moves_in_a_closed_month_is_posted_today(cast):
    charge(cast.lease, 1_000_000, JULY)
    pay(cast.lease, 1_000_000, AUGUST)
    close_period(actor=cast.diallo, site=cast.conakry, month=AUGUST)
    charge(cast.lease, 400_000, JUNE, kind=Charge.Kind.TAX)
    shares = JournalEntry.objects.filter(kind=JournalEntry.Kind.SHARE).order_by("id")
    assert [entry.value_date for entry in shares] == [AUGUST, date(2026, 10, 15)]


def test_a_lease_that_ended_takes_its_debt_and_no_more(cast):
    charge(cast.lease, 1_000_000, JUNE)
    end_lease(actor=cast.bachir, lease=cast.lease, on=date(2026, 6, 30))
    with pytest.raises(BusinessError) as refusal:
        pay(cast.lease, 1_000_001)
    assert (refusal.value.code, refusal.value.status) == ("lease_ended", 409)
    assert pay(cast.lease, 1_000_000).balance == 0
    with pytest.raises(BusinessError):
        pay(cast.lease, 1)


def test_a_draft_takes_nothing(cast):
    lease = make_lease(site=cast.conakry, state="draft")
    with pytest.raises(BusinessError) as refusal:
        pay(lease, 500_000)
    assert refusal.value.code == "lease_ended"


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("awa", True),
        ("bachir", True),
        ("coumba", True),
        ("diallo", True),
        ("estelle", True),
        ("fode", False),
        ("gassim", False),
    ],
)
def test_who_may_record(cast, name, allowed):
    actor = getattr(cast, name)
    if allowed:
        pay(cast.lease, 1_000, actor=actor)
    else:
        with pytest.raises(NotAllowed):
            pay(cast.lease, 1_000, actor=actor)


def test_the_preview_says_what_will_happen(cast):
    charge(cast.lease, 1_000_000, JUNE)
    charge(cast.lease, 1_000_000, JULY)
    pay(cast.lease, 300_000)
    preview = preview_payment(lease=cast.lease, amount=1_100_000)
    assert [(part.amount, part.percent, part.left) for part in preview.parts] == [
        (700_000, 70, 0),
        (400_000, 40, 600_000),
    ]
    assert (preview.advance, preview.owed, preview.balance) == (0, 1_700_000, 600_000)
    assert Payment.objects.count() == 1


def test_the_preview_refuses_what_recording_would(cast):
    close_period(actor=cast.diallo, site=cast.conakry, month=JUNE)
    pay(cast.lease, 100, method="wave", reference="W1")
    for fields in ({"amount": 0}, {"value_date": JUNE}, {"method": "x"}, {"reference": "W1"}):
        with pytest.raises(BusinessError):
            preview_payment(lease=cast.lease, **{"amount": 100, **fields})


def test_records_with_few_queries(cast, django_assert_num_queries):
    charge(cast.lease, 1_000_000, JUNE)
    pay(cast.lease, 1_000)  # the accounts of the branch are known from here on
    cast.diallo.rights  # noqa: B018 - asked once per request
    record = {"lease": cast.lease, "amount": 500_000, "method": "cash"}
    # Beside four that the connection keeps prepared, which nobody counts (akig.lib.prepared).
    with django_assert_num_queries(9):
        record_payment(actor=cast.diallo, **record)


def test_nothing_else_is_written_when_a_payment_is_refused(cast):
    before = Allocation.objects.count(), JournalEntry.objects.count()
    with pytest.raises(BusinessError):
        pay(cast.lease, 100, method="barter")
    assert (Allocation.objects.count(), JournalEntry.objects.count()) == before
