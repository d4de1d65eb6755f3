"""The page that finds anything by a name, a telephone, a unit, a lease or a receipt number."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from akig.lib import finding
from akig.lib.isolation import reading


@require_safe
@login_required
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    with reading(request.method, "search.view"):  # what is shared with somebody is found, too
        groups = finding.search(request.user, text)
        return render(request, "search.html", {"text": text, "groups": groups})
