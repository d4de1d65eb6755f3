"""What a tenant owes, line by line, as the journal has it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from akig.lib.periods import period_label
from payments.models import Account, Charge, JournalLine, Payment, Receipt
from tenants.models import Lease

Code = Account.Code


@dataclass(frozen=True)
class StatementLine:
    """One movement of the tenant's account: a charge, a payment, or the reversal of one."""

    date: datetime.date
    kind: str
    lease: str
    debit: int
    credit: int
    running: int
    charge: Charge | None = None
    payment: Payment | None = None
    receipt: Receipt | None = None
    is_reversal: bool = False
    memo: str = ""

    @property
    def label(self) -> str:
        """What the line is, for people."""
        text = self._what()
        return _("Cancelled: %(what)s") % {"what": text} if self.is_reversal else text

    def _what(self) -> str:
        if self.payment is not None:
            method = self.payment.get_method_display()
            number = f", {self.receipt.number}" if self.receipt else ""
            return _("Payment, %(method)s") % {"method": method} + number
        if self.charge is not None:
            return charge_label(self.charge)
        return self.memo


@dataclass(frozen=True)
class Statement:
    """A tenant's account between two days (both included), in minor units of ``currency``.

    ``opening`` is what was owed on the evening before ``first``; positive owes, negative is ahead.
    """

    currency: str
    first: datetime.date | None
    last: datetime.date
    opening: int
    lines: tuple[StatementLine, ...] = field(default=())

    @property
    def debit(self) -> int:
        return sum(line.debit for line in self.lines)

    @property
    def credit(self) -> int:
        return sum(line.credit for line in self.lines)

    @property
    def charged(self) -> int:
        """What was charged, less what was cancelled of it."""
        return self.closing - self.opening + self.paid

    @property
    def paid(self) -> int:
        """What was paid, less what was cancelled of it."""
        return sum(line.credit - line.debit for line in self.lines if line.payment)

    @property
    def closing(self) -> int:
        return self.opening + self.debit - self.credit


def statement(
    leases: Iterable[Lease],
    first: datetime.date | None = None,
    last: datetime.date | None = None,
) -> Statement:
    """Return the account of ``leases`` (one tenant's, of one currency) from the journal.

    Without ``first`` it begins with the first movement; ``last`` is today unless given. Charges
    carry their own period, payments their receipt.
    """
    leases = {lease.pk: lease for lease in leases}
    sites = {lease.site_id: lease.site for lease in leases.values()}
    (currency,) = {site.currency for site in sites.values()} or {""}
    last = last or timezone.localdate()
    accounts = Account.objects.filter(site__in=sites, code=Code.RECEIVABLE)
    lines = JournalLine.objects.filter(lease__in=leases, account__in=accounts).until(last)
    opening = lines.filter(value_date__lt=first).balance() if first else 0
    if first:
        lines = lines.filter(value_date__gte=first)
    lines = list(lines.select_related("entry").order_by("value_date", "pk"))
    charges = _by(Charge.objects.filter(lease__in=leases), "entry_id") if lines else {}
    payments = Payment.objects.in_bulk({line.entry.payment_id for line in lines} - {None})
    receipts = _by(
        Receipt.objects.filter(payment__in=payments, kind=Receipt.Kind.RECEIPT), "payment_id"
    )
    running = opening
    rows = []
    for line in lines:
        entry = line.entry
        running += line.amount
        is_reversal = entry.reverses_id is not None
        rows.append(
            StatementLine(
                date=line.value_date,
                kind=entry.kind,
                lease=leases[line.lease_id].reference,
                debit=max(line.amount, 0),
                credit=max(-line.amount, 0),
                running=running,
                charge=charges.get(entry.reverses_id if is_reversal else entry.pk),
                payment=payments.get(entry.payment_id),
                receipt=receipts.get(entry.payment_id),
                is_reversal=is_reversal,
                memo=entry.memo,
            )
        )
    return Statement(currency, first, last, opening, tuple(rows))


def charge_label(charge: Charge) -> str:
    """Return ``Rent, October 2026`` or, for a part of a month, its days."""
    kind = capfirst(charge.get_kind_display())
    return f"{kind}, {period_label(charge.period_start, charge.period_end)}"


def _by(rows, name: str) -> dict:
    return {getattr(row, name): row for row in rows if getattr(row, name) is not None}
