"""What agents are asked to collect, and the points that a lead gives them or takes."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import Versioned, append_only, counts_versions
from sites_app.models import Site
from sites_app.querysets import BranchQuerySet

#: The most points that are given, or taken, at once.
MOST_POINTS = 1_000


@pghistory.track()
class Target(Versioned):
    """What an agent is to collect a month at a branch, from ``month`` on until the next one.

    ``month`` is its first day; zero ends what was asked before.
    """

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("agent"),
    )
    month = models.DateField(_("from the month"))
    amount = models.BigIntegerField(_("target a month"))

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["site", "agent", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "agent", "month"], name="one_target_per_agent_and_month"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte=10**12), name="a_target_is_an_amount"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="a_target_begins_a_month"),
        ]
        triggers = [counts_versions()]

    def __str__(self):
        return f"{self.agent} · {self.month:%m/%Y}"


@pghistory.track(pghistory.InsertEvent())
class GivenPoints(models.Model):
    """Points that somebody gave an agent, or took, and why. What was wrong is given back."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("agent"),
    )
    day = models.DateField(_("day"), default=timezone.localdate)
    delta = models.SmallIntegerField(_("points"))
    reason = models.CharField(_("reason"), max_length=300)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("given by"),
    )

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("points given")
        verbose_name_plural = _("points given")
        ordering = ["-day", "-pk"]
        indexes = [models.Index(fields=["site", "day"], name="given_points_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(delta=0) & Q(delta__gte=-MOST_POINTS, delta__lte=MOST_POINTS),
                name="points_are_some",
            ),
            models.CheckConstraint(
                condition=~Q(agent=F("given_by")), name="nobody_gives_himself_points"
            ),
        ]
        triggers = [append_only()]

    def __str__(self):
        return f"{self.agent} {self.delta:+d}"
