"""A second person for what is above a threshold: asked for, approved, refused, each on record.

An act says beside its right that it may need one::

    @verb("payment.cancel")
    @second_person(above="cancel_threshold", row="payment", …)
    def cancel_payment(*, actor, payment, reason): …

Where a person chose it and more is at stake than the branch's rule allows, an ``Approval`` is
returned in place of its result. It is tried first and taken back, so that who asks reads at once
what it would refuse. What follows from another act, and what the system does, asks for nobody.
Many small ones within some days are one large one: what was done alone before counts together.

Payouts and owners' costs wait for a second person by acts of their own; ``Elsewhere`` lets them
stand in the same list.
"""

import datetime
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Trace, User
from accounts.verbs import VERBS, chosen, name_of, unchanged, verb
from akig.lib.errors import BusinessError, Conflict, NotAllowed
from akig.lib.money import format_amount
from akig.lib.saving import locked, save
from sites_app.models import Approval, Assignment, Site
from sites_app.querysets import branches_of
from sites_app.rules import rules_for

State = Approval.State

#: Within so many days what one act moves counts together, unless it says otherwise.
DAYS = 30
#: How an argument is written that is a day: JSON knows none.
DATES = (datetime.date, datetime.date | None)


class ApprovalWaiting(Conflict):
    """The same was asked before, and waits."""

    code = "approval_waiting"


class ApprovalDecided(Conflict):
    """Somebody decided otherwise meanwhile, or the request expired."""

    code = "approval_decided"


class ApprovalOutdated(Conflict):
    """What was asked happened, or means something else today."""

    code = "approval_outdated"


@dataclass(frozen=True)
class Guarded:
    """An act that may need a second person.

    ``row`` names the argument that it is about, ``about`` returns that row's name for people and
    ``page`` is the route of its page. ``at_stake`` returns of all arguments the amount (minor
    units) that is held against the rule ``above``: 0 where there is nothing to do. ``told`` are
    the other arguments that the second person reads, with their words. Its reason is ``reason``.
    ``earlier`` returns of actor and arguments what the same act moved in the last ``days`` and
    counts together with it.
    """

    name: str
    perform: Callable[..., Any]
    above: str
    row: str
    about: Callable[[Any], str]
    page: str
    at_stake: Callable[..., int]
    told: dict[str, str | Promise]
    earlier: Callable[..., int]
    days: int

    @property
    def permission(self) -> str:
        return VERBS[self.name]

    def arguments_of(self, approval: Approval) -> dict[str, Any]:
        """Return the arguments of what was asked, as the act takes them."""
        row = apps.get_model(approval.model)._base_manager.get(pk=approval.object_id)
        return {self.row: row, "reason": approval.reason, **self.said(approval)}

    def said(self, approval: Approval) -> dict[str, Any]:
        kinds = self.perform.__annotations__
        return {
            name: datetime.date.fromisoformat(value) if kinds[name] in DATES and value else value
            for name, value in approval.arguments.items()
        }


#: The acts that may need a second person, by name.
GUARDED: dict[str, Guarded] = {}


