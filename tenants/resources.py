"""Tenants and leases, in and out of spreadsheets."""

import re
from collections import defaultdict
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils import timezone
from import_export.fields import Field

from akig.lib import parsing
from akig.lib.money import parse_amount
from sites_app.imports import kinds
from sites_app.imports.books import PropertyBook, UnitBook, same_person, unit_key
from sites_app.imports.codes import next_codes
from sites_app.imports.desk import SiteBook
from sites_app.imports.resource import Cells, PortfolioResource, Refusal, plain, register
from sites_app.resources import BINDING, NounResource, branch_of
from tenants.models import (
    Guarantor,
    Lease,
    Occupancy,
    Periodicity,
    RentChange,
    Tenant,
    TenantPhone,
)

FAR = date(9999, 12, 31)
GUARANTOR_DETAILS = ("phone", "relation", "profession")
PERIODICITIES = {
    "monthly": Periodicity.MONTHLY,
    "quarterly": Periodicity.QUARTERLY,
    "half_yearly": Periodicity.HALF_YEARLY,
    "yearly": Periodicity.YEARLY,
}
PERIODICITY_WORDS = {1: "mensuel", 3: "trimestriel", 6: "semestriel", 12: "annuel"}


class TenantBook:
    """Tenants by code, name and telephone."""

    def __init__(self, desk):
        self.by_code: dict[str, list[Tenant]] = defaultdict(list)
        self.by_name: dict[str, list[Tenant]] = defaultdict(list)
        self.phones: dict[object, set[str]] = defaultdict(set)
        self.fresh: list[Tenant] = []
        tenants = Tenant.objects.visible_to(desk.actor).select_related("site").order_by("pk")
        numbers: dict[int, set[str]] = defaultdict(set)
        for tenant_id, number in TenantPhone.objects.visible_to(desk.actor).values_list(
            "tenant", "number"
        ):
            numbers[tenant_id].add(str(number))
        for tenant in tenants:
            self.add(tenant, numbers.get(tenant.pk, ()))

    def add(self, tenant: Tenant, phones) -> None:
        self.by_code[tenant.code.upper()].append(tenant)
        self.by_name[parsing.fold_name(tenant.name)].append(tenant)
        self.phones[id(tenant)].update(phones)
        if tenant.pk is None:
            self.fresh.append(tenant)

    def phones_of(self, tenant: Tenant) -> set[str]:
        return self.phones[id(tenant)]

    def find(self, cells: Cells, site=None) -> Tenant:
        """Return the tenant of a row by code, else by name and telephone; raise Refusal."""
        code, name = cells.code("tenant_code", 150), cells.text("tenant")
        if not code and not cells.has("tenant"):
            raise Refusal("tenant", "tenant_missing")
        found = self.by_code.get(code, []) if code else []
        if not found and name:
            found = self.by_code.get(parsing.code(name), [])
        if not found and not code:
            found = self._named(cells, name, site)
        if not found:
            raise Refusal("tenant_code" if code else "tenant", "unknown_tenant", code or name)
        if len(found) > 1 and site:
            found = [tenant for tenant in found if tenant.site_id == site.code] or found
        if len(found) > 1:
            raise Refusal("tenant_code" if code else "tenant", "tenant_ambiguous", code or name)
        return found[0]

    def _named(self, cells: Cells, name: str, site) -> list[Tenant]:
        found = self.by_name.get(parsing.fold_name(name), [])
        region = site.country if site else ""
        phones = set(parsing.phones(cells.raw("tenant_phone"), region).numbers)
        if len(found) > 1 and phones:
            found = [tenant for tenant in found if self.phones_of(tenant) & phones] or found
        return found


