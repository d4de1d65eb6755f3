"""Taking money and giving it back."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from django.db import IntegrityError, connection
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.live import tell
from akig.lib.money import format_amount
from akig.lib.periods import period_label
from akig.lib.prepared import run_prepared
from payments.models import (
    Charge,
    DepositMovement,
    JournalEntry,
    JournalLine,
    Payment,
    Receipt,
)
from payments.services.charging import settle_leases
from payments.services.once import claim_key, fingerprint_of, keep_answer
from payments.services.payouts import restate_for_payment
from payments.services.posting import (
    MONEY,
    Code,
    accounts_of,
    balance_of,
    cash_account,
    closed_refusal,
    lock_books,
    open_day,
    refuse_closed,
    reverse,
)
from payments.services.receipts import Part, issue_receipts
from payments.services.settling import plan_payment
from payments.services.suspense import free_line_of
from sites_app.models import Approval, Site
from sites_app.rooms import room_of
from sites_app.rules import rules_for
from sites_app.services.approving import done_alone, second_person
from tenants.models import Lease

#: The largest amount of one payment, in minor units (api.md).
LARGEST = 10**12

#: Where money came in without asking us: the rules of the desk do not refuse it.
ARRIVED = (Payment.Source.PROVIDER, Payment.Source.STATEMENT)

#: Periods that a preview names before it sums up those in the middle.
MOST_SHARES = 6


class PaymentRefused(BusinessError):
    """The payment breaks a rule of the branch or of the lease."""


class LeaseEnded(Conflict):
    """The lease is over and owes less than is being paid."""

    code = "lease_ended"


class ReferenceConflict(Conflict):
    """Another payment of the branch carries this reference."""

    code = "reference_conflict"


# The payment and its journal entry, in one statement, if the lease as it stands now takes it.
RECORD = """
WITH lease AS (
    SELECT *, coalesce((
               SELECT sum(amount) FROM payments_journalline
                WHERE lease_id = lease.id AND account_id = %(receivable)s), 0)::bigint AS owed
      FROM tenants_lease AS lease WHERE id = %(lease)s AND state NOT IN ('draft', 'cancelled')
), payment AS (
    INSERT INTO payments_payment
        (site_id, lease_id, property_id, amount, method, reference, value_date, notes,
         for_charge_id, source, fee, fee_bearer, collected_by_id, created_at, created_by_id, status,
         cancel_reason, allocated, timing)
    SELECT site_id, id, property_id, %(amount)s, %(method)s, %(reference)s, %(day)s, %(notes)s,
           %(for_charge)s, %(source)s, %(fee)s, %(fee_bearer)s, %(collected_by)s, %(now)s,
           %(actor)s, 'confirmed', '', 0, 'on_time'
      FROM lease WHERE "end" IS NULL OR "end" >= %(day)s OR owed >= %(amount)s
    RETURNING id, site_id, lease_id, property_id, value_date
), entry AS (
    INSERT INTO payments_journalentry
        (site_id, kind, value_date, created_at, created_by_id, lease_id, payment_id, memo)
    SELECT site_id, 'payment', value_date, %(now)s, %(actor)s, lease_id, id, '' FROM payment
    RETURNING id
), line AS (
    INSERT INTO payments_journalline
        (site_id, entry_id, account_id, lease_id, property_id, value_date, amount)
    SELECT site_id, entry.id, account, lease, property_id, value_date, amount
      FROM payment CROSS JOIN entry CROSS JOIN (VALUES
        (%(money)s::bigint, %(holder)s::bigint, %(net)s::bigint),
        (%(fees)s, NULL, %(fee)s),
        (%(recharges)s, NULL, -%(recharged)s),
        (%(receivable)s, %(lease)s, -%(amount)s)) AS side (account, lease, amount)
     WHERE amount <> 0
)
SELECT payment.id, payment.property_id, lease.owed FROM payment JOIN lease ON true
"""

# What the journal says that leases owe, and whether they still take money.
OWED = """
SELECT id, state, "end", coalesce((
           SELECT sum(amount) FROM payments_journalline
            WHERE lease_id = lease.id AND account_id = %s), 0)::bigint
  FROM tenants_lease AS lease WHERE id = ANY(%s)
