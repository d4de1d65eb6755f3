"""The pages of imports: hand over, look, apply, take back."""

import csv
import io
import zipfile

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.record import note
from akig.lib.doors import act_page, may, paged
from akig.lib.errors import BusinessError
from sites_app.imports import engine
from sites_app.imports.forms import ColumnsForm, ImportForm
from sites_app.imports.handing_out import BOM, portfolio_files
from sites_app.imports.labels import KIND_LABELS, TROUBLES
from sites_app.imports.reasons import sentence
from sites_app.imports.resource import shielded
from sites_app.models import ImportRow, ImportRun, Site
from sites_app.services.importing import (
    ask_for_apply,
    ask_for_preview,
    ask_for_undo,
    contents_of,
)

SECONDS_BETWEEN_LOOKS = 2


@require_safe
@may("import.run")
def import_list(request: HttpRequest) -> HttpResponse:
    runs = ImportRun.objects.visible_to(request.user).select_related("requested_by")
    return render(request, "sites_app/import_list.html", {"page": paged(request, runs)})


@may("import.run")
def begin(request: HttpRequest) -> HttpResponse:
    form = ImportForm(
        request.POST or None,
        request.FILES or None,
        sites=Site.objects.visible_to(request.user).order_by("name"),
    )

    def then(run):
        ask_for_preview(actor=request.user, run=run)
        return reverse("imports:import_run", args=[run.pk])

    return act_page(
        request,
        form,
        title=_("Import spreadsheets"),
        then=then,
        cancel=reverse("imports:import_list"),
    )


@require_safe
@never_cache
@may("import.run")
def import_run(request: HttpRequest, run_id: int) -> HttpResponse:
    run = get_object_or_404(
        ImportRun.objects.visible_to(request.user).select_related("job", "requested_by"), pk=run_id
    )
    if run.job:
        run.job.hear_news()
    rows = run.rows.filter(outcome__in=["refused", "reported"]).order_by("file", "line", "pk")
    outcome = request.GET.get("outcome", "")
    if outcome in ImportRow.Outcome.values:
        rows = run.rows.filter(outcome=outcome).order_by("file", "line", "pk")
    page = paged(request, rows)
    for row in page:
        row.sentence = sentence(row.reason) if row.reason else row.get_outcome_display()
    context = {
        "run": run,
        "page": page,
        "outcome": outcome,
        "files": [_shown(file) for file in run.files],
        "is_working": bool(run.job and run.job.is_open),
    }
    response = render(request, "sites_app/import_run.html", context)
    if context["is_working"]:
        response["Refresh"] = str(SECONDS_BETWEEN_LOOKS)
    return response


def _shown(file: dict) -> dict:
    error = file.get("error")
    trouble = (error["detail"] or TROUBLES.get(error["code"], error["code"])) if error else ""
    key = f"{file['file']}#{file['sheet']}" if file["sheet"] else file["file"]
    return {
        **file,
        "key": key,
        "kind_label": KIND_LABELS.get(file["kind"], ""),
        "trouble": trouble,
        # A file that is no table has no heading; there are no columns to choose.
        "can_choose": bool(file["header_line"]),
    }


@may("import.run")
def columns(request: HttpRequest, run_id: int) -> HttpResponse:
    run = get_object_or_404(ImportRun.objects.visible_to(request.user), pk=run_id)
    key = request.GET.get("table", "")
    readings = engine.read_files(contents_of(run), run.choices)
    reading = next((each for each in readings if each.key == key and each.table), None)
    if reading is None:
        raise Http404
    asked = request.POST.get("kind") or request.GET.get("kind", "")
    kinds = [asked, reading.kind, *reading.candidates, "payments"]
    kind = next(each for each in kinds if each in engine.KIND_OF)
    if kind != reading.kind:
        reading.columns = engine.guess(reading, kind)
    form = ColumnsForm(request.POST or None, run=run, reading=reading, kind=kind)

    def then(changed):
        ask_for_preview(actor=request.user, run=changed)
        return reverse("imports:import_run", args=[run.pk])

    return act_page(
        request,
        form,
        title=_("What the columns are"),
        then=then,
        cancel=reverse("imports:import_run", args=[run.pk]),
        template="sites_app/import_columns.html",
        reading=reading,
        kinds=KIND_LABELS.items(),
        chosen_kind=kind,
        table_key=key,
    )


@require_POST
@may("import.run")
def apply_run(request: HttpRequest, run_id: int) -> HttpResponse:
    return _ask(request, run_id, ask_for_apply)


@require_POST
@may("import.run")
def undo_run(request: HttpRequest, run_id: int) -> HttpResponse:
    return _ask(request, run_id, ask_for_undo)


def _ask(request, run_id, ask):
    run = get_object_or_404(ImportRun.objects.visible_to(request.user), pk=run_id)
    try:
        ask(actor=request.user, run=run)
    except BusinessError as refusal:
        return render(
            request,
            "sites_app/import_run.html",
            {
                "run": run,
                "refusal": refusal,
                "files": [_shown(file) for file in run.files],
                "page": paged(request, run.rows.none()),
            },
            status=refusal.status,
        )
    return redirect("imports:import_run", run_id=run.pk)


@require_safe
@may("import.run")
def refused_rows(request: HttpRequest, run_id: int) -> HttpResponse:
    """Hand out the refused rows with their reasons, to be mended in the spreadsheet."""
    run = get_object_or_404(ImportRun.objects.visible_to(request.user), pk=run_id)
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("File"), _("Line"), _("Outcome"), _("Column"), _("Reason"), _("Detail")])
    for row in run.rows.filter(outcome__in=["refused", "reported"]).order_by("file", "line"):
        cells = (row.file, row.line, row.get_outcome_display(), row.column, sentence(row.reason))
        writer.writerow([shielded(cell) for cell in (*cells, row.detail)])
    return _attached(
        (BOM + written.getvalue()).encode(), "text/csv; charset=utf-8", f"import-{run.pk}.csv"
    )


@require_safe
@may("import.run")
def export(request: HttpRequest) -> HttpResponse:
    """Hand out everything that can be brought in, of the person's branches, as one archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, _count in portfolio_files(request.user, getattr(request, "site", None)):
            archive.writestr(name, content)
    note("exported", request.user, request, what="portfolio", query=request.GET.urlencode())
    name = f"akig-{timezone.localdate():%Y-%m-%d}.zip"
    return _attached(packed.getvalue(), "application/zip", name)


def _attached(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
