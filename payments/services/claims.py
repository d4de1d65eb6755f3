""" "I have paid", says the tenant; the cashier looks, and records the payment or says why not."""

import datetime

from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.money import format_amount
from payments.models import Payment, PaymentClaim
from payments.services.collecting import LARGEST, record_payment
from payments.services.once import made_once
from payments.services.posting import lock_books
from sites_app.rules import rules_for
from tenants.models import Lease

#: Claims of one lease that may wait at once.
MOST_WAITING = 5

State = PaymentClaim.State


class ClaimRefused(BusinessError):
    """A claim that cannot be: its amount, day or method."""

    code = "claim_refused"


class ClaimDecided(Conflict):
    """Somebody decided otherwise before."""

    code = "claim_decided"


class TooManyClaims(Conflict):
    """So many of the lease wait already that another one would help nobody."""

    code = "too_many_claims"


def make_claim_once(*, actor, key: str, photo: File | None = None, **fields) -> PaymentClaim:
    """Make the claim of a form that carries ``key``: sent twice, the first is returned."""
    return _make_claim_once(actor=actor, key=key, photo=photo, fields=fields)


@verb("payment.validate")
def _make_claim_once(*, actor, key, photo, fields):
    return made_once(
        actor, key, fields, PaymentClaim, lambda: make_claim(actor=actor, photo=photo, **fields)
    )


@verb("payment.validate")
def make_claim(
    *,
    actor,
    lease: Lease,
    amount: int,
    method: str,
    paid_on: datetime.date,
    reference: str = "",
    message: str = "",
    photo: File | None = None,
) -> PaymentClaim:
    """Note that the tenant of ``lease`` says to have paid ``amount`` (minor units); no money moves.

    ``photo`` was checked by the door. Raises ``ClaimRefused`` and ``TooManyClaims``.
    """
    if not 0 < amount <= LARGEST:
        sentence = _("Write an amount between %(least)s and %(most)s.") % {
            "least": format_amount(1, lease.site.currency),
            "most": format_amount(LARGEST, lease.site.currency),
        }
        raise ClaimRefused(sentence, fields={"amount": sentence})
    if method not in rules_for(lease.site_id).methods:
        sentence = _("This branch does not take this method of payment.")
        raise ClaimRefused(sentence, fields={"method": sentence})
    if paid_on > timezone.localdate():
        sentence = _("The date is in the future.")
        raise ClaimRefused(sentence, fields={"paid_on": sentence})
    lock_books(lease.site_id, [lease.pk])
    waiting = PaymentClaim.objects.filter(lease=lease, state=State.WAITING)
    if waiting.count() >= MOST_WAITING:
        raise TooManyClaims(_("We look at what you sent before: please wait for our answer."))
    claim = PaymentClaim.objects.create(
        site_id=lease.site_id,
        lease=lease,
        amount=amount,
        method=method,
        reference=reference,
        paid_on=paid_on,
        message=message,
        photo=photo or "",
    )
    renew(f"site:{lease.site_id}")
    return claim


@verb("payment.validate")
def accept_claim(
    *,
    actor,
    claim: PaymentClaim,
    amount: int,
    method: str,
    value_date: datetime.date,
    reference: str = "",
) -> PaymentClaim:
    """Record the payment that a tenant claims, as the cashier found it; accepted twice, once.

    Raises ``ClaimDecided`` when it was refused before, and what ``record_payment`` raises.
    """
    claim = _held(claim)
    if claim.state == State.ACCEPTED:
        return unchanged(claim)
    if claim.state != State.WAITING:
        raise ClaimDecided(_("This claim was refused before."))
    claim.payment = record_payment(
        actor=actor,
        lease=claim.lease,
        amount=amount,
        method=method,
        value_date=value_date,
        reference=reference,
        source=Payment.Source.CLAIM,
    )
    return _decide(actor, claim, State.ACCEPTED)


@verb("payment.validate")
def refuse_claim(*, actor, claim: PaymentClaim, reason: str) -> PaymentClaim:
    """Refuse a claim; the tenant reads the reason. Raises ``ClaimDecided``."""
    claim = _held(claim)
    if claim.state == State.REFUSED:
        return unchanged(claim)
    if claim.state != State.WAITING:
        raise ClaimDecided(_("This claim was accepted before: its payment can be cancelled."))
    if not reason.strip():
        sentence = _("Say why: the tenant reads it.")
        raise ClaimRefused(sentence, fields={"reason": sentence})
    claim.reason = reason
    return _decide(actor, claim, State.REFUSED)


def _held(claim: PaymentClaim) -> PaymentClaim:
    """Read the claim again and hold its books until the transaction ends."""
    lock_books(claim.site_id, [claim.lease_id])
    rows = PaymentClaim.objects.select_related("lease__site", "lease__tenant", "lease__property")
    return rows.get(pk=claim.pk)


def _decide(actor, claim, state) -> PaymentClaim:
    claim.state, claim.decided_by, claim.decided_at = state, actor, timezone.now()
    claim.save(update_fields=["state", "reason", "payment", "decided_by", "decided_at"])
    renew(f"site:{claim.site_id}")
    return claim
