"""Owners by the thousand, with money of a month to be paid out to each."""

import datetime

from dateutil.relativedelta import relativedelta
from django.db import connection

from sites_app.models import Owner, Property, Site

PAYMENTS = 2

# What settling posted for payments of the month, once more for other owners' houses.
SHARES = """
WITH model AS (
    SELECT *, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS number
      FROM payments_journalentry
     WHERE site_id = %(site)s AND kind = 'share' AND payment_id IS NOT NULL
       AND value_date >= %(first)s AND value_date < %(end)s
), taken AS (
    SELECT model.id AS model, house.id AS house, house.owner_id AS owner,
           wanted.place::text AS place
      FROM unnest(%(houses)s::bigint[]) WITH ORDINALITY AS wanted (id, place)
      JOIN sites_app_property AS house ON house.id = wanted.id
      JOIN model ON model.place = wanted.place %% model.number
), entry AS (
    INSERT INTO payments_journalentry
        (site_id, kind, value_date, created_at, created_by_id, lease_id, payment_id, memo)
    SELECT site_id, kind, value_date, now(), created_by_id, lease_id, payment_id, taken.place
      FROM taken JOIN model ON model.id = taken.model
    RETURNING id, memo
)
INSERT INTO payments_journalline
    (site_id, entry_id, account_id, lease_id, owner_id, property_id, value_date, amount)
SELECT line.site_id, entry.id, account_id, lease_id, CASE WHEN owner_id IS NOT NULL THEN owner END,
       house, value_date, amount
  FROM entry
  JOIN taken ON taken.place = entry.memo
  JOIN payments_journalline AS line ON line.entry_id = taken.model
"""


def add_owners(site: Site, month: datetime.date, number: int) -> None:
    """Give ``site`` so many owners more, each with a house and two payments of ``month`` for it."""
    owners = Owner.objects.bulk_create(
        Owner(site=site, code=f"BENCH-{place:05d}", name=f"Essai {place}")
        for place in range(number)
    )
    houses = Property.objects.bulk_create(
        Property(site=site, owner=owner, name=owner.name, code=owner.code) for owner in owners
    )
    asked = {
        "site": site.pk,
        "first": month,
        "end": month + relativedelta(months=1),
        "houses": [house.pk for house in houses] * PAYMENTS,
    }
    with connection.cursor() as cursor:
        cursor.execute(SHARES, asked)
