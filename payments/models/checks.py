"""What the nightly comparison of the books with themselves found."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import append_only
from sites_app.models import Site
from sites_app.querysets import BranchQuerySet


class BooksCheck(models.Model):
    """One full check of a branch's books: every rule of ``payments.services.checking``."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    rules = models.PositiveSmallIntegerField(_("rules"))
    differences = models.JSONField(_("differences"), default=list, blank=True)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of the books")
        verbose_name_plural = _("checks of the books")
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["site", "-made_at"], name="books_check_by_day")]
        triggers = [append_only()]

    def __str__(self):
        return f"{self.site_id} {self.made_at:%Y-%m-%d}"

    @property
    def is_clean(self) -> bool:
        return not self.differences
