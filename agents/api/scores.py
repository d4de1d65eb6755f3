"""What agents achieved, who stands where, and the points that leads give."""

import datetime

from dateutil.relativedelta import relativedelta
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from agents.api.serializers import (
    DayQuery,
    GivenPointsRequest,
    GivenPointsSerializer,
    MonthQuery,
    PerformanceSerializer,
    RangeQuery,
    RankingSerializer,
    ScoreboardSerializer,
)
from agents.metrics.board import SPANS, scoreboard, since
from agents.metrics.scores import add_up, performance, ranking
from agents.models import Mission
from agents.services.results import give_points
from akig.lib.errors import NotAllowed
from payments.api import idempotency
from payments.api.payments import read_span
from sites_app.models import Assignment, Site
from sites_app.narrowing import BranchView
from sites_app.querysets import branches_of

#: The longest span of one answer, in days.
LONGEST = 366


class ScoreView(BranchView):
    queryset = Mission.objects.order_by("pk")
    pagination_class = None

    def branch_codes(self) -> list[str]:
        code = self.request.site_code
        return [code] if code else branches_of(self.request.user)


class RankingView(ScoreView):
    rights = {"GET": "performance.view"}
    serializer_class = RankingSerializer

    def answer(self, first: datetime.date, last: datetime.date) -> Response:
        ranks = ranking(self.branch_codes(), first, last)
        return Response(RankingSerializer({"first": first, "last": last, "results": ranks}).data)


class RankingOfDay(RankingView):
    @extend_schema(operation_id="ranking_of_day", parameters=[DayQuery])
    def get(self, request: Request) -> Response:
        """Tell who achieved most on a day (today): the first ten, equals on one rank."""
        asked = DayQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        day = asked.validated_data.get("date") or timezone.localdate()
        return self.answer(day, day)


class RankingOfMonth(RankingView):
    @extend_schema(operation_id="ranking_of_month", parameters=[MonthQuery])
    def get(self, request: Request) -> Response:
        """Tell who achieved most in a month (this one): the first ten, equals on one rank."""
        asked = MonthQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        first = asked.validated_data.get("month") or timezone.localdate().replace(day=1)
        return self.answer(first, first + relativedelta(day=31))


class Performance(ScoreView):
    """One's own, or that of a colleague to whoever sees the agents' results."""

    rights = {"GET": "mission.view_own"}
    serializer_class = PerformanceSerializer

    @extend_schema(
        operation_id="agent_performance",
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE),
            OpenApiParameter("to", OpenApiTypes.DATE),
        ],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Tell what an agent achieved, day by day (this month)."""
        if pk != request.user.pk and not request.user.may("performance.view"):
            raise NotAllowed(_("Your role does not allow this."))
        sites = Site.objects.filter(pk__in=self.branch_codes())
        colleagues = User.objects.filter(assignments__site__in=sites).distinct()
        agent = get_object_or_404(colleagues, pk=pk)
        # Amounts of two currencies are never added: the agent's first branch says which counts.
        works = agent.assignments.filter(site__in=sites).order_by("-is_primary", "site")
        currency = works.values_list("site__currency", flat=True)[0]
        first, last = self.span(request)
        here = sites.filter(currency=currency).values_list("pk", flat=True)
        days = performance(here, pk, first, last)
        told = {
            "agent": agent,
            "first": first,
            "last": last,
            "currency": currency,
            "total": add_up(days.values()),
            "days": [{"date": day, "achieved": score} for day, score in days.items()],
        }
        return Response(PerformanceSerializer(told).data)

    def span(self, request: Request) -> tuple[datetime.date, datetime.date]:
        first, last = read_span(request)
        last = last or timezone.localdate()
        first = first or last.replace(day=1)
        if not 0 <= (last - first).days <= LONGEST:
            sentence = _("Choose a span of at most a year.")
            raise serializers.ValidationError(
                {"from": serializers.ErrorDetail(sentence, "too_long")}
            )
        return first, last


class Scoreboard(ScoreView):
    rights = {"GET": "performance.view"}
    serializer_class = ScoreboardSerializer

    @extend_schema(operation_id="scoreboard", parameters=[RangeQuery])
    def get(self, request: Request) -> Response:
        """Tell how agents stand to what is asked of them, over calendar months until this one.

        Each is told by the payments that he collected himself.
        """
        asked = RangeQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        first = since(SPANS[asked.validated_data["range"]])
        lines = scoreboard(self.branch_codes(), first)
        told = {"first": first, "last": timezone.localdate(), "results": lines}
        return Response(ScoreboardSerializer(told).data)


class Points(ScoreView):
    rights = {"POST": "performance.manage"}
    serializer_class = GivenPointsSerializer

    @extend_schema(
        operation_id="give_points",
        request=GivenPointsRequest,
        responses={201: GivenPointsSerializer},
    )
    @idempotency.once
    def post(self, request: Request, pk: int) -> Response:
        """Give an agent points at the branch where he works first, or take some, and say why."""
        asked = GivenPointsRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        works = Assignment.objects.current().filter(
            user=pk, user__groups__name="agent", site__in=self.branch_codes()
        )
        place = get_object_or_404(
            works.select_related("user", "site").order_by("-is_primary", "pk")[:1]
        )
        given = give_points(
            actor=request.user, site=place.site, agent=place.user, **asked.validated_data
        )
        return Response(GivenPointsSerializer(given).data, status.HTTP_201_CREATED)
