"""Jobs: asked for on a page, performed by a worker, looked at, stopped, picked up again."""

from contextlib import suppress
from datetime import timedelta

import django_rq
import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from akig.lib import jobs
from akig.lib.errors import Conflict
from notifications.models import Job, JobCancelled
from notifications.services import (
    cancel_job,
    perform_job,
    start_job,
    sweep_jobs,
)

pytestmark = pytest.mark.django_db
done_by = []


@jobs.task("notifications.count")
def count(job):
    done_by.append(job.pk)
    for number in range(3):
        job.progress(number, 3, "counting")
    job.fault("Row 2 has no name.", row=2)
    job.attach("sum.txt", b"3")
    job.result = {"sum": 3, "file_name": "somme.txt"}


@jobs.task("notifications.refuse")
def refuse(job):
    raise Conflict("October is closed.", code="period_closed")


@jobs.task("notifications.break")
def break_down(job):
    raise ZeroDivisionError


@pytest.fixture
def awa():
    return get_user_model().objects.create_user("awa@example.org", "x", role="pdg", name="Awa")


@pytest.fixture
def coumba():
    return get_user_model().objects.create_user(
        "coumba@example.org", "x", role="secretaire", name="Coumba"
    )


@pytest.fixture
def hadja():
    return get_user_model().objects.create_user(
        "hadja@example.org", "x", role="chef_equipe", name="Hadja"
    )


def ended(job):
    job.refresh_from_db()
    return job.state


def test_a_job_is_performed_and_keeps_what_it_made(coumba):
    job = start_job(coumba, "notifications.count", {"month": "2026-10"}, "GN_CONAKRY")
    assert (job.state, job.percent) == ("waiting", 0)
    perform_job(job.pk)
    assert ended(job) == "done"
    assert (job.percent, job.total, job.attempts) == (100, 3, 1)
    assert job.errors == [{"row": 2, "detail": "Row 2 has no name."}]
    assert job.result["sum"] == 3
    assert job.file.read() == b"3"


def test_performing_twice_does_the_work_once(coumba):
    done_by.clear()
    job = start_job(coumba, "notifications.count")
    perform_job(job.pk)
    perform_job(job.pk)
    assert done_by == [job.pk]


def test_asking_twice_while_it_is_open_gives_the_same_job(coumba, hadja):
    first = start_job(coumba, "notifications.count", {"month": "2026-10"})
    assert start_job(coumba, "notifications.count", {"month": "2026-10"}) == first
    assert start_job(coumba, "notifications.count", {"month": "2026-11"}) != first
    assert start_job(hadja, "notifications.count", {"month": "2026-10"}) != first
    perform_job(first.pk)
    assert start_job(coumba, "notifications.count", {"month": "2026-10"}) != first


def test_a_refusal_is_kept_as_its_sentence(coumba):
    job = start_job(coumba, "notifications.refuse")
    perform_job(job.pk)
    assert ended(job) == "failed"
    assert job.errors == [{"code": "period_closed", "detail": "October is closed."}]


def test_a_defect_fails_the_job_and_reaches_the_log_of_the_worker(coumba):
    job = start_job(coumba, "notifications.break")
    with pytest.raises(ZeroDivisionError):
        perform_job(job.pk)
    assert ended(job) == "failed"
    assert len(job.errors) == 1
    assert job.finished_at


@pytest.mark.parametrize("kind", ["os.system", "notifications.nothing", "django.tasks"])
def test_only_registered_functions_are_ever_called(coumba, kind):
    job = start_job(coumba, kind)
    with pytest.raises(jobs.UnknownTask):
        perform_job(job.pk)
    assert ended(job) == "failed"


def test_a_cancelled_job_never_starts_and_a_running_one_stops(coumba):
    done_by.clear()
    job = start_job(coumba, "notifications.count")
    assert cancel_job(coumba, job)
    perform_job(job.pk)
    assert (done_by, ended(job)) == ([], "cancelled")
    assert not cancel_job(coumba, job)

    @jobs.task("notifications.cancel_itself")
    def cancel_itself(job):
        cancel_job(coumba, job)
        connection.in_atomic_block, atomic = False, connection.in_atomic_block
        try:
            job.progress(1, 2)
        finally:
            connection.in_atomic_block = atomic

    job = start_job(coumba, "notifications.cancel_itself")
    perform_job(job.pk)
    assert ended(job) == "cancelled"


def test_progress_inside_a_transaction_is_seen_from_outside(coumba):
    job = start_job(coumba, "notifications.count")
    Job.objects.filter(pk=job.pk).update(state="running")
    job.refresh_from_db()
    job.progress(40, 80, "half")
    seen = Job.objects.get(pk=job.pk)
    assert seen.done == 0
    seen.hear_news()
    assert (seen.percent, seen.message) == (50, "half")


def test_the_sweep_rings_again_for_forgotten_jobs(coumba, django_capture_on_commit_callbacks):
    job = start_job(coumba, "notifications.count")
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=2))
    with django_capture_on_commit_callbacks(execute=True):
        sweep_jobs()
    assert ended(job) == "done"


def test_the_sweep_gives_back_the_job_of_a_dead_worker_but_not_for_ever(coumba):
    job = start_job(coumba, "notifications.count")
    Job.objects.filter(pk=job.pk).update(state="running", attempts=1)
    sweep_jobs()
    assert ended(job) == "waiting"
    Job.objects.filter(pk=job.pk).update(state="running", attempts=3)
    sweep_jobs()
    assert ended(job) == "failed"


def test_a_lost_redis_loses_no_job(coumba, lost_redis, caplog, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        job = start_job(coumba, "notifications.count")
    assert ended(job) == "waiting"
    assert "not heard" in caplog.text


def test_a_job_is_rung_once_its_transaction_is_saved(coumba, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        with suppress(JobCancelled), transaction.atomic():
            lost = start_job(coumba, "notifications.count")
            raise JobCancelled
        kept = start_job(coumba, "notifications.count")
    assert not Job.objects.filter(pk=lost.pk).exists()
    assert ended(kept) == "done"
    assert django_rq.get_queue("default").count == 0


def test_the_page_shows_it_to_whoever_asked_and_to_the_direction(client, coumba, awa, hadja):
    job = start_job(coumba, "notifications.count", title="Compte d’octobre")
    perform_job(job.pk)
    for person, status in ((coumba, 200), (awa, 200), (hadja, 404)):
        client.force_login(person)
        assert client.get(f"/taches/{job.pk}/").status_code == status
        assert client.get(f"/taches/{job.pk}/file").status_code == status
        assert client.post(f"/taches/{job.pk}/cancel").status_code in (302, status)
    client.logout()
    assert client.get(f"/taches/{job.pk}/").status_code == 302


def test_the_page_looks_again_while_the_work_goes_on(client, coumba):
    job = start_job(coumba, "notifications.count")
    client.force_login(coumba)
    assert client.get(f"/taches/{job.pk}/")["Refresh"]
    perform_job(job.pk)
    page = client.get(f"/taches/{job.pk}/")
    assert "Refresh" not in page
    assert "Row 2 has no name." in page.content.decode()
    file = client.get(f"/taches/{job.pk}/file")
    assert "somme.txt" in file["Content-Disposition"]
    assert b"".join(file.streaming_content) == b"3"


def test_the_list_is_one_s_own(client, coumba, awa):
    start_job(coumba, "notifications.count", title="Compte d’octobre")
    client.force_login(awa)
    assert "Compte d’octobre" not in client.get("/taches/").content.decode()
    client.force_login(coumba)
    assert "Compte d’octobre" in client.get("/taches/").content.decode()
