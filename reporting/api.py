"""Dashboards and the finance report over the API: figures of the branches, remembered as sent."""

import datetime
from collections.abc import Callable, Sequence

from dateutil.relativedelta import relativedelta
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from accounts.models import Trace
from accounts.record import note
from akig.lib.errors import NotAllowed
from akig.lib.filters import read_query
from akig.lib.freshness import remember_under
from akig.lib.paging import Cursor
from payments.metrics.payers import good_payers
from reporting import exports
from reporting.record import TraceFilter, lines_of, traces_for
from reporting.reports.finance import RANGES, SECONDS, FinanceReport, finance_report
from reporting.reports.finance_paper import finance_pdf
from reporting.reports.finance_tables import sheets_of
from reporting.serializers import (
    BranchList,
    FinanceSerializer,
    PayerList,
    RecordLine,
    SummarySerializer,
    branches_of_summary,
    finance_of,
    payers_of,
    summary_of,
)
from reporting.summary import PERIODS, summary
from sites_app.models import Site
from sites_app.narrowing import BranchView, SiteForbidden
from sites_app.querysets import branches_of

#: No books are older; a year typed wrongly must not make the database count from Caesar on.
EARLIEST = datetime.date(1990, 1, 1)
PERIOD = OpenApiParameter("period", str, enum=PERIODS, default="month")
PAYERS = 50
ROWS_SHOWN = 20
PAYER_MONTHS = 12


class FiguresView(BranchView):
    """Figures of the caller's branches. What was answered is remembered until they change."""

    pagination_class = None

    def branch_codes(self) -> list[str]:
        """Return the codes of the branches that are asked about, never none.

        Figures of a whole branch are for those who work there: an owner has his own.
        """
        user = self.request.user
        if not user.works_here:
            raise NotAllowed(_("Your role does not allow this."))
        code = self.request.site_code
        codes = [code] if code else sorted(branches_of(user))
        if not codes:
            raise SiteForbidden(_("You are not assigned to any branch."))
        return codes

    def remembered(
        self, name: str, compute: Callable[[Sequence[Site], datetime.date], dict]
    ) -> HttpResponse:
        """Answer ``compute(sites, today)``, or the very bytes of the last time under ``name``."""
        codes = self.branch_codes()
        today = timezone.localdate()

        def render() -> bytes:
            sites = list(Site.objects.filter(code__in=codes).order_by("code"))
            return JSONRenderer().render(compute(sites, today))

        key = f"api:{name}:{today}:{get_language()}:{','.join(codes)}"
        scopes = [f"site:{code}" for code in codes]
        body, stands_on = remember_under(scopes, key, SECONDS, render)
        response = HttpResponse(body, content_type="application/json")
        response.stands_on = stands_on
        return response

    def chosen(self, name: str, choices: Sequence[str], usual: str) -> str:
        """Read one of ``choices`` from the address. Raises ValidationError."""
        value = self.request.query_params.get(name, usual)
        if value not in choices:
            sentence = _("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)}
            raise serializers.ValidationError(
                {name: serializers.ErrorDetail(sentence, "invalid_choice")}
            )
        return value


class DashboardSummary(FiguresView):
    rights = {"GET": "report.view"}
    serializer_class = SummarySerializer

    @extend_schema(operation_id="dashboard_summary", parameters=[PERIOD])
    def get(self, request: Request) -> HttpResponse:
        """Tell how the branches stand: let, charged, collected, overdue."""
        period = self.chosen("period", PERIODS, "month")
        return self.remembered(
            f"summary:{period}", lambda sites, today: summary_of(summary(sites, period, today))
        )


class DashboardSites(FiguresView):
    rights = {"GET": "report.view"}
    serializer_class = BranchList

    @extend_schema(operation_id="dashboard_sites", parameters=[PERIOD])
    def get(self, request: Request) -> HttpResponse:
        """Tell the same of each branch."""
        period = self.chosen("period", PERIODS, "month")
        return self.remembered(
            f"sites:{period}",
            lambda sites, today: branches_of_summary(summary(sites, period, today)),
        )


class GoodPayers(FiguresView):
    rights = {"GET": "report.view"}
    serializer_class = PayerList

    @extend_schema(
        operation_id="dashboard_good_payers",
        parameters=[OpenApiParameter("limit", int, default=PAYERS)],
    )
    def get(self, request: Request) -> HttpResponse:
        """Name the tenants who settled every rent of the last twelve months, best first."""
        limit = self.limit()
        return self.remembered(
            f"payers:{limit}",
            lambda sites, today: payers_of(
                good_payers(sites, today - relativedelta(months=PAYER_MONTHS), today, limit)
            ),
        )

    def limit(self) -> int:
        field = serializers.IntegerField(min_value=1, max_value=200)
        try:
            return field.run_validation(self.request.query_params.get("limit", PAYERS))
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"limit": error.detail}) from error


