"""How the API takes and shows what happens in the field."""

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from agents.services.routing.planning import ALL_DAY, MOST
from agents.services.routing.tables import Point
from akig.lib.fields import ClockField, CoordinateField
from tenants.models import Tenant

MORNING = 8 * 3600
KEY = {"min_value": 1, "max_value": 2**63 - 1}
#: The most people who share the stops of a route.
AGENTS = 20


class PointSerializer(serializers.Serializer):
    """A place on the earth, in degrees."""

    latitude = CoordinateField(most=90)
    longitude = CoordinateField(most=180)

    def to_internal_value(self, data) -> Point:
        said = super().to_internal_value(data)
        return Point(float(said["latitude"]), float(said["longitude"]))


#: Between which times a visit may begin.
Window = inline_serializer(
    "TimeWindow",
    {"tenant": serializers.IntegerField(**KEY), "from": ClockField(), "to": ClockField()},
    many=True,
    required=False,
    max_length=MOST,
)


class RouteRequest(serializers.Serializer):
    """``departure`` and ``until`` bound the day; ``agents`` share the tenants evenly."""

    tenants = serializers.ListField(
        child=serializers.IntegerField(**KEY), min_length=1, max_length=MOST
    )
    start = PointSerializer(required=False, allow_null=True, default=None)
    end = PointSerializer(required=False, allow_null=True, default=None)
    time_windows = Window
    departure = ClockField(required=False, default=MORNING)
    until = ClockField(required=False, default=ALL_DAY[1])
    agents = serializers.IntegerField(required=False, default=1, min_value=1, max_value=AGENTS)

    def validate_tenants(self, keys: list[int]) -> list[Tenant]:
        request = self.context["request"]
        seen = Tenant.objects.visible_to(request.user).at(request.site_code)
        tenants = seen.select_related("site").in_bulk(keys)
        unknown = [key for key in keys if key not in tenants]
        if unknown:
            field = serializers.PrimaryKeyRelatedField(queryset=seen)
            field.fail("does_not_exist", pk_value=unknown[0])
        return list(tenants.values())

    def validate_time_windows(self, windows: list[dict]) -> dict[int, tuple[int, int]]:
        return {window["tenant"]: (window["from"], window["to"]) for window in windows}


class RouteStop(serializers.Serializer):
    """A visit: by which of the agents, as whose how-manieth, and the way to it from the last."""

    agent = serializers.IntegerField()
    order = serializers.IntegerField()
    tenant = serializers.IntegerField()
    name = serializers.CharField()
    latitude = CoordinateField(most=90)
    longitude = CoordinateField(most=180)
    distance_m = serializers.IntegerField()
    begins_at = ClockField()
    leaves_at = ClockField()


class Unserved(serializers.Serializer):
    """A tenant who is not visited: nobody knows where, or there is no time."""

    tenant = serializers.IntegerField()
    name = serializers.CharField()
    reason = serializers.ChoiceField(choices=["no_place", "no_time"])


class Route(serializers.Serializer):
    """``geometry`` is a line for each agent; ``baseline_distance_m`` what always going to the
    nearest tenant would take."""

    stops = RouteStop(many=True)
    unserved = Unserved(many=True)
    distance_m = serializers.IntegerField()
    duration_s = serializers.IntegerField()
    baseline_distance_m = serializers.IntegerField()
    geometry = serializers.SerializerMethodField()
    solver = serializers.ChoiceField(choices=["exact", "pyvrp"])
    distances = serializers.ChoiceField(choices=["osrm", "straight"])

    @extend_schema_field({"type": "object", "properties": {"type": {}, "coordinates": {}}})
    def get_geometry(self, route: dict) -> dict:
        lines = route["lines"]
        if len(lines) == 1:
            return {"type": "LineString", "coordinates": lines[0]}
        return {"type": "MultiLineString", "coordinates": lines}
