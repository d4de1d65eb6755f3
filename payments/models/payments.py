"""What was paid, and which charges it pays."""

import builtins  # the field ``property`` hides the decorator inside the class

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import append_only, never_deleted
from akig.lib.periods import period_label
from payments.models.charges import Charge
from payments.querysets import PaymentQuerySet
from sites_app.models import Property, Site
from sites_app.querysets import BranchQuerySet
from tenants.models import Lease
from tenants.querysets import OfLeaseQuerySet

# A payment counts on its value date; a cancelled one is taken off again on the day of its reversal,
# so that the totals of a closed month stand, as the journal does.
MOVED = """
    SELECT site_id, property_id, value_date, method, timing, amount, sign FROM row
    UNION ALL
    SELECT site_id, property_id, cancelled_on, method, timing, amount, -sign FROM row
     WHERE cancelled_on IS NOT NULL
"""


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pgtrigger.AnyChange("status", "cancelled_on")),
)
class Payment(models.Model):
    """Money that a tenant gave for a lease: any amount on any day.

    Nothing in it changes but its status. ``allocated`` and ``timing`` follow the allocations.
    """

    class Method(models.TextChoices):
        CASH = "cash", _("cash")
        CHEQUE = "cheque", _("cheque")
        BANK_TRANSFER = "bank_transfer", _("bank transfer")
        ORANGE_MONEY = "orange_money", _("Orange Money")
        MTN_MOMO = "mtn_momo", _("MTN MoMo")
        WAVE = "wave", _("Wave")
        MERCHANT_CODE = "merchant_code", _("merchant code")
        OTHER = "other", _("other")
        DEPOSIT = "deposit", _("deposit")  # what the tenant had left with us; no desk takes it

    class Status(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        CANCELLED = "cancelled", _("cancelled")

    class Timing(models.TextChoices):
        """How the payment stands to what it pays: the finance report counts by it."""

        ON_TIME = "on_time", _("on time")
        LATE = "late", _("late")
        PARTIAL = "partial", _("partial")

    class Source(models.TextChoices):
        DESK = "desk", _("desk")
        API = "api", _("API")
        IMPORT = "import", _("import")
        PROVIDER = "provider", _("provider")
        STATEMENT = "statement", _("statement")
        CLAIM = "claim", _("tenant's claim")
        FIELD = "field", _("field")

    class Bearer(models.TextChoices):
        AGENCY = "agency", _("the agency")
        TENANT = "tenant", _("the tenant")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", verbose_name=_("branch"), db_index=False
    )
    lease = models.ForeignKey(
        Lease, models.PROTECT, related_name="payments", db_index=False, verbose_name=_("lease")
    )
    property = models.ForeignKey(
        Property, models.PROTECT, related_name="+", db_index=False, verbose_name=_("property")
    )
    amount = models.BigIntegerField(_("amount"))
    method = models.CharField(_("method"), max_length=14, choices=Method)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    value_date = models.DateField(_("value date"))
    notes = models.CharField(_("notes"), max_length=300, blank=True)
    for_charge = models.ForeignKey(
        Charge,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("chosen charge"),
    )
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.DESK)
    fee = models.BigIntegerField(
        _("provider's fee"),
        db_default=0,
        default=0,
        help_text=_("What the provider kept, in minor units."),
    )
    fee_bearer = models.CharField(
        _("fee borne by"),
        max_length=8,
        choices=Bearer,
        db_default=Bearer.AGENCY,
        default=Bearer.AGENCY,
    )
    collected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="collections",
        verbose_name=_("collected by"),
    )
    created_at = models.DateTimeField(_("entered at"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("entered by"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.CONFIRMED)
    cancelled_on = models.DateField(_("cancelled on"), null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("cancelled by"),
    )
    cancel_reason = models.CharField(_("reason"), max_length=200, blank=True)
    allocated = models.BigIntegerField(_("allocated"), default=0)
    timing = models.CharField(
        _("on time or late"), max_length=8, choices=Timing, default=Timing.ON_TIME
    )

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-value_date", "-id"]
        indexes = [
            models.Index(
                fields=["site", "-value_date", "-id"],
                include=["property", "amount"],
                name="payment_by_day",
            ),
            models.Index(fields=["site", "-created_at"], name="payment_by_entry"),
            models.Index(fields=["lease", "value_date", "id"], name="payment_by_lease"),
            models.Index(
                fields=["lease"],
                include=["amount", "allocated"],
                condition=Q(status="confirmed", allocated__lt=F("amount")),
                name="payment_with_advance",
            ),
            models.Index(
                fields=["site", "cancelled_on"],
                condition=Q(cancelled_on__isnull=False),
                name="payment_cancelled",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=10**12), name="a_payment_has_an_amount"
            ),
            models.CheckConstraint(
                condition=Q(fee__gte=0, fee__lte=F("amount")), name="a_fee_is_part_of_a_payment"
            ),
            models.CheckConstraint(
                condition=Q(allocated__gte=0, allocated__lte=F("amount")),
                name="no_payment_is_spent_twice",
            ),
            models.UniqueConstraint(
                fields=["site", "reference"],
                condition=Q(status="confirmed") & ~Q(reference=""),
                name="one_payment_per_reference",
            ),
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    exclude=[
                        "status",
                        "cancelled_on",
                        "cancelled_by",
                        "cancel_reason",
                        "allocated",
                        "timing",
                    ]
                ),
            ),
            *[
                pgtrigger.Trigger(
                    name=f"total_{name}",
                    level=pgtrigger.Statement,
                    operation=operation,
                    when=pgtrigger.After,
                    referencing=referencing,
                    func=pgtrigger.Func(
                        f"""
                        WITH row AS ({rows}), moved AS ({MOVED})
                        INSERT INTO payments_collectionday AS total
                            (site_id, day, method, timing, number, amount)
                        SELECT site_id, value_date, method, timing, sum(sign), sum(sign * amount)
                          FROM moved
                         GROUP BY site_id, value_date, method, timing
                        HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
                         ORDER BY site_id, value_date, method, timing
                        ON CONFLICT (site_id, day, method, timing) DO UPDATE SET
                            number = total.number + excluded.number,
                            amount = total.amount + excluded.amount;
                        WITH row AS ({rows}), moved AS ({MOVED})
                        INSERT INTO payments_propertymonth AS total
                            (site_id, property_id, month, number, amount)
                        SELECT site_id, property_id, date_trunc('month', value_date)::date,
                               sum(sign), sum(sign * amount)
                          FROM moved
                         GROUP BY site_id, property_id, date_trunc('month', value_date)
                        HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
                         ORDER BY site_id, property_id, date_trunc('month', value_date)
                        ON CONFLICT (property_id, month) DO UPDATE SET
                            number = total.number + excluded.number,
                            amount = total.amount + excluded.amount;
                        RETURN NULL;
                        """
                    ),
                )
                for name, operation, referencing, rows in [
                    (
                        "insert",
                        pgtrigger.Insert,
                        pgtrigger.Referencing(new="fresh"),
                        "SELECT *, 1 AS sign FROM fresh",
                    ),
                    (
                        "update",
                        pgtrigger.Update,
                        pgtrigger.Referencing(old="stale", new="fresh"),
                        "SELECT *, 1 AS sign FROM fresh UNION ALL SELECT *, -1 FROM stale",
                    ),
                ]
            ],
        ]

    def __str__(self):
        day = period_label(self.value_date, self.value_date)
        return _("Payment %(number)s of %(day)s") % {"number": self.pk, "day": day}

    @builtins.property
    def unallocated(self) -> int:
        """What pays no charge yet (an advance), in minor units."""
        return self.amount - self.allocated


