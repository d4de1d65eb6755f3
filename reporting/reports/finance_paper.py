"""The finance report on paper: the same figures and charts as the page."""

import datetime
from collections.abc import Sequence

from babel.dates import format_date
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from akig.lib.charts import bars
from akig.lib.pdf import LANGUAGES, paper
from payments import metrics
from payments.documents import agency
from payments.models import AgencyCost, Payment
from reporting.reports.finance import FinanceReport, Section
from sites_app.models import Site


def finance_pdf(
    report: FinanceReport,
    sites: Sequence[Site],
    *,
    printed_by: str,
    language: str = "fr",
    seconds: float | None = None,
) -> bytes:
    """Return ``report`` as an A4 PDF; ``sites`` are its branches.

    Raises ``workshop.Busy`` when laying it out takes longer than ``seconds``
    (``workshop.PATIENCE`` unless given).
    """
    language = language if language in LANGUAGES else LANGUAGES[0]
    with translation.override(language):
        context = {
            "report": report,
            "parts": parts_of(report, sites),
            "agency": agency(sites[0] if len(sites) == 1 else None),
            "printed_by": printed_by,
            "branches": [site.name for site in sites],
        }
        return paper("reporting/pdf/finance.html", context, language=language, seconds=seconds)


def parts_of(report: FinanceReport, sites: Sequence[Site], houses: int | None = None) -> list[dict]:
    """Return what page and paper show of each section: its words, lines and chart.

    ``houses`` is how many properties are named (all that the report has); the others are summed.
    """
    names = {site.pk: site.name for site in sites}
    categories, methods = dict(AgencyCost.Category.choices), dict(Payment.Method.choices)
    return [
        {
            "section": section,
            "costs": [
                (categories[category], amount)
                for category, amount in section.costs.by_category.items()
            ],
            "methods": [(methods[method], total) for method, total in section.methods],
            "branches": [(names[line.key], line) for line in section.branches],
            "houses": [(row, names[row.site]) for row in section.houses[:houses]],
            "others": _others(section, houses),
            "chart": month_chart(section),
        }
        for section in report.sections
    ]


def _others(section: Section, houses: int | None) -> metrics.Counted:
    rows = [] if houses is None else section.houses[houses:]
    left_out = metrics.Counted(sum(row.number for row in rows), sum(row.amount for row in rows))
    return section.other_houses + left_out


def month_chart(section: Section) -> SafeString | str:
    """Return income and costs as bars by month; nothing when there is only one."""
    if len(section.months) < 2:
        return ""
    return bars(
        [month_label(line.key) for line in section.months],
        {
            _("Income"): [line.income.amount for line in section.months],
            _("Costs"): [line.costs for line in section.months],
        },
        title=_("Income and costs by month, %(currency)s") % {"currency": section.currency},
    )


def month_label(month: datetime.date) -> str:
    """Return a month as the axis of a chart names it: ``oct.``"""
    language = (translation.get_language() or "fr").partition("-")[0]
    return format_date(month, "MMM", locale=language if language in LANGUAGES else "fr")
