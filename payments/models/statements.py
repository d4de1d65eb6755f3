"""What banks and providers say they saw: statements, their lines, and who pays for whom."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import never_deleted
from notifications.models import Job
from payments.models.ledger import JournalEntry
from payments.models.payments import Payment
from payments.models.wallets import MoneyAccount
from sites_app.models import Site
from sites_app.querysets import BranchQuerySet
from tenants.models import Lease, Tenant


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pgtrigger.AnyChange("state", "account")),
    exclude=["content", "errors"],
)
class Statement(models.Model):
    """A file of a bank or provider, as it was handed in. Read again, it adds nothing.

    Which account it is of is often known only when it has been read.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        COLUMNS = "columns", _("to be told what it is")
        READ = "read", _("read")
        REFUSED = "refused", _("refused")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", verbose_name=_("branch"), db_index=False
    )
    account = models.ForeignKey(
        MoneyAccount,
        models.PROTECT,
        null=True,
        related_name="statements",
        verbose_name=_("account"),
    )
    source = models.CharField(
        _("said to be of"), max_length=14, choices=MoneyAccount.Kind, blank=True
    )
    name = models.CharField(_("file"), max_length=200)
    content = models.FileField(_("content"), upload_to="statements/%Y/%m", max_length=250)
    checksum = models.CharField(_("checksum"), max_length=64)
    format = models.CharField(_("format"), max_length=12, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    first_day = models.DateField(_("from"), null=True)
    last_day = models.DateField(_("to"), null=True)
    opening = models.BigIntegerField(_("opening balance"), null=True)
    closing = models.BigIntegerField(_("closing balance"), null=True)
    lines_read = models.PositiveIntegerField(_("lines read"), default=0)
    duplicates = models.PositiveIntegerField(_("known already"), default=0)
    errors = models.JSONField(_("errors"), default=list, blank=True)
    job = models.ForeignKey(
        Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("job")
    )
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("handed in by"),
    )
    handed_in_at = models.DateTimeField(_("handed in at"), default=timezone.now)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-handed_in_at"]
        indexes = [models.Index(fields=["site", "-handed_in_at"], name="statement_by_day")]
        triggers = [never_deleted()]

    def __str__(self):
        return self.name


