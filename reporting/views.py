"""The pages of figures: today, an owner's houses, who owes what, the finance report."""

from dateutil.relativedelta import relativedelta
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.record import note
from akig.lib.charts import bars
from akig.lib.doors import ROWS, may, refused
from akig.lib.forms import MonthField
from akig.lib.freshness import remember
from akig.lib.waiting import waiting_for
from payments import metrics
from reporting import exports
from reporting.dashboards import (
    ENDING_DAYS,
    first_calls,
    jobs_to_watch,
    latest_payments,
    leases_ending,
    money_of_today,
    owner_dashboard,
)
from reporting.forms import ArrearsForm, FinanceForm
from reporting.reports.ageing import ageing_sheets
from reporting.reports.consolidated import consolidate
from reporting.reports.finance import RANGES, finance_report
from reporting.reports.finance_paper import month_label, parts_of
from reporting.reports.finance_tables import sheets_of
from reporting.services import request_finance_pdf
from sites_app.middleware import sites_of, sites_shown
from sites_app.models import Owner

HOUSES_SHOWN = 15
SECONDS = 300


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead everybody to the first page of their role."""
    user = request.user
    if user.role == "proprietaire":
        return redirect("reporting:owner_dashboard")
    if user.role == "locataire":
        return _tenant_home(request)
    if not user.works_here:
        return render(request, "reporting/start.html")
    sites = sites_shown(request)
    if user.role == "agent":
        return render(request, "reporting/start.html", {"waiting": waiting_for(user, sites)})
    today = timezone.localdate()
    page = {
        "today": today,
        "first": today.replace(day=1),
        "days": money_of_today(sites, today),
        "payments": latest_payments(user, sites) if user.may("payment.view") else [],
        "ending": leases_ending(user, sites, today) if user.may("lease.view") else [],
        "ending_days": ENDING_DAYS,
        "jobs": jobs_to_watch(user),
        "waiting": waiting_for(user, sites),
        "calls": first_calls(user, sites, today) if user.may("collection.log_call") else [],
        "branches": sites,
    }
    return render(request, "reporting/today.html", page)


def _tenant_home(request: HttpRequest) -> HttpResponse:
    tenant = getattr(request.user, "tenant", None)
    if tenant is None:
        return render(request, "reporting/start.html")
    return redirect("payments:tenant_statement", tenant_id=tenant.pk)


@require_safe
@login_required
def own_dashboard(request: HttpRequest) -> HttpResponse:
    """Show an owner his houses."""
    owner = getattr(request.user, "owner", None) if request.user.role == "proprietaire" else None
    if owner is None:
        raise Http404
    return _owner_page(request, owner)


@require_safe
@may("owner.view")
def dashboard_of_owner(request: HttpRequest, owner_id: int) -> HttpResponse:
    """Show the staff what an owner sees, at the branches where they work."""
    return _owner_page(
        request, get_object_or_404(Owner.objects.visible_to(request.user), pk=owner_id)
    )


def _owner_page(request: HttpRequest, owner: Owner) -> HttpResponse:
    today = timezone.localdate()
    this_month = today.replace(day=1)
    month = this_month
    if request.GET.get("month"):
        month = _month(request.GET["month"])
        if not this_month - relativedelta(months=120) <= month <= this_month:
            raise Http404
    board = owner_dashboard(owner, sites_of(request), month)
    charts = {
        currency: bars(
            [month_label(day) for day in board.months],
            {_("Collected"): list(amounts)},
            title=_("Collected by month, %(currency)s") % {"currency": currency},
        )
        for currency, amounts in board.collected.items()
    }
    page = {
        "owner": owner,
        "board": board,
        "month": month,
        "earlier": month - relativedelta(months=1),
        "later": month + relativedelta(months=1) if month < this_month else None,
        "parts": [
            {
                "figures": figures,
                "houses": board.houses[figures.currency],
                "chart": charts[figures.currency],
                "months": list(zip(board.months, board.collected[figures.currency], strict=True)),
                "debts": [row for row in board.debts if row.currency == figures.currency],
            }
            for figures in board.figures
        ],
    }
    return render(request, "reporting/owner.html", page)


def _month(text: str):
    try:
        return MonthField().clean(text)
    except ValidationError as error:
        raise Http404 from error


@require_safe
@may("arrears.view")
def arrears(request: HttpRequest) -> HttpResponse:
    """Who owes what, as of any day: ages that add up, a row per lease, and files of it all."""
    form = ArrearsForm(request.GET)
    if not form.is_valid():
        return render(request, "reporting/arrears.html", {"form": form}, status=400)
    owner = _owner_of(request)
    sites = sites_shown(request)
    on = form.cleaned_data["on"]
    currencies = sorted({site.currency for site in sites})
    currency = request.GET.get("currency", currencies[0] if currencies else "")
    here = [site for site in sites if site.currency == currency]
    if currencies and not here:
        raise Http404
    wanted = request.GET.get("format")
    age = form.cleaned_data["age"]
    if wanted in FILES:
        return _ageing_file(request, wanted, metrics.ageing(sites, on, owner=owner), sites)
    page = {
        "form": form,
        "on": on or timezone.localdate(),
        "age": age,
        "currency": currency,
        "currencies": currencies,
        "branches": sites,
    }
    if here:
        page["rows"] = _remembered_rows(request, here, on, age, owner)
    return render(request, "reporting/arrears.html", page)


def _owner_of(request: HttpRequest) -> Owner | None:
    """Return whose debts an owner sees; None for those who work here."""
    if request.user.works_here:
        return None
    owner = getattr(request.user, "owner", None)
    if owner is None:
        raise Http404
    return owner


def _remembered_rows(request, sites, on, age, owner) -> str:
    """Return the figures and rows as they are shown, remembered as long as nothing changes."""
    codes = sorted(site.pk for site in sites)
    asked = (request.GET.urlencode(), get_language(), timezone.localdate(), owner and owner.pk)
    return remember(
        [f"site:{code}" for code in codes],
        "arrears:" + ":".join(map(str, (*asked, *codes))),
        SECONDS,
        lambda: render_to_string(
            "reporting/_arrears.html", _ageing_rows(request, sites, on, age, owner), request
        ),
    )


def _ageing_rows(request, sites, on, age, owner) -> dict:
    asked = request.GET.get("page", "1")
    number = max(1, int(asked[:9])) if asked.isascii() and asked.isdigit() else 1
    found = _ageing_page(sites, on, age, owner, number)
    # The rows are a page already: the paginator only counts and links.
    page = Paginator(range(found.number), ROWS).get_page(number)
    if page.number != number:
        found = _ageing_page(sites, on, age, owner, page.number)
    by_site = metrics.arrears_by_site(sites, on, owner=owner)
    currency = sites[0].currency
    return {
        "on": on or timezone.localdate(),
        "currency": currency,
        "found": found,
        "page": page,
        "total": metrics.add_up(by_site.values(), currency),
        "by_site": [(site, by_site[site.pk]) for site in sites],
    }


def _ageing_page(sites, on, age, owner, number: int):
    offset = (number - 1) * ROWS
    return metrics.ageing_page(sites, on, age=age, owner=owner, limit=ROWS, offset=offset)


FILES = {"csv": (exports.to_csv, exports.CSV), "xlsx": (exports.to_xlsx, exports.XLSX)}


def _ageing_file(request, wanted, ageing, sites) -> HttpResponse:
    if not request.user.may("report.export"):
        return refused(request, "report.export")
    return _file(request, ageing_sheets(ageing, sites), f"arrieres-{ageing.on}", wanted)


def _file(request, sheets, name: str, wanted: str) -> HttpResponse:
    note("exported", request.user, request, what=name, query=request.GET.urlencode())
    write, kind = FILES[wanted]
    response = HttpResponse(write(sheets), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{wanted}"'
    return response


@require_safe
@may("report.finance")
def finance(request: HttpRequest) -> HttpResponse:
    """Show collected, spent, earned and owed over 1, 3, 6 or 12 months."""
    form = FinanceForm(request.GET)
    sites = sites_shown(request)
    if not form.is_valid():
        return render(request, "reporting/finance.html", {"form": form}, status=400)
    report = finance_report(sites, form.cleaned_data["span"], form.cleaned_data["to"])
    wanted = request.GET.get("format")
    if wanted in FILES:
        if not request.user.may("report.export"):
            return refused(request, "report.export")
        name = f"finances-{report.span}-{report.last}"
        return _file(request, sheets_of(report, sites), name, wanted)
    currencies = [section.currency for section in report.sections]
    whole = None
    if len(currencies) > 1:
        into = request.GET.get("in")
        whole = consolidate(report, into if into in currencies else currencies[0])
    page = {
        "form": form,
        "report": report,
        "whole": whole,
        "parts": parts_of(report, sites, houses=HOUSES_SHOWN),
        "spans": RANGES,
        "branches": sites,
        "today": timezone.localdate(),
    }
    return render(request, "reporting/finance.html", page)


@require_POST
@may("report.finance")
def make_finance_pdf(request: HttpRequest) -> HttpResponse:
    """Ask for the report on paper; a worker makes it, the job's page gives it."""
    form = FinanceForm(request.POST)
    if not form.is_valid():
        raise Http404
    sites = sites_shown(request)
    asked = request.POST.get("site")
    if asked:
        sites = [site for site in sites_of(request) if site.code == asked]
    if not sites:
        raise Http404
    job = request_finance_pdf(
        actor=request.user,
        sites=sites,
        span=form.cleaned_data["span"],
        to=form.cleaned_data["to"],
    )
    return redirect("notifications:job", job_id=job.pk)
