"""The tenant's deposit: held, taken over, deducted, given back. Never income, never commission.

It is a liability (account 1654) from the first franc to the last. What is deducted pays the
tenant's charges by an ordinary payment, and only then is it rent like any other.
"""

import datetime
from collections.abc import Callable

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.money import format_amount
from payments.models import (
    DepositMovement,
    ExitAccount,
    JournalEntry,
    JournalLine,
    Payment,
    Receipt,
)
from payments.services.collecting import LARGEST, ReferenceConflict, cancel_payment, record_payment
from payments.services.once import made_once
from payments.services.posting import (
    MONEY,
    Code,
    accounts_of,
    balance_of,
    lock_books,
    open_day,
    post,
    refuse_closed,
    reverse,
)
from payments.services.receipts import issue_deposit_receipt
from sites_app.models import Site
from sites_app.rules import rules_for
from tenants.models import Lease

Kind = DepositMovement.Kind


class DepositRefused(BusinessError):
    """More than may be held or than is held, a day that cannot be, a method not taken."""

    code = "deposit_refused"


class NotInspected(Conflict):
    """A deposit goes back after the exit inspection, never before."""

    code = "not_inspected"


class StillOwes(Conflict):
    """A deposit goes back less what the tenant owes."""

    code = "still_owes"


def held(lease: Lease) -> int:
    """Return what is held of the deposit of ``lease`` now, in minor units."""
    rows = DepositMovement.objects.filter(lease=lease)
    return rows.aggregate(total=Sum("amount"))["total"] or 0


def move_once(*, actor, key: str, act: Callable[..., DepositMovement], **fields) -> DepositMovement:
    """Perform ``act``, one of those below, of a form that carries ``key``: sent twice, once."""
    return _move_once(actor=actor, key=key, act=act, fields=fields)


@verb("deposit.manage")
def _move_once(*, actor, key, act, fields):
    asked = {"act": act.__name__, **fields}
    return made_once(actor, key, asked, DepositMovement, lambda: act(actor=actor, **fields))


@verb("deposit.manage")
def hold_deposit(
    *,
    actor,
    lease: Lease,
    amount: int,
    method: str,
    value_date: datetime.date | None = None,
    reference: str = "",
) -> DepositMovement:
    """Take a deposit for ``lease`` (minor units) and issue its receipt, numbered without a gap.

    Raises ``DepositRefused`` when more would be held than the branch's rule and the lease allow,
    ``ReferenceConflict`` and ``PeriodClosed``.
    """
    day = value_date or timezone.localdate()
    _refuse_shape(lease, amount, method, day)
    lock_books(lease.site_id, [lease.pk])
    _refuse_reference(lease, reference)
    most = max(lease.deposit, rules_for(lease.site_id, on=day).deposit_months_max * lease.rent)
    if held(lease) + amount > most:
        sentence = _("At most %(most)s may be held for this lease.") % {
            "most": format_amount(most, lease.site.currency)
        }
        raise DepositRefused(sentence, fields={"amount": sentence})
    receipt = issue_deposit_receipt(
        actor,
        lease,
        amount=amount,
        value_date=day,
        said={
            "method": method,
            "reference": reference,
            "collected_by": str(actor),
            "held": held(lease) + amount,
        },
    )
    return _move(
        actor,
        lease,
        kind=Kind.HELD,
        amount=amount,
        day=day,
        against=MONEY[method],
        method=method,
        reference=reference,
        receipt=receipt,
    )


@verb("deposit.manage")
def take_over_deposit(
    *, actor, lease: Lease, amount: int, value_date: datetime.date
) -> DepositMovement:
    """Begin with a deposit that the agency held before AKIG did its books.

    Posted against the balances taken over; once per lease. Raises ``DepositRefused``.
    """
    _refuse_amount(lease, amount, value_date)
    lock_books(lease.site_id, [lease.pk])
    if DepositMovement.objects.filter(lease=lease, reverses=None, reversed_by=None).exists():
        raise DepositRefused(_("A deposit is held for this lease already."))
    return _move(
        actor, lease, kind=Kind.TAKEN_OVER, amount=amount, day=value_date, against=Code.OPENING
    )