def second_person(
    *,
    above: str,
    row: str,
    about: Callable[[Any], str],
    page: str,
    at_stake: Callable[..., int],
    told: dict[str, str | Promise] | None = None,
    earlier: Callable[..., int] = lambda **_said: 0,
    days: int = DAYS,
) -> Callable:
    """Let an act above the rule ``above`` wait for a second person; stands under ``verb``."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        name = name_of(function)
        guard = Guarded(
            name, function, above, row, about, page, at_stake, told or {}, earlier, days
        )
        GUARDED[name] = guard

        @wraps(function)
        def act(*, actor: User, **arguments: Any) -> Any:
            if chosen() == name and not actor.is_system:
                amount = at_stake(**arguments)
                most = _threshold(guard, arguments[row].site_id)
                if amount and (amount > most or amount + earlier(actor=actor, **arguments) > most):
                    return _ask(actor, guard, arguments, amount)
            return function(actor=actor, **arguments)

        return act

    return decorate


def done_alone(act: str, model: type[Model]) -> QuerySet:
    """Return the history that the act named so left of ``model`` in the last ``DAYS``.

    What a second person approved, or follows from another act, stands there under another name.
    """
    since = timezone.now() - datetime.timedelta(days=DAYS)
    lines = Trace.objects.filter(verb=act, model=model._meta.label_lower, at__gte=since)
    history = model.pgh_event_model.objects.filter(pgh_created_at__gte=since)
    return history.filter(pgh_context__in=lines.values("context"))


def _threshold(guard, site_id) -> int:
    return getattr(rules_for(site_id), guard.above)


def _ask(actor, guard, arguments, amount) -> Approval:
    said = dict(arguments)
    row, reason = said.pop(guard.row), said.pop("reason", "").strip()
    if not reason:
        sentence = _("Say why: a second person has to approve this.")
        raise BusinessError(sentence, fields={"reason": sentence})
    with transaction.atomic():
        guard.perform(actor=actor, **arguments)
        transaction.set_rollback(True)
    said = json.loads(DjangoJSONEncoder().encode(said))
    locked(row)
    asked = Approval.objects.about(row).filter(act=guard.name)
    _lapse(asked)
    earlier = asked.pending().first()
    if earlier is not None:
        if (earlier.asked_by_id, earlier.arguments) != (actor.pk, said):
            raise ApprovalWaiting(_("The same was asked before and waits for a second person."))
        return unchanged(earlier)
    days = rules_for(row.site_id).approval_days
    return save(
        Approval(
            site_id=row.site_id,
            act=guard.name,
            model=row._meta.label_lower,
            object_id=row.pk,
            about=guard.about(row),
            arguments=said,
            amount=amount,
            reason=reason,
            asked_by=actor,
            expires_at=timezone.now() + datetime.timedelta(days=days),
        )
    )


# Deciding


@verb("approval.decide")
def approve(*, actor: User, approval: Approval, answer: str = "") -> Approval:
    """Allow what was asked: it happens now, as the act of who asked; approved twice, it is once.

    The right and the branches of who asked are judged again. Raises ``same_person``,
    ``ApprovalDecided``, ``ApprovalOutdated``, and what the act itself refuses; then it waits on.
    """
    held = locked(approval)
    if held.state == State.APPROVED:
        return unchanged(held)
    guard = _judged(actor, held)
    asker = held.asked_by
    if not asker.may(guard.permission) or held.site_id not in branches_of(asker):
        sentence = _("%(name)s may not do this any more: refuse it.") % {"name": asker}
        raise Conflict(sentence, code="asker_not_allowed")
    arguments = guard.arguments_of(held)
    if guard.at_stake(**arguments) != held.amount:
        raise ApprovalOutdated(
            _("This has happened meanwhile, or means another amount today: refuse it.")
        )
    guard.perform(actor=asker, **arguments)
    return _decide(held, State.APPROVED, actor, answer)


@verb("approval.decide")
def refuse(*, actor: User, approval: Approval, answer: str) -> Approval:
    """Refuse what was asked, and say why. Raises ``same_person`` and ``ApprovalDecided``."""
    held = locked(approval)
    if held.state == State.REFUSED:
        return unchanged(held)
    _judged(actor, held)
    if not answer.strip():
        sentence = _("Say why.")
        raise BusinessError(sentence, fields={"answer": sentence})
    return _decide(held, State.REFUSED, actor, answer)


@verb("approval.view")
def withdraw(*, actor: User, approval: Approval) -> Approval:
    """Take back what one asked for. Raises ``NotAllowed`` and ``ApprovalDecided``."""
    held = locked(approval)
    if held.asked_by_id != actor.pk:
        raise NotAllowed(_("Only the person who asked can withdraw this."))
    if held.state == State.WITHDRAWN:
        return unchanged(held)
    _refuse_decided(held)
    return _decide(held, State.WITHDRAWN, actor)


@verb("approval.decide")
def expire_approvals(*, actor: User) -> int:
    """Let lapse what nobody decided in time; return how many."""
    return _lapse(Approval.objects.all()) or unchanged(0)


def _lapse(approvals) -> int:
    now = timezone.now()
    late = approvals.pending().filter(expires_at__lte=now)
    return late.update(state=State.EXPIRED, decided_at=now)


def _judged(actor, held) -> Guarded:
    """Return what ``actor`` may decide on. Raises NotAllowed and Conflict."""
    _refuse_decided(held)
    guard = GUARDED[held.act]
    if not actor.may(guard.permission) or held.site_id not in branches_of(actor):
        raise NotAllowed(_("Your role does not allow this."))
    if held.asked_by_id == actor.pk:
        sentence = _("You asked for this: somebody else has to decide it.")
        raise Conflict(sentence, code="same_person")
    return guard


def _refuse_decided(held):
    if held.state != State.PENDING or held.expires_at <= timezone.now():
        raise ApprovalDecided(_("This was decided meanwhile, or expired."))


def _decide(held, state, actor, answer="") -> Approval:
    held.state, held.answer = state, answer.strip()
    held.decided_by, held.decided_at = actor, timezone.now()
    return save(held)


# Telling


def approvers(approval: Approval) -> QuerySet[User]:
    """Return who may decide ``approval``, by name."""
    here = Assignment.objects.current().filter(site=approval.site_id)
    people = User.objects.filter(is_active=True, pk__in=here.values("user"))
    for code in ("approval.decide", GUARDED[approval.act].permission):
        people = people.filter(groups__permissions__codename=code)
    return people.exclude(pk=approval.asked_by_id).order_by("name")


def to_decide(user: User) -> QuerySet[Approval]:
    """Return what waits for ``user``'s yes or no: never what he asked himself."""
    acts = [name for name, guard in GUARDED.items() if user.may(guard.permission)]
    pending = Approval.objects.visible_to(user).pending().filter(expires_at__gt=timezone.now())
    return pending.filter(act__in=acts).exclude(asked_by=user)


