"""Calls and visits: who spoke with whom about a debt, and what came of it."""

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from akig.lib.models import never_deleted
from payments.models import Payment
from sites_app.models import Site
from sites_app.querysets import BranchQuerySet
from tenants.models import Tenant

#: What may come of each kind of contact (api.md).
RESULTS = {
    "call": ("promise", "refused", "no_answer", "wrong_number", "paid"),
    "visit": ("payment", "promise", "refused", "absent"),
}


#: What a person who is erased takes along (``recovery.receivers``).
OF_PERSON = ["notes", "latitude", "longitude", "accuracy"]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Contact(models.Model):
    """A call or a visit as it was; nothing of it is changed afterwards but what a person who is
    erased takes along.

    ``client_id`` is chosen by the telephone or the form that sends it: sent again, it is the same
    contact. ``owed`` is what was late when it was recorded, in minor units.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("call")
        VISIT = "visit", _("visit")

    class Result(models.TextChoices):
        PROMISE = "promise", _("promise")
        PAYMENT = "payment", _("payment")
        PAID = "paid", _("says to have paid")
        REFUSED = "refused", pgettext_lazy("contact", "refused")
        NO_ANSWER = "no_answer", _("no answer")
        ABSENT = "absent", _("absent")
        WRONG_NUMBER = "wrong_number", _("wrong number")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="contacts", db_index=False, verbose_name=_("tenant")
    )
    client_id = models.UUIDField(_("sender's key"), default=uuid.uuid4, unique=True)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("by"),
    )
    duration_minutes = models.PositiveSmallIntegerField(_("minutes"), null=True)
    result = models.CharField(_("result"), max_length=12, choices=Result)
    notes = models.CharField(_("notes"), max_length=1000, blank=True)
    owed = models.BigIntegerField(_("late then"))
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, related_name="visit", verbose_name=_("payment")
    )
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True)
    accuracy = models.PositiveIntegerField(_("accuracy, metres"), null=True)
    created_at = models.DateTimeField(_("entered at"), default=timezone.now)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("call or visit")
        verbose_name_plural = _("calls and visits")
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(fields=["tenant", "-made_at"], name="contact_of_tenant"),
            models.Index(fields=["site", "-made_at"], name="contact_by_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="call", result__in=RESULTS["call"])
                | Q(kind="visit", result__in=RESULTS["visit"]),
                name="a_contact_ends_as_its_kind_can",
            ),
            models.CheckConstraint(
                condition=Q(result="payment", payment__isnull=False)
                | Q(~Q(result="payment"), payment=None),
                name="a_visit_with_a_payment_has_one",
            ),
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=OF_PERSON),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.get_result_display()}"


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class Photo(models.Model):
    """A photo that was taken at a visit; it goes when the tenant is erased."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, related_name="photos", verbose_name=_("visit")
    )
    file = models.FileField(_("photo"), upload_to="visits/%Y/%m", max_length=250)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        triggers = [pgtrigger.Protect(name="fixed", operation=pgtrigger.Update)]

    def __str__(self):
        return self.file.name
