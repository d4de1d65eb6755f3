"""The shortest way to a number of tenants."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.serializers import Route, RouteRequest
from agents.metrics.homes import homes_of
from agents.services.routing.planning import Departure, Plan, Stop, plan_walks, window_of
from agents.services.routing.tables import place_of
from sites_app.narrowing import BranchView
from sites_app.rules import rules_for
from tenants.models import Lease, Tenant


class RouteView(BranchView):
    rights = {"POST": "map.view"}
    queryset = Tenant.objects.order_by("pk")
    serializer_class = Route
    pagination_class = None

    @extend_schema(operation_id="map_route", request=RouteRequest, responses=Route)
    def post(self, request: Request) -> Response:
        """Put visits into the best order: as many as there is time for, then the shortest way.

        Without a start it begins at the branch's office, without an end it ends where the last
        visit is. A tenant for whom no time window is named is visited in the hours that he told.
        """
        asked = RouteRequest(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        tenants = said["tenants"]
        site = tenants[0].site
        if any(tenant.site_id != site.pk for tenant in tenants):
            raise serializers.ValidationError(
                {"tenants": [_("A route leads through one branch only.")]}
            )
        windows = said.get("time_windows", {})
        homes = [home for home in homes_of(tenants) if place_of(home.property)]
        stops = [
            Stop(place_of(home.property), windows.get(home.tenant_id) or window_of(home.tenant))
            for home in homes
        ]
        departure = Departure(
            said["start"] or place_of(site), said["end"], said["departure"], said["until"]
        )
        plan = plan_walks(stops, [departure] * said["agents"], rules_for(site))
        return Response(Route(told(plan, departure, homes, tenants)).data)


def told(plan: Plan, departure: Departure, homes: list[Lease], tenants: list[Tenant]) -> dict:
    """Return a plan through ``homes`` as the API tells it."""
    late = {homes[stop].tenant_id for stop in plan.left_out}
    visited = {home.tenant_id for home in homes} - late
    return {
        "stops": [
            {
                "agent": agent,
                "order": order,
                "tenant": homes[visit.stop].tenant_id,
                "name": homes[visit.stop].tenant.name,
                "latitude": homes[visit.stop].property.latitude,
                "longitude": homes[visit.stop].property.longitude,
                "distance_m": visit.metres,
                "begins_at": visit.begins,
                "leaves_at": visit.leaves,
            }
            for agent, walk in enumerate(plan.walks, 1)
            for order, visit in enumerate(walk.visits, 1)
        ],
        "unserved": [
            {
                "tenant": tenant.pk,
                "name": tenant.name,
                "reason": "no_time" if tenant.pk in late else "no_place",
            }
            for tenant in tenants
            if tenant.pk not in visited
        ],
        "lines": [_line(walk, departure, homes) for walk in plan.walks],
        "distance_m": plan.metres,
        "duration_s": plan.seconds,
        "baseline_distance_m": plan.baseline,
        "solver": plan.solver,
        "distances": plan.source,
    }


def _line(walk, departure, homes) -> list[list[float]]:
    points = [place_of(homes[visit.stop].property) for visit in walk.visits]
    if points:
        points = [departure.start, *points, departure.end]
    return [[point.longitude, point.latitude] for point in points if point]