"""


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
    money: str = "",
    fee: int = 0,
    fee_bearer: str = Payment.Bearer.AGENCY,
    recharged: int = 0,
    receipt_code: str = "",
) -> Payment:
    """Record money for ``lease``: post it, let it pay the charges in turn, and issue its receipt.

    ``amount`` is in minor units of the branch's currency, ``value_date`` (today) the day on which
    it counts. What pays no charge is an advance. Cash that ``collected_by`` took, or a field agent
    who acts, lies in the account of that person until it is handed over. ``money`` is the code of
    the account that it lies in, where it is not the usual one. ``fee`` is what a provider kept of
    it, and ``recharged`` what the payer gave beside ``amount`` to bear that fee. ``receipt_code``
    stands already on the paper that the payer was given without network. Raises
    ``PaymentRefused``, ``LeaseEnded``, ``PeriodClosed`` and ``ReferenceConflict``; then nothing is
    written.

    The payment comes back with its ``parts``, its ``receipt`` and the lease's ``balance``.
    """
    payment = Payment(
        site=lease.site,
        lease=lease,
        amount=amount,
        method=method,
        value_date=value_date or timezone.localdate(),
        reference=reference,
        notes=notes,
        collected_by=collected_by or (actor if actor.role == "agent" else None),
        created_by=actor,
        for_charge=for_charge,
        source=source,
        fee=fee,
        fee_bearer=fee_bearer,
    )
    _refuse_shape(payment, rules_for(lease.site_id, on=payment.value_date), money)
    lock_books(lease.site_id, [lease.pk])
    owed = _write(payment, money or _place_of(payment), recharged)
    _settle_and_receipt(actor, [payment], {lease.pk: owed}, [receipt_code])
    return payment


@verb("payment.record")
def collect_payments(*, actor, rows: list[dict]) -> list[Payment]:
    """Record what tenants of one branch gave on the way, each for another lease: all or nothing.

    Each row is what ``record_payment`` takes of ``lease``, ``amount``, ``method``, ``value_date``,
    ``reference``, ``notes`` and ``receipt_code``, by the same rules and with the same refusals. The
    payments come back in order, as ``record_payment`` returns one.
    """
    payments = [_collected(actor, **row) for row in rows]
    site_id = payments[0].site_id
    rules_on = cache(lambda day: rules_for(site_id, on=day))
    for payment in payments:
        _refuse_shape(payment, rules_on(payment.value_date))
    lock_books(site_id, [payment.lease_id for payment in payments])
    owed = _owed_by(payments)
    _insert(payments, [_place_of(payment) for payment in payments])
    codes = [row.get("receipt_code", "") for row in rows]
    _settle_and_receipt(actor, payments, owed, codes)
    return payments


def _collected(
    actor, *, lease, amount, method, value_date, reference="", notes="", receipt_code=""
) -> Payment:
    return Payment(
        site=lease.site,
        lease=lease,
        property_id=lease.property_id,
        amount=amount,
        method=method,
        reference=reference,
        value_date=value_date,
        notes=notes,
        collected_by=actor if actor.role == "agent" else None,
        created_by=actor,
    )


def _settle_and_receipt(
    actor, payments: list[Payment], owed: dict[int, int], codes: list[str]
) -> None:
    """Let new payments of one branch, each of another lease, pay what is open, and tell of them.

    ``owed`` says what each lease (id) owed before, ``codes`` what stands on papers already given.
    """
    site_id = payments[0].site_id
    settle_leases(actor, site_id, owed, locked=True)
    for payment in payments:
        payment.balance = owed[payment.lease_id] - payment.amount
    balances = {payment.lease_id: payment.balance for payment in payments}
    receipts = issue_receipts(actor, payments, balances, codes)
    renew(f"site:{site_id}")
    for payment, receipt in zip(payments, receipts, strict=True):
        payment.receipt = receipt
        _tell(payment)


def _tell(payment: Payment) -> None:
    """Tell those who see the branch's payments that this one was recorded, or cancelled."""
    news = {
        "id": payment.pk,
        "site": payment.site_id,
        "lease": payment.lease_id,
        "amount": payment.amount,
        "status": payment.status,
    }
    tell(room_of("payment.view", payment.site_id), "payment", news)


