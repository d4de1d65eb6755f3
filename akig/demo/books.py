"""The books of the demonstration: what acts would have written, in a few statements for all leases.

Amounts, orders and roundings are those of ``payments.services`` (``charging``, ``settling``,
``receipts``); a test lays everything anew and finds the same.
"""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import connection

from akig.demo.bulk import begin_anew, beside, copy_lines, look_over, put_on, together
from akig.demo.calendar import Calendar
from akig.demo.payers import lines_of
from payments.services.receipts import LETTERS
from payments.services.settling import OWNERS

BATCH = 2000
SCATTER = 0x9E3779B97F  # odd, so that no two receipts get the same code
RAW = (
    "lease_id", "amount", "method", "reference", "value_date", "created_at", "cancelled",
    "cancel_reason", "by_agent",
)  # fmt: skip

# What both sessions of a load read; it goes when the load is over.
STAGES = """
CREATE UNLOGGED TABLE demo_opening (lease_id bigint, amount bigint);
CREATE UNLOGGED TABLE demo_site (
    site_id text, country text, step int, commission numeric, vat numeric, due_day int,
    late_fee numeric, grace int, cashier_id bigint, agent_id bigint);
CREATE UNLOGGED TABLE demo_till (site_id text, method text, account_id bigint);
CREATE UNLOGGED TABLE demo_raw (
    lease_id bigint, amount bigint, method text, reference text, value_date date,
    created_at timestamptz, cancelled bool, cancel_reason text, by_agent bool)
    WITH (autovacuum_enabled = off);
CREATE UNLOGGED TABLE demo_share (
    payment_id bigint, credit_id bigint, lease_id bigint, day date, created_at timestamptz,
    created_by_id bigint, charge_id bigint, charged bigint, kind text, due_date date,
    period_start date, period_end date, falls_on date, amount bigint, after bigint,
    commission bigint, vat bigint)
    WITH (autovacuum_enabled = off)
"""

# One charge per lease, kind and period that begins in the calendar: see charging.CHARGE.
CHARGES = """
CREATE UNLOGGED TABLE demo_charge WITH (autovacuum_enabled = off) AS
WITH tax AS (
    SELECT site_id, value::numeric AS percent, valid_from,
           lead(valid_from, 1, 'infinity') OVER (PARTITION BY site_id ORDER BY valid_from) AS upto
      FROM sites_app_branchrule WHERE name = 'tpa_percent'
), due AS (
    SELECT lease.id AS lease_id, lease.site_id, lease.property_id, property.owner_id, lease."end",
           lease.periodicity, coalesce(lease.due_day, site.due_day) AS due_day, month, site.vat,
           greatest(lease.start, month) AS first_day,
           (month + make_interval(months => lease.periodicity))::date - 1 AS last_day,
           CASE WHEN change.valid_from <= greatest(lease.start, month) THEN change.rent
                ELSE lease.rent END AS rent,
           lease.service_charge,
           coalesce(mandate.commission, site.commission) AS commission,
           coalesce(tax.percent, 0) AS tax
      FROM (SELECT *, (extract(year FROM start) * 12 + extract(month FROM start))::int AS begins
              FROM tenants_lease) AS lease
      JOIN demo_site AS site USING (site_id)
      JOIN sites_app_property AS property ON property.id = lease.property_id
      JOIN (SELECT month::date, (month + interval '1 month')::date AS next_month,
                   (extract(year FROM month) * 12 + extract(month FROM month))::int AS number
              FROM generate_series(%(first)s::date, %(this_month)s::date, '1 month') AS month
           ) AS months
        ON lease.start < next_month
       AND (lease."end" IS NULL OR lease."end" >= greatest(lease.start, month))
       AND mod(months.number - lease.begins, lease.periodicity) = 0
       AND (lease.taken_over_on IS NULL OR greatest(lease.start, month) > lease.taken_over_on)
      LEFT JOIN tenants_rentchange AS change ON change.lease_id = lease.id
      LEFT JOIN sites_app_mandate AS mandate
        ON mandate.property_id = lease.property_id AND mandate.days @> month
      LEFT JOIN tax
        ON tax.site_id = lease.site_id AND month >= tax.valid_from AND month < tax.upto
), part AS (
    SELECT due.*, stop_day, CASE
        WHEN first_day = month AND stop_day = last_day THEN periodicity
        ELSE (
            SELECT sum((least(stop_day, (m + interval '1 month')::date - 1)
                        - greatest(first_day, m::date) + 1)::numeric
                       / ((m + interval '1 month')::date - m::date))
              FROM generate_series(month, stop_day, interval '1 month') AS m) END AS months
      FROM due CROSS JOIN LATERAL (SELECT least(last_day, coalesce("end", last_day)) AS stop_day) AS s
     OFFSET 0
), item AS (
    SELECT * FROM (
        SELECT lease_id, site_id, property_id, owner_id, kind, first_day AS period_start,
               stop_day AS period_end, greatest(first_day, month + due_day - 1) AS due_date,
               CASE kind WHEN 'rent' THEN round(rent * months)
                         WHEN 'service' THEN round(service_charge * months)
                         ELSE round(round(rent * months) * tax / 100) END::bigint AS amount,
               CASE kind WHEN 'rent' THEN commission ELSE 0 END AS commission,
               CASE kind WHEN 'rent' THEN vat ELSE 0 END AS vat
          FROM part CROSS JOIN (VALUES ('rent'), ('service'), ('tax')) AS kinds (kind)
        OFFSET 0
    ) AS priced
     WHERE amount > 0
    UNION ALL
    SELECT lease.id, lease.site_id, lease.property_id, property.owner_id, 'opening', taken_over_on,
           taken_over_on, taken_over_on, opening.amount,
           coalesce(mandate.commission, site.commission), site.vat
      FROM demo_opening AS opening
      JOIN tenants_lease AS lease ON lease.id = opening.lease_id
      JOIN demo_site AS site USING (site_id)
      JOIN sites_app_property AS property ON property.id = lease.property_id
      LEFT JOIN sites_app_mandate AS mandate
        ON mandate.property_id = lease.property_id AND mandate.days @> taken_over_on
)
SELECT row_number() OVER place + %(charges)s AS id, row_number() OVER place + %(entries)s AS entry_id,
       item.*, NULL::bigint AS fee_for_id,
       least(period_start, %(today)s::date) + time '06:00' AS created_at
  FROM item WINDOW place AS (ORDER BY period_start, lease_id, kind)
"""  # noqa: E501

