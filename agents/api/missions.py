"""Missions over the API: planned by leads, walked by agents."""

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from agents.api.serializers import (
    MissionSerializer,
    PlannedSerializer,
    PlanRequest,
    TaskQuery,
    TaskSerializer,
)
from agents.metrics.tasks import tasks_of
from agents.models import Mission
from agents.services.missions import plan_missions
from payments.api import idempotency
from sites_app.narrowing import BranchView, NounView, site_asked
from sites_app.rules import rules_of


class MissionFilter(filters.FilterSet):
    date = filters.DateFilter("day")
    status = filters.ChoiceFilter("state", choices=Mission.State)


class MissionView(NounView):
    """Missions: one's own, and those of one's branches to whoever plans them."""

    rights = {"GET": "mission.view_own", "PATCH": "mission.view_own"}
    http_method_names = ["get", "head", "options", "patch"]
    queryset = Mission.objects.order_by("-day", "agent_id", "pk")
    serializer_class = MissionSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = MissionFilter

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().for_list()

    @extend_schema(responses=MissionSerializer(many=True), filters=False)
    @action(detail=False, filterset_class=None)
    def today(self, request: Request) -> Response:
        """List the missions of today."""
        self.queryset = self.queryset.filter(day=timezone.localdate())
        return self.list(request)


class Planning(BranchView):
    rights = {"POST": "mission.manage"}
    queryset = Mission.objects.order_by("pk")
    serializer_class = PlannedSerializer
    pagination_class = None

    @extend_schema(operation_id="plan_missions", request=PlanRequest, responses=PlannedSerializer)
    @idempotency.once
    def post(self, request: Request) -> Response:
        """Plan the missions of a branch for a day (today); a second time creates none."""
        asked = PlanRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        planned = plan_missions(
            actor=request.user,
            site=site_asked(request, said.get("site")),
            day=said["date"] or timezone.localdate(),
            anew=said["anew"],
        )
        return Response(PlannedSerializer(planned).data)


@extend_schema_view(list=extend_schema(operation_id="agent_missions"))
class AgentMissions(ListModelMixin, BranchView, GenericViewSet):
    """The missions of one agent, the newest first."""

    rights = {"GET": "mission.view_own"}
    queryset = Mission.objects.order_by("-day", "pk")
    serializer_class = MissionSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = MissionFilter

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(agent=self.kwargs.get("pk")).for_list()


class TasksToday(BranchView):
    """What matters most today: one's own visits, or a colleague's to whoever plans missions."""

    rights = {"GET": "task.view"}
    queryset = Mission.objects.order_by("pk")
    serializer_class = TaskSerializer
    pagination_class = None

    @extend_schema(
        operation_id="tasks_today",
        parameters=[TaskQuery],
        responses=TaskSerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        """Tell the first visits that an agent should make today (three), and why."""
        asked = TaskQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        missions = self.get_queryset().filter(agent=pk, day=timezone.localdate())
        tasks = tasks_of(missions)[: asked.validated_data["limit"]]
        rules = rules_of({task.stop.site_id for task in tasks})
        minutes = {code: held.visit_minutes for code, held in rules.items()}
        return Response(TaskSerializer(tasks, many=True, context={"minutes": minutes}).data)
