"""Statements over the API: handed in, read by a worker, and each line given to its lease."""

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from akig.lib.fields import AmountField, KnownField
from payments.api import idempotency
from payments.metrics.inbox import shown_candidates
from payments.models import MoneyAccount, Payment, Payout, Statement, StatementLine
from payments.services.placing import explain_line, link_line, match_line
from payments.services.statements import receive_statement
from sites_app.narrowing import BranchView, site_asked
from tenants.models import Lease

State = StatementLine.State


class StatementRequest(serializers.Serializer):
    file = serializers.FileField()
    source = serializers.CharField(
        required=False, default="", help_text=_("A hint: orange_money, mtn_momo, wave, bank...")
    )
    account = KnownField(
        queryset=MoneyAccount.objects.select_related("site"),
        required=False,
        allow_null=True,
        default=None,
    )
    site = serializers.CharField(required=False, allow_null=True, default=None)


class BankStatementErrorSerializer(serializers.Serializer):
    line = serializers.IntegerField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class BankStatementSerializer(serializers.ModelSerializer):
    """A statement and what became of its lines."""

    site = serializers.CharField(source="site_id")
    account = serializers.IntegerField(source="account_id", allow_null=True)
    status = serializers.ChoiceField(source="state", choices=Statement.State)
    progress = serializers.SerializerMethodField(help_text=_("Per cent."))
    matched = serializers.IntegerField(source="found.matched")
    posted = serializers.IntegerField(source="found.posted")
    linked = serializers.IntegerField(source="found.linked")
    suggested = serializers.IntegerField(source="found.suggested")
    unmatched = serializers.IntegerField(source="found.unmatched")
    reversed = serializers.IntegerField(source="found.reversed")
    failed = serializers.IntegerField(source="found.failed")
    errors = serializers.SerializerMethodField()

    class Meta:
        model = Statement
        fields = [
            "id", "site", "name", "status", "progress", "account", "format", "first_day",
            "last_day", "lines_read", "matched", "posted", "linked", "suggested", "unmatched",
            "reversed", "failed", "duplicates", "errors",
        ]  # fmt: skip
        read_only_fields = fields

    def get_progress(self, statement: Statement) -> int:
        if statement.state != Statement.State.WAITING:
            return 100
        return statement.job.percent if statement.job else 0

    @extend_schema_field(BankStatementErrorSerializer(many=True))
    def get_errors(self, statement: Statement) -> list[dict]:
        return [
            {"line": error.get("line"), "code": error["code"], "detail": error["detail"]}
            for error in statement.errors
        ]


class CandidateSerializer(serializers.Serializer):
    lease = serializers.IntegerField()
    reference = serializers.CharField()
    tenant = serializers.CharField()
    score = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())
    payment = serializers.IntegerField(
        allow_null=True, help_text=_("What the office has recorded already; to be linked.")
    )