@dataclass(frozen=True)
class Share:
    """What a payment pays of one period: its rent, tax and service charges together."""

    label: str
    amount: int
    charged: int
    left: int

    @property
    def is_whole(self) -> bool:
        return self.amount == self.charged

    @property
    def percent(self) -> int:
        return 100 * self.amount // self.charged


@dataclass(frozen=True)
class Preview:
    """What a payment will do: its parts, the rest as an advance, and what is owed then."""

    parts: list[Part]
    advance: int
    owed: int
    balance: int

    @property
    def shares(self) -> list[Share]:
        """The parts by period, as people speak of them: March in full, 40 % of April."""
        periods: dict[tuple, list[Part]] = {}
        for part in self.parts:
            span = (part.charge.period_start, part.charge.period_end)
            periods.setdefault(span, []).append(part)
        return [
            Share(
                label=period_label(*span) if len(parts) > 1 else str(parts[0].charge),
                amount=sum(part.amount for part in parts),
                charged=sum(part.charge.amount for part in parts),
                left=sum(part.left for part in parts),
            )
            for span, parts in periods.items()
        ]

    @property
    def shown(self) -> list[Share]:
        """The first three periods and the last two, where there are many."""
        shares = self.shares
        return shares if len(shares) <= MOST_SHARES else shares[:3] + shares[-2:]

    @property
    def hidden(self) -> dict[str, int] | None:
        """Number and amount of the periods between those shown."""
        if len(self.shares) <= MOST_SHARES:
            return None
        between = self.shares[3:-2]
        return {"number": len(between), "amount": sum(share.amount for share in between)}

    @property
    def ahead(self) -> int:
        """What is paid ahead then, all payments together."""
        return max(-self.balance, 0)


def preview_payment(
    *,
    lease: Lease,
    amount: int,
    value_date: datetime.date | None = None,
    method: str = Payment.Method.CASH,
    reference: str = "",
    for_charge: Charge | None = None,
) -> Preview:
    """Tell what ``record_payment`` would do with these arguments, and write nothing.

    Raises what it would raise.
    """
    payment = Payment(
        site=lease.site,
        lease=lease,
        amount=amount,
        method=method,
        value_date=value_date or timezone.localdate(),
        reference=reference,
        for_charge=for_charge,
    )
    _refuse_shape(payment, rules_for(lease.site_id, on=payment.value_date))
    refuse_closed(lease.site_id, payment.value_date)
    owed = balance_of(lease)
    _refuse_ended(payment, owed)
    same = Payment.objects.confirmed().filter(site=lease.site_id, reference=reference)
    if reference and same.exists():
        raise _reference_conflict(payment)
    planned = plan_payment(payment)
    charges = Charge.objects.in_bulk([charge for charge, _amount, _left in planned])
    return Preview(
        parts=[Part(charges[charge], part, left) for charge, part, left in planned],
        advance=amount - sum(part for _charge, part, _left in planned),
        owed=owed,
        balance=owed - amount,
    )


def _place_of(payment) -> str:
    """Return the code of the account that the money lies in: a collector's hands, or the usual."""
    if payment.method == Payment.Method.CASH and payment.collected_by is not None:
        return cash_account(payment.site_id, payment.collected_by)
    return MONEY[payment.method]


