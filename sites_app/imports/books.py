"""Directories of owners, properties and units, as the rows of an import look them up."""

import re
from collections import defaultdict

from rapidfuzz import fuzz

from akig.lib import parsing
from sites_app.imports.desk import Desk
from sites_app.imports.resource import Refusal
from sites_app.models import Owner, Property, Unit

SAME_NAME = 82


def same_person(one: str, other: str) -> bool:
    """Tell whether two names differ only as one name is misspelt: a letter, the words' order."""
    return fuzz.ratio(parsing.fold_name(one), parsing.fold_name(other)) >= SAME_NAME


class OwnerBook:
    def __init__(self, desk: Desk):
        self.by_code: dict[str, Owner] = {}
        self.by_name: dict[str, list[Owner]] = defaultdict(list)
        self.by_phone: dict[str, list[Owner]] = defaultdict(list)
        for owner in Owner.objects.visible_to(desk.actor).order_by("pk"):
            self.add(owner)
        self.taken = set(Owner.objects.values_list("code", flat=True))

    def add(self, owner: Owner) -> None:
        self.by_code[owner.code.upper()] = owner
        self.by_name[parsing.fold_name(owner.name)].append(owner)
        if owner.phone:
            self.by_phone[str(owner.phone)].append(owner)

    def named(self, column: str, written: str, phones=()) -> Owner:
        """Return the one owner of a name, told apart by telephone; raise Refusal."""
        found = self.by_name.get(parsing.fold_name(written), [])
        if len(found) > 1 and phones:
            found = [owner for owner in found if str(owner.phone) in phones] or found
        if len(found) > 1:
            raise Refusal(column, "owner_ambiguous", written)
        if not found:
            raise Refusal(column, "unknown_owner", written)
        return found[0]


class PropertyBook:
    def __init__(self, desk: Desk):
        self.by_code: dict[str, list[Property]] = defaultdict(list)
        self.by_name: dict[str, list[Property]] = defaultdict(list)
        rows = Property.objects.visible_to(desk.actor).select_related("site", "owner")
        for house in rows.order_by("pk"):
            self.add(house)

    def add(self, house: Property) -> None:
        self.by_code[house.code.upper()].append(house)
        self.by_name[parsing.fold(house.name)].append(house)

    def find(self, cells, site=None, owner: str = "") -> Property:
        """Return the property that ``property_code`` or ``property`` names; raise Refusal."""
        code, name = cells.code("property_code", 150), cells.text("property")
        column = "property_code" if code else "property"
        if not code and not cells.has("property"):
            raise Refusal("property", "property_missing")
        found = self.by_code.get(code, []) if code else []
        if not found and name:
            found = self.by_code.get(parsing.code(name), []) or self.by_name.get(
                parsing.fold(name), []
            )
        if not found and code:
            found = self.by_name.get(parsing.fold(code), [])
        if not found:
            raise Refusal(column, "unknown_property", code or name)
        if len(found) > 1 and site:
            found = [house for house in found if house.site_id == site.code] or found
        if len(found) > 1 and owner:
            key = parsing.fold_name(owner)
            found = [h for h in found if parsing.fold_name(h.owner.name) == key] or found
        if len(found) > 1:
            raise Refusal(column, "property_ambiguous", code or name)
        return found[0]


class UnitBook:
    def __init__(self, desk: Desk):
        self.by_key: dict[tuple[int, str], Unit] = {}
        self.by_number: dict[str, list[Unit]] = defaultdict(list)
        rows = Unit.objects.visible_to(desk.actor).select_related("property__site")
        for unit in rows.order_by("pk"):
            self.add(unit)

    def add(self, unit: Unit) -> None:
        self.by_key[unit.property.pk, unit_key(unit.number)] = unit
        self.by_number[unit_key(unit.number)].append(unit)


def unit_key(number: object) -> str:
    """Return a unit's number as a key: "A-1", "a 1" and "A1" are one, "E1-1" and "E11" are two."""
    return re.sub(r"(?<!\d) | (?!\d)", "", parsing.fold(number)).replace(" ", "-")
