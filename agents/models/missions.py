"""Whom an agent visits on a day."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.querysets import MissionQuerySet, StopQuerySet
from akig.lib.models import Versioned, counts_versions
from sites_app.models import Property, Site
from tenants.models import Tenant

#: Stops are written by the thousand: their history is, too, one statement and not one for each.
AT_ONCE = [
    event(level=pghistory.Statement)
    for event in (pghistory.InsertEvent, pghistory.UpdateEvent, pghistory.DeleteEvent)
]


@pghistory.track()
class Mission(Versioned):
    """The visits of one agent on one day at a branch.

    ``distance`` are the metres of the way through the visits that were left when the best one was
    looked for, ``baseline`` those of whoever always goes to the nearest; None until then.
    """

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("mission", "planned")
        BEGUN = "begun", pgettext_lazy("mission", "begun")
        DONE = "done", pgettext_lazy("mission", "done")

    class Order(models.TextChoices):
        NEAREST = "nearest", _("always to the nearest")
        ROUTE = "route", _("by the best way")
        HAND = "hand", _("by hand")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="missions",
        db_index=False,
        verbose_name=_("agent"),
    )
    day = models.DateField(_("day"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.PLANNED)
    notes = models.CharField(_("notes"), max_length=500, blank=True)
    ordered = models.CharField(
        _("order"), max_length=7, choices=Order, default=Order.NEAREST, db_default=Order.NEAREST
    )
    distance = models.PositiveIntegerField(_("way, metres"), null=True, blank=True)
    baseline = models.PositiveIntegerField(
        _("way always to the nearest, metres"), null=True, blank=True
    )

    objects = MissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("mission")
        verbose_name_plural = _("missions")
        ordering = ["-day", "agent"]
        indexes = [models.Index(fields=["site", "day"], name="mission_by_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "day", "site"], name="one_mission_per_agent_and_day"
            )
        ]
        triggers = [counts_versions()]

    def __str__(self):
        return f"{self.agent} · {self.day:%d/%m/%Y}"


@pghistory.track(*AT_ONCE)
class Stop(models.Model):
    """A tenant to be visited on a mission, and why: what was late when it was planned.

    ``distance`` are the metres from the stop before, ``arrives_at`` is when the visit is to begin;
    None where the way is not known. What came of it is said by the visit itself
    (``recovery.Contact``).
    """

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    mission = models.ForeignKey(
        Mission, models.CASCADE, related_name="stops", verbose_name=_("mission")
    )
    day = models.DateField(_("day"))
    position = models.PositiveSmallIntegerField(_("position"))
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="+", db_index=False, verbose_name=_("tenant")
    )
    property = models.ForeignKey(
        Property, models.PROTECT, related_name="+", db_index=False, verbose_name=_("property")
    )
    amount = models.BigIntegerField(_("expected"))
    days_late = models.PositiveIntegerField(_("days late"))
    distance = models.PositiveIntegerField(_("way, metres"), null=True)
    arrives_at = models.TimeField(_("arrival"), null=True)

    objects = StopQuerySet.as_manager()

    class Meta:
        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        ordering = ["mission", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "day", "site"], name="a_tenant_is_visited_once_a_day"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_stop_is_for_something"),
        ]

    def __str__(self):
        return f"{self.position} · {self.tenant}"
