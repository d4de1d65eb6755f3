"""A second person for what is above a threshold: asked for, approved, refused, each on record.

An act says beside its right that it may need one::

    @verb("payment.cancel")
    @second_person(above="cancel_threshold", row="payment", …)
    def cancel_payment(*, actor, payment, reason): …

Where a person chose it and more is at stake than the branch's rule allows, an ``Approval`` is
returned in place of its result. It is tried first and taken back, so that who asks reads at once
what it would refuse. What follows from another act, and what the system does, asks for nobody.
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
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.verbs import VERBS, chosen, name_of, unchanged, verb
from akig.lib.errors import BusinessError, Conflict, NotAllowed
from akig.lib.money import format_amount
from akig.lib.saving import locked, save
from sites_app.models import Approval, Assignment, Site
from sites_app.querysets import branches_of
from sites_app.rules import rules_for

State = Approval.State

#: How an argument is written that is a day: JSON knows none.
DAYS = (datetime.date, datetime.date | None)


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
    """

    name: str
    perform: Callable[..., Any]
    above: str
    row: str
    about: Callable[[Any], str]
    page: str
    at_stake: Callable[..., int]
    told: dict[str, str | Promise]

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
            name: datetime.date.fromisoformat(value) if kinds[name] in DAYS and value else value
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
) -> Callable:
    """Let an act above the rule ``above`` wait for a second person; stands under ``verb``."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        name = name_of(function)
        guard = Guarded(name, function, above, row, about, page, at_stake, told or {})
        GUARDED[name] = guard

        @wraps(function)
        def act(*, actor: User, **arguments: Any) -> Any:
            if chosen() == name and not actor.is_system:
                amount = at_stake(**arguments)
                if amount > _threshold(guard, arguments[row].site_id):
                    return _ask(actor, guard, arguments, amount)
            return function(actor=actor, **arguments)

        return act

    return decorate


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


def warning(act: Callable, site: Site) -> str:
    """Return how a page ends that asks for ``act``: above which amount a second person decides."""
    amount = format_amount(_threshold(GUARDED[name_of(act)], site.pk), site.currency)
    sentence = _("Above %(amount)s a second person has to approve it first.")
    return f" {sentence % {'amount': amount}}"


def waiting_for(user: User, row: Model) -> QuerySet[Approval]:
    """Return what was asked about ``row`` and waits, for those who may see it."""
    if not user.may("approval.view"):
        return Approval.objects.none()
    return Approval.objects.visible_to(user).pending().about(row).select_related("asked_by")