def _write(payment, money: str, recharged: int) -> int:
    """Insert the payment and its entry; return what the lease owed before, in minor units."""
    accounts = accounts_of(payment.site_id)
    payment.created_at = timezone.now()
    values = {
        "lease": payment.lease_id,
        "amount": payment.amount,
        "method": payment.method,
        "reference": payment.reference,
        "day": payment.value_date,
        "notes": payment.notes,
        "for_charge": payment.for_charge_id,
        "source": payment.source,
        "collected_by": payment.collected_by_id,
        "now": payment.created_at,
        "actor": payment.created_by_id,
        "fee": payment.fee,
        "fee_bearer": payment.fee_bearer,
        "recharged": recharged,
        "net": payment.amount + recharged - payment.fee,
        "money": accounts[money],
        "holder": payment.lease_id if money == Code.DEPOSITS else None,
        "fees": accounts[Code.PROVIDER_FEES],
        "recharges": accounts[Code.FEES_RECHARGED],
        "receivable": accounts[Code.RECEIVABLE],
    }
    with _judged(payment):
        written = run_prepared(RECORD, values)
    if not written:
        payment.lease.refresh_from_db(fields=["state", "end"])
        _refuse_ended(payment, balance_of(payment.lease))
    payment.pk, payment.property_id, owed = written[0]
    payment._state.adding = False
    return owed


@contextmanager
def _judged(payment) -> Iterator[None]:
    """Let the database judge whether ``payment`` can be written."""
    try:
        yield
    except IntegrityError as error:
        constraint = error.__cause__.diag.constraint_name
        if constraint == "one_payment_per_reference":
            raise _reference_conflict(payment) from error
        if constraint == "period_is_open":
            raise closed_refusal(payment.value_date) from error
        raise


def _owed_by(payments: list[Payment]) -> dict[int, int]:
    """Return what the held leases (ids) of ``payments`` owe, if each takes its payment as it is."""
    leases = {payment.lease_id: payment for payment in payments}
    receivable = accounts_of(payments[0].site_id)[Code.RECEIVABLE]
    owed = {}
    with connection.cursor() as cursor:
        cursor.execute(OWED, [receivable, list(leases)])
        for pk, state, end, amount in cursor.fetchall():
            payment, owed[pk] = leases[pk], amount
            payment.lease.state, payment.lease.end = state, end
            _refuse_ended(payment, amount)
    return owed


def _insert(payments: list[Payment], places: list[str]) -> None:
    """Insert payments of one branch with their entries; their money lies in ``places`` (codes)."""
    site_id = payments[0].site_id
    accounts = accounts_of(site_id)
    with _judged(payments[0]):
        Payment.objects.bulk_create(payments, batch_size=1000)
        entries = JournalEntry.objects.bulk_create(
            [
                JournalEntry(
                    site_id=site_id,
                    kind=JournalEntry.Kind.PAYMENT,
                    value_date=payment.value_date,
                    created_by_id=payment.created_by_id,
                    lease_id=payment.lease_id,
                    payment=payment,
                )
                for payment in payments
            ],
            batch_size=1000,
        )
    posted = list(zip(payments, entries, places, strict=True))
    # All sides of an entry in one statement, as the journal demands.
    for start in range(0, len(posted), 1000):
        JournalLine.objects.bulk_create(
            JournalLine(
                site_id=site_id,
                entry=entry,
                account_id=accounts[code],
                lease_id=payment.lease_id if code == Code.RECEIVABLE else None,
                property_id=payment.property_id,
                value_date=payment.value_date,
                amount=amount,
            )
            for payment, entry, place in posted[start : start + 1000]
            for code, amount in (
                (place, payment.amount - payment.fee),
                (Code.PROVIDER_FEES, payment.fee),
                (Code.RECEIVABLE, -payment.amount),
            )
            if amount
        )


def record_payment_once(*, actor, key: str, **fields) -> Payment:
    """Record a payment of a form that carries ``key``: pressed twice, the first is returned."""
    return _record_payment_once(actor=actor, key=key, fields=fields)


@verb("payment.record")
def _record_payment_once(*, actor, key, fields):
    fingerprint = fingerprint_of(fields)
    earlier = claim_key(actor, key, fingerprint, wait=True)
    if earlier is not None:
        return unchanged(earlier.payment)
    payment = record_payment(actor=actor, **fields)
    keep_answer(actor, key, fingerprint, payment=payment)
    return payment


