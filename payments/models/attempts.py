"""Mobile money asked of a tenant: the attempt, and every call back a provider made."""

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
from payments.models.payments import Payment
from payments.models.wallets import Provider
from sites_app.models import Site
from tenants.models import Lease
from tenants.querysets import OfLeaseQuerySet


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pgtrigger.AnyChange("state", "payment")),
    exclude=["notify_token"],
)
class Attempt(models.Model):
    """One try to collect an amount through a provider; it ends paid, failed, expired or unknown.

    A call back is a hint: only the provider's own status, read server to server and agreeing in
    amount, currency and reference, makes it paid. ``order_id`` is new for each attempt, because
    providers refuse one they know.
    """

    class State(models.TextChoices):
        CREATED = "created", _("created")
        SENT = "sent", _("sent")
        WAITING_PAYER = "waiting_payer", _("waiting for the payer")
        PAID = "paid", _("paid")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("expired")
        UNKNOWN = "unknown", _("unknown")

    #: States in which the provider may still say something new.
    OPEN = (State.CREATED, State.SENT, State.WAITING_PAYER)

    id = models.UUIDField(_("number"), primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    lease = models.ForeignKey(
        Lease, models.PROTECT, related_name="attempts", verbose_name=_("lease")
    )
    provider = models.ForeignKey(
        Provider, models.PROTECT, related_name="attempts", verbose_name=_("provider")
    )
    amount = models.BigIntegerField(_("amount"))
    asked = models.BigIntegerField(
        _("asked of the payer"), help_text=_("The amount, and the fee where the tenant bears it.")
    )
    currency = models.CharField(_("currency"), max_length=3)
    order_id = models.CharField(_("order number"), max_length=30, unique=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    state = models.CharField(_("state"), max_length=14, choices=State, default=State.CREATED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    provider_reference = models.CharField(_("provider's session"), max_length=120, blank=True)
    notify_token = models.CharField(_("token of the call back"), max_length=200, blank=True)
    transaction = models.CharField(_("provider's transaction"), max_length=80, blank=True)
    payment_url = models.URLField(_("payment page"), max_length=500, blank=True)
    fee = models.BigIntegerField(_("fee"), default=0)
    payment = models.OneToOneField(
        Payment,
        models.PROTECT,
        null=True,
        related_name="attempt",
        verbose_name=_("payment"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("asked by"),
    )
    created_at = models.DateTimeField(_("asked at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    expires_at = models.DateTimeField(_("expires at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    polls = models.PositiveSmallIntegerField(_("times asked"), default=0)
    next_poll_at = models.DateTimeField(_("ask again at"), null=True)

    objects = OfLeaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("mobile-money attempt")
        verbose_name_plural = _("mobile-money attempts")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["site", "-created_at"], name="attempt_by_day"),
            models.Index(
                fields=["next_poll_at"],
                condition=Q(next_poll_at__isnull=False),
                name="attempt_to_poll",
            ),
            models.Index(fields=["provider", "notify_token"], name="attempt_by_token"),
            models.Index(fields=["provider", "provider_reference"], name="attempt_by_session"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, asked__gte=models.F("amount")),
                name="an_attempt_asks_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(payment=None) | Q(state="paid"), name="only_a_paid_attempt_has_money"
            ),
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return self.order_id


class Callback(models.Model):
    """What came in at a provider's address, word for word, before anybody believed it."""

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    kind = models.CharField(_("provider"), max_length=14)
    # The code, not a key: whatever stood in the address is kept, be it a branch or not.
    site_code = models.CharField(_("branch"), max_length=20, blank=True)
    method = models.CharField(_("method"), max_length=8)
    headers = models.JSONField(_("headers"), default=dict)
    body = models.BinaryField(_("body"), default=bytes)
    address = models.GenericIPAddressField(_("address"), null=True)
    received_at = models.DateTimeField(_("received at"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    event = models.CharField(_("event"), max_length=120, blank=True)
    attempt = models.ForeignKey(
        Attempt, models.PROTECT, null=True, related_name="callbacks", verbose_name=_("attempt")
    )
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        verbose_name = _("call back")
        verbose_name_plural = _("calls back")
        ordering = ["-received_at"]
        indexes = [
            models.Index(
                fields=["received_at"], condition=Q(state="received"), name="callback_to_read"
            )
        ]
        triggers = [
            never_deleted(),
            pgtrigger.Protect(
                name="as_it_came",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "kind", "site_code", "method", "headers", "body", "address", "received_at"
                ),
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.received_at:%Y-%m-%d %H:%M:%S}"


@pghistory.track()
class PaymentClaim(models.Model):
    """A tenant says "I have paid", with a photo; the cashier accepts it, or says why not."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", pgettext_lazy("claim", "refused")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", verbose_name=_("branch"), db_index=False
    )
    lease = models.ForeignKey(
        Lease, models.PROTECT, related_name="payment_claims", verbose_name=_("lease")
    )
    amount = models.BigIntegerField(_("amount"))
    method = models.CharField(_("method"), max_length=14, choices=Payment.Method)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    paid_on = models.DateField(_("paid on"))
    message = models.CharField(_("message"), max_length=300, blank=True)
    photo = models.FileField(_("photo"), upload_to="claims/%Y/%m", max_length=250, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, related_name="claim", verbose_name=_("payment")
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )

    objects = OfLeaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim of a payment")
        verbose_name_plural = _("claims of payments")
        ordering = ["-made_at"]
        indexes = [
            models.Index(fields=["site"], condition=Q(state="waiting"), name="claim_waiting")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=10**12), name="a_claim_has_an_amount"
            ),
        ]
        triggers = [never_deleted()]

    def __str__(self):
        return f"{self.lease_id} {self.amount}"
