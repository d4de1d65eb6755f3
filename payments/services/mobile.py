"""Mobile money: asked of a payer, answered by the provider, booked once.

A call back is a hint. Only the status that the provider itself tells, read server to server,
moves money, and only when it agrees in amount, currency and reference with what was asked. The
provider is asked outside of any transaction; what it said is then written in one, under the lock
of the attempt, so that a worker killed in between leaves an attempt that is asked about again.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError
from akig.lib.freshness import renew
from akig.lib.money import format_amount, share
from payments.models import Attempt, Payment, Provider, StatementLine
from payments.providers import ProviderDown, ProviderRefused, Started, Status, client_for
from payments.readers import Movement, fingerprint
from payments.services.collecting import (
    LeaseEnded,
    ReferenceConflict,
    preview_payment,
    record_payment,
)
from payments.services.placing import link_line
from payments.services.posting import lock_books
from payments.services.receipts import new_code
from payments.services.suspense import suspend
from tenants.models import Lease

logger = logging.getLogger(__name__)
State = Attempt.State

#: Ages at which an open attempt is asked about; at the last one it is given up as unknown.
AGES = (
    *(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300, 600)),
    *(timedelta(hours=hours) for hours in range(1, 25)),
)

#: How long one who asks a provider holds the attempt: longer than any answer takes.
HELD = timedelta(seconds=90)

#: How often it is written down that a provider answers, or does not.
NOTED = timedelta(minutes=1)

#: The method of payment that a provider's money is counted under.
METHODS = {
    Provider.Kind.ORANGE_MONEY: Payment.Method.ORANGE_MONEY,
    Provider.Kind.MTN_MOMO: Payment.Method.MTN_MOMO,
    Provider.Kind.WAVE: Payment.Method.WAVE,
    Provider.Kind.DJOMY: Payment.Method.MERCHANT_CODE,
}

#: Providers that ring the payer's telephone instead of showing a page.
RINGING = (Provider.Kind.MTN_MOMO,)

#: What it is worth to the inbox that money was asked for a lease, though it came otherwise.
ASKED_FOR = 85

#: Lines of a statement of which somebody has said that they are no payment of a tenant.
EXPLAINED = (StatementLine.State.EXPLAINED, StatementLine.State.REVERSED)

#: Names the attempt that a form or a request of one person makes, however often it is sent.
KEYS = uuid.UUID("5b0f7c0e-6a0b-4a55-9f0c-6a6d1f2f7a41")


class NoProvider(BusinessError):
    """The branch has no such provider, or it is not enabled."""

    code = "provider_not_enabled"


def start_attempt(
    *,
    actor,
    lease: Lease,
    amount: int,
    kind: str,
    phone: str = "",
    key: str = "",
    return_url: str = "",
) -> Attempt:
    """Ask a payer for ``amount`` (minor units) of ``lease`` through the provider ``kind``.

    The attempt is written first and the provider asked afterwards, outside of any transaction: call
    this outside of one too. When the provider does not answer, the attempt stays open and is
    asked about until it does. ``key`` makes the same request of the same person one attempt;
    ``return_url`` is where the payer's browser goes from the provider's page.

    Raises ``NoProvider``, and whatever recording such a payment now would raise.
    """
    attempt, is_new = open_attempt(
        actor=actor, lease=lease, amount=amount, kind=kind, phone=phone, key=key
    )
    return send_attempt(attempt, return_url) if is_new else attempt


@verb("payment.record")
def open_attempt(
    *, actor, lease: Lease, amount: int, kind: str, phone: str = "", key: str = ""
) -> tuple[Attempt, bool]:
    """Write the attempt down before anybody is asked; tell whether it is new."""
    provider = Provider.objects.filter(site=lease.site_id, kind=kind, enabled=True).first()
    if provider is None:
        sentence = _("This branch does not take this mobile money yet.")
        raise NoProvider(sentence, fields={"provider": sentence})
    if kind in RINGING and not phone:
        sentence = _("Write the telephone that pays: the provider rings it.")
        raise BusinessError(sentence, fields={"phone": sentence})
    name = uuid.uuid5(KEYS, f"{actor.pk}:{key}") if key else uuid.uuid4()
    earlier = Attempt.objects.filter(pk=name).first()
    if earlier is not None:
        return unchanged((earlier, False))
    preview_payment(lease=lease, amount=amount, method=METHODS[kind])
    now = timezone.now()
    attempt, is_new = Attempt.objects.get_or_create(
        pk=name,
        defaults={
            "site": lease.site,
            "lease": lease,
            "provider": provider,
            "amount": amount,
            "asked": asked_of(provider, amount),
            "currency": lease.site.currency,
            "order_id": f"AK{new_code()}",
            "phone": phone,
            "created_by": actor,
            "created_at": now,
            "next_poll_at": now + HELD,
        },
    )
    return (attempt, True) if is_new else unchanged((attempt, False))


def asked_of(provider: Provider, amount: int) -> int:
    """Return what the payer is asked for ``amount``: with the usual fee where he bears it."""
    if provider.fee_bearer == Payment.Bearer.TENANT:
        return amount + share(amount, provider.fee_percent)
    return amount


def send_attempt(attempt: Attempt, return_url: str = "") -> Attempt:
    """Ask the provider to collect; write down what it answered, also that it did not."""
    try:
        with client_for(attempt.provider) as client:
            started = client.start(attempt, return_url=return_url)
    except ProviderRefused as refusal:
        return end_attempt(
            actor=User.objects.system(),
            attempt=attempt,
            state=State.FAILED,
            reason=refusal.reason,
        )
    except ProviderDown as silence:
        note_trouble(attempt.provider, silence.reason)
        if silence.arrived is False:
            return hear_nothing(attempt, silence.reason)
        return note_start(actor=User.objects.system(), attempt=attempt, started=None)
    return note_start(actor=User.objects.system(), attempt=attempt, started=started)


@verb("payment.record")
def note_start(*, actor, attempt: Attempt, started: Started | None) -> Attempt:
    """Keep what the provider gave to a new attempt; None where its answer was lost."""
    attempt = held(attempt)
    now = timezone.now()
    if started is not None:
        attempt.provider_reference = started.session or ""
        attempt.notify_token = started.notify_token or ""
        attempt.payment_url = started.payment_url or ""
        attempt.expires_at = started.expires_at
    was = attempt.state
    if was == State.CREATED:
        attempt.state = State.WAITING_PAYER if started else State.SENT
        attempt.sent_at = now
        attempt.reason = "" if started else _("The provider's answer was lost: it is asked again.")
        attempt.next_poll_at = next_look(attempt, now)
    attempt.save()
    renew(f"site:{attempt.site_id}")
    return attempt if was != attempt.state else unchanged(attempt)


def next_look(attempt: Attempt, now: datetime) -> datetime | None:
    """Return when an open attempt is asked about next; None when it was asked long enough."""
    begun = attempt.sent_at or attempt.created_at
    return next((begun + age for age in AGES if begun + age > now), None)


def ask_provider(attempt: Attempt) -> Attempt:
    """Read the provider's own status of ``attempt`` and write what follows from it.

    May be called for any attempt at any time, outside of a transaction: for one that failed or
    expired too, since money can come late. What is paid stays paid.
    """
    return attempt if attempt.state == State.PAID else hear(attempt, read_status(attempt))


def read_status(attempt: Attempt) -> Status | str:
    """Return what the provider says of an attempt, or the reason why it says nothing."""
    try:
        with client_for(attempt.provider) as client:
            return client.status(attempt)
    except (ProviderDown, ProviderRefused) as trouble:
        note_trouble(attempt.provider, trouble.reason)
        return trouble.reason


def hear(attempt: Attempt, said: Status | str) -> Attempt:
    if isinstance(said, str):
        return hear_nothing(attempt, said)
    attempt = settle_attempt(actor=User.objects.system(), attempt=attempt, status=said)
    if said.state == Status.PAID:
        note_success(attempt.provider)
    return attempt


@verb("payment.record")
def settle_attempt(*, actor, attempt: Attempt, status: Status) -> Attempt:
    """Write what the provider told of an attempt: once paid, its payment, in the same transaction.

    Money that does not agree with what was asked never reaches the lease: another amount waits in
    suspense, another currency or order makes the attempt unknown, with the reason.
    """
    if status.state == Status.PAID:
        lock_books(attempt.site_id, [attempt.lease_id])
    attempt = held(attempt)
    if attempt.state == State.PAID:
        return unchanged(attempt)
    was = attempt.state, attempt.reason
    if status.session and not attempt.provider_reference:
        # The answer to our request was lost, and the provider found it by its order.
        attempt.provider_reference = status.session
        attempt.payment_url = attempt.payment_url or status.payment_url
    if status.state == Status.PAID:
        take_money(actor, attempt, status)
    elif status.state == Status.WAITING:
        keep_waiting(attempt, status)
    elif attempt.state in Attempt.OPEN:
        ended = State.EXPIRED if status.state == Status.EXPIRED else State.FAILED
        attempt.state, attempt.reason = ended, status.reason[:200]
        attempt.ended_at = timezone.now()
    attempt.polls = F("polls") + 1
    # Money may come after the word of its failure: that is asked about to the end of the day too.
    waits = (*Attempt.OPEN, State.EXPIRED, State.FAILED)
    now = timezone.now()
    attempt.next_poll_at = next_look(attempt, now) if attempt.state in waits else None
    attempt.save()
    attempt.refresh_from_db(fields=["polls"])
    renew(f"site:{attempt.site_id}")
    changed = was != (attempt.state, attempt.reason)
    return attempt if changed and was[0] != attempt.state else unchanged(attempt)


def held(attempt: Attempt) -> Attempt:
    """Read the attempt again and hold it until the transaction ends."""
    return (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("site", "lease__site", "lease__tenant", "lease__property", "created_by")
        .select_related("provider__account")
        .get(pk=attempt.pk)
    )


def keep_waiting(attempt: Attempt, status: Status) -> None:
    """The payer has not decided: wait, or give up when the provider was asked for a day."""
    if attempt.state not in Attempt.OPEN or status.reason == "not_known_yet":
        return
    if next_look(attempt, timezone.now()) is None:
        give_up(attempt, _("The provider did not decide within a day: look at its statement."))
    else:
        attempt.state, attempt.reason = State.WAITING_PAYER, ""


def give_up(attempt: Attempt, reason: str) -> None:
    attempt.state, attempt.reason = State.UNKNOWN, reason[:200]
    attempt.ended_at, attempt.next_poll_at = timezone.now(), None


def take_money(actor, attempt: Attempt, status: Status) -> None:
    """Book what the provider says it collected, where it belongs."""
    attempt.transaction = (status.transaction or attempt.order_id)[:80]
    attempt.fee = fee_of(attempt, status)
    attempt.ended_at = timezone.now()
    if doubt := reference_doubt(attempt, status):
        give_up(attempt, doubt)
    elif status.amount is not None and status.amount != attempt.asked:
        park(actor, attempt, status.amount)
        give_up(
            attempt,
            _("%(paid)s came instead of %(asked)s: the money waits among the unknown money.")
            % {
                "paid": format_amount(status.amount, attempt.currency),
                "asked": format_amount(attempt.asked, attempt.currency),
            },
        )
    else:
        place_money(actor, attempt)


def fee_of(attempt: Attempt, status: Status) -> int:
    """Return what the provider kept: as it says, else as the contract says."""
    collected = attempt.asked if status.amount is None else status.amount
    if status.fee is not None and 0 <= status.fee <= min(collected, attempt.amount):
        return status.fee
    if attempt.provider.fee_bearer == Payment.Bearer.TENANT:
        return min(attempt.asked - attempt.amount, collected)
    return share(min(collected, attempt.amount), attempt.provider.fee_percent)


def reference_doubt(attempt: Attempt, status: Status) -> str:
    """Return why what was paid may not be what we asked; empty when it is."""
    if status.currency and status.currency != attempt.currency:
        return _("The provider speaks of %(currency)s: look at its statement.") % {
            "currency": status.currency
        }
    if status.order_id and status.order_id != attempt.order_id:
        return _("The provider speaks of another order: look at its statement.")
    if status.session and attempt.provider_reference not in ("", status.session):
        return _("The provider speaks of another payment: look at its statement.")
    return ""


def place_money(actor, attempt: Attempt) -> None:
    """Make the payment of a paid attempt; what its lease cannot take waits in suspense."""
    attempt.state, attempt.reason = State.PAID, ""
    # A statement may have brought the money first: it is in suspense then, not in the wallet twice.
    line = line_of(attempt)
    if line is not None and line.state in EXPLAINED:
        give_up(attempt, _("The statement tells of this transaction, and somebody explained it."))
        return
    try:
        attempt.payment = record_payment(
            actor=actor,
            lease=attempt.lease,
            amount=attempt.amount,
            method=METHODS[attempt.provider.kind],
            reference=attempt.transaction,
            source=Payment.Source.PROVIDER,
            money=attempt.provider.account.code,
            fee=attempt.fee,
            fee_bearer=attempt.provider.fee_bearer,
            recharged=attempt.asked - attempt.amount,
        )
        if line is not None and line.state in StatementLine.OPEN:
            link_line(actor=actor, line=line, payment=attempt.payment)
    except ReferenceConflict:
        join_earlier(attempt)
    except LeaseEnded as refusal:
        park(actor, attempt, attempt.asked)
        why = {"why": refusal.message}
        attempt.reason = _("The money waits among the unknown money: %(why)s") % why
        attempt.reason = attempt.reason[:200]


def line_of(attempt: Attempt) -> StatementLine | None:
    """Return the line of a statement or message that tells of the attempt's transaction."""
    lines = StatementLine.objects.exclude(state=StatementLine.State.FAILED)
    return lines.filter(
        account=attempt.provider.account, reference=attempt.transaction, amount__gt=0
    ).first()


