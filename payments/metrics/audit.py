"""What must hold in the agency's money, asked live. Each question is one ``Check``: green or red.

Every question reads maintained totals or narrow indexes, so that a page may ask them all; what
needs every row of the books is done at night and its result is one check here (``books``).
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pgtrigger
from dateutil.relativedelta import relativedelta
from django.db import connection
from django.db.models import Count, Exists, Max, Min, OuterRef, Sum
from django.utils import timezone

from payments.metrics.receipts import numbers_of
from payments.models import (
    Account,
    AgencyCost,
    Attempt,
    BankDeposit,
    BooksCheck,
    DayClosing,
    HandOver,
    JournalDay,
    MoneyAccount,
    Payment,
    PaymentClaim,
    Payout,
    PayoutRun,
    Proof,
    Receipt,
    Reconciliation,
    RentRun,
    StatementLine,
)
from sites_app.models import Site

Code = Account.Code
CHECK_HOURS = 48
SUSPENSE_DAYS = 7
ATTEMPT_HOURS = 24
STATEMENT_DAYS = 7
PREPARED_DAYS = 7
HAND_OVER_HOURS = 24
PROOF_DAYS = 14
ARRIVAL_DAYS = 5

#: Accounts of money at hand: tills, agents, cheques, banks, wallets, money on its way.
MONEY = ("571", "513", "521", "55", "585")


@dataclass(frozen=True)
class Check:
    """One question and its answer: ``ok`` is None where there is nothing to ask about.

    ``sites`` are the branches that fail, ``number`` how many rows do, ``amount`` (minor units of
    the one currency there is, else None) what they come to, ``since`` the oldest day of them.
    """

    name: str
    ok: bool | None
    sites: tuple[str, ...] = ()
    number: int = 0
    amount: int | None = None
    currency: str = ""
    since: datetime.date | None = None
    detail: tuple[str, ...] = field(default=())


def self_audit(sites: Sequence[Site]) -> list[Check]:
    """Return every check over ``sites``, in the order in which an auditor asks."""
    codes = [site.pk for site in sites]
    now = timezone.now()
    return [
        journal_sums(codes),
        receipts_gapless(codes),
        receipt_per_payment(codes),
        books_checked(codes, now),
        client_money(sites),
        suspense(codes, timezone.localdate() - datetime.timedelta(days=SUSPENSE_DAYS)),
        attempts_open(codes, now - datetime.timedelta(hours=ATTEMPT_HOURS)),
        statements_reach(codes, timezone.localdate() - datetime.timedelta(days=STATEMENT_DAYS)),
        reconciled(codes),
        payouts_decided(codes, now - datetime.timedelta(days=PREPARED_DAYS)),
        payouts_proved(codes, timezone.localdate() - datetime.timedelta(days=PROOF_DAYS)),
        money_arrived(codes, timezone.localdate() - datetime.timedelta(days=ARRIVAL_DAYS)),
        hand_overs_confirmed(codes, now - datetime.timedelta(hours=HAND_OVER_HOURS)),
        history_complete(),
        # A restore test leaves no trace yet: nobody may read this line as green.
        Check("restore", None),
    ]


def month_end(site: Site, month: datetime.date) -> list[Check]:
    """Return what should be done before ``month`` (its first day) of ``site`` is closed."""
    codes = [site.pk]
    last = month + relativedelta(months=1, days=-1)
    evening = timezone.make_aware(
        datetime.datetime.combine(last + datetime.timedelta(days=1), datetime.time.min)
    )
    return [
        rent_charged(codes, month),
        costs_entered(codes, month),
        statements_reach(codes, last),
        suspense(codes, last),
        attempts_open(codes, evening),
        claims_decided(codes, evening),
        hand_overs_confirmed(codes, evening),
        tills_counted(codes, month, last),
        payouts_decided(codes, evening),
        receipts_gapless(codes),
        receipt_per_payment(codes),
        books_checked(codes, timezone.now()),
        client_money([site]),
    ]


def journal_sums(codes: Sequence[str]) -> Check:
    """The debits of each branch are its credits."""
    rows = (
        JournalDay.objects.filter(site__in=codes)
        .values("site")
        .annotate(left=Sum("debit") - Sum("credit"))
        .exclude(left=0)
    )
    wrong = {row["site"]: row["left"] for row in rows}
    return _check("journal", wrong, amount=sum(wrong.values()) if wrong else None)


def receipts_gapless(codes: Sequence[str]) -> Check:
    """Each counter's last number is the number of its receipts, this year and the last."""
    this_year = timezone.localdate().year
    wrong: dict[str, int] = {}
    for numbers in (*numbers_of(codes, this_year - 1), *numbers_of(codes, this_year)):
        if numbers.missing:
            wrong[numbers.site] = wrong.get(numbers.site, 0) + numbers.missing
    return _check("receipts", wrong, number=sum(wrong.values()))


