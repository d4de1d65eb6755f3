"""The recovery desk: whom to call now, the cases, what a day brought."""

import datetime

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, may, ordered, paged, parse_date_or, sent
from payments.models import Charge
from recovery.forms import cases as forms
from recovery.metrics.ages import ages_of
from recovery.metrics.day import day_of
from recovery.metrics.numbers import number_to_call
from recovery.metrics.promises import keep_rate_of, keep_rates
from recovery.metrics.timeline import timeline
from recovery.models import Case, Pause, Promise
from recovery.services.ladders import quiet_ladders
from sites_app.middleware import chosen_site, sites_of, sites_shown
from tenants.models import Tenant

EVENTS = 60
DEBTS = 24
PROMISES = 20
ONE = datetime.timedelta(days=1)
#: Over which the keeping of promises is told.
QUARTER = datetime.timedelta(days=90)

#: Word in the address -> days since the oldest debt fell due, both included.
AGES = {"d0_30": (0, 30), "d31_60": (31, 60), "d61_90": (61, 90), "d90_plus": (91, 36500)}


@require_safe
@may("collection.log_call")
def desk(request: HttpRequest) -> HttpResponse:
    """Show whom to call now and why, and the promises for today."""
    today = timezone.localdate()
    cases = Case.objects.visible_to(request.user).at(chosen_site(request))
    promises = Promise.objects.visible_to(request.user).at(chosen_site(request))
    to_call = number_to_call(request.user, sites_shown(request))
    due = promises.filter(due_on=today, cancelled_at=None).select_related("tenant", "site")
    context = {
        "page": paged(request, cases.to_call().for_list(), number=to_call),
        "sums": cases.running().by_currency(),
        "due": due.order_by("-amount", "pk")[:PROMISES],
        "mine": day_of(sites_of(request), today, person=request.user),
        "quiet": quiet_ladders(sites_shown(request)),
        "today": today,
    }
    return render(request, "recovery/desk.html", context)


@require_safe
@may("arrears.view")
def case_list(request: HttpRequest) -> HttpResponse:
    """Show the cases that run, or those of a state or age, with their sum."""
    cases = narrowed_cases(request)
    sums = list(cases.by_currency())
    rows = ordered(
        request,
        cases,
        {"balance": "balance", "since": "oldest_due", "next": "next_on", "tenant": "tenant__name"},
        "-balance",
    )
    context = {
        "page": paged(
            request,
            rows,
            shown=Case.objects.for_list(),
            number=sum(row["number"] for row in sums),
        ),
        "sums": sums,
        "states": Case.State.choices,
    }
    return render(request, "recovery/case_list.html", context)


def narrowed_cases(request: HttpRequest):
    """Return the cases that the address asks for: those that run unless it names a state."""
    asked = request.GET
    cases = Case.objects.visible_to(request.user).at(chosen_site(request))
    state = asked.get("state")
    cases = cases.filter(state=state) if state in Case.State.values else cases.running()
    if asked.get("age") in AGES:
        newest, oldest = AGES[asked["age"]]
        today = timezone.localdate()
        span = (
            today - datetime.timedelta(days=oldest),
            today - datetime.timedelta(days=newest),
        )
        cases = cases.filter(oldest_due__range=span)
    if query := asked.get("q", "").strip():
        found = Tenant.objects.visible_to(request.user).matching(query)
        cases = cases.filter(tenant__in=found.values("pk"))
    return cases


@require_safe
@may("arrears.view")
def case_page(request: HttpRequest, case_id: int) -> HttpResponse:
    return render(request, "recovery/case_page.html", told_of(request, find_case(request, case_id)))


def told_of(request: HttpRequest, case: Case) -> dict:
    """Return what the pages of one case show beside their forms."""
    charges = Charge.objects.visible_to(request.user).open()
    charges = charges.filter(
        site=case.site_id, lease__tenant=case.tenant_id, due_date__lte=timezone.localdate()
    )
    debts = charges.select_related("lease", "property").order_by("due_date", "pk")[:DEBTS]
    return {
        "case": case,
        "quiet": quiet_ladders([case.site_id]),
        "ages": ages_of([case])[case.pk],
        "debts": debts,
        "leases": {debt.lease for debt in debts if debt.lease.is_real and not debt.lease.is_over},
        "pauses": Pause.objects.visible_to(request.user)
        .filter(tenant=case.tenant_id)
        .in_force()
        .select_related("made_by"),
        "keep_rate": keep_rate_of(case),
        "events": timeline(request.user, case.tenant, most=EVENTS),
    }


@may("arrears.modify")
def pause_case(request: HttpRequest, case_id: int) -> HttpResponse:
    case = find_case(request, case_id)
    return act_page(
        request,
        forms.PauseForm(request.POST or None, case=case),
        title=_("Leave %(name)s alone for some time") % {"name": case.tenant},
        consequence=_("Calls and messages stop until the day that you choose; the debt stands."),
        then=case_address(case),
        done=_("The tenant is left alone."),
        cancel=case_address(case),
    )


@may("arrears.modify")
def resume_case(request: HttpRequest, case_id: int) -> HttpResponse:
    case = find_case(request, case_id)
    return act_page(
        request,
        forms.ResumeForm(sent(request), case=case),
        title=_("Follow up %(name)s again") % {"name": case.tenant},
        consequence=_("The ladder goes on where it stood. A dispute or a plan still pauses it."),
        then=case_address(case),
        done=_("The ladder goes on."),
        cancel=case_address(case),
    )


@require_safe
@may("collection.log_call")
def day_report(request: HttpRequest) -> HttpResponse:
    """Show what a day brought; those who do not see the whole desk read their own part."""
    day = parse_date_or(request.GET.get("date"), timezone.localdate())
    sites = sites_shown(request)
    person = None if request.user.may("collection.view_all") else request.user
    promises = Promise.objects.visible_to(request.user).filter(site__in=sites)
    broken = promises.filter(due_on=day - ONE, cancelled_at=None, received__lt=F("amount"))
    context = {
        "day": day,
        "told": day_of(sites, day, person=person),
        "rates": keep_rates(
            (promises.filter(made_by=person) if person else promises).filter(
                due_on__range=(day - QUARTER, day)
            )
        ),
        "person": person,
        "broken": broken.select_related("tenant", "site").order_by("-amount", "pk"),
        "following": promises.filter(due_on=day + ONE, cancelled_at=None)
        .select_related("tenant", "site")
        .order_by("-amount", "pk"),
    }
    return render(request, "recovery/day_report.html", context)


def find_case(request: HttpRequest, case_id: int) -> Case:
    cases = Case.objects.visible_to(request.user).told_whole()
    return get_object_or_404(cases, pk=case_id)


def case_address(case: Case) -> str:
    return reverse("recovery:case_page", args=[case.pk])
