"""The history of a person, roles included: they stand in a table of their own."""

from django.utils.translation import gettext as _

from accounts.models import DEEDS, HeldRole, SecondFactor, User
from accounts.roles import ROLE_NAMES
from akig.lib.history import MOST, Change, Event, history_of, who_did


def history_of_person(person: User) -> list[Event]:
    """Return what happened to ``person``, newest first (the last hundred events).

    Sign-ins and the like would push the rest out: they are in the record.
    """
    told = history_of(person, without=DEEDS)
    return merged(_roles_of(person), _factors_of(person), told)


def merged(*histories: list[Event]) -> list[Event]:
    """Return several histories as one, newest first (the last hundred events)."""
    events = [event for history in histories for event in history]
    return sorted(events, key=lambda event: event.at, reverse=True)[:MOST]


def _roles_of(person):
    stored = HeldRole.pgh_event_model.objects.filter(user=person)
    stored = list(stored.select_related("group", "pgh_context").order_by("-pgh_id")[:MOST])
    events = []
    for event, done_by in zip(stored, who_did(stored), strict=True):
        given = event.pgh_label == "role_given"
        role = str(ROLE_NAMES.get(event.group.name, event.group.name))
        before, after = ("–", role) if given else (role, "–")
        events.append(
            Event(
                at=event.pgh_created_at,
                label=_("role given") if given else _("role taken"),
                changes=[Change(_("role"), before, after)],
                **done_by,
            )
        )
    return events


def _factors_of(person):
    stored = list(
        SecondFactor.pgh_event_model.objects.filter(user=person, type=SecondFactor.Type.TOTP)
        .select_related("pgh_context")
        .order_by("-pgh_id")[:MOST]
    )
    labels = {
        "factor_added": _("second factor set up"),
        "factor_removed": _("second factor taken away"),
    }
    return [
        Event(at=event.pgh_created_at, label=labels[event.pgh_label], changes=[], **done_by)
        for event, done_by in zip(stored, who_did(stored), strict=True)
    ]