OWED = """
SELECT due.lease_id, site.country, site.step, lease."end" - date '0001-01-01' + 1,
       array_agg(due_date - date '0001-01-01' + 1 ORDER BY period_start)
           FILTER (WHERE NOT opening),
       array_agg(total ORDER BY period_start) FILTER (WHERE NOT opening),
       coalesce(sum(total) FILTER (WHERE opening), 0)::bigint, lease.periodicity = 1
  FROM (SELECT lease_id, period_start, kind = 'opening' AS opening, min(due_date) AS due_date,
               sum(amount)::bigint AS total
          FROM demo_charge GROUP BY lease_id, period_start, kind = 'opening') AS due
  JOIN tenants_lease AS lease ON lease.id = due.lease_id
  JOIN demo_site AS site USING (site_id)
 GROUP BY due.lease_id, site.country, site.step, lease."end", lease.periodicity
HAVING bool_or(NOT opening)
 ORDER BY due.lease_id
"""

PAYMENTS = """
CREATE UNLOGGED TABLE demo_payment WITH (autovacuum_enabled = off) AS
SELECT row_number() OVER place + %(payments)s AS id,
       row_number() OVER place + %(entries)s + (SELECT count(*) FROM demo_charge) AS entry_id,
       raw.*, lease.site_id, lease.property_id, site.cashier_id AS created_by_id,
       CASE WHEN by_agent THEN site.agent_id END AS collected_by_id
  FROM demo_raw AS raw
  JOIN tenants_lease AS lease ON lease.id = raw.lease_id
  JOIN demo_site AS site USING (site_id)
WINDOW place AS (ORDER BY raw.created_at, raw.lease_id, cancelled)
"""

