"""Money over the API: payments, charges, receipts and the tenant's account."""

import datetime

from dateutil.relativedelta import relativedelta
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from akig.lib.filters import days_between, read_query
from akig.lib.paging import Cursor
from payments import metrics
from payments.api import idempotency
from payments.api.serializers import (
    STATES,
    CancelRequest,
    ChargeSerializer,
    PaymentRequest,
    PaymentSerializer,
    RecordedSerializer,
    RunRequest,
    RunSerializer,
    StatementSerializer,
)
from payments.documents import receipt_pdf
from payments.models import Account, Allocation, Charge, JournalLine, Payment, Receipt
from payments.services.charging import charge_rent
from payments.services.collecting import cancel_payment
from sites_app.api import pending
from sites_app.models import Approval
from sites_app.narrowing import BranchView, site_asked
from sites_app.serializers import PendingApproval
from tenants.models import Lease, Tenant

#: One for all requests: to make its fields takes longer than to fill them.
FRESH = RecordedSerializer()


class PaymentFilter(days_between("value_date")):
    lease = filters.NumberFilter("lease_id")
    tenant = filters.NumberFilter("lease__tenant_id")
    method = filters.ChoiceFilter(choices=Payment.Method)
    status = filters.ChoiceFilter(choices=Payment.Status)