class LeaseBook:
    """Leases by reference, by who rents where, and by the days on which they hold a unit."""

    def __init__(self, desk):
        self.by_reference: dict[str, list[Lease]] = defaultdict(list)
        self.by_tenant_name: dict[str, list[Lease]] = defaultdict(list)
        self.held: dict[object, list[tuple[date, date, Lease]]] = defaultdict(list)
        rows = Lease.objects.visible_to(desk.actor).exclude(state=Lease.State.CANCELLED)
        rows = rows.select_related("tenant", "property__site", "site").prefetch_related("units")
        self.units: dict[int, list] = {}
        self.fresh: list[Lease] = []
        for lease in rows.order_by("pk"):
            self.add(lease, list(lease.units.all()))

    def add(self, lease: Lease, units) -> None:
        self.by_reference[lease.reference.upper()].append(lease)
        self.by_tenant_name[parsing.fold_name(lease.tenant.name)].append(lease)
        self.units[id(lease)] = units
        if lease.pk is None:
            self.fresh.append(lease)
        for unit in units if lease.state != Lease.State.DRAFT else ():
            self.held[unit.pk].append((lease.start, lease.end or FAR, lease))

    def units_of(self, lease: Lease) -> list:
        return self.units[id(lease)]

    def in_the_way(self, units, start: date, end: date | None) -> Lease | None:
        """Return a lease that holds one of the units on some of these days."""
        for unit in units:
            for first, last, lease in self.held[unit.pk]:
                if first <= (end or FAR) and start <= last:
                    return lease
        return None

    def named(self, cells: Cells, column: str, site=None) -> Lease:
        """Return the lease of a reference; raise Refusal."""
        reference = cells.code(column, 150)
        found = self.by_reference.get(reference, [])
        if len(found) > 1 and site:
            found = [lease for lease in found if lease.site_id == site.code] or found
        if len(found) > 1:
            raise Refusal(column, "lease_ambiguous", reference)
        if not found:
            raise Refusal(column, "unknown_lease", reference)
        return found[0]


@register
class TenantResource(NounResource):
    kind = kinds.TENANTS
    file_name = "locataires"
    own_parts = (TenantPhone, Guarantor)

    code = Field("code", "Code")
    name = Field("name", "Nom et prénom")
    phones = Field(None, "Téléphone")
    email = Field("email", "Email")
    site = Field("site_id", "Agence")
    profession = Field("profession", "Profession")
    guarantor = Field(None, "Garant")
    guarantor_phone = Field(None, "Téléphone garant")
    guarantor_relation = Field(None, "Lien du garant")
    guarantor_job = Field(None, "Profession du garant")
    language = Field("language", "Langue")
    notes = Field("notes", "Observations")

    class Meta(PortfolioResource.Meta):
        model = Tenant
        fields = (
            "code",
            "name",
            "phones",
            "email",
            "site",
            "profession",
            "guarantor",
            "guarantor_phone",
            "guarantor_relation",
            "guarantor_job",
            "language",
            "notes",
        )

    def prepare(self, rows):
        self.book = self.desk.book(TenantBook)
        taken = set(Tenant.objects.values_list("code", flat=True))
        self.codes = next_codes("L-", taken, rows, "code")
        self.numbers, self.guarantors = [], []

    def resolve(self, cells):
        name = cells.name()
        code = cells.code("code")
        hint = self.desk.hints.get(code) or self.desk.hints.get(parsing.fold_name(name))
        hinted = self.desk.book(SiteBook).find(hint) if hint else None
        site = branch_of(cells, hinted, self.desk.site)
        phones = cells.phones("phone", site.country)
        there = self._already(cells, code, name, site, phones)
        if there:
            return self.known(there)
        tenant = Tenant(
            site=site,
            code=code or next(self.codes),
            name=name,
            email=cells.email(),
            profession=cells.clipped("job", 100),
            identity=cells.clipped("identity", 60),
            notes=cells.text("note"),
        )
        language = cells.text("language").lower()
        if re.fullmatch(r"[a-z]{2,3}", language):
            tenant.language = language
        self.book.add(tenant, phones)
        for rank, number in enumerate(phones):
            self.numbers.append(
                TenantPhone(site=site, tenant=tenant, number=number, is_primary=rank == 0)
            )
        if cells.has("guarantor"):
            self.guarantors.append(guarantor_of(cells, tenant))
        return tenant, True

    def _already(self, cells, code, name, site, phones):
        if code:
            for tenant in self.book.by_code.get(code, []):
                if tenant.site != site:
                    continue
                known = self.book.phones_of(tenant)
                if same_person(tenant.name, name) or known & set(phones):
                    return tenant
                raise Refusal("code", "code_taken", code)
        for tenant in self.book.by_name.get(parsing.fold_name(name), []):
            known = self.book.phones_of(tenant)
            if code:
                if tenant.site == site and known & set(phones):
                    cells.report("name", "probably_same", f"{tenant.code} {tenant.name}")
            elif tenant.site == site and (not phones or not known or known & set(phones)):
                return tenant
        return None

    def write(self, instances):
        super().write(instances)
        TenantPhone.objects.bulk_create(self.numbers, batch_size=2000)
        Guarantor.objects.bulk_create(self.guarantors, batch_size=2000)

    def dehydrate_phones(self, tenant):
        numbers = sorted(tenant.phones.all(), key=lambda each: (not each.is_primary, each.pk))
        return " / ".join(str(each.number) for each in numbers)

    def dehydrate_guarantor(self, tenant):
        return first_guarantor(tenant).name

    def dehydrate_guarantor_phone(self, tenant):
        return str(first_guarantor(tenant).phone or "")

    def dehydrate_guarantor_relation(self, tenant):
        return first_guarantor(tenant).relation

    def dehydrate_guarantor_job(self, tenant):
        return first_guarantor(tenant).profession

    @classmethod
    def handed_out(cls, user, site=None):
        needed = Q(archived_on=None) | Q(leases__state__in=BINDING)
        rows = Tenant.objects.visible_to(user).at(site).filter(needed).distinct()
        return rows.prefetch_related("phones", "guarantors").order_by("site", "code")