@verb("deposit.manage")
def take_over_deposits(*, actor, site: Site, value_date: datetime.date) -> int:
    """Take over, for all leases of ``site`` that run, the deposits that their contracts tell.

    Leases of which anything was held before are left alone: a second run adds nothing. Returns how
    many were taken over.
    """
    refuse_closed(site, value_date)
    rows = Lease.objects.real().filter(site=site, start__lte=value_date, deposit__gt=0)
    rows = rows.active(value_date).filter(deposit_movements=None)
    leases = sorted(rows.order_by().values_list("pk", flat=True))
    lock_books(site.pk, leases)
    waiting = list(rows.filter(pk__in=leases).order_by("pk"))
    accounts = accounts_of(site.pk)
    entries = JournalEntry.objects.bulk_create(
        [
            JournalEntry(
                site=site,
                kind=JournalEntry.Kind.DEPOSIT,
                value_date=value_date,
                created_by=actor,
                lease=lease,
                memo=Kind.TAKEN_OVER,
            )
            for lease in waiting
        ],
        batch_size=1000,
    )
    # An even batch keeps both sides of an entry in one statement, as the journal demands.
    JournalLine.objects.bulk_create(
        [
            JournalLine(
                site=site,
                entry=entry,
                account_id=accounts[code],
                lease=lease if code == Code.DEPOSITS else None,
                property_id=lease.property_id,
                value_date=value_date,
                amount=amount,
            )
            for lease, entry in zip(waiting, entries, strict=True)
            for code, amount in ((Code.OPENING, lease.deposit), (Code.DEPOSITS, -lease.deposit))
        ],
        batch_size=2000,
    )
    DepositMovement.objects.bulk_create(
        [
            DepositMovement(
                site=site,
                lease=lease,
                kind=Kind.TAKEN_OVER,
                amount=lease.deposit,
                value_date=value_date,
                entry=entry,
                created_by=actor,
            )
            for lease, entry in zip(waiting, entries, strict=True)
        ],
        batch_size=1000,
    )
    renew(f"site:{site.pk}")
    return unchanged(len(waiting))


@verb("deposit.manage")
def deduct_deposit(
    *,
    actor,
    lease: Lease,
    amount: int,
    reason: str,
    value_date: datetime.date | None = None,
) -> DepositMovement:
    """Let the deposit pay what the tenant owes: a payment by deposit, with its receipt.

    Never more than is held or owed, and only once the lease is over: a deposit is not the last
    rent. Raises ``DepositRefused`` and what ``record_payment`` raises.
    """
    day = value_date or timezone.localdate()
    _refuse_amount(lease, amount, day)
    if not reason.strip():
        sentence = _("Say why it is deducted.")
        raise DepositRefused(sentence, fields={"reason": sentence})
    if lease.end is None or lease.end > day:
        raise DepositRefused(
            _("A deposit is not the last rent: it pays what is owed once the lease is over.")
        )
    lock_books(lease.site_id, [lease.pk])
    _refuse_more_than(amount, held(lease), lease, _("Only %(most)s is held."))
    owed = max(0, balance_of(lease))
    _refuse_more_than(amount, owed, lease, _("The tenant only owes %(most)s."))
    payment = record_payment(
        actor=actor,
        lease=lease,
        amount=amount,
        method=Payment.Method.DEPOSIT,
        money=Code.DEPOSITS,
        value_date=day,
        notes=reason,
    )
    return DepositMovement.objects.create(
        site_id=lease.site_id,
        lease=lease,
        kind=Kind.DEDUCTED,
        amount=-amount,
        value_date=day,
        method=Payment.Method.DEPOSIT,
        reason=reason,
        entry=payment.entries.get(kind=JournalEntry.Kind.PAYMENT),
        payment=payment,
        created_by=actor,
    )


@verb("deposit.manage")
def refund_deposit(
    *,
    actor,
    lease: Lease,
    amount: int,
    method: str,
    value_date: datetime.date | None = None,
    reference: str = "",
    reason: str = "",
) -> DepositMovement:
    """Give back ``amount`` of the deposit, after the exit inspection and less what is owed.

    Raises ``NotInspected``, ``StillOwes``, ``DepositRefused``, ``ReferenceConflict`` and
    ``PeriodClosed``.
    """
    day = value_date or timezone.localdate()
    _refuse_shape(lease, amount, method, day)
    lock_books(lease.site_id, [lease.pk])
    _refuse_reference(lease, reference)
    if not ExitAccount.objects.filter(lease=lease, inspected_on__lte=day).exists():
        raise NotInspected(
            _("A deposit goes back after the exit inspection: write its day in the exit account.")
        )
    there = held(lease)
    _refuse_more_than(amount, there, lease, _("Only %(most)s is held."))
    owed = max(0, balance_of(lease))
    if amount > there - owed:
        sentence = _("The tenant still owes %(owed)s: deduct it first.") % {
            "owed": format_amount(owed, lease.site.currency)
        }
        raise StillOwes(sentence, fields={"amount": sentence})
    return _move(
        actor,
        lease,
        kind=Kind.REFUNDED,
        amount=-amount,
        day=day,
        against=MONEY[method],
        method=method,
        reference=reference,
        reason=reason,
    )


