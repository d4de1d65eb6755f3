"""The statements of the demonstration: what its bank and its Orange Money wallet saw, as files."""

import csv
import datetime
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils import timezone

from payments.models import BankDeposit, Charge, MoneyAccount, Payment, Payout

DAY = datetime.timedelta(days=1)
METHODS = {
    MoneyAccount.Kind.BANK: Payment.Method.BANK_TRANSFER,
    MoneyAccount.Kind.ORANGE_MONEY: Payment.Method.ORANGE_MONEY,
}
BANK_FEE = 45_000  # GNF a month
MORNING, NOON = datetime.time(8, 0), datetime.time(12, 0)
#: Whom nobody at the agency knows.
STRANGER = "Aliou Kanté", "620 00 99 88"


@dataclass(frozen=True)
class Told:
    """One line of a statement: ``amount`` in minor units, what went out below zero."""

    at: datetime.datetime
    amount: int
    reference: str
    text: str
    party: str = ""
    phone: str = ""


def known_movements(
    account: MoneyAccount, first: datetime.date, last: datetime.date
) -> Iterator[Told]:
    """Yield what the office knows of already: payments, what the till brought, payouts."""
    payments = Payment.objects.confirmed().filter(
        site=account.site_id, method=METHODS[account.kind], value_date__range=(first, last)
    )
    for payment in payments.select_related("lease__tenant").prefetch_related(
        "lease__tenant__phones"
    ):
        tenant = payment.lease.tenant
        at = datetime.datetime.combine(
            payment.value_date, timezone.localtime(payment.created_at).time()
        )
        yield Told(at, payment.amount, payment.reference, "Loyer", tenant.name, tenant.phone)
    for deposit in BankDeposit.objects.filter(account=account, day__range=(first, last)):
        # The bank counts cash and cheques on its next day.
        day = deposit.day + DAY * (3 if deposit.day.weekday() == 4 else 1)
        if day <= last:
            text = f"Versement bordereau {deposit.slip}"
            yield Told(_at(day, MORNING), deposit.amount, f"VRS{deposit.slip}", text)
    payouts = Payout.objects.filter(
        paid_from=account, state=Payout.State.PAID, amount__gt=0,
        run__value_date__range=(first, last),
    ).select_related("run", "owner")  # fmt: skip
    for rank, payout in enumerate(payouts.order_by("number"), start=1):
        day = payout.run.value_date
        yield Told(
            _at(day, NOON), -payout.amount, f"CI{day:%y%m%d}.1200.B{rank:05d}",
            f"Reversement {payout.number}", payout.owner.name, payout.owner.phone,
        )  # fmt: skip


def unknown_movements(
    account: MoneyAccount, debts: Iterator[Charge], last: datetime.date
) -> Iterator[Told]:
    """Yield what came in of the last days without the office: each line of a ``debt`` unpaid.

    The first says which lease it is for; the others leave that to a name, a telephone, an amount.
    """
    if account.kind == MoneyAccount.Kind.BANK:
        yield Told(
            _at(last - DAY, MORNING), -BANK_FEE, f"FRS{last:%y%m}01", "Frais de tenue de compte"
        )
    for rank, debt in zip(range(5), debts, strict=False):
        tenant, amount = debt.lease.tenant, debt.amount - debt.collected
        day = last - DAY * (5 - rank)
        text, party, phone = [
            (f"Loyer {debt.lease.reference}", tenant.name, tenant.phone),
            ("Loyer", tenant.name, ""),
            ("Paiement maison", "", tenant.phone),
            (f"Pour {tenant.name}", *STRANGER),
            ("Loyer du mois", *STRANGER),
        ][rank]
        code = "VIR" if account.kind == MoneyAccount.Kind.BANK else "PP"
        number = f"{code}{day:%y%m%d}.0915.C{debt.lease_id:05d}"
        yield Told(_at(day, MORNING), amount, number, text, party, phone)


def _at(day, time) -> datetime.datetime:
    return datetime.datetime.combine(day, time)


def bank_paper(movements: Iterable[Told], opening: int) -> bytes:
    """Write a bank's statement as a table, oldest first; ``opening`` lay there before."""
    rows = [["Date opération", "Libellé", "Référence", "Débit", "Crédit", "Solde"]]
    for told, balance in _running(movements, opening):
        text = " ".join(filter(None, (told.text, told.party)))
        rows.append([f"{told.at:%d/%m/%Y}", text, told.reference, *_sides(told), balance])
    return _written(rows)


def wallet_paper(movements: Iterable[Told], opening: int) -> bytes:
    """Write a wallet's statement as Orange Money gives it to its partners."""
    rows = [
        ["Orange Money - Relevé partenaire"],
        ["Date", "Heure", "ID Transaction", "Statut", "Numéro", "Nom client", "Motif", "Débit",
         "Crédit", "Solde"],
    ]  # fmt: skip
    for told, balance in _running(movements, opening):
        rows.append(
            [f"{told.at:%d/%m/%Y}", f"{told.at:%H:%M:%S}", told.reference, "Succès", told.phone,
             told.party, told.text, *_sides(told), balance]
        )  # fmt: skip
    return _written(rows)


def _running(movements, opening) -> Iterator[tuple[Told, int]]:
    balance = opening
    for told in sorted(movements, key=lambda told: (told.at, told.reference)):
        balance += told.amount
        yield told, balance


def _sides(told) -> tuple:
    return ("", told.amount) if told.amount > 0 else (-told.amount, "")


def _written(rows) -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows(rows)
    return file.getvalue().encode()