class PaymentView(ListModelMixin, RetrieveModelMixin, BranchView, GenericViewSet):
    """Payments: recorded and cancelled, never corrected."""

    rights = {"GET": "payment.view", "POST": "payment.record"}
    queryset = (
        Payment.objects.select_related("site", "lease")
        .prefetch_related(
            Prefetch(
                "allocations",
                Allocation.objects.select_related("charge").order_by(
                    "charge__due_date", "charge_id"
                ),
            ),
            Prefetch("receipts", Receipt.objects.filter(kind=Receipt.Kind.RECEIPT)),
        )
        .order_by("-value_date", "-pk")
    )
    serializer_class = PaymentSerializer
    pagination_class = Cursor
    order = ("value_date", "id")
    filter_backends = (DjangoFilterBackend,)
    filterset_class = PaymentFilter
    lookup_value_regex = "[0-9]+"

    def get_serializer(self, *shown, **options) -> PaymentSerializer:
        """Show payments with what their leases owe: one question for them all."""
        options.setdefault("context", self.get_serializer_context())
        payments = shown[0] if shown and options.get("many") else shown
        leases = {payment.lease_id for payment in payments}
        if leases:
            lines = JournalLine.objects.filter(
                lease__in=leases, account__code=Account.Code.RECEIVABLE
            )
            options["context"]["balances"] = lines.by_lease()
        return PaymentSerializer(*shown, **options)

    @idempotency.keyed
    @extend_schema(
        request=PaymentRequest, responses={201: PaymentSerializer, 200: PaymentSerializer}
    )
    def create(self, request: Request) -> HttpResponse:
        """Record a payment, once: by ``Idempotency-Key``, by ``reference``, or both."""
        return idempotency.respond_once(request, lambda: self.recorded(request))

    def recorded(self, request: Request) -> idempotency.Answer:
        asked = PaymentRequest(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        payment, is_new = idempotency.record_by_reference(
            actor=request.user,
            is_keyed=idempotency.HEADER in request.headers,
            source=Payment.Source.API,
            **fields,
        )
        if is_new:
            shown = FRESH.to_representation(payment)
        else:
            shown = self.get_serializer(self.get_queryset().get(pk=payment.pk)).data
        return idempotency.Answer(
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
            body=JSONRenderer().render(shown if is_new else {**shown, "duplicate": True}),
            payment=payment,
        )

    @extend_schema(request=CancelRequest, responses={200: PaymentSerializer, 202: PendingApproval})
    @action(detail=True, methods=["post"], rights={"POST": "payment.cancel"})
    @idempotency.once
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel a payment by a reversal; cancelled twice, the answer is the same.

        Above the branch's threshold the answer is 202, and a second person approves it.
        """
        payment = self.get_object()
        asked = CancelRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        done = cancel_payment(actor=request.user, payment=payment, **asked.validated_data)
        if isinstance(done, Approval):
            return pending(done)
        return Response(self.get_serializer(self.get_object()).data)


class ChargeFilter(filters.FilterSet):
    lease = filters.NumberFilter("lease_id")
    tenant = filters.NumberFilter("lease__tenant_id")
    property = filters.NumberFilter("property_id")
    kind = filters.ChoiceFilter(choices=Charge.Kind)
    period = filters.DateFilter(method="in_month", input_formats=["%Y-%m"])
    status = filters.ChoiceFilter(choices=STATES, method="in_state")
    overdue = filters.BooleanFilter(method="is_overdue")

    def in_month(self, queryset: QuerySet, name: str, month: datetime.date) -> QuerySet:
        return queryset.filter(period_start__range=(month, month + relativedelta(day=31)))

    def in_state(self, queryset: QuerySet, name: str, state: str) -> QuerySet:
        return queryset.in_state(state)

    def is_overdue(self, queryset: QuerySet, name: str, wanted: bool) -> QuerySet:
        late = queryset.overdue()
        return late if wanted else queryset.exclude(pk__in=late.values("pk"))


class ChargeView(ListModelMixin, RetrieveModelMixin, BranchView, GenericViewSet):
    """What is owed, and the run that charges a month of a branch."""

    rights = {"GET": "payment.view"}
    queryset = Charge.objects.select_related("site", "lease").order_by("-due_date", "-pk")
    serializer_class = ChargeSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = ChargeFilter
    lookup_value_regex = "[0-9]+"

    @extend_schema(request=RunRequest, responses=RunSerializer)
    @action(detail=False, methods=["post"], rights={"POST": "charge.run"})
    @idempotency.once
    def run(self, request: Request) -> Response:
        """Charge the leases of a branch for the period that begins in a month; again adds none."""
        asked = RunRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        site = site_asked(request, asked.validated_data.get("site"))
        month = asked.validated_data["period"]
        run = charge_rent(actor=request.user, site=site, month=month)
        return Response(RunSerializer(run).data)


class TenantStatement(BranchView):
    """A tenant's account: what was owed before, every movement, what is owed now."""

    rights = {"GET": "payment.view"}
    queryset = Tenant.objects.order_by("pk")
    serializer_class = StatementSerializer
    pagination_class = None

    @extend_schema(
        operation_id="tenant_statement",
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE),
            OpenApiParameter("to", OpenApiTypes.DATE),
        ],
    )
    def get(self, request: Request, pk: int) -> Response:
        tenant = get_object_or_404(self.get_queryset(), pk=pk)
        first, last = read_span(request)
        leases = Lease.objects.visible_to(request.user).filter(tenant=tenant).real()
        account = metrics.statement(leases.select_related("site"), first, last)
        account = {
            "tenant": tenant.pk,
            "currency": account.currency or tenant.site.currency,
            "first": account.first,
            "last": account.last,
            "opening": account.opening,
            "lines": account.lines,
            "closing": account.closing,
        }
        return Response(StatementSerializer(account).data)


class ReceiptPdf(BranchView):
    """A receipt or quittance as it was handed over."""

    rights = {"GET": "receipt.view"}
    queryset = Receipt.objects.select_related("site").order_by("pk")
    pagination_class = None

    @extend_schema(
        operation_id="receipt_pdf", responses={(200, "application/pdf"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        receipt = get_object_or_404(self.get_queryset(), number=number)
        response = HttpResponse(receipt_pdf(receipt), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{receipt.number}.pdf"'
        return response


def read_span(request: Request) -> tuple[datetime.date | None, datetime.date | None]:
    """Read ``?from=`` and ``?to=``. Raises ValidationError."""
    first, last = (read_query(request, name, serializers.DateField()) for name in ("from", "to"))
    if first and last and first > last:
        sentence = _("The last day must not come before the first.")
        raise serializers.ValidationError({"to": serializers.ErrorDetail(sentence, "order")})
    return first, last