class Allocation(models.Model):
    """Which charge a payment (or a credit) pays, and what of it the agency keeps.

    Derived: ``payments.settling`` replays a lease and replaces these rows, posting the difference.
    What it names is never deleted, so a trigger asks for it instead of keys: all is of one lease.
    """

    site = models.ForeignKey(
        Site,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("branch"),
    )
    lease = models.ForeignKey(
        Lease,
        models.PROTECT,
        related_name="allocations",
        db_constraint=False,
        verbose_name=_("lease"),
    )
    payment = models.ForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        related_name="allocations",
        db_index=False,
        db_constraint=False,
        verbose_name=_("payment"),
    )
    credit = models.ForeignKey(
        Charge,
        models.PROTECT,
        null=True,
        related_name="spendings",
        db_index=False,
        db_constraint=False,
        verbose_name=_("credit spent"),
    )
    charge = models.ForeignKey(
        Charge,
        models.PROTECT,
        related_name="allocations",
        db_index=False,
        db_constraint=False,
        verbose_name=_("charge"),
    )
    amount = models.BigIntegerField(_("amount"))
    commission = models.BigIntegerField(_("commission"), default=0)
    vat = models.BigIntegerField(_("VAT"), default=0)
    posted_on = models.DateField(_("posted on"))

    objects = OfLeaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        indexes = [models.Index(fields=["charge"], name="allocation_by_charge")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="an_allocation_pays_something"),
            models.CheckConstraint(
                condition=Q(payment=None, credit__isnull=False)
                | Q(payment__isnull=False, credit=None),
                name="an_allocation_has_one_source",
            ),
            models.UniqueConstraint(
                fields=["payment", "charge"],
                condition=Q(payment__isnull=False),
                name="a_payment_pays_a_charge_once",
            ),
            models.UniqueConstraint(
                fields=["credit", "charge"],
                condition=Q(credit__isnull=False),
                name="a_credit_pays_a_charge_once",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="of_its_lease",
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(new="fresh"),
                func=pgtrigger.Func(
                    """
                    IF EXISTS (
                        SELECT FROM fresh WHERE (
                            SELECT count(*) FROM payments_charge AS charge
                             WHERE charge.id = fresh.charge_id AND charge.site_id = fresh.site_id
                               AND charge.lease_id = fresh.lease_id) = 0
                         OR payment_id IS NOT NULL AND (
                            SELECT count(*) FROM payments_payment AS payment
                             WHERE payment.id = fresh.payment_id
                               AND payment.lease_id = fresh.lease_id) = 0
                         OR credit_id IS NOT NULL AND (
                            SELECT count(*) FROM payments_charge AS credit
                             WHERE credit.id = fresh.credit_id
                               AND credit.lease_id = fresh.lease_id) = 0
                    ) THEN
                        RAISE EXCEPTION 'an allocation joins what is not of its lease'
                            USING ERRCODE = 'foreign_key_violation',
                                CONSTRAINT = 'allocation_of_its_lease';
                    END IF;
                    RETURN NULL;
                    """
                ),
            ),
        ]

    def __str__(self):
        return _("Allocation %(number)s") % {"number": self.pk}


