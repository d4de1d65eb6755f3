"""The journal: double entry, append-only. Every franc that moves leaves one balanced entry here."""

import builtins  # the field ``property`` hides the decorator inside the class

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.models import append_only, never_deleted
from akig.lib.periods import period_label
from payments.querysets import CashAccountQuerySet, LineQuerySet
from sites_app.models import Owner, Property, Site
from sites_app.querysets import BranchQuerySet
from tenants.models import Lease


class Account(models.Model):
    """An account of a branch's books; ``code`` follows the SYSCOHADA plan of the region.

    Tenants and owners have no accounts of their own: their lines stand in the collective accounts
    411 and 467 and name the lease or the owner, as auxiliary accounts do on paper.
    """

    class Code(models.TextChoices):
        RECEIVABLE = "411", _("Tenants")
        OWNER_PENDING = "4671", _("Owners: charged, not yet collected")
        OWNER_PAYABLE = "4672", _("Owners: collected, to be paid out")
        OWNER_ADVANCE = "4673", _("Owners: advances and expenses")
        DEPOSITS = "1654", _("Deposits held")
        SUSPENSE = "471", _("Unknown money")
        TAX = "4478", _("Branch tax collected")
        VAT = "4431", _("VAT on fees")
        COMMISSION = "7061", _("Commission")
        LATE_FEES = "7078", _("Late fees")
        OPENING = "4711", _("Balances taken over")
        CASH = "571", _("Till")
        BANK = "521", _("Bank")
        CHEQUES = "513", _("Cheques to bank")
        ORANGE_MONEY = "5521", _("Orange Money")
        MTN_MOMO = "5522", _("MTN MoMo")
        WAVE = "5523", _("Wave")
        MERCHANT = "5524", _("Merchant code")
        OTHER_MONEY = "5528", _("Other money")
        TRANSIT = "585", _("Money on its way to the bank")
        SHARED_COSTS = "4674", _("Shared costs to charge")
        WITHHOLDING = "4472", _("Tax withheld from owners")
        PROVIDER_FEES = "6318", _("Provider fees")
        FEES_RECHARGED = "7073", _("Provider fees charged to tenants")
        SERVICES = "628", _("Services and supplies")
        CASH_DIFFERENCE = "6588", _("Cash differences")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="accounts", db_index=False, verbose_name=_("branch")
    )
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("holder"),
    )

    objects = CashAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["site", "code"]
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="one_account_per_code")
        ]
        triggers = [append_only()]

    def __str__(self):
        return f"{self.code} {self.label}"

    @property
    def label(self):
        """The name in the reader's language; ``name`` is the one it was opened under."""
        return self.Code(self.code).label if self.code in self.Code.values else self.name


