"""The exit account: who owes whom when a tenant leaves, and what happens once both agree."""

import io
import uuid
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from akig.lib.errors import BusinessError
from payments.models import Account, Charge, ExitAccount, Instalment, JournalLine
from payments.services import deposits, exits
from payments.services.charging import charge_rent
from payments.services.closing import close_period, reopen_period
from payments.services.posting import balance_of
from tests.factories import pay
from tests.payments.test_together import at_once
from tests.pictures import PNG

LEFT = date(2026, 9, 20)


def rent_of(cast, *months):
    for month in months:
        charge_rent(actor=cast.diallo, site=cast.lease.site, month=date(2026, month, 1))


def end(cast, day=LEFT):
    type(cast.lease).objects.filter(pk=cast.lease.pk).update(end=day, state="terminated")
    cast.lease.refresh_from_db()


@pytest.fixture
def stay(cast):
    """Rent and tax of July to September are charged, July's is paid, 2 000 000 is held."""
    rent_of(cast, 7, 8, 9)
    pay(cast.lease, 1_050_000, date(2026, 7, 3))
    deposits.hold_deposit(
        actor=cast.diallo, lease=cast.lease, amount=2_000_000, method="cash",
        value_date=date(2026, 7, 1),
    )  # fmt: skip
    end(cast)
    return cast


def draw(cast, **fields) -> ExitAccount:
    values = {"inspected_on": LEFT, **fields}
    return exits.draw_exit(actor=cast.diallo, lease=cast.lease, **values)


@pytest.mark.usefixtures("books")
def test_the_rent_ends_on_the_last_day_and_the_deposit_pays(stay):
    cast, account = stay, draw(stay)
    exits.add_damage(actor=cast.diallo, account=account, label="Door", amount=150_000)
    sheet = exits.sheet_of(account)
    # August in full, and twenty of September's thirty days.
    assert (sheet.owed, sheet.held) == (1_050_000 + 700_000 + 150_000, 2_000_000)
    assert (sheet.applied, sheet.to_return, sheet.rest) == (1_900_000, 100_000, 0)
    for _time in range(2):
        account = exits.agree_exit(actor=cast.diallo, account=account)
    assert account.state == "agreed"
    assert (balance_of(cast.lease), deposits.held(cast.lease)) == (0, 100_000)
    september = Charge.objects.standing().filter(period_start=date(2026, 9, 1))
    assert {row.kind: row.amount for row in september} == {"rent": 666_667, "tax": 33_333}
    assert account.damages.get().charge.owner == cast.owner
    # Ten per cent of the rent to the day; nothing of the damage, nothing of what is held.
    commission = JournalLine.objects.filter(account__code=Account.Code.COMMISSION).balance()
    assert commission == -(100_000 + 100_000 + 66_667)
    deposits.refund_deposit(actor=cast.diallo, lease=cast.lease, amount=100_000, method="cash")
    assert deposits.held(cast.lease) == 0


@pytest.mark.usefixtures("books")
def test_rent_that_no_run_charged_is_charged_to_the_day(cast):
    rent_of(cast, 7)
    end(cast)
    account = draw(cast)
    sheet = exits.sheet_of(account)
    assert [(line.period_start.month, line.amount) for line in sheet.left_out] == [
        (8, 1_050_000), (9, 700_000),
    ]  # fmt: skip
    account = exits.agree_exit(actor=cast.diallo, account=account, months=3)
    assert balance_of(cast.lease) == sheet.rest == 2_800_000
    plan = list(account.instalments.values_list("due_date", "amount"))
    assert [amount for _day, amount in plan] == [933_333, 933_333, 933_334]
    assert plan[0][0] == date(2026, 11, 15)


@pytest.mark.usefixtures("books")
def test_what_was_paid_ahead_stays_the_tenants(cast):
    rent_of(cast, 9)
    pay(cast.lease, 1_050_000, date(2026, 9, 2))
    end(cast)
    sheet = exits.sheet_of(draw(cast))
    assert (sheet.owed, sheet.rest, sheet.ahead) == (-350_000, -350_000, 350_000)


def test_nothing_is_agreed_without_inspection_or_before_the_last_day(stay):
    cast, refused = stay, []
    for fields, day in (({"inspected_on": None}, LEFT), ({}, date(2026, 10, 31))):
        end(cast, day)
        with pytest.raises(BusinessError) as refusal:
            exits.agree_exit(actor=cast.diallo, account=draw(cast, **fields))
        refused.append(refusal.value.code)
    assert refused == ["not_inspected", "exit_refused"]
    end(cast, None)
    with pytest.raises(BusinessError):
        draw(cast)


