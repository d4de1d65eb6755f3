"""Disputes: filed with evidence, led step by step to a decision; the ladder waits meanwhile."""

import datetime

from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.saving import locked
from recovery.models import Dispute, DisputeStep, Pause
from recovery.services.cases import begin_pause, end_pause
from sites_app.rules import rules_for
from tenants.models import Tenant

State = Dispute.State

#: What may come after what; an addition to the file leaves the state as it is.
NEXT = {
    State.FILED: (State.FILED, State.MEDIATION, State.DECIDED, State.WITHDRAWN),
    State.MEDIATION: (State.MEDIATION, State.ARBITRATION, State.DECIDED, State.WITHDRAWN),
    State.ARBITRATION: (State.ARBITRATION, State.DECIDED, State.WITHDRAWN),
}
LAST = (State.DECIDED, State.WITHDRAWN)


class DisputeRefused(BusinessError):
    """What is told of a dispute does not fit together."""

    code = "dispute_refused"


@verb("dispute.manage")
def file_dispute(
    *,
    actor,
    tenant: Tenant,
    kind: str,
    summary: str,
    amount: int | None = None,
    evidence: File | None = None,
) -> Dispute:
    """Write down what ``tenant`` contests; until it is settled the tenant is left alone.

    The days by which it and its next step are to be settled come from the rules of the branch.
    ``evidence`` was checked by the door.
    """
    if not summary.strip():
        sentence = _("Say what is contested.")
        raise DisputeRefused(sentence, fields={"summary": sentence})
    today, rules = timezone.localdate(), rules_for(tenant.site_id)
    pause = begin_pause(
        actor, tenant, tenant.site_id, Pause.Reason.DISPUTE, note=summary.strip()[:200]
    )
    dispute = Dispute.objects.create(
        site_id=tenant.site_id,
        tenant=tenant,
        kind=kind,
        summary=summary,
        amount=amount,
        filed_by=actor,
        due_on=today + datetime.timedelta(days=rules.dispute_days),
        step_due_on=today + datetime.timedelta(days=rules.dispute_step_days),
        pause=pause,
    )
    _note(actor, dispute, summary, evidence)
    return dispute


@verb("dispute.manage")
def advance_dispute(
    *,
    actor,
    dispute: Dispute,
    state: str,
    note: str,
    responsible: str = "",
    evidence: File | None = None,
) -> Dispute:
    """Write down the next step of a dispute, its end among them; its end lifts the pause.

    A decision says who is responsible; ``note`` is then the outcome. What is owed is changed by no
    dispute: waive a charge for that. Raises ``DisputeRefused``, and Conflict once it has ended.
    """
    if not note.strip():
        sentence = _("Say what was done.")
        raise DisputeRefused(sentence, fields={"note": sentence})
    dispute = locked(dispute)
    if state not in NEXT.get(dispute.state, ()):
        raise Conflict(_("This does not come after what stands."), code="dispute_order")
    if (state == State.DECIDED) != bool(responsible):
        sentence = _("A decision says who is responsible, and nothing else does.")
        raise DisputeRefused(sentence, fields={"responsible": sentence})
    today = timezone.localdate()
    dispute.state, dispute.responsible = state, responsible
    if state in LAST:
        dispute.ended_on, dispute.step_due_on, dispute.outcome = today, None, note
    else:
        days = datetime.timedelta(days=rules_for(dispute.site_id).dispute_step_days)
        dispute.step_due_on = min(today + days, max(dispute.due_on, today))
    dispute.save()
    _note(actor, dispute, note, evidence)
    if state in LAST:
        end_pause(dispute.pause)
    return dispute


def _note(actor, dispute, note, evidence) -> None:
    DisputeStep.objects.create(
        site_id=dispute.site_id,
        dispute=dispute,
        state=dispute.state,
        note=note,
        evidence=evidence or "",
        made_by=actor,
    )
    renew(f"site:{dispute.site_id}")
