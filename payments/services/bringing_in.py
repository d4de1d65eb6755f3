"""Balances taken over, and imports taken back: what is done one by one elsewhere, in numbers."""

import datetime
from collections import defaultdict

from django.db.models import F
from django.utils import timezone

from accounts.verbs import unchanged, verb
from akig.lib.freshness import renew
from payments.models import (
    Charge,
    ClosedPeriod,
    JournalEntry,
    JournalLine,
    Payment,
    Receipt,
)
from payments.services.charging import counterpart, settle_leases
from payments.services.posting import Code, accounts_of, lock_books, refuse_closed
from sites_app.models import Mandate, Site
from sites_app.rules import rules_for
from tenants.models import Lease

BATCH = 1000
CHARGED = ("kind", "amount", "period_start", "period_end", "due_date")
EARNING = (Charge.Kind.RENT, Charge.Kind.OPENING)


@verb("import.run")
def take_over_balances(*, actor, site: Site, rows: list[dict]) -> list[Charge]:
    """Take over what leases of ``site`` owed on the evening of a day, many at once.

    Each row is a dict of ``lease``, ``amount`` (minor units, negative for an advance, 0 allowed)
    and ``on``; the caller has checked that no balance was taken over for the lease before. Raises
    ``PeriodClosed``. See ``charging.take_over_balance``, which does it for one.
    """
    lock_books(site.pk, {row["lease"].pk for row in rows})
    for month in {row["on"].replace(day=1) for row in rows}:
        refuse_closed(site, month, field="on")
    leases: dict[datetime.date, list[int]] = defaultdict(list)
    for row in rows:
        leases[row["on"]].append(row["lease"].pk)
        row["lease"].taken_over_on = row["on"]
    for day, ids in leases.items():
        Lease.objects.filter(pk__in=ids).update(taken_over_on=day)
    owing = [row for row in rows if row["amount"]]
    if not owing:
        return []
    charges = _raise_all(
        actor,
        site,
        [
            {
                "lease": row["lease"],
                "kind": Charge.Kind.OPENING,
                "amount": row["amount"],
                "period_start": row["on"],
                "period_end": row["on"],
                "due_date": row["on"],
            }
            for row in owing
        ],
    )
    settle_leases(actor, site.pk, {row["lease"].pk for row in owing}, locked=True)
    renew(f"site:{site.pk}")
    return charges


@verb("import.run")
def bring_in_charges(*, actor, site: Site, rows: list[dict]) -> list[Charge]:
    """Charge leases of ``site`` as another installation did; return the charges in order.

    Each row is a dict of ``lease``, ``kind``, ``amount`` (minor units), ``period_start``,
    ``period_end`` and ``due_date``, checked by the caller. Raises ``PeriodClosed``.
    """
    lock_books(site.pk, {row["lease"].pk for row in rows})
    for month in {row["period_start"].replace(day=1) for row in rows}:
        refuse_closed(site, month, field="period_start")
    charges = _raise_all(actor, site, rows)
    settle_leases(actor, site.pk, {row["lease"].pk for row in rows}, locked=True)
    renew(f"site:{site.pk}")
    return charges


def _raise_all(actor, site: Site, rows: list[dict]) -> list[Charge]:
    entries = JournalEntry.objects.bulk_create(
        [
            JournalEntry(
                site=site,
                kind=JournalEntry.Kind.OPENING
                if row["kind"] == Charge.Kind.OPENING
                else JournalEntry.Kind.CHARGE,
                value_date=row["period_start"],
                created_by=actor,
                lease=row["lease"],
                memo=row["kind"],
            )
            for row in rows
        ],
        batch_size=BATCH,
    )
    accounts = accounts_of(site.pk)
    lines = [
        JournalLine(
            site=site,
            entry=entry,
            account_id=accounts[code],
            lease=row["lease"],
            property_id=row["lease"].property_id,
            owner_id=row["lease"].property.owner_id if code == Code.OWNER_PENDING else None,
            value_date=row["period_start"],
            amount=amount,
        )
        for row, entry in zip(rows, entries, strict=True)
        for code, amount in (
            (Code.RECEIVABLE, row["amount"]),
            (counterpart(row["kind"], row["amount"]), -row["amount"]),
        )
    ]
    JournalLine.objects.bulk_create(lines, batch_size=2 * BATCH)
    commissions = _Commissions(site, [row["lease"].property_id for row in rows])
    return Charge.objects.bulk_create(
        [
            Charge(
                site=site,
                lease=row["lease"],
                property_id=row["lease"].property_id,
                owner_id=row["lease"].property.owner_id,
                issue=issue,
                entry=entry,
                **{name: row[name] for name in CHARGED},
                **commissions.of(row),
            )
            for row, entry, issue in zip(rows, entries, _issues(rows), strict=True)
        ],
        batch_size=BATCH,
    )