# Charges end to end, money end to end, and where they overlap: see settling.SETTLE.
DEBTS = """
CREATE UNLOGGED TABLE demo_debt WITH (autovacuum_enabled = off) AS
SELECT id AS charge_id, lease_id, amount AS charged, due_date, period_start, period_end, kind,
       commission, vat,
       sum(amount) OVER (PARTITION BY lease_id ORDER BY due_date, period_start, kind, id)::bigint AS upto
  FROM demo_charge WHERE amount > 0;
ANALYZE demo_debt
"""  # noqa: E501
MONEY = """
CREATE UNLOGGED TABLE demo_money WITH (autovacuum_enabled = off) AS
SELECT money.*, sum(amount) OVER (
           PARTITION BY lease_id ORDER BY day, payment_id IS NOT NULL, id)::bigint AS upto
  FROM (
    SELECT id AS payment_id, NULL::bigint AS credit_id, id, lease_id, amount, value_date AS day,
           created_at, created_by_id
      FROM demo_payment WHERE NOT cancelled
    UNION ALL
    SELECT NULL, id, id, lease_id, -amount, due_date, created_at, NULL
      FROM demo_charge WHERE amount < 0
  ) AS money;
ANALYZE demo_money
"""
# A lease's money pays its own charges, so each of two sessions takes every other lease.
SHARES = """
INSERT INTO demo_share
WITH placed AS (
    SELECT payment_id, credit_id, lease_id, day, id, created_at, created_by_id, charge_id, charged,
           kind, due_date, period_start, period_end, commission, vat, greatest(day, period_start) AS falls_on,
           least(money.upto, debt.upto)
               - greatest(money.upto - money.amount, debt.upto - charged) AS amount,
           least(money.upto, debt.upto) - (debt.upto - charged) AS after
      FROM demo_money AS money JOIN demo_debt AS debt USING (lease_id)
     WHERE money.upto > debt.upto - charged AND debt.upto > money.upto - money.amount
       AND money.lease_id %% 2 = %(half)s AND debt.lease_id %% 2 = %(half)s
)
SELECT payment_id, credit_id, lease_id, day, created_at, created_by_id, charge_id, charged, kind,
       due_date, period_start, period_end, falls_on, amount, after,
       (fee - lag(fee, 1, 0::numeric) OVER chain)::bigint AS commission,
       (tax - lag(tax, 1, 0::numeric) OVER chain)::bigint AS vat
  FROM (SELECT *, round(fee * vat / 100) AS tax
          FROM (SELECT *, round(after * commission / 100) AS fee FROM placed) AS priced) AS taxed
WINDOW chain AS (PARTITION BY charge_id ORDER BY after)
"""  # noqa: E501
COLLECTED = """
CREATE UNLOGGED TABLE demo_collected WITH (autovacuum_enabled = off) AS
SELECT charge_id AS id, sum(amount)::bigint AS amount, max(day) AS last
  FROM demo_share GROUP BY charge_id
UNION ALL
SELECT credit_id, -sum(amount)::bigint, max(falls_on)
  FROM demo_share WHERE credit_id IS NOT NULL GROUP BY credit_id;
ANALYZE demo_collected
"""

# Once per overdue rent, on what is still open today: see charging.LATE_FEE. A fee comes after every
# rent that is open, so no money reaches it.
LATE_FEES = """
INSERT INTO demo_charge
SELECT row_number() OVER place + %(charges)s + past.charges,
       row_number() OVER place + %(entries)s + past.charges + past.payments,
       late.*
  FROM (
    SELECT charge.lease_id, charge.site_id, property_id, owner_id, 'late_fee', period_start, period_end,
           due_date + grace + 1,
           round((charge.amount - coalesce(paid.amount, 0)) * late_fee / 100)::bigint AS fee,
           0, 0, charge.id, due_date + grace + 1 + time '02:00'
      FROM demo_charge AS charge
      JOIN demo_site AS site USING (site_id)
      LEFT JOIN demo_collected AS paid ON paid.id = charge.id
     WHERE kind = 'rent' AND charge.amount > coalesce(paid.amount, 0)
       AND due_date < %(today)s::date - grace
  ) AS late, (SELECT (SELECT count(*) FROM demo_charge) AS charges,
                     (SELECT count(*) FROM demo_payment) AS payments) AS past
 WHERE fee > 0 WINDOW place AS (ORDER BY late.id)
"""  # noqa: E501

