"""For whom the agency works: owners, and the mandates that say at what commission."""

import builtins  # the field ``property`` hides the decorator inside the class
import datetime

import pghistory
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from akig.lib.models import Versioned, counts_versions, folded
from sites_app.models.branches import Site
from sites_app.querysets import BranchQuerySet, OwnerQuerySet

PERCENT = {
    "max_digits": 5,
    "decimal_places": 2,
    "validators": [MinValueValidator(0), MaxValueValidator(100)],
}


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    pghistory.ManualEvent("exported"),
    exclude=["search"],
)
class Owner(Versioned):
    """A person or company whose houses the agency manages.

    ``site`` is the branch that keeps the file; an owner who came by a spreadsheet has none until
    a first property says it.
    """

    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="owners", verbose_name=_("branch")
    )
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=150)
    phone = PhoneNumberField(_("telephone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    usual_commission = models.DecimalField(
        _("usual commission, %"), null=True, blank=True, **PERCENT
    )
    language = models.CharField(_("language"), max_length=8, default="fr")
    notes = models.TextField(_("notes"), blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="owner",
        verbose_name=_("sign-in"),
    )
    archived_on = models.DateField(_("archived on"), null=True, blank=True)
    search = models.GeneratedField(
        expression=folded("name", "code", "email"),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name=_("search"),
    )

    objects = OwnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("owner")
        verbose_name_plural = _("owners")
        ordering = ["name"]
        triggers = [counts_versions()]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="one_owner_per_code"),
        ]

    def __str__(self):
        return self.name


@pghistory.track()
class Mandate(Versioned):
    """The agency manages a property for an owner at a commission, over a span of days.

    Two mandates never overlap on a property: the commission of a day is one number.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    owner = models.ForeignKey(
        Owner, models.PROTECT, related_name="mandates", verbose_name=_("owner")
    )
    property = models.ForeignKey(
        "sites_app.Property", models.CASCADE, related_name="mandates", verbose_name=_("property")
    )
    commission = models.DecimalField(_("commission, %"), **PERCENT)
    days = DateRangeField(_("days"), help_text=_("From the first day to the day after the last."))
    reference = models.CharField(_("reference"), max_length=40, blank=True)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        triggers = [counts_versions()]
        constraints = [
            ExclusionConstraint(
                name="mandates_never_overlap",
                # A range of one number stands for the number: GiST compares ranges without
                # the btree_gist extension, which the embedded server does not have.
                expressions=[
                    (
                        Func(
                            F("property"), F("property"), models.Value("[]"), function="int8range"
                        ),
                        "&&",
                    ),
                    ("days", "&&"),
                ],
                violation_error_message=_("Another mandate covers some of these days."),
            )
        ]

    def __str__(self):
        return f"{self.property} · {self.commission} %"

    @builtins.property
    def last_day(self) -> datetime.date | None:
        """The last day of the mandate; None while no end is known."""
        return self.days.upper and self.days.upper - datetime.timedelta(days=1)