class _Commissions:
    """The commission of properties on a day: the mandate's, else the branch's rule."""

    def __init__(self, site: Site, properties: list[int]):
        self._site = site
        self._rules: dict[datetime.date, object] = {}
        self._mandates = defaultdict(list)
        for mandate in Mandate.objects.filter(property__in=properties):
            self._mandates[mandate.property_id].append(mandate)

    def rules(self, day: datetime.date):
        if day not in self._rules:
            self._rules[day] = rules_for(self._site, on=day)
        return self._rules[day]

    def of(self, row: dict) -> dict:
        """Return the rates that a charge carries; only rent earns a commission."""
        if row["kind"] not in EARNING:
            return {}
        day = row["period_start"]
        return {
            "commission_percent": self.on(row["lease"].property_id, day),
            "vat_percent": self.rules(day).vat_percent,
        }

    def on(self, property_id: int, day: datetime.date):
        for mandate in self._mandates[property_id]:
            begun = mandate.days.lower is None or mandate.days.lower <= day
            if begun and (mandate.days.upper is None or day < mandate.days.upper):
                return mandate.commission
        return self.rules(day).commission_percent


def _issues(rows: list[dict]) -> list[int]:
    """Count the charges of the kind that a lease had before for the period, cancelled ones too."""
    earlier = Charge.objects.filter(lease__in={row["lease"].pk for row in rows})
    count: dict[tuple, int] = defaultdict(int)
    for key in earlier.values_list("lease", "kind", "period_start"):
        count[key] += 1
    issues = []
    for row in rows:
        key = (row["lease"].pk, row["kind"], row["period_start"])
        issues.append(count[key])
        count[key] += 1
    return issues


@verb("import.run")
def take_back_payments(*, actor, payments: list[int], reason: str) -> int:
    """Cancel many payments as ``collecting.cancel_payment`` does one; return how many."""
    standing = Payment.objects.confirmed().filter(pk__in=payments).order_by("pk")
    _hold(standing)
    rows = list(standing.all())
    if not rows:
        return unchanged(0)
    days = _OpenDays()
    entries = JournalEntry.objects.filter(
        payment__in=[row.pk for row in rows], kind=JournalEntry.Kind.PAYMENT
    ).prefetch_related("lines")
    _reverse(actor, list(entries), days, reason)
    leases: dict[str, set[int]] = defaultdict(set)
    cancelled: dict[datetime.date, list[int]] = defaultdict(list)
    for row in rows:
        cancelled[days.of(row.site_id, row.value_date)].append(row.pk)
        leases[row.site_id].add(row.lease_id)
    for day, ids in cancelled.items():
        Payment.objects.filter(pk__in=ids).update(
            status=Payment.Status.CANCELLED,
            cancelled_on=day,
            cancelled_by=actor,
            cancel_reason=reason[:200],
        )
    Receipt.objects.filter(payment__in=[row.pk for row in rows]).update(
        status=Receipt.Status.CANCELLED
    )
    for site_id, ids in leases.items():
        settle_leases(actor, site_id, ids, locked=True)
        renew(f"site:{site_id}")
    return len(rows)


