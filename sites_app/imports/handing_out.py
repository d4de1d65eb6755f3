"""Everything that can be brought in, written as files that can be brought in again."""

import csv
import io
from collections.abc import Iterator

from sites_app.imports.kinds import KINDS
from sites_app.imports.resource import RESOURCES
from sites_app.models import Site

BOM = "\ufeff"


def portfolio_files(user, site: Site | None = None) -> Iterator[tuple[str, bytes, int]]:
    """Yield name, content (CSV, semicolons, UTF-8 with BOM) and number of rows of each file.

    Only what ``user`` may see goes out, of one branch or of all.
    """
    for kind in KINDS:
        resource = RESOURCES[kind.name]()
        dataset = resource.export(resource.handed_out(user, site))
        written = io.StringIO()
        writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
        writer.writerow(dataset.headers)
        writer.writerows(dataset)
        yield f"{resource.file_name}.csv", (BOM + written.getvalue()).encode(), len(dataset)
