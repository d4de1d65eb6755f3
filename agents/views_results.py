"""The pages of what agents are asked to collect, and of what they did of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from agents.forms import PointsForm, TargetForm
from agents.metrics.board import MANY, POINTS, QUICK, SPANS, SUCCESS, WALKS, Line, scoreboard, since
from akig.lib.charts import bars
from akig.lib.doors import act_page, may, sent
from sites_app.middleware import sites_of, sites_shown
from sites_app.models import Assignment

#: So many months are drawn at least.
DRAWN = 6
GRADES = {
    "reached": gettext_lazy("target reached"),
    "good": gettext_lazy("good result"),
    "fair": gettext_lazy("fair result"),
    "insufficient": gettext_lazy("insufficient result"),
}
BADGES = {
    "perfect_month": gettext_lazy("Perfect month"),
    "many_payments": gettext_lazy("%(many)s payments in a month"),
    "quick_collector": gettext_lazy("%(quick)s payments in a day"),
    "many_visits": gettext_lazy("%(walks)s visits in a day"),
}
FEATS = {"many": MANY, "quick": QUICK, "walks": WALKS}


@require_safe
@may("performance.view")
def scoreboard_page(request: HttpRequest) -> HttpResponse:
    """Show what each agent collected of what was asked, with points, badges and a series."""
    span = SPANS.get(request.GET.get("range", ""), 1)
    first = since(span)
    sites = sites_shown(request)
    lines = scoreboard([one.pk for one in sites], since(max(span, DRAWN)))
    rows = [
        {
            "line": shown,
            "total": total,
            "grade": GRADES.get(total.grade, ""),
            "badges": [BADGES[name] % FEATS for name in shown.badges],
            "chart": _series(line),
        }
        for line in lines
        for shown in [line.until_now(first)]
        for total in [shown.total]
    ]
    rows.sort(key=lambda row: -row["line"].points)
    context = {
        "span": span,
        "spans": SPANS.values(),
        "first": first,
        "last": timezone.localdate(),
        "branches": sites,
        "rows": rows,
        "points": POINTS,
        "success": SUCCESS,
    }
    return render(request, "agents/scoreboard.html", context)


def _series(line: Line) -> str:
    """Draw what an agent collected each month beside what was asked."""
    months = line.months
    return bars(
        [f"{month.first:%m/%y}" for month in months],
        {
            _("Collected"): [month.result.collected for month in months],
            _("Target"): [month.result.target for month in months],
        },
        title=_("Collected by %(name)s, by month") % {"name": line.assignment.user.name},
        height=140,
    )


@may("performance.manage")
def target(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Say what an agent is to collect a month."""
    held = _agent_at(request, assignment_id)
    initial = {"month": timezone.localdate().replace(day=1)}
    return act_page(
        request,
        TargetForm(sent(request), assignment=held, initial=initial),
        title=_("What is %(name)s to collect?") % {"name": held.user.name},
        then=reverse("agents:scoreboard"),
        done=_("The target is set."),
        cancel=reverse("agents:scoreboard"),
        consequence=_("It holds from that month on, until another is set."),
    )


@may("performance.manage")
def points(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Give an agent points, or take some."""
    held = _agent_at(request, assignment_id)
    return act_page(
        request,
        PointsForm(sent(request), assignment=held),
        title=_("Points for %(name)s") % {"name": held.user.name},
        then=reverse("agents:scoreboard"),
        done=_("The points are given."),
        cancel=reverse("agents:scoreboard"),
        consequence=_("Points stay on record with their reason; what was wrong is given back."),
    )


def _agent_at(request: HttpRequest, assignment_id: int) -> Assignment:
    works = Assignment.objects.current().filter(
        user__groups__name="agent", site__in=sites_of(request)
    )
    return get_object_or_404(works.select_related("user", "site"), pk=assignment_id)
