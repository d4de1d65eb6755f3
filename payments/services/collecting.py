"""Taking money and giving it back."""

import datetime
import hashlib
import json
from collections.abc import Callable

from django.db import connection
from django.db.models import Prefetch, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.money import format_amount
from payments.models import (
    Allocation,
    Charge,
    IdempotencyKey,
    JournalEntry,
    JournalLine,
    Payment,
    Receipt,
)
from payments.services.charging import settle_leases
from payments.services.posting import (
    MONEY,
    Code,
    accounts_of,
    balance_of,
    open_day,
    post,
    refuse_closed,
    reverse,
)
from payments.services.receipts import issue_receipts
from sites_app.models import Site
from sites_app.rules import rules_for
from tenants.models import Lease

#: The largest amount of one payment, in minor units (api.md).
LARGEST = 10**12


class PaymentRefused(BusinessError):
    """The payment breaks a rule of the branch or of the lease."""


class LeaseEnded(Conflict):
    """The lease is over and owes less than is being paid."""

    code = "lease_ended"


class ReferenceConflict(Conflict):
    """Another payment of the branch carries this reference."""

    code = "reference_conflict"


class KeyReused(BusinessError):
    """The idempotency key came before, with other contents."""

    code = "idempotency_key_reused"
    status = 422


class KeyInProgress(Conflict):
    """The same request is being carried out at this moment."""

    code = "idempotency_in_progress"


@verb("payment.record")
def record_payment(
    *,
    actor,
    lease: Lease,
    amount: int,
    method: str,
    value_date: datetime.date | None = None,
    reference: str = "",
    notes: str = "",
    collected_by=None,
    for_charge: Charge | None = None,
    source: str = Payment.Source.DESK,
) -> Payment:
    """Record money for ``lease``: post it, let it pay the charges in turn, and issue its receipt.

    ``amount`` is in minor units of the branch's currency, ``value_date`` (today) the day on which
    it counts. What pays no charge is an advance. Raises ``PaymentRefused``, ``LeaseEnded``,
    ``PeriodClosed`` and ``ReferenceConflict``; then nothing is written.
    """
    day = value_date or timezone.localdate()
    _refuse_shape(lease, amount, method, day)
    lease = (
        Lease.objects.select_for_update(of=("self",))
        .select_related("site", "tenant", "property")
        .get(pk=lease.pk)
    )
    _refuse_ended(lease, amount, day)
    if reference and Payment.objects.confirmed().filter(site=lease.site_id, reference=reference):
        sentence = _("A payment of this branch already carries the reference %(reference)s.") % {
            "reference": reference
        }
        raise ReferenceConflict(sentence, fields={"reference": sentence})
    payment = Payment.objects.create(
        site=lease.site,
        lease=lease,
        property=lease.property,
        amount=amount,
        method=method,
        reference=reference,
        value_date=day,
        notes=notes,
        collected_by=collected_by,
        created_by=actor,
        for_charge=for_charge,
        source=source,
    )
    post(
        actor=actor,
        site_id=lease.site_id,
        kind=JournalEntry.Kind.PAYMENT,
        value_date=day,
        lease=lease,
        payment=payment,
        lines=[
            {"account": MONEY[method], "amount": amount, "property_id": lease.property_id},
            {
                "account": Code.RECEIVABLE,
                "amount": -amount,
                "lease": lease,
                "property_id": lease.property_id,
            },
        ],
    )
    settle_leases(actor, lease.site_id, [lease.pk])
    payment = _with_allocations().get(pk=payment.pk)
    payment.balance = balance_of(lease)
    (payment.receipt,) = issue_receipts(actor, [payment], {lease.pk: payment.balance})
    renew(f"site:{lease.site_id}")
    return payment


def record_payment_once(*, actor, key: str, **fields) -> Payment:
    """Record a payment of a form that carries ``key``: pressed twice, the first is returned."""
    parts = {name: str(getattr(value, "pk", value)) for name, value in fields.items()}
    fingerprint = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return _record_payment_once(actor=actor, key=key, fingerprint=fingerprint, fields=fields)


