"""Issuing what the tenant takes home, with gapless numbers."""

import datetime
import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import Conflict
from akig.lib.prepared import run_prepared
from payments.models import Charge, Payment, Receipt
from payments.services.posting import lock_books
from tenants.models import Lease

PREFIX = {
    Receipt.Kind.RECEIPT: "RC",
    Receipt.Kind.QUITTANCE: "QT",
    Receipt.Kind.DEPOSIT: "CA",
}

#: No 0, 1, I, L, O, U: a code is read aloud over the telephone.
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

# What payments pay, in the order in which it is due. By hand: the ORM takes longer to write these
# questions than the database to answer them, and each payment asks them.
PARTS = """
SELECT allocation.payment_id, allocation.amount, charge.id, charge.kind, charge.period_start,
       charge.period_end, charge.amount, charge.collected
  FROM payments_allocation AS allocation
  JOIN payments_charge AS charge ON charge.id = allocation.charge_id
 WHERE allocation.payment_id = ANY(%s)
 ORDER BY charge.due_date, charge.id
"""
CHARGE = ("id", "kind", "period_start", "period_end", "amount", "collected")

UNITS = """
SELECT held.lease_id, unit.number
  FROM tenants_occupancy AS held JOIN sites_app_unit AS unit ON unit.id = held.unit_id
 WHERE held.lease_id = ANY(%s)
 ORDER BY unit.property_id, unit.number
"""


class NotFullyPaid(Conflict):
    """A quittance says that a period is fully paid; this one is not."""


@dataclass(frozen=True)
class Part:
    """What a payment pays of one charge, and what is left of the charge then."""

    charge: Charge
    amount: int
    left: int

    @property
    def charge_id(self) -> int:
        return self.charge.pk

    @property
    def percent(self) -> int:
        """The share of the charge, rounded down: what is not paid in full never says 100."""
        return 100 * self.amount // self.charge.amount


def take_numbers(site_id: str, kind: str, year: int, how_many: int = 1) -> int:
    """Take the next numbers of a branch, year and kind; return the first.

    The counter's row stays locked until the transaction ends, so a rolled back act leaves no gap.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO payments_receiptcounter AS counter (site_id, kind, year, last)
            VALUES (%s, %s, %s, %s)
            ON CONFLICT (site_id, kind, year) DO UPDATE SET last = counter.last + excluded.last
            RETURNING last
            """,
            [site_id, kind, year, how_many],
        )
        (last,) = cursor.fetchone()
    return last - how_many + 1


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _place in range(12))


def issue_receipts(
    actor,
    payments: list[Payment],
    balances: dict[int, int],
    codes: Iterable[str] = (),
) -> list[Receipt]:
    """Issue the receipts of new payments of one branch.

    ``balances`` tell what each lease (id) owes after its payment, in minor units. Each payment is
    told its ``parts`` and what of it is ``allocated``. Where a payment brings the code of a paper
    that was given already, it stands at its place in ``codes``.
    """
    parts = _parts_of(payments)
    units = _units_of([payment.lease_id for payment in payments])
    for payment in payments:
        payment.parts = parts[payment.pk]
        payment.allocated = sum(part.amount for part in payment.parts)
    year = timezone.localdate().year
    site = payments[0].site
    first = take_numbers(site.pk, Receipt.Kind.RECEIPT, year, len(payments))
    now = timezone.now()
    receipts = [
        Receipt(
            site=site,
            kind=Receipt.Kind.RECEIPT,
            year=year,
            sequence=sequence,
            number=_number(Receipt.Kind.RECEIPT, site.pk, year, sequence),
            code=code or new_code(),
            lease_id=payment.lease_id,
            payment=payment,
            amount=payment.amount,
            value_date=payment.value_date,
            issued_at=now,
            issued_by=actor,
            content=_receipt_content(payment, balances[payment.lease_id], units[payment.lease_id]),
        )
        for sequence, (payment, code) in enumerate(zip_longest(payments, codes), start=first)
    ]
    return Receipt.objects.bulk_create(receipts, batch_size=1000)


def _parts_of(payments) -> dict[int, list[Part]]:
    found = defaultdict(list)
    for payment, amount, *values in run_prepared(PARTS, [[payment.pk for payment in payments]]):
        charge = Charge.from_db(connection.alias, CHARGE, values)
        found[payment].append(Part(charge, amount, charge.left))
    return found


def _units_of(leases) -> dict[int, list[str]]:
    found = defaultdict(list)
    for lease, number in run_prepared(UNITS, [leases]):
        found[lease].append(number)
    return found


