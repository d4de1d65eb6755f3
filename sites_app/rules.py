"""The dated rules of a branch: what they are called, what they mean, what they start with.

``rules_for(site, on=day)`` is the only place that reads them. No rate stands anywhere else.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akig.lib.errors import BusinessError
from sites_app.models.branches import BranchRule


class RuleValueRefused(BusinessError):
    """The text is no value of this rule."""


def percent(text: str) -> Decimal:
    """Read a rate from 0 to 100 with at most two decimals ("7.5", "7,5 %")."""
    try:
        value = Decimal(text.replace("%", "").replace(",", ".").strip())
    except InvalidOperation:
        value = Decimal(-1)
    if not 0 <= value <= 100 or value != value.quantize(Decimal("0.01")):
        raise RuleValueRefused(
            _("Write a percentage from 0 to 100, for example 7.5."),
            fields={"value": _("Write a percentage from 0 to 100, for example 7.5.")},
        )
    return value


def whole(text: str) -> int:
    """Read a whole number from 0 on (days, months, minor units)."""
    digits = "".join(text.split())
    if not digits.isascii() or not digits.isdigit() or len(digits) > 13:
        raise RuleValueRefused(
            _("Write a whole number, for example 30."),
            fields={"value": _("Write a whole number, for example 30.")},
        )
    return int(digits)


def at_least_one(text: str) -> int:
    value = whole(text)
    if value < 1:
        raise RuleValueRefused(
            _("Write a whole number, for example 30."),
            fields={"value": _("Write a whole number, for example 30.")},
        )
    return value


def day_of_month(text: str) -> int:
    value = whole(text)
    if not 1 <= value <= 28:
        raise RuleValueRefused(
            _("Write a day of the month from 1 to 28."),
            fields={"value": _("Write a day of the month from 1 to 28.")},
        )
    return value


def words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def one_of(*choices: str):
    def read(text: str) -> str:
        if text not in choices:
            sentence = _("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)}
            raise RuleValueRefused(sentence, fields={"value": sentence})
        return text

    return read


@dataclass(frozen=True)
class Rule:
    """A rule's name for people, how its text is read, and the value it has before any is set."""

    label: str
    read: callable
    default: str


RULES = {
    "tpa_percent": Rule(gettext_lazy("Branch tax (TPA) on the rent, %"), percent, "0"),
    "vat_percent": Rule(gettext_lazy("VAT on agency fees, %"), percent, "18"),
    "commission_percent": Rule(gettext_lazy("Commission without a mandate, %"), percent, "10"),
    "withholding_percent": Rule(gettext_lazy("Tax withheld from owners, %"), percent, "0"),
    "late_fee_percent": Rule(gettext_lazy("Late fee on what is late, %"), percent, "10"),
    "late_fee_grace_days": Rule(gettext_lazy("Days of grace before the late fee"), whole, "5"),
    "rent_due_day": Rule(gettext_lazy("Day on which the rent is due"), day_of_month, "5"),
    "deposit_months": Rule(gettext_lazy("Usual deposit, months of rent"), whole, "2"),
    "deposit_months_max": Rule(gettext_lazy("Largest deposit, months of rent"), whole, "3"),
    "deposit_return_days": Rule(gettext_lazy("Days to return the deposit"), whole, "30"),
    "notice_days": Rule(gettext_lazy("Notice of a tenant, days"), whole, "30"),
    "owner_notice_days": Rule(gettext_lazy("Notice of an owner, unfurnished, days"), whole, "90"),
    "eviction_days": Rule(gettext_lazy("Eviction, days"), whole, "15"),
    "maintenance_days": Rule(gettext_lazy("Answer to a fault, days"), whole, "5"),
    "dispute_days": Rule(gettext_lazy("Settling a dispute, days"), whole, "60"),
    "dispute_step_days": Rule(gettext_lazy("Next step of a dispute, days"), whole, "3"),
    "max_cash": Rule(gettext_lazy("Largest payment in cash (0: no limit)"), whole, "0"),
    "owner_cost_threshold": Rule(
        gettext_lazy("Cost of an owner above which a second person approves"), whole, "1000000"
    ),
    "cancel_threshold": Rule(
        gettext_lazy(
            "Payments cancelled by one person in 30 days above which a second person approves"
        ),
        whole,
        "5000000",
    ),
    "waiver_threshold": Rule(
        gettext_lazy(
            "Charges of one tenant waived in 30 days above which a second person approves"
        ),
        whole,
        "2000000",
    ),
    "discount_threshold": Rule(
        gettext_lazy(
            "Rent lowered in 90 days, by so much a month, above which a second person approves"
        ),
        whole,
        "500000",
    ),
    "approval_days": Rule(gettext_lazy("Days until a request for approval expires"), whole, "7"),
    "agent_cash_limit": Rule(
        gettext_lazy("Cash an agent may carry before a warning (0: no limit)"), whole, "5000000"
    ),
    "detour_percent": Rule(gettext_lazy("What roads add to the straight line, %"), percent, "30"),
    "travel_speed": Rule(gettext_lazy("Speed on the way, km/h"), at_least_one, "18"),
    "visit_minutes": Rule(gettext_lazy("Duration of a visit, minutes"), whole, "15"),
    "visits_per_day": Rule(gettext_lazy("Visits of an agent a day, at most"), at_least_one, "20"),
    "methods": Rule(
        gettext_lazy("Methods of payment accepted"),
        words,
        "cash,cheque,bank_transfer,orange_money,mtn_momo,wave,merchant_code,other",
    ),
    "allocation": Rule(
        gettext_lazy("What a payment pays first"), one_of("oldest", "rent_first"), "oldest"
    ),
}


