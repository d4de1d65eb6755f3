"""Visits over the API, those that were planned too."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from accounts.models import User
from agents.models import Mission
from agents.services.visiting import visit_on_mission
from akig.lib.fields import KnownField
from recovery.api.recovery import Visits
from recovery.api.serializers import VisitRequest
from recovery.models import Contact


class PlannedVisitRequest(VisitRequest):
    """``mission`` is that of which the visit is a stop; without it the day's is found by itself."""

    mission = KnownField(
        queryset=Mission.objects.all(), required=False, allow_null=True, default=None
    )


@extend_schema_view(post=extend_schema(request=PlannedVisitRequest))
class PlannedVisits(Visits):
    asked_serializer = PlannedVisitRequest

    def write(self, actor: User, fields: dict) -> Contact:
        mission = fields.pop("mission")
        if mission is None:
            return super().write(actor, fields)
        return visit_on_mission(actor=actor, mission=mission, **fields)
