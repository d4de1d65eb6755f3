"""Which money pays which charge: derived, replayable, and posted.

A lease is settled by laying its charges end to end in the order in which they are to be paid, and
its money end to end in the order in which it came; where the two lines overlap, that money pays
that charge. The result depends on their days and amounts, never on the order in which they were
entered; of two payments of one day the earlier entered counts first.

One SQL statement does it for any number of leases: it computes the allocations as they should be,
replaces those that differ, and posts what the difference means for owners and agency. The first
part of it, the plan, also tells beforehand what a payment would do.

As a rule what came since the last settlement (next month's rent, today's payment) comes after all
that was settled, on its line. Then the allocations that stand are the beginning of the new ones:
they are kept, and only the open ends of both lines are laid. A lease is laid anew when something
came in between, was taken back or chose what it pays, or was there before the branch's rule.
"""

from django.db import connection
from django.utils import timezone

from akig.lib.prepared import run_prepared
from payments.models import Account, Payment
from payments.services.posting import accounts_of
from sites_app.rules import RULES

#: Kinds whose money belongs to the owner; tax and late fees were booked when they were charged.
OWNERS = ("opening", "rent", "service", "other")

#: What should pay what. ``{coming}`` makes room for a payment that is only being thought of.
PLAN = """WITH policy AS (
    SELECT coalesce((array_agg(value ORDER BY valid_from DESC))[1], %(policy)s) AS value,
           greatest(max(set_at), max(valid_from)) AS since
      FROM sites_app_branchrule
     WHERE site_id = %(site)s AND name = 'allocation' AND valid_from <= %(today)s
), all_debt AS (
    SELECT id, lease_id, kind, period_start, due_date, amount, commission_percent, vat_percent,
           CASE WHEN policy.value = 'rent_first' AND kind NOT IN ('opening', 'rent')
                THEN 1 ELSE 0 END AS turn, collected AS paid
      FROM payments_charge CROSS JOIN policy
     WHERE lease_id = ANY(%(leases)s) AND cancelled_on IS NULL AND amount > 0
), all_money AS (
    SELECT id AS payment_id, NULL::bigint AS credit_id, lease_id, amount, value_date AS day, id,
           for_charge_id, created_at, allocated AS spent, timing = 'late' AS late
      FROM payments_payment
     WHERE lease_id = ANY(%(leases)s) AND status = 'confirmed'
    UNION ALL
    SELECT NULL, id, lease_id, -amount, due_date, id, NULL, created_at, -collected, false
      FROM payments_charge
     WHERE lease_id = ANY(%(leases)s) AND cancelled_on IS NULL AND amount < 0
    {coming}
),
-- The leases of which what was settled is not the beginning of both lines: a gap before something
-- settled, a choice, a credit in part, a rule that came later, or something settled and taken back.
anew AS (
    SELECT lease_id FROM all_debt AS gap JOIN all_debt AS later USING (lease_id)
     WHERE gap.paid < gap.amount AND later.paid > 0
       AND (later.turn, later.due_date, later.period_start, later.kind, later.id)
         > (gap.turn, gap.due_date, gap.period_start, gap.kind, gap.id)
    UNION
    SELECT lease_id FROM all_money AS gap JOIN all_money AS later USING (lease_id)
     WHERE gap.spent < gap.amount AND later.spent > 0
       AND (later.day, later.payment_id IS NOT NULL, later.id)
         > (gap.day, gap.payment_id IS NOT NULL, gap.id)
    UNION
    SELECT lease_id FROM all_money CROSS JOIN policy
     WHERE for_charge_id IS NOT NULL OR credit_id IS NOT NULL AND spent < amount
        OR created_at <= since
    UNION
    SELECT lease_id FROM payments_payment
     WHERE lease_id = ANY(%(leases)s) AND cancelled_on IS NOT NULL AND allocated > 0
    UNION
    SELECT lease_id FROM payments_charge
     WHERE lease_id = ANY(%(leases)s) AND cancelled_on IS NOT NULL AND collected <> 0
), debt AS (
    SELECT all_debt.*, CASE WHEN anew.lease_id IS NULL THEN paid ELSE 0 END AS kept
      FROM all_debt LEFT JOIN anew USING (lease_id)
     WHERE paid < amount OR anew.lease_id IS NOT NULL
), money AS (
    SELECT all_money.*, CASE WHEN anew.lease_id IS NULL THEN spent ELSE 0 END AS kept
      FROM all_money LEFT JOIN anew USING (lease_id)
     WHERE spent < amount OR anew.lease_id IS NOT NULL
),
-- First the money whose payer chose a charge: it pays that one as far as it goes.
chosen AS (
    SELECT * FROM (
        SELECT money.payment_id, money.credit_id, money.day, money.id, debt.id AS charge_id,
               least(money.amount, debt.amount - coalesce(sum(money.amount) OVER (
                   PARTITION BY debt.id ORDER BY money.day, money.id
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)) AS amount
          FROM money JOIN debt ON debt.id = money.for_charge_id
    ) AS share WHERE amount > 0
),
-- Then the rest, end to end.
debt_line AS (
    SELECT id, lease_id, open, sum(open) OVER (
               PARTITION BY lease_id ORDER BY turn, due_date, period_start, kind, id) AS upto
      FROM (
        SELECT debt.*, amount - kept - coalesce(
                   (SELECT sum(chosen.amount) FROM chosen WHERE charge_id = debt.id), 0) AS open
          FROM debt OFFSET 0  -- counted once, not wherever it is named
    ) AS rest WHERE open > 0
), money_line AS (
    SELECT payment_id, credit_id, day, id, lease_id, free, sum(free) OVER (
               PARTITION BY lease_id ORDER BY day, payment_id IS NOT NULL, id) AS upto
      FROM (
        SELECT money.*, amount - kept - coalesce(
                   (SELECT sum(chosen.amount) FROM chosen
                     WHERE chosen.payment_id = money.payment_id), 0) AS free
          FROM money OFFSET 0
    ) AS rest WHERE free > 0
), share AS (
    SELECT payment_id, credit_id, day, id, charge_id, amount FROM chosen
    UNION ALL
    SELECT money_line.payment_id, money_line.credit_id, money_line.day, money_line.id,
           debt_line.id,
           least(money_line.upto, debt_line.upto)
               - greatest(money_line.upto - free, debt_line.upto - open)
      FROM money_line JOIN debt_line USING (lease_id)
     WHERE money_line.upto > debt_line.upto - open AND debt_line.upto > money_line.upto - free
), merged AS (
    SELECT payment_id, credit_id, day, id, charge_id, sum(amount)::bigint AS amount
      FROM share GROUP BY payment_id, credit_id, day, id, charge_id
), placed AS (
    SELECT merged.payment_id, merged.credit_id, merged.day, merged.charge_id, merged.amount,
           debt.lease_id, debt.amount AS charged, debt.turn, debt.due_date, debt.period_start,
           debt.commission_percent, debt.vat_percent, debt.kept,
           greatest(merged.day, debt.period_start) AS falls_on,
           debt.kept + sum(merged.amount) OVER (PARTITION BY merged.charge_id
               ORDER BY merged.day, merged.payment_id IS NOT NULL, merged.id)::bigint AS after
      FROM merged JOIN debt ON debt.id = merged.charge_id
),
-- The commission of a charge is rounded on its running total, half up, so that three instalments
-- cost the owner exactly what one payment would.
target AS (
    SELECT *,
           (fee - lag(fee, 1, kept_fee) OVER chain)::bigint AS commission,
           (tax - lag(tax, 1, round(kept_fee * vat_percent / 100)) OVER chain)::bigint AS vat,
           CASE WHEN closed.month IS NULL THEN falls_on ELSE %(today)s::date END AS posted_on
      FROM (
        SELECT *, round(fee * vat_percent / 100) AS tax
          FROM (
            SELECT *, round(after * commission_percent / 100) AS fee,
                   round(kept * commission_percent / 100) AS kept_fee
              FROM placed
          ) AS priced
      ) AS taxed
      LEFT JOIN payments_closedperiod AS closed
        ON closed.site_id = %(site)s AND closed.reopened_at IS NULL
       AND closed.month = date_trunc('month', falls_on)::date
    WINDOW chain AS (PARTITION BY charge_id ORDER BY after)
)"""

