"""The finance report of branches of several currencies in one, where rates of its days are known.

The report itself stays per currency. Each rate is told with its day and its source.
"""

from dataclasses import dataclass

from payments.metrics.rates import Rate, rates_of
from reporting.reports.finance import FinanceReport, Section

FIGURES = ("income", "costs", "net", "result", "arrears")


@dataclass(frozen=True)
class Consolidated:
    """Sums in ``currency`` (minor units), or the currencies whose rate is ``missing``."""

    currency: str
    rates: tuple[Rate, ...]
    missing: tuple[str, ...]
    income: int = 0
    costs: int = 0
    net: int = 0
    result: int = 0
    arrears: int = 0


def consolidate(report: FinanceReport, into: str) -> Consolidated:
    """Return the sums of ``report`` in the currency ``into``; none when a rate is missing."""
    currencies = [section.currency for section in report.sections]
    rates = rates_of(currencies, into, report.first, report.last)
    missing = tuple(code for code in currencies if code != into and code not in rates)
    told = tuple(rates[code] for code in currencies if code in rates)
    if missing:
        return Consolidated(into, told, missing)
    sums = dict.fromkeys(FIGURES, 0)
    for section in report.sections:
        rate = rates.get(section.currency)
        for name, amount in _figures(section).items():
            sums[name] += rate.convert(amount) if rate else amount
    # What is rounded apart must still add up.
    sums["net"] = sums["income"] - sums["costs"]
    return Consolidated(into, told, (), **sums)


def _figures(section: Section) -> dict[str, int]:
    return {
        "income": section.income.total,
        "costs": section.costs.total,
        "net": section.net,
        "result": section.own.result,
        "arrears": section.arrears.arrears,
    }
