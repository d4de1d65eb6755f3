"""The agency's branches: where people work, and the dated rules that hold there."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import Versioned, counts_versions, never_deleted
from sites_app.querysets import AssignmentQuerySet, SiteQuerySet


class Country(models.TextChoices):
    GUINEA = "GN", _("Guinea")
    SENEGAL = "SN", _("Senegal")
    MALI = "ML", _("Mali")


class Currency(models.TextChoices):
    GNF = "GNF", _("Guinean franc")
    XOF = "XOF", _("CFA franc")
    EUR = "EUR", _("Euro")


@pghistory.track()
class Site(Versioned):
    """A branch of the agency. Every row that belongs to a branch carries its code."""

    code = models.CharField(_("code"), max_length=20, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    country = models.CharField(_("country"), max_length=2, choices=Country)
    city = models.CharField(_("town"), max_length=60)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency)
    timezone = models.CharField(_("time zone"), max_length=40, default="Africa/Conakry")
    language = models.CharField(_("language"), max_length=8, default="fr")
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    latitude = models.DecimalField(
        _("latitude"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    max_tenants = models.PositiveIntegerField(_("most tenants"), null=True, blank=True)
    max_properties = models.PositiveIntegerField(_("most properties"), null=True, blank=True)
    failover = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, verbose_name=_("relief branch")
    )
    is_active = models.BooleanField(_("open"), default=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ["code"]
        triggers = [counts_versions(), never_deleted()]

    def __str__(self):
        return self.name


@pghistory.track()
class Assignment(models.Model):
    """A person works at a branch, until a day if one is given. One branch is the primary one."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="assignments",
        verbose_name=_("person"),
    )
    site = models.ForeignKey(
        Site, models.PROTECT, related_name="assignments", verbose_name=_("branch")
    )
    is_primary = models.BooleanField(_("primary"), default=False)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(fields=["user", "site"], name="one_assignment_per_branch"),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(is_primary=True),
                name="one_primary_branch",
                violation_error_message=_("This person already has a primary branch."),
            ),
        ]

    def __str__(self):
        return f"{self.user} · {self.site_id}"

    @property
    def has_ended(self) -> bool:
        return self.ends_on is not None and self.ends_on < timezone.localdate()


@pghistory.track()
class BranchRule(models.Model):
    """The value of a rule at a branch from a day on; the newest that has begun holds."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="rules", verbose_name=_("branch"))
    name = models.CharField(_("rule"), max_length=40)
    value = models.CharField(_("value"), max_length=200)
    valid_from = models.DateField(_("from"))
    note = models.CharField(_("source"), max_length=200, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("set by"),
    )
    set_at = models.DateTimeField(_("set at"), auto_now=True)

    class Meta:
        verbose_name = _("branch rule")
        verbose_name_plural = _("branch rules")
        ordering = ["site", "name", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name", "valid_from"], name="one_value_per_rule_and_day"
            )
        ]

    def __str__(self):
        return f"{self.site_id} {self.name} = {self.value}"


@pghistory.track()
class Holiday(models.Model):
    """A day on which the offices of a country are closed."""

    country = models.CharField(_("country"), max_length=2, choices=Country)
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["country", "day"]
        constraints = [
            models.UniqueConstraint(fields=["country", "day"], name="one_holiday_per_day")
        ]

    def __str__(self):
        return self.name
