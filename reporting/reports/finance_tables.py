"""The finance report arranged as tables for spreadsheets, with the words of the reader."""

from collections.abc import Sequence

from babel.dates import format_date
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from payments.models import AgencyCost, Payment
from reporting.exports import Amount, Sheet
from reporting.reports.finance import FinanceReport, Line, Section
from sites_app.models import Site


def sheets_of(report: FinanceReport, sites: Sequence[Site]) -> list[Sheet]:
    """Return the tables of ``report``; ``sites`` give the branches their names."""
    names = {site.pk: site.name for site in sites}
    return [
        sheet
        for section in report.sections
        for sheet in (
            _summary(report, section),
            _months(section),
            _branches(section, names),
            _methods(section),
            _houses(section, names),
        )
    ]


def _summary(report: FinanceReport, section: Section) -> Sheet:
    def money(amount: int) -> Amount:
        return Amount(amount, section.currency)

    income = section.income
    categories = dict(AgencyCost.Category.choices)
    rows = [
        (_("From"), None, report.first),
        (_("To"), None, report.last),
        (_("Income"), income.count, money(income.total)),
        (_("on time"), income.on_time.number, money(income.on_time.amount)),
        (_("late"), income.late.number, money(income.late.amount)),
        (_("partial"), income.partial.number, money(income.partial.amount)),
        *(
            (_("Costs: %(category)s") % {"category": categories[category]}, None, money(amount))
            for category, amount in section.costs.by_category.items()
        ),
        (_("Costs"), None, money(section.costs.total)),
        (_("Net"), None, money(section.net)),
        (_("Margin, %"), None, section.margin_percent),
        (_("Commission"), None, money(section.own.commission)),
        (_("Late fees"), None, money(section.own.late_fees)),
        (_("The agency's own result"), None, money(section.own.result)),
        (_("Arrears"), section.arrears.leases, money(section.arrears.arrears)),
    ]
    return Sheet(_titled(_("Summary"), section), [_("Line"), _("Count"), section.currency], rows)


def _months(section: Section) -> Sheet:
    language = (get_language() or "fr").partition("-")[0]
    locale = language if language in ("fr", "en") else "fr"
    rows = [
        (format_date(line.key, "MMMM y", locale=locale), *_amounts(line, section.currency))
        for line in section.months
    ]
    heads = [_("Month"), *_heads()]
    return Sheet(_titled(_("By month"), section), heads, rows, _total(section))


def _branches(section: Section, names: dict[str, str]) -> Sheet:
    rows = [
        (
            names.get(line.key, line.key),
            *_amounts(line, section.currency),
            Amount(line.arrears, section.currency),
        )
        for line in section.branches
    ]
    foot = (*_total(section), Amount(section.arrears.arrears, section.currency))
    heads = [_("Branch"), *_heads(), _("Arrears")]
    return Sheet(_titled(_("By branch"), section), heads, rows, foot)


def _methods(section: Section) -> Sheet:
    words = dict(Payment.Method.choices)
    rows = [
        (capfirst(words[method]), total.number, Amount(total.amount, section.currency))
        for method, total in section.methods
    ]
    foot = (_("Total"), section.income.count, Amount(section.income.total, section.currency))
    heads = [_("Method"), _("Payments"), section.currency]
    return Sheet(_titled(_("By method"), section), heads, rows, foot)


def _houses(section: Section, names: dict[str, str]) -> Sheet:
    def money(amount: int) -> Amount:
        return Amount(amount, section.currency)

    rows = [
        (row.name, row.owner, names.get(row.site, row.site), row.number, money(row.amount))
        for row in section.houses
    ]
    others = section.other_houses
    if others.number or others.amount:
        rows.append((_("Other properties"), None, None, others.number, money(others.amount)))
    foot = (_("Total"), None, None, section.income.count, money(section.income.total))
    heads = [_("Property"), _("Owner"), _("Branch"), _("Payments"), section.currency]
    return Sheet(_titled(_("By property"), section), heads, rows, foot)


def _heads() -> list[str]:
    return [
        _("Payments"), _("Income"), _("Costs"), _("Net"), _("Commission"), _("Late fees"),
        _("The agency's own result"),
    ]  # fmt: skip


def _amounts(line: Line, currency: str) -> tuple:
    amounts = (
        line.income.amount, line.costs, line.net, line.commission, line.late_fees, line.result,
    )  # fmt: skip
    return (line.income.number, *(Amount(amount, currency) for amount in amounts))


def _total(section: Section) -> tuple:
    amounts = (
        section.income.total, section.costs.total, section.net, section.own.commission,
        section.own.late_fees, section.own.result,
    )  # fmt: skip
    return (_("Total"), section.income.count, *(Amount(x, section.currency) for x in amounts))


def _titled(title: str, section: Section) -> str:
    return f"{title} {section.currency}"