CHARGE_ROWS = """
INSERT INTO payments_charge
    (id, site_id, lease_id, property_id, owner_id, kind, period_start, period_end, issue, due_date,
     amount, commission_percent, vat_percent, collected, settled_on, created_at, cancel_reason,
     entry_id, fee_for_id)
SELECT charge.id, site_id, lease_id, property_id, owner_id, kind, period_start, period_end, 0, due_date,
       charge.amount, commission, vat, coalesce(paid.amount, 0),
       CASE WHEN paid.amount = charge.amount THEN paid.last END, created_at, '', entry_id, fee_for_id
  FROM demo_charge AS charge LEFT JOIN demo_collected AS paid ON paid.id = charge.id
 ORDER BY charge.id
"""  # noqa: E501
PAYMENT_ROWS = """
INSERT INTO payments_payment
    (id, site_id, lease_id, property_id, amount, method, reference, value_date, notes, source,
     collected_by_id, created_at, created_by_id, status, cancelled_on, cancelled_by_id,
     cancel_reason, allocated, timing, fee, fee_bearer)
SELECT payment.id, site_id, lease_id, property_id, payment.amount, method, reference, value_date, '',
       'desk', collected_by_id, created_at, created_by_id,
       CASE WHEN cancelled THEN 'cancelled' ELSE 'confirmed' END,
       CASE WHEN cancelled THEN value_date END, CASE WHEN cancelled THEN created_by_id END,
       cancel_reason, coalesce(spent.amount, 0), coalesce(spent.timing, 'on_time'), 0, 'agency'
  FROM demo_payment AS payment LEFT JOIN (
    SELECT payment_id, sum(amount)::bigint AS amount,
           CASE WHEN (array_agg(after = charged ORDER BY due_date DESC, period_start DESC,
                                charge_id DESC))[1] IS FALSE THEN 'partial'
                WHEN bool_or(day > due_date) THEN 'late' ELSE 'on_time' END AS timing
      FROM demo_share WHERE payment_id IS NOT NULL GROUP BY payment_id
  ) AS spent ON spent.payment_id = payment.id
 ORDER BY payment.id
"""  # noqa: E501
ALLOCATION_ROWS = """
INSERT INTO payments_allocation
    (site_id, lease_id, payment_id, credit_id, charge_id, amount, commission, vat, posted_on)
SELECT lease.site_id, share.lease_id, payment_id, credit_id, charge_id, amount, commission, vat, falls_on
  FROM demo_share AS share JOIN tenants_lease AS lease ON lease.id = share.lease_id
 ORDER BY share.lease_id, charge_id, after
"""  # noqa: E501

