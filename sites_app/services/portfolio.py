"""Acts on owners, properties and units: entering them, correcting them, putting them away."""

import re
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.verbs import unchanged, verb
from akig.lib.codes import next_code
from akig.lib.errors import BusinessError, Conflict
from akig.lib.saving import correct, locked, save
from sites_app.models import Owner, Property, Site, Unit
from sites_app.rules import rules_for
from sites_app.services.mandates import write_mandate

REFUSALS = {
    "one_owner_per_code": (
        "duplicate_code",
        "code",
        gettext_lazy("Another owner has this code."),
    ),
    "one_property_per_code": (
        "duplicate_code",
        "code",
        gettext_lazy("Another property of this branch has this code."),
    ),
    "one_unit_per_number": (
        "duplicate_number",
        "number",
        gettext_lazy("This property already has a unit of this number."),
    ),
}
MOST_UNITS = 500
RANGE = re.compile(
    r"(?P<prefix>.*?)(?P<first>\d{1,6})(?: ?\.\.+ ?| ?… ?| à )(?P<again>\D*)(?P<last>\d{1,6})"
)


@verb("owner.manage")
def add_owner(*, actor, name: str, site: Site | None = None, code: str = "", **details) -> Owner:
    """Enter an owner; an empty ``code`` takes the next one (P-0001).

    ``details`` are the other fields of ``Owner``: phone (E.164), email, address, language, notes,
    usual_commission (per cent).
    """
    return save(
        Owner(
            site=site,
            code=code or next_code(Owner.objects.all(), "P-"),
            name=_one_line(name),
            **details,
        ),
        REFUSALS,
    )


@verb("owner.manage")
def correct_owner(*, actor, owner: Owner, version: int | None = None, **changes) -> Owner:
    """Correct fields of an owner. Raises ``stale`` when another correction came between."""
    held = locked(owner, version)
    return held if correct(held, changes, REFUSALS) else unchanged(held)


@verb("owner.manage")
def archive_owner(*, actor, owner: Owner) -> Owner:
    """Put an owner away who has no standing property left."""
    held = locked(owner)
    if held.properties.standing().exists():
        raise Conflict(
            _("This owner still has properties. Archive them first."), code="owner_in_use"
        )
    return _archived(held)


@verb("property.manage")
def add_property(
    *,
    actor,
    site: Site,
    owner: Owner,
    name: str,
    code: str = "",
    commission: Decimal | None = None,
    start=None,
    **details,
) -> Property:
    """Enter a property and the mandate to manage it from ``start`` (today) on.

    The commission (per cent) is the one given, else the owner's usual one, else the branch's rule.
    An owner without a branch gets this one.
    """
    day = start or timezone.localdate()
    entered = save(
        Property(
            site=site,
            owner=owner,
            code=code or next_code(Property.objects.filter(site=site), "B-"),
            name=_one_line(name),
            **details,
        ),
        REFUSALS,
    )
    if owner.site_id is None:
        correct(locked(owner), {"site": site})
    if commission is None:
        commission = owner.usual_commission
    if commission is None:
        commission = rules_for(site, on=day).commission_percent
    write_mandate(entered, commission=commission, start=day)
    return entered


@verb("property.manage")
def correct_property(*, actor, property: Property, version: int | None = None, **changes):
    """Correct fields of a property. Raises ``stale`` when another correction came between."""
    held = locked(property, version)
    if "owner" in changes and changes["owner"] != held.owner and held.leases.exists():
        raise Conflict(
            _("A property with leases keeps its owner: the books name it."),
            code="owner_fixed",
            fields={"owner": _("A property with leases keeps its owner: the books name it.")},
        )
    return held if correct(held, changes, REFUSALS) else unchanged(held)


@verb("property.manage")
def archive_property(*, actor, property: Property) -> Property:
    """Put a property away, and its units; refused while one of them is let, or will be."""
    held = locked(property)
    if held.units.promised().exists():
        raise Conflict(
            _("Units of this property are let. End their leases first."), code="property_in_use"
        )
    for unit in held.units.standing():
        _archived(unit)
    return _archived(held)