@register
class GuarantorResource(PortfolioResource):
    """Everybody who answers for a tenant; the list of tenants has room for one."""

    kind = kinds.GUARANTORS
    file_name = "garants"

    tenant_code = Field("tenant__code", "Code locataire")
    tenant = Field("tenant__name", "Locataire")
    name = Field("name", "Garant")
    phone = Field("phone", "Téléphone garant")
    relation = Field("relation", "Lien")
    profession = Field("profession", "Profession")
    site = Field("site_id", "Agence")

    class Meta(PortfolioResource.Meta):
        model = Guarantor
        fields = ("tenant_code", "tenant", "name", "phone", "relation", "profession", "site")

    def prepare(self, rows):
        self.tenants = self.desk.book(TenantBook)
        self.fresh = {tenant.pk for tenant in self.tenants.fresh}
        self.known: dict[int, list[Guarantor]] = defaultdict(list)
        for guarantor in Guarantor.objects.visible_to(self.desk.actor).order_by("pk"):
            self.known[guarantor.tenant_id].append(guarantor)
        self.completed: list[Guarantor] = []

    def resolve(self, cells):
        site = self.desk.book(SiteBook).find(cells.raw("branch")) if cells.has("branch") else None
        tenant = self.tenants.find(cells, site)
        if not cells.has("guarantor"):
            raise Refusal("guarantor", "name_missing")
        said = guarantor_of(cells, tenant)
        for there in self.known[tenant.pk]:
            same = parsing.fold_name(there.name) == parsing.fold_name(said.name)
            if same and (not said.phone or not there.phone or there.phone == said.phone):
                if tenant.pk in self.fresh:
                    self._complete(there, said)
                return there, False
        self.known[tenant.pk].append(said)
        return said, True

    def _complete(self, there, said):
        """Add what the list of tenants of the same import had no column for."""
        for name in GUARANTOR_DETAILS:
            if getattr(said, name) and not getattr(there, name):
                setattr(there, name, getattr(said, name))
                self.completed.append(there)

    def after_import(self, dataset, result, **kwargs):
        written = [guarantor for guarantor in self.completed if guarantor.pk]
        Guarantor.objects.bulk_update(set(written), GUARANTOR_DETAILS, batch_size=500)

    @classmethod
    def undo(cls, actor, ids):
        Guarantor.objects.filter(pk__in=ids).delete()
        return []

    def dehydrate_phone(self, guarantor):
        return str(guarantor.phone or "")

    @classmethod
    def handed_out(cls, user, site=None):
        tenants = TenantResource.handed_out(user, site).order_by().values("pk")
        rows = Guarantor.objects.visible_to(user).filter(tenant__in=tenants)
        return rows.select_related("tenant").order_by("tenant__site", "tenant__code", "pk")


