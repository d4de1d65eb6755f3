"""The self-audit and the end of the month: what is checked, in words, and where its proof lies."""

import datetime
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from dateutil.relativedelta import relativedelta
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments import metrics
from reporting.reports.finance import FinanceReport, finance_report
from sites_app.models import Site


@dataclass(frozen=True)
class Question:
    """What a check asks, what is said when it fails, and the page that proves it."""

    label: str | Promise
    wrong: str | Promise
    proof: str = ""
    asked: str = ""  # parameters of the proof's address


QUESTIONS = {
    "journal": Question(
        _("The journal sums to zero"),
        _("Debits and credits differ"),
        "payments:trial_balance",
    ),
    "receipts": Question(
        _("Receipt numbers have no gap"), _("Numbers are missing"), "payments:receipt_list"
    ),
    "payments": Question(
        _("Each payment has one receipt"),
        _("Payments and receipts differ"),
        "payments:payment_list",
    ),
    "books": Question(
        _("Totals and allocations agree with the entries (full check of the night)"),
        _("Never checked, not checked for two days, or differing"),
        "reporting:self_audit",
        "detail=books",
    ),
    "client_money": Question(
        _("The money at hand covers owners and deposits"),
        _("Less money lies in tills, banks and wallets than is owed"),
        "payments:trial_balance",
    ),
    "suspense": Question(
        _("No unknown money waits"), _("Lines wait among the unknown money"), "payments:inbox"
    ),
    "attempts": Question(
        _("No mobile-money attempt is open for over a day"),
        _("Attempts wait for their provider"),
        "payments:attempt_list",
    ),
    "claims": Question(
        _("What tenants said they paid is decided"),
        _("Claims wait for the cashier"),
        "payments:claim_list",
    ),
    "statements": Question(
        _("The statements are up to date"),
        _("Accounts lack their last statement"),
        "payments:statement_list",
    ),
    "reconciliations": Question(
        _("Banks and wallets agree with the journal"),
        _("Accounts differ from their statement"),
        "payments:reconciliation_list",
    ),
    "payouts": Question(
        _("Payouts to owners are decided"),
        _("Payout runs wait for approval"),
        "payments:payout_run_list",
    ),
    "payouts_proved": Question(
        _("Payouts to owners stand on a statement of the bank"),
        _("Payouts are not on a statement after two weeks"),
        "payments:inbox",
    ),
    "bank_deposits": Question(
        _("What was carried to the bank has arrived"),
        _("Deposits at the bank are on their way for over five days"),
        "payments:bank_deposit_list",
    ),
    "hand_overs": Question(
        _("Hand-overs of cash are confirmed"),
        _("Hand-overs wait for their receiver"),
        "payments:hand_over_list",
    ),
    "tills": Question(
        _("The till was counted on each of its days"),
        _("Days of the till are not closed"),
        "payments:closing_list",
    ),
    "history": Question(
        _("Every change leaves its trace"),
        _("The database lacks guards that keep history"),
        "reporting:self_audit",
        "detail=history",
    ),
    "restore": Question(_("A backup was restored for a test"), _("No restore test is on record")),
    "rent": Question(
        _("The rent of the month is charged"),
        _("The rent run is missing, or refused leases"),
        "payments:charge_rent",
    ),
    "costs": Question(
        _("The agency's costs of the month are entered"),
        _("No cost is entered"),
        "payments:cost_list",
    ),
}


@dataclass(frozen=True)
class Line:
    """A check as people read it."""

    check: metrics.Check
    label: str
    wrong: str
    proof: str
    where: str = ""

    @property
    def state(self) -> str:
        """The state whose badge it wears."""
        return {True: "done", False: "failed", None: "plain"}[self.check.ok]


def lines_of(checks: Sequence[metrics.Check], sites: Sequence[Site]) -> list[Line]:
    """Put ``checks`` of ``sites`` in words, with the address of each proof ("" without one)."""
    names = {site.pk: site.name for site in sites}
    lines = []
    for check in checks:
        question = QUESTIONS[check.name]
        address = _address(question.proof)
        if address and question.asked:
            address = f"{address}?{question.asked}"
        where = ", ".join(str(names[code]) for code in check.sites) if len(sites) > 1 else ""
        lines.append(Line(check, str(question.label), str(question.wrong), address, where))
    return lines


def _address(name: str) -> str:
    try:
        return reverse(name) if name else ""
    except NoReverseMatch:
        return ""


def month_reports(site: Site, month: datetime.date) -> dict:
    """Return the reports of a month of ``site`` as JSON: what a closing freezes.

    ``finance``, ``trial_balance`` and ``arrears`` as of the month's last evening; amounts in minor
    units of ``currency``.
    """
    last = month + relativedelta(months=1, days=-1)
    finance = finance_report([site], "1m", last)
    (arrears,) = metrics.arrears_by_site([site], last).values()
    return {
        "currency": site.currency,
        "finance": _finance(finance),
        "trial_balance": [
            {"code": row.code, "debit": row.debit, "credit": row.credit}
            for row in metrics.trial_balance([site.pk], last)
        ],
        "arrears": {
            name: getattr(arrears, name)
            for name in (
                "leases", "d0_30", "d31_60", "d61_90", "d90_plus", "arrears", "advances", "balance"
            )
        },
    }  # fmt: skip


def checklist_of(checks: Sequence[metrics.Check]) -> list[dict]:
    """Return ``checks`` as JSON, to be kept; ``checks_of`` reads them again."""
    return [
        {
            "name": check.name,
            "ok": check.ok,
            "number": check.number,
            "since": check.since and str(check.since),
        }
        for check in checks
    ]


def checks_of(checklist: Sequence[dict]) -> list[metrics.Check]:
    return [
        metrics.Check(
            point["name"],
            point["ok"],
            number=point["number"],
            since=point["since"] and datetime.date.fromisoformat(point["since"]),
        )
        for point in checklist
    ]


def _finance(report: FinanceReport) -> dict:
    (section,) = report.sections
    return {
        "first": str(report.first),
        "last": str(report.last),
        "income": section.income.total,
        "payments": section.income.count,
        "costs": section.costs.total,
        "costs_by_category": section.costs.by_category,
        "net": section.net,
        "commission": section.own.commission,
        "late_fees": section.own.late_fees,
        "result": section.own.result,
        "methods": {method: asdict(total) for method, total in section.methods},
    }
