"""What owners owe the agency for their houses, and what the agency pays out to them."""

import builtins  # the field ``property`` hides the decorator inside the class
import datetime

import pghistory
import pgtrigger
from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.encryption import SecretsField
from akig.lib.models import Versioned, counts_versions, never_deleted
from payments.models.ledger import JournalEntry
from payments.models.wallets import MoneyAccount
from sites_app.models import MaintenanceTicket, Owner, Property, Site
from sites_app.querysets import BranchQuerySet


class OwnedQuerySet(BranchQuerySet):
    of_owner = "owner__user"


@pghistory.track(exclude=["number"])
class OwnerPaymentDetails(Versioned):
    """How an owner is paid in a branch: bank account or wallet, and what is kept in reserve."""

    class Method(models.TextChoices):
        BANK_TRANSFER = "bank_transfer", _("bank transfer")
        ORANGE_MONEY = "orange_money", _("Orange Money")
        MTN_MOMO = "mtn_momo", _("MTN MoMo")
        WAVE = "wave", _("Wave")
        CASH = "cash", _("cash")
        CHEQUE = "cheque", _("cheque")

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    owner = models.ForeignKey(
        Owner, models.PROTECT, related_name="payment_details", verbose_name=_("owner")
    )
    method = models.CharField(
        _("paid by"), max_length=14, choices=Method, default=Method.BANK_TRANSFER
    )
    bank = models.CharField(_("bank"), max_length=80, blank=True)
    number = SecretsField(_("account or wallet number"), default=dict, blank=True)
    holder = models.CharField(_("account holder"), max_length=150, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("owner's payment details")
        verbose_name_plural = _("owners' payment details")
        triggers = [counts_versions()]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "owner"], name="one_way_to_pay_an_owner_per_branch"
            )
        ]

    def __str__(self):
        return f"{self.owner_id} {self.get_method_display()}"


