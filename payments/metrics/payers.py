"""Who pays well, and what stands open now: figures of the dashboards over the API."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, F, Q, Sum

from payments.models import Charge
from sites_app.models import Site

#: Fewer settled rents say nothing of a payer.
FEWEST = 3

# Rents are added up by lease, out of one index, before anybody is joined to them;
# names are looked up for the places on the list only.
GOOD = """
WITH lease_sum AS (
    SELECT site_id, lease_id, count(*)::int AS due,
           count(settled_on)::int AS settled,
           (count(*) FILTER (WHERE settled_on <= due_date))::int AS on_time, sum(collected) AS paid
      FROM payments_charge
     WHERE site_id = ANY(%(sites)s) AND kind = 'rent' AND cancelled_on IS NULL
       AND due_date BETWEEN %(first)s AND %(last)s
     GROUP BY site_id, lease_id
), tenant_sum AS (
    SELECT lease.tenant_id, lease_sum.site_id, sum(settled) AS settled,
           sum(on_time) AS on_time, sum(paid)::bigint AS paid
      FROM lease_sum JOIN tenants_lease AS lease ON lease.id = lease_sum.lease_id
     GROUP BY lease.tenant_id, lease_sum.site_id
    HAVING sum(due) = sum(settled) AND sum(settled) >= %(fewest)s
), ranked AS (
    SELECT *, rank() OVER (ORDER BY on_time * 1000 / settled DESC, settled DESC) AS place
      FROM tenant_sum
)
SELECT tenant.id, tenant.name, ranked.site_id, settled, on_time, paid
  FROM ranked JOIN tenants_tenant AS tenant ON tenant.id = ranked.tenant_id
 WHERE place <= %(limit)s
 ORDER BY place, tenant.name, tenant.id
 LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Overdue:
    """Open charges that have fallen due: their number, what is left of them in minor units, and
    how many are ``partial``ly paid or wholly ``unpaid``."""

    count: int = 0
    amount: int = 0
    partial: int = 0
    unpaid: int = 0

    def __add__(self, other: "Overdue") -> "Overdue":
        return Overdue(
            self.count + other.count,
            self.amount + other.amount,
            self.partial + other.partial,
            self.unpaid + other.unpaid,
        )


def overdue_by_site(sites: Iterable[Site], on: datetime.date) -> dict[str, Overdue]:
    """Return what is due by the evening of ``on`` and still open now, by branch (code)."""
    # Leases are counted, not keys: the index of open charges then holds all that is asked.
    rows = (
        Charge.objects.open()
        .filter(site__in=[site.pk for site in sites], due_date__lte=on)
        .order_by()
        .values_list("site")
        .annotate(
            number=Count("lease"),
            left=Sum(F("amount") - F("collected")),
            partial=Count("lease", filter=Q(collected__gt=0)),
            unpaid=Count("lease", filter=Q(collected=0)),
        )
    )
    return {site: Overdue(*figures) for site, *figures in rows}


@dataclass(frozen=True)
class GoodPayer:
    """A tenant whose rents of a span are all settled; ``on_time`` of ``settled`` were in time."""

    tenant: int
    name: str
    site: str
    currency: str
    settled: int
    on_time: int
    paid: int

    @property
    def percent(self) -> int:
        """In time of all, rounded half up."""
        return (200 * self.on_time + self.settled) // (2 * self.settled)


def good_payers(
    sites: Iterable[Site], first: datetime.date, last: datetime.date, limit: int = 50
) -> list[GoodPayer]:
    """Return the tenants of ``sites`` who settled all rents due from ``first`` to ``last``.

    Best first: the share paid in time, then the number of rents. At least ``FEWEST`` rents.
    """
    currencies = {site.pk: site.currency for site in sites}
    asked = {"sites": list(currencies), "first": first, "last": last, "fewest": FEWEST}
    with connection.cursor() as cursor:
        cursor.execute(GOOD, asked | {"limit": limit})
        return [
            GoodPayer(tenant, name, site, currencies[site], settled, on_time, paid)
            for tenant, name, site, settled, on_time, paid in cursor.fetchall()
        ]
