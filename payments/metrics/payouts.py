"""What owners of a branch are to be paid: everything since their last payout, line by line.

A payout counts each line of the journal exactly once: those dated until its last day that no
earlier one counted. What is entered later with an earlier date is a correction, and stands in the
next. So what is carried over, plus the lines, less what is paid, is what is carried over again.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection
from django.db.models import Sum

from akig.lib.money import share
from payments.models import Account, Payout, Reserve
from sites_app.models import Site
from sites_app.rules import rules_for

Code = Account.Code


@dataclass(frozen=True)
class DueLine:
    """One movement of an owner's account, in minor units, with what proves it.

    ``gross`` was collected, ``commission`` and ``vat`` taken off it; ``cost`` was laid out for the
    owner. ``is_late`` tells that it corrects a month whose statement was issued before.
    """

    day: datetime.date
    property: int | None
    kind: str
    label: str
    gross: int
    commission: int
    vat: int
    cost: int
    lease: str = ""
    tenant: str = ""
    payment: int | None = None
    receipt: str = ""
    code: str = ""
    method: str = ""
    reference: str = ""
    owner_cost: int | None = None
    has_proof: bool = False
    is_late: bool = False
    last_entry: int = 0

    @property
    def net(self) -> int:
        return self.gross - self.commission - self.vat - self.cost


@dataclass(frozen=True)
class Reckoning:
    """How what is held for an owner is divided, in minor units."""

    withheld: int
    recovered: int
    reserved: int
    amount: int

    @property
    def released(self) -> int:
        """What leaves the account of money collected for the owner."""
        return self.withheld + self.recovered + self.amount


def reckon(
    *,
    held: int,
    advances: int,
    gross: int,
    percent: Decimal,
    reserve: int = 0,
    withheld_before: int = 0,
    held_now: int | None = None,
) -> Reckoning:
    """Divide what is ``held`` for an owner: tax first, then what he owes, the reserve, the rest.

    ``advances`` is what was laid out for him, ``gross`` what was collected this time, of which
    ``percent`` is withheld; where money was taken back, so is its tax, up to ``withheld_before``.
    ``held_now`` says what is held after corrections of later days: no more than that is paid.
    """
    tax = max(share(gross, percent), -withheld_before)
    withheld = min(tax, max(held, 0))
    rest = held - withheld
    recovered = min(advances, max(rest, 0))
    rest -= recovered
    there = rest if held_now is None else min(rest, held_now - withheld - recovered)
    amount = max(0, there - reserve)
    return Reckoning(withheld, recovered, max(rest, 0) - amount, amount)


@dataclass
class OwnerDue:
    """What one owner is to be paid at a branch until a day, in minor units."""

    owner: int
    held: dict[int | None, int] = field(default_factory=dict)
    advances: dict[int | None, int] = field(default_factory=dict)
    lines: list[DueLine] = field(default_factory=list)
    opening: int = 0
    collected: int = 0
    commission: int = 0
    costs: int = 0
    advanced: int = 0
    reckoning: Reckoning = Reckoning(0, 0, 0, 0)
    days_held: int | None = None

    @property
    def closing(self) -> int:
        held, owed = sum(self.held.values()), sum(self.advances.values())
        return held - owed - self.reckoning.withheld - self.reckoning.amount

    @property
    def is_moving(self) -> bool:
        return bool(self.lines or self.reckoning.amount)


def owners_due(
    site: Site,
    month: datetime.date,
    until: datetime.date,
    *,
    owners: Iterable[int] | None = None,
    paid_on: datetime.date | None = None,
) -> list[OwnerDue]:
    """Return what each owner at ``site`` is to be paid for ``month``, counted until a day.

    ``owners`` (ids) narrows to some. Without a payout before, the lines begin with the month and
    what came earlier is carried over. ``paid_on`` (``until``) is the day to which the days that
    the agency held the money are counted.
    """
    asked = {
        "site": site.pk,
        "month": month,
        "until": until,
        "owners": None if owners is None else list(owners),
    }
    found = _balances(asked)
    for owner, line in _movements(asked):
        found.setdefault(owner, _Books()).lines.append(line)
    reserves = dict(Reserve.objects.filter(site=site).values_list("property", "amount"))
    percent = rules_for(site, on=until).withholding_percent
    dues = [
        _due(owner, books, reserves, percent, paid_on or until) for owner, books in found.items()
    ]
    return sorted((due for due in dues if due.is_moving), key=lambda due: due.owner)


@dataclass
class _Books:
    held: dict = field(default_factory=lambda: defaultdict(int))
    advances: dict = field(default_factory=lambda: defaultdict(int))
    held_now: int = 0
    withheld: int = 0
    lines: list = field(default_factory=list)


# Payouts count whatever their day: one that was posted after the last day counted here was for
# an earlier month all the same.
BALANCES = """
SELECT owner_id, property_id, code, sum(until)::bigint, sum(amount)::bigint FROM (
    SELECT line.owner_id, line.property_id, account.code, line.amount,
           CASE WHEN line.value_date <= %(until)s THEN line.amount ELSE 0 END AS until
      FROM payments_journalline AS line
      JOIN payments_account AS account ON account.id = line.account_id
     WHERE account.site_id = %(site)s AND account.code IN ('4672', '4673', '4472')
       AND line.owner_id IS NOT NULL
       AND (%(owners)s::bigint[] IS NULL OR line.owner_id = ANY(%(owners)s))
    UNION ALL
    SELECT line.owner_id, line.property_id, account.code, 0, line.amount
      FROM payments_journalentry AS entry
      JOIN payments_journalline AS line ON line.entry_id = entry.id
      JOIN payments_account AS account ON account.id = line.account_id
      LEFT JOIN payments_journalentry AS origin ON origin.id = entry.reverses_id
     WHERE entry.site_id = %(site)s AND entry.value_date > %(until)s
       AND (entry.kind = 'payout' OR origin.kind = 'payout')
       AND account.code IN ('4672', '4673', '4472') AND line.owner_id IS NOT NULL
       AND (%(owners)s::bigint[] IS NULL OR line.owner_id = ANY(%(owners)s))
) AS side GROUP BY owner_id, property_id, code
"""


def _balances(asked: dict) -> dict[int, _Books]:
    found: dict[int, _Books] = {}
    with connection.cursor() as cursor:
        cursor.execute(BALANCES, asked)
        for owner, house, code, until, now in cursor.fetchall():
            books = found.setdefault(owner, _Books())
            if code == Code.OWNER_PAYABLE:
                books.held[house] -= until
                books.held_now -= now
            elif code == Code.OWNER_ADVANCE:
                books.advances[house] += until
            else:
                books.withheld -= now
    return found


# Driven by the entries of a month, so that years of history are not read each time.
MOVEMENTS = """
WITH last AS (
    SELECT DISTINCT ON (payout.owner_id) payout.owner_id, run.last_entry,
           least(run.value_date, (run.month + interval '1 month - 1 day')::date) AS until
      FROM payments_payout AS payout JOIN payments_payoutrun AS run ON run.id = payout.run_id
     WHERE payout.site_id = %(site)s AND payout.state = 'paid'
       AND (%(owners)s::bigint[] IS NULL OR payout.owner_id = ANY(%(owners)s))
     ORDER BY payout.owner_id, payout.month DESC
), since AS (
    SELECT least(min(until), %(month)s::date - 1) AS day,
           coalesce(min(last_entry), 9223372036854775807) AS entry FROM last
), line AS (
    SELECT line.owner_id, line.property_id, account.code, line.amount, entry.id AS entry_id,
           entry.kind, entry.value_date, entry.payment_id, entry.lease_id, entry.memo,
           coalesce(entry.reverses_id, entry.id) AS act,
           coalesce(line.value_date <= last.until, false) AS is_late
      FROM since
      JOIN payments_journalentry AS entry
        ON entry.site_id = %(site)s AND entry.value_date <= %(until)s
       AND (entry.value_date > since.day OR entry.id > since.entry)
       AND entry.kind NOT IN ('payout', 'charge', 'payment')
      JOIN payments_journalline AS line ON line.entry_id = entry.id AND line.owner_id IS NOT NULL
      JOIN payments_account AS account ON account.id = line.account_id
      LEFT JOIN payments_journalentry AS origin ON origin.id = entry.reverses_id
      LEFT JOIN last ON last.owner_id = line.owner_id
     WHERE (account.code IN ('4672', '4673')
         OR entry.kind = 'share' AND account.code IN ('4671', '7061', '4431'))
       AND origin.kind IS DISTINCT FROM 'payout'
       AND (%(owners)s::bigint[] IS NULL OR line.owner_id = ANY(%(owners)s))
       AND CASE WHEN last.owner_id IS NULL THEN line.value_date >= %(month)s
                ELSE line.value_date > last.until OR line.entry_id > last.last_entry END
), movement AS (
    -- A payment that moves from one charge to another within the span is one line.
    SELECT owner_id, property_id, payment_id, lease_id, is_late,
           CASE WHEN kind = 'share' THEN 'share' ELSE 'other' END AS sort,
           CASE WHEN kind <> 'share' THEN act END AS act,
           CASE WHEN payment_id IS NULL THEN value_date END AS own_day,
           min(value_date) AS day, max(memo) AS memo, max(entry_id) AS entry_id,
           sum(CASE WHEN code = '4671' THEN amount
                    WHEN code = '4672' AND kind <> 'share' THEN -amount ELSE 0 END) AS gross,
           -sum(CASE WHEN code = '7061' THEN amount ELSE 0 END) AS commission,
           -sum(CASE WHEN code = '4431' THEN amount ELSE 0 END) AS vat,
           sum(CASE WHEN code = '4673' THEN amount ELSE 0 END) AS cost
      FROM line GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)