class CollectionDay(models.Model):
    """Number and amount of the payments of a day, maintained by the triggers of ``Payment``."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    day = models.DateField(_("day"))
    method = models.CharField(_("method"), max_length=14, choices=Payment.Method)
    timing = models.CharField(_("on time or late"), max_length=8, choices=Payment.Timing)
    number = models.IntegerField(_("number of payments"), default=0)
    amount = models.BigIntegerField(_("amount"), default=0)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("payments of a day")
        verbose_name_plural = _("payments of days")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "day", "method", "timing"], name="one_total_per_day_and_method"
            )
        ]

    def __str__(self):
        return f"{self.site_id} {period_label(self.day, self.day)} {self.get_method_display()}"


class PropertyMonth(models.Model):
    """Number and amount of a property's payments of a month, maintained by the same triggers."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    property = models.ForeignKey(
        Property, models.PROTECT, related_name="+", db_index=False, verbose_name=_("property")
    )
    month = models.DateField(_("month"))
    number = models.IntegerField(_("number of payments"), default=0)
    amount = models.BigIntegerField(_("amount"), default=0)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("month of a property")
        verbose_name_plural = _("months of properties")
        indexes = [
            models.Index(
                fields=["site", "month"],
                include=["property", "number", "amount"],
                name="property_month_by_site",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["property", "month"], name="one_total_per_property_and_month"
            )
        ]

    def __str__(self):
        return f"{self.property_id} {self.month:%Y-%m}"


class IdempotencyKey(models.Model):
    """The first answer to a request that creates money, kept to be given again.

    Written in the transaction of the act itself, so that either both exist or neither.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="+",
        db_index=False,
        verbose_name=_("person"),
    )
    key = models.CharField(_("key"), max_length=255)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    payment = models.ForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("payment"),
    )
    status = models.PositiveSmallIntegerField(_("status"), default=0)
    body = models.BinaryField(_("answer"), default=bytes)
    created_at = models.DateTimeField(_("entered at"), default=timezone.now)

    class Meta:
        verbose_name = _("key of a request")
        verbose_name_plural = _("keys of requests")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key")]
        triggers = [append_only()]

    def __str__(self):
        return self.key
