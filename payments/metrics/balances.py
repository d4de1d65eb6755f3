"""What every lease owes as of a day, beside what the journal says of it."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from payments.metrics.debts import OPEN_THEN, SUMS, Ages, policies
from payments.models import Account
from sites_app.models import Site

BALANCES = f"""
{OPEN_THEN}, aged AS (
    SELECT lease_id, {SUMS} FROM item GROUP BY lease_id
), journal AS (
    SELECT line.lease_id, sum(line.amount)::bigint AS amount
      FROM payments_journalline AS line JOIN payments_account AS account
        ON account.id = line.account_id AND account.code = %(receivable)s
     WHERE line.site_id = ANY(%(sites)s) AND line.value_date <= %(on)s
       AND line.lease_id IS NOT NULL
     GROUP BY line.lease_id
)
SELECT coalesce(not_due, 0), coalesce(d0_30, 0), coalesce(d31_60, 0), coalesce(d61_90, 0),
       coalesce(d90_plus, 0), coalesce(advances, 0), lease.id, lease.site_id, lease.reference,
       tenant.name, lease.start, lease."end", coalesce(journal.amount, 0)
  FROM tenants_lease AS lease
  JOIN tenants_tenant AS tenant ON tenant.id = lease.tenant_id
  LEFT JOIN aged ON aged.lease_id = lease.id
  LEFT JOIN journal ON journal.lease_id = lease.id
 WHERE lease.site_id = ANY(%(sites)s)
   AND (lease.state NOT IN ('draft', 'cancelled') OR journal.amount <> 0)
 ORDER BY lease.site_id, lease.reference
"""  # noqa: S608 - constants


@dataclass(frozen=True)
class LeaseBalance(Ages):
    """One lease on a day, in minor units; ``journal`` is its balance of account 411."""

    lease: int = 0
    site: str = ""
    reference: str = ""
    tenant: str = ""
    start: datetime.date | None = None
    end: datetime.date | None = None
    journal: int = 0


def balances(sites: Sequence[Site], on: datetime.date) -> list[LeaseBalance]:
    """Return the balance of every lease of ``sites`` on the evening of ``on``, settled or not.

    Unlike ``ageing``, it leaves out what counts from a later day even where ``on`` is today.
    """
    codes = [site.pk for site in sites]
    with connection.cursor() as cursor:
        cursor.execute(
            BALANCES,
            policies(codes)
            | {
                "sites": codes,
                "on": on,
                "leases": None,
                "houses": None,
                "receivable": Account.Code.RECEIVABLE,
            },
        )
        return [LeaseBalance(*row) for row in cursor.fetchall()]
