"""What a second person has to approve before it happens."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from akig.lib.models import Postponed, never_deleted
from sites_app.models.branches import Site
from sites_app.querysets import BranchQuerySet

DECISION = ["state", "decided_by", "decided_at", "answer"]


class ApprovalQuerySet(BranchQuerySet):
    def pending(self):
        return self.filter(state="pending")

    def about(self, row: models.Model):
        """Keep what was asked about ``row``."""
        return self.filter(model=row._meta.label_lower, object_id=row.pk)


@pghistory.track()
class Approval(Postponed, models.Model):
    """An act that one person asked for and another allows or refuses.

    ``act`` is its name among the verbs, ``model`` and ``object_id`` name the row that it is about
    and ``arguments`` what else was said (``sites_app.services.approving``). What was asked stays
    as it is, a decision is final, and the database sees to both.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("to approve")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("expired")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    act = models.CharField(_("act"), max_length=80)
    model = models.CharField(_("kind"), max_length=80)
    object_id = models.BigIntegerField(_("number"))
    about = models.CharField(_("about"), max_length=80)
    arguments = models.JSONField(_("what was said"), default=dict, blank=True)
    amount = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=200)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PENDING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["-asked_at", "-id"]
        indexes = [models.Index(fields=["site", "-asked_at"], name="approval_by_time")]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "object_id", "act"],
                condition=Q(state="pending"),
                name="one_approval_asked_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "refused"])
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by")),
                name="nobody_approves_what_he_asked",
            ),
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=DECISION),
            ),
            pgtrigger.Protect(
                name="decided_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state <> 'pending'"),
            ),
        ]

    def __str__(self):
        return gettext("Approval %(number)s") % {"number": self.pk}

    @property
    def waits(self) -> bool:
        return self.state == self.State.PENDING

    @property
    def sentence(self) -> str:
        return gettext("A second person has to approve this: nothing has happened yet.")

    @property
    def address(self) -> str:
        return reverse("sites_app:approval_page", args=[self.pk])
