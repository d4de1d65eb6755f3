"""What is owed and since when, as of any day."""

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields

from django.db import connection
from django.utils import timezone

from sites_app.models import BranchRule, Owner, Property, Site
from sites_app.rules import RULES, rules_for

#: The ages of a debt, in days since it was due.
BUCKETS = ("d0_30", "d31_60", "d61_90", "d90_plus")
AGES = ("arrears", *BUCKETS, "not_due", "advances")

# Open debts and advances by lease as things stand: two partial indexes, however old the books are.
_OPEN_ITEMS = """
item AS (
    SELECT site_id, lease_id, due_date, amount - collected AS open, 0::bigint AS advance
      FROM payments_charge
     WHERE cancelled_on IS NULL AND amount > collected AND {these}
    UNION ALL
    SELECT site_id, lease_id, NULL, 0, amount - allocated
      FROM payments_payment
     WHERE status = 'confirmed' AND allocated < amount AND {these}
    UNION ALL
    SELECT site_id, lease_id, NULL, 0, collected - amount
      FROM payments_charge
     WHERE cancelled_on IS NULL AND amount < collected AND {these}
)
"""


def open_items(these: str) -> str:
    """Return the part ``item`` of a statement: what stands open now on each lease, piece by piece.

    ``these`` is the condition (SQL) that keeps charges and payments by branch, lease or property.
    """
    return _OPEN_ITEMS.replace("{these}", these)


_NARROWED = """site_id = ANY(%(sites)s)
       AND (%(leases)s::bigint[] IS NULL OR lease_id = ANY(%(leases)s))
       AND (%(houses)s::bigint[] IS NULL OR property_id = ANY(%(houses)s))"""

OPEN_NOW = f"WITH {open_items(_NARROWED)}"

