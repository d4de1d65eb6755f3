"""XLSX read and written as plain rows. Only the process beside loads this (``workshop``)."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from akig.lib.workbench import Unfit

BLANKS_AT_THE_END = 2_000
BOLD = Font(bold=True)

#: The number of a line, its values, and which of them are formulas without a known result.
Line = tuple[int, list, tuple[int, ...]]


#: A sheet to be written: its title, the widths of its columns, its rows, and which rows are bold.
#: A cell is a text, a number, a day or None, or one of them with its number format.
Page = tuple[str, Sequence[int], Sequence[Sequence[Any]], Sequence[int]]


def read(content: bytes, most_columns: int, most_rows: int) -> list[tuple[str, list[Line]]]:
    """Return title and lines of each sheet.

    Raises Unfit with ``damaged``, ``columns`` or ``rows`` (too many of them).
    """
    try:
        book = load_workbook(io.BytesIO(content), read_only=True)
        shown = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return [
            (sheet.title, list(_lines(sheet, shown[sheet.title], most_columns, most_rows)))
            for sheet in book.worksheets
        ]
    except (KeyError, ValueError, TypeError, SyntaxError, zipfile.BadZipFile, EOFError) as error:
        raise Unfit("damaged") from error


def _lines(sheet, shown, most_columns: int, most_rows: int) -> Iterator[Line]:
    sheet.reset_dimensions()
    blank = 0
    formulas: dict[int, list[int]] = {}
    rows: list[tuple[int, list]] = []
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        values = [_value(cell) for cell in cells]
        while values and values[-1] is None:
            values.pop()
        if len(values) > most_columns:
            raise Unfit("columns")
        blank = 0 if values else blank + 1
        if blank > BLANKS_AT_THE_END:
            break
        if len(rows) > most_rows:
            raise Unfit("rows")
        if computed := [i for i, cell in enumerate(cells) if getattr(cell, "data_type", "") == "f"]:
            formulas[line] = computed
        rows.append((line, values))
    if formulas:
        _show_results(rows, formulas, shown)
    for number, values in rows:
        kept = tuple(i for i in formulas.get(number, ()) if isinstance(values[i], str))
        yield number, values, kept


def _show_results(rows: list[tuple[int, list]], formulas: dict[int, list[int]], shown) -> None:
    """Put the result that the spreadsheet last showed in the place of each formula."""
    shown.reset_dimensions()
    for line, cells in enumerate(shown.iter_rows(max_row=len(rows)), start=1):
        for index in formulas.get(line, ()):
            if index < len(cells) and (result := _value(cells[index])) is not None:
                rows[line - 1][1][index] = result


def _value(cell) -> object:
    value = cell.value
    if isinstance(value, float):
        if "%" in (getattr(cell, "number_format", "") or ""):
            return f"{round(value * 100, 4):g}%"
        return int(value) if value.is_integer() else value
    if isinstance(value, int) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return f"{value * 100}%"
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    return value


def write(pages: Sequence[Page]) -> bytes:
    """Return ``pages`` as a workbook; no text is ever taken for a formula."""
    book = Workbook(write_only=True)
    for title, widths, rows, bold in pages:
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for column, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        for place, row in enumerate(rows):
            font = BOLD if place in bold else None
            sheet.append([_cell(sheet, value, font) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet, value: Any, font: Font | None) -> WriteOnlyCell:
    value, number_format = value if isinstance(value, tuple) else (value, "")
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value))
        cell.data_type = "s"
    else:
        cell = WriteOnlyCell(sheet, value)
    if number_format:
        cell.number_format = number_format
    if font:
        cell.font = font
    return cell
