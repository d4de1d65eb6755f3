"""Opening balances and payments of the past, in and out of spreadsheets."""

from collections import Counter, defaultdict
from contextlib import suppress

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export.fields import Field

from akig.lib import parsing
from payments.models import NEVER_CREDITS, Charge, ClosedPeriod, Payment
from payments.services.bringing_in import (
    CHARGED,
    bring_in_charges,
    take_back_balances,
    take_back_charges,
    take_back_payments,
    take_over_balances,
)
from payments.services.collecting import record_payments
from sites_app.imports import kinds
from sites_app.imports.books import PropertyBook, unit_key
from sites_app.imports.desk import SiteBook
from sites_app.imports.resource import PortfolioResource, Refusal, plain, register
from tenants.models import Lease
from tenants.resources import LeaseBook, TenantBook

CANCELLED_WORDS = """
    annule annulee cancelled canceled rejete rejetee rejected echoue echouee failed
    impaye impayee rembourse remboursee refunded
"""
CANCELLED = frozenset(CANCELLED_WORDS.split())
METHOD_WORDS = {
    "cash": "espèces",
    "cheque": "chèque",
    "bank_transfer": "virement",
    "orange_money": "orange money",
    "mtn_momo": "MTN MoMo",
    "wave": "Wave",
    "merchant_code": "code marchand",
    "other": "autre",
}


def lease_of(cells, desk) -> Lease:
    """Return the lease of a row: by its reference, else by who rents what; raise Refusal.

    Without a reference the tenant's name, the property and the telephone must leave one lease: the
    one that ran on the day, or the last before it.
    """
    book = desk.book(LeaseBook)
    site = desk.book(SiteBook).find(cells.raw("branch")) if cells.has("branch") else None
    if cells.has("lease"):
        return book.named(cells, "lease", site)
    if cells.has("tenant_code"):
        code = cells.code("tenant_code", 150)
        found = [
            lease
            for leases in book.by_reference.values()
            for lease in leases
            if lease.tenant.code.upper() == code
        ]
        column = "tenant_code"
    elif cells.has("tenant"):
        found = list(book.by_tenant_name.get(parsing.fold_name(cells.text("tenant")), ()))
        column = "tenant"
    else:
        raise Refusal("tenant", "tenant_missing")
    written = cells.text(column)
    if not found:
        raise Refusal(column, "unknown_tenant", written)
    found = _at_the_property(cells, desk, found, site)
    found = _reached_at(cells, book, desk, found)
    found = _running(cells, found)
    if not found:
        raise Refusal(column, "unknown_tenant", written)
    if len(found) > 1:
        raise Refusal(column, "tenant_ambiguous", written)
    return found[0]


def _at_the_property(cells, desk, found, site):
    if site:
        found = [lease for lease in found if lease.site_id == site.code]
    if cells.has("property") or cells.has("property_code"):
        house = desk.book(PropertyBook).find(cells, site, cells.text("owner"))
        found = [lease for lease in found if lease.property_id == house.pk]
    if cells.has("unit") and len(found) > 1:
        key = unit_key(cells.raw("unit"))
        units = desk.book(LeaseBook).units_of
        found = [
            lease for lease in found if any(unit_key(unit.number) == key for unit in units(lease))
        ] or found
    return found


def _reached_at(cells, book, desk, found):
    """Keep the leases whose tenant has the telephone of the row, if any of them has."""
    if len({lease.tenant_id for lease in found}) < 2 or not cells.has("tenant_phone"):
        return found
    phones = set(parsing.phones(cells.raw("tenant_phone"), found[0].site.country).numbers)
    tenants = desk.book(TenantBook).phones_of
    return [lease for lease in found if tenants(lease.tenant) & phones] or found


def _running(cells, found):
    """Of the leases of one tenant, keep the one that ran on the day, else the last that began."""
    if len({lease.tenant_id for lease in found}) != 1 or len(found) < 2:
        return found
    try:
        day = parsing.a_date(cells.raw("date"))
    except parsing.CellError:
        return found
    running = [lease for lease in found if lease.runs_on(day)]
    if running:
        return running
    begun = [lease for lease in found if lease.start <= day] or found
    last = max(lease.start for lease in begun)
    return [lease for lease in begun if lease.start == last]