# The same as of the evening of any day: the charges and the money of then, laid end to end as
# ``services.settling`` lays them. What was cancelled since still stood. A charge counts from the
# value date of its entry: the first day of its period, or, for a fee, the day it was charged.
#
# What a lease owed then is what it owes now, less what came since. Its oldest debts are paid
# first, so its open ones are the last of the line. A charge that money of then settles now was
# settled then: there was no less money, and no other charge stood before it. That does not hold
# for the ``odd`` leases, of which the whole line is laid out: where a charge was cancelled since,
# a payer chose a charge, a credit counted before its period began, or the branch at some time
# pays rent first.
OPEN_THEN = """
WITH unsettled AS MATERIALIZED (
    SELECT site_id, lease_id, id, kind, period_start, due_date, amount,
           cancelled_on IS NOT NULL AS gone
      FROM payments_charge
     WHERE site_id = ANY(%(sites)s)
       AND CASE WHEN fee_for_id IS NULL THEN period_start ELSE due_date END <= %(on)s
       AND (cancelled_on > %(on)s
         OR cancelled_on IS NULL AND (settled_on IS NULL OR settled_on > %(on)s))
       AND (%(leases)s::bigint[] IS NULL OR lease_id = ANY(%(leases)s))
       AND (%(houses)s::bigint[] IS NULL OR property_id = ANY(%(houses)s))
), balance AS MATERIALIZED (
    SELECT site_id, lease_id, sum(amount)::bigint AS amount, bool_or(odd) AS odd
      FROM (
        SELECT site_id, lease_id, amount - collected AS amount, false AS odd
          FROM payments_charge
         WHERE site_id = ANY(%(sites)s) AND cancelled_on IS NULL AND amount > collected
           AND (%(leases)s::bigint[] IS NULL OR lease_id = ANY(%(leases)s))
           AND (%(houses)s::bigint[] IS NULL OR property_id = ANY(%(houses)s))
        UNION ALL
        SELECT site_id, lease_id, amount - collected, false
          FROM payments_charge
         WHERE site_id = ANY(%(sites)s) AND cancelled_on IS NULL AND amount < collected
           AND (%(leases)s::bigint[] IS NULL OR lease_id = ANY(%(leases)s))
           AND (%(houses)s::bigint[] IS NULL OR property_id = ANY(%(houses)s))
        UNION ALL
        SELECT site_id, lease_id, allocated - amount, false
          FROM payments_payment
         WHERE site_id = ANY(%(sites)s) AND status = 'confirmed' AND allocated < amount
           AND (%(leases)s::bigint[] IS NULL OR lease_id = ANY(%(leases)s))
           AND (%(houses)s::bigint[] IS NULL OR property_id = ANY(%(houses)s))
        UNION ALL
        SELECT site_id, lease_id, -amount, amount < 0 AND due_date <= %(on)s
          FROM payments_charge
         WHERE site_id = ANY(%(sites)s) AND cancelled_on IS NULL
           AND fee_for_id IS NULL AND period_start > %(on)s
           AND (%(leases)s::bigint[] IS NULL OR lease_id = ANY(%(leases)s))
           AND (%(houses)s::bigint[] IS NULL OR property_id = ANY(%(houses)s))
        UNION ALL
        SELECT site_id, lease_id, -amount, false
          FROM payments_charge
         WHERE site_id = ANY(%(sites)s) AND cancelled_on IS NULL
           AND fee_for_id IS NOT NULL AND due_date > %(on)s
           AND (%(leases)s::bigint[] IS NULL OR lease_id = ANY(%(leases)s))
           AND (%(houses)s::bigint[] IS NULL OR property_id = ANY(%(houses)s))
        UNION ALL
        SELECT site_id, lease_id, amount, amount > 0 FROM unsettled WHERE gone
        UNION ALL
        SELECT site_id, lease_id, amount, false
          FROM payments_payment
         WHERE site_id = ANY(%(sites)s) AND status = 'confirmed' AND value_date > %(on)s
           AND (%(leases)s::bigint[] IS NULL OR lease_id = ANY(%(leases)s))
           AND (%(houses)s::bigint[] IS NULL OR property_id = ANY(%(houses)s))
        UNION ALL
        SELECT site_id, lease_id, -amount, false
          FROM payments_payment
         WHERE site_id = ANY(%(sites)s) AND value_date <= %(on)s AND cancelled_on > %(on)s
           AND (%(leases)s::bigint[] IS NULL OR lease_id = ANY(%(leases)s))
           AND (%(houses)s::bigint[] IS NULL OR property_id = ANY(%(houses)s))
    ) AS change GROUP BY site_id, lease_id HAVING sum(amount) <> 0
), owing AS MATERIALIZED (
    SELECT lease_id, amount,
           odd OR site_id = ANY(%(uneven)s) OR lease_id IN (
               SELECT lease_id FROM payments_payment
                WHERE site_id = ANY(%(sites)s) AND for_charge_id IS NOT NULL) AS odd
      FROM balance WHERE amount > 0
), debt AS (
    SELECT site_id, lease_id, id, kind, period_start, due_date, unsettled.amount,
           owing.amount AS owed
      FROM unsettled JOIN owing USING (lease_id) WHERE NOT odd AND unsettled.amount > 0
    UNION ALL
    SELECT site_id, charge.lease_id, id, kind, period_start, due_date, charge.amount,
           owing.amount
      FROM payments_charge AS charge JOIN owing ON owing.lease_id = charge.lease_id
     WHERE odd AND charge.amount > 0
       AND CASE WHEN fee_for_id IS NULL THEN period_start ELSE due_date END <= %(on)s
       AND (cancelled_on IS NULL OR cancelled_on > %(on)s)
), chosen AS (
    SELECT id, sum(amount) AS amount FROM (
        SELECT debt.id,
               least(payment.amount, debt.amount - coalesce(sum(payment.amount) OVER (
                   PARTITION BY debt.id ORDER BY payment.value_date, payment.id
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)) AS amount
          FROM payments_payment AS payment
          JOIN owing ON owing.lease_id = payment.lease_id AND owing.odd
          JOIN debt ON debt.id = payment.for_charge_id
         WHERE payment.value_date <= %(on)s
           AND (payment.cancelled_on IS NULL OR payment.cancelled_on > %(on)s)
    ) AS share WHERE amount > 0 GROUP BY id
), line AS (
    SELECT site_id, lease_id, due_date, open, owed - coalesce(sum(open) OVER (
               PARTITION BY lease_id
               ORDER BY turn DESC, due_date DESC, period_start DESC, kind DESC, id DESC
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS rest
      FROM (
        SELECT debt.*, debt.amount - coalesce(chosen.amount, 0) AS open,
               CASE WHEN site_id = ANY(%(rent_first)s) AND kind NOT IN ('opening', 'rent')
                    THEN 1 ELSE 0 END AS turn
          FROM debt LEFT JOIN chosen ON chosen.id = debt.id
    ) AS laid
), item AS (
    SELECT site_id, lease_id, due_date, least(open, rest)::bigint AS open, 0::bigint AS advance
      FROM line WHERE open > 0 AND rest > 0
    UNION ALL
    SELECT site_id, lease_id, NULL, 0, -amount FROM balance WHERE amount < 0
)
"""

