"""Visits that were planned: what an agent does on his mission."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import verb
from agents.models import Mission
from agents.services.missions import correct_mission
from akig.lib.errors import BusinessError, Conflict
from recovery.models import Contact
from recovery.services.contacts import log_visit


class NoSuchStop(BusinessError):
    """The mission has no stop at this tenant's, or is of another day."""

    code = "no_such_stop"


class MissionDone(Conflict):
    """Nobody is on this mission any more."""

    code = "mission_done"


@verb("collection.log_visit")
def visit_on_mission(*, actor, mission: Mission, **visit) -> Contact:
    """Write down a visit that is a stop of ``mission``, which is begun by then.

    ``visit`` is what ``log_visit`` takes. It is what came of the stop, as any visit to its tenant
    on the day of the mission is. Raises ``NoSuchStop``, ``MissionDone``, what ``log_visit`` raises.
    """
    if not Contact.objects.filter(client_id=visit["client_id"]).exists():
        _refuse_stranger(mission, visit)
    contact = log_visit(actor=actor, **visit)
    if mission.state == Mission.State.PLANNED:
        correct_mission(actor=actor, mission=mission, state=Mission.State.BEGUN)
    return contact


def _refuse_stranger(mission, visit) -> None:
    day = timezone.localdate(visit["made_at"] or timezone.now())
    if mission.day != day or not mission.stops.filter(tenant=visit["tenant"]).exists():
        sentence = _("This mission does not lead to this tenant on this day.")
        raise NoSuchStop(sentence, fields={"mission": sentence})
    if mission.state == Mission.State.DONE:
        sentence = _("This mission is done.")
        raise MissionDone(sentence, fields={"mission": sentence})
