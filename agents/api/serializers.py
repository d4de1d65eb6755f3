"""How the API takes and shows what happens in the field."""

import math

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from agents.metrics.board import POINTS, SPANS, WORDS, Line
from agents.metrics.late import Box, Spot
from agents.metrics.scores import Rank
from agents.metrics.tasks import Task
from agents.models import GivenPoints, Mission, Position, Stop
from agents.models.results import MOST_POINTS
from agents.services.missions import correct_mission
from agents.services.routing.planning import ALL_DAY, MOST
from agents.services.routing.tables import Point
from akig.lib.fields import (
    AmountField,
    ClockField,
    CoordinateField,
    InstantField,
    KnownField,
    MonthField,
    TimeField,
)
from recovery.models import Contact
from sites_app.serializers import NounSerializer
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
    """The tenants, or those of a ``mission``. ``departure`` and ``until`` bound the day;
    ``agents`` share the tenants evenly."""

    mission = KnownField(queryset=Mission.objects.all(), required=False, allow_null=True)
    tenants = serializers.ListField(
        child=serializers.IntegerField(**KEY), min_length=1, max_length=MOST, required=False
    )
    start = PointSerializer(required=False, allow_null=True, default=None)
    end = PointSerializer(required=False, allow_null=True, default=None)
    time_windows = Window
    departure = ClockField(required=False, default=MORNING)
    until = ClockField(required=False, default=ALL_DAY[1])
    agents = serializers.IntegerField(required=False, default=1, min_value=1, max_value=AGENTS)

    def validate(self, attrs: dict) -> dict:
        mission = attrs.pop("mission", None)
        if mission is not None:
            stops = Stop.objects.filter(mission=mission).values("tenant")[:MOST]
            attrs["tenants"] = list(Tenant.objects.filter(pk__in=stops).select_related("site"))
        if not attrs.get("tenants"):
            sentence = _("Say whom to visit: tenants, or a mission that has some.")
            raise serializers.ValidationError(
                {"tenants": serializers.ErrorDetail(sentence, "required")}
            )
        return attrs

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


# The map


@extend_schema_field({"type": "string", "examples": ["-13.8,9.4,-13.5,9.7"]})
class BoxField(serializers.Field):
    """A part of the map as ``west,south,east,north``, in degrees."""

    default_error_messages = {"invalid": _("Write the box as west,south,east,north.")}

    def to_internal_value(self, data: str) -> Box:
        try:
            box = Box(*map(float, data.split(",")))
        except (ValueError, TypeError):
            self.fail("invalid")
        sides = tuple(vars(box).values())
        if data.count(",") != len(sides) - 1 or not all(map(math.isfinite, sides)):
            self.fail("invalid")
        return box


class LateQuery(serializers.Serializer):
    """With ``zoom``, that of the map, tenants who would lie on one another are one point."""

    bbox = BoxField(required=False)
    min_days = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000)
    zoom = serializers.IntegerField(required=False, default=None, min_value=0, max_value=22)


