"""Acts on imports: try one out, apply it, take it back as a whole."""

import hashlib
from collections import defaultdict
from collections.abc import Callable

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib import tables
from akig.lib.errors import Conflict
from notifications.services import start_job
from sites_app.imports import engine
from sites_app.imports.desk import Desk
from sites_app.imports.resource import RESOURCES
from sites_app.models import ImportFile, ImportRow, ImportRun, Site

Progress = Callable[[int, int], None] | None
MONEY_FIRST = (
    "payments",
    "charges",
    "balances",
    "rents",
    "leases",
    "guarantors",
    "tenants",
    "units",
    "properties",
    "owners",
)
TO_BE_READ = (ImportRun.State.NEW, ImportRun.State.PREVIEWED, ImportRun.State.FAILED)
LIMIT = settings.IMPORT_MAX_MEGABYTES * tables.MEGABYTE
SMALL_BYTES = 150_000
SMALL_ROWS = 1_500


class ImportNotReady(Conflict):
    """The import is not in a state in which this can be done."""


@verb("import.run")
def receive_files(*, actor, files: list[tuple[str, bytes]], default_branch: str = "") -> ImportRun:
    """Keep the files that somebody hands over, to be tried out by ``preview_import``."""
    run = ImportRun.objects.create(
        requested_by=actor, checksum=engine.checksum(files), default_branch=default_branch
    )
    for name, content in files:
        ImportFile.objects.create(
            run=run,
            name=name[:200],
            content=ContentFile(content, name=name[-100:]),
            checksum=hashlib.sha256(content).hexdigest(),
        )
    return run


@verb("import.run")
def choose_columns(
    *, actor, run: ImportRun, table: str, kind: str, columns: dict[str, list[int]]
) -> ImportRun:
    """Remember what somebody says a table is; the next preview uses it."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state not in TO_BE_READ:
        raise ImportNotReady(_("This import was applied already."))
    run.choices = {**run.choices, table: {"kind": kind, "columns": columns}}
    run.state = ImportRun.State.NEW
    run.save()
    return run


def ask_for_preview(*, actor, run: ImportRun) -> None:
    """Try an import out: at once when it is small, else by a worker."""
    size = sum(upload.content.size for upload in run.uploads.all())
    _work(actor, run, preview_import, "sites_app.preview_import", size > SMALL_BYTES)


def ask_for_apply(*, actor, run: ImportRun) -> None:
    _work(actor, run, apply_import, "sites_app.apply_import", _is_large(run))


def ask_for_undo(*, actor, run: ImportRun) -> None:
    _work(actor, run, undo_import, "sites_app.undo_import", _is_large(run))


def _is_large(run: ImportRun) -> bool:
    return run.created + run.existing + run.refused > SMALL_ROWS


def _work(actor, run: ImportRun, act, kind: str, by_a_worker: bool) -> None:
    if not by_a_worker:
        act(actor=actor, run=run)
        return
    title = _("Import of %(moment)s") % {
        "moment": timezone.localtime(run.created_at).strftime("%d/%m/%Y %H:%M")
    }
    job = start_job(actor, kind, {"run": run.pk}, title=title)
    ImportRun.objects.filter(pk=run.pk).update(job=job)


def mark_failed(run_id: int) -> None:
    """Note that reading an import failed; one that was applied or previewed keeps its state."""
    ImportRun.objects.filter(pk=run_id, state=ImportRun.State.NEW).update(
        state=ImportRun.State.FAILED
    )


@verb("import.run")
def preview_import(*, actor, run: ImportRun, progress: Progress = None) -> engine.Report:
    """Bring the files in as ``apply_import`` would, note what would become of them, and undo it."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state not in TO_BE_READ:
        raise ImportNotReady(_("This import was applied already."))
    readings = engine.read_files(contents_of(run), run.choices, max_bytes=LIMIT)
    report = try_out(actor=actor, readings=readings, site=_branch_of(run), progress=progress)
    _note(run, report, ImportRun.State.PREVIEWED)
    return report


def try_out(*, actor, readings, site: Site | None = None, progress: Progress = None):
    """Bring readings in and roll everything back; return the report."""
    with transaction.atomic():
        report = engine.bring_in(Desk(actor, site), readings, progress)
        transaction.set_rollback(True)
    for file in report.files:
        for row in file.rows:
            row.object_id = None
    return report


