"""Files that people bring in, and what became of each of their rows."""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models import Job
from sites_app.querysets import ImportQuerySet


@pghistory.track(exclude=["files", "choices"])
class ImportRun(models.Model):
    """Several files read together, tried, applied, and perhaps taken back as a whole."""

    class State(models.TextChoices):
        NEW = "new", _("being read")
        PREVIEWED = "previewed", _("to be applied")
        APPLIED = "applied", _("applied")
        UNDONE = "undone", _("taken back")
        FAILED = "failed", _("failed")

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="imports", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken back by"),
    )
    checksum = models.CharField(_("checksum"), max_length=64, blank=True)
    # Branches by code: an import may touch several, and only people of all of them may see it.
    branches = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("branches")
    )
    default_branch = models.CharField(_("branch of rows without one"), max_length=20, blank=True)
    files = models.JSONField(_("files"), default=list, blank=True)
    choices = models.JSONField(_("chosen columns"), default=dict, blank=True)
    created = models.PositiveIntegerField(_("created"), default=0)
    existing = models.PositiveIntegerField(_("already there"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    reported = models.PositiveIntegerField(_("reported"), default=0)
    job = models.ForeignKey(
        Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("job")
    )

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-id"]

    def __str__(self):
        return f"{self.created_at:%Y-%m-%d %H:%M} · {self.get_state_display()}"


class ImportFile(models.Model):
    """A file as it was handed over."""

    run = models.ForeignKey(
        ImportRun, models.CASCADE, related_name="uploads", verbose_name=_("import")
    )
    name = models.CharField(_("name"), max_length=200)
    content = models.FileField(_("file"), upload_to="imports/%Y/%m", max_length=250)
    checksum = models.CharField(_("checksum"), max_length=64)

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        ordering = ["id"]

    def __str__(self):
        return self.name


class ImportRow(models.Model):
    """What became of one row: ``line`` is the line that a spreadsheet shows."""

    class Outcome(models.TextChoices):
        CREATED = "created", _("created")
        EXISTING = "existing", _("already there")
        REFUSED = "refused", _("refused")
        REPORTED = "reported", _("with a remark")

    run = models.ForeignKey(
        ImportRun, models.CASCADE, related_name="rows", verbose_name=_("import")
    )
    file = models.CharField(_("file"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20)
    line = models.PositiveIntegerField(_("line"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    column = models.CharField(_("column"), max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    detail = models.CharField(_("detail"), max_length=250, blank=True)
    object_id = models.BigIntegerField(_("row"), null=True)

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["run", "outcome", "kind"], name="import_row_by_outcome"),
            models.Index(
                fields=["kind", "object_id"],
                condition=models.Q(outcome="created"),
                name="import_row_by_object",
            ),
        ]

    def __str__(self):
        return f"{self.file}:{self.line}"
