"""Instalment plans: agreed, followed by the journal, and ended by it."""

import datetime

from dateutil.relativedelta import relativedelta
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.saving import locked
from recovery.models import Case, Pause, Plan, PlanPart
from recovery.services.cases import begin_pause, end_pause, hold_tenant
from sites_app.models import Site

State = Plan.State

#: Parts of a plan, at most.
MOST_PARTS = 24


class PlanRefused(BusinessError):
    """A plan that cannot be."""

    code = "plan_refused"


def spread(amount: int, number: int, first_on: datetime.date) -> list[tuple[datetime.date, int]]:
    """Divide ``amount`` (minor units) among ``number`` months from ``first_on``: (day, amount).

    The parts are equal and rounded up to three significant zeros where that is less than a
    hundredth of them; the last one is what is left. Together they are ``amount`` exactly.
    """
    part = -(-amount // number)
    if part >= 100_000:
        part = -(-part // 1000) * 1000
    parts, left = [], amount
    for month in range(number):
        share = left if month == number - 1 else min(part, left)
        if share:
            parts.append((first_on + relativedelta(months=month), share))
        left -= share
    return parts


@verb("arrears.modify")
def agree_plan(*, actor, case: Case, number: int, first_on: datetime.date, note: str = "") -> Plan:
    """Let the tenant of ``case`` pay what is late in ``number`` monthly parts; the ladder waits.

    The parts cover what is late exactly; the last one is adjusted. Raises ``PlanRefused``, and
    Conflict where a plan is kept to already or nothing is late.
    """
    if not 1 <= number <= MOST_PARTS:
        sentence = _("A plan has 1 to %(most)s parts.") % {"most": MOST_PARTS}
        raise PlanRefused(sentence, fields={"number": sentence})
    if first_on < timezone.localdate():
        sentence = _("The date is in the past.")
        raise PlanRefused(sentence, fields={"first_on": sentence})
    hold_tenant(case.tenant, case.site_id)
    case = Case.objects.select_related("tenant").get(pk=case.pk)
    if case.state == Case.State.SETTLED:
        raise Conflict(_("Nothing is late any more."), code="nothing_late")
    if Plan.objects.active().filter(site=case.site_id, tenant=case.tenant).exists():
        raise Conflict(_("A plan is running already: cancel it first."), code="plan_runs")
    pause = begin_pause(
        actor, case.tenant, case.site_id, Pause.Reason.PLAN, note=note or _("Agreed in parts")
    )
    plan = Plan.objects.create(
        site_id=case.site_id,
        tenant=case.tenant,
        amount=case.balance,
        agreed_by=actor,
        note=note,
        pause=pause,
    )
    for day, amount in spread(case.balance, number, first_on):
        PlanPart.objects.create(site_id=case.site_id, plan=plan, due_on=day, amount=amount)
    return plan


@verb("arrears.modify")
def cancel_plan(*, actor, plan: Plan, reason: str) -> Plan:
    """End a plan before its time: the ladder goes on. Ended already, it is returned as it is."""
    if not reason.strip():
        sentence = _("Say why the plan is cancelled.")
        raise PlanRefused(sentence, fields={"reason": sentence})
    hold_tenant(plan.tenant, plan.site_id)
    plan = locked(plan)
    if plan.state != State.ACTIVE:
        return unchanged(plan)
    plan.note = reason
    return _end(plan, State.CANCELLED)


@verb("collection.view_all")
def follow_plans(*, actor, site: Site) -> int:
    """End the plans of ``site`` that are paid, or not kept to; tell how many. Run each night."""
    ended = 0
    for plan in (
        Plan.objects.active()
        .filter(site=site)
        .select_related("tenant", "pause")
        .prefetch_related("parts")
    ):
        hold_tenant(plan.tenant, plan.site_id)
        state = standing_of(plan)
        if state != State.ACTIVE:
            _end(plan, state)
            ended += 1
    return ended or unchanged(ended)


def standing_of(plan: Plan) -> str:
    """Return what the journal says of an active plan today: kept to, paid or broken."""
    case = Case.objects.get(site=plan.site_id, tenant=plan.tenant_id)
    if case.state == Case.State.SETTLED:
        return State.PAID
    broken = case.balance > plan.allowed(timezone.localdate())
    return State.BROKEN if broken else State.ACTIVE


def _end(plan: Plan, state: str) -> Plan:
    plan.state, plan.ended_on = state, timezone.localdate()
    plan.save(update_fields=["state", "ended_on", "note"])
    end_pause(plan.pause)
    renew(f"site:{plan.site_id}")
    return plan
