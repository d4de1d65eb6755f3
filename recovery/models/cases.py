"""Who is late: one case per tenant and branch, derived from the journal."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from akig.lib.models import never_deleted
from recovery.models.ladders import Level
from recovery.querysets import CaseQuerySet, PauseQuerySet
from sites_app.models import Site
from tenants.models import Tenant


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pgtrigger.AnyChange("state", "level")),
)
class Case(models.Model):
    """What a tenant owes a branch and is late with, on all leases, ended ones too.

    It follows the journal (``services.cases``): ``balance`` is what is due less what was paid
    ahead, ``oldest_due`` since when. It opens the day after something fell due and settles when
    nothing late is left; the next debt opens the same case again, at the foot of the ladder.
    ``level`` is the last step that was taken, ``next_level`` the one that comes on ``next_on``.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("case", "open")
        PAUSED = "paused", pgettext_lazy("case", "paused")
        SETTLED = "settled", pgettext_lazy("case", "settled")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="cases", verbose_name=_("tenant")
    )
    state = models.CharField(_("state"), max_length=8, choices=State)
    balance = models.BigIntegerField(_("late"))
    oldest_due = models.DateField(_("late since"), null=True)
    opened_on = models.DateField(_("opened on"))
    settled_on = models.DateField(_("settled on"), null=True)
    level = models.PositiveSmallIntegerField(_("level"), default=0, db_default=0)
    acted_on = models.DateField(_("last step on"), null=True)
    next_level = models.ForeignKey(
        Level,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("next step"),
    )
    next_on = models.DateField(_("next step on"), null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            models.Index(
                fields=["site", "-balance"], condition=~Q(state="settled"), name="case_running"
            ),
            models.Index(fields=["site", "next_on"], condition=Q(state="open"), name="case_next"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "tenant"], name="one_case_per_tenant_and_branch"
            ),
            models.CheckConstraint(
                condition=Q(state="settled", balance=0, oldest_due=None)
                | Q(~Q(state="settled"), balance__gt=0, oldest_due__isnull=False),
                name="a_case_runs_while_something_is_late",
            ),
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return f"{self.tenant} · {self.get_state_display()}"

    @property
    def days_late(self) -> int:
        return (timezone.localdate() - self.oldest_due).days if self.oldest_due else 0


@pghistory.track()
class Pause(models.Model):
    """Why a tenant is left alone for now, until a day or until it is lifted; several may hold."""

    class Reason(models.TextChoices):
        DISPUTE = "dispute", _("dispute")
        PLAN = "plan", _("instalment plan")
        DIRECTOR = "director", _("decision of the director")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="pauses", db_index=False, verbose_name=_("tenant")
    )
    reason = models.CharField(_("reason"), max_length=8, choices=Reason)
    note = models.CharField(_("note"), max_length=200)
    until = models.DateField(_("until"), null=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("by"),
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True)

    objects = PauseQuerySet.as_manager()

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ["-made_at"]
        indexes = [
            models.Index(fields=["tenant"], condition=Q(lifted_at=None), name="pause_in_force")
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return f"{self.tenant} · {self.get_reason_display()}"
