"""Writing the journal: the only place that adds entries one by one.

``settling`` adds them by lease, ``collecting`` with the payment itself.
"""

import datetime
from collections.abc import Iterable
from functools import partial

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from akig.lib.errors import Conflict
from payments.models import Account, ClosedPeriod, JournalEntry, JournalLine
from sites_app.models import Site

Code = Account.Code

#: First half of the advisory locks on a branch's books; the second is made of its code.
BOOKS = 7302

#: Cash on its way to the till: one account below this for each person who carries some.
FIELD_CASH = "5712"

#: The account that money of each method arrives in.
MONEY = {
    "cash": Code.CASH,
    "cheque": Code.CHEQUES,
    "bank_transfer": Code.BANK,
    "orange_money": Code.ORANGE_MONEY,
    "mtn_momo": Code.MTN_MOMO,
    "wave": Code.WAVE,
    "merchant_code": Code.MERCHANT,
    "other": Code.OTHER_MONEY,
}


class PeriodClosed(Conflict):
    """The month is closed: no entry may be dated in it."""

    code = "period_closed"


class Accounts(dict):
    """The numbers of a branch's accounts by code; one opened since is asked for once."""

    def __init__(self, site_id: str, found: Iterable[tuple[str, int]]):
        self.site_id = site_id
        super().__init__(found)

    def __missing__(self, code: str) -> int:
        number = Account.objects.only("id").get(site_id=self.site_id, code=code).pk
        # Not before the commit: a transaction that fails takes the account away again.
        transaction.on_commit(partial(self.__setitem__, code, number))
        return number


#: Accounts are never changed, so each process asks once per branch.
_accounts: dict[str, Accounts] = {}


def accounts_of(site_id: str) -> Accounts:
    """Return the numbers of a branch's accounts by code, opening its books at the first call."""
    found = _accounts.get(site_id)
    if found is None:
        rows = Account.objects.filter(site_id=site_id).values_list("code", "id")
        found = Accounts(site_id, rows)
        if not found.keys() >= set(Code.values):
            Account.objects.bulk_create(
                [Account(site_id=site_id, code=code, name=code.label) for code in Code],
                ignore_conflicts=True,
            )
            found = Accounts(site_id, rows.all())
        transaction.on_commit(partial(_accounts.__setitem__, site_id, found))
    return found


def open_account(site_id: str, code: str, name: str, holder=None) -> int:
    """Return the number of the account ``code`` of a branch, opening it if it is not there.

    For accounts beside those of ``Code``: a second bank, the cash of a person (``holder``).
    """
    accounts_of(site_id)
    account, _opened = Account.objects.get_or_create(
        site_id=site_id, code=code, defaults={"name": name, "holder": holder}
    )
    return account.pk


def cash_account(site_id: str, person) -> str:
    """Return the code of the account of the cash that ``person`` carries, opened on demand."""
    code = f"{FIELD_CASH}-{person.pk}"
    if code not in accounts_of(site_id):
        open_account(site_id, code, person.name, holder=person)
    return code


def forget_accounts() -> None:
    """Ask the database anew: tests throw theirs away."""
    _accounts.clear()


# The leases first, in the order of their keys; counting them holds them all before the books.
LOCK = """
WITH lease AS MATERIALIZED (
    SELECT id FROM tenants_lease WHERE id = ANY(%(leases)s) ORDER BY id FOR NO KEY UPDATE
)
SELECT pg_advisory_xact_lock(%(books)s, hashtext(%(site)s))
  FROM (SELECT count(*) FROM lease) AS held
"""


def lock_books(site_id: str, leases: Iterable[int]) -> None:
    """Hold ``leases`` (ids) and then the books of their branch until the transaction ends.

    Every act that moves money begins here: one act at a time writes a branch's journal, totals
    and receipt numbers, and since all of them lock in this order, none waits in a circle.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"leases": list(leases), "books": BOOKS, "site": site_id})


def refuse_closed(site: Site | str, day: datetime.date, field: str = "value_date"):
    """Raise ``PeriodClosed`` when the month of ``day`` is closed at ``site``."""
    if ClosedPeriod.objects.filter(site=site, month=day.replace(day=1), reopened_at=None).exists():
        raise closed_refusal(day, field)


def closed_refusal(day: datetime.date, field: str = "value_date") -> PeriodClosed:
    """Return the refusal of an act dated ``day``, in a closed month; ``field`` names the date."""
    sentence = _(
        "The month %(month)s is closed: choose a later date, or ask for it to be reopened."
    ) % {"month": f"{day:%m/%Y}"}
    return PeriodClosed(sentence, fields={field: sentence})


def open_day(site: Site | str, day: datetime.date) -> datetime.date:
    """Return ``day`` itself, or today when the month of ``day`` is closed."""
    closed = ClosedPeriod.objects.filter(site=site, month=day.replace(day=1), reopened_at=None)
    return timezone.localdate() if closed.exists() else day


def post(
    *,
    actor,
    site_id: str,
    kind: str,
    value_date: datetime.date,
    lines: list[dict],
    lease=None,
    payment=None,
    memo: str = "",
    reverses: JournalEntry | None = None,
) -> JournalEntry:
    """Add one balanced entry.

    ``lines`` are dicts of ``account`` (a code), ``amount`` (minor units, debit positive) and the
    names of the auxiliary: ``lease``, ``owner``, ``property``. Lines of 0 are left out. The
    database refuses an entry that does not balance or that is dated in a closed month.
    """
    accounts = accounts_of(site_id)
    entry = JournalEntry.objects.create(
        site_id=site_id,
        kind=kind,
        value_date=value_date,
        created_by=actor,
        lease=lease,
        payment=payment,
        memo=memo,
        reverses=reverses,
    )
    JournalLine.objects.bulk_create(
        JournalLine(
            site_id=site_id,
            entry=entry,
            account_id=accounts[line["account"]],
            value_date=value_date,
            amount=line["amount"],
            lease=line.get("lease"),
            owner_id=line.get("owner_id"),
            property_id=line.get("property_id"),
        )
        for line in lines
        if line["amount"]
    )
    return entry


def reverse(*, actor, entry: JournalEntry, on: datetime.date, memo: str) -> JournalEntry:
    """Answer ``entry`` with its opposite, dated ``on``, which names it."""
    opposite = JournalEntry.objects.create(
        site_id=entry.site_id,
        kind=JournalEntry.Kind.REVERSAL,
        value_date=on,
        created_by=actor,
        lease_id=entry.lease_id,
        payment_id=entry.payment_id,
        memo=memo,
        reverses=entry,
    )
    JournalLine.objects.bulk_create(
        JournalLine(
            site_id=line.site_id,
            entry=opposite,
            account_id=line.account_id,
            lease_id=line.lease_id,
            owner_id=line.owner_id,
            property_id=line.property_id,
            value_date=on,
            amount=-line.amount,
        )
        for line in entry.lines.all()
    )
    return opposite


def balance_of(lease, *, on: datetime.date | None = None) -> int:
    """Return what ``lease`` owes by the journal (negative: an advance), in minor units."""
    lines = JournalLine.objects.filter(
        lease=lease, account_id=accounts_of(lease.site_id)[Code.RECEIVABLE]
    )
    return (lines.until(on) if on else lines).balance()