def feature(spot: Spot) -> dict:
    """Return a spot as GeoJSON tells it; there may be thousands."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [spot.longitude, spot.latitude]},
        "properties": {
            "tenant": spot.tenant,
            "name": spot.name,
            "count": spot.count,
            "amount": spot.amount,
            "currency": spot.currency,
            "days_late": spot.days,
            "priority": spot.priority,
        },
    }


LateProperties = inline_serializer(
    "LateProperties",
    {
        "tenant": serializers.IntegerField(allow_null=True),
        "name": serializers.CharField(allow_null=True),
        "count": serializers.IntegerField(),
        "amount": serializers.IntegerField(),
        "currency": serializers.CharField(),
        "days_late": serializers.IntegerField(),
        "priority": serializers.ChoiceField(choices=["normal", "urgent", "critical"]),
    },
)


class LateFeature(serializers.Serializer):
    type = serializers.ChoiceField(choices=["Feature"])
    geometry = inline_serializer(
        "GeoPoint",
        {
            "type": serializers.ChoiceField(choices=["Point"]),
            "coordinates": serializers.ListField(child=serializers.FloatField()),
        },
    )
    properties = LateProperties


class LateCollection(serializers.Serializer):
    """GeoJSON. A point of several tenants (``count``) has neither ``tenant`` nor ``name``, the sum
    of what they owe and the days of who is latest."""

    type = serializers.ChoiceField(choices=["FeatureCollection"])
    features = LateFeature(many=True)


class PositionRequest(serializers.Serializer):
    latitude = CoordinateField(most=90)
    longitude = CoordinateField(most=180)
    accuracy = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=1_000_000
    )
    taken_at = InstantField(required=False, allow_null=True, default=None)


class PositionSerializer(serializers.ModelSerializer):
    """Where a person was at a moment; ``accuracy`` in metres."""

    site = serializers.CharField(source="site_id")
    agent = serializers.IntegerField(source="agent_id")
    name = serializers.CharField(source="agent.name")
    latitude = CoordinateField(most=90)
    longitude = CoordinateField(most=180)
    taken_at = InstantField()

    class Meta:
        model = Position
        fields = ["agent", "name", "site", "latitude", "longitude", "accuracy", "taken_at"]
        read_only_fields = fields


# Missions


class StopSerializer(serializers.ModelSerializer):
    """A visit that is to be made, and what came of it: null until somebody was there that day.

    ``distance_m`` from the stop before and ``arrives_at`` are known once the best way is.
    """

    order = serializers.IntegerField(source="position")
    name = serializers.CharField(source="tenant.name")
    phone = serializers.CharField(source="tenant.phone")
    property = serializers.CharField(source="property.name")
    address = serializers.CharField(source="property.address")
    latitude = CoordinateField(source="property.latitude", most=90, allow_null=True)
    longitude = CoordinateField(source="property.longitude", most=180, allow_null=True)
    safety_note = serializers.CharField(source="property.safety_note")
    visiting_hours = serializers.CharField(source="tenant.visiting_hours")
    visit_from = TimeField(source="tenant.visit_from", allow_null=True)
    visit_until = TimeField(source="tenant.visit_until", allow_null=True)
    distance_m = serializers.IntegerField(source="distance", allow_null=True)
    arrives_at = TimeField(allow_null=True)
    amount = AmountField()
    result = serializers.ChoiceField(choices=Contact.Result.choices, allow_null=True)

    class Meta:
        model = Stop
        fields = [
            "order",
            "tenant",
            "name",
            "phone",
            "property",
            "address",
            "latitude",
            "longitude",
            "safety_note",
            "visiting_hours",
            "visit_from",
            "visit_until",
            "distance_m",
            "arrives_at",
            "amount",
            "days_late",
            "result",
        ]
        read_only_fields = fields


class MissionSerializer(NounSerializer):
    """The visits of an agent on a day; ``state`` and ``notes`` are corrected.

    ``ordered`` tells how they were put into their order; the metres are of the best way, and
    ``baseline_distance_m`` of always going to the nearest.
    """

    site = serializers.CharField(source="site_id", read_only=True)
    agent = serializers.IntegerField(source="agent_id", read_only=True)
    agent_name = serializers.CharField(source="agent.name", read_only=True)
    currency = serializers.CharField(source="site.currency", read_only=True)
    distance_m = serializers.IntegerField(source="distance", read_only=True, allow_null=True)
    baseline_distance_m = serializers.IntegerField(
        source="baseline", read_only=True, allow_null=True
    )
    stops = StopSerializer(many=True, read_only=True)

    class Meta:
        model = Mission
        fields = [
            "id",
            "version",
            "site",
            "agent",
            "agent_name",
            "day",
            "state",
            "notes",
            "currency",
            "ordered",
            "distance_m",
            "baseline_distance_m",
            "stops",
            "created_at",
        ]
        read_only_fields = ["day", "ordered"]

    def correct(self, actor, row: Mission, version, changes: dict) -> Mission:
        return correct_mission(actor=actor, mission=row, version=version, **changes)


class PlanRequest(serializers.Serializer):
    """``anew`` first takes back the missions that nobody has begun."""

    site = serializers.CharField(max_length=20, required=False)
    date = serializers.DateField(required=False, allow_null=True, default=None)
    anew = serializers.BooleanField(required=False, default=False)


class PlannedSerializer(serializers.Serializer):
    """``tenants`` and ``amount`` are of all missions of the day, ``unassigned`` are tenants."""

    date = serializers.DateField(source="day")
    created = serializers.IntegerField()
    existing = serializers.IntegerField()
    tenants = serializers.IntegerField()
    amount = AmountField(zero=True)
    unassigned = serializers.IntegerField()


# Scores


class DayQuery(serializers.Serializer):
    date = serializers.DateField(required=False)


class MonthQuery(serializers.Serializer):
    month = MonthField(required=False)


class ScoreSerializer(serializers.Serializer):
    """score = visits + 2 × promises + 3 × payments − refusals; ``amount`` came in at visits."""

    visits = serializers.IntegerField()
    promises = serializers.IntegerField()
    payments = serializers.IntegerField()
    refusals = serializers.IntegerField()
    score = serializers.IntegerField()
    amount = AmountField(zero=True)


class RankSerializer(ScoreSerializer):
    rank = serializers.IntegerField()
    agent = serializers.IntegerField()
    name = serializers.CharField()
    currency = serializers.CharField()
    medal = serializers.ChoiceField(choices=["gold", "silver", "bronze", ""])

    def to_representation(self, rank: Rank) -> dict:
        achieved = ScoreSerializer(rank.achieved).data
        beside = ("rank", "agent", "name", "currency", "medal")
        return {**achieved, **{name: getattr(rank, name) for name in beside}}


class RankingSerializer(serializers.Serializer):
    first = serializers.DateField()
    last = serializers.DateField()
    results = RankSerializer(many=True)


class DayOfAgent(serializers.Serializer):
    date = serializers.DateField()
    achieved = ScoreSerializer()


class PerformanceSerializer(serializers.Serializer):
    agent = serializers.IntegerField(source="agent.pk")
    name = serializers.CharField(source="agent.name")
    first = serializers.DateField()
    last = serializers.DateField()
    currency = serializers.CharField()
    total = ScoreSerializer()
    days = DayOfAgent(many=True)


class RangeQuery(serializers.Serializer):
    range = serializers.ChoiceField(choices=list(SPANS), default="1m")


class CollectedSerializer(serializers.Serializer):
    """``success`` and ``achievement`` in percent, ``average_delay`` in days after the due date."""

    collected = AmountField(zero=True)
    on_time = serializers.IntegerField()
    late = serializers.IntegerField()
    partial = serializers.IntegerField()
    success = serializers.IntegerField(allow_null=True)
    average_delay = serializers.IntegerField(allow_null=True)
    target = AmountField(zero=True)
    achievement = serializers.IntegerField(allow_null=True)
    grade = serializers.ChoiceField(choices=[*(word for _least, word in WORDS), ""])


#: What each reason brought or took.
Earned = inline_serializer(
    "EarnedPoints",
    {name: serializers.IntegerField(required=False) for name in (*POINTS, "given")},
)


class MonthOfAgent(serializers.Serializer):
    month = MonthField(source="first")
    result = CollectedSerializer()
    earned = Earned


class LineSerializer(CollectedSerializer):
    """An agent at a branch; ``points`` are those of all months."""

    agent = serializers.IntegerField()
    name = serializers.CharField()
    site = serializers.CharField()
    currency = serializers.CharField()
    points = serializers.IntegerField()
    badges = serializers.ListField(
        child=serializers.ChoiceField(
            choices=["perfect_month", "many_payments", "quick_collector", "many_visits"]
        )
    )
    months = MonthOfAgent(many=True)

    def to_representation(self, line: Line) -> dict:
        held = line.assignment
        return {
            "agent": held.user_id,
            "name": held.user.name,
            "site": held.site_id,
            "currency": held.site.currency,
            **CollectedSerializer(line.total).data,
            "points": line.points,
            "badges": line.badges,
            "months": MonthOfAgent(line.months, many=True).data,
        }


class ScoreboardSerializer(serializers.Serializer):
    first = serializers.DateField()
    last = serializers.DateField()
    results = LineSerializer(many=True)


class GivenPointsRequest(serializers.Serializer):
    delta = serializers.IntegerField(min_value=-MOST_POINTS, max_value=MOST_POINTS)
    reason = serializers.CharField(max_length=300)

    def validate_delta(self, delta: int) -> int:
        if not delta:
            raise serializers.ValidationError(_("Give some points, or take some."), "zero")
        return delta


class GivenPointsSerializer(serializers.ModelSerializer):
    class Meta:
        model = GivenPoints
        fields = ["id", "site", "agent", "day", "delta", "reason"]
        read_only_fields = fields


# What matters most


class TaskQuery(serializers.Serializer):
    limit = serializers.IntegerField(required=False, default=3, min_value=1, max_value=50)


class Components(serializers.Serializer):
    """From 0 to 100: days late, amount, what earlier visits led to, others at the same door."""

    urgency = serializers.IntegerField()
    impact = serializers.IntegerField()
    affinity = serializers.IntegerField()
    dependency = serializers.IntegerField()


class TaskSerializer(serializers.Serializer):
    """priority = 0.35 urgency + 0.35 impact + 0.20 affinity + 0.10 dependency."""

    mission = serializers.IntegerField(source="stop.mission_id")
    tenant = serializers.IntegerField(source="stop.tenant_id")
    name = serializers.CharField(source="stop.tenant.name")
    property = serializers.CharField(source="stop.property.name")
    amount = AmountField(source="stop.amount")
    currency = serializers.CharField(source="stop.site.currency")
    days_late = serializers.IntegerField(source="stop.days_late")
    priority = serializers.IntegerField()
    components = Components(source="*")
    reasons = serializers.ListField(
        child=serializers.ChoiceField(
            choices=["very_late", "late", "large_debt", "several_at_the_door", "hard_to_win"]
        )
    )
    duration_minutes = serializers.SerializerMethodField()

    def get_duration_minutes(self, task: Task) -> int:
        return self.context["minutes"][task.stop.site_id]
