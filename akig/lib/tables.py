"""CSV and XLSX files as rows of cells, each with the line on which a spreadsheet shows it.

Separators and encodings are found, not asked; title, blank and total lines are set aside; broken
accents are mended cell by cell. What is no table is refused with :class:`NotATable`.
"""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import PurePath

import ftfy
from django.utils.translation import gettext_lazy as _

from akig.lib import headings, parsing, workshop
from akig.lib.errors import BusinessError
from akig.lib.workbench import Unfit

MEGABYTE = 1024 * 1024
MAX_BYTES = 50 * MEGABYTE
MAX_UNZIPPED = 400 * MEGABYTE
MAX_COLUMNS = 200
MAX_ROWS = 300_000
HEADER_WITHIN = 20
#: Headings that must be our words before a sheet of no kind is shown to people.
LIKE_OURS = 3
#: Bytes of accented lines that tell which of the old encodings a file is in.
ENOUGH_TO_TELL = 200_000
READING_SECONDS = 300
MAX_LINES_IN_A_CELL = 30
DELIMITERS = (";", ",", "\t", "|")

SIGNATURES = (
    (b"%PDF", _("This is a PDF. Save the table as XLSX or CSV and send that file.")),
    (b"\xd0\xcf\x11\xe0", _("This is an old Excel file (.xls). Save it as .xlsx or .csv.")),
    (b"\x89PNG", _("This is a picture. Send the table itself, as XLSX or CSV.")),
    (b"\xff\xd8\xff", _("This is a picture. Send the table itself, as XLSX or CSV.")),
    (b"GIF8", _("This is a picture. Send the table itself, as XLSX or CSV.")),
    (b"{\\rtf", _("This is a text document. Save the table as XLSX or CSV.")),
)

#: What the reader of workbooks says, in words.
UNFIT = {
    "damaged": _("This workbook is damaged and cannot be opened."),
    "columns": _("This file has too many columns to be such a table."),
    "rows": _("This file has too many lines. Cut it into several files."),
}


class NotATable(BusinessError):
    """A file that cannot be read as a table: empty, too large, of another kind, damaged."""

    code = "not_a_table"
    status = 400


@dataclass(frozen=True)
class Row:
    """A line of a table: where it stands, its cells, and the columns whose accents were mended."""

    line: int
    cells: tuple
    mended: tuple[int, ...] = ()
    formulas: tuple[int, ...] = ()


@dataclass
class Sheet:
    """Every line of one sheet as it stands, before anything is made of it."""

    title: str
    rows: list[Row]
    encoding: str = ""
    delimiter: str = ""


@dataclass
class Table:
    """A sheet whose heading is known: its readings, likeliest first, and its rows."""

    file: str
    sheet: str
    header_line: int
    headings: tuple[str, ...]
    matches: list[headings.Match]
    rows: list[Row]
    skipped: list[int] = field(default_factory=list)
    titles: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""

    @property
    def match(self) -> headings.Match | None:
        """The one reading, or None when none fits or several fit as well."""
        return self.matches[0] if len(self.matches) == 1 else None

    @property
    def looks_like_ours(self) -> bool:
        """Tell whether there are rows under several headings that we have words for."""
        return bool(self.rows) and _known_words(list(self.headings)) >= LIKE_OURS


def read(
    name: str, content: bytes, kinds: Sequence[headings.Kind], *, max_bytes: int = MAX_BYTES
) -> list[Table]:
    """Return the tables of one file; of a workbook, one for each sheet whose heading is recognised.

    A sheet whose headings are our words but no kind of file comes back without a reading, and so
    does the fullest one when no sheet is recognised: people say what its columns are. Raises
    :class:`NotATable`.
    """
    sheets = _sheets(name, content, kinds, max_bytes)
    tables = [table for sheet in sheets if (table := _table(name, sheet, kinds)) is not None]
    if any(table.matches for table in tables):
        return [table for table in tables if table.matches or table.looks_like_ours]
    if not tables:
        raise NotATable(
            _("No line of this file looks like a row of headings."), code="no_headings", status=400
        )
    return [max(tables, key=lambda table: len(table.rows))]


# Reading bytes