@dataclass(frozen=True)
class Elsewhere:
    """A kind of row that waits for a second person by an act of its own, named ``act``.

    ``rows`` returns those that wait and exist for a user, with ``site`` and an ``amount``;
    ``about`` names one of them for people, ``asked_by`` and ``asked_at`` are its columns, ``page``
    is the route of its page, which needs the right ``seen_with``.
    """

    act: str
    rows: Callable[[User], QuerySet]
    about: Callable[[Any], str]
    asked_by: str
    asked_at: str
    page: str
    seen_with: str


#: The kinds of rows that wait elsewhere; apps above add theirs.
ELSEWHERE: list[Elsewhere] = []


def elsewhere(user: User, site: Site | None = None) -> list[dict[str, Any]]:
    """Return what waits elsewhere at ``site`` (all of theirs) as a page shows it."""
    return [
        {
            "act": kind.act,
            "about": kind.about(row),
            "amount": row.amount,
            "currency": row.site.currency,
            "asked_by": getattr(row, kind.asked_by),
            "asked_at": getattr(row, kind.asked_at),
            "address": reverse(kind.page, args=[row.pk]),
        }
        for kind in ELSEWHERE
        if user.may(kind.seen_with)
        for row in kind.rows(user)
        .at(site)
        .select_related("site", kind.asked_by)
        .order_by(kind.asked_at)
    ]


def elsewhere_to_decide(user: User) -> list[QuerySet]:
    """Return what waits elsewhere for ``user``'s yes or no, by kind."""
    return [
        kind.rows(user).exclude(**{kind.asked_by: user})
        for kind in ELSEWHERE
        if user.may(VERBS[kind.act])
    ]


def together(approval: Approval) -> int:
    """Return what counts together for ``approval``, in minor units."""
    guard = GUARDED[approval.act]
    before = guard.earlier(actor=approval.asked_by, **guard.arguments_of(approval))
    return approval.amount + before


def warning(act: Callable, site: Site) -> str:
    """Return how a page ends that asks for ``act``: above which amount a second person decides."""
    guard = GUARDED[name_of(act)]
    amount = format_amount(_threshold(guard, site.pk), site.currency)
    sentence = _("Above %(amount)s within %(days)s days a second person has to approve it first.")
    return f" {sentence % {'amount': amount, 'days': guard.days}}"


def waiting_for(user: User, row: Model) -> QuerySet[Approval]:
    """Return what was asked about ``row`` and waits, for those who may see it."""
    if not user.may("approval.view"):
        return Approval.objects.none()
    return Approval.objects.visible_to(user).pending().about(row).select_related("asked_by")
