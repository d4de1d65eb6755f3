"""From files to a report: recognise them, bring them in in order, say what became of each row."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import tablib

from akig.lib import headings, parsing, tables
from sites_app.imports.desk import Desk, Remark
from sites_app.imports.kinds import KINDS
from sites_app.imports.labels import TROUBLES
from sites_app.imports.reasons import sentence
from sites_app.imports.resource import LINE, RESOURCES, SHIFTED, unshielded
from sites_app.models import ImportRow

KIND_OF = {kind.name: kind for kind in KINDS}
ORDER = [kind.name for kind in KINDS]
# "Soldes au 31/10/2025", "arrêté le 31 octobre 2025"; not "édité le", which is another day.
AS_OF = re.compile(
    r"(?i)\b(?:au|as of|arr[êe]t[ée]e?s? le)\s*:?\s*"
    r"(\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2}(?:er)? [^\W\d]{3,9}\.? \d{4})"
)
Outcome = ImportRow.Outcome


@dataclass
class Reading:
    """One table of one file, and how it is understood: as ``kind``, with ``columns``.

    ``kind`` is empty when people must say what it is; ``trouble`` says why.
    """

    file: str
    table: tables.Table | None = None
    kind: str = ""
    columns: dict[str, tuple[int, ...]] = field(default_factory=dict)
    ambiguous: dict[str, tuple[int, ...]] = field(default_factory=dict)
    candidates: list[str] = field(default_factory=list)
    trouble: tuple[str, str] | None = None

    @property
    def key(self) -> str:
        """What names this table among the files of an import."""
        sheet = self.table.sheet if self.table else ""
        return f"{self.file}#{sheet}" if sheet else self.file


@dataclass
class RowReport:
    line: int
    outcome: str
    column: str = ""
    reason: str = ""
    detail: str = ""
    object_id: int | None = None


@dataclass
class FileReport:
    """What became of one table."""

    file: str
    sheet: str = ""
    kind: str = ""
    header_line: int = 0
    encoding: str = ""
    trouble: tuple[str, str] | None = None
    unknown: list[str] = field(default_factory=list)
    ignored: int = 0
    mended: int = 0
    rows: list[RowReport] = field(default_factory=list)
    branches: set[str] = field(default_factory=set)

    def count(self, outcome: str) -> int:
        return sum(1 for row in self.rows if row.outcome == outcome)

    def of(self, outcome: str) -> list[RowReport]:
        return [row for row in self.rows if row.outcome == outcome]

    def as_dict(self, *, details: bool = True) -> dict:
        """Return the report as plain data, as ``import_portfolio --json`` prints it."""
        told = {
            "file": self.file,
            "sheet": self.sheet,
            "kind": self.kind,
            "header_line": self.header_line,
            "encoding": self.encoding,
            "rows": sum(1 for row in self.rows if row.outcome != Outcome.REPORTED),
            "created": self.count(Outcome.CREATED),
            "existing": self.count(Outcome.EXISTING),
            "refused": _told(self.of(Outcome.REFUSED)) if details else self.count(Outcome.REFUSED),
            "reported": _told(self.of(Outcome.REPORTED))
            if details
            else self.count(Outcome.REPORTED),
            "ignored": self.ignored,
            "accents_mended": self.mended,
            "unknown_columns": self.unknown,
        }
        if self.trouble:
            code, detail = self.trouble
            if details and not detail:
                detail = str(TROUBLES[code])
            told["error"] = {"code": code, "detail": detail}
        return told


def _told(rows: Iterable[RowReport]) -> list[dict]:
    return [
        {
            "row": row.line,
            "column": row.column,
            "reason": row.reason,
            "detail": row.detail or sentence(row.reason),
        }
        for row in rows
    ]


@dataclass
class Report:
    files: list[FileReport] = field(default_factory=list)

    @property
    def is_readable(self) -> bool:
        return any(file.kind for file in self.files)

    @property
    def branches(self) -> list[str]:
        return sorted(set().union(*(file.branches for file in self.files)))

    def total(self, outcome: str) -> int:
        return sum(file.count(outcome) for file in self.files)


def checksum(files: Iterable[tuple[str, bytes]]) -> str:
    """Return a SHA-256 over the contents of files, whatever they are called."""
    digests = sorted(hashlib.sha256(content).hexdigest() for _name, content in files)
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def read_files(
    files: Iterable[tuple[str, bytes]], choices: dict | None = None, **limits
) -> list[Reading]:
    """Recognise every file; ``choices`` is what people said about tables that were not clear."""
    readings: list[Reading] = []
    for name, content in files:
        try:
            found = tables.read(name, content, KINDS, **limits)
        except tables.NotATable as refusal:
            readings.append(Reading(name, trouble=(refusal.code, str(refusal.message))))
            continue
        readings.extend(_understood(name, table, choices or {}) for table in found)
    _tell_people_apart(readings)
    return readings


def _understood(name: str, table: tables.Table, choices: dict) -> Reading:
    reading = Reading(name, table)
    if said := choices.get(reading.key):
        reading.kind = said["kind"] if said["kind"] in KIND_OF else ""
        reading.columns = {k: tuple(v) for k, v in said["columns"].items()}
        return reading
    reading.candidates = [match.kind.name for match in table.matches]
    if table.match is None:
        code = "several_kinds" if table.matches else "unknown_kind"
        reading.trouble = (code, "")
        return reading
    reading.columns = dict(table.match.columns)
    reading.ambiguous = dict(table.match.ambiguous)
    reading.kind = table.match.kind.name
    _settle_reference(reading)
    needs = table.match.kind.needs
    if not all(any(name in reading.columns for name in any_of) for any_of in needs):
        reading.kind, reading.trouble = "", ("columns_missing", "")
    return reading


def guess(reading: Reading, kind: str) -> dict[str, tuple[int, ...]]:
    """Return the columns that a table would have as ``kind``, for people to correct."""
    found = headings.match(reading.table.headings, KIND_OF[kind])
    first = {name: columns[:1] for name, columns in found.ambiguous.items()}
    used: set[int] = set()
    columns = dict(found.columns)
    for each in found.columns.values():
        used.update(each)
    for name, (column,) in first.items():
        if column not in used:
            columns[name] = (column,)
            used.add(column)
    return columns


def _settle_reference(reading: Reading) -> None:
    """A bare "Référence" of payments is a transaction number where each row has another one."""
    both = {"lease", "external_ref"}
    if reading.kind == "payments" and both <= set(reading.ambiguous):
        (column,) = reading.ambiguous["external_ref"][:1]
        values = [parsing.text(v) for row in reading.table.rows if (v := _cell(row.cells, column))]
        distinct = len(set(values))
        if values and distinct == len(values) and "tenant" in reading.columns:
            reading.columns["external_ref"] = (column,)
            for name in both:
                del reading.ambiguous[name]


def _tell_people_apart(readings: list[Reading]) -> None:
    """A list of people whose headings fit owners and tenants is told by whose codes others name."""
    named: dict[str, set[str]] = {"owners": set(), "tenants": set()}
    for reading in readings:
        for kind, columns in (
            ("owners", ("owner_code", "owner")),
            ("tenants", ("tenant_code", "tenant")),
        ):
            for column in columns:
                for index in reading.columns.get(column, ()):
                    cells = (_cell(row.cells, index) for row in reading.table.rows)
                    named[kind].update(parsing.fold_name(cell) for cell in cells if cell)
    for reading in readings:
        if reading.trouble and set(reading.candidates) == {"owners", "tenants"}:
            own = {
                parsing.fold_name(cell)
                for row in reading.table.rows
                for cell in row.cells
                if isinstance(cell, str)
            }
            hits = {kind: len(own & named[kind]) for kind in named}
            best = max(hits, key=hits.get)
            if hits[best] > 2 * min(hits.values()):
                match = next(m for m in reading.table.matches if m.kind.name == best)
                reading.kind, reading.columns = best, dict(match.columns)
                reading.trouble = None


def bring_in(
    desk: Desk, readings: list[Reading], progress: Callable[[int, int], None] | None = None
) -> Report:
    """Bring in all readings, each kind after those it names; return what became of every row.

    Runs inside the caller's transaction: a preview rolls it back.
    """
    total = sum(len(reading.table.rows) for reading in readings if reading.kind)
    if progress:
        desk.progress = lambda done: progress(done, total)
    desk.hints = _branches_by_lease(readings, desk)
    done: dict[int, FileReport] = {}
    for kind in ORDER:
        for reading in readings:
            if reading.kind == kind:
                done[id(reading)] = _bring_in(desk, reading)
    return Report([done.get(id(r)) or _not_read(r) for r in readings])


def _not_read(reading: Reading) -> FileReport:
    code, detail = reading.trouble or ("unknown_kind", "")
    report = FileReport(reading.file, trouble=(code, detail))
    if reading.table:
        report.sheet, report.header_line = reading.table.sheet, reading.table.header_line
    return report


def _bring_in(desk: Desk, reading: Reading) -> FileReport:
    table = reading.table
    report = FileReport(
        reading.file,
        table.sheet,
        reading.kind,
        table.header_line,
        table.encoding,
        ignored=len(table.skipped),
        mended=sum(1 for row in table.rows if row.mended),
    )
    used = {c for columns in reading.columns.values() for c in columns}
    report.unknown = [name for i, name in enumerate(table.headings) if name and i not in used]
    resource = RESOURCES[reading.kind](desk)
    rows = [_row(reading, row) for row in table.rows]
    if hasattr(resource, "in_order"):
        rows.sort(key=resource.in_order)
    fields = [each.name for each in KIND_OF[reading.kind].fields]
    dataset = tablib.Dataset(headers=[*fields, LINE, SHIFTED])
    for row in rows:
        dataset.append([row.get(name) for name in dataset.headers])
    desk.remarks.clear()
    result = resource.import_data(dataset, dry_run=False, use_transactions=False)
    for error in result.base_errors:
        raise error.error
    for row, told in zip(rows, result.rows, strict=True):
        report.rows.append(_became(desk, reading, row[LINE], told, report))
    report.rows.extend(_remarks(reading, desk.remarks, {r.line: r for r in report.rows}))
    report.rows.sort(key=lambda row: row.line)
    return report


def _row(reading: Reading, row: tables.Row) -> dict:
    """Return a row as field -> cell; several columns of one field are joined."""
    cells: dict[str, object] = {LINE: row.line, SHIFTED: _beyond(reading.table, row)}
    for name, columns in reading.columns.items():
        values = [unshielded(_cell(row.cells, column)) for column in columns]
        filled = [value for value in values if value is not None]
        if len(filled) > 1:
            mark = " / " if "phone" in name else " · "
            cells[name] = mark.join(parsing.text(value) for value in filled)
        else:
            cells[name] = filled[0] if filled else None
    if reading.kind == "balances" and "date" not in reading.columns:
        cells["date"] = _day_of(reading)
    return cells


def _beyond(table: tables.Table, row: tables.Row) -> str:
    """Return what a line of CSV holds beyond its headings: "1,500,000" written without quotes."""
    if not table.delimiter:
        return ""
    surplus = [cell for cell in row.cells[len(table.headings) :] if cell is not None]
    return table.delimiter.join(parsing.text(cell) for cell in surplus)


def _day_of(reading: Reading) -> str | None:
    """Find the one day that a list of balances says it stands on, in its headings or titles."""
    for texts in (reading.table.headings, reading.table.titles):
        days = {day for text in texts for day in AS_OF.findall(text)}
        if len(days) == 1:
            return days.pop()
    return None


def _cell(cells: tuple, column: int) -> object:
    return cells[column] if column < len(cells) else None


def _became(desk: Desk, reading: Reading, line: int, told, report: FileReport) -> RowReport:
    for error in told.errors:
        # Not a refusal but a defect of ours: it must be seen, not counted.
        raise error.error
    refusal = told.validation_error
    if refusal is not None:
        column = getattr(refusal, "column", "")
        detail = getattr(refusal, "detail", "")
        code = refusal.code or "refused"
        return RowReport(line, Outcome.REFUSED, _heading(reading, column), code, detail)
    instance = told.instance
    if site := getattr(instance, "site_id", None):
        report.branches.add(site)
    back = (reading.kind, instance.pk)
    fresh = told.is_new() or back in desk.revived
    # The next row that means the same is a repetition.
    desk.revived.discard(back)
    return RowReport(line, Outcome.CREATED if fresh else Outcome.EXISTING, object_id=instance.pk)


def _remarks(
    reading: Reading, remarks: list[Remark], rows: dict[int, RowReport]
) -> Iterable[RowReport]:
    said = set()
    for remark in remarks:
        key = (remark.line, remark.column, remark.code)
        if key in said or rows[remark.line].outcome == Outcome.REFUSED:
            continue
        said.add(key)
        column = _heading(reading, remark.column)
        yield RowReport(remark.line, Outcome.REPORTED, column, remark.code, remark.detail)


def _heading(reading: Reading, name: str) -> str:
    """Return the file's own heading of a field, or the field's name when the file has none."""
    columns = reading.columns.get(name)
    return reading.table.headings[columns[0]] if columns else name


def _branches_by_lease(readings: list[Reading], desk: Desk) -> dict[str, str]:
    """Say for each tenant named by a lease of these files at which branch the house stands.

    Only asked for tenants whose own list names no branch.
    """
    houses: dict[str, str] = {}
    for reading in readings:
        if reading.kind == "properties":
            for each in reading.table.rows:
                row = _row(reading, each)
                if row.get("branch"):
                    for name in ("code", "name"):
                        houses[parsing.fold(row.get(name))] = str(row["branch"])
    hints: dict[str, str] = {}
    for reading in readings:
        if reading.kind != "leases":
            continue
        for each in reading.table.rows:
            row = _row(reading, each)
            house = parsing.fold(row.get("property_code") or row.get("property"))
            if house and (branch := houses.get(house)):
                hints.setdefault(parsing.code(row.get("tenant_code")), branch)
                hints.setdefault(parsing.fold_name(row.get("tenant")), branch)
    return hints
