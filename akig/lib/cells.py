"""Cells of files that spreadsheets open: what they would compute is made plain text."""

#: A text that begins so would be computed by a spreadsheet.
COMPUTED = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str | int) -> str | int:
    """Put an apostrophe before what a spreadsheet would compute; numbers are left alone."""
    if isinstance(cell, str) and cell.startswith(COMPUTED) and not _is_number(cell):
        return f"'{cell}"
    return cell


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(",", "", 1).isdigit()