def join_earlier(attempt: Attempt) -> None:
    """The transaction is in the books already: a statement or the desk was quicker."""
    earlier = Payment.objects.confirmed().get(site=attempt.site_id, reference=attempt.transaction)
    is_free = not Attempt.objects.filter(payment=earlier).exists()
    if is_free and (earlier.lease_id, earlier.amount) == (attempt.lease_id, attempt.amount):
        attempt.payment = earlier
        return
    give_up(
        attempt,
        _("Payment %(number)s carries this transaction already: compare the two.")
        % {"number": earlier.pk},
    )


def park(actor, attempt: Attempt, amount: int) -> None:
    """Let ``amount`` wait in suspense and in the inbox, as a line of the wallet, once."""
    if line_of(attempt) is not None:
        return
    account = attempt.provider.account
    movement = Movement(
        line=0,
        day=timezone.localdate(),
        amount=amount,
        fee=attempt.fee,
        reference=attempt.transaction,
    )
    line = StatementLine.objects.create(
        site=account.site,
        account=account,
        fingerprint=fingerprint(movement),
        day=movement.day,
        happened_at=timezone.now(),
        amount=amount,
        fee=attempt.fee,
        reference=attempt.transaction,
        other_references=[attempt.order_id],
        text=attempt.order_id,
        phone=attempt.phone,
        raw={"attempt": str(attempt.pk)},
        state=StatementLine.State.SUGGESTED,
        candidates=[{"lease": attempt.lease_id, "score": ASKED_FOR, "reasons": ["asked"]}],
    )
    suspend(actor, account, [line.pk])


