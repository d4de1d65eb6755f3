"""What waits for somebody's hand: lines on the first page of those who may act on it.

An app writes in its ``panels.py``::

    @waits("cash.handle")
    def cash_to_confirm(user, sites) -> Iterable[Waiting]:
        yield Waiting(_("Cash to count and confirm"), rows, address)

and the first page of the staff shows them in the order in which they were registered, those that
count nothing left out.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from akig.lib.counting import counted


@dataclass(frozen=True)
class Waiting:
    """So many things (``number``), listed at ``address``; ``state`` is a word of the badges.

    ``number`` may be the rows themselves, of one kind or several: all such are counted in one
    question. ``text`` is shown instead of the number where a number alone says too little.
    """

    label: str | Promise
    number: int | QuerySet | tuple[QuerySet, ...]
    address: str
    state: str = "waiting"
    text: str = ""


Source = Callable[[Any, Sequence], Iterable[Waiting]]
_sources: list[tuple[str, Source]] = []


def waits(permission: str) -> Callable[[Source], Source]:
    """Register ``function(user, sites)``, asked for people who hold ``permission``."""

    def register(function: Source) -> Source:
        _sources.append((permission, function))
        return function

    return register


def waiting_for(user: Any, sites: Sequence) -> list[Waiting]:
    """Return what waits for ``user`` at ``sites`` (branches that exist for the person)."""
    lines = [
        line
        for permission, function in _sources
        if user.may(permission)
        for line in function(user, sites)
    ]
    return [line for line in _counted(lines) if line.number]


def _counted(lines: list[Waiting]) -> list[Waiting]:
    """Return ``lines`` with numbers in place of rows."""
    numbers = iter(counted([rows for line in lines for rows in _rows(line)]))
    return [
        replace(line, number=sum(islice(numbers, len(rows)))) if (rows := _rows(line)) else line
        for line in lines
    ]


def _rows(line) -> tuple[QuerySet, ...]:
    if isinstance(line.number, int):
        return ()
    return line.number if isinstance(line.number, tuple) else (line.number,)
