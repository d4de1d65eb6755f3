"""The worker's door to imports, and to approvals that nobody gave."""

from accounts.models import User
from akig.lib.isolation import everywhere
from akig.lib.jobs import task
from sites_app.models import ImportRun
from sites_app.services.approving import expire_approvals
from sites_app.services.importing import apply_import, mark_failed, preview_import, undo_import


@task("sites_app.preview_import")
def preview(job) -> None:
    _work(job, preview_import, progress=job.progress)


@task("sites_app.apply_import")
def apply(job) -> None:
    _work(job, apply_import, progress=job.progress)


@task("sites_app.undo_import")
def undo(job) -> None:
    _work(job, undo_import)


def _work(job, act, **arguments) -> None:
    run = ImportRun.objects.visible_to(job.requested_by).get(pk=job.params["run"])
    done = False
    try:
        act(actor=job.requested_by, run=run, **arguments)
        done = True
    finally:
        if not done:
            mark_failed(run.pk)


@everywhere()
def expire() -> None:
    """Let lapse the requests for approval of all branches that nobody decided in time."""
    expire_approvals(actor=User.objects.system())
