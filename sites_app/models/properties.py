"""What the agency manages: properties (a house, a building, a compound) and their units."""

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from akig.lib.models import Versioned, counts_versions, folded
from sites_app.models.branches import Site
from sites_app.models.owners import Owner
from sites_app.querysets import PropertyQuerySet, UnitQuerySet


@pghistory.track(exclude=["search"])
class Property(Versioned):
    """A building or compound that the agency manages for one owner."""

    class Kind(models.TextChoices):
        BUILDING = "building", _("building")
        COMPOUND = "compound", _("compound")
        VILLA = "villa", _("villa")
        RESIDENCE = "residence", _("residence")
        SHOPS = "shops", _("shops")
        OFFICES = "offices", _("offices")
        LAND = "land", _("land")
        OTHER = "other", _("other")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="properties", verbose_name=_("branch")
    )
    owner = models.ForeignKey(
        Owner, models.PROTECT, related_name="properties", verbose_name=_("owner")
    )
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=150)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.BUILDING)
    commune = models.CharField(_("commune"), max_length=80, blank=True)
    quartier = models.CharField(_("quarter"), max_length=80, blank=True)
    landmark = models.CharField(_("landmark"), max_length=200, blank=True)
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    safety_note = models.CharField(
        _("safety note"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("What whoever goes there must know: a dog, dark stairs, never alone."),
    )
    notes = models.TextField(_("notes"), blank=True)
    archived_on = models.DateField(_("archived on"), null=True, blank=True)
    search = models.GeneratedField(
        expression=folded("name", "code", "quartier", "commune"),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name=_("search"),
    )

    objects = PropertyQuerySet.as_manager()

    class Meta:
        verbose_name = _("property")
        verbose_name_plural = _("properties")
        ordering = ["name"]
        triggers = [counts_versions()]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "code"],
                name="one_property_per_code",
                violation_error_message=_("Another property of this branch has this code."),
            )
        ]

    def __str__(self):
        return self.name

    @property
    def address(self) -> str:
        return ", ".join(part for part in (self.quartier, self.commune, self.landmark) if part)


@pghistory.track(exclude=["search"])
class Unit(Versioned):
    """A part of a property that is let by itself: flat, room, shop, office …"""

    class Kind(models.TextChoices):
        FLAT = "flat", _("flat")
        STUDIO = "studio", _("studio")
        ROOM = "room", _("room")
        VILLA = "villa", _("villa")
        SHOP = "shop", _("shop")
        OFFICE = "office", _("office")
        STORE = "store", _("store room")
        ANNEX = "annex", _("annex")
        CONTAINER = "container", _("container")
        OTHER = "other", _("other")

    site = models.ForeignKey(Site, models.PROTECT, related_name="units", verbose_name=_("branch"))
    property = models.ForeignKey(
        Property, models.PROTECT, related_name="units", verbose_name=_("property")
    )
    number = models.CharField(_("number"), max_length=20)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.FLAT)
    floor = models.CharField(_("floor"), max_length=20, blank=True)
    rooms = models.PositiveSmallIntegerField(_("rooms"), null=True, blank=True)
    area = models.DecimalField(_("area, m²"), max_digits=8, decimal_places=2, null=True, blank=True)
    advised_rent = models.BigIntegerField(
        _("advised monthly rent"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    notes = models.TextField(_("notes"), blank=True)
    archived_on = models.DateField(_("archived on"), null=True, blank=True)
    search = models.GeneratedField(
        expression=folded("number"),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name=_("search"),
    )

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["property", "number"]
        triggers = [counts_versions()]
        constraints = [
            models.UniqueConstraint(
                fields=["property", "number"],
                name="one_unit_per_number",
                violation_error_message=_("This property already has a unit of this number."),
            )
        ]

    def __str__(self):
        return self.number