def _sheets(name: str, content: bytes, kinds, max_bytes: int) -> list[Sheet]:
    if not content.strip(b"\x00\r\n\t ;,|"):
        raise NotATable(_("This file is empty."), code="empty_file")
    if len(content) > max_bytes:
        raise NotATable(
            _("This file is larger than %(limit)s MB. Cut it into several files.")
            % {"limit": max_bytes // MEGABYTE},
            code="file_too_large",
            status=413,
        )
    for signature, sentence in SIGNATURES:
        if content.startswith(signature):
            raise NotATable(sentence)
    if content.startswith(b"PK"):
        return list(workbook(content))
    return [_csv(decode(content), kinds)]


def decode(content: bytes) -> tuple[str, str]:
    """Return a text and the name of its encoding; raise :class:`NotATable` for binary content."""
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(bom):
            return content.decode(encoding, errors="replace"), encoding
    head = content[:4096]
    if b"\x00" in head:
        zeros = (head[::2].count(0), head[1::2].count(0))
        if max(zeros) > len(head) // 5:
            encoding = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
            decoded = content.decode(encoding, errors="replace")
            if not re.search(r"[\x00-\x08\x0e-\x1f]", decoded[:2000]):
                return decoded, encoding
        raise NotATable(_("This is not a table that can be read. Save it as XLSX or CSV."))
    if sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in head) > len(head) // 50:
        raise NotATable(_("This is not a table that can be read. Save it as XLSX or CSV."))
    if re.match(rb"\s*<(?:!doctype|html|table|\?xml)", head, re.IGNORECASE):
        raise NotATable(_("This is a web page, not a table. Save it as XLSX or CSV."))
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode_bytes(content)


def _decode_bytes(content: bytes) -> tuple[str, str]:
    """Read what is not UTF-8: UTF-8 with strange lines, or one of the old one-byte tables."""
    lines = content.splitlines(keepends=True)
    accented = [line for line in lines if not line.isascii()]
    valid = [line for line in accented if _is_utf8(line)]
    if len(valid) * 2 > len(accented):
        return "".join(
            line.decode("utf-8" if _is_utf8(line) else "cp1252", errors="replace") for line in lines
        ), "utf-8"
    told = b"".join(accented)[:ENOUGH_TO_TELL]
    candidates = [
        (_french(told.decode(encoding, errors="replace")), encoding)
        for encoding in ("cp850", "mac_roman", "cp1252")
    ]
    best = max(score for score, _encoding in candidates)
    encoding = [encoding for score, encoding in candidates if score == best][-1]
    return content.decode(encoding, errors="replace"), encoding


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _french(decoded: str) -> int:
    """Say how much a text looks like French: its letters count for it, strange ones against it."""
    good = sum(decoded.count(letter) for letter in "éèêëàâçîïôùûüÉÈÀÇÊœŒ’°«»–— ")
    strange = sum(1 for c in decoded if ord(c) > 127) - good
    return good - 2 * strange


def _csv(decoded: tuple[str, str], kinds) -> Sheet:
    content, encoding = decoded
    delimiters = DELIMITERS
    if told := re.match(r"sep=(.)\r?\n", content, re.IGNORECASE):
        delimiters = (told[1],)
    head = "".join(content.splitlines(keepends=True)[: HEADER_WITHIN * 3])
    best, chosen = (-1, -1, -1), delimiters[0]
    for delimiter in delimiters:
        rows = list(_csv_rows(head, delimiter))[:HEADER_WITHIN]
        found = _header(rows, kinds)
        understood = found[1][0].score[0] if found and found[1] else 0
        width = max((len(row.cells) for row in rows), default=0)
        named = sum(map(bool, found[2])) if found else 0
        if (rank := (understood, named, width)) > best:
            best, chosen = rank, delimiter
    rows = list(_csv_rows(content, chosen))
    return Sheet("", rows, encoding, chosen)