#: The words that stand in rules, for people.
WORDS = {
    "cash": gettext_lazy("cash"),
    "cheque": gettext_lazy("cheque"),
    "bank_transfer": gettext_lazy("bank transfer"),
    "orange_money": gettext_lazy("Orange Money"),
    "mtn_momo": gettext_lazy("MTN MoMo"),
    "wave": gettext_lazy("Wave"),
    "merchant_code": gettext_lazy("merchant code"),
    "other": gettext_lazy("other"),
    "oldest": gettext_lazy("the oldest due first"),
    "rent_first": gettext_lazy("rent before the rest"),
}


class Rules:
    """The rules of one branch on one day, as attributes: ``rules.rent_due_day``."""

    def __init__(self, values: dict[str, str]):
        self._texts = values

    def __getattr__(self, name):
        if name.startswith("_") or name not in RULES:
            raise AttributeError(name)
        rule = RULES[name]
        return rule.read(self._texts.get(name, rule.default))

    def shown(self, name: str) -> str:
        """Return the value of a rule as people read it."""
        text = self._texts.get(name, RULES[name].default)
        return ", ".join(str(WORDS.get(word, word)) for word in words(text)) or text

    def is_set(self, name: str) -> bool:
        """Tell whether the branch decided this rule, or the default holds."""
        return name in self._texts


# Written out, for every act asks it: the ORM takes longer to write it than PostgreSQL to answer.
HELD = """
SELECT DISTINCT ON (site_id, name) site_id, name, value FROM sites_app_branchrule
 WHERE site_id = ANY(%s) AND valid_from <= %s ORDER BY site_id, name, valid_from DESC
"""


def rules_for(site, *, on: datetime.date | None = None) -> Rules:
    """Return the rules of ``site`` (a ``Site`` or its code) as they hold on a day (today)."""
    code = getattr(site, "pk", site)
    return rules_of([code], on=on)[code]


def rules_of(sites: Iterable[str], *, on: datetime.date | None = None) -> dict[str, Rules]:
    """Return the rules of each branch (by its code) as they hold on a day (today)."""
    values: dict[str, dict[str, str]] = {code: {} for code in sites}
    with connection.cursor() as cursor:
        cursor.execute(HELD, [list(values), on or timezone.localdate()])
        for code, name, value in cursor.fetchall():
            values[code][name] = value
    return {code: Rules(held) for code, held in values.items()}


def rule_as_of(name: str, *, site: str = "site", on: str) -> Subquery:
    """Return the expression of the text of a rule by columns of the row: its branch and a day.

    Empty (None) where the default holds; ``RULES[name].read`` makes a value of it.
    """
    rows = BranchRule.objects.filter(
        site=OuterRef(site), name=name, valid_from__lte=OuterRef(on)
    ).order_by("-valid_from")
    return Subquery(rows.values("value")[:1])
