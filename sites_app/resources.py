"""Owners, properties and units, in and out of spreadsheets."""

from datetime import date
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils import timezone
from import_export.fields import Field

from akig.lib import parsing
from akig.lib.money import parse_amount
from sites_app.imports import kinds
from sites_app.imports.books import OwnerBook, PropertyBook, UnitBook, same_person, unit_key
from sites_app.imports.codes import next_codes
from sites_app.imports.desk import SiteBook
from sites_app.imports.resource import Cells, PortfolioResource, Refusal, plain, register
from sites_app.models import Mandate, Owner, Property, Unit

BEGINNING = date(2000, 1, 1)
BINDING = ("draft", "active", "notice_given", "suspended", "expired", "terminated")


def branch_of(cells: Cells, *fallbacks):
    """Return the branch that a row names, or the first fallback there is; raise Refusal."""
    book = cells.desk.book(SiteBook)
    if cells.has("branch"):
        site = book.find(cells.raw("branch"))
        if site is None:
            raise Refusal("branch", "unknown_branch", cells.raw("branch"))
        return site
    site = next((site for site in (*fallbacks, book.only) if site is not None), None)
    if site is None:
        raise Refusal("branch", "branch_missing")
    return site


def revived(instance) -> bool:
    """Tell whether something archived comes back by being brought in again."""
    return instance.pk is not None and instance.archived_on is not None


class NounResource(PortfolioResource):
    """What is written once and archived, not deleted, when something refers to it."""

    class Meta:
        abstract = True
        use_bulk = True

    def __init__(self, desk=None, **kwargs):
        super().__init__(desk, **kwargs)
        self.back = []

    def known(self, instance):
        """Return what is already there, noting that it must come back when it was archived."""
        if revived(instance):
            self.back.append(instance)
            instance.archived_on = None
            self.desk.revived.add((self.kind.name, instance.pk))
        return instance, False

    def after_import(self, dataset, result, **kwargs):
        model = type(self)._meta.model
        model.objects.filter(pk__in=[each.pk for each in self.back]).update(archived_on=None)

    @classmethod
    def undo(cls, actor, ids):
        """Delete what nothing refers to; archive the rest."""
        model = cls._meta.model
        used = cls.in_use(ids)
        bound = model.objects.filter(pk__in=used, **{f"{cls.leases}__state__in": BINDING})
        lived_in = set(bound.values_list("pk", flat=True))
        model.objects.filter(pk__in=set(ids) - used).delete()
        model.objects.filter(pk__in=used - lived_in).update(archived_on=timezone.localdate())
        return [(pk, "in_use") for pk in lived_in]

    @classmethod
    def in_use(cls, ids) -> set[int]:
        """Return those of the objects that something else still refers to."""
        used: set[int] = set()
        for relation in cls._meta.model._meta.related_objects:
            model, name = relation.related_model, relation.field.attname
            if model in cls.own_parts or model._meta.label.endswith("Event"):
                continue
            rows = model._base_manager.filter(**{f"{name}__in": ids})
            used.update(rows.values_list(name, flat=True).distinct())
        return used

    own_parts: tuple = ()
    leases = "leases"


@register
class OwnerResource(NounResource):
    kind = kinds.OWNERS
    file_name = "proprietaires"
    leases = "properties__leases"

    code = Field("code", "Code")
    name = Field("name", "Nom et prénom")
    phone = Field("phone", "Téléphone")
    email = Field("email", "Email")
    address = Field("address", "Adresse")
    commission = Field("usual_commission", "Commission %")
    site = Field("site_id", "Agence")
    notes = Field("notes", "Observations")

    class Meta(PortfolioResource.Meta):
        model = Owner
        fields = ("code", "name", "phone", "email", "address", "commission", "site", "notes")

    def prepare(self, rows):
        self.book = self.desk.book(OwnerBook)
        self.codes = next_codes("P-", self.book.taken, rows, "code")

    def resolve(self, cells):
        name = cells.name()
        site = self.desk.book(SiteBook).find(cells.raw("branch")) if cells.has("branch") else None
        if cells.has("branch") and site is None:
            raise Refusal("branch", "unknown_branch", cells.raw("branch"))
        region = site.country if site else ""
        phones = cells.phones("phone", region)
        code = cells.code("code")
        there = self._already(cells, code, name, phones)
        if there:
            return self.known(there)
        owner = Owner(
            site=site,
            code=code or next(self.codes),
            name=name,
            phone=phones[0] if phones else "",
            email=cells.email(),
            address=cells.clipped("address", 200),
            usual_commission=cells.or_report("commission", parsing.percent),
            notes=_notes(cells, *phones[1:]),
        )
        if owner.code in self.book.taken:
            raise Refusal("code", "code_taken", owner.code)
        self.book.taken.add(owner.code)
        self.book.add(owner)
        return owner, True

    def _already(self, cells, code, name, phones):
        if code and (owner := self.book.by_code.get(code)):
            if same_person(owner.name, name) or (phones and str(owner.phone) in phones):
                return owner
            raise Refusal("code", "code_taken", code)
        same_name = self.book.by_name.get(parsing.fold_name(name), [])
        if code:
            alike = [owner for owner in same_name if str(owner.phone) in phones]
            self._tell_alike(cells, alike)
            return None
        for owner in same_name:
            if not phones or not owner.phone or str(owner.phone) in phones:
                return owner
        for phone in phones:
            for owner in self.book.by_phone.get(phone, []):
                if same_person(owner.name, name):
                    self._tell_alike(cells, [owner])
                    return owner
        return None

    def _tell_alike(self, cells, owners):
        for owner in owners:
            cells.report("name", "probably_same", f"{owner.code} {owner.name}")

    def dehydrate_phone(self, owner):
        return str(owner.phone or "")

    @classmethod
    def handed_out(cls, user, site=None):
        needed = Q(archived_on=None) | Q(properties__leases__state__in=BINDING)
        rows = Owner.objects.visible_to(user).filter(needed).distinct().order_by("code")
        if site is not None:
            here = Q(pk__in=Property.objects.at(site).values("owner")) | Q(site=site)
            rows = rows.filter(here | Q(site=None, properties=None))
        return rows


