"""Whether the books agree with themselves: every maintained total against what it is the sum of."""

from dataclasses import dataclass

from django.db import connection

from payments.models import BooksCheck
from sites_app.models import Site

#: The rule that stands for the foreign keys which the tables of the books do without.
NAMED = "what the books name is there"

#: What must hold, as the query that returns what breaks it: a row's name, and both figures.
CHECKS = {
    "every entry sums to zero": """
        SELECT entry_id::text, sum(amount), 0 FROM payments_journalline
         WHERE {site} GROUP BY entry_id HAVING sum(amount) <> 0""",
    "every entry has lines": """
        SELECT id::text, 0, 2 FROM payments_journalentry AS entry
         WHERE {site} AND NOT EXISTS (
            SELECT FROM payments_journalline AS line WHERE line.entry_id = entry.id)""",
    # Their triggers ask this when they are written; no foreign key does.
    NAMED: """
        SELECT 'line ' || line.id, 0, 1
          FROM payments_journalline AS line
          LEFT JOIN payments_journalentry AS entry ON entry.id = line.entry_id
          LEFT JOIN payments_account AS account ON account.id = line.account_id
          LEFT JOIN tenants_lease AS lease ON lease.id = line.lease_id
          LEFT JOIN sites_app_owner AS owner ON owner.id = line.owner_id
          LEFT JOIN sites_app_property AS house ON house.id = line.property_id
         WHERE line.{site} AND (entry.id IS NULL OR account.id IS NULL
            OR (line.lease_id IS NOT NULL AND lease.id IS NULL)
            OR (line.owner_id IS NOT NULL AND owner.id IS NULL)
            OR (line.property_id IS NOT NULL AND house.id IS NULL))
        UNION ALL
        SELECT 'entry ' || entry.id, 0, 1
          FROM payments_journalentry AS entry
          LEFT JOIN sites_app_site AS site ON site.code = entry.site_id
          LEFT JOIN tenants_lease AS lease ON lease.id = entry.lease_id
          LEFT JOIN payments_payment AS payment ON payment.id = entry.payment_id
          LEFT JOIN payments_journalentry AS other ON other.id = entry.reverses_id
         WHERE entry.{site} AND (site.code IS NULL
            OR (entry.lease_id IS NOT NULL AND lease.id IS NULL)
            OR (entry.payment_id IS NOT NULL AND payment.id IS NULL)
            OR (entry.reverses_id IS NOT NULL AND other.id IS NULL))
        UNION ALL
        SELECT 'charge ' || charge.id, 0, 1
          FROM payments_charge AS charge
          LEFT JOIN tenants_lease AS lease
            ON lease.id = charge.lease_id AND lease.site_id = charge.site_id
          LEFT JOIN payments_journalentry AS entry ON entry.id = charge.entry_id
         WHERE charge.{site}
           AND (lease.id IS NULL OR (charge.entry_id IS NOT NULL AND entry.id IS NULL))
        UNION ALL
        SELECT 'allocation ' || part.id, 0, 1
          FROM payments_allocation AS part
          LEFT JOIN payments_charge AS charge
            ON charge.id = part.charge_id AND charge.lease_id = part.lease_id
          LEFT JOIN payments_payment AS payment
            ON payment.id = part.payment_id AND payment.lease_id = part.lease_id
          LEFT JOIN payments_charge AS credit
            ON credit.id = part.credit_id AND credit.lease_id = part.lease_id
         WHERE part.{site} AND (charge.id IS NULL
            OR (part.payment_id IS NOT NULL AND payment.id IS NULL)
            OR (part.credit_id IS NOT NULL AND credit.id IS NULL))""",
    "totals of a day are the sum of its lines": """
        SELECT account || ' ' || day, sum(debit - credit), sum(lines) FROM (
            SELECT account_id AS account, day, debit, credit, 0 AS lines
              FROM payments_journalday WHERE {site}
            UNION ALL
            SELECT account_id, value_date, 0, 0, sum(amount)
              FROM payments_journalline WHERE {site} GROUP BY account_id, value_date
        ) AS side GROUP BY account, day HAVING sum(debit - credit) <> sum(lines)""",
    "what a charge collected is the sum of its allocations": """
        SELECT charge.id::text, collected, coalesce(sum(part.amount), 0)
          FROM payments_charge AS charge LEFT JOIN (
            SELECT charge_id, amount FROM payments_allocation WHERE {site}
            UNION ALL
            SELECT credit_id, -amount FROM payments_allocation WHERE {site}
          ) AS part ON part.charge_id = charge.id
         WHERE {site} GROUP BY charge.id
        HAVING collected <> coalesce(sum(part.amount), 0)""",
    "what a payment paid is the sum of its allocations": """
        SELECT payment.id::text, allocated, coalesce(sum(part.amount), 0)
          FROM payments_payment AS payment
          LEFT JOIN payments_allocation AS part ON part.payment_id = payment.id
         WHERE payment.{site} GROUP BY payment.id
        HAVING allocated <> coalesce(sum(part.amount), 0)""",
    "nothing cancelled pays or is paid": """
        SELECT part.id::text, part.amount, 0
          FROM payments_allocation AS part
          JOIN payments_charge AS charge ON charge.id = part.charge_id
          LEFT JOIN payments_charge AS credit ON credit.id = part.credit_id
          LEFT JOIN payments_payment AS payment ON payment.id = part.payment_id
         WHERE part.{site} AND (charge.cancelled_on IS NOT NULL OR payment.status = 'cancelled'
            OR credit.cancelled_on IS NOT NULL)""",
    "what leases owe is what is charged less what is paid": """
        SELECT lease::text, sum(books), sum(papers) FROM (
            SELECT line.lease_id AS lease, line.amount AS books, 0 AS papers
              FROM payments_journalline AS line
              JOIN payments_account AS account ON account.id = line.account_id
             WHERE line.{site} AND account.code = '411'
            UNION ALL
            SELECT lease_id, 0, amount FROM payments_charge
             WHERE {site} AND cancelled_on IS NULL
            UNION ALL
            SELECT lease_id, 0, -amount FROM payments_payment
             WHERE {site} AND status = 'confirmed'
        ) AS side GROUP BY lease HAVING sum(books) <> sum(papers)""",
    "commission posted is the commission of the allocations": """
        SELECT code, sum(books), sum(papers) FROM (
            SELECT account.code, line.amount AS books, 0::numeric AS papers
              FROM payments_journalline AS line
              JOIN payments_account AS account ON account.id = line.account_id
              JOIN payments_journalentry AS entry ON entry.id = line.entry_id
             WHERE line.{site} AND account.code IN ('7061', '4431') AND entry.kind = 'share'
            UNION ALL
            SELECT '7061', 0, -commission FROM payments_allocation WHERE {site}
            UNION ALL
            SELECT '4431', 0, -vat FROM payments_allocation WHERE {site}
        ) AS side GROUP BY code HAVING sum(books) <> sum(papers)""",
    "what owners are owed is what was collected for them, less commission": """
        SELECT owner::text, sum(books), sum(papers) FROM (
            SELECT line.owner_id AS owner, line.amount AS books, 0 AS papers
              FROM payments_journalline AS line
              JOIN payments_account AS account ON account.id = line.account_id
              JOIN payments_journalentry AS entry ON entry.id = line.entry_id
             WHERE line.{site} AND account.code = '4672' AND entry.kind = 'share'
            UNION ALL
            SELECT charge.owner_id, 0, part.commission + part.vat - part.amount
              FROM payments_allocation AS part
              JOIN payments_charge AS charge ON charge.id = part.charge_id
             WHERE part.{site} AND charge.kind IN ('opening', 'rent', 'service', 'other')
        ) AS side GROUP BY owner HAVING sum(books) <> sum(papers)""",
    "deposits held are what their movements say": """
        SELECT lease::text, sum(books), sum(papers) FROM (
            SELECT line.lease_id AS lease, -line.amount AS books, 0 AS papers
              FROM payments_journalline AS line
              JOIN payments_account AS account ON account.id = line.account_id
             WHERE line.{site} AND account.code = '1654'
            UNION ALL
            SELECT lease_id, 0, amount FROM payments_depositmovement WHERE {site}
        ) AS side GROUP BY lease HAVING sum(books) <> sum(papers) OR sum(papers) < 0""",
    "the collections of a day are its payments": """
        SELECT site || ' ' || day || ' ' || method || ' ' || timing,
               sum(total), sum(paid) FROM (
            SELECT site_id AS site, day, method, timing, amount AS total, 0 AS paid,
                   number AS counted
              FROM payments_collectionday WHERE {site}
            UNION ALL
            SELECT site_id, value_date, method, timing, 0, amount, -1
              FROM payments_payment WHERE {site}
            UNION ALL
            SELECT site_id, cancelled_on, method, timing, 0, -amount, 1
              FROM payments_payment WHERE {site} AND cancelled_on IS NOT NULL
        ) AS side GROUP BY site, day, method, timing
        HAVING sum(total) <> sum(paid) OR sum(counted) <> 0""",
    "the month of a property is its payments": """
        SELECT property || ' ' || month, sum(total), sum(paid) FROM (
            SELECT property_id AS property, month, amount AS total, 0 AS paid, number AS counted
              FROM payments_propertymonth WHERE {site}
            UNION ALL
            SELECT property_id, date_trunc('month', value_date)::date, 0, amount, -1
              FROM payments_payment WHERE {site}
            UNION ALL
            SELECT property_id, date_trunc('month', cancelled_on)::date, 0, -amount, 1
              FROM payments_payment WHERE {site} AND cancelled_on IS NOT NULL
        ) AS side GROUP BY property, month
        HAVING sum(total) <> sum(paid) OR sum(counted) <> 0""",
    "receipt numbers have no gap": """
        SELECT counter.site_id || ' ' || counter.kind || ' ' || counter.year, last, count(row.id)
          FROM payments_receiptcounter AS counter
          LEFT JOIN payments_receipt AS row
            ON row.site_id = counter.site_id AND row.kind = counter.kind
           AND row.year = counter.year AND row.sequence BETWEEN 1 AND counter.last
         WHERE counter.{site} GROUP BY counter.id HAVING last <> count(row.id)""",
    "each payment has one receipt, of its state": """
        SELECT payment.id::text, count(row.id), 1
          FROM payments_payment AS payment
          LEFT JOIN payments_receipt AS row ON row.payment_id = payment.id
           AND row.kind = 'receipt' AND row.amount = payment.amount
           AND (row.status = 'valid') = (payment.status = 'confirmed')
         WHERE payment.{site} GROUP BY payment.id HAVING count(row.id) <> 1""",
}


@dataclass(frozen=True)
class Difference:
    """A rule that does not hold at ``row``: ``found`` where ``expected`` should be."""

    rule: str
    row: str
    found: int
    expected: int

    def __str__(self):
        return f"{self.rule}: {self.row} has {self.found}, not {self.expected}"


def check_books(site: Site) -> BooksCheck:
    """Compare every rule of a branch's books with its rows, and keep what was found."""
    found = differences(site.pk)
    return BooksCheck.objects.create(
        site=site, rules=len(CHECKS), differences=[str(difference) for difference in found]
    )


def differences(site_code: str = "", most: int = 20) -> list[Difference]:
    """Compare the books of one branch (or of all) with themselves; an empty list is good.

    At most ``most`` rows are named per rule.
    """
    found = []
    condition = "site_id = %(site)s" if site_code else "site_id IS NOT NULL"
    with connection.cursor() as cursor:
        for rule, query in CHECKS.items():
            limited = query.replace("{site}", condition) + " LIMIT %(most)s"
            cursor.execute(limited, {"site": site_code, "most": most})
            found += [Difference(rule, *row) for row in cursor.fetchall()]
    return found