class ClosedMonths:
    """The months whose books are closed, by branch."""

    def __init__(self, desk):
        rows = ClosedPeriod.objects.filter(reopened_at=None).values_list("site", "month")
        self.closed = set(rows)

    def refuse(self, column, lease, day):
        if (lease.site_id, day.replace(day=1)) in self.closed:
            raise Refusal(column, "period_closed", f"{day:%m/%Y}")


@register
class BalanceResource(PortfolioResource):
    """What each lease owed when the agency's books were taken over; ``Lease`` keeps the day."""

    kind = kinds.BALANCES
    file_name = "soldes_ouverture"

    lease = Field("reference", "Ref contrat")
    tenant = Field("tenant__name", "Locataire")
    date = Field("taken_over_on", "Date solde")
    balance = Field(None, "Solde dû")
    site = Field("site_id", "Agence")

    class Meta(PortfolioResource.Meta):
        model = Lease
        fields = ("lease", "tenant", "date", "balance", "site")

    def prepare(self, rows):
        self.closed = self.desk.book(ClosedMonths)
        self.today = timezone.localdate()
        self.openings: dict[int, int] = {}
        charges = Charge.objects.standing().filter(kind=Charge.Kind.OPENING)
        self.openings.update(charges.values_list("lease", "amount"))
        self.rows: dict[int, dict] = {}

    def resolve(self, cells):
        lease = lease_of(cells, self.desk)
        on = cells.a_date("date", not_after=self.today)
        amount = cells.amount("balance", lease.site.currency, negative="accept", zero="accept")
        said = self.rows.get(lease.pk)
        if said or lease.taken_over_on:
            day = said["on"] if said else lease.taken_over_on
            standing = said["amount"] if said else self.openings.get(lease.pk, 0)
            if (day, standing) != (on, amount):
                raise Refusal("balance", "balance_taken", f"{day}: {standing}")
            return lease, False
        self.closed.refuse("date", lease, on)
        self.rows[lease.pk] = {"lease": lease, "amount": amount, "on": on}
        return lease, True

    def write(self, instances):
        by_site = defaultdict(list)
        for lease in instances:
            by_site[lease.site].append(self.rows[lease.pk])
        for site, rows in by_site.items():
            take_over_balances(actor=self.desk.actor, site=site, rows=rows)

    @classmethod
    def undo(cls, actor, ids):
        take_back_balances(actor=actor, leases=ids, reason=_("Import taken back."))
        return []

    def dehydrate_balance(self, lease):
        amount = next((charge.amount for charge in lease.openings), 0)
        return plain(amount, lease.site.currency)

    @classmethod
    def handed_out(cls, user, site=None):
        openings = Charge.objects.standing().filter(kind=Charge.Kind.OPENING)
        rows = Lease.objects.visible_to(user).exclude(state=Lease.State.CANCELLED).at(site)
        rows = rows.exclude(taken_over_on=None).select_related("tenant", "site")
        prefetch = Prefetch("charges", openings, to_attr="openings")
        return rows.prefetch_related(prefetch).order_by("reference")


CHARGE_WORDS = {
    "rent": "loyer rent",
    "service": "charges charge service",
    "tax": "taxe tpa tax",
    "late_fee": "penalite retard late",
    "shared": "partage shared",
    "other": "autre other divers",
}


