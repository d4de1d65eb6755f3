"""Saying what is owed: the rent run, late fees, balances taken over, single charges, waivers."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

import pghistory
from dateutil.relativedelta import relativedelta
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Abs
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.money import MAX as LARGEST
from akig.lib.money import format_amount
from payments.models import Account, Charge, JournalEntry, Payment, RentRun
from payments.services.once import made_once
from payments.services.posting import (
    accounts_of,
    lock_books,
    open_day,
    post,
    refuse_closed,
    reverse,
)
from payments.services.receipts import withdraw_quittances
from payments.services.settling import settle
from payments.signals import money_moved
from sites_app.models import Approval, Site
from sites_app.rules import rules_for
from sites_app.services.approving import done_alone, second_person
from tenants.models import Lease

Code = Account.Code

#: Leases charged in one transaction: a run that is killed loses at most this many, and a cashier
#: waits no longer than this many take.
BATCH = 2000

# Which charges the leases owe for periods that begin in the month: in full, or by days where the
# lease begins or ends inside the period (each calendar month apart, half up).
OWED = """
WITH lease AS (
    SELECT lease.id, lease.property_id, property.owner_id, lease.start, lease."end",
           lease.periodicity, coalesce(lease.due_day, %(due_day)s) AS due_day,
           greatest(lease.start, %(month)s::date) AS first_day,
           (%(month)s::date + make_interval(months => lease.periodicity))::date - 1 AS last_day,
           coalesce(terms.rent, lease.rent) AS rent,
           coalesce(terms.service_charge, lease.service_charge) AS service_charge,
           coalesce(mandate.commission, %(commission)s) AS commission
      FROM tenants_lease AS lease
      JOIN sites_app_property AS property ON property.id = lease.property_id
      LEFT JOIN LATERAL (
        SELECT rent, service_charge FROM tenants_rentchange AS change
         WHERE change.lease_id = lease.id
           AND change.valid_from <= greatest(lease.start, %(month)s::date)
         ORDER BY valid_from DESC LIMIT 1
      ) AS terms ON true
      LEFT JOIN LATERAL (
        SELECT commission FROM sites_app_mandate AS mandate
         WHERE mandate.property_id = lease.property_id AND mandate.days @> %(month)s::date LIMIT 1
      ) AS mandate ON true
     WHERE lease.id = ANY(%(leases)s)
), period AS (
    SELECT lease.*, least(last_day, coalesce("end", last_day)) AS stop_day FROM lease
), part AS MATERIALIZED (
    SELECT period.*, CASE
        WHEN first_day = %(month)s::date AND stop_day = last_day THEN periodicity
        ELSE (
            SELECT sum(
                (least(stop_day, (m + interval '1 month')::date - 1)
                    - greatest(first_day, m::date) + 1)::numeric
                / ((m + interval '1 month')::date - m::date))
              FROM generate_series(%(month)s::date, stop_day, interval '1 month') AS m
        ) END AS months
      FROM period
), owed AS (
    SELECT part.*, kind, amount, percent, vat FROM part CROSS JOIN LATERAL (VALUES
        ('rent', round(rent * months)::bigint, commission, %(vat)s),
        ('service', round(service_charge * months)::bigint, 0, 0),
        ('tax', round(round(rent * months) * %(tpa)s / 100)::bigint, 0, 0)
    ) AS item (kind, amount, percent, vat) WHERE amount > 0
), missing AS (
    SELECT * FROM owed WHERE NOT EXISTS (
        SELECT FROM payments_charge AS charge
         WHERE charge.lease_id = owed.id AND charge.kind = owed.kind
           AND charge.period_start = owed.first_day)
)"""

CHARGE = """
{owed}, entry AS (
    INSERT INTO payments_journalentry
        (site_id, kind, value_date, created_at, created_by_id, lease_id, memo)
    SELECT %(site)s, 'charge', first_day, now(), %(actor)s, id, kind FROM missing
    RETURNING id, lease_id, memo AS kind
), charge AS (
    INSERT INTO payments_charge
        (site_id, lease_id, property_id, owner_id, kind, period_start, period_end, issue, due_date,
         amount, commission_percent, vat_percent, collected, created_at, cancel_reason, entry_id)
    SELECT %(site)s, missing.id, property_id, owner_id, missing.kind, first_day, stop_day, 0,
           greatest(first_day, %(month)s::date + due_day - 1),
           amount, percent, vat, 0, now(), '', entry.id
      FROM missing JOIN entry ON entry.lease_id = missing.id AND entry.kind = missing.kind
    RETURNING amount
), line AS (
    INSERT INTO payments_journalline
        (site_id, entry_id, account_id, lease_id, owner_id, property_id, value_date, amount)
    SELECT %(site)s, entry.id, side.account, missing.id, side.owner, missing.property_id, first_day,
           side.amount
      FROM missing JOIN entry ON entry.lease_id = missing.id AND entry.kind = missing.kind
     CROSS JOIN LATERAL (VALUES
        (%(receivable)s::bigint, NULL::bigint, amount),
        (CASE WHEN missing.kind = 'tax' THEN %(tax)s ELSE %(pending)s END::bigint,
         CASE WHEN missing.kind = 'tax' THEN NULL ELSE owner_id END, -amount)
     ) AS side (account, owner, amount)
)
SELECT count(*), coalesce(sum(amount), 0)::bigint, (SELECT count(*) FROM owed) - count(*)
  FROM charge