SELECT movement.owner_id, movement.day, movement.property_id,
       coalesce(cost.kind, CASE WHEN sort = 'share' THEN 'rent' ELSE 'other' END),
       coalesce(cost.label, movement.memo), gross::bigint, commission::bigint, vat::bigint,
       movement.cost::bigint, coalesce(lease.reference, ''), coalesce(tenant.name, ''),
       movement.payment_id, coalesce(receipt.number, ''), coalesce(receipt.code, ''),
       coalesce(payment.method, ''), coalesce(payment.reference, ''), cost.id,
       coalesce(cost.proof, '') <> '', movement.is_late, movement.entry_id
  FROM movement
  LEFT JOIN tenants_lease AS lease ON lease.id = movement.lease_id
  LEFT JOIN tenants_tenant AS tenant ON tenant.id = lease.tenant_id
  LEFT JOIN payments_payment AS payment ON payment.id = movement.payment_id
  LEFT JOIN payments_receipt AS receipt
    ON receipt.payment_id = movement.payment_id AND receipt.kind = 'receipt'
  LEFT JOIN payments_ownercost AS cost ON cost.entry_id = movement.act
 WHERE gross <> 0 OR commission <> 0 OR vat <> 0 OR movement.cost <> 0
 ORDER BY movement.owner_id, movement.day, movement.entry_id
