"""Acts on mandates: at what commission the agency manages a property, and since when."""

import datetime
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError
from akig.lib.saving import locked, save
from sites_app.models import Mandate, Property

REFUSALS = {
    "mandates_never_overlap": (
        "mandate_overlaps",
        "start",
        gettext_lazy("Another mandate covers some of these days."),
    )
}


@verb("owner.manage")
def set_mandate(
    *,
    actor,
    property: Property,
    commission: Decimal,
    start: datetime.date,
    end: datetime.date | None = None,
    reference: str = "",
) -> Mandate:
    """Manage ``property`` at ``commission`` per cent from ``start`` on (to ``end``, included).

    The mandate that runs on the day before is ended there. Refused when a later one has begun
    (``mandate_overlaps``) or the end comes first (``end_before_start``).
    """
    locked(property)  # two people at once would both end the same mandate
    standing = property.mandates.filter(days__contains=start).first()
    if standing is not None and _says(standing, commission, start, end, reference):
        return unchanged(standing)
    if standing is not None and standing.days.lower == start:
        standing.commission, standing.reference = commission, reference
        standing.days = _span(start, end)
        return save(standing, REFUSALS)
    if standing is not None:
        standing.days = DateRange(standing.days.lower, start, "[)")
        standing.save()
    return write_mandate(property, commission=commission, start=start, end=end, reference=reference)


def write_mandate(property, *, commission, start, end=None, reference="") -> Mandate:
    """Write a mandate of the property's owner as part of a larger act."""
    return save(
        Mandate(
            site_id=property.site_id,
            owner_id=property.owner_id,
            property=property,
            commission=commission,
            days=_span(start, end),
            reference=reference,
        ),
        REFUSALS,
    )


def _span(start, end) -> DateRange:
    if end is not None and end < start:
        sentence = _("The last day must not come before the first.")
        raise BusinessError(sentence, code="end_before_start", fields={"end": sentence})
    return DateRange(start, end and end + datetime.timedelta(days=1), "[)")


def _says(mandate, commission, start, end, reference) -> bool:
    return (
        mandate.commission == commission
        and mandate.days.lower == start
        and mandate.days.upper == (end and end + datetime.timedelta(days=1))
        and mandate.reference == reference
    )