FINANCE = [
    OpenApiParameter("range", str, enum=list(RANGES), default="1m"),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day; today unless given."),
]


class FinanceView(FiguresView):
    rights = {"GET": "report.finance"}

    def asked(self) -> tuple[str, datetime.date]:
        """Read ``range`` and ``to``. Raises ValidationError."""
        span = self.chosen("range", list(RANGES), "1m")
        today = timezone.localdate()
        last = read_query(self.request, "to", serializers.DateField(), today)
        if not EARLIEST <= last <= today:
            sentence = _("Choose a day between 1990 and today.")
            raise serializers.ValidationError({"to": serializers.ErrorDetail(sentence, "range")})
        return span, last


class Finance(FinanceView):
    serializer_class = FinanceSerializer

    @extend_schema(operation_id="finance", parameters=FINANCE)
    def get(self, request: Request) -> HttpResponse:
        """Report what was collected, spent, earned and is owed over 1, 3, 6 or 12 months."""
        span, last = self.asked()
        return self.remembered(
            f"finance:{span}:{last}",
            lambda sites, today: finance_of(finance_report(sites, span, last)),
        )


class FinanceFile(FinanceView):
    """The same report as a file; subclasses say how it is written."""

    suffix = ""
    content_type = ""

    def get(self, request: Request) -> HttpResponse:
        if not request.user.may("report.export"):
            raise NotAllowed(_("Your role does not allow this."))
        span, last = self.asked()
        sites = list(Site.objects.filter(code__in=self.branch_codes()).order_by("code"))
        content = self.written(finance_report(sites, span, last), sites)
        note("exported", request.user, request, what="finance", query=request.GET.urlencode())
        response = HttpResponse(content, content_type=self.content_type)
        name = f"finances-{span}-{last}.{self.suffix}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def written(self, report: FinanceReport, sites: Sequence[Site]) -> bytes:
        raise NotImplementedError


class RecordView(ListModelMixin, BranchView, GenericViewSet):
    """Who did what: the newest lines of the record first."""

    rights = {"GET": "audit.view"}
    queryset = Trace.objects.none()
    serializer_class = RecordLine
    pagination_class = Cursor
    order = ("at", "id")
    filter_backends = (DjangoFilterBackend,)
    filterset_class = TraceFilter

    def get_queryset(self) -> QuerySet[Trace]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        traces = traces_for(self.request.user)
        code = self.request.site_code
        return traces.filter(site=code) if code else traces

    def get_serializer(self, *shown, **options) -> RecordLine:
        lines = [lines_of(traces, ROWS_SHOWN) for traces in shown]
        return super().get_serializer(*lines, **options)


def _file(name: str, kind: str):
    binary = {(200, kind): OpenApiTypes.BINARY}
    described = extend_schema(operation_id=name, parameters=FINANCE, responses=binary)
    return extend_schema_view(get=described)


@_file("finance_csv", "text/csv")
class FinanceCsv(FinanceFile):
    suffix, content_type = "csv", exports.CSV

    def written(self, report: FinanceReport, sites: Sequence[Site]) -> bytes:
        return exports.to_csv(sheets_of(report, sites))


@_file("finance_xlsx", exports.XLSX)
class FinanceXlsx(FinanceFile):
    suffix, content_type = "xlsx", exports.XLSX

    def written(self, report: FinanceReport, sites: Sequence[Site]) -> bytes:
        return exports.to_xlsx(sheets_of(report, sites))


@_file("finance_pdf", "application/pdf")
class FinancePdf(FinanceFile):
    suffix, content_type = "pdf", "application/pdf"

    def written(self, report: FinanceReport, sites: Sequence[Site]) -> bytes:
        printed_by = str(self.request.user)
        return finance_pdf(report, sites, printed_by=printed_by, language=get_language())
