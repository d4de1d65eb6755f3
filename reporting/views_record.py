"""The pages of the record: who did what, and what changed by it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Trace, User
from accounts.record import note
from akig.lib.doors import ROWS, is_key, may
from reporting import record
from reporting.exports import CSV, Sheet, to_csv
from sites_app.middleware import chosen_site

MOST_EXPORTED = 50_000
MOST_ROWS = 100


@require_safe
@may("audit.view")
def record_page(request: HttpRequest) -> HttpResponse:
    """Show the newest lines first; ``?before=`` is where the page before ended."""
    asked = record.TraceFilter(request.GET, queryset=record.traces_for(request.user))
    traces = (asked.qs if asked.is_valid() else Trace.objects.none()).order_by("-at", "-id")
    if site := chosen_site(request):
        traces = traces.filter(site=site.pk)
    if request.GET.get("format") == "csv":
        return _file(request, traces[:MOST_EXPORTED])
    found = list(_beyond(traces, request.GET.get("before"))[: ROWS + 1])
    context = {
        "lines": record.lines_of(found[:ROWS]),
        "acts": record.acts(),
        "kinds": record.kinds(),
        "people": User.objects.visible_to(request.user),
        "errors": asked.errors,
        "further": _place(found[ROWS - 1]) if len(found) > ROWS else "",
    }
    return render(request, "reporting/record.html", context)


@require_safe
@may("audit.view")
def record_line(request: HttpRequest, trace_id: int) -> HttpResponse:
    trace = get_object_or_404(record.traces_for(request.user), pk=trace_id)
    [line] = record.lines_of([trace], MOST_ROWS)
    rows = [
        (row.object_id, record.event_word(row.event), record.in_words(trace, row))
        for row in line.rows
    ]
    context = {"line": line, "rows": rows, "is_cut": len(rows) == MOST_ROWS}
    return render(request, "reporting/record_line.html", context)


def _place(trace):
    return f"{trace.at.isoformat()}_{trace.pk}"


def _beyond(traces, place):
    """Return the lines after ``place``, as an earlier page named it."""
    if not place:
        return traces
    at, _line, key = place.partition("_")
    try:
        at = parse_datetime(at)
    except ValueError:
        at = None
    if at is None or timezone.is_naive(at) or not is_key(key):
        raise Http404
    return traces.filter(at__lte=at).exclude(at=at, id__gte=int(key))


def _file(request, traces) -> HttpResponse:
    note("exported", request.user, request, what="record", query=request.GET.urlencode())
    heads = [_("At"), _("Person"), _("Act"), _("Kind"), _("Branch"), _("Address")]
    rows = [
        (
            timezone.localtime(line.trace.at).isoformat(" ", "seconds"),
            line.who,
            line.act,
            line.kind,
            line.trace.site,
            line.told.get("address", ""),
        )
        for line in record.lines_of(list(traces))
    ]
    response = HttpResponse(to_csv([Sheet("", heads, rows)]), content_type=CSV)
    name = f"registre-{timezone.localdate()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
