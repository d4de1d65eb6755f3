"""The tenant's deposit from the first franc to the refund, and the exit account of a lease."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import append_only, never_deleted
from payments.models.charges import Charge
from payments.models.ledger import JournalEntry
from payments.models.payments import Payment
from payments.models.receipts import Receipt
from sites_app.models import Site
from tenants.models import Lease
from tenants.querysets import OfLeaseQuerySet


class DepositMovement(models.Model):
    """Money held for a tenant, or given back: a liability, never income, never commission.

    ``amount`` is positive when more is held. A deduction names the payment by which the deposit
    paid the tenant's charges; what was reversed names what it answers.
    """

    class Kind(models.TextChoices):
        TAKEN_OVER = "taken_over", _("taken over")
        HELD = "held", _("held")
        DEDUCTED = "deducted", _("deducted")
        REFUNDED = "refunded", _("refunded")
        REVERSED = "reversed", _("reversed")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    lease = models.ForeignKey(
        Lease, models.PROTECT, related_name="deposit_movements", verbose_name=_("lease")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    amount = models.BigIntegerField(_("amount"))
    value_date = models.DateField(_("value date"))
    method = models.CharField(_("method"), max_length=14, choices=Payment.Method, blank=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    receipt = models.OneToOneField(
        Receipt,
        models.PROTECT,
        null=True,
        related_name="deposit_movement",
        verbose_name=_("receipt"),
    )
    entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        related_name="deposit_movement",
        verbose_name=_("journal entry"),
    )
    payment = models.OneToOneField(
        Payment,
        models.PROTECT,
        null=True,
        related_name="deposit_movement",
        verbose_name=_("payment"),
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", verbose_name=_("reverses")
    )
    created_at = models.DateTimeField(_("entered at"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("entered by"),
    )

    objects = OfLeaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("deposit movement")
        verbose_name_plural = _("deposit movements")
        ordering = ["value_date", "id"]
        indexes = [models.Index(fields=["site", "-value_date"], name="deposit_by_day")]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="a_deposit_moves_something"),
        ]
        triggers = [append_only()]

    def __str__(self):
        return f"{self.get_kind_display()} {self.amount}"


@pghistory.track()
class ExitAccount(models.Model):
    """What is settled when a tenant leaves: rent due, damages, deposit, balance, plan.

    A draft is counted anew each time it is read; agreed, ``content`` is frozen and the deposit is
    applied.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        AGREED = "agreed", _("agreed")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    lease = models.OneToOneField(
        Lease, models.PROTECT, related_name="exit_account", verbose_name=_("lease")
    )
    left_on = models.DateField(_("left on"))
    inspected_on = models.DateField(_("inspected on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    content = models.JSONField(_("content"), default=dict, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("drawn up by"),
    )
    drawn_at = models.DateTimeField(_("drawn up at"), default=timezone.now)
    agreed_at = models.DateTimeField(_("agreed at"), null=True)

    objects = OfLeaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("exit account")
        verbose_name_plural = _("exit accounts")
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="frozen_when_agreed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state="agreed"),
            ),
        ]

    def __str__(self):
        return f"{self.lease_id} {self.left_on}"


@pghistory.track()
class Damage(models.Model):
    """Something the tenant must make good, found at the exit inspection; charged when agreed."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    account = models.ForeignKey(
        ExitAccount, models.CASCADE, related_name="damages", verbose_name=_("exit account")
    )
    label = models.CharField(_("what"), max_length=150)
    amount = models.BigIntegerField(_("amount"))
    photo = models.FileField(_("photo"), upload_to="damages/%Y/%m", max_length=250, blank=True)
    charge = models.OneToOneField(
        Charge, models.PROTECT, null=True, related_name="damage", verbose_name=_("charge")
    )

    objects = OfLeaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("damage")
        verbose_name_plural = _("damages")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_damage_has_an_amount")
        ]

    def __str__(self):
        return self.label


@pghistory.track()
class Instalment(models.Model):
    """One date of the plan by which what is left is paid. Kept or not, the journal tells."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    account = models.ForeignKey(
        ExitAccount, models.CASCADE, related_name="instalments", verbose_name=_("exit account")
    )
    due_date = models.DateField(_("due date"))
    amount = models.BigIntegerField(_("amount"))

    objects = OfLeaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ["due_date"]
        constraints = [
            models.UniqueConstraint(fields=["account", "due_date"], name="one_instalment_per_day"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="an_instalment_has_an_amount"),
        ]

    def __str__(self):
        return f"{self.due_date} {self.amount}"