def _csv_rows(content: str, delimiter: str) -> Iterator[Row]:
    """Yield rows; a quoted cell may hold line breaks, and the row keeps its first line's number."""
    lines = io.StringIO(content, newline="").readlines()
    if "\n" not in content:
        lines = content.splitlines(keepends=True)
    at = 0
    while at < len(lines):
        joined, used = lines[at], 1
        if '"' in joined:
            while _is_open(joined, delimiter) and used < MAX_LINES_IN_A_CELL:
                if at + used >= len(lines):
                    break
                joined += lines[at + used]
                used += 1
            if _is_open(joined, delimiter):
                # A quotation mark that is never closed must not swallow the rows below it.
                joined, used = lines[at].replace('"', ""), 1
        cells = (
            next(iter(csv.reader([joined], delimiter=delimiter)), [])
            if used == 1
            else next(csv.reader(io.StringIO(joined, newline=""), delimiter=delimiter), [])
        )
        if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
            raise NotATable(UNFIT["columns"])
        yield _row(at + 1, cells)
        at += used
        if at > MAX_ROWS:
            raise NotATable(UNFIT["rows"])


def _is_open(line: str, delimiter: str) -> bool:
    """Tell whether a quoted cell is still open at the end of a piece of CSV."""
    at, quoted, cell_start = 0, False, True
    while at < len(line):
        character = line[at]
        if quoted:
            if character == '"':
                if line[at + 1 : at + 2] == '"':
                    at += 1
                else:
                    quoted = False
        elif character == '"' and cell_start:
            quoted = True
        cell_start = not quoted and character == delimiter
        at += 1
    return quoted


