"""The worker's door to money."""

import logging
import tempfile
from datetime import date

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.record import note
from akig.lib.errors import BusinessError
from akig.lib.isolation import everywhere
from akig.lib.jobs import task
from payments.models import Statement
from payments.services.callbacks import RUNG, read_callbacks
from payments.services.charging import charge_late_fees, charge_rent
from payments.services.checking import check_books
from payments.services.mobile import ask_due
from payments.services.printing import PRINT_RECEIPTS, print_receipts
from payments.services.reconciling import reconcile_all
from payments.services.statements import bring_in
from sites_app.models import Site

logger = logging.getLogger(__name__)


@task("payments.charge_rent")
def perform_rent_run(job) -> None:
    """Charge one branch and month; a run that was interrupted goes on where it stood."""
    run = charge_rent(
        actor=job.requested_by,
        site=site_of(job),
        month=date.fromisoformat(job.params["month"]),
        progress=job.progress,
    )
    for refusal in run.failed:
        job.fault(refusal["detail"], object=refusal["lease"])
    job.result = {
        "run": run.pk,
        "created": run.created,
        "amount": run.amount,
        "existing": run.existing,
        "failed": len(run.failed),
    }


@task("payments.charge_late_fees")
def perform_late_fees(job) -> None:
    created, amount = charge_late_fees(actor=job.requested_by, site=site_of(job))
    job.result = {"created": created, "amount": amount}


@task("payments.check_books")
def perform_check_of_books(job) -> None:
    """Check the books of the job's branch in full; what differs stands on the job's page, too."""
    found = check_books(site_of(job))
    for difference in found.differences:
        job.fault(difference)
    job.result = {"rules": found.rules, "differences": len(found.differences)}


@task("payments.read_statement")
def perform_statement(job) -> None:
    """Read a statement that was handed in and place its lines; run twice, it adds nothing."""
    statements = Statement.objects.visible_to(job.requested_by)
    statement = bring_in(
        actor=job.requested_by,
        statement=statements.get(pk=job.params["statement"]),
        progress=job.progress,
    )
    job.result = {"statement": statement.pk, "state": statement.state}
    for error in statement.errors:
        job.fault(error["detail"], line=error.get("line"))


@task(PRINT_RECEIPTS)
def perform_printing(job) -> None:
    """Make the file of many receipts; run twice, it is made anew."""
    bundle = job.params["bundle"]
    with tempfile.NamedTemporaryFile() as file:
        print_receipts(
            actor=job.requested_by,
            keys=job.params["receipts"],
            bundle=bundle,
            file=file,
            progress=job.progress,
        )
        rows = len(job.params["receipts"])
        note("exported", job.requested_by, what="payments.receipt", rows=rows)
        name = f"{_('receipts')}-{timezone.localdate()}.{bundle}"
        job.result = {"file_name": name}
        job.attach(name, file)


def site_of(job) -> Site:
    """Return the branch of the job, as long as whoever asked for it still works there."""
    return Site.objects.visible_to(job.requested_by).get(pk=job.site_code)


@everywhere()
def charge_all_late_fees() -> None:
    """Charge the late fees of every open branch, each night; safe to run twice."""
    actor = User.objects.system()
    for site in Site.objects.filter(is_active=True):
        try:
            charge_late_fees(actor=actor, site=site)
        except BusinessError as refusal:
            logger.warning("Late fees of %s: %s", site.pk, refusal)


@everywhere()
def check_all_books() -> None:
    """Check the books of every open branch in full, each night; the self-audit shows the result."""
    for site in Site.objects.filter(is_active=True):
        check_books(site)


@everywhere()
def read_calls_back() -> None:
    """Read what providers called back, and ask them; rung by their door (``api.callbacks``)."""
    cache.delete(RUNG)  # before reading: whoever comes from now on rings again
    read_callbacks()
    ask_due()


@everywhere()
def ask_providers() -> None:
    """Ask about open attempts, and read the calls back whose bell was not heard; safe twice."""
    read_callbacks()
    ask_due()


@everywhere()
def reconcile_accounts() -> None:
    """Compare the journal with the statements of each account, each morning; safe to run twice."""
    reconcile_all(timezone.localdate())