class JournalEntry(models.Model):
    """One act that moved money. It is never changed; a mistake is answered by its reversal.

    Branches, leases, entries and accounts are never deleted, so a key to one of them would only
    ask, row by row, whether it was there on the day. The triggers of entries, lines, charges and
    allocations ask that once for all rows of a statement (``db_constraint=False``). They ask by
    subqueries that count: the database keeps their plan, and one made for a rent run must do for a
    single payment too.
    """

    class Kind(models.TextChoices):
        CHARGE = "charge", _("charge")
        PAYMENT = "payment", _("payment")
        SHARE = "share", _("owner's share and commission")
        OPENING = "opening", _("balance taken over")
        REVERSAL = "reversal", _("reversal")
        DEPOSIT = "deposit", _("deposit")
        OWNER_COST = "owner_cost", _("owner's cost")
        PAYOUT = "payout", _("paid to an owner")
        HAND_OVER = "hand_over", _("hand-over of cash")
        DAY_CLOSE = "day_close", _("closing of a till")
        BANK_SLIP = "bank_slip", _("deposit at the bank")
        SUSPENSE = "suspense", _("unknown money")
        MOVEMENT = "movement", _("movement of a statement")
        SHARED = "shared", _("shared cost")

    site = models.ForeignKey(
        Site,
        models.PROTECT,
        related_name="+",
        verbose_name=_("branch"),
        db_index=False,
        db_constraint=False,
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    value_date = models.DateField(_("value date"))
    created_at = models.DateTimeField(_("entered at"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("by"),
    )
    lease = models.ForeignKey(
        Lease,
        models.PROTECT,
        null=True,
        related_name="entries",
        db_constraint=False,
        db_index=False,
        verbose_name=_("lease"),
    )
    payment = models.ForeignKey(
        "payments.Payment",
        models.PROTECT,
        null=True,
        related_name="entries",
        db_constraint=False,
        verbose_name=_("payment"),
    )
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="reversals",
        db_index=False,
        db_constraint=False,
        verbose_name=_("reverses"),
    )
    memo = models.CharField(_("label"), max_length=200, blank=True)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        indexes = [
            models.Index(fields=["site", "-value_date", "-id"], name="entry_by_day"),
            # Who works at several branches reads their entries in one row of days.
            models.Index(fields=["-value_date", "-id"], name="entry_by_day_anywhere"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(reverses__isnull=False),
                name="an_entry_is_reversed_once",
            )
        ]
        triggers = [
            append_only(),
            pgtrigger.Trigger(
                name="open_period",
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(new="fresh"),
                func=pgtrigger.Func(
                    """
                    IF EXISTS (
                        SELECT FROM fresh JOIN payments_closedperiod AS closed
                          ON closed.site_id = fresh.site_id
                         AND closed.reopened_at IS NULL
                         AND closed.month = date_trunc('month', fresh.value_date)::date
                    ) THEN
                        RAISE EXCEPTION 'a closed period refuses journal entries'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'period_is_open';
                    END IF;
                    IF EXISTS (
                        SELECT FROM (SELECT DISTINCT site_id FROM fresh) AS told
                         WHERE (SELECT count(*) FROM sites_app_site
                                 WHERE code = told.site_id) = 0
                    ) OR EXISTS (
                        SELECT FROM fresh WHERE
                            lease_id IS NOT NULL AND (
                                SELECT count(*) FROM tenants_lease AS lease
                                 WHERE lease.id = fresh.lease_id) = 0
                            OR payment_id IS NOT NULL AND (
                                SELECT count(*) FROM payments_payment AS payment
                                 WHERE payment.id = fresh.payment_id) = 0
                            OR reverses_id IS NOT NULL AND (
                                SELECT count(*) FROM payments_journalentry AS entry
                                 WHERE entry.id = fresh.reverses_id) = 0
                    ) THEN
                        RAISE EXCEPTION 'an entry names what is not there'
                            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'entry_stands';
                    END IF;
                    RETURN NULL;
                    """
                ),
            ),
        ]

    def __str__(self):
        day = period_label(self.value_date, self.value_date)
        return _("Entry %(number)s of %(day)s") % {"number": self.pk, "day": day}


class JournalLine(models.Model):
    """One side of an entry: positive is debit, negative is credit, in minor units.

    All lines of an entry arrive in one statement, and the database refuses a statement that leaves
    an entry unbalanced or adds to an entry that stands. ``site`` and ``value_date`` repeat the
    entry's so that balances as of a day need no join. The same trigger asks whether all that the
    lines name is there; of the account ``JournalDay`` asks it. Owners and houses may be deleted,
    so it holds those it names, and a trigger of theirs refuses to delete one that a line names.
    """

    site = models.ForeignKey(
        Site,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("branch"),
    )
    entry = models.ForeignKey(
        JournalEntry,
        models.PROTECT,
        related_name="lines",
        db_constraint=False,
        verbose_name=_("journal entry"),
    )
    account = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="lines",
        db_index=False,
        db_constraint=False,
        verbose_name=_("account"),
    )
    lease = models.ForeignKey(
        Lease,
        models.PROTECT,
        null=True,
        related_name="lines",
        db_index=False,
        db_constraint=False,
        verbose_name=_("lease"),
    )
    owner = models.ForeignKey(
        Owner,
        models.PROTECT,
        null=True,
        related_name="lines",
        db_index=False,
        db_constraint=False,
        verbose_name=_("owner"),
    )
    property = models.ForeignKey(
        Property,
        models.PROTECT,
        null=True,
        related_name="lines",
        db_index=False,
        db_constraint=False,
        verbose_name=_("property"),
    )
    value_date = models.DateField(_("value date"))
    amount = models.BigIntegerField(_("amount"))

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        indexes = [
            models.Index(
                fields=["lease", "account", "value_date"],
                include=["amount"],
                condition=Q(lease__isnull=False),
                name="line_by_lease",
            ),
            models.Index(
                fields=["owner", "account", "value_date"],
                include=["amount"],
                condition=Q(owner__isnull=False),
                name="line_by_owner",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="a_line_moves_something")
        ]
        triggers = [
            append_only(),
            pgtrigger.Trigger(
                name="balance",
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                referencing=pgtrigger.Referencing(new="fresh"),
                declare=[("broken", "text")],
                func=pgtrigger.Func(
                    """
                    SELECT CASE
                        WHEN sheet.rest <> 0 THEN 'entry_balances'
                        WHEN entry.id IS NULL THEN 'line_has_entry'
                        WHEN sheet.site <> entry.site_id OR sheet.other_site <> entry.site_id
                          OR sheet.day <> entry.value_date OR sheet.other_day <> entry.value_date
                        THEN 'line_repeats_entry'
                        ELSE 'entry_is_complete' END
                      INTO broken
                      FROM (
                        SELECT entry_id, sum(amount) AS rest, count(*) AS arrived,
                               min(site_id) AS site, max(site_id) AS other_site,
                               min(value_date) AS day, max(value_date) AS other_day
                          FROM fresh GROUP BY entry_id
                      ) AS sheet LEFT JOIN LATERAL (
                        SELECT id, site_id, value_date FROM payments_journalentry
                         WHERE id = entry_id LIMIT 1
                      ) AS entry ON true
                     WHERE sheet.rest <> 0 OR entry.id IS NULL
                        OR sheet.site <> entry.site_id OR sheet.other_site <> entry.site_id
                        OR sheet.day <> entry.value_date OR sheet.other_day <> entry.value_date
                        OR sheet.arrived <> (
                            SELECT count(*) FROM payments_journalline AS line
                             WHERE line.entry_id = sheet.entry_id)
                     LIMIT 1;
                    IF broken = 'line_has_entry' THEN
                        RAISE EXCEPTION 'a line stands in no entry'
                            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = broken;
                    ELSIF broken IS NOT NULL THEN
                        RAISE EXCEPTION 'an entry does not balance, takes no more lines, or has a '
                            'line that tells another branch or day than it'
                            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
                    END IF;
                    SELECT CASE
                        WHEN EXISTS (
                            SELECT FROM (SELECT DISTINCT lease_id FROM fresh) AS told
                             WHERE lease_id IS NOT NULL AND (
                                SELECT count(*) FROM tenants_lease WHERE id = told.lease_id) = 0
                        ) THEN 'lease'
                        WHEN (SELECT count(DISTINCT owner_id) FROM fresh) <> (
                            SELECT count(*) FROM (
                                SELECT FROM sites_app_owner
                                 WHERE id IN (SELECT owner_id FROM fresh) FOR KEY SHARE) AS held
                        ) THEN 'owner'
                        WHEN (SELECT count(DISTINCT property_id) FROM fresh) <> (
                            SELECT count(*) FROM (
                                SELECT FROM sites_app_property
                                 WHERE id IN (SELECT property_id FROM fresh) FOR KEY SHARE) AS held
                        ) THEN 'property' END
                      INTO broken;
                    IF broken IS NOT NULL THEN
                        RAISE EXCEPTION 'a line names a % that is not there', broken
                            USING ERRCODE = 'foreign_key_violation',
                                CONSTRAINT = 'line_has_' || broken;
                    END IF;
                    INSERT INTO payments_journalday AS total
                        (site_id, account_id, day, debit, credit)
                    SELECT site_id, account_id, value_date,
                           sum(greatest(amount, 0)), -sum(least(amount, 0))
                      FROM (SELECT site_id, account_id, value_date, amount FROM fresh) AS line
                     GROUP BY site_id, account_id, value_date
                     ORDER BY site_id, account_id, value_date
                    ON CONFLICT (site_id, account_id, day) DO UPDATE SET
                        debit = total.debit + excluded.debit,
                        credit = total.credit + excluded.credit;
                    RETURN NULL;
                    """
                ),
            ),
        ]

    def __str__(self):
        return _("Line %(number)s") % {"number": self.pk}

    @builtins.property
    def debit(self) -> int:
        return max(self.amount, 0)

    @builtins.property
    def credit(self) -> int:
        return max(-self.amount, 0)


