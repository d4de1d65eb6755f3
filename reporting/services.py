"""Asking for reports that take longer than a page."""

import datetime
from collections.abc import Sequence

from django.utils.translation import gettext as _

from akig.lib.errors import NotAllowed
from akig.lib.periods import months_until, period_label
from notifications.models import Job
from notifications.services import start_job
from reporting.reports.finance import RANGES
from sites_app.models import Site

FINANCE_PDF = "reporting.finance_pdf"


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