""".replace("{owed}", OWED)

PREVIEW = """
{owed}
SELECT count(DISTINCT id), count(*), coalesce(sum(amount), 0)::bigint,
       (SELECT count(*) FROM owed) - count(*)
  FROM missing
""".replace("{owed}", OWED)

# Leases that begin a period in the month: they run on its first days, their rhythm falls on it, and
# no balance taken over covers it already.
DUE = """
SELECT lease.id FROM tenants_lease AS lease
 WHERE lease.site_id = %(site)s AND lease.state NOT IN ('draft', 'cancelled', 'suspended')
   AND lease.start <= %(last)s
   AND (lease."end" IS NULL OR lease."end" >= greatest(lease.start, %(month)s))
   AND mod((extract(year FROM %(month)s::date) - extract(year FROM lease.start)) * 12
         + extract(month FROM %(month)s::date) - extract(month FROM lease.start),
           lease.periodicity) = 0
   AND (lease.taken_over_on IS NULL OR greatest(lease.start, %(month)s) > lease.taken_over_on)
 ORDER BY lease.id
"""


# A fee once per overdue rent, on what is still open when the days of grace are over; never on a
# fee. The leases are found first, then locked, then looked at again.
LATE = """
      FROM payments_charge AS charge
     WHERE site_id = %(site)s AND cancelled_on IS NULL AND amount > collected AND kind = 'rent'
       AND due_date < %(on)s::date - %(grace)s
       AND NOT EXISTS (SELECT FROM payments_charge AS fee WHERE fee.fee_for_id = charge.id)