SETTLE = """
{plan},
-- What stands on one side only; grouped, because to look for each row's twin among thousands takes
-- as many steps as there are pairs.
difference AS (
    SELECT max(old) AS old, lease_id, payment_id, credit_id, charge_id, amount, commission, vat,
           max(posted_on) AS posted_on
      FROM (
        SELECT id AS old, lease_id, payment_id, credit_id, charge_id, amount, commission, vat,
               posted_on
          FROM payments_allocation WHERE lease_id IN (TABLE anew)
        UNION ALL
        SELECT NULL, lease_id, payment_id, credit_id, charge_id, amount, commission, vat, posted_on
          FROM target
      ) AS side
     GROUP BY lease_id, payment_id, credit_id, charge_id, amount, commission, vat
    HAVING count(*) = 1
), gone AS (
    DELETE FROM payments_allocation
     WHERE id IN (SELECT old FROM difference WHERE old IS NOT NULL)
    RETURNING *
), fresh AS (
    INSERT INTO payments_allocation
        (site_id, lease_id, payment_id, credit_id, charge_id, amount, commission, vat, posted_on)
    SELECT %(site)s, lease_id, payment_id, credit_id, charge_id, amount, commission, vat, posted_on
      FROM difference
     WHERE old IS NULL
       AND (SELECT count(*) FROM gone) >= 0  -- the old rows go first: their places are unique
    RETURNING *
), moved AS (
    SELECT change.lease_id, change.payment_id, change.day, charge.owner_id, charge.property_id,
           sum(change.amount)::bigint AS amount, sum(change.commission)::bigint AS commission,
           sum(change.vat)::bigint AS vat
      FROM (
        SELECT lease_id, payment_id, charge_id, amount, commission, vat, posted_on AS day
          FROM fresh
        UNION ALL
        SELECT lease_id, payment_id, charge_id, -amount, -commission, -vat,
               CASE WHEN closed.month IS NULL THEN posted_on ELSE %(today)s::date END
          FROM gone LEFT JOIN payments_closedperiod AS closed
            ON closed.site_id = %(site)s AND closed.reopened_at IS NULL
           AND closed.month = date_trunc('month', posted_on)::date
      ) AS change
      JOIN payments_charge AS charge ON charge.id = change.charge_id
     WHERE charge.kind = ANY(%(owners)s)
     GROUP BY change.lease_id, change.payment_id, change.day, charge.owner_id, charge.property_id
    HAVING sum(change.amount) <> 0 OR sum(change.commission) <> 0 OR sum(change.vat) <> 0
), entry AS (
    INSERT INTO payments_journalentry
        (site_id, kind, value_date, created_at, created_by_id, lease_id, payment_id, memo)
    SELECT %(site)s, 'share', day, now(), %(actor)s, lease_id, payment_id, ''
      FROM moved GROUP BY lease_id, payment_id, day
    RETURNING id, value_date, lease_id, payment_id
), line AS (
    INSERT INTO payments_journalline
        (site_id, entry_id, account_id, lease_id, owner_id, property_id, value_date, amount)
    SELECT %(site)s, entry.id, side.account, moved.lease_id, moved.owner_id, moved.property_id,
           moved.day, side.amount
      FROM moved
      JOIN entry ON entry.lease_id = moved.lease_id AND entry.value_date = moved.day
       AND entry.payment_id IS NOT DISTINCT FROM moved.payment_id
     CROSS JOIN LATERAL (VALUES
        (%(pending)s::bigint, moved.amount),
        (%(payable)s::bigint, moved.commission + moved.vat - moved.amount),
        (%(commission)s::bigint, -moved.commission),
        (%(vat_account)s::bigint, -moved.vat)
     ) AS side (account, amount)
     WHERE side.amount <> 0
), charge_total AS (
    UPDATE payments_charge AS charge SET
        collected = paid.amount,
        settled_on = CASE WHEN paid.amount = charge.amount THEN paid.last END
      FROM (
        SELECT charge_id AS id, max(after) AS amount, max(day) AS last
          FROM target GROUP BY charge_id
        UNION ALL
        SELECT credit_id, -sum(amount)::bigint, max(falls_on)
          FROM target WHERE credit_id IS NOT NULL GROUP BY credit_id
        UNION ALL
        SELECT id, 0, NULL FROM (
            SELECT charge_id AS id FROM gone UNION SELECT credit_id FROM gone
            EXCEPT (SELECT charge_id FROM target UNION SELECT credit_id FROM target)
        ) AS nothing
      ) AS paid
     WHERE charge.id = paid.id
       AND (charge.collected, charge.settled_on) IS DISTINCT FROM
           (paid.amount, CASE WHEN paid.amount = charge.amount THEN paid.last END)
), payment_total AS (
    UPDATE payments_payment AS payment SET allocated = paid.amount, timing = paid.timing
      FROM (
        SELECT payment_id AS id, money.kept + sum(target.amount)::bigint AS amount,
               CASE WHEN (array_agg(after = charged ORDER BY turn DESC, due_date DESC,
                                    period_start DESC, charge_id DESC))[1] IS FALSE THEN 'partial'
                    WHEN bool_or(target.day > due_date) OR money.kept > 0 AND late THEN 'late'
                    ELSE 'on_time' END AS timing
          FROM target JOIN money USING (payment_id) GROUP BY payment_id, money.kept, late
        UNION ALL
        SELECT payment_id, 0, 'on_time' FROM (
            SELECT payment_id FROM gone EXCEPT SELECT payment_id FROM target
        ) AS nothing
      ) AS paid
     WHERE payment.id = paid.id
       AND (payment.allocated, payment.timing) IS DISTINCT FROM (paid.amount, paid.timing)
)
SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM gone)
""".replace("{plan}", PLAN.replace("{coming}", ""))