MOVED = """
CREATE UNLOGGED TABLE demo_moved WITH (autovacuum_enabled = off) AS
SELECT row_number() OVER (ORDER BY falls_on, share.lease_id, payment_id) AS rank,
       share.lease_id, payment_id, falls_on AS day, lease.site_id, lease.property_id, property.owner_id,
       greatest(min(share.created_at), falls_on + time '06:00') AS created_at,
       coalesce(min(created_by_id), %(system)s) AS created_by_id,
       sum(amount)::bigint AS amount, sum(commission)::bigint AS commission, sum(vat)::bigint AS vat
  FROM demo_share AS share
  JOIN tenants_lease AS lease ON lease.id = share.lease_id
  JOIN sites_app_property AS property ON property.id = lease.property_id
 WHERE share.kind = ANY(%(owners)s)
 GROUP BY share.lease_id, payment_id, falls_on, lease.site_id, lease.property_id, property.owner_id;
ANALYZE demo_moved
"""  # noqa: E501
ENTRY_ROWS = """
INSERT INTO payments_journalentry
    (id, site_id, kind, value_date, created_at, created_by_id, lease_id, payment_id, memo, reverses_id)
SELECT entry_id, site_id, CASE WHEN kind = 'opening' THEN 'opening' ELSE 'charge' END,
       CASE WHEN kind = 'late_fee' THEN due_date ELSE period_start END, created_at, %(system)s,
       lease_id, NULL::bigint, kind, NULL::bigint
  FROM demo_charge
UNION ALL
SELECT entry_id, site_id, 'payment', value_date, created_at, created_by_id, lease_id, id, '', NULL
  FROM demo_payment
UNION ALL
SELECT rank + %(last_entry)s, site_id, 'share', day, created_at, created_by_id, lease_id, payment_id, '', NULL
  FROM demo_moved
UNION ALL
SELECT row_number() OVER (ORDER BY id) + %(last_share)s, site_id, 'reversal', value_date,
       created_at + interval '20 minutes', created_by_id, lease_id, id, cancel_reason, entry_id
  FROM demo_payment WHERE cancelled
"""  # noqa: E501
# Sides are told apart by CASE: VALUES that name the columns of each row are planned for each row.
LINE_ROWS = """
WITH account AS MATERIALIZED (
    SELECT site_id,
           max(id) FILTER (WHERE code = '411') AS receivable,
           max(id) FILTER (WHERE code = '4671') AS pending,
           max(id) FILTER (WHERE code = '4672') AS payable,
           max(id) FILTER (WHERE code = '4711') AS opening,
           max(id) FILTER (WHERE code = '4478') AS tax,
           max(id) FILTER (WHERE code = '4431') AS vat,
           max(id) FILTER (WHERE code = '7061') AS commission,
           max(id) FILTER (WHERE code = '7078') AS late_fees
      FROM payments_account GROUP BY site_id
), sides (debit) AS (VALUES (true), (false)), till AS MATERIALIZED (
    SELECT site_id, method, account_id, receivable, debit
      FROM demo_till JOIN account USING (site_id) CROSS JOIN sides
), side AS (
    SELECT entry_id, site_id,
           CASE WHEN debit THEN account.receivable
                WHEN kind = 'tax' THEN account.tax
                WHEN kind = 'late_fee' THEN account.late_fees
                WHEN charge.amount < 0 THEN account.opening ELSE account.pending END AS account,
           lease_id,
           CASE WHEN NOT debit AND kind NOT IN ('tax', 'late_fee') THEN owner_id END AS owner_id,
           property_id, CASE WHEN kind = 'late_fee' THEN due_date ELSE period_start END AS day,
           CASE WHEN debit THEN charge.amount ELSE -charge.amount END AS amount
      FROM demo_charge AS charge JOIN account USING (site_id) CROSS JOIN sides
    UNION ALL
    SELECT entry_id, site_id, CASE WHEN debit THEN account_id ELSE receivable END,
           CASE WHEN NOT debit THEN lease_id END, NULL, property_id, value_date,
           CASE WHEN debit THEN payment.amount ELSE -payment.amount END
      FROM (SELECT entry_id, site_id, method, lease_id, property_id, value_date, amount
              FROM demo_payment
            UNION ALL
            SELECT row_number() OVER (ORDER BY id) + %(last_share)s, site_id, method, lease_id,
                   property_id, value_date, -amount
              FROM demo_payment WHERE cancelled) AS payment
      JOIN till USING (site_id, method)
    UNION ALL
    SELECT * FROM (
        SELECT rank + %(last_entry)s, site_id,
               CASE part WHEN 'pending' THEN account.pending WHEN 'payable' THEN account.payable
                         WHEN 'commission' THEN account.commission ELSE account.vat END,
               lease_id, owner_id, property_id, day,
               CASE part WHEN 'pending' THEN moved.amount
                         WHEN 'payable' THEN moved.commission + moved.vat - moved.amount
                         WHEN 'commission' THEN -moved.commission ELSE -moved.vat END AS amount
          FROM demo_moved AS moved JOIN account USING (site_id)
         CROSS JOIN (VALUES ('pending'), ('payable'), ('commission'), ('vat')) AS parts (part)
    ) AS share WHERE amount <> 0
)
INSERT INTO payments_journalline
    (site_id, entry_id, account_id, lease_id, owner_id, property_id, value_date, amount)
SELECT site_id, entry_id, account, lease_id, owner_id, property_id, day, amount FROM side
"""