SUMS = """
    CASE WHEN min(due_date) <= %(on)s THEN 1 ELSE 0 END AS owing,
    coalesce(sum(open) FILTER (WHERE due_date > %(on)s), 0)::bigint AS not_due,
    coalesce(sum(open) FILTER (
        WHERE %(on)s::date - due_date BETWEEN 0 AND 30), 0)::bigint AS d0_30,
    coalesce(sum(open) FILTER (
        WHERE %(on)s::date - due_date BETWEEN 31 AND 60), 0)::bigint AS d31_60,
    coalesce(sum(open) FILTER (
        WHERE %(on)s::date - due_date BETWEEN 61 AND 90), 0)::bigint AS d61_90,
    coalesce(sum(open) FILTER (WHERE %(on)s::date - due_date > 90), 0)::bigint AS d90_plus,
    coalesce(sum(advance), 0)::bigint AS advances
"""

# By lease first, which needs no sorting: many debts are of the same lease.
BY_SITE = f"""
, total AS (SELECT site_id, {SUMS} FROM item GROUP BY site_id, lease_id)
SELECT site_id, sum(owing)::bigint, sum(not_due)::bigint, sum(d0_30)::bigint, sum(d31_60)::bigint,
       sum(d61_90)::bigint, sum(d90_plus)::bigint, sum(advances)::bigint
  FROM total GROUP BY site_id
"""  # noqa: S608 - constants

# A page of leases, largest debt first, with the sums of all pages at its end. Names are looked up
# for the rows of the page only.
BY_LEASE = f"""
, total AS (
    SELECT site_id, lease_id, min(due_date) FILTER (WHERE due_date <= %(on)s) AS oldest, {SUMS}
      FROM item GROUP BY site_id, lease_id
), kept AS (
    SELECT * FROM total
     WHERE CASE %(age)s
           WHEN 'not_due' THEN not_due > 0
           WHEN 'd0_30' THEN d0_30 > 0
           WHEN 'd31_60' THEN d31_60 > 0
           WHEN 'd61_90' THEN d61_90 > 0
           WHEN 'd90_plus' THEN d90_plus > 0
           WHEN 'arrears' THEN oldest IS NOT NULL
           WHEN 'advances' THEN advances > 0
           ELSE true END
), page AS (
    SELECT * FROM kept
     ORDER BY d0_30 + d31_60 + d61_90 + d90_plus DESC, oldest, lease_id
     LIMIT %(limit)s OFFSET %(offset)s
), row AS (
    SELECT lease.id, lease.reference, lease.tenant_id, tenant.name AS tenant_name,
           lease.property_id, property.name AS property_name, lease."end"
      FROM tenants_lease AS lease
      JOIN tenants_tenant AS tenant ON tenant.id = lease.tenant_id
      JOIN sites_app_property AS property ON property.id = lease.property_id
     WHERE lease.id IN (SELECT lease_id FROM page)
)
SELECT * FROM (
SELECT 1 AS place, page.site_id, row.id AS lease, reference, tenant_id, tenant_name, property_id,
       property_name, "end", oldest, owing, not_due, d0_30, d31_60, d61_90, d90_plus, advances
  FROM page JOIN row ON row.id = page.lease_id
UNION ALL
SELECT 2, NULL, count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       coalesce(sum(owing), 0)::bigint, coalesce(sum(not_due), 0)::bigint,
       coalesce(sum(d0_30), 0)::bigint, coalesce(sum(d31_60), 0)::bigint,
       coalesce(sum(d61_90), 0)::bigint, coalesce(sum(d90_plus), 0)::bigint,
       coalesce(sum(advances), 0)::bigint
  FROM kept
) AS told ORDER BY place, d0_30 + d31_60 + d61_90 + d90_plus DESC, oldest, lease
"""  # noqa: S608 - constants