class BankStatementLineSerializer(serializers.ModelSerializer):
    site = serializers.CharField(source="site_id")
    account = serializers.IntegerField(source="account_id")
    statement = serializers.IntegerField(source="statement_id", allow_null=True)
    status = serializers.ChoiceField(source="state", choices=State)
    currency = serializers.CharField(source="site.currency")
    explanation = serializers.ChoiceField(StatementLine.Explanation, allow_blank=True)
    amount = serializers.IntegerField(help_text=_("Negative: money that went out."))
    candidates = serializers.SerializerMethodField()
    payments = serializers.SerializerMethodField()

    class Meta:
        model = StatementLine
        fields = [
            "id", "site", "account", "statement", "day", "amount", "fee", "currency", "reference",
            "text", "party", "phone", "status", "explanation", "candidates", "payments",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(CandidateSerializer(many=True))
    def get_candidates(self, line: StatementLine) -> list[dict]:
        return [
            {
                "lease": one.lease.pk,
                "reference": one.lease.reference,
                "tenant": one.lease.tenant.name,
                "score": one.score,
                "reasons": one.reasons,
                "payment": one.payment,
            }
            for one in self.context["candidates"].get(line.pk, [])
        ]

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_payments(self, line: StatementLine) -> list[int]:
        return [part.payment_id for part in line.parts.all() if part.undone_at is None]


class PartRequest(serializers.Serializer):
    lease = KnownField(queryset=Lease.objects.select_related("site", "tenant", "property"))
    amount = AmountField()


class MatchRequest(serializers.Serializer):
    """One of ``lease``, ``parts``, ``payment`` (recorded already) or ``payouts``.

    Parts make up the line, and so do the payouts of one transfer that went out to owners.
    """

    lease = KnownField(
        queryset=Lease.objects.select_related("site", "tenant", "property"),
        required=False,
        allow_null=True,
        default=None,
    )
    parts = PartRequest(many=True, required=False)
    payment = KnownField(
        queryset=Payment.objects.select_related("lease__tenant", "lease__site"),
        required=False,
        allow_null=True,
        default=None,
    )

    payouts = serializers.ListField(
        child=KnownField(
            queryset=Payout.objects.filter(entry__isnull=False).select_related("entry")
        ),
        required=False,
    )

    def validate(self, asked: dict) -> dict:
        names = ("lease", "parts", "payment", "payouts")
        if sum(bool(asked.get(name)) for name in names) != 1:
            raise ValidationError({"lease": [ErrorDetail(_("Name the lease."), "required")]})
        return asked


class StatementView(RetrieveModelMixin, BranchView, GenericViewSet):
    """Statements of banks and providers: handed in once, read by a worker."""

    rights = {"GET": "payment.reconcile", "POST": "payment.reconcile"}
    queryset = Statement.objects.select_related("job").order_by("-pk")
    serializer_class = BankStatementSerializer
    parser_classes = (MultiPartParser,)
    filter_backends = ()
    lookup_value_regex = "[0-9]+"

    def get_object(self) -> Statement:
        statement = super().get_object()
        if statement.job:
            statement.job.hear_news()
        return counted(statement)

    @extend_schema(
        request={"multipart/form-data": StatementRequest}, responses={202: BankStatementSerializer}
    )
    @idempotency.once
    def create(self, request: Request) -> Response:
        """Hand in a file; what became of its lines is read at the address of the answer."""
        asked = StatementRequest(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        site = fields["account"].site if fields["account"] else None
        statement = receive_statement(
            actor=request.user,
            site=site or site_asked(request, fields["site"]),
            name=fields["file"].name,
            content=fields["file"].read(),
            source=fields["source"],
            account=fields["account"],
        )
        shown = self.get_serializer(counted(statement))
        return Response(shown.data, status=status.HTTP_202_ACCEPTED)


def counted(statement: Statement) -> Statement:
    """Count the lines of ``statement`` by what became of them."""
    names = {state.value: Count("pk", filter=Q(state=state)) for state in State}
    found = statement.lines.aggregate(**names)
    statement.found = {**found, "matched": found["posted"] + found["linked"]}
    return statement


class LineFilter(filters.FilterSet):
    status = filters.ChoiceFilter("state", choices=State.choices)
    statement = filters.NumberFilter("statement_id")
    account = filters.NumberFilter("account_id")


class StatementLineView(ListModelMixin, RetrieveModelMixin, BranchView, GenericViewSet):
    """The movements that statements told: who paid, for which lease, and what is still unknown."""

    rights = {"GET": "payment.reconcile", "POST": "payment.reconcile"}
    queryset = (
        StatementLine.objects.select_related("site", "account__site")
        .prefetch_related("parts")
        .order_by("-day", "-pk")
    )
    serializer_class = BankStatementLineSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = LineFilter
    lookup_value_regex = "[0-9]+"

    def get_serializer(self, *shown, **options) -> BankStatementLineSerializer:
        options.setdefault("context", self.get_serializer_context())
        lines = shown[0] if shown and options.get("many") else shown
        options["context"]["candidates"] = shown_candidates(self.request.user, lines)
        return BankStatementLineSerializer(*shown, **options)

    @extend_schema(
        request=MatchRequest,
        responses={200: BankStatementLineSerializer},
    )
    @action(detail=True, methods=["post"])
    @idempotency.once
    def match(self, request: Request, pk: str) -> Response:
        """Give the money to its lease, to several, or to what the office recorded already.

        Sent again it changes nothing and answers the same.
        """
        line = self.get_object()
        asked = MatchRequest(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        if fields.get("payouts"):
            explain_line(
                actor=request.user,
                line=line,
                explanation=StatementLine.Explanation.PAYOUT,
                entries=[payout.entry for payout in fields["payouts"]],
            )
        elif fields["payment"]:
            link_line(actor=request.user, line=line, payment=fields["payment"])
        else:
            parts = [(part["lease"], part["amount"]) for part in fields.get("parts") or []]
            match_line(
                actor=request.user, line=line, parts=parts or [(fields["lease"], line.amount)]
            )
        return Response(self.get_serializer(self.get_object()).data)