# What triggers keep while acts are done one by one: see ledger.JournalLine and payments.Payment.
LINE_TOTALS = """
INSERT INTO payments_journalday (site_id, account_id, day, debit, credit)
SELECT site_id, account_id, value_date, sum(greatest(amount, 0)), -sum(least(amount, 0))
  FROM payments_journalline GROUP BY site_id, account_id, value_date
"""
PAYMENT_TOTALS = """
INSERT INTO payments_collectionday (site_id, day, method, timing, number, amount)
SELECT site_id, value_date, method, timing, count(*), sum(amount)
  FROM payments_payment WHERE status = 'confirmed' GROUP BY site_id, value_date, method, timing;
INSERT INTO payments_propertymonth (site_id, property_id, month, number, amount)
SELECT site_id, property_id, date_trunc('month', value_date::timestamp)::date, count(*), sum(amount)
  FROM payments_payment WHERE status = 'confirmed'
 GROUP BY site_id, property_id, date_trunc('month', value_date::timestamp)
"""
RUNS = """
INSERT INTO payments_rentrun
    (site_id, month, requested_by_id, started_at, finished_at, created, amount, existing, failed)
SELECT site_id, date_trunc('month', period_start)::date, %(system)s, min(created_at),
       min(created_at) + interval '1 minute', count(*), sum(amount), 0, '[]'
  FROM demo_charge WHERE kind IN ('rent', 'service', 'tax')
 GROUP BY site_id, date_trunc('month', period_start)
"""
HISTORY = """
INSERT INTO payments_paymentevent
    (pgh_created_at, pgh_label, pgh_obj_id, pgh_context_id, id, site_id, lease_id, property_id, amount,
     method, reference, value_date, notes, source, collected_by_id, created_at, created_by_id, status,
     cancelled_on, cancelled_by_id, cancel_reason, allocated, timing, fee, fee_bearer)
SELECT created_at, 'insert', id, %(context)s::uuid, id, site_id, lease_id, property_id, amount, method,
       reference, value_date, '', 'desk', collected_by_id, created_at, created_by_id, 'confirmed',
       NULL::date, NULL::bigint, '', 0, 'on_time', 0, 'agency'
  FROM demo_payment
UNION ALL
SELECT created_at + interval '20 minutes', 'update', id, %(context)s::uuid, id, site_id, lease_id,
       property_id, amount, method, reference, value_date, '', 'desk', collected_by_id, created_at,
       created_by_id, 'cancelled', value_date, created_by_id, cancel_reason, 0, 'on_time', 0,
       'agency'
  FROM demo_payment WHERE cancelled
"""  # noqa: E501

