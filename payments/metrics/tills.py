"""Where the cash is: in whose hands, since when, in the till, on its way to the bank."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.utils import timezone

from accounts.roles import ROLES, STAFF
from payments.models import Account, BankDeposit, DayClosing, HandOver, JournalDay
from sites_app.models import Site
from sites_app.rules import rules_of

#: Roles whose people may carry cash.
CARRIERS = tuple(role for role in STAFF if "cash.handle" in ROLES[role].split())

#: Days that the list of closings looks back.
DAYS_BACK = 31

# Money goes out in the order in which it came in: what is there came since the first day whose
# running total of what came in exceeds all that ever went out.
IN_HANDS = """
SELECT account.id, account.holder_id, person.name, account.site_id,
       coalesce(held.amount, 0), held.since, own.amount, coalesce(handed.declared, 0), handed.last
  FROM payments_account AS account
  JOIN accounts_user AS person ON person.id = account.holder_id
  LEFT JOIN payments_cashlimit AS own
    ON own.site_id = account.site_id AND own.agent_id = account.holder_id
  LEFT JOIN LATERAL (
    SELECT sum(debit - credit)::bigint AS amount, min(day) FILTER (WHERE taken > given) AS since
      FROM (
        SELECT day, debit, credit, sum(debit) OVER (ORDER BY day) AS taken,
               sum(credit) OVER () AS given
          FROM payments_journalday AS total
         WHERE total.site_id = account.site_id AND total.account_id = account.id
      ) AS days
  ) AS held ON true
  LEFT JOIN LATERAL (
    SELECT sum(hand.declared) FILTER (WHERE state = 'declared')::bigint AS declared,
           max(received_at) FILTER (WHERE state = 'confirmed') AS last
      FROM payments_handover AS hand WHERE hand.source_id = account.id
  ) AS handed ON true
 WHERE account.site_id = ANY(%(sites)s) AND coalesce(account.holder_id = %(person)s, true)
"""


@dataclass(frozen=True)
class Hand:
    """The cash that a person carries at a branch, in minor units; ``limit`` 0 is none.

    ``site`` is the branch's code, ``branch`` its name.
    """

    account: int
    person: int
    name: str
    site: str
    branch: str
    currency: str
    amount: int
    since: datetime.date | None
    limit: int
    declared: int
    last: datetime.datetime | None

    @property
    def is_over(self) -> bool:
        return 0 < self.limit < self.amount

    @property
    def days(self) -> int:
        """For how many days the oldest of it has been carried."""
        return (timezone.localdate() - self.since).days if self.since else 0


def cash_in_hands(sites: Iterable[Site], *, person=None) -> list[Hand]:
    """Return what each collector of ``sites`` (or ``person`` alone) carries, the largest first."""
    sites = {site.pk: site for site in sites}
    with connection.cursor() as cursor:
        cursor.execute(IN_HANDS, {"sites": list(sites), "person": person and person.pk})
        found = cursor.fetchall()
    usual = rules_of(sites) if found else {}
    hands = [
        Hand(
            account=account,
            person=holder,
            name=name,
            site=site,
            branch=str(sites[site].name),
            currency=sites[site].currency,
            amount=amount,
            since=since,
            limit=usual[site].agent_cash_limit if own is None else own,
            declared=declared,
            last=last,
        )
        for account, holder, name, site, amount, since, own, declared, last in found
    ]
    return sorted(hands, key=lambda hand: (hand.currency, -hand.amount, hand.name))


def cash_in(account: Account, *, until: datetime.date | None = None) -> int:
    """Return the balance of an account by the journal, on the evening of a day (or ever)."""
    days = JournalDay.objects.filter(site=account.site_id, account=account)
    if until is not None:
        days = days.filter(day__lte=until)
    return days.aggregate(balance=Sum(F("debit") - F("credit"), default=0))["balance"]


def declared_from(account: Account) -> int:
    """Return what was declared out of an account and nobody has answered yet."""
    return (
        HandOver.objects.open()
        .filter(source=account)
        .aggregate(amount=Sum("declared", default=0))["amount"]
    )


@dataclass(frozen=True)
class Till:
    """A branch's till: cash and cheques there, what is on its way to the bank, days not closed."""

    site: Site
    cash_account: int
    cash: int
    cheques: int
    transit: int
    open_days: tuple[datetime.date, ...]


# Each account by its totals of days, and with its number where nothing has moved yet.
TILLS = """
SELECT account.site_id, account.code, account.id, coalesce(sum(debit - credit), 0)::bigint
  FROM payments_account AS account
  LEFT JOIN payments_journalday AS total
    ON total.site_id = account.site_id AND total.account_id = account.id
 WHERE account.site_id = ANY(%s) AND account.code = ANY(%s)
 GROUP BY account.site_id, account.code, account.id
"""


def tills_of(sites: Iterable[Site]) -> list[Till]:
    """Return the till of each branch that has books."""
    sites = list(sites)
    codes = [Account.Code.CASH, Account.Code.CHEQUES, Account.Code.TRANSIT]
    with connection.cursor() as cursor:
        cursor.execute(TILLS, [[site.pk for site in sites], codes])
        found = {(site, code): (key, amount) for site, code, key, amount in cursor.fetchall()}
    days = open_days(sites)
    return [
        Till(
            site=site,
            cash_account=found[site.pk, Account.Code.CASH][0],
            cash=found[site.pk, Account.Code.CASH][1],
            cheques=found[site.pk, Account.Code.CHEQUES][1],
            transit=found[site.pk, Account.Code.TRANSIT][1],
            open_days=tuple(days.get(site.pk, ())),
        )
        for site in sites
        if (site.pk, Account.Code.CASH) in found
    ]


def open_days(sites: Iterable[Site]) -> dict[str, list[datetime.date]]:
    """Return by branch the days of its till to close, the last first."""
    days: dict[str, list[datetime.date]] = {}
    for site, day in days_to_close(sites).order_by("-day").values_list("site", "day"):
        days.setdefault(site, []).append(day)
    return days


def days_to_close(sites: Iterable[Site]) -> QuerySet:
    """Return the last days, today apart, on which a till of ``sites`` moved and was not closed.

    Only a branch that closes its till has days to close; those before its last closing were
    counted with it.
    """
    today = timezone.localdate()
    closings = DayClosing.objects.filter(account=OuterRef("account")).order_by("-day")
    return JournalDay.objects.filter(
        site__in=list(sites),
        account__code=Account.Code.CASH,
        day__gte=today - datetime.timedelta(days=DAYS_BACK),
        day__lt=today,
        day__gt=Subquery(closings.values("day")[:1]),
    )


def late_at_the_bank(sites: Iterable[Site]) -> QuerySet:
    """Return the deposits at the bank that no statement has shown for a week."""
    week = timezone.localdate() - datetime.timedelta(days=7)
    return BankDeposit.objects.filter(site__in=list(sites), line=None, day__lt=week)