@verb("receipt.issue")
def issue_quittance(*, actor, charge: Charge) -> Receipt:
    """Issue the quittance of the rent ``charge``: its period is paid, with tax and service charges.

    A quittance that stands is returned as it is. Raises ``NotFullyPaid``.
    """
    lock_books(charge.site_id, [charge.lease_id])
    charge = Charge.objects.get(pk=charge.pk)
    standing = charge.quittances.filter(status=Receipt.Status.VALID).first()
    if standing is not None:
        return unchanged(standing)
    parts = list(_period(charge))
    if charge.kind != Charge.Kind.RENT or any(part.settled_on is None for part in parts):
        raise NotFullyPaid(
            _("The period is not fully paid: give a receipt of each payment instead.")
        )
    year = timezone.localdate().year
    sequence = take_numbers(charge.site_id, Receipt.Kind.QUITTANCE, year)
    quittance = Receipt.objects.create(
        site_id=charge.site_id,
        kind=Receipt.Kind.QUITTANCE,
        year=year,
        sequence=sequence,
        number=_number(Receipt.Kind.QUITTANCE, charge.site_id, year, sequence),
        code=new_code(),
        lease=charge.lease,
        charge=charge,
        amount=sum(part.amount for part in parts),
        value_date=max(part.settled_on for part in parts),
        issued_by=actor,
        content=_common(charge.lease, _units_of([charge.lease_id])[charge.lease_id])
        | {
            "period_start": str(charge.period_start),
            "period_end": str(charge.period_end),
            "parts": [{"kind": part.kind, "amount": part.amount} for part in parts],
        },
    )
    return unchanged(quittance)  # a frozen row that names its issuer is its own history


def issue_deposit_receipt(
    actor, lease: Lease, *, amount: int, value_date: datetime.date, said: dict
) -> Receipt:
    """Issue the receipt of a deposit that came in; ``said`` is what it tells beside the lease.

    The caller holds the branch's books.
    """
    year = timezone.localdate().year
    sequence = take_numbers(lease.site_id, Receipt.Kind.DEPOSIT, year)
    return Receipt.objects.create(
        site_id=lease.site_id,
        kind=Receipt.Kind.DEPOSIT,
        year=year,
        sequence=sequence,
        number=_number(Receipt.Kind.DEPOSIT, lease.site_id, year, sequence),
        code=new_code(),
        lease=lease,
        amount=amount,
        value_date=value_date,
        issued_by=actor,
        content=_common(lease, _units_of([lease.pk])[lease.pk]) | said,
    )


def withdraw_quittances(leases: list[int]):
    """Cancel the quittances of periods that are no longer fully paid."""
    for quittance in Receipt.objects.filter(
        lease__in=leases, kind=Receipt.Kind.QUITTANCE, status=Receipt.Status.VALID
    ).select_related("charge"):
        if any(part.settled_on is None for part in _period(quittance.charge)) or (
            quittance.charge.cancelled_on is not None
        ):
            quittance.status = Receipt.Status.CANCELLED
            quittance.save(update_fields=["status"])


def _period(charge):
    return Charge.objects.standing().filter(
        lease=charge.lease_id,
        period_start=charge.period_start,
        kind__in=[Charge.Kind.RENT, Charge.Kind.SERVICE, Charge.Kind.TAX],
    )


def _number(kind, site_id, year, sequence):
    return f"{PREFIX[kind]}-{site_id}-{year}-{sequence:06d}"


def _receipt_content(payment, balance, units):
    return (
        _common(payment.lease, units)
        | _fee_content(payment)
        | {
            "method": payment.method,
            "reference": payment.reference,
            "notes": payment.notes,
            "collected_by": str(payment.collected_by or payment.created_by),
            "unallocated": payment.unallocated,
            "balance": balance,
            "allocations": [
                {
                    "kind": part.charge.kind,
                    "period_start": str(part.charge.period_start),
                    "period_end": str(part.charge.period_end),
                    "amount": part.amount,
                    "left": part.left,
                }
                for part in payment.parts
            ],
        }
    )


def _fee_content(payment):
    """What the provider kept, and who bears it: nothing on the receipts of other money."""
    return {"fee": payment.fee, "fee_bearer": payment.fee_bearer} if payment.fee else {}


def _common(lease, units):
    return {
        "agency": settings.AGENCY_NAME,
        "site": lease.site.name,
        "currency": lease.site.currency,
        "tenant": lease.tenant.name,
        "initials": lease.tenant.initials,
        "lease": lease.reference,
        "property": lease.property.name,
        "address": lease.property.address,
        "units": units,
    }