class JournalDay(models.Model):
    """The sum of an account's lines of one day, maintained by the trigger of ``JournalLine``.

    Reports over a million lines read these rows instead; ``check_books`` compares them.
    """

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_index=False, verbose_name=_("account")
    )
    day = models.DateField(_("day"))
    debit = models.BigIntegerField(_("debit"), default=0)
    credit = models.BigIntegerField(_("credit"), default=0)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("day of an account")
        verbose_name_plural = _("days of accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "account", "day"], name="one_total_per_account_and_day"
            )
        ]

    def __str__(self):
        return f"{self.account_id} {self.day}"


@pghistory.track(exclude=["reports"])
class ClosedPeriod(models.Model):
    """A month of a branch whose books are closed: no entry may be dated in it."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", verbose_name=_("branch"), db_index=False
    )
    month = models.DateField(_("month"), help_text=_("First day of the month."))
    closed_at = models.DateTimeField(_("closed at"), default=timezone.now)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("closed by"),
    )
    reopened_at = models.DateTimeField(_("reopened at"), null=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("reopened by"),
    )
    reason = models.CharField(_("reason for reopening"), max_length=200, blank=True)
    reports = models.JSONField(
        _("reports"),
        default=dict,
        blank=True,
        help_text=_("Finance, trial balance, ageing and checklist as they stood at the closing."),
    )

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("closed period")
        verbose_name_plural = _("closed periods")
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "month"],
                condition=Q(reopened_at=None),
                name="a_month_is_closed_once",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="a_period_is_a_month"),
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return f"{self.site_id} {self.month:%Y-%m}"
