"""The journal against the statements of each account: what is in one and not in the other.

Both are compared from the first line of a statement on: what lay in the account before is the
opening difference of the two and stays what it is.
"""

import datetime
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import F, Min, Q, Sum
from django.utils import timezone

from accounts.models import User
from accounts.verbs import verb
from akig.lib.errors import BusinessError
from akig.lib.freshness import renew
from akig.lib.isolation import everywhere
from payments.models import (
    JournalDay,
    JournalEntry,
    JournalLine,
    LinePart,
    MoneyAccount,
    Payment,
    Proof,
    Reconciliation,
    Statement,
    StatementLine,
)
from payments.services.statements import post_certain
from payments.services.wallets import branches_served

logger = logging.getLogger(__name__)
State = StatementLine.State

#: Differences that a page lists; the sums count all of them.
SHOWN = 100
#: Money needs a few days from the office's book to the bank's: younger is on its way.
ON_ITS_WAY = datetime.timedelta(days=5)
#: A statement older than this says nothing of today.
STALE = datetime.timedelta(days=7)


@dataclass(frozen=True)
class Comparison:
    """An account as of a day, in minor units.

    ``journal`` and ``moved`` are the movements of the journal and of the statements since
    ``since``; ``opening`` what the journal held the evening before, and ``closing`` what the newest
    statement says that lies in the account (None where none says it). ``unknown_here`` are lines
    that pay no lease and are not explained; ``unknown_there`` payments and other entries that no
    line proves, of which ``on_its_way`` is younger than five days.
    """

    account: MoneyAccount
    on: datetime.date
    since: datetime.date | None
    until: datetime.date | None
    opening: int = 0
    journal: int = 0
    moved: int = 0
    closing: int | None = None
    unknown_here: list[StatementLine] = field(default_factory=list)
    unknown_here_amount: int = 0
    unknown_there: list[JournalLine] = field(default_factory=list)
    unknown_there_amount: int = 0
    on_its_way: int = 0

    @property
    def difference(self) -> int:
        """What the journal says more than the statements."""
        return self.journal - self.moved

    @property
    def unexplained(self) -> int:
        """What is left of the difference when what no line proves is taken off."""
        return self.difference - self.unknown_there_amount

    @property
    def is_stale(self) -> bool:
        return self.until is None or self.on - self.until > STALE

    @property
    def agrees(self) -> bool:
        return not self.unexplained and self.unknown_there_amount == self.on_its_way


@everywhere()  # of a shared account: see wallets.branches_served
def compare(account: MoneyAccount, on: datetime.date) -> Comparison:
    """Compare the journal of ``account`` with its statements as of the evening of ``on``."""
    sites = branches_served(account)
    lines = StatementLine.objects.filter(account=account, day__lte=on).exclude(state=State.FAILED)
    since = lines.aggregate(first=Min("day"))["first"]
    statements = Statement.objects.filter(account=account, state=Statement.State.READ)
    newest = statements.filter(last_day__lte=on).order_by("-last_day", "-pk").first()
    until = newest.last_day if newest else None
    days = JournalDay.objects.filter(site__in=sites, account__code=account.code, day__lte=on)
    moved = lines.aggregate(total=Sum(F("amount") - F("fee"), default=0))["total"]
    if since is None:
        return Comparison(account, on, None, None, opening=_balance(days))
    here = lines.filter(state__in=StatementLine.OPEN)
    there = unproved(account, sites, since, on)
    return Comparison(
        account=account,
        on=on,
        since=since,
        until=until,
        opening=_balance(days.filter(day__lt=since)),
        journal=_balance(days.filter(day__gte=since)),
        moved=moved,
        closing=newest.closing if newest else None,
        unknown_here=list(here.select_related("site").order_by("-day", "-pk")[:SHOWN]),
        unknown_here_amount=here.aggregate(total=Sum("amount", default=0))["total"],
        unknown_there=list(
            there.select_related("entry__payment__lease__tenant", "site").order_by(
                "-value_date", "-pk"
            )[:SHOWN]
        ),
        unknown_there_amount=there.aggregate(total=Sum("amount", default=0))["total"],
        on_its_way=there.filter(value_date__gt=on - ON_ITS_WAY).aggregate(
            total=Sum("amount", default=0)
        )["total"],
    )