"""
LATE_LEASES = "SELECT DISTINCT lease_id {late}".replace("{late}", LATE)
LATE_FEE = """
WITH late AS (
    SELECT charge.id, lease_id, property_id, owner_id, period_start, period_end,
           round((amount - collected) * %(percent)s / 100)::bigint AS fee
    {late}
       AND lease_id = ANY(%(leases)s)
), due AS (
    SELECT late.*, row_number() OVER (ORDER BY id)::text AS place FROM late WHERE fee > 0
), entry AS (
    INSERT INTO payments_journalentry
        (site_id, kind, value_date, created_at, created_by_id, lease_id, memo)
    SELECT %(site)s, 'charge', %(on)s, now(), %(actor)s, lease_id, 'late_fee ' || place FROM due
    RETURNING id, memo
), charge AS (
    INSERT INTO payments_charge
        (site_id, lease_id, property_id, owner_id, kind, period_start, period_end, issue, due_date,
         amount, commission_percent, vat_percent, collected, created_at, cancel_reason, entry_id,
         fee_for_id)
    SELECT %(site)s, lease_id, property_id, owner_id, 'late_fee', period_start, period_end,
           coalesce((SELECT max(issue) + 1 FROM payments_charge AS other
                      WHERE other.lease_id = due.lease_id AND other.kind = 'late_fee'
                        AND other.period_start = due.period_start), 0),
           %(on)s, fee, 0, 0, 0, now(), '', entry.id, due.id
      FROM due JOIN entry ON entry.memo = 'late_fee ' || place
    RETURNING lease_id, amount
), line AS (
    INSERT INTO payments_journalline
        (site_id, entry_id, account_id, lease_id, property_id, value_date, amount)
    SELECT %(site)s, entry.id, side.account, due.lease_id, due.property_id, %(on)s, side.amount
      FROM due JOIN entry ON entry.memo = 'late_fee ' || place
     CROSS JOIN LATERAL (VALUES
        (%(receivable)s::bigint, fee), (%(income)s::bigint, -fee)) AS side (account, amount)
)
SELECT count(*), coalesce(sum(amount), 0)::bigint, array_agg(DISTINCT lease_id) FROM charge
""".replace("{late}", LATE)


class PeriodTooFar(BusinessError):
    """Rent is charged at most one month ahead."""


class ChargeRefused(Conflict):
    """The charge cannot be made or waived as things stand."""


def charge_rent(
    *,
    actor,
    site: Site,
    month: datetime.date,
    progress: Callable[[int, int], None] | None = None,
) -> RentRun:
    """Charge every lease of ``site`` for the period that begins in ``month`` (any day of it).

    What is charged already is left alone, so that a run may be repeated, or resumed after a crash:
    each batch of leases is a transaction of its own. A lease that cannot be charged is reported in
    ``failed`` and the others are charged. ``progress`` is called with the leases done and all.
    Raises ``NotAllowed``, ``PeriodClosed``, ``PeriodTooFar``.
    """
    run, leases = _open_rent_run(actor=actor, site=site, month=month.replace(day=1))
    for start in range(0, len(leases), BATCH):
        _charge_batch(actor=actor, run=run, leases=leases[start : start + BATCH])
        if progress:
            progress(min(start + BATCH, len(leases)), len(leases))
    _finish_rent_run(actor=actor, run=run)
    return run


@dataclass(frozen=True)
class RentPreview:
    """What a rent run would do: leases and charges to come, their amount, charges already there."""

    leases: int
    created: int
    amount: int
    existing: int


def preview_rent(*, site: Site, month: datetime.date) -> RentPreview:
    """Tell what ``charge_rent`` would do, and write nothing. Raises what it would raise."""
    month = month.replace(day=1)
    _refuse_month(site, month)
    with connection.cursor() as cursor:
        cursor.execute(PREVIEW, _rent_values(site.pk, month, _due(site, month)))
        return RentPreview(*cursor.fetchone())


@verb("charge.run")
def _open_rent_run(*, actor, site, month):
    _refuse_month(site, month)
    return RentRun.objects.create(site=site, month=month, requested_by=actor), _due(site, month)


def _refuse_month(site, month):
    if month > timezone.localdate() + relativedelta(months=1):
        sentence = _("Rent is charged at most one month ahead.")
        raise PeriodTooFar(sentence, fields={"period": sentence})
    refuse_closed(site, month, field="period")


def _due(site, month) -> list[int]:
    last = month + relativedelta(months=1, days=-1)
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"site": site.pk, "month": month, "last": last})
        return [lease for (lease,) in cursor.fetchall()]


@verb("charge.run")
def _charge_batch(*, actor, run, leases):
    homeless = dict(
        Lease.objects.filter(pk__in=leases, occupancies=None).values_list("pk", "reference")
    )
    failed = [(reference, _("The lease has no unit.")) for reference in homeless.values()]
    good = [lease for lease in leases if lease not in homeless]
    lock_books(run.site_id, good)
    try:
        with transaction.atomic():
            totals = [_charge(actor, run, good)]
    except (DataError, IntegrityError):
        # One of them cannot be computed or stored: find it, and charge the others.
        totals = []
        for lease in good:
            try:
                with transaction.atomic():
                    totals.append(_charge(actor, run, [lease]))
            except (DataError, IntegrityError) as error:
                reference = Lease.objects.values_list("reference", flat=True).get(pk=lease)
                failed.append((reference, str(error).splitlines()[0]))
    run.created += sum(created for created, _amount, _existing in totals)
    run.amount += sum(amount for _created, amount, _existing in totals)
    run.existing += sum(existing for _created, _amount, existing in totals)
    run.failed = run.failed + [{"lease": lease, "detail": detail} for lease, detail in failed]
    run.save()
    advances = Payment.objects.with_advance().filter(lease__in=good).values_list("lease")
    credits = Charge.objects.standing().filter(lease__in=good, amount__lt=F("collected"))
    waiting = advances.union(credits.values_list("lease"))
    settle_leases(actor, run.site_id, [lease for (lease,) in waiting], locked=True)
    renew(f"site:{run.site_id}")


def _charge(actor, run, leases):
    accounts = accounts_of(run.site_id)
    values = _rent_values(run.site_id, run.month, leases) | {
        "actor": actor.pk,
        "receivable": accounts[Code.RECEIVABLE],
        "pending": accounts[Code.OWNER_PENDING],
        "tax": accounts[Code.TAX],
    }
    with connection.cursor() as cursor:
        cursor.execute(CHARGE, values)
        return cursor.fetchone()


def _rent_values(site_id, month, leases):
    rules = rules_for(site_id, on=month)
    return {
        "site": site_id,
        "month": month,
        "leases": leases,
        "due_day": rules.rent_due_day,
        "commission": rules.commission_percent,
        "vat": rules.vat_percent,
        "tpa": rules.tpa_percent,
    }


def rent_left_out(*, lease: Lease, until: datetime.date) -> list[tuple[datetime.date, int]]:
    """Return what no rent run has charged yet of a lease's periods that begin by ``until``.

    Month and amount (rent, service charges and tax together, minor units) of each, after the last
    period that was charged; the lease's last day makes the last one shorter.
    """
    found = []
    for month in _months_left_out(lease, until):
        with connection.cursor() as cursor:
            cursor.execute(PREVIEW, _rent_values(lease.site_id, month, [lease.pk]))
            _leases, _number, amount, _existing = cursor.fetchone()
        if amount:
            found.append((month, amount))
    return found


@verb("charge.run")
def charge_rent_left_out(*, actor, lease: Lease, until: datetime.date) -> None:
    """Charge what ``rent_left_out`` tells. Raises ``PeriodClosed``."""
    lock_books(lease.site_id, [lease.pk])
    for month, _amount in rent_left_out(lease=lease, until=until):
        refuse_closed(lease.site_id, month, field="period")
        _charge(actor, RentRun(site_id=lease.site_id, month=month), [lease.pk])
    settle_leases(actor, lease.site_id, [lease.pk], locked=True)
    renew(f"site:{lease.site_id}")


def _months_left_out(lease, until) -> list[datetime.date]:
    """Return the months in which a period of the lease begins after the last charged one."""
    rents = Charge.objects.filter(lease=lease, kind=Charge.Kind.RENT).order_by("-period_start")
    last = rents.values_list("period_start", flat=True).first()
    covered = max(filter(None, (last, lease.taken_over_on)), default=None)
    month = lease.start.replace(day=1)
    months = []
    while month <= until:
        if covered is None or max(month, lease.start) > covered:
            months.append(month)
        month += relativedelta(months=lease.periodicity)
    return months


@verb("charge.run")
def _finish_rent_run(*, actor, run):
    run.finished_at = timezone.now()
    run.save(update_fields=["finished_at"])


@verb("charge.run")
def charge_late_fees(*, actor, site: Site, on: datetime.date | None = None) -> tuple[int, int]:
    """Charge the late fees that have fallen due by a day (today); return their number and amount.

    Once per overdue rent, after the branch's days of grace, on what is still open; a second run
    adds nothing. Raises ``PeriodClosed``.
    """
    day = on or timezone.localdate()
    refuse_closed(site, day, field="on")
    rules = rules_for(site, on=day)
    if not rules.late_fee_percent:
        return unchanged((0, 0))
    accounts = accounts_of(site.pk)
    values = {
        "site": site.pk,
        "on": day,
        "percent": rules.late_fee_percent,
        "grace": rules.late_fee_grace_days,
        "actor": actor.pk,
        "receivable": accounts[Code.RECEIVABLE],
        "income": accounts[Code.LATE_FEES],
    }
    with connection.cursor() as cursor:
        cursor.execute(LATE_LEASES, values)
        values["leases"] = [lease for (lease,) in cursor.fetchall()]
        lock_books(site.pk, values["leases"])
        cursor.execute(LATE_FEE, values)
        created, amount, leases = cursor.fetchone()
    settle_leases(actor, site.pk, leases or [], locked=True)
    renew(f"site:{site.pk}")
    return unchanged((created, amount))


@verb("charge.run")
def raise_charge(
    *,
    actor,
    lease: Lease,
    kind: str,
    amount: int,
    period_start: datetime.date,
    period_end: datetime.date,
    due_date: datetime.date,
) -> Charge:
    """Charge one amount by hand (minor units, positive): damages, a bill passed on, a missed month.

    Raises ``ChargeRefused`` for a lease that binds nobody, for an amount or days that cannot be,
    and ``PeriodClosed``.
    """
    if not 0 < amount <= LARGEST:
        sentence = _("Write an amount between %(least)s and %(most)s.") % {
            "least": format_amount(1, lease.site.currency),
            "most": format_amount(LARGEST, lease.site.currency),
        }
        raise ChargeRefused(sentence, fields={"amount": sentence}, status=400)
    if period_end < period_start:
        sentence = _("The last day must not come before the first.")
        raise ChargeRefused(sentence, fields={"period_end": sentence}, status=400)
    if lease.state in (Lease.State.DRAFT, Lease.State.CANCELLED):
        raise ChargeRefused(_("This lease binds nobody: it cannot be charged."))
    refuse_closed(lease.site_id, period_start, field="period_start")
    return _raise(
        actor=actor,
        lease=lease,
        kind=kind,
        amount=amount,
        period_start=period_start,
        period_end=period_end,
        due_date=due_date,
    )


def raise_charge_once(*, actor, key: str, **fields) -> Charge:
    """Charge one amount of a form that carries ``key``: pressed twice, the first is returned."""
    return _raise_charge_once(actor=actor, key=key, fields=fields)


@verb("charge.run")
def _raise_charge_once(*, actor, key, fields):
    return made_once(actor, key, fields, Charge, lambda: raise_charge(actor=actor, **fields))


@verb("charge.run")
def charge_share(
    *, actor, lease: Lease, amount: int, day: datetime.date, due_date: datetime.date
) -> Charge:
    """Charge a lease its share of what the agency paid for all; a negative one is given back.

    It settles what was laid out (account 4674), so no owner gets it and no commission is taken.
    """
    return _raise(
        actor=actor,
        lease=lease,
        kind=Charge.Kind.SHARED,
        amount=amount,
        period_start=day,
        period_end=day,
        due_date=due_date,
    )


@verb("import.run")
def take_over_balance(*, actor, lease: Lease, amount: int, on: datetime.date) -> Charge | None:
    """Take over what ``lease`` owed on the evening of ``on``: positive owes, negative an advance.

    Every period that began by then counts as charged. 0 only says so, and makes no charge. Raises
    ``ChargeRefused`` when a balance was taken over before.
    """
    if lease.taken_over_on is not None:
        raise ChargeRefused(_("A balance was taken over for this lease already."))
    refuse_closed(lease.site_id, on, field="on")
    lease.taken_over_on = on
    lease.save(update_fields=["taken_over_on"])
    if not amount:
        return None
    return _raise(
        actor=actor,
        lease=lease,
        kind=Charge.Kind.OPENING,
        amount=amount,
        period_start=on,
        period_end=on,
        due_date=on,
    )


def _raise(*, actor, lease, kind, amount, period_start, period_end, due_date):
    lock_books(lease.site_id, [lease.pk])
    rules = rules_for(lease.site_id, on=period_start)
    house = lease.property
    earns = kind in (Charge.Kind.RENT, Charge.Kind.OPENING)
    issue = Charge.objects.filter(lease=lease, kind=kind, period_start=period_start).count()
    entry = post(
        actor=actor,
        site_id=lease.site_id,
        kind=JournalEntry.Kind.OPENING if kind == Charge.Kind.OPENING else JournalEntry.Kind.CHARGE,
        value_date=period_start,
        lease=lease,
        memo=kind,
        lines=[
            {
                "account": Code.RECEIVABLE,
                "amount": amount,
                "lease": lease,
                "property_id": house.pk,
            },
            {
                "account": counterpart(kind, amount),
                "amount": -amount,
                "lease": lease,
                "property_id": house.pk,
                "owner_id": house.owner_id,
            },
        ],
    )
    charge = Charge.objects.create(
        site_id=lease.site_id,
        lease=lease,
        property=house,
        owner_id=house.owner_id,
        kind=kind,
        issue=issue,
        amount=amount,
        period_start=period_start,
        period_end=period_end,
        due_date=due_date,
        commission_percent=_commission(house, period_start, rules) if earns else 0,
        vat_percent=rules.vat_percent if earns else 0,
        entry=entry,
    )
    pghistory.create_event(charge, label="raise")
    settle_leases(actor, lease.site_id, [lease.pk], locked=True)
    charge.refresh_from_db()
    renew(f"site:{lease.site_id}")
    return charge


def counterpart(kind: str, amount: int) -> str:
    """Return the code of the account that stands against the tenant's for a charge of ``kind``."""
    if kind == Charge.Kind.OPENING and amount < 0:
        return Code.OPENING
    fixed = {
        Charge.Kind.TAX: Code.TAX,
        Charge.Kind.LATE_FEE: Code.LATE_FEES,
        Charge.Kind.SHARED: Code.SHARED_COSTS,
    }
    return fixed.get(kind, Code.OWNER_PENDING)