@pghistory.track()
class Reserve(Versioned):
    """What stays with the agency for a property at each payout, in minor units."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    property = models.OneToOneField(
        Property, models.PROTECT, related_name="reserve", verbose_name=_("property")
    )
    amount = models.BigIntegerField(_("amount"))

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("reserve")
        verbose_name_plural = _("reserves")
        triggers = [counts_versions()]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_reserve_is_not_negative")
        ]

    def __str__(self):
        return f"{self.property_id} {self.amount}"


@pghistory.track()
class OwnerCost(models.Model):
    """Money the agency lays out for an owner: a repair, an expense, an advance on his rents.

    Above the branch's threshold it waits for a second person. Posted, it is the owner's debt and
    is taken off his next payout first.
    """

    class Kind(models.TextChoices):
        EXPENSE = "expense", _("expense")
        REPAIR = "repair", _("repair")
        ADVANCE = "advance", _("advance")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for approval")
        POSTED = "posted", _("posted")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    owner = models.ForeignKey(Owner, models.PROTECT, related_name="costs", verbose_name=_("owner"))
    property = models.ForeignKey(
        Property,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="owner_costs",
        verbose_name=_("property"),
    )
    ticket = models.ForeignKey(
        MaintenanceTicket,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="owner_costs",
        verbose_name=_("maintenance"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    label = models.CharField(_("label"), max_length=150)
    amount = models.BigIntegerField(_("amount"))
    value_date = models.DateField(_("value date"))
    paid_from = models.CharField(_("paid from"), max_length=20)  # an account of the journal
    proof = models.FileField(_("proof"), upload_to="proofs/%Y/%m", max_length=250, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        related_name="owner_cost",
        verbose_name=_("journal entry"),
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("entered by"),
    )
    entered_at = models.DateTimeField(_("entered at"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("owner's cost")
        verbose_name_plural = _("owners' costs")
        ordering = ["-value_date", "-id"]
        indexes = [
            models.Index(fields=["site", "-value_date"], name="owner_cost_by_day"),
            models.Index(fields=["site"], condition=Q(state="waiting"), name="owner_cost_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=10**12), name="an_owner_cost_has_an_amount"
            ),
            models.CheckConstraint(
                condition=Q(entry__isnull=False) | ~Q(state="posted"),
                name="a_posted_cost_is_in_the_journal",
            ),
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return self.label


@pghistory.track()
class PayoutRun(models.Model):
    """Paying out one month to the owners of a branch: prepared by one, approved by another.

    It counts what the books say until the end of the month, or until its ``value_date`` where that
    comes first; the money leaves on the value date.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", _("prepared")
        APPROVED = "approved", _("approved")
        CANCELLED = "cancelled", _("cancelled")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    month = models.DateField(_("month"), help_text=_("First day of the month."))
    value_date = models.DateField(_("value date"))
    # The last journal entry that its figures know: what comes later belongs to the next run.
    last_entry = models.BigIntegerField(_("last journal entry counted"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PREPARED)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("prepared by"),
    )
    prepared_at = models.DateTimeField(_("prepared at"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("payout run")
        verbose_name_plural = _("payout runs")
        ordering = ["-month", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "month"],
                condition=Q(state="prepared"),
                name="one_prepared_run_per_month",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="a_payout_run_is_a_month"),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(decided_by=models.F("prepared_by")),
                name="a_payout_run_has_two_people",
            ),
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return f"{self.site_id} {self.month:%Y-%m}"

    @property
    def until(self) -> datetime.date:
        """The last day whose money it counts."""
        return min(self.value_date, self.month + relativedelta(months=1, days=-1))


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pgtrigger.AnyChange("state", "restated_at")),
    exclude=["content"],
)
class Payout(models.Model):
    """What one owner receives for one month of a branch, with the statement that was frozen then.

    amount = opening + collected - commission and VAT - costs and advances - tax withheld
    - what stays in reserve, in minor units; where that is negative, nothing is paid and it is
    carried over. ``content`` is the statement line by line, each with its proof.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", _("prepared")
        PAID = "paid", _("paid")
        CANCELLED = "cancelled", _("cancelled")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    run = models.ForeignKey(
        PayoutRun, models.PROTECT, related_name="payouts", verbose_name=_("payout run")
    )
    owner = models.ForeignKey(
        Owner, models.PROTECT, related_name="payouts", verbose_name=_("owner")
    )
    month = models.DateField(_("month"))
    opening = models.BigIntegerField(_("carried over"), default=0)
    collected = models.BigIntegerField(_("collected"), default=0)
    commission = models.BigIntegerField(_("commission and VAT"), default=0)
    costs = models.BigIntegerField(_("costs"), default=0)
    advances = models.BigIntegerField(_("advances recovered"), default=0)
    withheld = models.BigIntegerField(_("tax withheld"), default=0)
    reserved = models.BigIntegerField(_("kept in reserve"), default=0)
    amount = models.BigIntegerField(_("paid out"), default=0)
    method = models.CharField(_("paid by"), max_length=14, choices=OwnerPaymentDetails.Method)
    paid_from = models.ForeignKey(
        MoneyAccount,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("paid from"),
        help_text=_("Empty for cash."),
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PREPARED)
    number = models.CharField(_("number"), max_length=40, blank=True)
    code = models.CharField(_("code"), max_length=16, unique=True, null=True)
    content = models.JSONField(_("statement"), default=dict)
    reason = models.CharField(_("why cancelled"), max_length=200, blank=True)
    restated_at = models.DateTimeField(_("restated at"), null=True)
    restated_reason = models.CharField(_("why restated"), max_length=200, blank=True)
    entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        related_name="payout",
        verbose_name=_("journal entry"),
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["-month", "owner"]
        indexes = [models.Index(fields=["site", "-month"], name="payout_by_month")]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "owner", "month"],
                condition=~Q(state="cancelled"),
                name="one_payout_per_owner_and_month",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_payout_is_not_negative"),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(amount=0) | Q(entry__isnull=False),
                name="a_paid_payout_is_in_the_journal",
            ),
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'prepared' AND (OLD.content IS DISTINCT FROM NEW.content"
                    " OR OLD.amount IS DISTINCT FROM NEW.amount"
                    " OR OLD.entry_id IS DISTINCT FROM NEW.entry_id)"
                ),
            ),
        ]

    def __str__(self):
        return self.number or f"{self.owner_id} {self.month:%Y-%m}"

    @builtins.property
    def shown_state(self) -> str:
        """The state with what came later: ``restated`` is a paid one that no longer tells all."""
        restated = self.state == self.State.PAID and self.restated_at
        return "restated" if restated else self.state

    @builtins.property
    def lines(self) -> list[dict]:
        """The lines of the frozen statement: their day, and commission and VAT as ``taken``."""
        return [
            {
                **line,
                "day": datetime.date.fromisoformat(line["day"]),
                "taken": line["commission"] + line["vat"],
            }
            for line in self.content.get("lines", ())
        ]

    @builtins.property
    def taken_off(self) -> int:
        """What is not his of what was collected: commission and VAT, costs, advances, tax."""
        return self.commission + self.costs + self.advances + self.withheld

    @builtins.property
    def closing(self) -> int:
        """What is carried over to the next: the reserve, or what the owner owes (negative)."""
        return self.opening + self.collected - self.taken_off - self.amount