@register
class ChargeResource(PortfolioResource):
    """What was charged since the books were taken over, as another installation hands it on."""

    kind = kinds.CHARGES
    file_name = "loyers_appeles"

    lease = Field("lease__reference", "Ref contrat")
    tenant = Field("lease__tenant__name", "Locataire")
    type = Field("kind", "Nature")
    start = Field("period_start", "Début période")
    end = Field("period_end", "Fin période")
    due_date = Field("due_date", "Date d'exigibilité")
    amount = Field("amount", "Montant appelé")
    site = Field("site_id", "Agence")

    class Meta(PortfolioResource.Meta):
        model = Charge
        fields = ("lease", "tenant", "type", "start", "end", "due_date", "amount", "site")

    def prepare(self, rows):
        self.closed = self.desk.book(ClosedMonths)
        there = Charge.objects.visible_to(self.desk.actor).standing()
        self.there: dict[tuple, list[Charge]] = defaultdict(list)
        for charge in there.order_by("issue").iterator(chunk_size=5000):
            self.there[self._key(charge)].append(charge)
        self.met: Counter = Counter()

    @staticmethod
    def _key(charge):
        return (charge.lease_id, charge.kind, charge.period_start, charge.amount)

    def resolve(self, cells):
        lease = lease_of(cells, self.desk)
        words = set(parsing.fold(cells.raw("kind")).split())
        kinds_found = [kind for kind, names in CHARGE_WORDS.items() if words & set(names.split())]
        if len(kinds_found) != 1:
            raise Refusal("kind", "charge_unknown", cells.raw("kind"))
        credit = "refuse" if kinds_found[0] in NEVER_CREDITS else "accept"
        start, end = cells.a_date("start"), cells.a_date("end")
        if end < start:
            raise Refusal("end", "end_before_start", cells.raw("end"))
        charge = Charge(
            site=lease.site,
            lease=lease,
            kind=kinds_found[0],
            period_start=start,
            period_end=end,
            due_date=cells.a_date("due_date"),
            amount=cells.amount("amount", lease.site.currency, negative=credit),
        )
        key = self._key(charge)
        nth = self.met[key]
        self.met[key] += 1
        if nth < len(self.there[key]):
            return self.there[key][nth], False
        self.closed.refuse("start", lease, start)
        return charge, True

    def write(self, instances):
        by_site = defaultdict(list)
        for charge in instances:
            by_site[charge.site].append(charge)
        for site, charges in by_site.items():
            rows = [
                {name: getattr(charge, name) for name in ("lease", *CHARGED)} for charge in charges
            ]
            made = bring_in_charges(actor=self.desk.actor, site=site, rows=rows)
            for charge, written in zip(charges, made, strict=True):
                charge.pk = written.pk

    @classmethod
    def undo(cls, actor, ids):
        take_back_charges(actor=actor, charges=ids, reason=_("Import taken back."))
        return []

    @classmethod
    def release(cls, actor, leases):
        """Cancel what was charged to leases that are being taken back, unless people have paid."""
        paid = Payment.objects.confirmed().filter(lease__in=leases).values("lease")
        charges = Charge.objects.standing().filter(lease__in=leases).exclude(lease__in=paid)
        ids = list(charges.values_list("pk", flat=True))
        take_back_charges(actor=actor, charges=ids, reason=_("Import taken back."))

    def dehydrate_type(self, charge):
        return CHARGE_WORDS[charge.kind].split()[0]

    def dehydrate_amount(self, charge):
        return plain(charge.amount, charge.site.currency)

    @classmethod
    def handed_out(cls, user, site=None):
        rows = Charge.objects.visible_to(user).standing().exclude(kind=Charge.Kind.OPENING).at(site)
        return rows.select_related("lease__tenant", "site").order_by("period_start", "pk")


