"""The worker's door: reports on paper."""

import datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from accounts.record import note
from akig.lib.errors import NotAllowed
from akig.lib.jobs import task
from reporting.reports.finance import finance_report
from reporting.reports.finance_paper import finance_pdf
from reporting.services import FINANCE_PDF
from sites_app.models import Site

#: Nobody waits at a counter: a report of thousands of houses may take its time.
SECONDS = 1800


@task(FINANCE_PDF)
def make_finance_pdf(job) -> None:
    """Make the finance report that ``request_finance_pdf`` asked for; twice makes it anew."""
    actor = job.requested_by
    if not actor.may("report.finance"):
        raise NotAllowed(_("Your role does not allow this."))
    sites = Site.objects.visible_to(actor).filter(code__in=job.params["sites"])
    sites = list(sites.order_by("code"))
    job.progress(0, 2, _("Adding up"))
    to = datetime.date.fromisoformat(job.params["to"])
    report = finance_report(sites, job.params["span"], to)
    job.progress(1, 2, _("Laying out the pages"))
    content = finance_pdf(
        report, sites, printed_by=str(actor), language=actor.language, seconds=SECONDS
    )
    name = f"finances-{job.params['span']}-{job.params['to']}.pdf"
    note("exported", actor, what="finance", query=urlencode(job.params, doseq=True))
    job.result = {"file_name": name}
    job.attach(name, content)