#: The number that a payment bears while it is only thought of: it comes after all of its day.
COMING = 2**63 - 1

PREVIEW = """
{plan}
SELECT charge_id, amount::bigint, (charged - (
           SELECT max(after) FROM target AS other WHERE other.charge_id = target.charge_id
       ))::bigint
  FROM target WHERE payment_id = %(coming)s
 ORDER BY due_date, charge_id
""".replace(
    "{plan}",
    PLAN.replace(
        "{coming}",
        """UNION ALL
    SELECT %(coming)s::bigint, NULL, %(lease)s::bigint, %(amount)s::bigint, %(day)s::date,
           %(coming)s::bigint, %(for_charge)s::bigint, now(), 0, false""",
    ),
)


def settle(*, actor, site_id: str, leases: list[int]) -> tuple[int, int]:
    """Allocate the money of ``leases`` (ids, all of one branch) anew and post the difference.

    Return how many allocations came and how many went. The caller holds the branch's books
    (``posting.lock_books``). Safe to repeat: a second call finds nothing to do.

    A payment of which the last charge it pays is left incomplete counts as partial; one that pays
    a charge after its due date as late; any other as on time (domain.md 4.4: partial wins).
    """
    accounts = accounts_of(site_id)
    values = {
        "site": site_id,
        "leases": leases,
        "actor": actor.pk,
        "policy": RULES["allocation"].default,
        "today": timezone.localdate(),
        "owners": list(OWNERS),
        "pending": accounts[Account.Code.OWNER_PENDING],
        "payable": accounts[Account.Code.OWNER_PAYABLE],
        "commission": accounts[Account.Code.COMMISSION],
        "vat_account": accounts[Account.Code.VAT],
    }
    if len(leases) == 1:
        return run_prepared(SETTLE, values)[0]
    with connection.cursor() as cursor:
        _count_rows(cursor, len(leases))
        cursor.execute(SETTLE, values)
        return cursor.fetchone()


def _count_rows(cursor, leases):
    """Let the database look at tables that grew since it last did.

    It plans by what it believes of their size. Right after an import into an empty agency it
    believes them empty, and a settlement that takes 70 ms takes six seconds.
    """
    cursor.execute(
        """
        SELECT relname FROM pg_class
         WHERE relname IN ('payments_charge', 'payments_payment', 'payments_allocation')
           AND relnamespace = current_schema()::regnamespace AND reltuples < %s
        """,
        [leases],
    )
    for (table,) in cursor.fetchall():
        cursor.execute(f"ANALYZE {table}")  # one of the three names above


def plan_payment(payment: Payment) -> list[tuple[int, int, int]]:
    """Tell what ``payment``, not yet saved, would pay: (charge, amount, left), in minor units.

    It is the first part of the settlement itself, with that payment among the others.
    """
    values = {
        "site": payment.site_id,
        "leases": [payment.lease_id],
        "policy": RULES["allocation"].default,
        "today": timezone.localdate(),
        "coming": COMING,
        "lease": payment.lease_id,
        "amount": payment.amount,
        "day": payment.value_date,
        "for_charge": payment.for_charge_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(PREVIEW, values)
        return cursor.fetchall()
