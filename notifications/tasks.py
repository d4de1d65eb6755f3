"""The worker's door to jobs."""

from notifications.services import perform_job, sweep_jobs


def perform(job_id: int) -> None:
    perform_job(job_id)


def sweep() -> None:
    sweep_jobs()
