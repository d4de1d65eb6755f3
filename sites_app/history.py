"""Where a person worked and what was shared with him, as his history tells it."""

from django.utils.translation import gettext as _

from accounts.models import User
from akig.lib.history import MOST, Change, Event, who_did
from sites_app.models import Assignment, PropertyShare


def assignments_of(person: User) -> list[Event]:
    """Return how ``person`` was assigned to branches, newest first (the last hundred events)."""
    stored = list(
        Assignment.pgh_event_model.objects.filter(user=person)
        .select_related("pgh_context")
        .order_by("-pgh_id")[:MOST]
    )
    events = []
    for place, (event, done_by) in enumerate(zip(stored, who_did(stored), strict=True)):
        earlier = next((row for row in stored[place + 1 :] if row.site_id == event.site_id), None)
        if event.pgh_label == "insert":
            earlier = None
        events.append(
            Event(
                at=event.pgh_created_at,
                label=_("branch taken away")
                if event.pgh_label == "delete"
                else _("assigned to a branch"),
                changes=_changes(earlier, event),
                **done_by,
            )
        )
    return events


def shares_of(person: User) -> list[Event]:
    """Return how properties were shared with ``person``, newest first (the last hundred events)."""
    stored = list(
        PropertyShare.pgh_event_model.objects.filter(user=person)
        .select_related("pgh_context", "content_object")
        .order_by("-pgh_id")[:MOST]
    )
    return [
        Event(
            at=event.pgh_created_at,
            label=_("property shared"),
            changes=[
                Change(_("property"), "–", str(event.content_object)),
                Change(_("until"), "–", f"{event.ends_on:%d/%m/%Y}"),
                Change(_("reason"), "–", event.reason),
            ],
            **done_by,
        )
        for event, done_by in zip(stored, who_did(stored), strict=True)
    ]


def _changes(earlier, later):
    changes = [Change(_("branch"), "–", later.site_id)] if earlier is None else []
    if later.is_primary != bool(earlier and earlier.is_primary):
        words = {True: _("yes"), False: _("no")}
        changes.append(
            Change(
                _("primary branch: %(site)s") % {"site": later.site_id},
                words[not later.is_primary],
                words[later.is_primary],
            )
        )
    before = earlier.ends_on if earlier else None
    if before != later.ends_on:
        days = [f"{day:%d/%m/%Y}" if day else "–" for day in (before, later.ends_on)]
        changes.append(Change(_("last day at %(site)s") % {"site": later.site_id}, *days))
    return changes
