"""Instalment plans: a debt that is paid in parts, on days that were agreed."""

import datetime

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from akig.lib.models import append_only, never_deleted
from recovery.models.cases import Pause
from recovery.querysets import PlanQuerySet
from sites_app.models import Site
from sites_app.querysets import BranchQuerySet
from tenants.models import Tenant


@pghistory.track()
class Plan(models.Model):
    """What a tenant was late with (``amount``) is paid in parts; meanwhile the ladder pauses.

    A plan is kept to as long as no more is late than it still allows: what was agreed less the
    parts whose day has passed. So rent that falls due meanwhile is paid beside it.
    """

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("plan", "kept to")
        PAID = "paid", pgettext_lazy("plan", "paid")
        BROKEN = "broken", pgettext_lazy("plan", "broken")
        CANCELLED = "cancelled", pgettext_lazy("plan", "cancelled")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="plans", verbose_name=_("tenant")
    )
    amount = models.BigIntegerField(_("amount"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ACTIVE)
    agreed_on = models.DateField(_("agreed on"), default=timezone.localdate)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("agreed by"),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    ended_on = models.DateField(_("ended on"), null=True)
    pause = models.OneToOneField(
        Pause, models.PROTECT, related_name="plan", verbose_name=_("pause")
    )

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("instalment plan")
        verbose_name_plural = _("instalment plans")
        ordering = ["-agreed_on", "-pk"]
        indexes = [
            models.Index(fields=["site"], condition=Q(state="active"), name="plan_active"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "tenant"],
                condition=Q(state="active"),
                name="one_active_plan_per_tenant",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_plan_covers_something"),
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return f"{self.tenant} · {self.agreed_on}"

    def allowed(self, on: datetime.date) -> int:
        """Return what may still be late on a day: the parts that are due then or later."""
        return sum(part.amount for part in self.parts.all() if part.due_on >= on)


@pghistory.track(pghistory.InsertEvent())
class PlanPart(models.Model):
    """One date of a plan."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="parts", db_index=False, verbose_name=_("plan")
    )
    due_on = models.DateField(_("due on"))
    amount = models.BigIntegerField(_("amount"))

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("part of a plan")
        verbose_name_plural = _("parts of plans")
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "due_on"], name="one_part_per_day"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_part_is_something"),
        ]
        triggers = [append_only()]

    def __str__(self):
        return f"{self.due_on} {self.amount}"