def _commission(house, day, rules):
    mandate = house.mandates.filter(days__contains=day).first()
    return mandate.commission if mandate else rules.commission_percent


def _waived_before(actor, charge, **_said) -> int:
    """What the same tenant was waived, by whomever alone, in the days before."""
    alone = done_alone("payments.waive_charge", Charge)
    his = alone.filter(lease__tenant=charge.lease.tenant_id, site=charge.site_id)
    his = his.filter(cancelled_on__isnull=False)
    return his.aggregate(sum=Sum(Abs("amount")))["sum"] or 0


@verb("arrears.modify")
@second_person(
    above="waiver_threshold",
    row="charge",
    about=lambda charge: charge.lease.reference,
    page="payments:charge_page",
    at_stake=lambda charge, **_said: 0 if charge.cancelled_on else abs(charge.amount),
    earlier=_waived_before,
)
def waive_charge(*, actor, charge: Charge, reason: str) -> Charge | Approval:
    """Cancel a charge by a reversal; money that paid it pays the next charge or is an advance.

    The reversal is dated as the charge was, or today when that month is closed. Waived twice, the
    charge is returned as it is.
    """
    lock_books(charge.site_id, [charge.lease_id])
    charge = Charge.objects.select_related("entry").get(pk=charge.pk)
    if charge.cancelled_on is not None:
        return unchanged(charge)
    if not reason.strip():
        sentence = _("Say why the charge is cancelled.")
        raise BusinessError(sentence, fields={"reason": sentence})
    day = open_day(charge.site_id, charge.entry.value_date)
    reverse(actor=actor, entry=charge.entry, on=day, memo=reason)
    charge.cancelled_on, charge.cancel_reason = day, reason
    charge.save(update_fields=["cancelled_on", "cancel_reason"])
    settle_leases(actor, charge.site_id, [charge.lease_id], locked=True)
    charge.refresh_from_db()
    renew(f"site:{charge.site_id}")
    return charge


def settle_leases(actor, site_id: str, leases, *, locked: bool = False):
    """Allocate anew, take back the quittances of periods that are no longer fully paid, tell it.

    ``locked`` tells that the caller holds the branch's books already.
    """
    leases = sorted(leases)
    if not leases:
        return
    if not locked:
        lock_books(site_id, leases)
    _came, went = settle(actor=actor, site_id=site_id, leases=leases)
    if went:
        withdraw_quittances(leases)
    money_moved.send(Charge, site_id=site_id, leases=leases)
