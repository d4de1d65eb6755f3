"""The figures of money.

Functions take branches that the caller has narrowed (``Site.objects.visible_to(user)``) and a span
of days; they return frozen dataclasses of whole numbers. Nothing is ever added across currencies.
"""

from payments.metrics.audit import Check, month_end, self_audit
from payments.metrics.balances import LeaseBalance, balances
from payments.metrics.books import AccountBalance, trial_balance
from payments.metrics.debts import (
    AGES,
    BUCKETS,
    Ageing,
    AgeingPage,
    AgeingRow,
    AgeingTotal,
    add_up,
    ageing,
    ageing_page,
    arrears_by_site,
)
from payments.metrics.income import (
    COMMISSION,
    LATE_FEES,
    Counted,
    Earned,
    HouseIntake,
    Intake,
    Punctuality,
    Spent,
    charged,
    earned,
    held_in,
    intake,
    intake_by_property,
    punctuality,
    spent,
    total_of,
)
from payments.metrics.owners import OwnerFigures, OwnerHouse, owner_figures
from payments.metrics.statements import Statement, StatementLine, charge_label, statement

__all__ = [
    "AGES",
    "BUCKETS",
    "COMMISSION",
    "LATE_FEES",
    "AccountBalance",
    "Ageing",
    "AgeingPage",
    "AgeingRow",
    "AgeingTotal",
    "Check",
    "Counted",
    "Earned",
    "HouseIntake",
    "Intake",
    "LeaseBalance",
    "OwnerFigures",
    "OwnerHouse",
    "Punctuality",
    "Spent",
    "Statement",
    "StatementLine",
    "add_up",
    "ageing",
    "ageing_page",
    "arrears_by_site",
    "balances",
    "charge_label",
    "charged",
    "earned",
    "held_in",
    "intake",
    "intake_by_property",
    "month_end",
    "owner_figures",
    "punctuality",
    "self_audit",
    "spent",
    "statement",
    "total_of",
    "trial_balance",
]
