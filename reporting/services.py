"""Asking for reports that take longer than a page, and closing a month with its reports."""

import datetime
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from akig.lib.errors import Conflict, NotAllowed
from akig.lib.periods import months_until, period_label
from notifications.models import Job
from notifications.services import start_job
from payments import metrics
from payments.models import ClosedPeriod
from payments.services.closing import close_period
from reporting.audit import checklist_of, month_reports
from reporting.reports.finance import RANGES
from sites_app.models import Site

FINANCE_PDF = "reporting.finance_pdf"


class MonthNotReady(Conflict):
    """Points of the checklist are red, and nobody accepted that."""

    code = "month_not_ready"


def request_finance_pdf(*, actor, sites: Sequence[Site], span: str, to: datetime.date) -> Job:
    """Ask for the finance report of ``sites`` as PDF; the job's page gives the file.

    Raises ``NotAllowed``. The branches are asked again when the work is done.
    """
    if not actor.may("report.finance"):
        raise NotAllowed(_("Your role does not allow this."))
    codes = sorted(site.pk for site in sites)
    title = _("Finance report, %(period)s") % {
        "period": period_label(months_until(to, RANGES[span]), to)
    }
    return start_job(
        actor,
        FINANCE_PDF,
        {"span": span, "to": str(to), "sites": codes},
        codes[0] if len(codes) == 1 else "",
        title=title,
    )


def close_month(
    *, actor, site: Site, month: datetime.date, accept_open: bool = False
) -> ClosedPeriod:
    """Close a month of ``site`` and keep its reports as they stand. Twice, it is closed once.

    Raises ``MonthNotReady`` when a point of the checklist is red and ``accept_open`` is not given,
    and what ``close_period`` raises.
    """
    month = month.replace(day=1)
    closed = ClosedPeriod.objects.filter(site=site, month=month, reopened_at=None).first()
    if closed is not None and actor.may("period.close"):
        return closed
    checks = metrics.month_end(site, month)
    red = [check for check in checks if check.ok is False]
    if red and not accept_open:
        sentence = ngettext(
            "%(number)s point of the checklist is red: mend it, or accept it below.",
            "%(number)s points of the checklist are red: mend them, or accept them below.",
            len(red),
        ) % {"number": len(red)}
        raise MonthNotReady(sentence, fields={"accept_open": sentence})
    reports = {**month_reports(site, month), "checklist": checklist_of(checks)}
    return close_period(actor=actor, site=site, month=month, reports=reports)