def guarantor_of(cells: Cells, tenant: Tenant) -> Guarantor:
    """Return, unsaved, the guarantor whom a row of tenants or of guarantors names."""
    reached = cells.phones("guarantor_phone", tenant.site.country)
    return Guarantor(
        site=tenant.site,
        tenant=tenant,
        name=cells.clipped("guarantor", 150),
        phone=reached[0] if reached else "",
        relation=cells.clipped("guarantor_relation", 60),
        profession=cells.clipped("guarantor_job", 100),
    )


def first_guarantor(tenant: Tenant) -> Guarantor:
    """Return the guarantor who was entered first, or an empty one."""
    return min(tenant.guarantors.all(), key=lambda each: each.pk, default=Guarantor())


@register
class LeaseResource(PortfolioResource):
    kind = kinds.LEASES
    file_name = "baux"

    reference = Field("reference", "Ref contrat")
    tenant_code = Field("tenant__code", "Code locataire")
    tenant = Field("tenant__name", "Locataire")
    property_code = Field("property__code", "Code bien")
    units = Field(None, "Lot")
    start = Field("start", "Date début")
    end = Field("end", "Date fin")
    rent = Field("rent", "Loyer mensuel")
    periodicity = Field("periodicity", "Périodicité")
    service_charge = Field("service_charge", "Charges mensuelles")
    due_day = Field("due_day", "Jour d'exigibilité")
    deposit = Field("deposit", "Caution versée")
    state = Field("state", "Statut")
    site = Field("site_id", "Agence")
    notes = Field("notes", "Commentaire")

    class Meta(PortfolioResource.Meta):
        model = Lease
        fields = (
            "reference",
            "tenant_code",
            "tenant",
            "property_code",
            "units",
            "start",
            "end",
            "rent",
            "periodicity",
            "service_charge",
            "due_day",
            "deposit",
            "state",
            "site",
            "notes",
        )

    def prepare(self, rows):
        self.houses = self.desk.book(PropertyBook)
        self.units_book = self.desk.book(UnitBook)
        self.tenants = self.desk.book(TenantBook)
        self.book = self.desk.book(LeaseBook)
        self.today = timezone.localdate()

    @classmethod
    def in_order(cls, row: dict) -> tuple:
        """Of two leases that overlap the older one stands, whatever line it is on."""
        try:
            return (parsing.a_date(row.get("start")), row["line"])
        except parsing.CellError:
            return (FAR, row["line"])

    def resolve(self, cells):
        named = self.desk.book(SiteBook).find(cells.raw("branch")) if cells.has("branch") else None
        house, units = self._units(cells, named)
        site = house.site
        tenant = self.tenants.find(cells, site)
        start = cells.a_date("start")
        end = cells.a_date("end") if cells.has("end") else None
        reference = cells.code("ref", 40) or self._reference(units, start)
        there = self._already(reference, site, tenant, units, start)
        if there:
            return there, False
        if end and end < start:
            raise Refusal("end", "end_before_start", cells.raw("end"))
        rent = cells.amount("rent", site.currency)
        rhythm = PERIODICITIES[self._periodicity(cells)]
        state = self._state(cells, start, end)
        in_the_way = self.book.in_the_way(units, start, end)
        if in_the_way:
            raise Refusal("unit", "overlap", in_the_way.reference)
        lease = Lease(
            site=site,
            reference=reference,
            tenant=tenant,
            property=house,
            start=start,
            end=end,
            rent=rent,
            periodicity=rhythm,
            service_charge=self._side_amount(cells, "service_charge", site.currency),
            due_day=self._due_day(cells),
            deposit=self._deposit(cells, rent, site.currency),
            usage=self._usage(units),
            state=state,
            notes=cells.text("note"),
        )
        self.book.add(lease, units)
        return lease, True

    def _units(self, cells, site):
        """Return the property and the units of a row; "A1 + A2" are two."""
        written = cells.text("unit")
        if not cells.has("unit"):
            raise Refusal("unit", "unit_number_missing")
        if not cells.has("property_code") and not cells.has("property"):
            return self._units_alone(written)
        house = self.houses.find(cells, site, cells.text("owner"))
        known = self.units_book.by_key
        if whole := known.get((house.pk, unit_key(written))):
            return house, [whole]
        units = []
        for number in re.split(r"\s*(?:[+,;&/]|\bet\b|\band\b)\s*", written):
            unit = known.get((house.pk, unit_key(number)))
            if unit is None:
                raise Refusal("unit", "unknown_unit", written)
            units.append(unit)
        return house, list(dict.fromkeys(units))

    def _units_alone(self, written):
        found = self.units_book.by_number.get(unit_key(written), [])
        for code, houses in self.houses.by_code.items():
            if len(houses) == 1 and written.upper().startswith(code):
                rest = written[len(code) :].strip(" -/·.")
                unit = self.units_book.by_key.get((houses[0].pk, unit_key(rest)))
                if unit:
                    found = [unit]
        if len(found) > 1:
            raise Refusal("unit", "unit_ambiguous", written)
        if not found:
            raise Refusal("unit", "unknown_unit", written)
        return found[0].property, found

    def _reference(self, units, start):
        return f"{units[0].property.code}-{units[0].number}-{start:%Y%m}"[:40]

    def _already(self, reference, site, tenant, units, start):
        for lease in self.book.by_reference.get(reference, []):
            if lease.site != site:
                continue
            if lease.tenant == tenant and lease.start == start:
                return lease
            raise Refusal("ref", "reference_taken", reference)
        for _first, _last, lease in self.book.held[units[0].pk]:
            same = lease.tenant == tenant and lease.start == start
            if same and set(self.book.units_of(lease)) == set(units):
                return lease
        return None

    def _periodicity(self, cells):
        if not cells.has("periodicity"):
            return "monthly"
        try:
            return parsing.periodicity(cells.raw("periodicity"))
        except parsing.CellError as error:
            raise Refusal("periodicity", error.code, error.value) from error

    def _state(self, cells, start, end):
        said = cells.or_report("state", parsing.lease_state, "")
        if said == "ended":
            if end is None:
                raise Refusal("end", "end_missing", cells.raw("state"))
            return Lease.State.TERMINATED
        if said in ("draft", "suspended"):
            return Lease.State(said)
        if end and end < self.today:
            return Lease.State.EXPIRED
        return Lease.State.NOTICE_GIVEN if said == "notice" else Lease.State.ACTIVE

    def _deposit(self, cells, rent, currency):
        if cells.has("deposit_months") and not cells.has("deposit"):
            return rent * (cells.or_report("deposit_months", parsing.whole_number) or 0)
        return self._side_amount(cells, "deposit", currency)

    def _side_amount(self, cells, name, currency):
        return cells.or_report(name, lambda value: parse_amount(value, currency, zero="accept"), 0)

    def _due_day(self, cells):
        day = cells.or_report("due_day", parsing.whole_number)
        if day is not None and not 1 <= day <= 28:
            cells.report("due_day", "number_invalid", day)
            return None
        return day

    def _usage(self, units):
        business = all(unit.kind in ("shop", "office", "store") for unit in units)
        return Lease.Usage.BUSINESS if business else Lease.Usage.HOUSING

    def write(self, instances):
        super().write(instances)
        Occupancy.objects.bulk_create(
            (
                Occupancy(
                    site=lease.site,
                    lease=lease,
                    unit=unit,
                    days=DateRange(lease.start, lease.end, "[]"),
                    holds=lease.state != Lease.State.DRAFT,
                )
                for lease in instances
                for unit in self.book.units_of(lease)
            ),
            batch_size=2000,
        )
        tenants = {lease.tenant_id for lease in instances}
        gone = tenants - set(
            Lease.objects.filter(tenant__in=tenants)
            .real()
            .exclude(end__lt=self.today)
            .values_list("tenant", flat=True)
        )
        Tenant.objects.filter(pk__in=gone).update(state=Tenant.State.FORMER)

    @classmethod
    def undo(cls, actor, ids):
        """Cancel the leases of an import; those that carry other money stay."""
        leases = Lease.objects.filter(pk__in=ids)
        burdened = Q(charges__isnull=False, charges__cancelled_on=None)
        burdened |= Q(payments__status="confirmed")
        kept = set(leases.filter(burdened).values_list("pk", flat=True))
        leases.exclude(pk__in=kept).update(state=Lease.State.CANCELLED)
        return [(pk, "in_use") for pk in kept]

    def dehydrate_units(self, lease):
        return " + ".join(sorted(unit.number for unit in lease.units.all()))

    def dehydrate_rent(self, lease):
        return plain(self._terms_today(lease).rent, lease.site.currency)

    def dehydrate_service_charge(self, lease):
        return plain(self._terms_today(lease).service_charge or None, lease.site.currency)

    def _terms_today(self, lease):
        """Return what says the rent of today: the last change that has begun, else the lease."""
        today = timezone.localdate()
        begun = [each for each in lease.rent_changes.all() if each.valid_from <= today]
        return max(begun, key=lambda each: each.valid_from, default=lease)

    def dehydrate_deposit(self, lease):
        return plain(lease.deposit or None, lease.site.currency)

    def dehydrate_periodicity(self, lease):
        return PERIODICITY_WORDS[lease.periodicity]

    def dehydrate_state(self, lease):
        if lease.state == Lease.State.NOTICE_GIVEN:
            return "préavis"
        if lease.state in (Lease.State.TERMINATED, Lease.State.EXPIRED):
            return "résilié"
        if lease.state == Lease.State.DRAFT:
            return "brouillon"
        if lease.state == Lease.State.SUSPENDED:
            return "suspendu"
        return "à venir" if lease.start > timezone.localdate() else "actif"

    @classmethod
    def handed_out(cls, user, site=None):
        rows = Lease.objects.visible_to(user).exclude(state=Lease.State.CANCELLED).at(site)
        rows = rows.select_related("tenant", "property", "site")
        rows = rows.prefetch_related("units", "rent_changes")
        return rows.order_by("start", "reference")