@pghistory.track(
    pghistory.InsertEvent(condition=pgtrigger.Q(new__statement__isnull=True)),
    pghistory.UpdateEvent(condition=pgtrigger.AnyChange("state", "explanation", "reverses")),
    exclude=["raw", "candidates"],
)
class StatementLine(models.Model):
    """One movement of a bank account or wallet. What it says never changes, only what became of it.

    ``amount`` is positive for money that came in. ``fingerprint`` tells the same movement in
    another file: the provider's own number, or day, amount, party, balance and rank among equals.
    They come by the hundred thousand, so what they name and is never deleted has no key.
    """

    class State(models.TextChoices):
        POSTED = "posted", _("posted")  # it made payments
        LINKED = "linked", _("already recorded")  # payments of the desk that it proves
        SUGGESTED = "suggested", _("suggested")
        UNMATCHED = "unmatched", _("unmatched")
        EXPLAINED = "explained", _("explained")  # a fee, a transfer, a cost
        REVERSED = "reversed", _("reversed")  # it and its reversal cancel each other
        FAILED = "failed", _("failed")  # no money moved

    #: Money that nobody has placed yet: it stands in suspense and in the inbox.
    OPEN = (State.SUGGESTED, State.UNMATCHED)

    class Explanation(models.TextChoices):
        FEE = "fee", _("provider's fee")
        TRANSFER = "transfer", _("between our own accounts")
        COST = "cost", _("supplier or cost")
        PAYOUT = "payout", _("paid to an owner")
        DEPOSIT = "deposit", _("deposit returned")
        OTHER = "other", _("other")

    site = models.ForeignKey(
        Site,
        models.PROTECT,
        related_name="+",
        verbose_name=_("branch"),
        db_index=False,
        db_constraint=False,
    )
    account = models.ForeignKey(
        MoneyAccount,
        models.PROTECT,
        related_name="lines",
        verbose_name=_("account"),
        db_index=False,
    )
    statement = models.ForeignKey(
        Statement,
        models.PROTECT,
        null=True,
        related_name="lines",
        db_constraint=False,
        verbose_name=_("statement"),
        help_text=_("Empty for a message of an operator that was pasted."),
    )
    rank = models.PositiveIntegerField(_("line"), default=0)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    day = models.DateField(_("day"))
    happened_at = models.DateTimeField(_("time"), null=True)
    amount = models.BigIntegerField(_("amount"))
    fee = models.BigIntegerField(_("fee"), default=0)
    balance = models.BigIntegerField(_("balance"), null=True)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    other_references = models.JSONField(_("other references"), default=list, blank=True)
    reversal_of = models.CharField(
        _("takes back"),
        max_length=120,
        blank=True,
        help_text=_("The reference of the movement that it says it cancels."),
    )
    text = models.CharField(_("text"), max_length=500, blank=True)
    party = models.CharField(_("name"), max_length=150, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    raw = models.JSONField(_("as it stood"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UNMATCHED)
    explanation = models.CharField(_("explanation"), max_length=10, choices=Explanation, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    candidates = models.JSONField(_("candidates"), default=list, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", verbose_name=_("reverses")
    )
    suspense = models.ForeignKey(
        JournalEntry,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("entry in suspense"),
    )
    entry = models.ForeignKey(
        JournalEntry,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("entry that explains it"),
        help_text=_("A fee, a cost, a transfer; or what a payment of the desk lacked."),
    )

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of statements")
        ordering = ["-day", "-id"]
        indexes = [
            models.Index(fields=["site", "state", "-day", "-id"], name="line_by_state"),
            models.Index(fields=["account", "day"], name="line_by_account"),
            models.Index(fields=["account", "reference"], name="line_by_reference"),
            models.Index(
                fields=["account", "reversal_of"],
                condition=~Q(reversal_of=""),
                name="line_by_what_it_reverses",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "fingerprint"], name="a_movement_is_read_once"
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="a_movement_has_an_amount"),
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="as_it_stood",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "site",
                    "account",
                    "fingerprint",
                    "day",
                    "happened_at",
                    "amount",
                    "fee",
                    "balance",
                    "reference",
                    "reversal_of",
                    "text",
                    "party",
                    "phone",
                    "raw",
                ),
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.reference or self.text}"[:80]


class LinePart(models.Model):
    """Which payment a line proves, and with how much of it: a line may pay several leases."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    line = models.ForeignKey(
        StatementLine, models.PROTECT, related_name="parts", verbose_name=_("line")
    )
    payment = models.ForeignKey(
        Payment, models.PROTECT, related_name="line_parts", verbose_name=_("payment")
    )
    amount = models.BigIntegerField(_("amount"))
    made = models.BooleanField(
        _("made by the line"), help_text=_("Otherwise the desk had recorded the payment before.")
    )
    score = models.PositiveSmallIntegerField(_("score"), default=0)
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("matched by"),
    )
    matched_at = models.DateTimeField(_("matched at"), default=timezone.now)
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("undone by"),
    )

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        constraints = [
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(undone_at=None),
                name="a_payment_is_proved_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_match_has_an_amount"),
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["undone_at", "undone_by"]),
            ),
        ]

    def __str__(self):
        return f"{self.line_id} {self.payment_id}"


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class Proof(models.Model):
    """An entry that stood before the line which proves it: a payout, a deposit returned.

    One transfer may pay several owners, so a line proves several entries; each is proved once.
    """

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    line = models.ForeignKey(
        StatementLine, models.PROTECT, related_name="proofs", verbose_name=_("line")
    )
    entry = models.OneToOneField(
        JournalEntry, models.PROTECT, related_name="proof", verbose_name=_("journal entry")
    )

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")

    def __str__(self):
        return f"{self.line_id} {self.entry_id}"


class KnownPayer(models.Model):
    """A telephone or name that has paid for a lease: a brother, an employer. Learned, not typed."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    mark = models.CharField(
        _("mark"), max_length=150, help_text=_("A telephone, or a name in plain letters.")
    )
    lease = models.ForeignKey(
        Lease, models.PROTECT, related_name="known_payers", verbose_name=_("lease")
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, related_name="known_payers", verbose_name=_("tenant")
    )
    times = models.PositiveIntegerField(_("times"), default=1)
    last_on = models.DateField(_("last on"))

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("known payer")
        verbose_name_plural = _("known payers")
        constraints = [
            models.UniqueConstraint(fields=["mark", "lease"], name="a_payer_is_known_once")
        ]

    def __str__(self):
        return self.mark


@pghistory.track()
class Reconciliation(models.Model):
    """What the daily comparison of an account's journal with its statements found."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    account = models.ForeignKey(
        MoneyAccount, models.PROTECT, related_name="reconciliations", verbose_name=_("account")
    )
    day = models.DateField(_("as of"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    journal = models.BigIntegerField(_("by the journal"))
    statement = models.BigIntegerField(_("by the statement"), null=True)
    missing_here = models.BigIntegerField(_("unknown to us"), default=0)
    missing_there = models.BigIntegerField(_("unknown to the statement"), default=0)
    agrees = models.BooleanField(_("agrees"))
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="one_reconciliation_per_day")
        ]

    def __str__(self):
        return f"{self.account_id} {self.day}"