@verb("payment.record")
def _record_payment_once(*, actor, key, fingerprint, fields):
    earlier = claim_key(actor, key, fingerprint, wait=True)
    if earlier is not None:
        return unchanged(earlier.payment)
    payment = record_payment(actor=actor, **fields)
    keep_answer(actor, key, fingerprint, payment=payment)
    return payment


def claim_key(actor, key: str, fingerprint: str, *, wait: bool = False) -> IdempotencyKey | None:
    """Take hold of an idempotency key until the transaction ends; return its first answer, if any.

    ``fingerprint`` is a SHA-256 of the request. Raises ``KeyReused`` when the key came with other
    contents, and, unless told to ``wait``, ``KeyInProgress`` while its first use is running.
    """
    lock = int.from_bytes(hashlib.sha256(f"{actor.pk}:{key}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        else:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
            if not cursor.fetchone()[0]:
                raise KeyInProgress(_("The same request is being carried out: ask again shortly."))
    earlier = IdempotencyKey.objects.filter(user=actor, key=key).first()
    if earlier is not None and earlier.fingerprint != fingerprint:
        raise KeyReused(_("This key was used for another request: take a new one."))
    return earlier


def keep_answer(actor, key: str, fingerprint: str, *, payment=None, status=0, body=b""):
    """Store the answer of a claimed key, in the same transaction as the act."""
    IdempotencyKey.objects.create(
        user=actor, key=key, fingerprint=fingerprint, payment=payment, status=status, body=body
    )


@verb("payment.cancel")
def cancel_payment(*, actor, payment: Payment, reason: str) -> Payment:
    """Cancel a payment: the reversal returns rent, commission and owner's share, the receipt says so.

    Dated as the payment was, or today when that month is closed. Cancelled twice, the payment is
    returned as it is.
    """
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    if payment.status == Payment.Status.CANCELLED:
        return unchanged(_with_allocations().get(pk=payment.pk))
    if not reason.strip():
        sentence = _("Say why the payment is cancelled.")
        raise BusinessError(sentence, fields={"reason": sentence})
    Lease.objects.select_for_update().get(pk=payment.lease_id)
    day = open_day(payment.site_id, payment.value_date)
    entry = payment.entries.get(kind=JournalEntry.Kind.PAYMENT)
    reverse(actor=actor, entry=entry, on=day, memo=reason)
    payment.status = Payment.Status.CANCELLED
    payment.cancelled_on, payment.cancelled_by, payment.cancel_reason = day, actor, reason
    payment.save(update_fields=["status", "cancelled_on", "cancelled_by", "cancel_reason"])
    payment.receipts.update(status=Receipt.Status.CANCELLED)
    settle_leases(actor, payment.site_id, [payment.lease_id])
    renew(f"site:{payment.site_id}")
    return _with_allocations().get(pk=payment.pk)


@verb("payment.import")
def record_payments(
    *, actor, site: Site, rows: list[dict], progress: Callable[[int, int], None] | None = None
) -> list[Payment]:
    """Record many payments of the past at once, as an import does; return them in order.

    Each row is a dict of ``lease`` (a ``Lease`` of ``site``), ``amount``, ``method``,
    ``value_date``, ``reference`` and ``notes``, checked by the caller. They are posted, allocated
    and given receipts like any payment; rules of the desk (largest cash, lease ended) do not apply
    to what has happened already. Raises ``PeriodClosed`` when any is dated in a closed month.
    """
    for month in {row["value_date"].replace(day=1) for row in rows}:
        refuse_closed(site, month)
    accounts = accounts_of(site.pk)
    payments = Payment.objects.bulk_create(
        [
            Payment(
                site=site,
                lease=row["lease"],
                property_id=row["lease"].property_id,
                amount=row["amount"],
                method=row["method"],
                reference=row.get("reference", ""),
                value_date=row["value_date"],
                notes=row.get("notes", ""),
                created_by=actor,
                source=Payment.Source.IMPORT,
            )
            for row in rows
        ],
        batch_size=1000,
    )
    entries = JournalEntry.objects.bulk_create(
        [
            JournalEntry(
                site=site,
                kind=JournalEntry.Kind.PAYMENT,
                value_date=payment.value_date,
                created_by=actor,
                lease_id=payment.lease_id,
                payment=payment,
            )
            for payment in payments
        ],
        batch_size=1000,
    )
    sides = [
        JournalLine(
            site=site,
            entry=entry,
            account_id=accounts[code],
            lease_id=payment.lease_id if code == Code.RECEIVABLE else None,
            property_id=payment.property_id,
            value_date=payment.value_date,
            amount=amount,
        )
        for payment, entry in zip(payments, entries, strict=True)
        for code, amount in (
            (MONEY[payment.method], payment.amount),
            (Code.RECEIVABLE, -payment.amount),
        )
    ]
    # An even batch keeps both sides of an entry in one statement, as the journal demands.
    JournalLine.objects.bulk_create(sides, batch_size=2000)
    leases = sorted({payment.lease_id for payment in payments})
    settle_leases(actor, site.pk, leases)
    balances = dict(
        JournalLine.objects.filter(lease__in=leases, account=accounts[Code.RECEIVABLE])
        .values("lease")
        .annotate(total=Sum("amount"))
        .values_list("lease", "total")
    )
    for start in range(0, len(payments), 1000):
        batch = _with_allocations().in_bulk([row.pk for row in payments[start : start + 1000]])
        issue_receipts(actor, list(batch.values()), balances)
        if progress:
            progress(start + len(batch), len(payments))
    renew(f"site:{site.pk}")
    return payments


def _with_allocations():
    return Payment.objects.select_related(
        "site", "lease__site", "lease__tenant", "lease__property", "created_by", "collected_by"
    ).prefetch_related(
        "lease__units",
        Prefetch(
            "allocations",
            Allocation.objects.select_related("charge").order_by("charge__due_date", "charge_id"),
        ),
    )


def _refuse_shape(lease, amount, method, day):
    currency = lease.site.currency
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= LARGEST:
        sentence = _("Write an amount between %(least)s and %(most)s.") % {
            "least": format_amount(1, currency),
            "most": format_amount(LARGEST, currency),
        }
        raise PaymentRefused(sentence, fields={"amount": sentence})
    rules = rules_for(lease.site_id, on=day)
    if method not in Payment.Method.values or method not in rules.methods:
        sentence = _("This branch does not take this method of payment.")
        raise PaymentRefused(sentence, fields={"method": sentence})
    if method == Payment.Method.CASH and 0 < rules.max_cash < amount:
        sentence = _("This branch takes at most %(most)s in cash at once.") % {
            "most": format_amount(rules.max_cash, currency)
        }
        raise PaymentRefused(sentence, fields={"amount": sentence})
    if day > timezone.localdate():
        sentence = _("The date is in the future.")
        raise PaymentRefused(sentence, fields={"value_date": sentence})
    refuse_closed(lease.site_id, day)


def _refuse_ended(lease, amount, day):
    if lease.state in (Lease.State.DRAFT, Lease.State.CANCELLED):
        sentence = _("This lease binds nobody: it takes no payment.")
        raise LeaseEnded(sentence, fields={"lease": sentence})
    if lease.end is None or lease.end >= day:
        return
    owed = max(0, balance_of(lease))
    if amount > owed:
        sentence = _(
            "This lease ended on %(day)s and still owes %(owed)s: no more than that can be paid."
        ) % {
            "day": f"{lease.end:%d/%m/%Y}",
            "owed": format_amount(owed, lease.site.currency),
        }
        raise LeaseEnded(sentence, fields={"amount" if owed else "lease": sentence})
