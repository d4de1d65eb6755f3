"""Cash from the tenant's hand to the bank: agents, till, counts, slips."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import Versioned, append_only, counts_versions, never_deleted
from payments.models.ledger import Account, JournalEntry
from payments.models.statements import StatementLine
from payments.models.wallets import MoneyAccount
from payments.querysets import HandOverQuerySet
from sites_app.models import Site
from sites_app.querysets import BranchQuerySet

#: Notes and coins that are counted, in minor units of the currency, the largest first; 1 is for
#: the small change, which nobody counts piece by piece.
DENOMINATIONS = {
    "GNF": (20_000, 10_000, 5_000, 2_000, 1_000, 500, 100, 1),
    "XOF": (10_000, 5_000, 2_000, 1_000, 500, 250, 200, 100, 50, 25, 1),
}


def worth_of(notes: dict[int, int]) -> int:
    """Return what counted notes and coins are worth, in minor units."""
    return sum(worth * number for worth, number in notes.items())


@pghistory.track()
class CashLimit(Versioned):
    """How much cash a person may carry before everybody is warned; nothing is blocked by it."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="cash_limits",
        verbose_name=_("agent"),
    )
    amount = models.BigIntegerField(_("limit"))

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("cash limit")
        verbose_name_plural = _("cash limits")
        triggers = [counts_versions()]
        constraints = [
            models.UniqueConstraint(fields=["site", "agent"], name="one_cash_limit_per_agent"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_limit_is_not_negative"),
        ]

    def __str__(self):
        return f"{self.agent_id} {self.amount}"


@pghistory.track()
class HandOver(models.Model):
    """Cash that changes hands inside the agency: declared by one, counted and confirmed by another.

    ``notes`` counts each denomination: {"10000": 12}. What is missing or too much when counted is
    posted to the difference account in the same entry.
    """

    class State(models.TextChoices):
        DECLARED = "declared", _("declared")
        CONFIRMED = "confirmed", _("confirmed")
        REFUSED = "refused", _("refused")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    source = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("from"))
    target = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("to"))
    declared = models.BigIntegerField(_("declared"))
    counted = models.BigIntegerField(_("counted"), null=True)
    declared_notes = models.JSONField(_("notes declared"), default=dict, blank=True)
    counted_notes = models.JSONField(_("notes counted"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DECLARED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="hand_overs",
        verbose_name=_("given by"),
    )
    given_at = models.DateTimeField(_("given at"), default=timezone.now)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("received by"),
    )
    received_at = models.DateTimeField(_("received at"), null=True)
    entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        related_name="hand_over",
        verbose_name=_("journal entry"),
    )

    objects = HandOverQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-over of cash")
        verbose_name_plural = _("hand-overs of cash")
        ordering = ["-given_at"]
        indexes = [
            models.Index(fields=["site", "-given_at"], name="hand_over_by_day"),
            models.Index(fields=["site"], condition=Q(state="declared"), name="hand_over_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(declared__gt=0, declared__lte=10**12), name="a_hand_over_has_an_amount"
            ),
            models.CheckConstraint(
                condition=~Q(source=F("target")), name="cash_moves_between_two_hands"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(received_by=F("given_by")),
                name="a_hand_over_has_two_people",
            ),
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="as_declared",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    exclude=[
                        "state",
                        "counted",
                        "counted_notes",
                        "reason",
                        "received_by",
                        "received_at",
                        "entry",
                    ]
                ),
            ),
            pgtrigger.Protect(
                name="answered_once",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="declared"),
            ),
        ]

    def __str__(self):
        return f"{self.given_at:%Y-%m-%d} {self.declared}"


@pghistory.track(pghistory.InsertEvent())
class DayClosing(models.Model):
    """The count of a till at the end of a day; the difference goes to an account of its own."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="day_closings", verbose_name=_("till")
    )
    day = models.DateField(_("day"))
    expected = models.BigIntegerField(_("by the journal"))
    counted = models.BigIntegerField(_("counted"))
    notes = models.JSONField(_("notes and coins"), default=dict, blank=True)
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        related_name="day_closing",
        verbose_name=_("journal entry"),
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("closed by"),
    )
    closed_at = models.DateTimeField(_("closed at"), default=timezone.now)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("closing of a day")
        verbose_name_plural = _("closings of days")
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="a_day_is_closed_once")
        ]
        triggers = [append_only()]

    def __str__(self):
        return f"{self.account_id} {self.day}"

    @property
    def difference(self) -> int:
        return self.counted - self.expected


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class BankDeposit(models.Model):
    """Cash or cheques carried to the bank: on the way until the bank's statement shows them."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    source = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("from"))
    account = models.ForeignKey(
        MoneyAccount, models.PROTECT, related_name="deposits", verbose_name=_("bank account")
    )
    amount = models.BigIntegerField(_("amount"))
    slip = models.CharField(_("slip number"), max_length=40)
    day = models.DateField(_("day"))
    entry = models.OneToOneField(
        JournalEntry, models.PROTECT, related_name="bank_deposit", verbose_name=_("journal entry")
    )
    line = models.OneToOneField(
        StatementLine,
        models.PROTECT,
        null=True,
        related_name="bank_deposit",
        verbose_name=_("line of the statement"),
    )
    arrived_entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        related_name="arrived_deposit",
        verbose_name=_("entry of arrival"),
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("made by"),
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("deposit at the bank")
        verbose_name_plural = _("deposits at the bank")
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "slip"], name="a_slip_is_used_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_bank_deposit_has_an_amount"),
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["line", "arrived_entry"]),
            ),
        ]

    def __str__(self):
        return self.slip
