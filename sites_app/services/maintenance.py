"""Acts on what breaks: entering equipment, reporting a fault, and closing its ticket."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError
from akig.lib.saving import correct, locked, save
from sites_app.models import Equipment, MaintenanceTicket, Property, Unit

CLOSED = (MaintenanceTicket.State.DONE, MaintenanceTicket.State.REFUSED)


@verb("property.manage")
def add_equipment(
    *, actor, property: Property, name: str, unit: Unit | None = None, **details
) -> Equipment:
    """Enter a thing that ages. ``details``: brand, serial, installed_on, state."""
    _refuse_elsewhere(property, unit=unit)
    return save(
        Equipment(
            site_id=property.site_id, property=property, unit=unit, name=name.strip(), **details
        )
    )


@verb("property.manage")
def correct_equipment(
    *, actor, equipment: Equipment, version: int | None = None, **changes
) -> Equipment:
    """Correct fields of a piece of equipment. Raises ``stale``, ``elsewhere``."""
    held = locked(equipment, version)
    _refuse_elsewhere(held.property, unit=changes.get("unit"))
    return held if correct(held, changes) else unchanged(held)


@verb("maintenance.manage")
def report_fault(
    *, actor, property: Property, title: str, unit: Unit | None = None, **details
) -> MaintenanceTicket:
    """Open a ticket about a property or one of its units.

    ``details`` are description, kind, category, priority, equipment, estimate (minor units) and
    assigned_to.
    """
    _refuse_elsewhere(property, unit=unit, equipment=details.get("equipment"))
    return save(
        MaintenanceTicket(
            site_id=property.site_id, property=property, unit=unit, title=title.strip(), **details
        )
    )


@verb("maintenance.manage")
def correct_ticket(
    *, actor, ticket: MaintenanceTicket, version: int | None = None, **changes
) -> MaintenanceTicket:
    """Correct fields of a ticket; a ``state`` that closes it without a day closes it today.

    Raises ``stale``, ``elsewhere``, ``closed_before_reported``.
    """
    held = locked(ticket, version)
    _refuse_elsewhere(held.property, unit=changes.get("unit"), equipment=changes.get("equipment"))
    state = changes.get("state", held.state)
    if state not in CLOSED:
        changes["closed_on"] = None
    elif not changes.get("closed_on") and held.closed_on is None:
        changes["closed_on"] = timezone.localdate()
    day = changes.get("closed_on") or held.closed_on
    if day is not None and state in CLOSED:
        _refuse_early(day, changes.get("reported_on", held.reported_on))
    return held if correct(held, changes) else unchanged(held)


@verb("maintenance.manage")
def close_ticket(
    *,
    actor,
    ticket: MaintenanceTicket,
    state: str = MaintenanceTicket.State.DONE,
    closed_on: datetime.date | None = None,
    cost: int | None = None,
) -> MaintenanceTicket:
    """Close a ticket as done or refused, with what it cost (minor units)."""
    held = locked(ticket)
    if held.state in CLOSED:
        return unchanged(held)
    day = closed_on or timezone.localdate()
    _refuse_early(day, held.reported_on)
    held.state, held.closed_on, held.cost = state, day, cost
    return save(held)


def _refuse_early(day, reported_on):
    if day < reported_on:
        sentence = _("The ticket was reported later than this day.")
        raise BusinessError(sentence, code="closed_before_reported", fields={"closed_on": sentence})


def _refuse_elsewhere(property, **parts):
    for name, part in parts.items():
        if part is not None and part.property_id != property.pk:
            sentence = _("This belongs to another property.")
            raise BusinessError(sentence, code=f"{name}_elsewhere", fields={name: sentence})
