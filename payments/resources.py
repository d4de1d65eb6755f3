"""Opening balances and payments of the past, in and out of spreadsheets."""

from collections import Counter, defaultdict

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export.fields import Field

from akig.lib import parsing
from payments.models import Charge, ClosedPeriod, Payment
from payments.services.charging import cancel_charge, open_balances
from payments.services.collecting import cancel_payments, record_payments
from sites_app.imports import kinds
from sites_app.imports.books import PropertyBook
from sites_app.imports.desk import SiteBook
from sites_app.imports.resource import PortfolioResource, Refusal, register
from sites_app.models import ImportRow, ImportRun
from tenants.models import Lease
from tenants.resources import LeaseBook

CANCELLED = frozenset(
    ("annule", "annulee", "cancelled", "canceled", "rejete", "rejetee", "echoue", "echouee")
    + ("failed", "rejected", "impaye", "impayee", "rembourse", "remboursee", "refunded")
)
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
        key = parsing.fold(cells.raw("unit")).replace(" ", "")
        units = desk.book(LeaseBook).units_of
        found = [
            lease
            for lease in found
            if any(parsing.fold(unit.number).replace(" ", "") == key for unit in units(lease))
        ] or found
    return found


def _reached_at(cells, book, desk, found):
    """Keep the leases whose tenant has the telephone of the row, if any of them has."""
    if len({lease.tenant_id for lease in found}) < 2 or not cells.has("tenant_phone"):
        return found
    phones = set(parsing.phones(cells.raw("tenant_phone"), found[0].site.country).numbers)
    tenants = desk.book(_tenants()).phones_of
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