# Receipts are put together as text and read once: jsonb of jsonb is built anew at each level.
PAPERS = """
CREATE UNLOGGED TABLE demo_paper WITH (autovacuum_enabled = off) AS
SELECT lease.id AS lease_id, rtrim(jsonb_build_object(
           'agency', %(agency)s::text, 'site', site.name, 'currency', site.currency,
           'tenant', tenant.name,
           'initials', (SELECT string_agg(left(word, 1) || '.', ' ' ORDER BY place)
                          FROM regexp_split_to_table(tenant.name, '\\s+')
                               WITH ORDINALITY AS part (word, place)),
           'lease', lease.reference, 'property', property.name,
           'address', concat_ws(', ', nullif(property.quartier, ''), nullif(property.commune, ''),
                                nullif(property.landmark, '')),
           'units', units.numbers)::text, '}') AS opening
  FROM tenants_lease AS lease
  JOIN sites_app_site AS site ON site.code = lease.site_id
  JOIN tenants_tenant AS tenant ON tenant.id = lease.tenant_id
  JOIN sites_app_property AS property ON property.id = lease.property_id
  JOIN (SELECT lease_id, jsonb_agg(unit.number ORDER BY unit.number) AS numbers
          FROM tenants_occupancy JOIN sites_app_unit AS unit ON unit.id = unit_id GROUP BY lease_id
       ) AS units ON units.lease_id = lease.id;
-- What the lease owed after each payment: everything charged by then less everything paid.
CREATE UNLOGGED TABLE demo_balance WITH (autovacuum_enabled = off) AS
SELECT id, balance FROM (
    SELECT id, sum(amount) OVER (
               PARTITION BY lease_id ORDER BY at, turn, id ROWS UNBOUNDED PRECEDING)::bigint AS balance
      FROM (SELECT NULL::bigint AS id, lease_id, created_at AS at, 0 AS turn, amount FROM demo_charge
            UNION ALL
            SELECT id, lease_id, created_at, 1, CASE WHEN cancelled THEN 0 ELSE -amount END
              FROM demo_payment) AS move
) AS running WHERE id IS NOT NULL;
ANALYZE demo_paper, demo_balance
"""  # noqa: E501
RECEIPT_ROWS = """
INSERT INTO payments_receipt
    (id, site_id, kind, year, sequence, number, code, lease_id, payment_id, amount, value_date, issued_at,
     issued_by_id, content, status)
SELECT payment.id - %(payments)s + %(receipts)s, site_id, 'receipt', year, sequence,
       'RC-' || site_id || '-' || year || '-' || lpad(sequence::text, 6, '0'), code, lease_id,
       payment.id, payment.amount, value_date, created_at, created_by_id,
       format('%%s, "method": "%%s", "reference": %%s, "notes": "", "collected_by": %%s, "unallocated": %%s, '
              '"balance": %%s, "allocations": [%%s]}', paper.opening, method, to_json(reference),
              to_json(coalesce(collector.name, cashier.name)),
              CASE WHEN cancelled THEN 0 ELSE payment.amount - coalesce(spent.amount, 0) END,
              balance, spent.parts)::jsonb,
       CASE WHEN cancelled THEN 'cancelled' ELSE 'valid' END
  FROM (
    SELECT *, extract(year FROM created_at)::int AS year,
           row_number() OVER (PARTITION BY site_id, extract(year FROM created_at)::int
                              ORDER BY id)::int AS sequence
      FROM demo_payment
  ) AS payment
  JOIN demo_paper AS paper USING (lease_id)
  JOIN demo_balance USING (id)
  JOIN accounts_user AS cashier ON cashier.id = created_by_id
  LEFT JOIN accounts_user AS collector ON collector.id = collected_by_id
  LEFT JOIN (
    SELECT payment_id, sum(amount)::bigint AS amount, string_agg(format(
               '{"kind": "%%s", "period_start": %%s, "period_end": %%s, "amount": %%s, "left": %%s}',
               kind, to_json(period_start), to_json(period_end), amount, charged - after), ', '
               ORDER BY due_date, charge_id) AS parts
      FROM demo_share WHERE payment_id IS NOT NULL
     GROUP BY payment_id
  ) AS spent ON spent.payment_id = payment.id
 CROSS JOIN LATERAL (SELECT (payment.id * %(scatter)s + %(seed)s) & %(mask)s AS mixed) AS mixed
 CROSS JOIN LATERAL (
    SELECT translate(lpad(to_hex(((mixed & 16777215) << 24) | (mixed >> 24)), 12, '0'),
                     '0123456789abcdef', %(letters)s) AS code
 ) AS drawn;
INSERT INTO payments_receiptcounter (site_id, kind, year, last)
SELECT site_id, kind, year, max(sequence) FROM payments_receipt GROUP BY site_id, kind, year
"""  # noqa: E501

# What is written, the longest first; nothing here reads what another writes.
WORK = {
    ("payments_journalline", "payments_journalday"): (LINE_ROWS, LINE_TOTALS),
    ("payments_receipt", "payments_receiptcounter"): (PAPERS, RECEIPT_ROWS),
    ("payments_journalentry",): (ENTRY_ROWS,),
    (
        "payments_payment", "payments_paymentevent", "payments_collectionday",
        "payments_propertymonth",
    ): (PAYMENT_ROWS, PAYMENT_TOTALS, HISTORY),
    ("payments_charge",): (CHARGE_ROWS,),
    ("payments_allocation",): (ALLOCATION_ROWS,),
}  # fmt: skip
TABLES = [table for tables in WORK for table in tables]

# The longest first, as above.
PROOF = {
    # What each line names, ``check_books`` asks after the load; no foreign key does.
    "entries that do not balance, or have no lines": """
        SELECT count(*) FILTER (WHERE total <> 0)
             + abs(count(*) - (SELECT count(*) FROM payments_journalentry))
          FROM (SELECT sum(amount) AS total FROM payments_journalline GROUP BY entry_id) AS sums""",
    "leases whose journal differs from their charges and payments": """
        SELECT count(*) FROM (
            SELECT lease_id, sum(amount) AS owed FROM payments_journalline
              JOIN payments_account AS account ON account.id = account_id AND code = '411'
             GROUP BY lease_id
        ) AS book FULL JOIN (
            SELECT lease_id, sum(amount) AS owed FROM (
                SELECT lease_id, amount FROM payments_charge WHERE cancelled_on IS NULL
                UNION ALL
                SELECT lease_id, -amount FROM payments_payment WHERE status = 'confirmed'
            ) AS move GROUP BY lease_id
        ) AS desk USING (lease_id) WHERE coalesce(book.owed, 0) <> coalesce(desk.owed, 0)""",
    "receipts out of row": """
        SELECT count(*) FROM (SELECT FROM payments_receipt GROUP BY site_id, kind, year
                              HAVING count(*) <> max(sequence)) AS gap""",
    "payments without a receipt": """
        SELECT (SELECT count(*) FROM payments_payment)
             - (SELECT count(DISTINCT payment_id) FROM payments_receipt)""",
}


