"""Counting rows of several kinds in one question."""

from collections.abc import Sequence

from django.db.models import Count, QuerySet, Value


def counted(kinds: Sequence[QuerySet]) -> list[int]:
    """Return how many rows each of ``kinds`` has, with one query."""
    questions = [
        rows.order_by().values(at_place=Value(place)).annotate(number=Count("pk"))
        for place, rows in enumerate(kinds)
    ]
    if not questions:
        return []
    found = questions[0].union(*questions[1:], all=True)
    numbers = {row["at_place"]: row["number"] for row in found}
    return [numbers.get(place, 0) for place in range(len(kinds))]
