"""What the first page tells of missions: the visits of the day that nobody has made yet."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Mission, Stop
from akig.lib.waiting import Waiting, waits


@waits("mission.view_own")
def visits_to_make(user, sites):
    """One's own lead to the telephone's page, those of others to the missions of the day."""
    leads = user.may("mission.manage")
    missions = Mission.objects.visible_to(user).filter(day=timezone.localdate(), site__in=sites)
    stops = Stop.objects.visible_to(user).filter(mission__in=missions)
    address = reverse("agents:mission_list" if leads else "agents:terrain")
    yield Waiting(_("Visits to make today"), stops.with_result().filter(result=None), address)
