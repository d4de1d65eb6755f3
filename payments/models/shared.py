"""Costs that tenants of a property share, by a key or a meter, and the yearly regularisation."""

import builtins  # the field ``property`` hides the decorator inside the class
from decimal import Decimal

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import Versioned, append_only, counts_versions, never_deleted
from payments.models.charges import Charge
from payments.models.ledger import JournalEntry
from sites_app.models import Property, Site, Unit
from sites_app.querysets import BranchQuerySet, OfPropertyQuerySet
from tenants.models import Lease


class Utility(models.TextChoices):
    WATER = "water", _("water")
    ELECTRICITY = "electricity", _("electricity")
    GENERATOR = "generator", _("generator")
    GUARD = "guard", _("guard")
    CLEANING = "cleaning", _("cleaning")
    MAINTENANCE = "maintenance", _("maintenance")
    INSURANCE = "insurance", _("insurance")
    TAXES = "taxes", _("taxes")
    OTHER = "other", _("other")


@pghistory.track()
class Meter(Versioned):
    """A counter of water or electricity that serves one unit."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="meters", verbose_name=_("unit"))
    utility = models.CharField(_("what it counts"), max_length=12, choices=Utility)
    number = models.CharField(_("number"), max_length=40)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("meter")
        verbose_name_plural = _("meters")
        triggers = [counts_versions()]
        constraints = [
            models.UniqueConstraint(fields=["site", "utility", "number"], name="a_meter_is_one")
        ]

    def __str__(self):
        return self.number


@pghistory.track()
class MeterReading(models.Model):
    """What a meter showed on a day. Never less than before: a new meter is another meter."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    meter = models.ForeignKey(
        Meter, models.PROTECT, related_name="readings", verbose_name=_("meter")
    )
    day = models.DateField(_("day"), default=timezone.localdate)
    value = models.DecimalField(
        _("reading"), max_digits=14, decimal_places=3, validators=[MinValueValidator(Decimal(0))]
    )
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("read by"),
    )

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("meter reading")
        verbose_name_plural = _("meter readings")
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["meter", "day"], name="one_reading_per_day"),
            models.CheckConstraint(condition=Q(value__gte=0), name="a_reading_is_not_negative"),
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return f"{self.meter_id} {self.day}"


@pghistory.track()
class SharedCost(models.Model):
    """A bill of a property for a period, divided among the leases that held its units.

    Shares are by largest remainder, so that they add up to the bill. Charged at once, or kept for
    the yearly regularisation against what was paid as service charges.
    """

    class Key(models.TextChoices):
        EQUAL = "equal", _("equal shares")
        AREA = "area", _("by area")
        METER = "meter", _("by meter")
        CUSTOM = "custom", _("chosen shares")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        CHARGED = "charged", _("charged")
        PROVISIONED = "provisioned", _("for the regularisation")
        CANCELLED = "cancelled", _("cancelled")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    property = models.ForeignKey(
        Property, models.PROTECT, related_name="shared_costs", verbose_name=_("property")
    )
    utility = models.CharField(_("kind"), max_length=12, choices=Utility)
    label = models.CharField(_("label"), max_length=120)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"))
    amount = models.BigIntegerField(_("amount"))
    key = models.CharField(_("shared by"), max_length=8, choices=Key, default=Key.EQUAL)
    weights = models.JSONField(_("chosen shares"), default=dict, blank=True)
    paid_from = models.CharField(_("paid from"), max_length=20, blank=True)
    state = models.CharField(_("state"), max_length=11, choices=State, default=State.DRAFT)
    entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        related_name="shared_cost",
        verbose_name=_("journal entry"),
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("entered by"),
    )
    entered_at = models.DateTimeField(_("entered at"), default=timezone.now)

    objects = OfPropertyQuerySet.as_manager()

    class Meta:
        verbose_name = _("shared cost")
        verbose_name_plural = _("shared costs")
        ordering = ["-last_day", "-id"]
        indexes = [models.Index(fields=["site", "-last_day"], name="shared_cost_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=10**12), name="a_shared_cost_has_an_amount"
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="a_shared_cost_has_a_period"
            ),
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return self.label

    @builtins.property
    def is_open(self) -> bool:
        return self.state == self.State.DRAFT


class SharedCostPart(models.Model):
    """The share of one lease in a shared cost, with the weight it was counted by."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    cost = models.ForeignKey(
        SharedCost, models.PROTECT, related_name="parts", verbose_name=_("shared cost")
    )
    lease = models.ForeignKey(
        Lease, models.PROTECT, related_name="shared_parts", verbose_name=_("lease")
    )
    weight = models.DecimalField(_("weight"), max_digits=16, decimal_places=3)
    amount = models.BigIntegerField(_("amount"))
    charge = models.OneToOneField(
        Charge, models.PROTECT, null=True, related_name="shared_part", verbose_name=_("charge")
    )

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("share of a cost")
        verbose_name_plural = _("shares of costs")
        constraints = [
            models.UniqueConstraint(fields=["cost", "lease"], name="one_share_per_lease"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_share_is_not_negative"),
        ]
        triggers = [append_only()]

    def __str__(self):
        return f"{self.lease_id} {self.amount}"


@pghistory.track()
class Regularisation(models.Model):
    """A year's service charges of a lease against what they really cost: owed, or given back."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    property = models.ForeignKey(
        Property, models.PROTECT, related_name="regularisations", verbose_name=_("property")
    )
    lease = models.ForeignKey(
        Lease, models.PROTECT, related_name="regularisations", verbose_name=_("lease")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    provisions = models.BigIntegerField(_("charged in advance"))
    actual = models.BigIntegerField(_("really cost"))
    charge = models.OneToOneField(
        Charge, models.PROTECT, null=True, related_name="regularisation", verbose_name=_("charge")
    )
    # What the owner gave up, for all leases that were reckoned together.
    entry = models.ForeignKey(
        JournalEntry,
        models.PROTECT,
        null=True,
        related_name="regularisations",
        db_index=False,
        verbose_name=_("journal entry"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), default=timezone.now)
    undone_at = models.DateTimeField(_("undone at"), null=True)
    reason = models.CharField(_("why undone"), max_length=200, blank=True)

    objects = OfPropertyQuerySet.as_manager()

    class Meta:
        verbose_name = _("regularisation")
        verbose_name_plural = _("regularisations")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease", "year"],
                condition=Q(undone_at=None),
                name="a_year_is_regularised_once",
            )
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["undone_at", "reason"]),
            ),
        ]

    def __str__(self):
        return f"{self.lease_id} {self.year}"

    @builtins.property
    def balance(self) -> int:
        """What the tenant owes (positive) or gets back (negative), in minor units."""
        return self.actual - self.provisions
