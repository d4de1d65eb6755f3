"""Recovery over the API: cases, calls, visits, promises, a tenant's history, the day's figures."""

import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from akig.lib.filters import days_between, read_query
from payments.api import idempotency
from payments.models import Account, JournalLine
from recovery.api.serializers import (
    CallRequest,
    CallSerializer,
    CaseSerializer,
    DaySerializer,
    PromiseSerializer,
    TimelineSerializer,
    VisitRequest,
    VisitSerializer,
)
from recovery.metrics.ages import ages_of
from recovery.metrics.day import day_of
from recovery.metrics.promises import keep_rate
from recovery.metrics.timeline import timeline
from recovery.models import Case, Contact, Promise
from recovery.services import contacts
from sites_app.models import Site
from sites_app.narrowing import BranchView, NounView
from tenants.models import Tenant

#: Lines of a history in one answer.
EVENTS = 50


class LogView(BranchView):
    """Something that was done is told once, by ``client_id`` or ``Idempotency-Key``."""

    queryset = Contact.objects.select_related("site", "promise", "payment__site", "payment__lease")
    pagination_class = None

    def told(self, request: Request) -> Response:
        """Write down what was done, and answer with it."""
        asked = self.asked_serializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        contact = self.get_queryset().get(pk=self.log(request, asked.validated_data).pk)
        return Response(self.get_serializer(contact).data, status=status.HTTP_201_CREATED)


class Calls(LogView):
    """A call, with the promise that came of it."""

    rights = {"POST": "collection.log_call"}
    serializer_class = CallSerializer
    asked_serializer = CallRequest

    @extend_schema(operation_id="log_call", request=CallRequest, responses={201: CallSerializer})
    @idempotency.once
    def post(self, request: Request) -> Response:
        return self.told(request)

    def log(self, request: Request, fields: dict) -> Contact:
        return contacts.log_call(actor=request.user, **fields)


class Visits(LogView):
    """A visit, with the money that was given there: that follows the rules of payments.

    With a payment, send an ``Idempotency-Key`` or a ``client_id``.
    """

    rights = {"POST": "collection.log_visit"}
    serializer_class = VisitSerializer
    asked_serializer = VisitRequest

    @extend_schema(operation_id="log_visit", request=VisitRequest, responses={201: VisitSerializer})
    @idempotency.once
    def post(self, request: Request) -> Response:
        return self.told(request)

    def log(self, request: Request, fields: dict) -> Contact:
        is_keyed = fields["client_id"] or idempotency.HEADER in request.headers
        if fields["payment"] and not is_keyed:
            sentence = _("Send an Idempotency-Key, or a client_id.")
            raise idempotency.NothingToKnowItBy(sentence, fields={"client_id": sentence})
        return self.write(request.user, fields)

    def write(self, actor: User, fields: dict) -> Contact:
        return contacts.log_visit(actor=actor, **fields)

    def get_serializer(self, contact: Contact, **options) -> VisitSerializer:
        context = self.get_serializer_context()
        if contact.payment:
            lines = JournalLine.objects.filter(
                lease=contact.payment.lease_id, account__code=Account.Code.RECEIVABLE
            )
            context["balances"] = lines.by_lease()
        return VisitSerializer(contact, context=context)


class PromiseFilter(days_between("due_on")):
    tenant = filters.NumberFilter("tenant_id")
    agent = filters.NumberFilter("made_by_id")
    status = filters.ChoiceFilter(choices=Promise.Status, method="in_status")

    @extend_schema_field(serializers.ChoiceField(choices=Promise.Status.choices))
    def in_status(self, queryset: QuerySet, name: str, wanted: str) -> QuerySet:
        return queryset.in_status(wanted)


class PromiseView(NounView):
    """Promises by the day that was promised; corrected while they are awaited."""

    rights = {"GET": "arrears.view", "PATCH": "collection.log_call"}
    http_method_names = ["get", "head", "options", "patch"]
    queryset = Promise.objects.select_related("site", "tenant").order_by("due_on", "pk")
    serializer_class = PromiseSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = PromiseFilter


class CaseFilter(filters.FilterSet):
    tenant = filters.NumberFilter("tenant_id")
    status = filters.ChoiceFilter(choices=Case.State, field_name="state")
    min_days = filters.NumberFilter(method="late_for", min_value=0, max_value=36500)

    def late_for(self, queryset: QuerySet, name: str, days) -> QuerySet:
        since = timezone.localdate() - datetime.timedelta(days=int(days))
        return queryset.filter(oldest_due__lte=since)


class CaseView(ListModelMixin, BranchView, GenericViewSet):
    """Arrears by tenant, the largest first; settled cases only where they are asked for."""

    rights = {"GET": "arrears.view"}
    queryset = (
        Case.objects.select_related("site", "tenant", "next_level")
        .with_leases()
        .order_by("-balance", "pk")
    )
    serializer_class = CaseSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = CaseFilter

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        return rows if self.request.query_params.get("status") else rows.running()

    def paginate_queryset(self, queryset: QuerySet) -> list[Case]:
        cases = super().paginate_queryset(queryset)
        ages = ages_of(cases)
        for case in cases:
            case.ages = ages[case.pk]
        return cases


class History(BranchView):
    """Calls, visits, promises, messages, payments and notices of a tenant, the newest first."""

    rights = {"GET": "arrears.view"}
    queryset = Tenant.objects.order_by("pk")
    serializer_class = TimelineSerializer
    pagination_class = None

    @extend_schema(
        operation_id="tenant_recovery_history",
        parameters=[OpenApiParameter("before", OpenApiTypes.DATETIME)],
    )
    def get(self, request: Request, pk: int) -> Response:
        tenant = get_object_or_404(self.get_queryset(), pk=pk)
        before = read_query(request, "before", serializers.DateTimeField())
        events = timeline(request.user, tenant, before=before, most=EVENTS)
        promises = Promise.objects.visible_to(request.user).filter(tenant=tenant)
        told = {
            "tenant": tenant.pk,
            "keep_rate": keep_rate(promises).percent,
            "before": events[-1].at if len(events) == EVENTS else None,
            "results": events,
        }
        return Response(TimelineSerializer(told).data)


class DailyStats(BranchView):
    """What a day at the desk brought, by currency and by person."""

    rights = {"GET": "collection.view_all"}
    queryset = Site.objects.order_by("code")
    serializer_class = DaySerializer
    pagination_class = None

    @extend_schema(
        operation_id="recovery_daily_stats",
        parameters=[OpenApiParameter("date", OpenApiTypes.DATE)],
    )
    def get(self, request: Request) -> Response:
        day = read_query(request, "date", serializers.DateField(), timezone.localdate())
        return Response(DaySerializer(day_of(list(self.get_queryset()), day)).data)

    def narrowed_to(self, rows: QuerySet, code: str) -> QuerySet:
        return rows.filter(pk=code)