@verb("payment.record")
def end_attempt(*, actor, attempt: Attempt, state: str, reason: str) -> Attempt:
    """End an open attempt of which the provider wants to know nothing."""
    attempt = held(attempt)
    if attempt.state not in Attempt.OPEN:
        return unchanged(attempt)
    attempt.state, attempt.reason = state, reason[:200]
    attempt.ended_at, attempt.next_poll_at = timezone.now(), None
    attempt.save()
    renew(f"site:{attempt.site_id}")
    return attempt


def hear_nothing(attempt: Attempt, reason: str) -> Attempt:
    """The provider did not answer: nothing is guessed, it is asked again at the next age."""
    now = timezone.now()
    again = next_look(attempt, now)
    if again is None and attempt.state in Attempt.OPEN:
        reason = _("The provider did not answer within a day: look at its statement.")
        return end_attempt(
            actor=User.objects.system(), attempt=attempt, state=State.UNKNOWN, reason=reason
        )
    Attempt.objects.filter(pk=attempt.pk).exclude(state=State.PAID).update(
        next_poll_at=again, polls=F("polls") + 1, reason=reason[:200]
    )
    attempt.refresh_from_db()
    return attempt


def note_trouble(provider: Provider, trouble: str) -> None:
    now = timezone.now()
    Provider.objects.filter(pk=provider.pk).exclude(last_error_at__gt=now - NOTED).update(
        last_error=trouble[:300], last_error_at=now
    )


def note_success(provider: Provider) -> None:
    now = timezone.now()
    Provider.objects.filter(pk=provider.pk).exclude(last_success_at__gt=now - NOTED).update(
        last_success_at=now
    )


def ask_due(number: int = 200) -> int:
    """Ask about the attempts whose time has come; return how many were asked about.

    Safe to run by several workers at once: each holds what it took for ``HELD``. A provider that
    does not answer is left alone for the rest of the run.
    """
    asked, silent = 0, set()
    for _turn in range(number):
        attempt = take_due(silent)
        if attempt is None:
            break
        said = read_status(attempt)
        hear(attempt, said)
        if isinstance(said, str):
            silent.add(attempt.provider_id)
        asked += 1
    return asked


def take_due(silent: set[int]) -> Attempt | None:
    """Take hold of the attempt that waits longest, past those of ``silent`` providers."""
    now = timezone.now()
    with transaction.atomic():
        due = (
            Attempt.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("provider__site", "provider__account", "site", "lease")
            .filter(next_poll_at__lte=now)
            .exclude(provider__in=silent)
            .order_by("next_poll_at")
            .first()
        )
        if due is not None:
            due.next_poll_at = now + HELD
            due.save(update_fields=["next_poll_at"])
    return due