def receipt_per_payment(codes: Sequence[str]) -> Check:
    """As many receipts of money were numbered as payments were recorded."""
    paid = _numbers(Payment.objects.filter(site__in=codes))
    given = _numbers(Receipt.objects.filter(site__in=codes, kind=Receipt.Kind.RECEIPT))
    wrong = {
        code: paid.get(code, 0) - given.get(code, 0)
        for code in codes
        if paid.get(code, 0) != given.get(code, 0)
    }
    return _check("payments", wrong, number=sum(abs(number) for number in wrong.values()))


def books_checked(codes: Sequence[str], now: datetime.datetime) -> Check:
    """The last full check of each branch is recent and found no difference."""
    latest = (
        BooksCheck.objects.filter(site__in=codes)
        .order_by("site_id", "-made_at")
        .distinct("site_id")
    )
    found = {check.site_id: check for check in latest}
    fresh = now - datetime.timedelta(hours=CHECK_HOURS)
    wrong = {
        code: len(found[code].differences) if code in found else 0
        for code in codes
        if code not in found or found[code].differences or found[code].made_at < fresh
    }
    detail = [difference for check in found.values() for difference in check.differences]
    since = min((check.made_at for check in found.values()), default=None)
    return _check(
        "books",
        wrong,
        number=sum(wrong.values()),
        since=timezone.localdate(since) if since else None,
        detail=tuple(detail[:20]),
    )


def client_money(sites: Sequence[Site]) -> Check:
    """What lies in tills, banks and wallets covers what is owed to owners and to tenants.

    Per branch: money at hand - (owners' share collected and not paid out, less what they owe for
    costs) - deposits held - unknown money; red where that is below zero.
    """
    rows = (
        JournalDay.objects.filter(site__in=[site.pk for site in sites])
        .values("site", "account__code")
        .annotate(balance=Sum("debit") - Sum("credit"))
    )
    left: dict[str, int] = dict.fromkeys((site.pk for site in sites), 0)
    owed = (Code.OWNER_PAYABLE, Code.OWNER_ADVANCE, Code.DEPOSITS, Code.SUSPENSE)
    for row in rows:
        if row["account__code"].startswith(MONEY) or row["account__code"] in owed:
            left[row["site"]] += row["balance"]
    wrong = {code: amount for code, amount in left.items() if amount < 0}
    currencies = {site.currency for site in sites}
    return _check(
        "client_money",
        wrong,
        amount=sum(left.values()) if len(currencies) == 1 else None,
        currency=currencies.pop() if len(currencies) == 1 else "",
    )


def suspense(codes: Sequence[str], until: datetime.date) -> Check:
    """No money of ``until`` or before waits in the inbox."""
    rows = StatementLine.objects.filter(
        site__in=codes, state__in=StatementLine.OPEN, day__lte=until
    )
    return _of_rows("suspense", rows, "day")


def attempts_open(codes: Sequence[str], before: datetime.datetime) -> Check:
    rows = Attempt.objects.filter(site__in=codes, state__in=Attempt.OPEN, created_at__lt=before)
    return _of_rows("attempts", rows, "created_at")


def claims_decided(codes: Sequence[str], before: datetime.datetime) -> Check:
    rows = PaymentClaim.objects.filter(
        site__in=codes, state=PaymentClaim.State.WAITING, made_at__lt=before
    )
    return _of_rows("claims", rows, "made_at")


def hand_overs_confirmed(codes: Sequence[str], before: datetime.datetime) -> Check:
    rows = HandOver.objects.filter(
        site__in=codes, state=HandOver.State.DECLARED, given_at__lt=before
    )
    return _of_rows("hand_overs", rows, "given_at")


def payouts_decided(codes: Sequence[str], before: datetime.datetime) -> Check:
    """No payout run prepared before ``before`` waits for its approval."""
    rows = PayoutRun.objects.filter(
        site__in=codes, state=PayoutRun.State.PREPARED, prepared_at__lt=before
    )
    return _of_rows("payouts", rows, "prepared_at")