def _at_stake(payment, **_said) -> int:
    return 0 if payment.status == Payment.Status.CANCELLED else payment.amount


def _cancelled_before(actor, payment, **_said) -> int:
    """What the same person cancelled alone, of whatever tenant, in the days before."""
    alone = done_alone("payments.cancel_payment", Payment)
    mine = alone.filter(cancelled_by=actor, status=Payment.Status.CANCELLED, site=payment.site_id)
    return mine.aggregate(sum=Sum("amount"))["sum"] or 0


@verb("payment.cancel")
@second_person(
    above="cancel_threshold",
    row="payment",
    about=lambda payment: payment.lease.reference,
    page="payments:payment_page",
    at_stake=_at_stake,
    earlier=_cancelled_before,
)
def cancel_payment(
    *,
    actor,
    payment: Payment,
    reason: str,
    on: datetime.date | None = None,
    taken_back: bool = False,
) -> Payment | Approval:
    """Cancel a payment: its reversal returns rent, commission and owner's share.

    The receipt is cancelled with it, and quittances that it no longer pays are withdrawn. Dated
    ``on`` or as the payment was, or today when that month is closed. Cancelled twice, the payment
    is returned as it is.

    The line of a statement that it was made of waits in the inbox again, unless the money was
    ``taken_back`` by who had sent it. Raises Conflict when that line pays other leases too.
    """
    sites = {payment.site_id, *payment.line_parts.values_list("line__site", flat=True)}
    for site in sorted(sites):
        lock_books(site, [payment.lease_id] if site == payment.site_id else [])
    payment = Payment.objects.select_related("lease").get(pk=payment.pk)
    if payment.status == Payment.Status.CANCELLED:
        return unchanged(_whole().get(pk=payment.pk))
    if not reason.strip():
        sentence = _("Say why the payment is cancelled.")
        raise BusinessError(sentence, fields={"reason": sentence})
    day = open_day(payment.site_id, max(on or payment.value_date, payment.value_date))
    entry = payment.entries.get(kind=JournalEntry.Kind.PAYMENT)
    opposite = reverse(actor=actor, entry=entry, on=day, memo=reason)
    if payment.method == Payment.Method.DEPOSIT:
        _put_back(actor, payment, opposite)
    payment.status = Payment.Status.CANCELLED
    payment.cancelled_on, payment.cancelled_by, payment.cancel_reason = day, actor, reason
    payment.save(update_fields=["status", "cancelled_on", "cancelled_by", "cancel_reason"])
    payment.receipts.update(status=Receipt.Status.CANCELLED)
    if not taken_back:
        free_line_of(actor, payment)
    settle_leases(actor, payment.site_id, [payment.lease_id], locked=True)
    restate_for_payment(payment)
    renew(f"site:{payment.site_id}")
    _tell(payment)
    return _whole().get(pk=payment.pk)


def _put_back(actor, payment: Payment, opposite: JournalEntry) -> None:
    """Hold again what a cancelled payment had taken from the tenant's deposit."""
    taken = payment.deposit_movement
    DepositMovement.objects.create(
        site_id=payment.site_id,
        lease_id=payment.lease_id,
        kind=DepositMovement.Kind.REVERSED,
        amount=-taken.amount,
        value_date=opposite.value_date,
        reason=opposite.memo,
        entry=opposite,
        reverses=taken,
        created_by=actor,
    )


