"""What people are told: for now the jobs, work that goes on after the page was answered."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.querysets import JobQuerySet


class Job(models.Model):
    """Work somebody asked for that takes longer than a page: a rent run, an import, a report.

    The row is the queue, Redis only rings. A job is performed by the function registered under its
    ``kind``, and that function is safe to run twice. Whoever performs a job holds a lock of the
    database for its number, so a running job whose lock is free has lost its worker.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(_("kind"), max_length=80)
    params = models.JSONField(_("parameters"), default=dict, blank=True)
    # The code, not a key: branches stand above this app.
    site_code = models.CharField(_("branch"), max_length=20, blank=True, db_index=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="jobs",
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("total"), default=0)
    message = models.CharField(_("message"), max_length=250, blank=True)
    errors = models.JSONField(_("errors"), default=list, blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)
    file = models.FileField(_("file"), upload_to="jobs/%Y/%m", blank=True, max_length=250)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["requested_by", "-created_at"], name="job_by_person"),
            models.Index(
                fields=["created_at"],
                name="job_open",
                condition=models.Q(state__in=["waiting", "running"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done", "failed", "cancelled"]),
                name="job_state_known",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"
