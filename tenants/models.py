"""Who lives there and under what lease."""

import builtins  # the field ``property`` hides the decorator inside the class

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from akig.lib.encryption import SealedTextField
from akig.lib.models import Versioned, counts_versions, folded, never_deleted
from sites_app.models import Property, Site, Unit
from tenants.querysets import LeaseQuerySet, OfLeaseQuerySet, OfTenantQuerySet, TenantQuerySet

#: Days of the week as ISO 8601 counts them: Monday is 1.
ISO_WEEKDAYS = [(day + 1, name) for day, name in WEEKDAYS.items()]
#: The kind and number of a passport or identity card.
IDENTITY = {"default": "", "db_default": "", "blank": True, "validators": [MaxLengthValidator(60)]}


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    pghistory.ManualEvent("exported"),
    exclude=["search", "identity"],
)
class Tenant(Versioned):
    """A person or company that rents. A debt belongs to the tenant even when the lease is over."""

    class State(models.TextChoices):
        APPLICANT = "applicant", _("applicant")
        ACTIVE = "active", _("active")
        FORMER = "former", _("former")
        BLACKLISTED = "blacklisted", _("blacklisted")

    class Channel(models.TextChoices):
        CALL = "call", _("call")
        SMS = "sms", _("SMS")
        WHATSAPP = "whatsapp", _("WhatsApp")
        EMAIL = "email", _("e-mail")

    site = models.ForeignKey(Site, models.PROTECT, related_name="tenants", verbose_name=_("branch"))
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("preferred language"), max_length=8, default="fr")
    channel = models.CharField(
        _("preferred channel"), max_length=10, choices=Channel, default=Channel.CALL
    )
    profession = models.CharField(_("profession"), max_length=100, blank=True)
    employer = models.CharField(_("employer"), max_length=100, blank=True)
    identity = SealedTextField(_("identity document"), **IDENTITY)
    agreed_on = models.DateField(_("agreed to messages on"), null=True, blank=True)
    do_not_contact = models.BooleanField(_("not to be contacted"), default=False, db_default=False)
    do_not_contact_reason = models.CharField(
        _("why not to be contacted"), max_length=200, blank=True, default="", db_default=""
    )
    visit_days = ArrayField(
        models.PositiveSmallIntegerField(choices=ISO_WEEKDAYS),
        verbose_name=_("can be visited on"),
        size=7,
        default=list,
        db_default=[],
        blank=True,
    )
    visit_from = models.TimeField(_("can be visited from"), null=True, blank=True)
    visit_until = models.TimeField(_("can be visited until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.ACTIVE)
    notes = models.TextField(_("notes"), blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tenant",
        verbose_name=_("sign-in"),
    )
    archived_on = models.DateField(_("archived on"), null=True, blank=True)
    search = models.GeneratedField(
        expression=folded("name", "code", "email"),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name=_("search"),
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")
        ordering = ["name"]
        triggers = [counts_versions()]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "code"],
                name="one_tenant_per_code",
                violation_error_message=_("Another tenant of this branch has this code."),
            ),
            models.CheckConstraint(
                condition=Q(visit_from=None)
                | Q(visit_until=None)
                | Q(visit_until__gt=F("visit_from")),
                name="visiting_hours_end_after_they_begin",
                violation_error_message=_("The hours must end after they begin."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def phone(self) -> str:
        """The first telephone in E.164, or an empty text."""
        numbers = sorted(self.phones.all(), key=lambda phone: (not phone.is_primary, phone.pk))
        return str(numbers[0].number) if numbers else ""

    @property
    def visiting_hours(self) -> str:
        """When the tenant can be visited, in words; empty when at any time."""
        days = ", ".join(str(WEEKDAYS_ABBR[day - 1]) for day in sorted(self.visit_days))
        begin, end = (time and f"{time:%H:%M}" for time in (self.visit_from, self.visit_until))
        if begin and end:
            hours = f"{begin}–{end}"
        elif begin or end:
            word = _("from %(time)s") if begin else _("until %(time)s")
            hours = word % {"time": begin or end}
        else:
            hours = ""
        return " · ".join(filter(None, (days, hours)))

    @property
    def initials(self) -> str:
        return " ".join(f"{word[0]}." for word in self.name.split() if word)


@pghistory.track()
class TenantPhone(models.Model):
    """A telephone of a tenant. Couples share one, so a number may stand at several tenants."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="phones", verbose_name=_("tenant")
    )
    number = PhoneNumberField(_("telephone"), db_index=True)
    is_primary = models.BooleanField(_("first to call"), default=False)

    objects = OfTenantQuerySet.as_manager()

    class Meta:
        verbose_name = _("telephone")
        verbose_name_plural = _("telephones")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="a_tenants_number_once")
        ]

    def __str__(self):
        return str(self.number)


@pghistory.track(exclude=["identity"])
class Guarantor(Versioned):
    """A person who answers for a tenant's debt."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="guarantors", verbose_name=_("tenant")
    )
    name = models.CharField(_("name"), max_length=150)
    phone = PhoneNumberField(_("telephone"), blank=True)
    relation = models.CharField(_("relation"), max_length=60, blank=True)
    profession = models.CharField(_("profession"), max_length=100, blank=True)
    identity = SealedTextField(_("identity document"), **IDENTITY)

    objects = OfTenantQuerySet.as_manager()

    class Meta:
        verbose_name = _("guarantor")
        verbose_name_plural = _("guarantors")
        triggers = [counts_versions()]

    def __str__(self):
        return self.name


class Periodicity(models.IntegerChoices):
    """How many months one charge of rent covers."""

    MONTHLY = 1, _("monthly")
    QUARTERLY = 3, _("quarterly")
    HALF_YEARLY = 6, _("half-yearly")
    YEARLY = 12, _("yearly")


@pghistory.track(exclude=["search"])
class Lease(Versioned):
    """A tenant rents one or several units of a property from a day on.

    ``rent`` is per month, whatever the periodicity. Both ``start`` and ``end`` are days of the
    lease. A lease is never deleted: one made by mistake is cancelled and binds nobody.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("active")
        NOTICE_GIVEN = "notice_given", _("notice given")
        SUSPENDED = "suspended", _("suspended")
        EXPIRED = "expired", _("expired")
        TERMINATED = "terminated", _("terminated")
        CANCELLED = "cancelled", _("cancelled")

    class Usage(models.TextChoices):
        HOUSING = "housing", _("housing")
        BUSINESS = "business", _("business")

    site = models.ForeignKey(Site, models.PROTECT, related_name="leases", verbose_name=_("branch"))
    reference = models.CharField(_("reference"), max_length=40)
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="leases", verbose_name=_("tenant")
    )
    property = models.ForeignKey(
        Property, models.PROTECT, related_name="leases", verbose_name=_("property")
    )
    units = models.ManyToManyField(
        Unit, through="Occupancy", related_name="leases", verbose_name=_("units")
    )
    start = models.DateField(_("first day"))
    end = models.DateField(_("last day"), null=True, blank=True)
    rent = models.BigIntegerField(_("monthly rent"), validators=[MinValueValidator(1)])
    service_charge = models.BigIntegerField(
        _("monthly service charges"), default=0, validators=[MinValueValidator(0)]
    )
    periodicity = models.PositiveSmallIntegerField(
        _("periodicity"), choices=Periodicity, default=Periodicity.MONTHLY
    )
    due_day = models.PositiveSmallIntegerField(
        _("due day"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text=_("Day of the month on which the rent is due; empty for the branch's rule."),
    )
    deposit = models.BigIntegerField(_("deposit"), default=0, validators=[MinValueValidator(0)])
    usage = models.CharField(_("usage"), max_length=10, choices=Usage, default=Usage.HOUSING)
    furnished = models.BooleanField(_("furnished"), default=False)
    state = models.CharField(_("state"), max_length=14, choices=State, default=State.ACTIVE)
    taken_over_on = models.DateField(
        _("balance taken over on"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Periods that began by this day are inside the balance and are not charged."),
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    search = models.GeneratedField(
        expression=folded("reference"),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name=_("search"),
    )

    objects = LeaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")
        ordering = ["-start", "reference"]
        indexes = [
            models.Index(fields=["site", "state", "start"], name="lease_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "reference"],
                condition=~Q(state="cancelled"),
                name="one_lease_per_reference",
                violation_error_message=_("Another lease of this branch has this reference."),
            ),
            models.CheckConstraint(
                condition=Q(end=None) | Q(end__gte=F("start")),
                name="a_lease_ends_after_it_starts",
                violation_error_message=_("The last day must not come before the first."),
            ),
            models.CheckConstraint(condition=Q(rent__gt=0), name="a_lease_has_a_rent"),
            models.CheckConstraint(
                condition=Q(periodicity__in=Periodicity.values), name="a_known_periodicity"
            ),
        ]
        triggers = [
            counts_versions(),
            never_deleted(),
            pgtrigger.Trigger(
                name="occupy",
                operation=pgtrigger.UpdateOf("start", "end", "state"),
                when=pgtrigger.After,
                func=pgtrigger.Func(
                    """
                    UPDATE tenants_occupancy SET
                        days = daterange(NEW.start, NEW."end", '[]'),
                        holds = NEW.state NOT IN ('draft', 'cancelled')
                    WHERE lease_id = NEW.id;
                    RETURN NULL;
                    """
                ),
            ),
        ]

    def __str__(self):
        return self.reference

    def runs_on(self, day) -> bool:
        return self.is_real and self.start <= day and (self.end is None or self.end >= day)

    @builtins.property
    def is_real(self) -> bool:
        """False for drafts and leases that were cancelled: they bind nobody."""
        return self.state not in (self.State.DRAFT, self.State.CANCELLED)

    @builtins.property
    def is_over(self) -> bool:
        return self.end is not None and self.end < timezone.localdate()


class Occupancy(models.Model):
    """A lease holds a unit over its days. The database refuses two at once.

    ``days`` and ``holds`` repeat what the lease says; a trigger of ``Lease`` keeps them so.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    lease = models.ForeignKey(
        Lease, models.CASCADE, related_name="occupancies", verbose_name=_("lease")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="occupancies", verbose_name=_("unit")
    )
    days = DateRangeField(_("days"))
    holds = models.BooleanField(_("holds the unit"), default=True)

    objects = OfLeaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("occupancy")
        verbose_name_plural = _("occupancies")
        constraints = [
            models.UniqueConstraint(fields=["lease", "unit"], name="a_unit_once_per_lease"),
            ExclusionConstraint(
                name="leases_never_overlap",
                # See Mandate: a range of one number needs no extension.
                expressions=[
                    (Func(F("unit"), F("unit"), models.Value("[]"), function="int8range"), "&&"),
                    ("days", "&&"),
                ],
                condition=Q(holds=True),
                violation_error_message=_("Another lease holds this unit on some of these days."),
            ),
        ]

    def __str__(self):
        return f"{self.lease} · {self.unit}"


@pghistory.track()
class RentChange(models.Model):
    """From a day on a lease costs another rent; the newest that has begun holds."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    lease = models.ForeignKey(
        Lease, models.PROTECT, related_name="rent_changes", verbose_name=_("lease")
    )
    valid_from = models.DateField(_("from"))
    rent = models.BigIntegerField(_("monthly rent"), validators=[MinValueValidator(1)])
    service_charge = models.BigIntegerField(
        _("monthly service charges"), default=0, validators=[MinValueValidator(0)]
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = OfLeaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of rent")
        verbose_name_plural = _("changes of rent")
        ordering = ["lease", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["lease", "valid_from"], name="one_rent_per_day")
        ]

    def __str__(self):
        return f"{self.lease_id} · {self.valid_from}"
