"""The history of one row, as people read it: who did what when, and what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import BigIntegerField, JSONField, Model
from django.utils.translation import gettext_lazy as _

from akig.lib.money import format_amount

UNTOLD = ("id", "version", "created_at", "search")
MOST = 100
LABELS = {
    "insert": _("entered"),
    "update": _("changed"),
    "delete": _("deleted"),
    "raise": _("entered"),
    "password": _("new password"),
    "released": _("lock-out ended"),
    "signed_in": _("signed in"),
    "sign_in_failed": _("sign-in failed"),
    "signed_out": _("signed out"),
    "exported": _("took data out"),
}


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Event:
    at: datetime
    label: str
    act: str
    who: str
    role: str
    reason: str
    changes: list[Change]


def history_of(row: Model, without: Sequence[str] = ()) -> list[Event]:
    """Return what happened to ``row``, newest first (the last hundred events), with two queries.

    Events whose label is one of ``without`` are left out.
    """
    told = row.events.exclude(pgh_label__in=without).select_related("pgh_context")
    stored = list(told.order_by("-pgh_id")[: MOST + 1])
    done_by = who_did(stored)
    events = []
    for index, event in enumerate(stored[:MOST]):
        earlier = stored[index + 1] if index + 1 < len(stored) else None
        changes = _changes(row, earlier, event) if earlier is not None else []
        if earlier is not None and event.pgh_label == "update" and not changes:
            continue
        label = str(LABELS.get(event.pgh_label, event.pgh_label))
        events.append(
            Event(at=event.pgh_created_at, label=label, changes=changes, **done_by[index])
        )
    return events


def who_did(stored: list[Model]) -> list[dict[str, str]]:
    """Return ``act``, ``who``, ``role`` and ``reason`` of each stored event, with one query."""
    contexts = [_context(event) for event in stored]
    people = get_user_model().objects.in_bulk(
        {context["user"] for context in contexts if context.get("user")}
    )
    return [
        {
            "act": context.get("verb", ""),
            "who": _named(people, context),
            "role": context.get("role", ""),
            "reason": context.get("reason", ""),
        }
        for context in contexts
    ]


def _named(people, context) -> str:
    who = str(people.get(context.get("user"), ""))
    return f"{who} · {context['key']}" if "key" in context else who


def _context(event: Model) -> dict[str, Any]:
    return event.pgh_context.metadata if event.pgh_context_id else {}


def _changes(row: Model, earlier: Model, later: Model) -> list[Change]:
    """Return what differs between two events; JSON (frozen papers) is not for reading."""
    tracked = {field.name for field in type(later)._meta.fields}
    changes = []
    for field in type(row)._meta.fields:
        if field.name in UNTOLD or field.name not in tracked or isinstance(field, JSONField):
            continue
        before, after = getattr(earlier, field.attname), getattr(later, field.attname)
        if before != after:
            currency = row.site.currency if isinstance(field, BigIntegerField) else ""
            changes.append(
                Change(
                    str(field.verbose_name),
                    shown(field, before, currency),
                    shown(field, after, currency),
                )
            )
    return changes


def shown(field: Any, value: Any, currency: str) -> str:
    """Return a value of ``field`` as people read it; with a ``currency`` it is an amount."""
    if value in (None, ""):
        return "–"
    if currency:
        return format_amount(value, currency)
    return str(dict(field.flatchoices).get(value, value))
