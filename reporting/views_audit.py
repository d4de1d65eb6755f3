"""Are the accounts right, and may the month be closed: the self-audit and the end of the month."""

import datetime

from dateutil.relativedelta import relativedelta
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from akig.lib.doors import act_page, may, parse_date_or
from notifications.services import start_job
from payments import metrics
from payments.models import Account, ClosedPeriod
from reporting.audit import checks_of, lines_of, month_reports
from reporting.forms import CloseMonthForm
from sites_app.middleware import chosen_site, sites_of, sites_shown


@require_safe
@may("ledger.view")
def self_audit(request: HttpRequest) -> HttpResponse:
    """Ask every check now; ``?detail=`` opens what one of them found, row by row."""
    sites = sites_shown(request)
    lines = lines_of(metrics.self_audit(sites), sites)
    wanted = request.GET.get("detail")
    context = {
        "lines": lines,
        "red": sum(line.check.ok is False for line in lines),
        "detail": next((line for line in lines if line.check.name == wanted), None),
    }
    return render(request, "reporting/self_audit.html", context)


@require_POST
@may("ledger.view")
def check_books(request: HttpRequest) -> HttpResponse:
    """Let a worker compare every rule of the books with every row, now."""
    jobs = [
        start_job(
            request.user,
            "payments.check_books",
            {},
            site.pk,
            title=_("Full check of the books, %(branch)s") % {"branch": site.name},
        )
        for site in sites_shown(request)
    ]
    return (
        redirect("notifications:job", jobs[0].pk)
        if len(jobs) == 1
        else redirect("notifications:jobs")
    )


@may("period.close")
def month_end(request: HttpRequest) -> HttpResponse:
    """Show the checklist of a branch and month, and close it."""
    sites = sites_of(request)
    asked = request.POST.get("site") or request.GET.get("site")
    site = next((one for one in sites if one.pk == asked), chosen_site(request))
    site = site or (sites[0] if sites else None)
    if site is None:
        return render(request, "reporting/month_end.html", {"site": None})
    month = asked_month(request)
    closed = ClosedPeriod.objects.filter(site=site, month=month, reopened_at=None).first()
    if closed is not None:
        return redirect("reporting:closed_month", closed.pk)
    lines = lines_of(metrics.month_end(site, month), [site])
    red = sum(line.check.ok is False for line in lines)
    form = CloseMonthForm(request.POST or None, site=site, month=month, red=red)
    return act_page(
        request,
        form,
        title=_("Close %(month)s, %(branch)s") % {"month": f"{month:%m/%Y}", "branch": site.name},
        then=lambda period: reverse("reporting:closed_month", args=[period.pk]),
        done=_("The month is closed, its reports are kept."),
        cancel=reverse("payments:period_list"),
        template="reporting/month_end.html",
        lines=lines,
        red=red,
        site=site,
        sites={one.pk: one.name for one in sites},
        month=month,
        months=last_months(),
        is_over=month + relativedelta(months=1) <= timezone.localdate(),
    )


def asked_month(request: HttpRequest) -> datetime.date:
    """Return the first day of the month that the address or the form names; else of the last."""
    text = request.POST.get("month") or request.GET.get("month") or ""
    text = f"{text}-01" if len(text) == len("2026-10") else text
    return parse_date_or(text, last_months()[0]).replace(day=1)


def last_months() -> list[datetime.date]:
    this_month = timezone.localdate().replace(day=1)
    return [this_month - relativedelta(months=back) for back in range(1, 13)]


@require_safe
@may("period.close")
def closed_month(request: HttpRequest, period_id: int) -> HttpResponse:
    """Show the reports of a closed month as they stood, and what differs from them today."""
    periods = ClosedPeriod.objects.visible_to(request.user)
    periods = periods.select_related("site", "closed_by", "reopened_by")
    period = get_object_or_404(periods, pk=period_id)
    names = dict(Account.Code.choices)
    kept = period.reports
    now = month_reports(period.site, period.month) if kept else {}
    today = {row["code"]: row for row in now.get("trial_balance", [])}
    context = {
        "period": period,
        "currency": period.site.currency,
        "kept": kept,
        "accounts": [
            {
                **row,
                "name": names.get(row["code"], row["code"]),
                "balance": row["debit"] - row["credit"],
                "changed": row != today.get(row["code"]),
            }
            for row in kept.get("trial_balance", [])
        ],
        "changed": {
            name
            for name in ("finance", "trial_balance", "arrears")
            if kept.get(name) != now.get(name)
        }
        if kept
        else set(),
        "points": lines_of(checks_of(kept.get("checklist", [])), [period.site]),
    }
    return render(request, "reporting/closed_month.html", context)
