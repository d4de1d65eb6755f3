"""What breaks and who mends it: the equipment of units and the tickets about it."""

import pghistory
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import Versioned, counts_versions
from sites_app.models.branches import Site
from sites_app.models.properties import Property, Unit
from sites_app.querysets import OfPropertyQuerySet


@pghistory.track()
class Equipment(Versioned):
    """A thing that ages in a property: generator, pump, air conditioner, lift …"""

    class State(models.TextChoices):
        WORKING = "working", _("working")
        FAULTY = "faulty", _("faulty")
        OUT_OF_USE = "out_of_use", _("out of use")

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    property = models.ForeignKey(
        Property, models.PROTECT, related_name="equipment", verbose_name=_("property")
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="equipment",
        verbose_name=_("unit"),
    )
    name = models.CharField(_("name"), max_length=80)
    brand = models.CharField(_("brand"), max_length=80, blank=True)
    serial = models.CharField(_("serial number"), max_length=80, blank=True)
    installed_on = models.DateField(_("installed on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WORKING)

    objects = OfPropertyQuerySet.as_manager()

    class Meta:
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        triggers = [counts_versions()]

    def __str__(self):
        return self.name


@pghistory.track()
class MaintenanceTicket(Versioned):
    """A fault that somebody reported, until it is mended or refused."""

    class Kind(models.TextChoices):
        CORRECTIVE = "corrective", _("corrective")
        PREVENTIVE = "preventive", _("preventive")
        EMERGENCY = "emergency", _("emergency")

    class Category(models.TextChoices):
        PLUMBING = "plumbing", _("plumbing")
        ELECTRICITY = "electricity", _("electricity")
        SECURITY = "security", _("security")
        OTHER = "other", _("other")

    class Priority(models.TextChoices):
        LOW = "low", _("low")
        MEDIUM = "medium", _("medium")
        HIGH = "high", _("high")
        URGENT = "urgent", _("urgent")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        IN_PROGRESS = "in_progress", _("in progress")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    property = models.ForeignKey(
        Property, models.PROTECT, related_name="tickets", verbose_name=_("property")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="tickets", verbose_name=_("unit")
    )
    equipment = models.ForeignKey(
        Equipment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("equipment"),
    )
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.CORRECTIVE)
    category = models.CharField(
        _("category"), max_length=12, choices=Category, default=Category.OTHER
    )
    priority = models.CharField(
        _("priority"), max_length=8, choices=Priority, default=Priority.MEDIUM
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    reported_on = models.DateField(_("reported on"), default=timezone.localdate)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    estimate = models.BigIntegerField(
        _("estimate"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    cost = models.BigIntegerField(
        _("cost"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("assigned to"),
    )

    objects = OfPropertyQuerySet.as_manager()

    class Meta:
        verbose_name = _("maintenance ticket")
        verbose_name_plural = _("maintenance tickets")
        triggers = [counts_versions()]

    def __str__(self):
        return self.title
