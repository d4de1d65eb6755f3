"""The worker's door to the field."""

from agents.models import Mission
from agents.services import positions
from agents.services.ordering import ORDER_MISSIONS, order_mission
from akig.lib.isolation import everywhere
from akig.lib.jobs import task
from akig.lib.workshop import Busy


@task(ORDER_MISSIONS)
def order_missions(job) -> None:
    """Find the best way of each mission, unless somebody has put it into an order of his own."""
    asked = dict(job.params["missions"])
    missions = Mission.objects.visible_to(job.requested_by).filter(pk__in=asked).order_by("pk")
    for done, mission in enumerate(missions):
        job.progress(done, len(asked))
        if mission.ordered == Mission.Order.HAND and mission.version != asked[mission.pk]:
            continue
        try:
            order_mission(actor=job.requested_by, mission=mission)
        except Busy as refusal:
            job.fault(refusal.message, mission=mission.pk)
        except Mission.DoesNotExist:  # the day was planned anew meanwhile
            continue


@everywhere()
def forget_positions() -> None:
    """Delete old positions of every branch; safe to run twice."""
    positions.forget_positions()