def payouts_proved(codes: Sequence[str], until: datetime.date) -> Check:
    """Each payout by bank or wallet of ``until`` or before stands on a statement, too."""
    proof = Proof.objects.filter(entry=OuterRef("entry"))
    rows = Payout.objects.filter(
        ~Exists(proof),
        site__in=codes,
        state=Payout.State.PAID,
        amount__gt=0,
        paid_from__isnull=False,
        run__value_date__lte=until,
    )
    return _of_rows("payouts_proved", rows, "run__value_date")


def money_arrived(codes: Sequence[str], until: datetime.date) -> Check:
    """What was carried to the bank until ``until`` has arrived on its statement."""
    rows = BankDeposit.objects.filter(site__in=codes, line=None, day__lte=until)
    return _of_rows("bank_deposits", rows, "day")


def statements_reach(codes: Sequence[str], day: datetime.date) -> Check:
    """The statements of every account that has any reach ``day``."""
    reached = (
        MoneyAccount.objects.filter(
            site__in=codes, is_active=True, statements__last_day__gt="1900-01-01"
        )
        .annotate(last=Max("statements__last_day"))
        .values_list("site", "last")
    )
    accounts = list(reached)
    if not accounts:
        return Check("statements", None)
    late = [(site, last) for site, last in accounts if last < day]
    return _check(
        "statements",
        dict(late),
        number=len(late),
        since=min((last for _site, last in late), default=None),
    )


def reconciled(codes: Sequence[str]) -> Check:
    """The last reconciliation of every account found nothing unexplained."""
    latest = (
        Reconciliation.objects.filter(site__in=codes)
        .order_by("account_id", "-day")
        .distinct("account_id")
    )
    rows = list(latest)
    if not rows:
        return Check("reconciliations", None)
    wrong = [row for row in rows if not row.agrees]
    return _check(
        "reconciliations",
        {row.site_id: row for row in wrong},
        number=len(wrong),
        since=min((row.day for row in wrong), default=None),
    )


def rent_charged(codes: Sequence[str], month: datetime.date) -> Check:
    """The rent of ``month`` was charged to the end, and no lease was refused."""
    runs = RentRun.objects.filter(site__in=codes, month=month, finished_at__isnull=False)
    latest = {run.site_id: run for run in runs.order_by("started_at")}
    wrong = {code: 1 for code in codes if code not in latest or latest[code].failed}
    failed = sum(len(run.failed) for run in latest.values())
    return _check("rent", wrong, number=failed)


def costs_entered(codes: Sequence[str], month: datetime.date) -> Check:
    entered = set(
        AgencyCost.objects.filter(site__in=codes, month=month).values_list("site", flat=True)
    )
    return _check("costs", {code: 1 for code in codes if code not in entered})


def tills_counted(codes: Sequence[str], first: datetime.date, last: datetime.date) -> Check:
    """Each day of the month on which a till moved was closed with a count."""
    moved = set(
        JournalDay.objects.filter(
            site__in=codes, account__code=Code.CASH, day__range=(first, last)
        ).values_list("site", "day")
    )
    counted = set(
        DayClosing.objects.filter(
            site__in=codes, account__code=Code.CASH, day__range=(first, last)
        ).values_list("site", "day")
    )
    missing = sorted(moved - counted, key=lambda pair: pair[1])
    return _check(
        "tills",
        dict(missing),
        number=len(missing),
        since=missing[0][1] if missing else None,
    )


def history_complete() -> Check:
    """Every trigger that keeps history or guards rows is in the database, and switched on."""
    expected = {trigger.get_pgid(model) for model, trigger in pgtrigger.registered()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'pgtrigger_%%' AND tgenabled <> 'D'"
        )
        there = {name for (name,) in cursor.fetchall()}
    missing = sorted(expected - there)
    return Check("history", not missing, number=len(missing), detail=tuple(missing[:20]))


def _numbers(rows) -> dict[str, int]:
    counted = rows.order_by().values("site").annotate(number=Count("*"))
    return {row["site"]: row["number"] for row in counted}


def _of_rows(name: str, rows, when: str) -> Check:
    """Return the check that there are none of ``rows``."""
    found = list(rows.order_by().values("site").annotate(number=Count("*"), since=Min(when)))
    since = min((row["since"] for row in found), default=None)
    if isinstance(since, datetime.datetime):
        since = timezone.localdate(since)
    return _check(
        name,
        {row["site"]: row for row in found},
        number=sum(row["number"] for row in found),
        since=since,
    )


def _check(name: str, wrong: Iterable[str], **found) -> Check:
    return Check(name, ok=not wrong, sites=tuple(sorted(wrong)), **found)
