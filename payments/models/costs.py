"""What running a branch costs, as the accountant enters it each month."""

import pghistory
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from akig.lib.models import Versioned, counts_versions
from sites_app.models import Site
from sites_app.querysets import BranchQuerySet


@pghistory.track()
class AgencyCost(Versioned):
    """The cost of one category in one month of a branch; it counts on the first of that month."""

    class Category(models.TextChoices):
        MANAGEMENT = "management", _("management")
        SALARIES = "salaries", _("salaries")
        MAINTENANCE = "maintenance", _("maintenance")
        UTILITIES = "utilities", _("utilities")
        OTHER = "other", _("other")

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    month = models.DateField(_("month"))
    category = models.CharField(_("category"), max_length=12, choices=Category)
    amount = models.BigIntegerField(_("amount"), validators=[MinValueValidator(0)])
    notes = models.CharField(_("notes"), max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("entered by"),
    )

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency cost")
        verbose_name_plural = _("agency costs")
        ordering = ["-month", "site", "category"]
        triggers = [counts_versions()]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "month", "category"], name="one_cost_per_category_and_month"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="a_cost_counts_for_a_month"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_cost_is_not_negative"),
        ]

    def __str__(self):
        return f"{self.site_id} {self.month:%Y-%m} {self.get_category_display()}"