@verb("payment.import")
def record_payments(
    *,
    actor,
    site: Site,
    rows: list[dict],
    progress: Callable[[int, int], None] | None = None,
    source: str = Payment.Source.IMPORT,
    money: str = "",
) -> list[Payment]:
    """Record many payments of the past at once, as an import does; return them in order.

    Each row is a dict of ``lease`` (a ``Lease`` of ``site``), ``amount``, ``method``,
    ``value_date``, ``reference``, ``notes`` and ``fee``, checked by the caller. They are posted (to
    the account ``money``, or the usual one of each method), allocated and given receipts like any
    payment; rules of the desk (largest cash, lease ended) do not apply to what has happened
    already. Raises ``PeriodClosed`` when any is dated in a closed month.
    """
    leases = sorted({row["lease"].pk for row in rows})
    lock_books(site.pk, leases)
    for month in {row["value_date"].replace(day=1) for row in rows}:
        refuse_closed(site, month)
    payments = [
        Payment(
            site=site,
            lease=row["lease"],
            property_id=row["lease"].property_id,
            amount=row["amount"],
            method=row["method"],
            reference=row.get("reference", ""),
            value_date=row["value_date"],
            notes=row.get("notes", ""),
            fee=row.get("fee", 0),
            created_by=actor,
            source=source,
        )
        for row in rows
    ]
    _insert(payments, [money or MONEY[payment.method] for payment in payments])
    settle_leases(actor, site.pk, leases, locked=True)
    balances = dict(
        JournalLine.objects.filter(lease__in=leases, account=accounts_of(site.pk)[Code.RECEIVABLE])
        .values("lease")
        .annotate(total=Sum("amount"))
        .values_list("lease", "total")
    )
    for start in range(0, len(payments), 1000):
        batch = _whole().in_bulk([row.pk for row in payments[start : start + 1000]])
        issue_receipts(actor, list(batch.values()), balances)
        if progress:
            progress(start + len(batch), len(payments))
    renew(f"site:{site.pk}")
    return payments


def _whole():
    return Payment.objects.select_related(
        "site", "lease__site", "lease__tenant", "lease__property", "created_by", "collected_by"
    )


def _refuse_shape(payment, rules, money=""):
    """Refuse what can be seen before anything is locked, by the branch's ``rules`` of its day."""
    lease, amount, currency = payment.lease, payment.amount, payment.site.currency
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= LARGEST:
        sentence = _("Write an amount between %(least)s and %(most)s.") % {
            "least": format_amount(1, currency),
            "most": format_amount(LARGEST, currency),
        }
        raise PaymentRefused(sentence, fields={"amount": sentence})
    is_deposit = payment.method == Payment.Method.DEPOSIT
    if is_deposit != (money == Code.DEPOSITS) or (
        not is_deposit
        and (
            payment.method not in Payment.Method.values
            or (payment.source not in ARRIVED and payment.method not in rules.methods)
        )
    ):
        sentence = _("This branch does not take this method of payment.")
        raise PaymentRefused(sentence, fields={"method": sentence})
    if payment.method == Payment.Method.CASH and 0 < rules.max_cash < amount:
        sentence = _("This branch takes at most %(most)s in cash at once.") % {
            "most": format_amount(rules.max_cash, currency)
        }
        raise PaymentRefused(sentence, fields={"amount": sentence})
    if payment.value_date > timezone.localdate():
        sentence = _("The date is in the future.")
        raise PaymentRefused(sentence, fields={"value_date": sentence})
    chosen = payment.for_charge
    if chosen is not None and (
        chosen.lease_id != lease.pk or chosen.cancelled_on or chosen.left <= 0
    ):
        sentence = _("This charge is not open on this lease.")
        raise PaymentRefused(sentence, fields={"for_charge": sentence})


def _refuse_ended(payment, owed: int):
    lease = payment.lease
    if lease.state in (Lease.State.DRAFT, Lease.State.CANCELLED):
        sentence = _("This lease binds nobody: it takes no payment.")
        raise LeaseEnded(sentence, fields={"lease": sentence})
    if lease.end is None or lease.end >= payment.value_date:
        return
    owed = max(0, owed)
    if payment.amount > owed:
        sentence = _(
            "This lease ended on %(day)s and still owes %(owed)s: no more than that can be paid."
        ) % {
            "day": f"{lease.end:%d/%m/%Y}",
            "owed": format_amount(owed, payment.site.currency),
        }
        raise LeaseEnded(sentence, fields={"amount" if owed else "lease": sentence})


def _reference_conflict(payment) -> ReferenceConflict:
    sentence = _("A payment of this branch already carries the reference %(reference)s.") % {
        "reference": payment.reference
    }
    return ReferenceConflict(sentence, fields={"reference": sentence})
