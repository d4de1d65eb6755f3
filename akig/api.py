"""The /api/ map: one line per resource, and the description of it all."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.utils.translation import gettext as _
from django.views import defaults
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from accounts import api as accounts
from agents.api import maps, missions, routes, scores, sync, visits
from akig import health
from akig.lib.problems import plain_problem
from akig.lib.rest import UnknownPath
from payments.api import callbacks, mobile, payments, payouts, statements
from recovery.api import recovery
from reporting import api as reporting
from sites_app import api as sites_app
from tenants import api as tenants

router = SimpleRouter(trailing_slash=False)
router.register("api-keys", accounts.ApiKeyView, "api_key")
router.register("sites", sites_app.SiteView, "api_site")
router.register("owners", sites_app.OwnerView, "api_owner")
router.register("properties", sites_app.PropertyView, "api_property")
router.register("units", sites_app.UnitView, "api_unit")
router.register("equipment", sites_app.EquipmentView, "api_equipment")
router.register("maintenance", sites_app.MaintenanceView, "api_maintenance")
router.register("tenants", tenants.TenantView, "api_tenant")
router.register("leases", tenants.LeaseView, "api_lease")
router.register("payments", payments.PaymentView, "api_payment")
router.register("charges", payments.ChargeView, "api_charge")
router.register("approvals", sites_app.ApprovalView, "api_approval")
router.register("audit", reporting.RecordView, "api_audit")
router.register("agents/missions", missions.MissionView, "api_mission")
router.register("map/positions", maps.PositionView, "api_position")
router.register("recovery/promises", recovery.PromiseView, "api_promise")
router.register("recovery/cases", recovery.CaseView, "api_case")
router.register("statements/lines", statements.StatementLineView, "api_statement_line")
router.register("statements", statements.StatementView, "api_statement")

urlpatterns = [
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("schema", SpectacularJSONAPIView.as_view(), name="api_schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
    path("auth/login", accounts.Login.as_view(), name="api_login"),
    path("auth/refresh", accounts.Refresh.as_view(), name="api_refresh"),
    path("auth/logout", accounts.Logout.as_view(), name="api_logout"),
    path("auth/ws-ticket", sites_app.SocketTickets.as_view(), name="api_ws_ticket"),
    path("me", accounts.Me.as_view(), name="api_me"),
    *router.urls,
    path("receipts/<str:number>.pdf", payments.ReceiptPdf.as_view(), name="api_receipt_pdf"),
    path(
        "owners/<int:pk>/statement",
        payouts.OwnerStatement.as_view(),
        name="api_owner_statement",
    ),
    path("payouts/run", payouts.PayoutRuns.as_view(), name="api_payouts_run"),
    path(
        "tenants/<int:pk>/statement",
        payments.TenantStatement.as_view(),
        name="api_tenant_statement",
    ),
    path("recovery/calls", recovery.Calls.as_view(), name="api_calls"),
    path("recovery/visits", visits.PlannedVisits.as_view(), name="api_visits"),
    path("recovery/history/<int:pk>", recovery.History.as_view(), name="api_history"),
    path("recovery/stats/daily", recovery.DailyStats.as_view(), name="api_daily_stats"),
    path("mobile-money/initiate", mobile.Initiate.as_view(), name="api_initiate"),
    path("mobile-money/attempts/<uuid:pk>", mobile.AttemptView.as_view(), name="api_attempt"),
    path("mobile-money/callback/<str:kind>", callbacks.receive, name="api_callback"),
    path(
        "mobile-money/callback/<str:kind>/<str:site_code>", callbacks.receive, name="api_callback"
    ),
    path("agents/missions/generate", missions.Planning.as_view(), name="api_plan_missions"),
    path(
        "agents/<int:pk>/missions",
        missions.AgentMissions.as_view({"get": "list"}),
        name="api_agent_missions",
    ),
    path("agents/<int:pk>/performance", scores.Performance.as_view(), name="api_performance"),
    path("agents/ranking/day", scores.RankingOfDay.as_view(), name="api_ranking_day"),
    path("agents/ranking/month", scores.RankingOfMonth.as_view(), name="api_ranking_month"),
    path("agents/scoreboard", scores.Scoreboard.as_view(), name="api_scoreboard"),
    path("agents/<int:pk>/score", scores.Points.as_view(), name="api_give_points"),
    path("tasks/today/<int:pk>", missions.TasksToday.as_view(), name="api_tasks_today"),
    path("map/late-tenants", maps.LateTenants.as_view(), name="api_late_tenants"),
    path("sync/device", sync.DeviceView.as_view(), name="api_sync_device"),
    path("sync/push", sync.Push.as_view(), name="api_sync_push"),
    path("sync/pull", sync.Pull.as_view(), name="api_sync_pull"),
    path("map/route", routes.RouteView.as_view(), name="api_route"),
    path("dashboard/summary", reporting.DashboardSummary.as_view(), name="api_summary"),
    path("dashboard/sites", reporting.DashboardSites.as_view(), name="api_dashboard_sites"),
    path("dashboard/good-payers", reporting.GoodPayers.as_view(), name="api_good_payers"),
    path("reporting/finance", reporting.Finance.as_view(), name="api_finance"),
    path("reporting/finance.csv", reporting.FinanceCsv.as_view(), name="api_finance_csv"),
    path("reporting/finance.xlsx", reporting.FinanceXlsx.as_view(), name="api_finance_xlsx"),
    path("reporting/finance.pdf", reporting.FinancePdf.as_view(), name="api_finance_pdf"),
    re_path("", UnknownPath.as_view()),
]


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def refuse_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return plain_problem(request, 400, "validation_error", _("This request cannot be read."))
    return defaults.bad_request(request, exception)


def refuse_forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return plain_problem(request, 403, "permission_denied", _("This is not allowed."))
    return defaults.permission_denied(request, exception)


def refuse_unknown(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return plain_problem(request, 404, "not_found", _("There is nothing at this address."))
    return defaults.page_not_found(request, exception)


def own_up(request: HttpRequest) -> HttpResponse:
    if is_api(request):
        return plain_problem(request, 500, "server_error", _("Something went wrong on our side."))
    return defaults.server_error(request)
