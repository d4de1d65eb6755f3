"""Late tenants on the map: one by one, or gathered where they would lie on one another."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from payments.metrics.debts import OPEN_NOW

#: A group is as wide as so many dots of the screen at its zoom; the world is 256 wide at zoom 0.
DOTS = 56
#: From so many days on, what is late is urgent, or critical.
URGENT, CRITICAL = 31, 61
#: The most points that are told one by one.
MOST = 5000


@dataclass(frozen=True)
class Box:
    """A part of the map, in degrees."""

    west: float = -180
    south: float = -90
    east: float = 180
    north: float = 90


class Spot(NamedTuple):
    """``count`` late tenants at or about one place; one alone is told by ``tenant`` and ``name``.

    ``days`` are those of the one who is latest; ``amount`` is what they owe together.
    """

    longitude: float
    latitude: float
    count: int
    tenant: int | None
    name: str | None
    amount: int
    currency: str
    days: int

    @property
    def priority(self) -> str:
        if self.days >= CRITICAL:
            return "critical"
        return "urgent" if self.days >= URGENT else "normal"


# A tenant who is late at two properties stands at both, each with what is owed there.
LATE = f"""
{OPEN_NOW}, owed AS (
    SELECT lease_id, sum(open)::bigint AS amount, %(on)s::date - min(due_date) AS days
      FROM item WHERE due_date < %(on)s GROUP BY lease_id
), spot AS (
    SELECT lease.tenant_id, site.currency, house.longitude::float8, house.latitude::float8,
           sum(owed.amount)::bigint AS amount, max(owed.days) AS days
      FROM owed
      JOIN tenants_lease AS lease ON lease.id = owed.lease_id
      JOIN sites_app_property AS house ON house.id = lease.property_id
      JOIN sites_app_site AS site ON site.code = lease.site_id
     WHERE house.longitude BETWEEN %(west)s AND %(east)s
       AND house.latitude BETWEEN %(south)s AND %(north)s
     GROUP BY lease.tenant_id, site.currency, house.id
    HAVING max(owed.days) >= %(min_days)s
)
"""  # noqa: S608 - constants
ONE_BY_ONE = f"""
{LATE}
SELECT longitude, latitude, 1, tenant_id, tenant.name, amount, currency, days
  FROM spot JOIN tenants_tenant AS tenant ON tenant.id = tenant_id
 ORDER BY amount DESC, tenant_id LIMIT {MOST}
"""  # noqa: S608 - constants
GATHERED = f"""
{LATE}, "group" AS (
    SELECT avg(longitude) AS longitude, avg(latitude) AS latitude, count(*) AS count,
           CASE WHEN count(*) = 1 THEN min(tenant_id) END AS tenant_id,
           sum(amount)::bigint AS amount, currency, max(days) AS days
      FROM spot
     GROUP BY currency, floor(longitude / %(width)s), floor(latitude / %(width)s)
)
SELECT longitude, latitude, count, tenant_id, tenant.name, amount, currency, days
  FROM "group" LEFT JOIN tenants_tenant AS tenant ON tenant.id = tenant_id
 ORDER BY days, longitude
"""  # noqa: S608 - constants


def late_tenants(
    sites: Iterable[str],
    on: datetime.date,
    *,
    box: Box,
    min_days: int = 1,
    zoom: int | None = None,
) -> Iterator[Spot]:
    """Yield who is late at the branches ``sites`` (codes) for ``min_days`` or more, in ``box``.

    With a ``zoom`` of the map those who would lie on one another are one spot, the latest on top;
    without, each is told, of ``MOST`` those who owe most.
    """
    width = None if zoom is None else 360 / 256 / 2**zoom * DOTS
    asked = {"sites": list(sites), "on": on, "leases": None, "houses": None}
    asked |= {"min_days": min_days, "width": width, **vars(box)}
    with connection.cursor() as cursor:
        cursor.execute(ONE_BY_ONE if zoom is None else GATHERED, asked)
        yield from map(Spot._make, cursor.fetchall())