PROPERTY_KINDS = {
    "building": "immeuble batiment building tour",
    "compound": "concession cour compound",
    "villa": "villa villas maison house duplex",
    "residence": "residence",
    "shops": "boutiques magasins commerce marche centre shops",
    "offices": "bureaux offices",
    "land": "terrain parcelle land",
}
UNIT_KINDS = {
    "flat": "appartement appart apt flat apartment logement t2 t3 t4 f2 f3 f4",
    "studio": "studio",
    "room": "chambre room",
    "villa": "villa maison house duplex",
    "shop": "boutique shop commerce kiosque",
    "office": "bureau office",
    "store": "magasin depot entrepot store warehouse",
    "annex": "annexe annex dependance",
    "container": "conteneur container",
}


def kind_of(words: dict[str, str], written: object, default: str) -> str:
    """Return the choice whose words a cell holds, else ``default``."""
    found = set(parsing.fold(written).split())
    for kind, names in words.items():
        if found & set(names.split()):
            return kind
    return default


@register
class PropertyResource(NounResource):
    kind = kinds.PROPERTIES
    file_name = "biens"

    code = Field("code", "Code bien")
    name = Field("name", "Nom du bien")
    owner_code = Field("owner__code", "Code propriétaire")
    owner = Field("owner__name", "Propriétaire")
    site = Field("site_id", "Agence")
    type = Field("kind", "Type")
    commune = Field("commune", "Commune")
    quartier = Field("quartier", "Quartier")
    landmark = Field("landmark", "Repère")
    latitude = Field("latitude", "Latitude")
    longitude = Field("longitude", "Longitude")
    commission = Field(None, "Commission %")
    safety_note = Field("safety_note", "Consigne de sécurité")
    notes = Field("notes", "Observations")

    own_parts = (Mandate,)

    class Meta(PortfolioResource.Meta):
        model = Property
        fields = (
            "code",
            "name",
            "owner_code",
            "owner",
            "site",
            "type",
            "commune",
            "quartier",
            "landmark",
            "latitude",
            "longitude",
            "commission",
            "safety_note",
            "notes",
        )

    def prepare(self, rows):
        self.book = self.desk.book(PropertyBook)
        self.owners = self.desk.book(OwnerBook)
        taken = set(Property.objects.values_list("code", flat=True))
        self.codes = next_codes("B-", taken, rows, "code")
        self.commissions: dict[int, Decimal | None] = {}

    def resolve(self, cells):
        name = cells.name(first="-")
        owner = self._owner(cells)
        site = branch_of(cells, owner.site)
        code = cells.code("code")
        there = self._already(code, name, site, owner)
        if there:
            return self.known(there)
        house = Property(
            site=site,
            owner=owner,
            code=code or next(self.codes),
            name=name,
            kind=kind_of(PROPERTY_KINDS, cells.text("kind") or name, "building"),
            commune=cells.clipped("commune", 80) or cells.clipped("city", 80),
            quartier=cells.clipped("quarter", 80),
            landmark=cells.clipped("landmark", 200) or cells.clipped("address", 200),
            safety_note=cells.clipped("safety", 200),
            notes=_notes(cells),
        )
        house.latitude, house.longitude = self._place(cells)
        agreed = cells.or_report("commission", parsing.percent)
        self.commissions[id(house)] = owner.usual_commission if agreed is None else agreed
        self.book.add(house)
        return house, True

    def _owner(self, cells):
        code, name = cells.code("owner_code", 150), cells.text("owner")
        if not code and not cells.has("owner"):
            raise Refusal("owner_code", "owner_missing")
        phones = parsing.phones(cells.raw("owner_phone")).numbers
        for written in (code, parsing.code(name)):
            if written and (owner := self.owners.by_code.get(written)):
                return owner
        if not cells.has("owner"):
            if owners := self.owners.by_name.get(parsing.fold_name(code)):
                return owners[0]
            raise Refusal("owner_code", "unknown_owner", code)
        return self.owners.named("owner_code" if code else "owner", name, phones)

    def _already(self, code, name, site, owner):
        if code:
            for house in self.book.by_code.get(code, []):
                if house.site == site:
                    if same_person(house.name, name):
                        return house
                    raise Refusal("code", "code_taken", code)
            return None
        for house in self.book.by_name.get(parsing.fold(name), []):
            if house.site == site and house.owner == owner:
                return house
        return None

    def _place(self, cells):
        if cells.has("coordinates") and not cells.has("latitude"):
            pair = parsing.text(cells.raw("coordinates")).replace(";", ",").split(",")
            if len(pair) == 2:
                cells.row.update(latitude=pair[0], longitude=pair[1])
        latitude = cells.or_report("latitude", lambda v: parsing.coordinate(v, "latitude"))
        longitude = cells.or_report("longitude", lambda v: parsing.coordinate(v, "longitude"))
        whole = latitude is not None and longitude is not None
        return (latitude, longitude) if whole else (None, None)

    def write(self, instances):
        super().write(instances)
        Mandate.objects.bulk_create(
            Mandate(
                site=house.site,
                owner=house.owner,
                property=house,
                commission=self.commissions[id(house)],
                days=DateRange(BEGINNING, None),
            )
            for house in instances
            if self.commissions[id(house)] is not None
        )
        homeless = {}
        for house in instances:
            if house.owner.site_id is None:
                house.owner.site = homeless[house.owner.pk] = house.site
        owners = [owner for owner in self.owners.by_code.values() if owner.pk in homeless]
        Owner.objects.bulk_update(owners, ["site"], batch_size=500)

    def dehydrate_commission(self, house):
        today = timezone.localdate()
        agreed = [each.commission for each in house.mandates.all() if today in each.days]
        return agreed[0] if agreed else ""

    def dehydrate_type(self, house):
        return {"residence": "Résidence", "compound": "Concession"}.get(
            house.kind, PROPERTY_KINDS.get(house.kind, "autre").split()[0].capitalize()
        )

    @classmethod
    def handed_out(cls, user, site=None):
        needed = Q(archived_on=None) | Q(leases__state__in=BINDING)
        rows = Property.objects.visible_to(user).at(site).filter(needed).distinct()
        return rows.select_related("owner").prefetch_related("mandates").order_by("site", "code")


