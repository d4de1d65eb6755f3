"""The ladder of a branch: what is done about a debt as it grows older, and with which words."""

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from akig.lib.models import never_deleted
from sites_app.models import Site
from sites_app.querysets import BranchQuerySet


class Channel(models.TextChoices):
    SMS = "sms", _("SMS")
    WHATSAPP = "whatsapp", _("WhatsApp")
    EMAIL = "email", _("e-mail")
    CALL = "call", _("call")
    VISIT = "visit", _("visit")
    LETTER = "letter", _("letter")


@pghistory.track()
class Ladder(models.Model):
    """How a branch follows up debts from a day on; the newest that has begun holds.

    Tenants are contacted between ``day_starts`` and ``day_ends`` only, and at most
    ``contacts_per_week`` times in seven days, by whatever channel.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    valid_from = models.DateField(_("from"))
    day_starts = models.TimeField(_("not before"))
    day_ends = models.TimeField(_("not after"))
    contacts_per_week = models.PositiveSmallIntegerField(_("contacts in a week, at most"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("set by"),
    )

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("ladder")
        verbose_name_plural = _("ladders")
        ordering = ["site", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "valid_from"],
                name="one_ladder_per_branch_and_day",
                violation_error_message=_("Another ladder of this branch begins on this day."),
            ),
            models.CheckConstraint(
                condition=models.Q(day_starts__lt=models.F("day_ends")),
                name="a_ladders_day_has_hours",
                violation_error_message=_("The last hour must come after the first."),
            ),
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return f"{self.site_id} {self.valid_from}"


@pghistory.track()
class Level(models.Model):
    """A step of a ladder: done once a debt of ``least`` or more is ``after_days`` days late.

    ``channel`` is used where the tenant can be reached by it, else ``fallback``. ``cost`` is what
    one of it costs the agency, in minor units.
    """

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    ladder = models.ForeignKey(
        Ladder, models.PROTECT, related_name="levels", db_index=False, verbose_name=_("ladder")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=60)
    after_days = models.PositiveSmallIntegerField(
        _("days late"), validators=[MaxValueValidator(3650)]
    )
    least = models.BigIntegerField(_("from an amount of"), default=0)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    fallback = models.CharField(_("else by"), max_length=10, choices=Channel, blank=True)
    cost = models.PositiveIntegerField(_("cost"), default=0)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering = ["ladder", "position"]
        constraints = [
            models.UniqueConstraint(fields=["ladder", "position"], name="one_level_per_position"),
            models.CheckConstraint(condition=models.Q(position__gt=0), name="levels_begin_at_one"),
            models.CheckConstraint(condition=models.Q(least__gte=0), name="a_least_debt_is_none"),
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return self.name


@pghistory.track()
class Wording(models.Model):
    """What is written or said at a level, in one language; see ``services.wordings``."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    level = models.ForeignKey(
        Level, models.PROTECT, related_name="wordings", db_index=False, verbose_name=_("level")
    )
    language = models.CharField(_("language"), max_length=8)
    text = models.TextField(_("text"), max_length=1000)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        constraints = [
            models.UniqueConstraint(fields=["level", "language"], name="one_wording_per_language")
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return f"{self.level} ({self.language})"
