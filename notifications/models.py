"""What people are told: for now the jobs, work that goes on after the page was answered."""

import time
from typing import IO

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile, File
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey
from akig.lib.live import of_person, tell_now
from notifications.querysets import JobQuerySet

PROGRESS_SECONDS = 0.5
ERRORS_KEPT = 1000


class JobCancelled(Exception):
    """The person who asked for the job does not want it any more; let it reach the worker."""


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
    title = models.CharField(_("title"), max_length=150, blank=True)
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
    key = models.ForeignKey(
        ApiKey,
        verbose_name=_("key"),
        help_text=_("By which a program asked: the job may do no more than it."),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
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
        return self.title or self.kind

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def percent(self) -> int:
        """How far it is, from 0 to 100; an unfinished job never says 100."""
        if self.state == self.State.DONE:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Say how far the work is: as often as you like, it is written twice a second at most.

        Inside a transaction the news goes through the cache, because nobody would see the row
        before the end, and its lock would stand in the way of whoever cancels.
        Raises JobCancelled when the job was cancelled meanwhile.
        """
        self.done, self.total, self.message = done, total, message[:250]
        now = time.monotonic()
        if now - getattr(self, "_told_at", 0) < PROGRESS_SECONDS:
            return
        self._told_at = now
        self.tell()
        if connection.in_atomic_block:
            cache.set(self._news_key, (self.done, self.total, self.message), 3600)
            return
        still_running = Job.objects.filter(pk=self.pk, state=self.State.RUNNING).update(
            done=self.done, total=self.total, message=self.message, errors=self.errors
        )
        if not still_running:
            raise JobCancelled

    def tell(self) -> None:
        """Tell the person who asked for the job how far it is, at once."""
        if self.requested_by_id:
            reads = "import" in self.kind or "statement" in self.kind
            news = {"job": self.pk, "state": self.state, "percent": self.percent}
            tell_now(of_person(self.requested_by_id), "import" if reads else "report", news)

    def hear_news(self) -> None:
        """Take over what a running job told through the cache."""
        if self.state == self.State.RUNNING and (news := cache.get(self._news_key)):
            self.done, self.total, self.message = max(news, (self.done, self.total, self.message))

    def fault(self, detail, **where) -> None:
        """Note that one part of the work failed: ``fault(sentence, row=12)``; the rest goes on.

        The first thousand are kept; the task saves the counts that matter in ``result``.
        """
        if len(self.errors) < ERRORS_KEPT:
            self.errors.append({**where, "detail": str(detail)})

    def attach(self, name: str, content: bytes | IO[bytes]) -> None:
        """Keep ``content`` as the file that the job made, offered under ``name``."""
        file = ContentFile(content) if isinstance(content, bytes) else File(content)
        self.file.save(name, file, save=False)

    @property
    def file_name(self) -> str:
        return self.result.get("file_name") or self.file.name.rpartition("/")[2]

    @property
    def _news_key(self) -> str:
        return f"job:{self.pk}:news"
