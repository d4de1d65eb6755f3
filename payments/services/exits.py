"""The exit account of a lease: what is owed to the last day, the damages, the deposit, the rest.

A draft is counted anew each time it is looked at. Agreed, it does what it says: rent to the day,
damages as charges, the deposit applied, the rest of it to give back or to pay by instalments; and
what was agreed stands as it was signed.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.money import format_amount
from payments.models import Charge, ClosedPeriod, Damage, ExitAccount, Instalment
from payments.services.charging import (
    charge_rent_left_out,
    raise_charge,
    rent_left_out,
    waive_charge,
)
from payments.services.collecting import LARGEST
from payments.services.deposits import NotInspected, deduct_deposit, held
from payments.services.posting import PeriodClosed, balance_of, lock_books, open_day
from tenants.models import Lease

#: The longest plan of instalments, in months.
MOST_MONTHS = 36

#: Kinds of charges that are owed by the day.
BY_DAY = (Charge.Kind.RENT, Charge.Kind.SERVICE, Charge.Kind.TAX)

State = ExitAccount.State


class ExitRefused(BusinessError):
    """A day, an amount or a number of months that cannot be."""

    code = "exit_refused"


class ExitAgreed(Conflict):
    """The account was agreed: it is signed and does not change."""

    code = "exit_agreed"


@dataclass(frozen=True)
class Line:
    """A part of what is owed: an open charge, rent not charged yet, or days taken off."""

    kind: str
    period_start: datetime.date
    period_end: datetime.date
    amount: int


@dataclass(frozen=True)
class Sheet:
    """An exit account as it stands, in minor units.

    ``owed`` is all that the tenant owes, damages included; what was paid ahead is taken off.
    """

    charges: list[Line]
    left_out: list[Line]
    taken_off: list[Line]
    damages: int
    advance: int
    owed: int
    held: int

    @property
    def applied(self) -> int:
        """What the deposit pays."""
        return min(self.held, max(self.owed, 0))

    @property
    def to_return(self) -> int:
        """What is left of the deposit for the tenant."""
        return self.held - self.applied

    @property
    def rest(self) -> int:
        """What the tenant owes after the deposit; negative: what was paid ahead comes back."""
        return self.owed - self.applied

    @property
    def ahead(self) -> int:
        return max(-self.rest, 0)


def sheet_of(account: ExitAccount) -> Sheet:
    """Count the draft ``account`` as of now."""
    lease = account.lease
    overlong = [(charge, lived(charge, account.left_on)) for charge in _overlong(account)]
    open_charges = [
        Line(row.kind, row.period_start, row.period_end, row.left)
        for row in Charge.objects.open().filter(lease=lease).order_by("due_date", "pk")
    ]
    left_out = [
        Line(Charge.Kind.RENT, max(month, lease.start), _until(month, account), amount)
        for month, amount in rent_left_out(lease=lease, until=account.left_on)
    ]
    taken_off = [
        Line(
            charge.kind,
            max(account.left_on + datetime.timedelta(days=1), charge.period_start),
            charge.period_end,
            rest - charge.amount,
        )
        for charge, rest in overlong
    ]
    damages = sum(account.damages.values_list("amount", flat=True))
    balance = balance_of(lease)
    changes = sum(line.amount for line in (*left_out, *taken_off))
    return Sheet(
        charges=open_charges,
        left_out=left_out,
        taken_off=taken_off,
        damages=damages,
        advance=sum(line.amount for line in open_charges) - balance,
        owed=balance + changes + damages,
        held=held(lease),
    )


def _until(month, account) -> datetime.date:
    whole = month + relativedelta(months=account.lease.periodicity, days=-1)
    return min(whole, account.left_on)


def _overlong(account) -> Iterable[Charge]:
    """The charges of periods that go on after the last day."""
    return Charge.objects.standing().filter(
        lease=account.lease_id, kind__in=BY_DAY, period_end__gt=account.left_on, amount__gt=0
    )


def lived(charge: Charge, last: datetime.date) -> int:
    """Return what is owed of ``charge`` when the lease ends on ``last``: by days of each month."""
    whole = _months(charge.period_start, charge.period_end)
    part = _months(charge.period_start, last)
    return int(Fraction(charge.amount) * part / whole + Fraction(1, 2))


def _months(first: datetime.date, last: datetime.date) -> Fraction:
    """Return the months from ``first`` to ``last`` (both included), each by its own days."""
    total = Fraction(0)
    month = first.replace(day=1)
    while month <= last:
        following = month + relativedelta(months=1)
        days = (min(last, following - datetime.timedelta(days=1)) - max(first, month)).days + 1
        total += Fraction(days, (following - month).days)
        month = following
    return total


def instalments_of(
    total: int, months: int, after: datetime.date
) -> list[tuple[datetime.date, int]]:
    """Share ``total`` over ``months``, a month apart; the last one makes the sum exact.

    Raises ``ExitRefused`` for a plan that cannot be.
    """
    if not 1 <= months <= min(MOST_MONTHS, total):
        sentence = _("Choose between 1 and %(most)s months.") % {"most": min(MOST_MONTHS, total)}
        raise ExitRefused(sentence, fields={"months": sentence})
    each = total // months
    amounts = [each] * (months - 1) + [total - each * (months - 1)]
    return [
        (after + relativedelta(months=place), amount) for place, amount in enumerate(amounts, 1)
    ]


@verb("deposit.manage")
def draw_exit(
    *, actor, lease: Lease, inspected_on: datetime.date | None = None, notes: str = ""
) -> ExitAccount:
    """Begin the exit account of ``lease``, or correct its draft; its last day is the lease's.

    Raises ``ExitRefused`` while the lease has no last day, and ``ExitAgreed``.
    """
    lock_books(lease.site_id, [lease.pk])
    lease = Lease.objects.select_related("site").get(pk=lease.pk)
    if lease.end is None or lease.state in (Lease.State.DRAFT, Lease.State.CANCELLED):
        raise ExitRefused(_("End the lease first: its last day is the day of the account."))
    if inspected_on and inspected_on > timezone.localdate():
        sentence = _("The date is in the future.")
        raise ExitRefused(sentence, fields={"inspected_on": sentence})
    account = ExitAccount.objects.filter(lease=lease).first()
    if account is None:
        account = ExitAccount(site_id=lease.site_id, lease=lease, drawn_by=actor)
    _refuse_agreed(account)
    account.left_on, account.inspected_on, account.notes = lease.end, inspected_on, notes
    account.save()
    return account


@verb("deposit.manage")
def add_damage(
    *, actor, account: ExitAccount, label: str, amount: int, photo: File | None = None
) -> Damage:
    """Note something that the tenant must make good (minor units); charged when agreed."""
    if not 0 < amount <= LARGEST:
        sentence = _("Write an amount between %(least)s and %(most)s.") % {
            "least": format_amount(1, account.site.currency),
            "most": format_amount(LARGEST, account.site.currency),
        }
        raise ExitRefused(sentence, fields={"amount": sentence})
    account = _held(account)
    _refuse_agreed(account)
    return Damage.objects.create(
        site_id=account.site_id, account=account, label=label, amount=amount, photo=photo or ""
    )


@verb("deposit.manage")
def remove_damage(*, actor, damage: Damage) -> ExitAccount:
    """Take a damage out of a draft."""
    account = _held(damage.account)
    _refuse_agreed(account)
    Damage.objects.filter(pk=damage.pk).delete()
    return account


@verb("deposit.manage")
def agree_exit(*, actor, account: ExitAccount, months: int = 0) -> ExitAccount:
    """Let the account hold: charge, deduct, and plan what is left; agreed twice, once.

    ``months`` is the number of instalments for what the deposit does not pay; 0 asks for all of it
    now. Raises ``NotInspected``, ``ExitRefused`` before the last day, and ``PeriodClosed`` when
    rent of a closed month would change.
    """
    account = _held(account)
    if account.state == State.AGREED:
        return unchanged(account)
    lease, today = account.lease, timezone.localdate()
    account.left_on = lease.end or account.left_on
    if account.inspected_on is None:
        raise NotInspected(_("Write the day of the exit inspection first."))
    if account.left_on > today:
        raise ExitRefused(_("The lease still runs: agree on its last day or after."))
    _refuse_closed_rent(account)
    sheet = sheet_of(account)
    plan = instalments_of(sheet.rest, months, today) if months and sheet.rest > 0 else []
    _charge_to_the_day(actor, account)
    day = open_day(account.site_id, account.left_on)
    for damage in account.damages.all():
        damage.charge = raise_charge(
            actor=actor,
            lease=lease,
            kind=Charge.Kind.OTHER,
            amount=damage.amount,
            period_start=day,
            period_end=day,
            due_date=day,
        )
        damage.save(update_fields=["charge"])
    if sheet.applied:
        deduct_deposit(
            actor=actor,
            lease=lease,
            amount=sheet.applied,
            reason=_("Exit account"),
            value_date=today,
        )
    Instalment.objects.bulk_create(
        Instalment(site_id=account.site_id, account=account, due_date=due, amount=amount)
        for due, amount in plan
    )
    account.content = _content(actor, account, sheet, plan)
    account.state, account.agreed_at = State.AGREED, timezone.now()
    account.save()
    return account


def _refuse_closed_rent(account):
    """Refuse while rent that the account changes lies in a closed month, and say what helps."""
    months = {month for month, _amount in rent_left_out(lease=account.lease, until=account.left_on)}
    months |= {
        charge.period_start.replace(day=1)
        for charge in _overlong(account)
        if charge.period_start <= account.left_on
    }
    closed = ClosedPeriod.objects.filter(
        site=account.site_id, month__in=months, reopened_at=None
    ).order_by("month")
    names = [f"{month:%m/%Y}" for month in closed.values_list("month", flat=True)]
    if names:
        raise PeriodClosed(
            _(
                "The rent of %(months)s changes with this account, and that is closed. Ask the "
                "director to reopen it (Closed months), then agree the account."
            )
            % {"months": ", ".join(names)}
        )


def _charge_to_the_day(actor, account):
    """Charge the rent to the last day, and no day more."""
    lease = account.lease
    charge_rent_left_out(actor=actor, lease=lease, until=account.left_on)
    for charge in list(_overlong(account)):
        rest = lived(charge, account.left_on)
        waive_charge(actor=actor, charge=charge, reason=_("Rent to the last day of the lease"))
        if rest:
            raise_charge(
                actor=actor,
                lease=lease,
                kind=charge.kind,
                amount=rest,
                period_start=charge.period_start,
                period_end=account.left_on,
                due_date=charge.due_date,
            )


def _content(actor, account, sheet, plan) -> dict:
    """Return what the paper says, frozen."""
    lease = account.lease
    return {
        "agency": settings.AGENCY_NAME,
        "site": lease.site.name,
        "currency": lease.site.currency,
        "tenant": lease.tenant.name,
        "lease": lease.reference,
        "property": lease.property.name,
        "units": [unit.number for unit in lease.units.all()],
        "start": str(lease.start),
        "left_on": str(account.left_on),
        "inspected_on": str(account.inspected_on or ""),
        "drawn_by": str(account.drawn_by),
        "agreed_by": str(actor),
        **{
            name: [
                {
                    "kind": line.kind,
                    "period_start": str(line.period_start),
                    "period_end": str(line.period_end),
                    "amount": line.amount,
                }
                for line in getattr(sheet, name)
            ]
            for name in ("charges", "left_out", "taken_off")
        },
        "damages": [
            {"label": damage.label, "amount": damage.amount}
            for damage in account.damages.order_by("pk")
        ],
        **{
            name: getattr(sheet, name)
            for name in ("advance", "owed", "held", "applied", "to_return", "rest", "ahead")
        },
        "instalments": [{"due_date": str(due), "amount": amount} for due, amount in plan],
        "notes": account.notes,
    }


def preview_content(actor, account: ExitAccount, sheet: Sheet) -> dict:
    """Return what the paper of a draft says now."""
    return _content(actor, account, sheet, [])


def _held(account: ExitAccount) -> ExitAccount:
    """Read the account again and hold its books until the transaction ends."""
    lock_books(account.site_id, [account.lease_id])
    rows = ExitAccount.objects.select_related(
        "site", "drawn_by", "lease__site", "lease__tenant", "lease__property"
    )
    return rows.get(pk=account.pk)


def _refuse_agreed(account):
    if account.state == State.AGREED:
        raise ExitAgreed(_("This account was agreed and signed: it does not change any more."))
