"""Where people are."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.querysets import PositionQuerySet
from sites_app.models import Site


class Position(models.Model):
    """Where a person was at a moment, told by his own telephone.

    It keeps no history and is forgotten by the schedule (``agents.services.positions``).
    """

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="positions",
        db_index=False,
        verbose_name=_("agent"),
    )
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    accuracy = models.PositiveIntegerField(_("accuracy, metres"), null=True, blank=True)
    taken_at = models.DateTimeField(_("taken at"), db_index=True)

    objects = PositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = [
            models.UniqueConstraint(fields=["agent", "taken_at"], name="one_position_at_a_time")
        ]

    def __str__(self):
        return f"{self.agent_id} {self.taken_at:%d/%m %H:%M}"