@verb("property.manage")
def add_unit(*, actor, property: Property, number: str, **details) -> Unit:
    """Enter one unit of a property; ``advised_rent`` counts minor units per month."""
    return save(
        Unit(site_id=property.site_id, property=property, number=_one_line(number), **details),
        REFUSALS,
    )


@verb("property.manage")
def correct_unit(*, actor, unit: Unit, version: int | None = None, **changes) -> Unit:
    """Correct fields of a unit. Raises ``stale`` when another correction came between."""
    held = locked(unit, version)
    return held if correct(held, changes, REFUSALS) else unchanged(held)


@verb("property.manage")
def archive_unit(*, actor, unit: Unit) -> Unit:
    """Put a unit away that is not let, nor will be."""
    held = locked(unit)
    if Unit.objects.filter(pk=held.pk).promised().exists():
        raise Conflict(_("This unit is let. End its lease first."), code="unit_in_use")
    return _archived(held)


@verb("property.manage")
def generate_units(*, actor, property: Property, pattern: str, **details) -> list[Unit]:
    """Enter the units that ``pattern`` names and the property lacks; return those entered.

    ``details`` (kind, floor, rooms, area, advised_rent) hold for each of them. Sent twice, the
    second adds nothing.
    """
    missing, _standing = plan_units(property, pattern)
    if not missing:
        return unchanged([])
    return [
        save(Unit(site_id=property.site_id, property=property, number=number, **details), REFUSALS)
        for number in missing
    ]


def plan_units(property: Property, pattern: str) -> tuple[list[str], list[str]]:
    """Return the numbers of ``pattern`` that would be entered, and those that stand already."""
    taken = set(property.units.values_list("number", flat=True))
    numbers = read_pattern(pattern)
    return [n for n in numbers if n not in taken], [n for n in numbers if n in taken]


def read_pattern(pattern: str) -> list[str]:
    """Read ``A1..A12, B01..B04, Boutique 3`` into numbers, each once, in the order written.

    Zeros in front are kept (``01..10``). Raises BusinessError ``pattern_unreadable``.
    """
    numbers: dict[str, None] = {}
    for part in re.split(r"[,;\n]", pattern):
        written = _one_line(part)
        if not written:
            continue
        found = RANGE.fullmatch(written)
        numbers.update(dict.fromkeys(_range(written, found) if found else [written]))
        if len(numbers) > MOST_UNITS:
            _refuse_pattern(
                _("At most %(most)s units at once: write a smaller range.") % {"most": MOST_UNITS}
            )
    if not numbers:
        _refuse_pattern(_("Write at least one number, for example A1..A12."))
    if any(len(number) > 20 or ".." in number for number in numbers):
        _refuse_pattern(_("Write numbers and ranges parted by commas: A1..A12, B1..B4."))
    return list(numbers)


def _range(written: str, found: re.Match) -> list[str]:
    first, last = found["first"], found["last"]
    prefix, again = found["prefix"], found["again"]
    if again.strip() not in ("", prefix.strip()) or int(last) < int(first):
        _refuse_pattern(
            _("“%(part)s” is no range: write it upwards, like A1..A12.") % {"part": written}
        )
    if int(last) - int(first) >= MOST_UNITS:
        _refuse_pattern(
            _("At most %(most)s units at once: write a smaller range.") % {"most": MOST_UNITS}
        )
    width = len(first) if first.startswith("0") else 0
    return [f"{prefix}{number:0{width}d}" for number in range(int(first), int(last) + 1)]


def _refuse_pattern(sentence: str):
    raise BusinessError(sentence, code="pattern_unreadable", fields={"pattern": sentence})


def _archived(row):
    if row.archived_on:
        return unchanged(row)
    row.archived_on = timezone.localdate()
    row.save()
    return row


def _one_line(text: str) -> str:
    return " ".join(text.split())
