"""Steps of the ladder in writing: proposed, decided by a person, sent, kept as they were sent."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.jobs import ring
from akig.lib.saving import locked
from payments.models import Charge
from recovery.models import Action, Case, Channel
from recovery.querysets import MESSAGES, STUCK, UNDER_WAY, WRITTEN
from recovery.services.cases import follow_tenant, hold_tenant
from recovery.services.ladders import quiet_ladders
from recovery.services.wordings import USUAL, texts_of, words_for
from tenants.models import Tenant

State = Action.State
FAILURE = Action._meta.get_field("failure").max_length


class StepRefused(BusinessError):
    """The step cannot be taken so."""

    code = "step_refused"


class QuietHours(Conflict):
    """Nobody is disturbed at this hour."""

    code = "quiet_hours"


class BeingSent(Conflict):
    """The mail server has not answered yet."""

    code = "being_sent"


class AmountChanged(Conflict):
    """Money moved since the message was shown."""

    code = "amount_changed"


@dataclass(frozen=True)
class Proposal:
    """What the ladder proposes for a case; without a channel the tenant cannot be reached."""

    case: Case
    channel: str
    address: str
    text: str

    def get_channel_display(self) -> str:
        return Channel(self.channel).label if self.channel else ""


def propose_all(cases: Iterable[Case]) -> list[Proposal]:
    """Return the next step of each of ``cases``, by its channel, else by its fallback."""
    cases = list(cases)
    texts = texts_of(case.next_level for case in cases)
    return [propose(case, texts) for case in cases]


def propose(case: Case, texts: dict | None = None) -> Proposal:
    """Return the next step of one case; ``texts`` as in ``wordings.words_for``."""
    level = case.next_level
    for channel in filter(None, (level.channel, level.fallback)):
        address = address_of(case.tenant, channel)
        if channel in WRITTEN and address is not None:
            return Proposal(case, channel, address, words_for(case, level, channel, texts))
    return Proposal(case, "", "", "")


def address_of(tenant: Tenant, channel: str) -> str | None:
    """Return where ``tenant`` is reached by ``channel``; None where he is not, or did not agree."""
    if channel not in MESSAGES:
        return ""
    if tenant.do_not_contact or tenant.agreed_on is None:
        return None
    return (tenant.email if channel == Channel.EMAIL else tenant.phone) or None


@verb("collection.view_all")
def decide_steps(*, actor, cases: Iterable[Case]) -> list[Action]:
    """Let the proposed steps of ``cases`` be sent; those who cannot be reached are passed over."""
    actions = [
        _decide(actor, proposal.case, proposal.channel)
        for proposal in propose_all(cases)
        if proposal.channel
    ]
    return actions or unchanged(actions)


@verb("collection.view_all")
def decide_otherwise(*, actor, case: Case, channel: str, reason: str) -> Action:
    """Let the next step of ``case`` go another way than the ladder says. Raises StepRefused."""
    if not reason.strip():
        sentence = _("Say why it goes another way.")
        raise StepRefused(sentence, fields={"reason": sentence})
    if address_of(case.tenant, channel) is None:
        sentence = _("The tenant did not agree to it, or has no number or address for it.")
        raise StepRefused(sentence, fields={"channel": sentence})
    return _decide(actor, case, channel, reason)


@verb("collection.view_all")
def leave_out(*, actor, case: Case, reason: str, until: datetime.date) -> Action:
    """Pass over the next step of ``case`` until a day. Raises StepRefused."""
    if not reason.strip():
        sentence = _("Say why it is left out.")
        raise StepRefused(sentence, fields={"reason": sentence})
    if until < timezone.localdate():
        sentence = _("The date is in the past.")
        raise StepRefused(sentence, fields={"until": sentence})
    renew(f"site:{case.site_id}")
    return Action.objects.create(
        site_id=case.site_id,
        tenant=case.tenant,
        level=case.next_level,
        channel=case.next_level.channel,
        state=State.LEFT_OUT,
        reason=reason,
        until=until,
        decided_by=actor,
    )


def _decide(actor, case, channel, reason="") -> Action:
    hold_tenant(case.tenant, case.site_id)
    waiting = Action.objects.filter(site=case.site_id, tenant=case.tenant, state__in=UNDER_WAY)
    earlier = waiting.first()
    if earlier is not None:
        return unchanged(earlier)
    action = Action.objects.create(
        site_id=case.site_id,
        tenant=case.tenant,
        level=case.next_level,
        channel=channel,
        state=State.TO_SEND,
        reason=reason,
        decided_by=actor,
    )
    renew(f"site:{case.site_id}")
    if channel == Channel.EMAIL:
        ring("recovery.tasks.send_mails")
    return action


@verb("collection.log_call")
def send_step(*, actor, action: Action, amount: int | None = None) -> Action:
    """Freeze what is asked now and note that it was sent; an e-mail is then *being sent*.

    E-mails are sent by ``mails.post_mail``, which begins here and holds nothing while it waits for
    the mail server. ``amount`` is what the sender was shown: raises ``AmountChanged`` when it is
    another by now. Where nothing is late any more, or the case is paused, the step is dropped.
    Raises ``QuietHours``, and ``BeingSent`` while another is sending it.
    """
    hold_tenant(action.tenant, action.site_id)
    action = locked(action)
    if action.state == State.SENDING:
        raise BeingSent(_("It is being sent at this moment."))
    if action.state != State.TO_SEND:
        return unchanged(action)
    case = Case.objects.select_related("site", "tenant").get(
        site=action.site_id, tenant=action.tenant_id
    )
    if case.state != Case.State.OPEN:
        action.state = State.DROPPED
        action.save(update_fields=["state"])
        return action
    if amount not in (None, case.balance):
        raise AmountChanged(_("The amount has changed meanwhile: look at the message again."))
    if action.channel in MESSAGES and quiet_ladders([action.site_id]):
        raise QuietHours(_("At this hour nobody is disturbed: send it in the hours of the branch."))
    address = address_of(case.tenant, action.channel)
    if address is None:
        raise StepRefused(_("The tenant cannot be reached by it any more."))
    action.state = State.SENDING if action.channel == Channel.EMAIL else State.SENT
    action.sent_by, action.sent_at = actor, timezone.now()
    action.amount, action.debts = case.balance, debts_of(case)
    action.text, action.address = words_for(case, action.level, action.channel), address
    action.cost, action.failure = action.level.cost, ""
    action.save()
    if action.state == State.SENT:
        _count(action)
    return action


@verb("collection.log_call")
def note_delivery(*, actor, action: Action, state: str, failure: str = "") -> Action:
    """Note what became of an e-mail that was being sent: it went, it failed, or it waits again.

    ``failure`` is what the mail server said.
    """
    hold_tenant(action.tenant, action.site_id)
    action = locked(action)
    if action.state != State.SENDING:
        return unchanged(action)
    action.state, action.failure = state, failure[:FAILURE]
    if state == State.TO_SEND:
        action.sent_by = action.sent_at = action.amount = None
        action.debts, action.text, action.address, action.cost = [], "", "", 0
    action.save()
    if state == State.SENT:
        _count(action)
    renew(f"site:{action.site_id}")
    return action


@verb("collection.log_call")
def settle_step(*, actor, action: Action, went: bool) -> Action:
    """Let a person say whether an e-mail went that was interrupted; if not, it waits again.

    Raises ``BeingSent`` while the mail server may still answer.
    """
    hold_tenant(action.tenant, action.site_id)
    held = locked(action)
    if held.state == State.SENDING and held.sent_at > timezone.now() - STUCK:
        raise BeingSent(_("It is being sent at this moment."))
    state = State.SENT if went else State.TO_SEND
    return note_delivery(actor=actor, action=action, state=state)


def _count(action: Action) -> None:
    """Count what was sent as the step of the ladder; the case of a held tenant follows."""
    running = Case.objects.filter(site=action.site_id, tenant=action.tenant_id).running()
    for case in running:
        case.level = max(case.level, action.level.position)
        case.acted_on = timezone.localdate(action.sent_at)
        case.save(update_fields=["level", "acted_on"])
    follow_tenant(action.tenant, action.site_id)


def debts_of(case: Case) -> list[dict]:
    """Return what is late, piece by piece, as it is kept with a step: label, due day and amount."""
    charges = Charge.objects.open().filter(
        site=case.site_id, lease__tenant=case.tenant_id, due_date__lte=timezone.localdate()
    )
    with translation.override(USUAL):
        return [
            {"label": str(charge), "due": charge.due_date.isoformat(), "left": charge.left}
            for charge in charges.order_by("due_date", "pk")
        ]