@register
class RentResource(PortfolioResource):
    """How the rents of leases changed: from the first day on, one row for each rent.

    The list of leases names the rent of today; the row of a lease's first day says with which rent
    it began.
    """

    kind = kinds.RENTS
    file_name = "revisions_loyer"

    lease = Field("lease__reference", "Ref contrat")
    tenant = Field("lease__tenant__name", "Locataire")
    start = Field("valid_from", "Date d'effet")
    rent = Field("rent", "Nouveau loyer")
    service_charge = Field("service_charge", "Nouvelles charges")
    reason = Field("reason", "Motif")
    site = Field("site_id", "Agence")

    class Meta(PortfolioResource.Meta):
        model = RentChange
        fields = ("lease", "tenant", "start", "rent", "service_charge", "reason", "site")

    def prepare(self, rows):
        self.book = self.desk.book(LeaseBook)
        self.fresh = {lease.pk for lease in self.book.fresh}
        self.begun: set[int] = set()
        self.known: dict[int, dict[date, RentChange]] = defaultdict(dict)
        for change in RentChange.objects.visible_to(self.desk.actor):
            self.known[change.lease_id][change.valid_from] = change

    @classmethod
    def in_order(cls, row: dict) -> tuple:
        """The older change first: service charges that a row leaves out go on as before."""
        return LeaseResource.in_order(row)

    def resolve(self, cells):
        site = self.desk.book(SiteBook).find(cells.raw("branch")) if cells.has("branch") else None
        lease = self.book.named(cells, "lease", site)
        day = cells.a_date("start")
        change = RentChange(
            site=lease.site,
            lease=lease,
            valid_from=day,
            rent=cells.amount("rent", lease.site.currency),
            service_charge=self._service_charge(cells, lease, day),
            reason=cells.clipped("reason", 200),
        )
        if day < lease.start:
            raise Refusal("start", "before_start", cells.raw("start"))
        if lease.end and day > lease.end:
            raise Refusal("start", "after_end", cells.raw("start"))
        there = lease if day == lease.start else self.known[lease.pk].get(day)
        same = there and (there.rent, there.service_charge) == (change.rent, change.service_charge)
        if day == lease.start:
            return change, not same and self._begins(lease, change)
        if there and not same:
            raise Refusal("rent", "rent_conflict", cells.raw("rent"))
        if there:
            return there, False
        self.known[lease.pk][day] = change
        return change, True

    def _service_charge(self, cells, lease, day):
        if cells.has("service_charge"):
            return cells.amount("service_charge", lease.site.currency, zero="accept")
        before = [each for each in self.known[lease.pk].values() if each.valid_from < day]
        terms = max(before, key=lambda each: each.valid_from, default=lease)
        return terms.service_charge

    def _begins(self, lease, change):
        """Let a lease of the same import begin with the rent of its first day; raise Refusal."""
        if lease.pk not in self.fresh or lease.pk in self.begun:
            raise Refusal("rent", "rent_conflict", change.rent)
        self.begun.add(lease.pk)
        lease.rent, lease.service_charge = change.rent, change.service_charge
        return True

    def write(self, instances):
        later = [change for change in instances if change.valid_from > change.lease.start]
        super().write(later)
        begun = [change.lease for change in instances if change.valid_from == change.lease.start]
        Lease.objects.bulk_update(begun, ["rent", "service_charge"], batch_size=500)

    @classmethod
    def undo(cls, actor, ids):
        RentChange.objects.filter(pk__in=ids).delete()
        return []

    def iter_queryset(self, queryset):
        """Give each lease whose rent changed the row of its first day as well."""
        told = set()
        for change in super().iter_queryset(queryset):
            lease = change.lease
            if lease.pk not in told:
                told.add(lease.pk)
                yield RentChange(
                    site_id=lease.site_id,
                    lease=lease,
                    valid_from=lease.start,
                    rent=lease.rent,
                    service_charge=lease.service_charge,
                )
            yield change

    def dehydrate_rent(self, change):
        return plain(change.rent, change.site.currency)

    def dehydrate_service_charge(self, change):
        return plain(change.service_charge, change.site.currency)

    @classmethod
    def handed_out(cls, user, site=None):
        rows = RentChange.objects.visible_to(user).at(site)
        rows = rows.exclude(lease__state=Lease.State.CANCELLED)
        rows = rows.select_related("lease__tenant", "lease__site", "site")
        return rows.order_by("lease__start", "lease__reference", "lease", "valid_from")