class BooksAreWrong(Exception):
    """What was loaded breaks a rule of the books; nothing of it is kept."""


def charge_and_pay(calendar: Calendar, seed: int, words: dict) -> None:
    """Charge every lease that stands and let it pay.

    ``demo_site`` and ``demo_opening`` are filled; ``words`` are those of ``words_of``.
    """
    _run(CHARGES, words)
    _run("ANALYZE demo_charge", {})
    _pay(calendar, seed)
    _run(PAYMENTS, words)
    _run("ANALYZE demo_payment", {})


def place(words: dict, meanwhile: Callable[[], None]) -> None:
    """Place the money on the charges, charge late fees; ``words`` learn the last entries."""
    together(partial(_run, DEBTS, words), partial(_run, MONEY, words))
    together(*(partial(_run, SHARES, {"half": half}) for half in (0, 1)))
    _run("ANALYZE demo_share", {})
    together(partial(_charge_late, words, meanwhile), partial(_run, MOVED, words))
    words["last_entry"] = words["entries"] + _count("demo_charge") + _count("demo_payment")
    words["last_share"] = words["last_entry"] + _count("demo_moved")


def _charge_late(words, meanwhile):
    _run(COLLECTED, words)
    _run(LATE_FEES, words)
    _run("ANALYZE demo_charge", {})
    meanwhile()


def words_of(calendar: Calendar, seed: int, *, system: int, context: str) -> dict:
    """Return what the statements are told: the days, the last ids, the words of receipts.

    ``system`` is the person who charges, ``context`` the history's.
    """
    return {
        "first": calendar.first,
        "this_month": calendar.this_month,
        "today": calendar.today,
        "seed": seed,
        "system": system,
        "context": context,
        "owners": list(OWNERS),
        "agency": settings.AGENCY_NAME,
        "letters": LETTERS[:16],
        "scatter": SCATTER,
        "mask": 2**48 - 1,
        **{name: _last(f"payments_{table}") for name, table in _SEQUENCES.items()},
    }


def write(words: dict) -> None:
    """Write the books and dress their tables."""
    together(*(partial(_write, *work, words) for work in WORK.items()))


def _write(tables, statements, words):
    begin_anew(tables)
    for statement in statements:
        _run(statement, words)
    look_over(tables)
    put_on(tables)


def write_runs(words: dict) -> None:
    _run(RUNS, words)


def prove(meanwhile: Callable[[], None]) -> None:
    """Raise ``BooksAreWrong`` when what was written breaks one of the rules of ``PROOF``."""
    together(*(partial(_prove, *rule) for rule in PROOF.items()), meanwhile)


def _prove(complaint, question):
    if wrong := _ask(question):
        raise BooksAreWrong(f"{wrong} {complaint}")


_SEQUENCES = {
    "charges": "charge",
    "payments": "payment",
    "entries": "journalentry",
    "receipts": "receipt",
}


def _pay(calendar, seed):
    """Let each lease pay, a batch of leases at a time, so that memory stays flat."""
    with connection.connection.cursor(name="demo_owed") as cursor:
        cursor.itersize = BATCH
        cursor.execute(OWED)
        batches = iter(partial(cursor.fetchmany, BATCH), [])
        for lines in beside(partial(lines_of, calendar=calendar, seed=seed), batches):
            copy_lines("demo_raw", RAW, lines)


def _run(statements, words):
    with connection.cursor() as cursor:
        for statement in statements.split(";\n"):
            cursor.execute(statement, words)


def _ask(question):
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def _count(table):
    return _ask(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own names


def _last(table):
    return _ask(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608


def make_stages() -> None:
    """Make the tables that hold the load on its way."""
    _run(STAGES, {})