"""


def _movements(asked: dict) -> Iterable[tuple[int, DueLine]]:
    with connection.cursor() as cursor:
        cursor.execute(MOVEMENTS, asked)
        for owner, *values in cursor.fetchall():
            yield owner, DueLine(*values)


def _due(
    owner: int, books: _Books, reserves: dict, percent: Decimal, paid_on: datetime.date
) -> OwnerDue:
    lines = books.lines
    collected = sum(line.gross for line in lines)
    commission = sum(line.commission + line.vat for line in lines)
    laid_out = sum(line.cost for line in lines)
    advanced = sum(line.cost for line in lines if line.kind == "advance")
    held, owed = sum(books.held.values()), sum(books.advances.values())
    reserve = sum(
        min(reserves.get(house, 0), max(amount, 0)) for house, amount in books.held.items()
    )
    return OwnerDue(
        owner=owner,
        # What is released is taken from houses without a reserve first.
        held=dict(sorted(books.held.items(), key=lambda item: item[0] in reserves)),
        advances=dict(books.advances),
        lines=lines,
        opening=held - owed - collected + commission + laid_out,
        collected=collected,
        commission=commission,
        costs=laid_out - advanced,
        advanced=advanced,
        reckoning=reckon(
            held=held,
            advances=owed,
            gross=collected,
            percent=percent,
            reserve=reserve,
            withheld_before=books.withheld,
            held_now=books.held_now,
        ),
        days_held=_days_held(lines, paid_on),
    )


def _days_held(lines: list[DueLine], paid_on: datetime.date) -> int | None:
    """Return how many days the agency had the owner's money, each franc counting the same."""
    came = [(line.gross - line.commission - line.vat, line.day) for line in lines]
    came = [(amount, day) for amount, day in came if amount > 0]
    total = sum(amount for amount, _day in came)
    if not total:
        return None
    return round(sum(amount * max(0, (paid_on - day).days) for amount, day in came) / total)


def spread(amount: int, balances: dict[int | None, int]) -> list[tuple[int | None, int]]:
    """Take ``amount`` out of ``balances`` in their order; return what is taken of each."""
    sign = 1 if amount > 0 else -1
    left, parts = abs(amount), []
    for house, balance in balances.items():
        part = min(left, max(0, sign * balance))
        if part:
            parts.append((house, sign * part))
            left -= part
    if left:
        parts.append((None, sign * left))
    return parts


@dataclass(frozen=True)
class PayoutTotals:
    """The sums of a run, in minor units, and how many owners it has."""

    owners: int
    paid: int
    opening: int
    collected: int
    commission: int
    costs: int
    advances: int
    withheld: int
    reserved: int
    amount: int
    closing: int

    @property
    def spent(self) -> int:
        """Costs and advances together."""
        return self.costs + self.advances


SUMMED = (
    "opening", "collected", "commission", "costs", "advances", "withheld", "reserved", "amount",
)  # fmt: skip


def totals_of(payouts) -> PayoutTotals:
    """Add up a queryset of payouts (of one branch)."""
    sums = payouts.order_by().aggregate(**{f"all_{name}": Sum(name) for name in SUMMED})
    sums = {name: sums[f"all_{name}"] or 0 for name in SUMMED}
    spent = ("commission", "costs", "advances", "withheld", "amount")
    return PayoutTotals(
        owners=payouts.count(),
        paid=payouts.filter(amount__gt=0).count(),
        closing=sums["opening"] + sums["collected"] - sum(sums[name] for name in spent),
        **sums,
    )


def days_held(payouts: Iterable[Payout]) -> int | None:
    """Return the average days that the agency had the money of ``payouts``, by what was collected.

    They come with ``days``, what their statements say of it.
    """
    counted = [
        (row.collected, row.days)
        for row in payouts
        if row.state == Payout.State.PAID and row.collected > 0 and row.days is not None
    ]
    total = sum(amount for amount, _days in counted)
    return round(sum(amount * days for amount, days in counted) / total) if total else None
