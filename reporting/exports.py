"""Tables as files, whatever stands in them: CSV and XLSX for spreadsheets."""

import csv
import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from akig.lib import workshop
from akig.lib.cells import harmless
from akig.lib.money import EXPONENTS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"

Cell = str | int | Decimal | datetime.date | None


@dataclass(frozen=True)
class Amount:
    """Minor units of a currency: a number with its decimals in files, not a text."""

    amount: int
    currency: str

    @property
    def value(self) -> int | Decimal:
        exponent = EXPONENTS[self.currency]
        return Decimal(self.amount).scaleb(-exponent) if exponent else self.amount


@dataclass(frozen=True)
class Sheet:
    """One table: a title, the heads of its columns, rows, and a last row of sums."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell | Amount]]
    foot: Sequence[Cell | Amount] = ()


def to_csv(sheets: Sequence[Sheet]) -> bytes:
    """Return ``sheets`` under each other, as CSV that a French spreadsheet opens as a table."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    for place, sheet in enumerate(sheets):
        if place:
            writer.writerow([])
        if len(sheets) > 1:
            writer.writerow([harmless(sheet.title)])
        for row in (sheet.heads, *sheet.rows, *([sheet.foot] if sheet.foot else [])):
            writer.writerow([harmless(_plain(cell)) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Return ``sheets`` as the sheets of a workbook: amounts and days as such, sums in bold."""
    pages = [
        (
            _sheet_name(sheet.title, place),
            _widths(sheet),
            [[_cell(cell) for cell in row] for row in _all(sheet)],
            (0, len(sheet.rows) + 1),
        )
        for place, sheet in enumerate(sheets, start=1)
    ]
    return workshop.do("akig.lib.workbooks:write", pages)


def _plain(cell: Cell | Amount) -> str | int:
    if isinstance(cell, Amount):
        cell = cell.value
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return str(cell).replace(".", ",")
    return cell if isinstance(cell, int) else str(cell)


def _cell(cell: Cell | Amount) -> object:
    """Return a cell as ``akig.lib.workbooks`` writes it: a value, or one with its format."""
    if isinstance(cell, Amount):
        decimals = EXPONENTS[cell.currency]
        return cell.value, "#,##0" + ("." + "0" * decimals if decimals else "")
    if cell is None or isinstance(cell, int | Decimal):
        return cell
    if isinstance(cell, datetime.date):
        return cell, "dd/mm/yyyy"
    return harmless(str(cell))  # a text, perhaps one that waits for its language


def _widths(sheet: Sheet) -> list[int]:
    columns = [[str(_plain(cell)) for cell in column] for column in zip(*_all(sheet), strict=True)]
    return [min(48, max(10, *(len(text) for text in column)) + 3) for column in columns]


def _all(sheet: Sheet) -> list[Sequence]:
    return [sheet.heads, *sheet.rows, *([sheet.foot] if sheet.foot else [])]


def _sheet_name(title: str, place: int) -> str:
    # Excel allows 31 characters and none of these; names must differ.
    plain = "".join(" " if sign in "[]:*?/\\'" else sign for sign in title)
    return f"{place} {plain}"[:31].strip()
