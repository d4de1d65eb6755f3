"""The pages of missions: the day, one agent's way, and who stands where."""

import datetime
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents.forms import MoveVisitForm, OrderForm, PlanForm
from agents.metrics.scores import ranking
from agents.models import Mission
from agents.services.missions import cases_to_visit
from akig.lib.charts import bars
from akig.lib.doors import act_page, may, parse_date_or, sent
from recovery.models import Contact
from sites_app.middleware import chosen_site, sites_of, sites_shown

#: Days further away than so many years are a slip of the pen.
YEARS = 50


def day_asked(request: HttpRequest) -> datetime.date:
    """Return the day that the address names (``?day=``); today for one that nobody works on."""
    today = timezone.localdate()
    day = parse_date_or(request.GET.get("day"), today)
    return day if abs(day.year - today.year) < YEARS else today


@require_safe
@may("mission.view_own")
def mission_list(request: HttpRequest) -> HttpResponse:
    """Show who visits whom on a day: one's own mission, or those of one's branches."""
    day = day_asked(request)
    site = chosen_site(request)
    missions = Mission.objects.visible_to(request.user).at(site).filter(day=day).for_list()
    rows = [
        {
            "mission": mission,
            "stops": len(stops),
            "visited": sum(stop.result is not None for stop in stops),
            "amount": sum(stop.amount for stop in stops),
        }
        for mission in missions.order_by("site", "agent__name")
        for stops in [list(mission.stops.all())]
    ]
    sites = sites_shown(request)
    plans = request.user.may("mission.manage")
    context = {
        "day": day,
        "earlier": day - relativedelta(days=1),
        "later": day + relativedelta(days=1),
        "rows": rows,
        "branches": sites,
        "unassigned": sum(cases_to_visit(one, day).count() for one in sites) if plans else 0,
    }
    return render(request, "agents/mission_list.html", context)


@require_safe
@may("mission.view_own")
def mission_page(request: HttpRequest, mission_id: int) -> HttpResponse:
    """Show the visits of a mission in their order, and what came of each."""
    mission = find_mission(request, mission_id)
    stops = list(mission.stops.all())
    for stop in stops:
        stop.outcome = Contact.Result(stop.result).label if stop.result else ""
    context = {
        "mission": mission,
        "stops": stops,
        "amount": sum(stop.amount for stop in stops),
        "may_order": request.user.may("mission.manage")
        and mission.day >= timezone.localdate()
        and any(stop.result is None for stop in stops),
    }
    return render(request, "agents/mission_page.html", context)


@may("mission.manage")
def order_visits(request: HttpRequest, mission_id: int) -> HttpResponse:
    """Let a worker look for the best way of a mission."""
    mission = find_mission(request, mission_id)
    return act_page(
        request,
        OrderForm(sent(request), mission=mission),
        title=_("The best way: %(name)s") % {"name": mission.agent},
        consequence=_("An order that somebody chose by hand is given up."),
        then=mission_address(mission),
        done=_("The best way is looked for, and shown here in a moment."),
        cancel=mission_address(mission),
    )


@may("mission.manage")
def move_visit(request: HttpRequest, mission_id: int) -> HttpResponse:
    mission = find_mission(request, mission_id)
    return act_page(
        request,
        MoveVisitForm(sent(request), mission=mission),
        title=_("Move a visit: %(name)s") % {"name": mission.agent},
        consequence=_("The order then stays as you chose it, without planned times."),
        then=mission_address(mission),
        done=_("The visit is moved."),
        cancel=mission_address(mission),
    )


def find_mission(request: HttpRequest, mission_id: int) -> Mission:
    missions = Mission.objects.visible_to(request.user).for_list()
    return get_object_or_404(missions, pk=mission_id)


def mission_address(mission: Mission) -> str:
    return reverse("agents:mission_page", args=[mission.pk])


@may("mission.manage")
def plan_day(request: HttpRequest) -> HttpResponse:
    """Plan the missions of a branch for a day."""
    day = day_asked(request)
    initial = {"day": day, "site": chosen_site(request)}
    form = PlanForm(sent(request), sites=sites_of(request), initial=initial)
    missions = reverse("agents:mission_list")
    return act_page(
        request,
        form,
        title=_("Whom do we visit?"),
        then=lambda planned: f"{missions}?{urlencode({'day': planned.day})}",
        done=_("The day is planned."),
        cancel=missions,
        consequence=_(
            "The most urgent come first, then the largest debts, until the day of each agent is "
            "full. Whoever promised, is paused or is not to be contacted is left alone."
        ),
    )


@require_safe
@may("performance.view")
def ranking_page(request: HttpRequest) -> HttpResponse:
    """Show which agents achieved most, on a day or in its month."""
    day = day_asked(request)
    of_month = request.GET.get("span") != "day"
    first = day.replace(day=1) if of_month else day
    last = day + relativedelta(day=31) if of_month else day
    sites = sites_shown(request)
    ranks = ranking([one.pk for one in sites], first, last)
    step = relativedelta(months=1) if of_month else relativedelta(days=1)
    context = {
        "day": day,
        "of_month": of_month,
        "earlier": day - step,
        "later": day + step,
        "ranks": ranks,
        "branches": sites,
        "chart": any(rank.achieved.score for rank in ranks)
        and bars(
            [rank.name for rank in ranks],
            {_("Points"): [rank.achieved.score for rank in ranks]},
            title=_("Points by agent"),
        ),
    }
    return render(request, "agents/ranking.html", context)