@dataclass(frozen=True)
class Ages:
    """What is owed, by its age in days since it was due, and what was paid ahead."""

    not_due: int = 0
    d0_30: int = 0
    d31_60: int = 0
    d61_90: int = 0
    d90_plus: int = 0
    advances: int = 0

    @property
    def arrears(self) -> int:
        """What is due and not paid."""
        return self.d0_30 + self.d31_60 + self.d61_90 + self.d90_plus

    @property
    def balance(self) -> int:
        """What the journal says of account 411: debts less advances."""
        return self.arrears + self.not_due - self.advances

    def amounts(self) -> tuple[int, ...]:
        return tuple(getattr(self, name.name) for name in fields(Ages))


@dataclass(frozen=True)
class AgeingTotal(Ages):
    """The ages of many leases of one currency; ``leases`` counts those in arrears."""

    currency: str = ""
    site: str = ""
    leases: int = 0


@dataclass(frozen=True)
class AgeingRow(Ages):
    site: str = ""
    currency: str = ""
    lease: int = 0
    reference: str = ""
    tenant: int = 0
    tenant_name: str = ""
    property: int = 0
    property_name: str = ""
    lease_end: datetime.date | None = None
    oldest_due: datetime.date | None = None
    days_late: int = 0


@dataclass(frozen=True)
class Ageing:
    """Debts as of the evening of ``on``: a row per lease that owes or is ahead, largest first."""

    on: datetime.date
    rows: tuple[AgeingRow, ...]
    totals: tuple[AgeingTotal, ...]

    def total(self, currency: str) -> AgeingTotal:
        found = [total for total in self.totals if total.currency == currency]
        return found[0] if found else AgeingTotal(currency=currency)


@dataclass(frozen=True)
class AgeingPage:
    """Some rows of an ageing in one currency; ``number`` and ``total`` are of all of them."""

    on: datetime.date
    rows: tuple[AgeingRow, ...]
    number: int
    total: AgeingTotal


def ageing(
    sites: Iterable[Site],
    on: datetime.date | None = None,
    *,
    leases: Collection[int] | None = None,
    owner: Owner | None = None,
) -> Ageing:
    """Return what each lease of ``sites`` owes as of a day (today), by age, with its totals.

    ``leases`` (ids) and ``owner`` narrow it further. Days late are counted from the due date; a
    debt falls due on its due date. Totals are per currency.
    """
    sites = {site.pk: site for site in sites}
    day = on or timezone.localdate()
    rows, _sums = _rows(sites, day, leases, owner, age="", limit=None, offset=0)
    return Ageing(on=day, rows=rows, totals=_by_currency(sites, rows))