@register
class UnitResource(NounResource):
    kind = kinds.UNITS
    file_name = "lots"

    property_code = Field("property__code", "Code bien")
    property_name = Field("property__name", "Nom du bien")
    number = Field("number", "N° lot")
    type = Field("kind", "Type")
    floor = Field("floor", "Étage")
    rooms = Field("rooms", "Pièces")
    rent = Field("advised_rent", "Loyer conseillé")
    area = Field("area", "Surface")
    site = Field("site_id", "Agence")
    notes = Field("notes", "Observations")

    class Meta(PortfolioResource.Meta):
        model = Unit
        fields = (
            "property_code",
            "property_name",
            "number",
            "type",
            "floor",
            "rooms",
            "rent",
            "area",
            "site",
            "notes",
        )

    def prepare(self, rows):
        self.houses = self.desk.book(PropertyBook)
        self.book = self.desk.book(UnitBook)

    def resolve(self, cells):
        site = self.desk.book(SiteBook).find(cells.raw("branch")) if cells.has("branch") else None
        house = self.houses.find(cells, site)
        number = cells.text("number", 20)
        if not cells.has("number"):
            raise Refusal("number", "unit_number_missing")
        there = self.book.by_key.get((house.pk, unit_key(number)))
        if there:
            return self.known(there)
        currency = house.site.currency
        unit = Unit(
            site=house.site,
            property=house,
            number=number,
            kind=kind_of(UNIT_KINDS, cells.text("kind"), "flat"),
            floor=cells.clipped("floor", 20),
            rooms=cells.or_report("rooms", parsing.whole_number),
            advised_rent=cells.or_report("rent", lambda value: parse_amount(value, currency)),
            notes=_notes(cells),
        )
        self.book.add(unit)
        return unit, True

    def dehydrate_rent(self, unit):
        return plain(unit.advised_rent, unit.site.currency)

    def dehydrate_type(self, unit):
        return UNIT_KINDS.get(unit.kind, "autre").split()[0].capitalize()

    @classmethod
    def handed_out(cls, user, site=None):
        needed = Q(archived_on=None) | Q(leases__state__in=BINDING)
        rows = Unit.objects.visible_to(user).at(site).filter(needed).distinct()
        return rows.select_related("property", "site").order_by("site", "property__code", "number")


def _notes(cells: Cells, *more: str) -> str:
    return " · ".join(part for part in (cells.text("note"), *more) if part)