@verb("import.run")
def take_back_charges(*, actor, charges: list[int], reason: str) -> int:
    """Cancel many charges as ``charging.waive_charge`` does one; return how many."""
    standing = Charge.objects.standing().filter(pk__in=charges).order_by("pk")
    _hold(standing)
    rows = list(standing.all())
    if not rows:
        return unchanged(0)
    _cancel_charges(actor, rows, reason)
    return len(rows)


def _hold(rows) -> None:
    """Hold the leases of ``rows`` and the books of their branches, one branch after the other."""
    leases: dict[str, set[int]] = defaultdict(set)
    for site_id, lease_id in rows.values_list("site_id", "lease_id"):
        leases[site_id].add(lease_id)
    for site_id in sorted(leases):
        lock_books(site_id, leases[site_id])


def _cancel_charges(actor, charges: list[Charge], reason: str) -> None:
    days = _OpenDays()
    entries = JournalEntry.objects.filter(pk__in=[charge.entry_id for charge in charges])
    _reverse(actor, list(entries.prefetch_related("lines")), days, reason)
    cancelled: dict[datetime.date, list[int]] = defaultdict(list)
    by_site: dict[str, set[int]] = defaultdict(set)
    for charge in charges:
        cancelled[days.of(charge.site_id, charge.period_start)].append(charge.pk)
        by_site[charge.site_id].add(charge.lease_id)
    for day, ids in cancelled.items():
        Charge.objects.filter(pk__in=ids).update(cancelled_on=day, cancel_reason=reason[:200])
    for site_id, ids in by_site.items():
        settle_leases(actor, site_id, ids, locked=True)
        renew(f"site:{site_id}")


@verb("import.run")
def take_back_balances(*, actor, leases: list[int], reason: str) -> int:
    """Reverse the balances that were taken over for ``leases``; return how many leases had one."""
    _hold(Lease.objects.filter(pk__in=leases).annotate(lease_id=F("pk")))
    had = list(Lease.objects.filter(pk__in=leases).exclude(taken_over_on=None))
    if not had:
        return unchanged(0)
    charges = Charge.objects.standing().filter(
        lease__in=[lease.pk for lease in had], kind=Charge.Kind.OPENING
    )
    _cancel_charges(actor, list(charges.order_by("pk")), reason)
    Lease.objects.filter(pk__in=[lease.pk for lease in had]).update(taken_over_on=None)
    return len(had)


class _OpenDays:
    """The day itself, or today when its month is closed; each branch is asked once."""

    def __init__(self):
        self._closed: dict[str, set[datetime.date]] = {}

    def of(self, site_id: str, day: datetime.date) -> datetime.date:
        if site_id not in self._closed:
            closed = ClosedPeriod.objects.filter(site=site_id, reopened_at=None)
            self._closed[site_id] = set(closed.values_list("month", flat=True))
        return timezone.localdate() if day.replace(day=1) in self._closed[site_id] else day


def _reverse(actor, entries: list[JournalEntry], days: _OpenDays, memo: str) -> None:
    opposites = JournalEntry.objects.bulk_create(
        [
            JournalEntry(
                site_id=entry.site_id,
                kind=JournalEntry.Kind.REVERSAL,
                value_date=days.of(entry.site_id, entry.value_date),
                created_by=actor,
                lease_id=entry.lease_id,
                payment_id=entry.payment_id,
                memo=memo[:200],
                reverses=entry,
            )
            for entry in entries
        ],
        batch_size=BATCH,
    )
    # All lines of an entry must arrive in one statement, so batches end between entries.
    for start in range(0, len(entries), BATCH):
        JournalLine.objects.bulk_create(
            JournalLine(
                site_id=line.site_id,
                entry=opposite,
                account_id=line.account_id,
                lease_id=line.lease_id,
                owner_id=line.owner_id,
                property_id=line.property_id,
                value_date=opposite.value_date,
                amount=-line.amount,
            )
            for entry, opposite in zip(
                entries[start : start + BATCH], opposites[start : start + BATCH], strict=True
            )
            for line in entry.lines.all()
        )
