"""What the tenant takes home: frozen documents with gapless numbers."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import never_deleted
from payments.models.charges import Charge
from payments.models.payments import Payment
from payments.querysets import ReceiptQuerySet
from sites_app.models import Site
from tenants.models import Lease


class ReceiptCounter(models.Model):
    """The last number of a branch, year and kind. Its row lock makes the numbers gapless."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    kind = models.CharField(_("kind"), max_length=10)
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("counter of receipts")
        verbose_name_plural = _("counters of receipts")
        constraints = [
            models.UniqueConstraint(fields=["site", "kind", "year"], name="one_counter_per_year")
        ]

    def __str__(self):
        return f"{self.site_id} {self.kind} {self.year}: {self.last}"


@pghistory.track(pghistory.UpdateEvent())
class Receipt(models.Model):
    """A receipt of money, a quittance (a period fully paid) or of a deposit, as it was handed over.

    ``content`` is what the paper says, frozen at issue; only the status changes afterwards. The
    public page behind ``code`` tells that status to anybody who holds the paper.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("receipt")
        QUITTANCE = "quittance", _("rent receipt")
        DEPOSIT = "deposit", _("deposit receipt")

    class Status(models.TextChoices):
        VALID = "valid", _("valid")
        CANCELLED = "cancelled", _("cancelled")
        REPLACED = "replaced", _("replaced")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", verbose_name=_("branch"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    year = models.PositiveSmallIntegerField(_("year"))
    sequence = models.PositiveIntegerField(_("rank"))
    number = models.CharField(_("number"), max_length=40)
    code = models.CharField(_("code"), max_length=16)
    lease = models.ForeignKey(
        Lease, models.PROTECT, related_name="receipts", verbose_name=_("lease")
    )
    payment = models.ForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        related_name="receipts",
        db_index=False,
        verbose_name=_("payment"),
    )
    charge = models.ForeignKey(
        Charge,
        models.PROTECT,
        null=True,
        related_name="quittances",
        db_index=False,
        verbose_name=_("charge"),
    )
    amount = models.BigIntegerField(_("amount"))
    value_date = models.DateField(_("value date"))
    issued_at = models.DateTimeField(_("issued at"), default=timezone.now)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("issued by"),
    )
    content = models.JSONField(_("content"), default=dict)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.VALID)
    replaced_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("replaced by"),
    )

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["-issued_at", "-id"]
        indexes = [
            models.Index(
                fields=["site", "-issued_at", "-id"],
                condition=~Q(status="valid"),
                name="receipt_not_valid",
            )
        ]
        # unique=True would make two more indexes, for beginnings of numbers, which nobody asks for.
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_receipt_per_number"),
            models.UniqueConstraint(fields=["code"], name="one_receipt_per_code"),
            models.UniqueConstraint(
                fields=["site", "kind", "year", "sequence"], name="receipt_numbers_are_unique"
            ),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(kind="receipt"),
                name="one_receipt_per_payment",
            ),
            models.UniqueConstraint(
                fields=["charge"],
                condition=Q(kind="quittance", status="valid"),
                name="one_valid_quittance_per_charge",
            ),
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["status", "replaced_by"]),
            ),
        ]

    def __str__(self):
        return self.number
