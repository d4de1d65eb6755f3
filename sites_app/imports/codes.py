"""Codes for what comes without one."""

import re
from collections.abc import Iterator

from akig.lib import parsing


def next_codes(prefix: str, taken: set[str], rows: list[dict], name: str) -> Iterator[str]:
    """Yield free codes such as ``P-0061``, after the highest under ``prefix``.

    Codes that ``rows`` bring themselves (in the column ``name``) are not given to others.
    """
    taken = taken | {parsing.code(row.get(name)) for row in rows}
    pattern = re.compile(re.escape(prefix) + r"(\d+)")
    numbers = (int(found[1]) for code in taken if (found := pattern.fullmatch(code)))
    number = max(numbers, default=0)
    while True:
        number += 1
        code = f"{prefix}{number:04d}"
        if code not in taken:
            yield code
