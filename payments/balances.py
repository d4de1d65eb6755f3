"""What every lease owes as of a day, aged: the same oldest-first settlement, replayed to that day.

``settling`` keeps the present in the charges themselves; a day in the past is computed here from
the charges and the money that counted by then, so that nothing has to be stored per day.
"""

import datetime
from dataclasses import dataclass

from django.db import connection

from payments.models import Account
from sites_app.models import Site
from sites_app.rules import rules_for

BUCKETS = ("0-30", "31-60", "61-90", "90+")

BALANCES = """
WITH debt AS (
    SELECT id, lease_id, kind, due_date, period_start, amount,
           CASE WHEN site_id = ANY(%(rent_first)s) AND kind NOT IN ('opening', 'rent')
                THEN 1 ELSE 0 END AS turn
      FROM payments_charge
     WHERE site_id = ANY(%(sites)s) AND amount > 0 AND period_start <= %(day)s
       AND (cancelled_on IS NULL OR cancelled_on > %(day)s)
), money AS (
    SELECT lease_id, amount, for_charge_id FROM payments_payment
     WHERE site_id = ANY(%(sites)s) AND value_date <= %(day)s
       AND (status = 'confirmed' OR cancelled_on > %(day)s)
    UNION ALL
    SELECT lease_id, -amount, NULL FROM payments_charge
     WHERE site_id = ANY(%(sites)s) AND amount < 0 AND period_start <= %(day)s
       AND (cancelled_on IS NULL OR cancelled_on > %(day)s)
), chosen AS (
    SELECT debt.id, debt.lease_id, least(sum(money.amount), debt.amount) AS paid
      FROM money JOIN debt ON debt.id = money.for_charge_id
     GROUP BY debt.id, debt.lease_id, debt.amount
), pool AS (
    SELECT money.lease_id, sum(money.amount) - coalesce(
               (SELECT sum(paid) FROM chosen WHERE chosen.lease_id = money.lease_id), 0) AS free
      FROM money GROUP BY money.lease_id
), line AS (
    SELECT debt.lease_id, debt.due_date, debt.amount - coalesce(chosen.paid, 0) AS open,
           sum(debt.amount - coalesce(chosen.paid, 0)) OVER (
               PARTITION BY debt.lease_id
               ORDER BY turn, due_date, period_start, kind, debt.id) AS upto
      FROM debt LEFT JOIN chosen ON chosen.id = debt.id
), owed AS (
    SELECT line.lease_id, %(day)s::date - due_date AS days,
           least(open, greatest(0, upto - coalesce(free, 0))) AS amount, open
      FROM line LEFT JOIN pool ON pool.lease_id = line.lease_id
), aged AS (
    SELECT lease_id, sum(open) AS open,
           coalesce(sum(amount) FILTER (WHERE days < 0), 0) AS not_due,
           coalesce(sum(amount) FILTER (WHERE days BETWEEN 0 AND 30), 0) AS days_30,
           coalesce(sum(amount) FILTER (WHERE days BETWEEN 31 AND 60), 0) AS days_60,
           coalesce(sum(amount) FILTER (WHERE days BETWEEN 61 AND 90), 0) AS days_90,
           coalesce(sum(amount) FILTER (WHERE days > 90), 0) AS days_more
      FROM owed GROUP BY lease_id
), journal AS (
    SELECT line.lease_id, sum(line.amount) AS amount
      FROM payments_journalline AS line JOIN payments_account AS account
        ON account.id = line.account_id AND account.code = %(receivable)s
     WHERE line.site_id = ANY(%(sites)s) AND line.value_date <= %(day)s
       AND line.lease_id IS NOT NULL
     GROUP BY line.lease_id
)
SELECT lease.id, lease.site_id, lease.reference, tenant.name, lease.start, lease."end",
       coalesce(not_due, 0)::bigint, coalesce(days_30, 0)::bigint, coalesce(days_60, 0)::bigint,
       coalesce(days_90, 0)::bigint, coalesce(days_more, 0)::bigint,
       greatest(0, coalesce(free, 0) - coalesce(open, 0))::bigint,
       coalesce(journal.amount, 0)::bigint
  FROM tenants_lease AS lease
  JOIN tenants_tenant AS tenant ON tenant.id = lease.tenant_id
  LEFT JOIN aged ON aged.lease_id = lease.id
  LEFT JOIN pool ON pool.lease_id = lease.id
  LEFT JOIN journal ON journal.lease_id = lease.id
 WHERE lease.site_id = ANY(%(sites)s)
   AND (lease.state NOT IN ('draft', 'cancelled') OR journal.amount <> 0)
 ORDER BY lease.site_id, lease.reference
"""


@dataclass(frozen=True)
class LeaseBalance:
    """One lease on a day, in minor units: ``not_due`` is charged already but due later."""

    lease_id: int
    site: str
    reference: str
    tenant: str
    start: datetime.date
    end: datetime.date | None
    not_due: int
    days_30: int
    days_60: int
    days_90: int
    days_more: int
    advance: int
    journal: int

    @property
    def arrears(self) -> int:
        return self.days_30 + self.days_60 + self.days_90 + self.days_more

    @property
    def balance(self) -> int:
        """What the lease owes in all; negative is an advance."""
        return self.arrears + self.not_due - self.advance

    @property
    def ageing(self) -> dict[str, int]:
        amounts = (self.days_30, self.days_60, self.days_90, self.days_more)
        return dict(zip(BUCKETS, amounts, strict=True))


def balances(sites: list[Site], on: datetime.date) -> list[LeaseBalance]:
    """Return the balance of every lease of ``sites`` on the evening of a day."""
    codes = [site.code for site in sites]
    with connection.cursor() as cursor:
        cursor.execute(
            BALANCES,
            {
                "sites": codes,
                "rent_first": [c for c in codes if rules_for(c, on=on).allocation == "rent_first"],
                "day": on,
                "receivable": Account.Code.RECEIVABLE,
            },
        )
        rows = cursor.fetchall()
    return [LeaseBalance(*row) for row in rows]