def _balance(days) -> int:
    sums = days.aggregate(debit=Sum("debit", default=0), credit=Sum("credit", default=0))
    return sums["debit"] - sums["credit"]


def unproved(account: MoneyAccount, sites: Sequence[str], since: datetime.date, on: datetime.date):
    """Return the journal lines of ``account`` between two days that no line of a statement proves.

    A payment is proved by its match, other entries by the line that names them. A reversal inside
    the days takes its original with it.
    """
    # By a line of any account: one entry took the money from where the office had booked it.
    proved = LinePart.objects.filter(site__in=sites, undone_at=None).values("payment")
    lines = JournalLine.objects.filter(
        site__in=sites, account__code=account.code, value_date__range=(since, on)
    )
    told = StatementLine.objects.filter(account=account)
    return (
        lines.exclude(entry__kind__in=[JournalEntry.Kind.SUSPENSE, JournalEntry.Kind.MOVEMENT])
        .exclude(entry__reverses__kind__in=[JournalEntry.Kind.SUSPENSE, JournalEntry.Kind.MOVEMENT])
        .exclude(entry__payment__in=proved)
        .exclude(entry__payment__status=Payment.Status.CANCELLED)
        .exclude(entry__in=told.filter(entry__isnull=False).values("entry"))
        .exclude(entry__in=Proof.objects.filter(line__account=account).values("entry"))
        .exclude(Q(entry__reversals__isnull=False) | Q(entry__reverses__isnull=False))
    )


@verb("payment.reconcile")
def reconcile(*, actor, account: MoneyAccount, on: datetime.date) -> Reconciliation:
    """Compare ``account`` as of ``on`` and keep what was found; once a day, the last one counts."""
    found = compare(account, on)
    kept, _is_new = Reconciliation.objects.update_or_create(
        account=account,
        day=on,
        defaults={
            "site_id": account.site_id,
            "made_at": timezone.now(),
            "journal": found.opening + found.journal,
            "statement": found.closing,
            "missing_here": found.unknown_here_amount,
            "missing_there": found.unknown_there_amount,
            "agrees": found.agrees,
            "detail": {
                "since": found.since and found.since.isoformat(),
                "until": found.until and found.until.isoformat(),
                "moved": found.moved,
                "unexplained": found.unexplained,
                "is_stale": found.is_stale,
            },
        },
    )
    renew(f"site:{account.site_id}")
    return kept


def reconcile_all(on: datetime.date) -> list[Reconciliation]:
    """Compare every account that ever had a statement; what fails is told in the log.

    What a worker left unposted when it was stopped is posted first.
    """
    actor = User.objects.system()
    made = []
    accounts = MoneyAccount.objects.filter(is_active=True, lines__isnull=False).distinct()
    for account in accounts.select_related("site").order_by("pk"):
        try:
            post_certain(account)
            made.append(reconcile(actor=actor, account=account, on=on))
        except BusinessError as refusal:
            logger.warning("Reconciliation of %s: %s", account, refusal)
    return made


def newest_reconciliations(sites: Sequence[str]) -> list[Reconciliation]:
    """Return the last comparison of each account in use of some branches."""
    rows = Reconciliation.objects.filter(account__site__in=sites, account__is_active=True)
    rows = (
        rows.select_related("account__site").order_by("account_id", "-day").distinct("account_id")
    )
    return list(rows)


def disagreeing(sites: Sequence[str]) -> list[Reconciliation]:
    """Return the newest comparisons of the branches that do not agree: the day's alerts."""
    return [row for row in newest_reconciliations(sites) if not row.agrees]