@verb("deposit.manage")
def reverse_deposit(*, actor, movement: DepositMovement, reason: str) -> DepositMovement:
    """Answer a movement made by mistake with its opposite; return the movement that answers.

    The receipt of what was held, and the payment of what was deducted, are cancelled with it. Dated
    as the movement was, or today when that month is closed. Reversed twice, the first answer is
    returned. Raises ``DepositRefused`` when what was held is partly gone.
    """
    lease = movement.lease
    lock_books(movement.site_id, [movement.lease_id])
    earlier = DepositMovement.objects.filter(reverses=movement).first()
    if earlier is not None:
        return unchanged(earlier)
    if not reason.strip():
        sentence = _("Say why it is reversed.")
        raise DepositRefused(sentence, fields={"reason": sentence})
    if movement.kind == Kind.REVERSED:
        raise DepositRefused(_("A reversal is not reversed: enter the movement again."))
    if movement.kind == Kind.DEDUCTED:
        cancel_payment(actor=actor, payment=movement.payment, reason=reason)
        return DepositMovement.objects.get(reverses=movement)
    _refuse_more_than(movement.amount, held(lease), lease, _("Only %(most)s is held."))
    day = open_day(movement.site_id, movement.value_date)
    answer = DepositMovement.objects.create(
        site_id=movement.site_id,
        lease_id=movement.lease_id,
        kind=Kind.REVERSED,
        amount=-movement.amount,
        value_date=day,
        reason=reason,
        entry=reverse(actor=actor, entry=movement.entry, on=day, memo=reason),
        reverses=movement,
        created_by=actor,
    )
    if movement.receipt_id:
        Receipt.objects.filter(pk=movement.receipt_id).update(status=Receipt.Status.CANCELLED)
    renew(f"site:{movement.site_id}")
    return unchanged(answer)  # a row that nobody can change is its own history


def _move(actor, lease, *, kind, amount, day, against, **details) -> DepositMovement:
    """Post ``amount`` (positive: more is held) against the account ``against``, and note it."""
    refuse_closed(lease.site_id, day)
    entry = post(
        actor=actor,
        site_id=lease.site_id,
        kind=JournalEntry.Kind.DEPOSIT,
        value_date=day,
        lease=lease,
        memo=kind,
        lines=[
            {"account": against, "amount": amount, "property_id": lease.property_id},
            {
                "account": Code.DEPOSITS,
                "amount": -amount,
                "lease": lease,
                "property_id": lease.property_id,
            },
        ],
    )
    movement = DepositMovement.objects.create(
        site_id=lease.site_id,
        lease=lease,
        kind=kind,
        amount=amount,
        value_date=day,
        entry=entry,
        created_by=actor,
        **details,
    )
    renew(f"site:{lease.site_id}")
    return unchanged(movement)  # a row that nobody can change is its own history


def _refuse_shape(lease, amount, method, day):
    _refuse_amount(lease, amount, day)
    if method not in MONEY or method not in rules_for(lease.site_id, on=day).methods:
        sentence = _("This branch does not take this method of payment.")
        raise DepositRefused(sentence, fields={"method": sentence})


def _refuse_amount(lease, amount, day):
    if not 0 < amount <= LARGEST:
        sentence = _("Write an amount between %(least)s and %(most)s.") % {
            "least": format_amount(1, lease.site.currency),
            "most": format_amount(LARGEST, lease.site.currency),
        }
        raise DepositRefused(sentence, fields={"amount": sentence})
    if day > timezone.localdate():
        sentence = _("The date is in the future.")
        raise DepositRefused(sentence, fields={"value_date": sentence})
    if lease.state in (Lease.State.DRAFT, Lease.State.CANCELLED):
        raise DepositRefused(_("This lease binds nobody: it has no deposit."))


def _refuse_reference(lease, reference):
    """Refuse a reference that stands on money of the branch already."""
    if not reference:
        return
    moved = DepositMovement.objects.filter(site=lease.site_id, reference=reference)
    paid = Payment.objects.confirmed().filter(site=lease.site_id, reference=reference)
    if moved.filter(reversed_by=None).exists() or paid.exists():
        sentence = _("Other money of this branch already carries the reference %(reference)s.") % {
            "reference": reference
        }
        raise ReferenceConflict(sentence, fields={"reference": sentence})


def _refuse_more_than(amount, most, lease, sentence):
    if amount > most:
        sentence = sentence % {"most": format_amount(most, lease.site.currency)}
        raise DepositRefused(sentence, fields={"amount": sentence})
