"""Where the agency's money lies outside the house: bank accounts and mobile wallets."""

from decimal import Decimal

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.encryption import SecretsField
from akig.lib.models import Versioned, counts_versions
from akig.lib.money import format_rate
from payments.models.ledger import Account
from payments.models.payments import Payment
from sites_app.models import Site
from sites_app.querysets import BranchQuerySet


@pghistory.track()
class MoneyAccount(Versioned):
    """A bank account or a wallet: what a statement is the statement of.

    ``code`` is the account of the journal that mirrors it. Tenants of every branch of the same
    currency pay into a shared one, and each branch books its part under ``code`` in its own books.
    """

    class Kind(models.TextChoices):
        BANK = "bank", _("bank")
        ORANGE_MONEY = "orange_money", _("Orange Money")
        MTN_MOMO = "mtn_momo", _("MTN MoMo")
        WAVE = "wave", _("Wave")
        MERCHANT_CODE = "merchant_code", _("merchant code")

    #: The account of the journal under which a kind is booked unless the account says otherwise.
    CODES = {
        Kind.BANK: Account.Code.BANK,
        Kind.ORANGE_MONEY: Account.Code.ORANGE_MONEY,
        Kind.MTN_MOMO: Account.Code.MTN_MOMO,
        Kind.WAVE: Account.Code.WAVE,
        Kind.MERCHANT_CODE: Account.Code.MERCHANT,
    }

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="money_accounts", verbose_name=_("branch")
    )
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    name = models.CharField(_("name"), max_length=80)
    number = models.CharField(_("account number"), max_length=40, blank=True)
    code = models.CharField(_("account of the journal"), max_length=20, editable=False)
    is_shared = models.BooleanField(
        _("shared"),
        default=True,
        help_text=_("Tenants of other branches of the same currency pay into it too."),
    )
    columns = models.JSONField(
        _("columns of its statements"), default=dict, blank=True, editable=False
    )
    is_active = models.BooleanField(_("in use"), default=True)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank account or wallet")
        verbose_name_plural = _("bank accounts and wallets")
        ordering = ["site", "kind", "name"]
        triggers = [counts_versions()]
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="one_money_account_per_code"),
        ]

    def __str__(self):
        return f"{self.name}, {self.site.name}"


@pghistory.track(
    exclude=[
        "secrets",
        "token",
        "token_expires_at",
        "last_callback_at",
        "last_success_at",
        "last_error",
        "last_error_at",
    ]
)
class Provider(Versioned):
    """A branch's contract with a provider of mobile money: address, secrets, who bears the fee.

    It cannot be enabled while a secret it needs is missing (see ``payments.providers``).
    """

    class Kind(models.TextChoices):
        ORANGE_MONEY = "orange_money", _("Orange Money")
        MTN_MOMO = "mtn_momo", _("MTN MoMo")
        WAVE = "wave", _("Wave")
        DJOMY = "djomy", _("Djomy")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="providers", verbose_name=_("branch")
    )
    kind = models.CharField(_("provider"), max_length=14, choices=Kind)
    account = models.ForeignKey(
        MoneyAccount, models.PROTECT, related_name="providers", verbose_name=_("wallet")
    )
    base_url = models.URLField(_("address of the provider"), max_length=200)
    callback_url = models.URLField(
        _("our public address"),
        max_length=120,
        help_text=_("The provider calls back here: https, a domain, no port."),
    )
    sandbox = models.BooleanField(_("test environment"), default=True)
    secrets = SecretsField(_("secrets"), default=dict, blank=True)
    secrets_since = models.DateTimeField(_("secrets since"), default=timezone.now, editable=False)
    fee_percent = models.DecimalField(
        _("usual fee, %"),
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
        help_text=_("Counted where the provider does not say what it kept."),
    )
    fee_bearer = models.CharField(
        _("who bears the fee"), max_length=8, choices=Payment.Bearer, default=Payment.Bearer.AGENCY
    )
    enabled = models.BooleanField(_("enabled"), default=False)
    token = SecretsField(_("token"), default=dict, blank=True, editable=False)
    token_expires_at = models.DateTimeField(_("token expires at"), null=True, editable=False)
    last_callback_at = models.DateTimeField(_("last call back"), null=True, editable=False)
    last_success_at = models.DateTimeField(_("last success"), null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, editable=False)
    last_error_at = models.DateTimeField(_("last error at"), null=True, editable=False)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("provider of mobile money")
        verbose_name_plural = _("providers of mobile money")
        ordering = ["site", "kind"]
        triggers = [counts_versions()]
        constraints = [
            models.UniqueConstraint(fields=["site", "kind"], name="one_provider_per_branch"),
            models.CheckConstraint(
                condition=Q(enabled=False) | ~Q(secrets=""), name="no_provider_without_secrets"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} ({self.site_id})"


@pghistory.track()
class ExchangeRate(models.Model):
    """What one unit of ``currency`` was worth in ``into`` on a day, and who says so."""

    currency = models.CharField(_("currency"), max_length=3)
    into = models.CharField(_("in"), max_length=3)
    day = models.DateField(_("day"), default=timezone.localdate)
    rate = models.DecimalField(
        _("rate"),
        max_digits=18,
        decimal_places=8,
        validators=[MinValueValidator(Decimal("0.00000001"))],
    )
    source = models.CharField(_("source"), max_length=120)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["-day", "currency", "into"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "into", "day"], name="one_rate_per_day"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="a_rate_is_positive"),
            models.CheckConstraint(
                condition=~Q(currency=models.F("into")), name="a_rate_joins_two_currencies"
            ),
        ]

    def __str__(self):
        return f"1 {self.currency} = {format_rate(self.rate)} {self.into}"
