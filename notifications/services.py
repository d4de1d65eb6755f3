"""Jobs: asked for, performed, cancelled, picked up again."""

from contextlib import contextmanager
from datetime import timedelta

import pghistory
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.keys import lender_of
from akig.lib.errors import BusinessError
from akig.lib.isolation import as_person
from akig.lib.jobs import find, ring
from notifications.models import Job, JobCancelled

ATTEMPTS = 3
LOCKS = 7301  # the first half of our advisory locks; the second is the job's number
RING_AGAIN_AFTER = timedelta(seconds=45)


def start_job(
    actor, kind: str, params: dict | None = None, site_code: str = "", *, title: str = ""
) -> Job:
    """Ask for the work ``kind`` (registered by ``akig.lib.jobs.task``) and return its row.

    ``actor`` is None for what the schedule asks; ``title`` says what it is, in the actor's
    language. The same work asked by the same person while it is still open gives the same row:
    pressing twice is harmless. The function is looked up by the worker only, because it may bring
    libraries that a web process must not load.
    """
    asked = {
        "kind": kind,
        "params": params or {},
        "site_code": site_code,
        "requested_by": actor,
        "key_id": actor.key.id if actor is not None and actor.key is not None else None,
    }
    with transaction.atomic():
        job = Job.objects.open().filter(**asked).first()
        if job is None:
            job = Job.objects.create(**asked, title=title)
            ring("notifications.tasks.perform", job.pk)
    return job


def perform_job(job_id: int) -> None:
    """Claim a waiting job and do its work; return at once when somebody else has it.

    1. Take the lock that says "alive": the database frees it when the worker dies.
    2. Claim by a conditional UPDATE, so that one ring too many does nothing.
    3. Call the registered function, in the language and the branches of whoever asked.
    4. Write the end: a refusal as its sentence, a defect as a failure that also reaches the log.
    """
    with _alive(job_id) as mine:
        if not mine or not _claim(job_id):
            return
        job = Job.objects.select_related("requested_by", "key__owner").get(pk=job_id)
        language = job.requested_by.language if job.requested_by else None
        about = {"job": job.kind, "job_id": job.pk, "user": job.requested_by_id}
        if job.key is not None:
            about["key"] = job.key.prefix
        with translation.override(language), pghistory.context(**about):
            _do(job)


def _do(job: Job) -> None:
    state = Job.State.FAILED
    try:
        if job.key is not None:
            job.requested_by = lender_of(job.key)
        with as_person(job.requested_by):
            find(job.kind)(job)
        state = Job.State.DONE
    except JobCancelled:
        state = Job.State.CANCELLED
    except BusinessError as refusal:
        job.fault(refusal.message, code=refusal.code)
    except BaseException:
        # Also a time limit and a worker told to stop: whatever ends the work must end the row.
        job.fault(_("The work stopped because of a defect. The administrators can read it."))
        raise
    finally:
        _end(job, state)


def _end(job: Job, state: str) -> None:
    if state == Job.State.DONE and job.total:
        job.done = job.total
    job.state, job.finished_at = state, timezone.now()
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(
        state=state,
        done=job.done,
        total=job.total,
        message=job.message,
        errors=job.errors,
        result=job.result,
        file=job.file.name,
        finished_at=job.finished_at,
    )
    job.tell()


def _claim(job_id: int) -> bool:
    return bool(
        Job.objects.filter(pk=job_id, state=Job.State.WAITING).update(
            state=Job.State.RUNNING,
            started_at=timezone.now(),
            attempts=F("attempts") + 1,
            errors=[],
        )
    )


@contextmanager
def _alive(job_id: int):
    """Hold the job's lock of this database session; yield whether we got it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, job_id])
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, job_id])


def cancel_job(actor, job: Job) -> bool:
    """Stop an open job: a waiting one never starts, a running one stops at its next progress.

    Return whether there was anything to stop. ``actor`` must be one who sees the job.
    """
    return bool(
        Job.objects.visible_to(actor)
        .open()
        .filter(pk=job.pk)
        .update(state=Job.State.CANCELLED, finished_at=timezone.now())
    )


def sweep_jobs() -> None:
    """Find the jobs that everybody forgot: bells not heard, workers that died at work.

    A running job whose lock is free has lost its worker: it waits again, or fails after the third
    attempt.
    """
    for job in Job.objects.filter(state=Job.State.RUNNING):
        with _alive(job.pk) as nobody_has_it:
            if nobody_has_it:
                _give_back(job)
    forgotten = Job.objects.filter(
        state=Job.State.WAITING, created_at__lt=timezone.now() - RING_AGAIN_AFTER
    )
    for job_id in forgotten.values_list("pk", flat=True):
        ring("notifications.tasks.perform", job_id)


def _give_back(job: Job) -> None:
    lost = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
    if job.attempts < ATTEMPTS:
        lost.update(state=Job.State.WAITING)
    else:
        job.fault(_("The work was interrupted three times."))
        lost.update(state=Job.State.FAILED, errors=job.errors, finished_at=timezone.now())