def test_rent_in_a_closed_month_has_to_be_reopened_first(sign_in, stay):
    account = draw(stay)
    close_period(actor=stay.awa, site=stay.conakry, month=date(2026, 9, 1))
    there = f"/baux/{stay.lease.pk}/sortie/accepter"
    answer = sign_in(stay.diallo).post(there, {"months": 0})
    assert answer.status_code == 409
    assert "09/2026" in answer.content.decode()
    account.refresh_from_db()
    assert (account.state, deposits.held(stay.lease)) == ("draft", 2_000_000)
    reopen_period(actor=stay.awa, site=stay.conakry, month=date(2026, 9, 1), reason="exit")
    assert exits.agree_exit(actor=stay.diallo, account=account).state == "agreed"


@pytest.mark.usefixtures("books")
def test_a_closed_month_that_stays_as_it_is_hinders_no_account(stay):
    close_period(actor=stay.awa, site=stay.conakry, month=date(2026, 8, 1))
    assert exits.agree_exit(actor=stay.diallo, account=draw(stay)).state == "agreed"


@pytest.mark.usefixtures("books")
def test_an_agreed_account_does_not_change(stay):
    cast = stay
    account = exits.agree_exit(actor=cast.diallo, account=draw(cast))
    for act in (
        lambda: draw(cast),
        lambda: exits.add_damage(actor=cast.diallo, account=account, label="x", amount=1),
    ):
        with pytest.raises(exits.ExitAgreed):
            act()
    with (
        pytest.raises(DatabaseError), transaction.atomic(),
        connection.cursor() as cursor,
    ):  # fmt: skip
        cursor.execute("UPDATE payments_exitaccount SET notes = 'x'")


@given(total=st.integers(1, 10**10), months=st.integers(1, exits.MOST_MONTHS))
def test_instalments_cover_the_debt_exactly(total, months):
    if months > total:
        with pytest.raises(BusinessError):
            exits.instalments_of(total, months, LEFT)
        return
    plan = exits.instalments_of(total, months, LEFT)
    assert sum(amount for _day, amount in plan) == total
    assert len({day for day, _amount in plan}) == months
    assert min(amount for _day, amount in plan) > 0


@pytest.mark.django_db(transaction=True)
def test_two_people_agreeing_at_once_agree_once(stay):
    account = draw(stay)
    acts = [
        lambda: exits.agree_exit(actor=stay.diallo, account=account, months=2) for _time in range(3)
    ]
    assert {done.state for done in at_once(*acts)} == {"agreed"}
    assert Instalment.objects.count() == 0  # the deposit pays it all
    assert stay.lease.deposit_movements.filter(kind="deducted").count() == 1


# --- Through the door


def test_the_page_counts_agrees_and_prints(sign_in, stay, django_assert_max_num_queries):
    cast, lease = stay, f"/baux/{stay.lease.pk}"
    door = sign_in(cast.diallo)
    assert door.get(f"{lease}/sortie").context["account"] is None
    sent = {"inspected_on": "2026-09-20", "notes": "Keys given back"}
    assert door.post(f"{lease}/sortie/etablir", sent).status_code == 302
    damage = {"label": "Porte cassée", "amount": "150 000"}
    photo = SimpleUploadedFile("porte.png", PNG, "image/png")
    assert door.post(f"{lease}/sortie/degats", {**damage, "amount": "0"}).status_code == 400
    for extra in ({"photo": photo}, {}):
        assert door.post(f"{lease}/sortie/degats", {**damage, **extra}).status_code == 302
    first, second = ExitAccount.objects.get().damages.order_by("pk")
    assert b"".join(door.get(f"/degats/{first.pk}/photo").streaming_content) == PNG
    assert door.get(f"/degats/{second.pk}/photo").status_code == 404
    assert door.post(f"/degats/{second.pk}/retirer").status_code == 302
    with django_assert_max_num_queries(16):
        page = door.get(f"{lease}/sortie")
    assert page.context["sheet"]["owed"] == 1_900_000
    assert "DRAFT" in text(door, lease) or "BROUILLON" in text(door, lease)
    assert door.get(f"{lease}/sortie/accepter").context["sheet"].to_return == 100_000
    assert door.post(f"{lease}/sortie/accepter", {}).status_code == 302
    paper = text(door, lease)
    assert "Porte cassée" in paper and "100 000" in paper and "Gassim" in paper
    assert door.get(f"{lease}/sortie").context["is_agreed"]
    assert door.get(f"{lease}/sortie/accepter").status_code == 302
    back = {"key": str(uuid.uuid4()), "amount": "100 000", "method": "cash",
            "value_date": "2026-10-15"}  # fmt: skip
    assert door.post(f"{lease}/caution/rendre", back).status_code == 302
    for user, status in ((cast.gassim, 200), (cast.fode, 200), (cast.hadja, 404)):
        assert sign_in(user).get(f"{lease}/sortie").status_code == status


def text(door, lease) -> str:
    paper = door.get(f"{lease}/sortie.pdf")
    words = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    return words.replace("\u202f", " ")