def ageing_page(
    sites: Iterable[Site],
    on: datetime.date | None = None,
    *,
    age: str = "",
    limit: int | None = None,
    offset: int = 0,
    owner: Owner | None = None,
) -> AgeingPage:
    """Return ``limit`` rows of ``ageing`` from ``offset`` on, with the sums of them all.

    ``sites`` are of one currency. ``age`` keeps the leases that have something of one of ``AGES``.
    """
    sites = {site.pk: site for site in sites}
    (currency,) = {site.currency for site in sites.values()}
    day = on or timezone.localdate()
    rows, (number, owing, *amounts) = _rows(
        sites, day, None, owner, age=age, limit=limit, offset=offset
    )
    total = AgeingTotal(*amounts, currency=currency, leases=owing)
    return AgeingPage(on=day, rows=rows, number=number, total=total)


def _rows(sites, day, leases, owner, **page) -> tuple[tuple[AgeingRow, ...], list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(_open(day) + BY_LEASE, _narrowed(sites, day, leases, owner) | page)
        *found, sums = cursor.fetchall()
    rows = tuple(
        AgeingRow(
            *amounts,
            site=site,
            currency=sites[site].currency,
            lease=lease,
            reference=reference,
            tenant=tenant,
            tenant_name=tenant_name,
            property=house,
            property_name=house_name,
            lease_end=end,
            oldest_due=oldest,
            days_late=(day - oldest).days if oldest else 0,
        )
        for (
            _place, site, lease, reference, tenant, tenant_name, house, house_name, end, oldest,
            _owing, *amounts,
        ) in found
    )  # fmt: skip
    return rows, [sums[2], *sums[10:]]


def arrears_by_site(
    sites: Iterable[Site],
    on: datetime.date | None = None,
    *,
    owner: Owner | None = None,
) -> dict[str, AgeingTotal]:
    """Return the totals of ``ageing`` per branch (by code), without its rows."""
    sites = {site.pk: site for site in sites}
    day = on or timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(_open(day) + BY_SITE, _narrowed(sites, day, None, owner))
        found = {site: (count, amounts) for site, count, *amounts in cursor.fetchall()}
    return {
        code: AgeingTotal(
            *found.get(code, (0, ()))[1],
            currency=site.currency,
            site=code,
            leases=found.get(code, (0, ()))[0],
        )
        for code, site in sites.items()
    }


def add_up(totals: Iterable[AgeingTotal], currency: str) -> AgeingTotal:
    """Return the sum of totals of one currency."""
    totals = [total for total in totals if total.currency == currency]
    amounts = [sum(column) for column in zip(*(row.amounts() for row in totals), strict=True)]
    return AgeingTotal(*amounts, currency=currency, leases=sum(row.leases for row in totals))


def _open(day: datetime.date) -> str:
    return OPEN_NOW if day >= timezone.localdate() else OPEN_THEN


def _narrowed(sites, day, leases, owner) -> dict:
    houses = None
    if owner is not None:
        houses = list(Property.objects.filter(owner=owner).values_list("pk", flat=True))
    settled = policies(sites) if day < timezone.localdate() else {}
    return settled | {
        "sites": list(sites),
        "on": day,
        "leases": None if leases is None else list(leases),
        "houses": houses,
    }


def policies(sites: Iterable[str]) -> dict[str, list[str]]:
    """Return which branches settle rent first, and which may have settled in another way before."""
    rules = BranchRule.objects.filter(site__in=sites, name="allocation")
    return {
        "rent_first": [code for code in sites if rules_for(code).allocation == "rent_first"],
        "uneven": list(
            rules.exclude(value=RULES["allocation"].default).values_list("site", flat=True)
        ),
    }


def _by_currency(sites, rows: Sequence[AgeingRow]) -> tuple[AgeingTotal, ...]:
    totals = []
    for currency in sorted({site.currency for site in sites.values()}):
        mine = [row for row in rows if row.currency == currency]
        amounts = [sum(column) for column in zip(*(row.amounts() for row in mine), strict=True)]
        owing = sum(1 for row in mine if row.arrears)
        totals.append(AgeingTotal(*amounts, currency=currency, leases=owing))
    return tuple(totals)
