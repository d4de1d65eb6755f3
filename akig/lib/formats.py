"""XLSX as the back-office hands it out, written in the process beside.

tablib loads its own writer of workbooks as soon as anybody lists the formats. Importing this
module, before anything of django-import-export, puts ours in its place.
"""

import datetime
from typing import Any

from tablib import Dataset
from tablib.formats import registry

from akig.lib import workshop

#: An export may have fifty thousand rows.
SECONDS = 120
WIDTH = 20


class Xlsx:
    """The writer of workbooks as tablib knows one; reading them is ``akig.lib.tables``' affair."""

    title = "xlsx"
    extensions = ("xlsx",)

    @classmethod
    def export_set(cls, dataset: Dataset) -> bytes:
        """Return ``dataset`` as a workbook of one sheet."""
        rows = [dataset.headers or [], *dataset]
        page = (
            (dataset.title or "Export")[:31],
            [WIDTH] * dataset.width,
            [[_cell(value) for value in row] for row in rows],
            (0,),
        )
        return workshop.do("akig.lib.workbooks:write", [page], seconds=SECONDS)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)  # spreadsheets know no zones
    if value is None or isinstance(value, int | float | datetime.date):
        return value
    return str(value)


registry.register(Xlsx.title, Xlsx)
