"""Spans of days as people ask for them and read them."""

import calendar
import datetime

from babel.dates import format_date
from dateutil.relativedelta import relativedelta
from django.utils.translation import get_language


def is_last_of_month(day: datetime.date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def months_until(last: datetime.date, months: int) -> datetime.date:
    """Return the first day of the ``months`` calendar months that end with ``last``.

    Until 31 October, three months begin on 1 August; until 5 October, on 6 July.
    """
    if is_last_of_month(last):
        return last.replace(day=1) - relativedelta(months=months - 1)
    return last - relativedelta(months=months) + datetime.timedelta(days=1)


def months_of(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    """Return the first days of the calendar months that have a day from ``first`` to ``last``."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [first.replace(day=1) + relativedelta(months=place) for place in range(count)]


def period_label(first: datetime.date, last: datetime.date, language: str = "") -> str:
    """Return a period as papers name it: ``octobre 2026``, ``janvier – mars 2026``, or its days.

    ``language`` is the reader's unless given (documents are French whoever prints them).
    """
    locale = (language or get_language() or "fr").partition("-")[0]
    locale = locale if locale in ("fr", "en") else "fr"
    if first == last:
        return format_date(first, "d MMM y", locale=locale)
    if first.day == 1 and is_last_of_month(last):
        end = format_date(last, "MMMM y", locale=locale)
        if (first.year, first.month) == (last.year, last.month):
            return end
        start = "MMMM" if first.year == last.year else "MMMM y"
        return f"{format_date(first, start, locale=locale)} – {end}"
    end = format_date(last, "d MMM y", locale=locale)
    start = "d MMM" if first.year == last.year else "d MMM y"
    return f"{format_date(first, start, locale=locale)} – {end}"