@register
class PaymentResource(PortfolioResource):
    kind = kinds.PAYMENTS
    file_name = "paiements"

    date = Field("value_date", "Date paiement")
    tenant = Field("lease__tenant__name", "Nom locataire")
    property = Field("property__name", "Immeuble/Site")
    lease = Field("lease__reference", "Contrat")
    amount = Field("amount", "Montant")
    method = Field("method", "Mode paiement")
    site = Field("site_id", "Agence")
    notes = Field("notes", "Commentaire")
    reference = Field("reference", "Ref externe")

    class Meta(PortfolioResource.Meta):
        model = Payment
        fields = (
            "date",
            "tenant",
            "property",
            "lease",
            "amount",
            "method",
            "site",
            "notes",
            "reference",
        )

    def prepare(self, rows):
        self.today = timezone.localdate()
        self.closed = self.desk.book(ClosedMonths)
        self.names_methods = any(not parsing.is_nothing(row.get("method")) for row in rows)
        self.said_so = False
        references = {self._reference_in(row) for row in rows} - {""}
        there = Payment.objects.visible_to(self.desk.actor).confirmed()
        self.by_reference = {
            (payment.site_id, payment.reference.upper()): payment
            for payment in there.filter(reference__in=references)
        }
        bare = there.filter(reference="", value_date__in=self._days(rows)).order_by("pk")
        self.bare: dict[tuple, list[Payment]] = defaultdict(list)
        for payment in bare.iterator(chunk_size=5000):
            self.bare[self._content(payment)].append(payment)
        self.met: Counter = Counter()

    def _days(self, rows):
        days = set()
        for row in rows:
            with suppress(parsing.CellError):
                days.add(parsing.a_date(row.get("date")))
        return days

    def _reference_in(self, row):
        for name in ("external_ref", "receipt_ref"):
            if not parsing.is_nothing(row.get(name)):
                return parsing.text(row[name])
        return ""

    @staticmethod
    def _content(payment):
        return (payment.lease_id, payment.value_date, payment.amount, payment.method)

    def resolve(self, cells):
        if CANCELLED & set(parsing.fold(cells.raw("state")).split()):
            raise Refusal("state", "payment_cancelled", cells.raw("state"))
        lease = lease_of(cells, self.desk)
        day = cells.a_date("date", not_after=self.today)
        amount = cells.amount("amount", lease.site.currency)
        reference = self._reference_in(cells.row)
        if len(reference) > 80:
            raise Refusal("external_ref", "text_too_long", reference)
        method, unknown = self._method(cells)
        payment = Payment(
            site=lease.site,
            lease=lease,
            property_id=lease.property_id,
            amount=amount,
            method=method,
            reference=reference,
            value_date=day,
            notes=self._notes(cells, unknown),
        )
        there = self._already(cells, payment)
        if there:
            return there, False
        self.closed.refuse("date", lease, day)
        if reference:
            self.by_reference[payment.site_id, reference.upper()] = payment
        return payment, True

    def _method(self, cells):
        """Return how the money came, and the word for it that nobody knows.

        Cash is never assumed: the till would hold what nobody put there. The channel is asked
        next ("mobile money" through "OM"); else the money came some other way, and is reported.
        """
        written = cells.raw("method")
        try:
            return parsing.method(written), ""
        except parsing.CellError as error:
            if parsing.text(written).replace(" ", "").isdigit():
                # "100;000;cash": an amount cut in two has pushed the cells to the right.
                raise Refusal("method", "columns_shifted", written) from error
            trouble = error.code
        unknown = cells.text("method") if trouble == "method_unknown" else ""
        with suppress(parsing.CellError):
            through = parsing.method(cells.raw("channel"))
            cells.report("channel", "method_from_channel", cells.raw("channel"))
            return through, unknown
        if self.names_methods:
            cells.report("method", trouble, written)
        elif not self.said_so:
            # Once for a file that never says it, not once for each of its rows.
            cells.report("method", "methods_missing")
            self.said_so = True
        return Payment.Method.OTHER, unknown

    def _notes(self, cells, method):
        parts = [cells.text(name) for name in ("note", "allocation") if cells.has(name)]
        return " · ".join([*([method] if method else ()), *parts])[:300]

    def _already(self, cells, payment):
        """Return the payment that a row repeats.

        A transaction number says so by itself. Without one, the second row of the same lease, day,
        amount and method in one file is a second payment, and the first row of the next file is
        the first payment again.
        """
        if payment.reference:
            there = self.by_reference.get((payment.site_id, payment.reference.upper()))
            if there and (there.lease_id, there.amount) != (payment.lease_id, payment.amount):
                raise Refusal("external_ref", "reference_conflict", payment.reference)
            return there
        key = self._content(payment)
        nth = self.met[key]
        self.met[key] += 1
        return self.bare[key][nth] if nth < len(self.bare[key]) else None

    def write(self, instances):
        by_site = defaultdict(list)
        for payment in instances:
            by_site[payment.site].append(payment)
        for site, payments in by_site.items():
            rows = [
                {
                    "lease": payment.lease,
                    "amount": payment.amount,
                    "method": payment.method,
                    "value_date": payment.value_date,
                    "reference": payment.reference,
                    "notes": payment.notes,
                }
                for payment in payments
            ]
            recorded = record_payments(actor=self.desk.actor, site=site, rows=rows)
            for payment, made in zip(payments, recorded, strict=True):
                payment.pk = made.pk

    @classmethod
    def undo(cls, actor, ids):
        take_back_payments(actor=actor, payments=ids, reason=_("Import taken back."))
        return []

    def dehydrate_amount(self, payment):
        return plain(payment.amount, payment.site.currency)

    def dehydrate_method(self, payment):
        return METHOD_WORDS[payment.method]

    @classmethod
    def handed_out(cls, user, site=None):
        rows = Payment.objects.visible_to(user).confirmed().at(site)
        return rows.select_related("lease__tenant", "property", "site").order_by("value_date", "pk")