@verb("import.run")
def apply_import(*, actor, run: ImportRun, progress: Progress = None) -> engine.Report:
    """Bring the files of an import in for good. Applied twice, it is left as it is."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state == ImportRun.State.APPLIED:
        return unchanged(None)
    if run.state != ImportRun.State.PREVIEWED:
        raise ImportNotReady(_("Try the import out first."))
    readings = engine.read_files(contents_of(run), run.choices, max_bytes=LIMIT)
    report = engine.bring_in(Desk(actor, _branch_of(run)), readings, progress)
    run.applied_at = timezone.now()
    _note(run, report, ImportRun.State.APPLIED)
    return report


@verb("import.run")
def import_files(
    *,
    actor,
    files: list[tuple[str, bytes]],
    site: Site | None = None,
    dry_run: bool = False,
    progress: Progress = None,
) -> tuple[ImportRun | None, engine.Report]:
    """Bring files in at once, as the command does; a dry run leaves nothing behind."""
    readings = engine.read_files(files, max_bytes=LIMIT)
    if dry_run:
        report = try_out(actor=actor, readings=readings, site=site, progress=progress)
        return unchanged((None, report))
    report = engine.bring_in(Desk(actor, site), readings, progress)
    if not report.is_readable:
        return unchanged((None, report))
    run = ImportRun.objects.create(requested_by=actor, checksum=engine.checksum(files))
    run.applied_at = timezone.now()
    _note(run, report, ImportRun.State.APPLIED)
    return run, report


@verb("import.run")
def undo_import(*, actor, run: ImportRun) -> ImportRun:
    """Take an applied import back as a whole.

    Payments and opening balances are reversed, leases cancelled; owners, properties, units and
    tenants are deleted, or archived when something still refers to them. What other people have
    built on since stays, and the run says what.
    """
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state == ImportRun.State.UNDONE:
        return unchanged(run)
    if run.state != ImportRun.State.APPLIED:
        raise ImportNotReady(_("Only an import that was applied can be taken back."))
    made: dict[str, list[int]] = defaultdict(list)
    rows = run.rows.filter(outcome=ImportRow.Outcome.CREATED, object_id__isnull=False)
    for kind, object_id in rows.values_list("kind", "object_id"):
        made[kind].append(object_id)
    kept = []
    for kind in MONEY_FIRST:
        if kind == "leases" and made[kind]:
            # Rent charged since on leases that never were goes with them.
            RESOURCES["charges"].release(actor, made[kind])
        if made[kind]:
            stayed = RESOURCES[kind].undo(actor, made[kind])
            kept.extend({"kind": kind, "id": pk, "reason": why} for pk, why in stayed)
    run.choices = {**run.choices, "kept": kept}
    run.state = ImportRun.State.UNDONE
    run.undone_at, run.undone_by = timezone.now(), actor
    run.save()
    return run


def contents_of(run: ImportRun) -> list[tuple[str, bytes]]:
    """Return the names and contents of the files of an import."""
    files = []
    for upload in run.uploads.all():
        with upload.content.open("rb") as content:
            files.append((upload.name, content.read()))
    return files


def _branch_of(run: ImportRun) -> Site | None:
    return Site.objects.filter(pk=run.default_branch).first() if run.default_branch else None


def _note(run: ImportRun, report: engine.Report, state: str) -> None:
    Outcome = ImportRow.Outcome
    run.state = state
    run.branches = report.branches
    run.files = [file.as_dict(details=False) for file in report.files]
    run.created = report.total(Outcome.CREATED)
    run.existing = report.total(Outcome.EXISTING)
    run.refused = report.total(Outcome.REFUSED)
    run.reported = report.total(Outcome.REPORTED)
    run.save()
    run.rows.all().delete()
    ImportRow.objects.bulk_create(
        (
            ImportRow(
                run=run,
                file=(f"{file.file}#{file.sheet}" if file.sheet else file.file)[:200],
                kind=file.kind,
                line=row.line,
                outcome=row.outcome,
                column=row.column[:120],
                reason=row.reason,
                detail=row.detail[:250],
                object_id=row.object_id,
            )
            for file in report.files
            for row in file.rows
        ),
        batch_size=2000,
    )
