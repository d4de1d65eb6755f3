"""The search over everything: each app tells how its rows are found, one query asks them all.

An app writes in its ``panels.py``::

    find(Finder("receipt", _("Receipts"), "receipt.view", receipts, "payments:receipt"))

``receipts(user, text)`` returns the visible rows that ``text`` names, best first, annotated with
``found`` (what the row is called) and ``beside`` (what tells it from its neighbours), both texts;
or ``none()`` when ``text`` can name no such row.
The address takes the row's key.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Func, QuerySet, TextField, Value
from django.db.models.functions import Cast, NullIf
from django.urls import reverse
from django.utils.functional import Promise

PER_GROUP = 6
LONGEST = 100


@dataclass(frozen=True)
class Finder:
    """``list_url`` names the page that lists all matches of ``?q=``; empty when there is none."""

    kind: str
    label: str | Promise
    permission: str
    rows: Callable[[Any, str], QuerySet]
    url: str
    list_url: str = ""


@dataclass(frozen=True)
class Hit:
    name: str
    beside: str
    address: str


@dataclass
class Found:
    """The hits of one kind; ``more`` is the address of them all when there are too many."""

    label: str | Promise
    hits: list[Hit] = field(default_factory=list)
    more: str = ""


def joined(*columns: Any) -> Func:
    """Return the expression of ``columns`` (texts) parted by points, without those empty."""
    texts = [NullIf(Cast(column, TextField()), Value("")) for column in columns]
    return Func(Value(" · "), *texts, function="concat_ws", output_field=TextField())


_finders: dict[str, Finder] = {}


def find(finder: Finder) -> None:
    """Add a kind of thing to the search."""
    _finders[finder.kind] = finder


def search(user: Any, text: str) -> list[Found]:
    """Return what ``user`` may see and ``text`` names, in groups, with one query."""
    text = " ".join(text.split())[:LONGEST]
    finders = [finder for finder in _finders.values() if user.may(finder.permission)]
    if not text or not finders:
        return []
    asked = [(finder, finder.rows(user, text)) for finder in finders]
    parts = [
        rows.annotate(
            found_kind=Value(finder.kind, TextField()),
            found_name=Cast("found", TextField()),
            found_beside=Cast("beside", TextField()),
        ).values_list("found_kind", "pk", "found_name", "found_beside")[: PER_GROUP + 1]
        for finder, rows in asked
        if not rows.query.is_empty()
    ]
    if not parts:
        return []
    groups = {finder.kind: Found(finder.label) for finder in finders}
    for kind, key, name, beside in parts[0].union(*parts[1:], all=True):
        finder, group = _finders[kind], groups[kind]
        if len(group.hits) < PER_GROUP:
            group.hits.append(Hit(name, beside, reverse(finder.url, args=[key])))
        elif finder.list_url:
            group.more = reverse(finder.list_url)
    return [group for group in groups.values() if group.hits]
