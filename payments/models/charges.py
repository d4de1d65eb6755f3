"""What is owed: one charge per lease, kind and period."""

import builtins  # the field ``property`` hides the decorator inside the class

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import never_deleted
from akig.lib.periods import period_label
from payments.models.ledger import JournalEntry
from payments.querysets import ChargeQuerySet
from sites_app.models import Owner, Property, Site
from sites_app.querysets import BranchQuerySet
from tenants.models import Lease

#: Kinds of which there is no negative charge.
NEVER_CREDITS = ("rent", "service", "other")


@pghistory.track()
class RentRun(models.Model):
    """The charging of one month of a branch; run again, it resumes and adds what is missing."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", verbose_name=_("branch"), db_index=False
    )
    month = models.DateField(_("month"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("by"),
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    created = models.PositiveIntegerField(_("charges created"), default=0)
    amount = models.BigIntegerField(_("amount"), default=0)
    existing = models.PositiveIntegerField(_("already there"), default=0)
    failed = models.JSONField(_("refused"), default=list)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("rent run")
        verbose_name_plural = _("rent runs")
        ordering = ["-started_at"]

    def __str__(self):
        return f"{self.site_id} {self.month:%Y-%m}"


# What a rent run makes is in the run; only what a person does to one charge is kept here.
@pghistory.track(
    pghistory.ManualEvent("raise"),
    pghistory.UpdateEvent(condition=pgtrigger.AnyChange("cancelled_on", "cancel_reason")),
)
class Charge(models.Model):
    """An amount that a lease owes for a period; a negative one is a credit in the tenant's favour.

    Amount, dates, owner and commission are fixed when it is made. ``collected`` and ``settled_on``
    follow the allocations (see ``payments.settling``). A mistake is cancelled, which posts a
    reversal; nothing is edited or deleted, and the database sees to it.
    """

    class Kind(models.TextChoices):
        OPENING = "opening", _("balance taken over")
        RENT = "rent", _("rent")
        SERVICE = "service", _("service charges")
        TAX = "tax", _("branch tax")
        LATE_FEE = "late_fee", _("late fee")
        SHARED = "shared", _("shared costs")
        OTHER = "other", _("other")

    # What is never deleted needs no key: the trigger below asks whether it is there.
    site = models.ForeignKey(
        Site,
        models.PROTECT,
        related_name="+",
        verbose_name=_("branch"),
        db_index=False,
        db_constraint=False,
    )
    lease = models.ForeignKey(
        Lease,
        models.PROTECT,
        related_name="charges",
        db_index=False,
        db_constraint=False,
        verbose_name=_("lease"),
    )
    property = models.ForeignKey(
        Property, models.PROTECT, related_name="+", db_index=False, verbose_name=_("property")
    )
    owner = models.ForeignKey(
        Owner, models.PROTECT, related_name="+", db_index=False, verbose_name=_("owner")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    period_start = models.DateField(_("from"))
    period_end = models.DateField(_("to"))
    issue = models.PositiveSmallIntegerField(_("issue"), default=0)
    due_date = models.DateField(_("due date"))
    amount = models.BigIntegerField(_("amount"))
    commission_percent = models.DecimalField(
        _("commission, %"), max_digits=5, decimal_places=2, default=0
    )
    vat_percent = models.DecimalField(
        _("VAT on the commission, %"), max_digits=5, decimal_places=2, default=0
    )
    fee_for = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="late_fees",
        db_index=False,
        verbose_name=_("late fee for"),
    )
    collected = models.BigIntegerField(_("collected"), default=0)
    settled_on = models.DateField(_("settled on"), null=True)
    created_at = models.DateTimeField(_("entered at"), default=timezone.now)
    cancelled_on = models.DateField(_("cancelled on"), null=True)
    cancel_reason = models.CharField(_("reason"), max_length=200, blank=True)
    entry = models.ForeignKey(
        JournalEntry,
        models.PROTECT,
        null=True,
        related_name="charges",
        db_index=False,
        db_constraint=False,
        verbose_name=_("journal entry"),
    )

    objects = ChargeQuerySet.as_manager()

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        ordering = ["due_date", "id"]
        indexes = [
            models.Index(
                fields=["site", "due_date"],
                include=["lease", "amount", "collected"],
                condition=Q(cancelled_on=None) & Q(amount__gt=F("collected")),
                name="charge_open",
            ),
            models.Index(
                fields=["lease"],
                include=["site", "due_date", "amount", "collected"],
                condition=Q(cancelled_on=None) & Q(amount__gt=F("collected")),
                name="charge_open_by_lease",
            ),
            models.Index(
                fields=["lease"],
                include=["site", "amount", "collected"],
                condition=Q(cancelled_on=None) & Q(amount__lt=F("collected")),
                name="credit_unspent",
            ),
            models.Index(
                fields=["site", "period_start"],
                include=["amount", "collected", "kind"],
                condition=Q(cancelled_on=None),
                name="charge_by_period",
            ),
            models.Index(
                fields=["site", "period_start"],
                condition=Q(cancelled_on__isnull=False),
                name="charge_cancelled",
            ),
            # Punctuality asks for nothing else, over a month or a year.
            models.Index(
                fields=["site", "due_date"],
                include=["lease", "settled_on", "collected"],
                condition=Q(kind="rent", cancelled_on=None),
                name="rent_by_due_day",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["lease", "kind", "period_start", "issue"],
                name="one_charge_per_lease_kind_and_period",
            ),
            models.UniqueConstraint(
                fields=["fee_for"],
                condition=Q(fee_for__isnull=False),
                name="one_late_fee_per_charge",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="a_charge_is_not_zero"),
            # Credits pay charges as money does, and what they pay of the owner's is owed to him:
            # that money must be there, so less rent is a waiver or a smaller charge.
            models.CheckConstraint(
                condition=Q(amount__gt=0) | ~Q(kind__in=NEVER_CREDITS),
                name="a_credit_is_not_the_owners",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")), name="a_period_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, collected__gte=0, collected__lte=F("amount"))
                | Q(amount__lt=0, collected__lte=0, collected__gte=F("amount")),
                name="no_charge_is_overpaid",
            ),
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    exclude=["collected", "settled_on", "cancelled_on", "cancel_reason"]
                ),
            ),
            pgtrigger.Trigger(
                name="stands",
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(new="fresh"),
                func=pgtrigger.Func(
                    """
                    IF EXISTS (
                        SELECT FROM fresh WHERE (
                            SELECT count(*) FROM tenants_lease AS lease
                             WHERE lease.id = fresh.lease_id AND lease.site_id = fresh.site_id) = 0
                         OR entry_id IS NOT NULL AND (
                            SELECT count(*) FROM payments_journalentry AS entry
                             WHERE entry.id = fresh.entry_id) = 0
                    ) THEN
                        RAISE EXCEPTION 'a charge has no lease in its branch, or no journal entry'
                            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'charge_stands';
                    END IF;
                    RETURN NULL;
                    """
                ),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {period_label(self.period_start, self.period_end)}"

    @builtins.property
    def left(self) -> int:
        """What is still owed, in minor units."""
        return self.amount - self.collected

    @builtins.property
    def state(self) -> str:
        """One of due, partial, paid, paid_late, cancelled (``api.md``)."""
        if self.cancelled_on:
            return "cancelled"
        if self.settled_on:
            return "paid" if self.settled_on <= self.due_date else "paid_late"
        return "partial" if self.collected else "due"

    @builtins.property
    def is_overdue(self) -> bool:
        return self.left > 0 and not self.cancelled_on and self.due_date < timezone.localdate()
