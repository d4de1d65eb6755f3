"""Promises to pay: a date and an amount, and what the journal says became of them."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import Versioned, counts_versions, never_deleted
from recovery.models.contacts import Contact
from recovery.querysets import PromiseQuerySet
from sites_app.models import Site
from tenants.models import Tenant


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pgtrigger.AnyChange("due_on", "amount", "cancelled_at")),
)
class Promise(Versioned):
    """A tenant promised ``amount`` by ``due_on``. At most one of a tenant is awaited at a time.

    ``received`` is what came from ``made_on`` until ``due_on``, as the journal says; it is kept by
    ``services.cases`` with each movement of money, and what became of the promise follows from it
    and from the calendar.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("awaited")
        KEPT = "kept", _("kept")
        PARTLY_KEPT = "partly_kept", _("partly kept")
        BROKEN = "broken", _("broken")
        CANCELLED = "cancelled", _("cancelled")

    class Place(models.TextChoices):
        OFFICE = "office", _("at the office")
        HOME = "home", _("at the tenant's")
        MOBILE_MONEY = "mobile_money", _("mobile money")
        BANK = "bank", _("at the bank")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="promises", db_index=False, verbose_name=_("tenant")
    )
    contact = models.OneToOneField(
        Contact, models.PROTECT, null=True, related_name="promise", verbose_name=_("call or visit")
    )
    made_on = models.DateField(_("made on"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("taken by"),
    )
    due_on = models.DateField(_("promised for"))
    amount = models.BigIntegerField(_("amount"))
    place = models.CharField(_("place"), max_length=12, choices=Place, default=Place.OFFICE)
    received = models.BigIntegerField(_("received"), default=0, db_default=0)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    cancel_reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise to pay")
        verbose_name_plural = _("promises to pay")
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["site", "due_on"], name="promise_by_day"),
            models.Index(fields=["tenant", "due_on"], name="promise_of_tenant"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=10**12), name="a_promise_has_an_amount"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("made_on")), name="a_promise_lies_ahead"
            ),
        ]
        triggers = [counts_versions(), never_deleted()]

    def __str__(self):
        return f"{self.tenant} · {self.due_on}"

    @property
    def status(self) -> str:
        if self.cancelled_at:
            return self.Status.CANCELLED
        if self.received >= self.amount:
            return self.Status.KEPT
        if self.due_on >= timezone.localdate():
            return self.Status.PENDING
        return self.Status.PARTLY_KEPT if self.received else self.Status.BROKEN

    def get_status_display(self) -> str:
        return self.Status(self.status).label

    @property
    def left(self) -> int:
        """What is still to come of it, in minor units."""
        return max(self.amount - self.received, 0)
