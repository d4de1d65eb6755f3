"""Acts on what breaks: reporting a fault, and closing its ticket."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError
from akig.lib.saving import locked, save
from sites_app.models import MaintenanceTicket, Property, Unit


@verb("maintenance.manage")
def report_fault(
    *, actor, property: Property, title: str, unit: Unit | None = None, **details
) -> MaintenanceTicket:
    """Open a ticket about a property or one of its units.

    ``details`` are description, kind, category, priority, equipment, estimate (minor units) and
    assigned_to.
    """
    if unit is not None and unit.property_id != property.pk:
        sentence = _("This unit belongs to another property.")
        raise BusinessError(sentence, code="unit_elsewhere", fields={"unit": sentence})
    return save(
        MaintenanceTicket(
            site_id=property.site_id, property=property, unit=unit, title=title.strip(), **details
        )
    )


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
    if held.state in (MaintenanceTicket.State.DONE, MaintenanceTicket.State.REFUSED):
        return unchanged(held)
    day = closed_on or timezone.localdate()
    if day < held.reported_on:
        sentence = _("The ticket was reported later than this day.")
        raise BusinessError(sentence, code="closed_before_reported", fields={"closed_on": sentence})
    held.state, held.closed_on, held.cost = state, day, cost
    return save(held)