def workbook(content: bytes) -> Iterator[Sheet]:
    """Yield the sheets of an XLSX, opened in a process beside; raise :class:`NotATable`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            names = {info.filename for info in infos}
    except zipfile.BadZipFile as error:
        raise NotATable(UNFIT["damaged"]) from error
    if sum(info.file_size for info in infos) > MAX_UNZIPPED:
        raise NotATable(_("This workbook is too large once unpacked."), code="file_too_large")
    if "xl/workbook.xml" not in names:
        raise NotATable(_("This is not an Excel workbook. Save the table as XLSX or CSV."))
    try:
        sheets = workshop.do(
            "akig.lib.workbooks:read", content, MAX_COLUMNS, MAX_ROWS, seconds=READING_SECONDS
        )
    except Unfit as refusal:
        raise NotATable(UNFIT[refusal.args[0]]) from refusal
    for title, lines in sheets:
        yield Sheet(title, [_row(*line) for line in lines])


MOJIBAKE = re.compile(
    r"[ÃÂâÅÄ][\u0080-\u00ff\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]|â€|Ã ?$"
)


def _row(line: int, values: Sequence, formulas: tuple[int, ...] = ()) -> Row:
    cells, mended = [], []
    for index, value in enumerate(values):
        if isinstance(value, str):
            if MOJIBAKE.search(value):
                better = ftfy.fix_encoding(value)
                if better != value:
                    mended.append(index)
                    value = better
            value = value.strip() or None
        cells.append(value)
    return Row(line, tuple(cells), tuple(mended), formulas)


# From lines to a table


def _table(name: str, sheet: Sheet, kinds) -> Table | None:
    found = _header(sheet.rows[: HEADER_WITHIN * 3], kinds, PurePath(name).stem, sheet.title)
    if not found:
        return None
    at, matches, names = found
    skipped = [row.line for row in sheet.rows[:at]]
    titles = tuple(parsing.text(c) for row in sheet.rows[:at] for c in row.cells if c is not None)
    rows = []
    for row in sheet.rows[at + 1 :]:
        if _is_no_record(row, names):
            skipped.append(row.line)
        else:
            rows.append(row)
    for each in matches:
        _settle_by_content(each, names, rows)
    return Table(
        name,
        sheet.title,
        sheet.rows[at].line,
        names,
        matches,
        rows,
        skipped,
        titles,
        sheet.encoding,
        sheet.delimiter,
    )


def _header(
    rows: list[Row], kinds, *hints: str
) -> tuple[int, list[headings.Match], tuple[str, ...]] | None:
    """Find the row of headings: the one that reads best as a kind, else the first full one.

    Return its place, its readings and the headings; of one in two lines the place of the lower.
    """
    best: tuple[int, int] = (0, 0)
    found: tuple[int, list[headings.Match], tuple[str, ...]] | None = None
    titles: list[str] = []
    looked_at = 0
    for at, row in enumerate(rows):
        filled = [cell for cell in row.cells if cell is not None]
        if not filled:
            continue
        looked_at += 1
        if looked_at > HEADER_WITHIN:
            break
        if len(filled) == 1:
            titles.append(parsing.text(filled[0]))
            continue
        if not all(isinstance(cell, str) for cell in filled):
            continue
        names = tuple(parsing.text(cell) for cell in row.cells)
        for heading in (names, _two_lines(rows[at - 1], names) if at else ()):
            matches = headings.recognise(heading, kinds, (*titles, *reversed(hints)))
            understood = matches[0].score[0] if matches else 0
            if (rank := (understood, _known_words(list(heading)))) > best:
                best, found = rank, (at, matches, heading)
    return found


def _two_lines(upper: Row, lower: tuple[str, ...]) -> tuple[str, ...]:
    """Return the headings of two lines where a cell above spans several below, else nothing."""
    above = [parsing.text(cell) for cell in upper.cells]
    above += [""] * (len(lower) - len(above))
    if sum(map(bool, above)) < 2 or not any(
        name and not over for over, name in zip(above, lower, strict=False)
    ):
        return ()
    names, spanning = [], ""
    for over, name in zip_longest(above, lower, fillvalue=""):
        spanning = over or spanning
        names.append(f"{spanning}{headings.BELOW}{name}" if name else over)
    return tuple(names)


def _known_words(cells: list[str]) -> int:
    known = set(headings.CONCEPTS)
    return sum(1 for cell in cells if headings.concepts(cell) and headings.concepts(cell) <= known)


TOTAL = re.compile(
    r"(?:sous |s |grand |sub |montant )?(?:total|totaux|subtotal|soustotal)\b"
    r"|cumul\b|a reporter\b|report\b"
)


def _is_no_record(row: Row, names: tuple[str, ...]) -> bool:
    filled = [cell for cell in row.cells if cell is not None]
    if not filled:
        return True
    if all(not isinstance(cell, str) or not re.search(r"\w", cell) for cell in filled) and all(
        isinstance(cell, str) for cell in filled
    ):
        return True
    texts = [parsing.text(cell) for cell in filled]
    computed = {parsing.text(row.cells[column]) for column in row.formulas}
    words = [
        word
        for word in texts
        if re.search(r"[^\W\d_]{2}", word) and not _is_amount(word) and word not in computed
    ]
    if words and TOTAL.match(parsing.fold(words[0])) and len(words) == 1:
        return True
    if len(filled) == 1:
        alone = next(i for i, cell in enumerate(row.cells) if cell is not None)
        # A lone amount is a sum; a lone phrase in the first column is a title between rows.
        return (
            _is_amount(texts[0])
            or bool(computed)
            or (
                alone == 0
                and " " in texts[0]
                and "nom" not in parsing.fold(names[0] if names else "")
            )
        )
    here = [parsing.text(cell) for cell in row.cells]
    return here == list(names[: len(here)])


AMOUNT = re.compile(
    r"[-+]?[\d .,]*\d[\d .,]*\s*(?:GNF|FG|XOF|F?\s?CFA|FCFA|F|EUR|€|%)?", re.IGNORECASE
)


def _is_amount(written: str) -> bool:
    return bool(AMOUNT.fullmatch(written))


def _settle_by_content(match: headings.Match, names: tuple[str, ...], rows: list[Row]) -> None:
    """Decide between two columns of one name where only one holds anything, or both the same."""
    for name, columns in list(match.ambiguous.items()):
        distinct: dict[tuple, int] = {}
        for column in columns:
            values = tuple(_cell(row, column) for row in rows)
            if any(value is not None for value in values):
                distinct.setdefault(values, column)
        claimed_elsewhere = any(
            other != name and set(columns) & set(their) for other, their in match.ambiguous.items()
        )
        if len(distinct) == 1 and not claimed_elsewhere:
            match.columns[name] = (next(iter(distinct.values())),)
            del match.ambiguous[name]
    for name, columns in list(match.columns.items()):
        bare = len(columns) == 1 and headings.is_bare_number(names[columns[0]])
        if bare and name not in ("number", "unit") and _counts_lines(rows, columns[0]):
            del match.columns[name]
            match.unknown = (*match.unknown, *columns)


def _counts_lines(rows: list[Row], column: int) -> bool:
    values = [parsing.text(value) for row in rows if (value := _cell(row, column)) is not None]
    return values == [str(number) for number in range(1, len(values) + 1)]


def _cell(row: Row, column: int) -> object:
    return row.cells[column] if column < len(row.cells) else None
