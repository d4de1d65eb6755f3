"""Acts on tenants and leases: who comes in, on what terms, and how it ends."""

import datetime

import pghistory
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Max
from django.db.utils import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.verbs import unchanged, verb
from akig.lib.codes import next_code
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.money import format_amount
from akig.lib.saving import check, correct, locked, refusing, save
from sites_app.models import Approval, Site, Unit
from sites_app.rules import rules_for
from sites_app.services.approving import second_person
from tenants.models import Guarantor, Lease, Occupancy, RentChange, Tenant, TenantPhone
from tenants.signals import lease_cancelling

#: Within so many days what a rent falls by counts together.
RENT_DAYS = 90
REFUSALS = {
    "one_tenant_per_code": (
        "duplicate_code",
        "code",
        gettext_lazy("Another tenant of this branch has this code."),
    ),
    "visiting_hours_end_after_they_begin": (
        "hours_reversed",
        "visit_until",
        gettext_lazy("The hours must end after they begin."),
    ),
    "one_lease_per_reference": (
        "duplicate_reference",
        "reference",
        gettext_lazy("Another lease of this branch has this reference."),
    ),
    "a_lease_ends_after_it_starts": (
        "end_before_start",
        "end",
        gettext_lazy("The last day must not come before the first."),
    ),
}
State = Lease.State


class UnitTaken(Conflict):
    """Another lease holds a unit on some of these days."""

    code = "unit_taken"


class LeaseOver(Conflict):
    """The lease was cancelled or never began; nothing more happens to it."""

    code = "lease_over"


# Tenants


@verb("tenant.create")
def add_tenant(
    *, actor, site: Site, name: str, phones: list[tuple[str, bool]] = (), code: str = "", **details
) -> Tenant:
    """Enter a tenant with telephones ``(E.164, first to call)``; an empty ``code`` takes the next.

    ``details`` are the other fields of ``Tenant``. Raises ``duplicate_code``, ``reason_missing``.
    """
    _refuse_unexplained(details)
    tenant = save(
        Tenant(
            site=site,
            code=code or next_code(Tenant.objects.filter(site=site), "L-"),
            name=" ".join(name.split()),
            **details,
        ),
        REFUSALS,
    )
    _write_phones(tenant, phones)
    return tenant


@verb("tenant.edit")
def correct_tenant(
    *,
    actor,
    tenant: Tenant,
    phones: list[tuple[str, bool]] | None = None,
    version: int | None = None,
    **changes,
) -> Tenant:
    """Correct fields of a tenant and, when given, replace the telephones.

    Raises ``stale`` and ``reason_missing``.
    """
    held = locked(tenant, version)
    if "do_not_contact" in changes or "do_not_contact_reason" in changes:
        _refuse_unexplained(vars(held) | changes)
    corrected = correct(held, changes, REFUSALS)
    if phones is not None and _write_phones(held, phones):
        if not corrected:
            save(held)  # a version covers the telephones too
            held.refresh_from_db()
        return held
    return held if corrected else unchanged(held)


@verb("collection.log_call")
def set_visiting_hours(*, actor, tenant: Tenant, version: int | None = None, **hours) -> Tenant:
    """Note when a tenant can be visited, as he told whoever called or visited him.

    ``hours``: visit_days (ISO weekdays, none for any), visit_from, visit_until (None: open).
    Raises ``stale`` and ``hours_reversed``.
    """
    held = locked(tenant, version)
    return held if correct(held, hours, REFUSALS) else unchanged(held)


@verb("tenant.delete")
def archive_tenant(*, actor, tenant: Tenant) -> Tenant:
    """Put a tenant away who has no lease that runs or is to begin."""
    held = locked(tenant)
    if held.leases.binding().exists():
        raise Conflict(_("This tenant has a lease that runs. End it first."), code="tenant_in_use")
    if held.archived_on:
        return unchanged(held)
    held.archived_on = timezone.localdate()
    held.save()
    return held


@verb("tenant.edit")
def add_guarantor(*, actor, tenant: Tenant, name: str, **details) -> Guarantor:
    """Enter a person who answers for the tenant: phone (E.164), relation, profession."""
    return save(
        Guarantor(site_id=tenant.site_id, tenant=tenant, name=" ".join(name.split()), **details)
    )


@verb("tenant.edit")
def remove_guarantor(*, actor, guarantor: Guarantor) -> None:
    """Let a person answer no more; the history keeps who it was."""
    guarantor.delete()


def _refuse_unexplained(said):
    """Refuse to let nobody contact a tenant without saying why."""
    if said.get("do_not_contact") and not said.get("do_not_contact_reason", "").strip():
        _refuse("do_not_contact_reason", "reason_missing", _("Say why."))


def _write_phones(tenant, phones) -> bool:
    """Make the telephones of ``tenant`` these; tell whether any changed."""
    wanted: dict[str, bool] = {}
    for number, first in phones:
        wanted[str(number)] = wanted.get(str(number), False) or first
    if wanted and True not in wanted.values():
        wanted[next(iter(wanted))] = True
    standing = {str(phone.number): phone for phone in tenant.phones.all()}
    if {number: phone.is_primary for number, phone in standing.items()} == wanted:
        return False
    for number, phone in standing.items():
        if number not in wanted:
            phone.delete()
    for number, first in wanted.items():
        phone = standing.get(number) or TenantPhone(
            site_id=tenant.site_id, tenant=tenant, number=number
        )
        if phone.pk is None or phone.is_primary != first:
            phone.is_primary = first
            save(phone)
    return True


# Leases


@verb("lease.create")
def prepare_lease(*, actor, **terms) -> Lease:
    """Write a lease as a draft: it binds nobody and holds no unit. ``terms`` as in sign_lease."""
    return _write_lease(state=State.DRAFT, **terms)


@verb("lease.sign")
def sign_lease(*, actor, state: str = State.ACTIVE, **terms) -> Lease:
    """Let a tenant rent units of one property from a day on.

    ``terms``: site, reference (empty: the next of the year), tenant, units (a list), start, end
    (None: until notice), rent and service_charge (minor units per month), periodicity (months),
    due_day (None: the branch's rule), deposit, usage, furnished, signed_on, notes.

    Raises ``unit_taken`` naming the other lease, ``units_elsewhere``, ``other_branch``,
    ``unit_archived``, ``deposit_too_large``, ``duplicate_reference``, ``end_before_start``.
    """
    return _write_lease(state=state, **terms)


@verb("lease.sign")
def sign_prepared_lease(*, actor, lease: Lease, signed_on: datetime.date | None = None) -> Lease:
    """Let a draft begin to bind; its units are held from now on.

    Raises ``unit_taken``, ``unit_archived``.
    """
    held = locked(lease)
    if held.state != State.DRAFT:
        return unchanged(held)
    _refuse_archived(held.units.all())
    held.state, held.signed_on = State.ACTIVE, signed_on or timezone.localdate()
    _occupying(held, held.save)
    _settle_tenant(held.tenant)
    return held


@verb("lease.edit")
def correct_lease(*, actor, lease: Lease, version: int | None = None, **changes) -> Lease:
    """Correct what no charge hangs on: reference, due_day, deposit, usage, furnished, notes.

    Rent, days and units have acts of their own. Raises ``stale``, ``deposit_too_large``.
    """
    held = locked(lease, version)
    if "deposit" in changes:
        _refuse_large_deposit(held.site, changes["deposit"], held.rent, held.start)
    return held if correct(held, changes, REFUSALS) else unchanged(held)


def _less_a_month(lease, *, valid_from, rent, service_charge=0, **_said) -> int:
    """Return by how much a month the rent falls below the highest of the 90 days before.

    Many small steps are one large one, and so is a change that is entered anew.
    """
    new = rent + service_charge
    if _cost_of(lease, valid_from) <= new:
        return 0
    since = valid_from - datetime.timedelta(days=RENT_DAYS)
    steps = lease.rent_changes.filter(valid_from__gt=since, valid_from__lt=valid_from)
    highest = steps.aggregate(most=Max(F("rent") + F("service_charge")))["most"] or 0
    return max(highest, _cost_of(lease, since), _cost_of(lease, valid_from)) - new


def _cost_of(lease, day) -> int:
    held = Lease.objects.with_rent(day).get(pk=lease.pk)
    return held.rent_now + held.service_now


@verb("lease.edit")
@second_person(
    above="discount_threshold",
    row="lease",
    about=lambda lease: lease.reference,
    page="tenants:lease_page",
    at_stake=_less_a_month,
    told={
        "valid_from": gettext_lazy("From"),
        "rent": gettext_lazy("New monthly rent"),
        "service_charge": gettext_lazy("Monthly service charges"),
    },
    days=RENT_DAYS,
)
def change_rent(
    *,
    actor,
    lease: Lease,
    valid_from: datetime.date,
    rent: int,
    service_charge: int = 0,
    reason: str = "",
) -> RentChange | Approval:
    """Let a lease cost another rent (minor units per month) from a day on.

    Charges that stand keep their amount; the next rent runs use the new one.
    """
    held = _binding_lease(lease)
    if valid_from <= held.start:
        _refuse(
            "valid_from",
            "before_start",
            _("The new rent must begin after the first day of the lease."),
        )
    if held.end is not None and valid_from > held.end:
        _refuse("valid_from", "after_end", _("The lease has ended by then."))
    standing = held.rent_changes.filter(valid_from=valid_from).first()
    if standing and (standing.rent, standing.service_charge) == (rent, service_charge):
        return unchanged(standing)
    change = standing or RentChange(site_id=held.site_id, lease=held, valid_from=valid_from)
    change.rent, change.service_charge, change.reason = rent, service_charge, reason
    return save(change)


@verb("lease.terminate")
def give_notice(
    *,
    actor,
    lease: Lease,
    given_on: datetime.date,
    leaves_on: datetime.date,
    by_owner: bool = False,
    agreed: bool = False,
    reason: str = "",
) -> Lease:
    """Take a notice: the lease ends on ``leaves_on`` and holds its units until then.

    Raises ``notice_too_short`` when the branch's delay is not kept, unless both sides ``agreed``.
    """
    held = _binding_lease(lease)
    if leaves_on < max(given_on, held.start):
        _refuse("leaves_on", "end_before_start", _("The last day must come after the notice."))
    earliest = earliest_leave(held, given_on, by_owner=by_owner)
    if leaves_on < earliest and not agreed:
        _refuse(
            "leaves_on",
            "notice_too_short",
            _("The notice lasts until %(day)s at least, unless both sides agree.")
            % {"day": earliest.strftime("%d/%m/%Y")},
        )
    return _end(held, leaves_on, State.NOTICE_GIVEN, reason)


@verb("lease.terminate")
def take_back_notice(
    *, actor, lease: Lease, end: datetime.date | None = None, reason: str = ""
) -> Lease:
    """Let a lease whose notice was given go on until ``end`` (None: until the next notice).

    Raises ``UnitTaken`` where another lease holds a unit by then.
    """
    held = _binding_lease(lease)
    if held.state != State.NOTICE_GIVEN:
        return unchanged(held)
    return _end(held, end, State.ACTIVE, reason)


def earliest_leave(lease: Lease, given_on: datetime.date, *, by_owner=False) -> datetime.date:
    """Return the first day on which a notice given on ``given_on`` may end the lease."""
    rules = rules_for(lease.site_id, on=given_on)
    unfurnished = by_owner and not lease.furnished
    days = rules.owner_notice_days if unfurnished else rules.notice_days
    return given_on + datetime.timedelta(days=days)


@verb("lease.terminate")
def end_lease(*, actor, lease: Lease, on: datetime.date, reason: str = "") -> Lease:
    """Let ``on`` be the last day of a lease; its debts stay debts.

    A day to come leaves the lease running until then. Raises ``end_before_start``.
    """
    held = _binding_lease(lease)
    if on < held.start:
        _refuse("on", "end_before_start", _("The last day must not come before the first."))
    state = State.TERMINATED if on < timezone.localdate() else State.NOTICE_GIVEN
    return _end(held, on, state, reason)


@verb("lease.delete")
def cancel_lease(*, actor, lease: Lease, reason: str) -> Lease:
    """Undo a lease made by mistake: it binds nobody and frees its units.

    Whoever keeps books on leases may object (``tenants.signals.lease_cancelling``): a lease with
    charges or payments that stand is ended, not cancelled.
    """
    held = locked(lease)
    if held.state == State.CANCELLED:
        return unchanged(held)
    lease_cancelling.send(Lease, lease=held)
    held.state = State.CANCELLED
    with pghistory.context(reason=reason):
        held.save()
    _settle_tenant(held.tenant)
    return held


@verb("lease.terminate")
def expire_leases(*, actor) -> int:
    """Give the leases whose last day has passed the state that says so; return how many."""
    over = Lease.objects.select_for_update(of=("self",)).filter(
        end__lt=timezone.localdate(),
        state__in=[State.ACTIVE, State.NOTICE_GIVEN, State.SUSPENDED],
    )
    count = 0
    for lease in over.select_related("tenant").order_by("pk"):
        lease.state = State.TERMINATED if lease.state == State.NOTICE_GIVEN else State.EXPIRED
        lease.save(update_fields=["state"])
        _settle_tenant(lease.tenant)
        count += 1
    return count if count else unchanged(0)


def _write_lease(
    *, site, tenant, units, start, rent, state, reference="", end=None, **terms
) -> Lease:
    units = list(units)
    property = _one_property(site, tenant, units)
    _refuse_large_deposit(site, terms.get("deposit", 0), rent, start)
    lease = Lease(
        site=site,
        reference=reference
        or next_code(Lease.objects.filter(site=site), f"BAIL-{start.year}-", "reference"),
        tenant=tenant,
        property=property,
        start=start,
        end=end,
        rent=rent,
        state=state,
        **terms,
    )
    check(lease)
    with refusing(REFUSALS):
        lease.save()
    holds = state not in (State.DRAFT, State.CANCELLED)
    days = DateRange(start, end, "[]")
    rows = [Occupancy(site=site, lease=lease, unit=unit, days=days, holds=holds) for unit in units]
    _occupying(lease, lambda: Occupancy.objects.bulk_create(rows), units)
    _settle_tenant(tenant)
    return lease


def _one_property(site, tenant, units):
    if not units:
        _refuse("units", "unit_missing", _("Choose at least one unit."))
    if tenant.site_id != site.pk or any(unit.site_id != site.pk for unit in units):
        _refuse("units", "other_branch", _("Tenant and units must belong to the same branch."))
    if len({unit.property_id for unit in units}) > 1:
        _refuse("units", "units_elsewhere", _("All units of a lease belong to one property."))
    _refuse_archived(units)
    return units[0].property


def _refuse_archived(units):
    if any(unit.archived_on for unit in units):
        _refuse("units", "unit_archived", _("One of these units is archived."))


def _refuse_large_deposit(site, deposit, rent, day):
    if not deposit:
        return
    most = rules_for(site, on=day).deposit_months_max
    if deposit > most * rent:
        _refuse(
            "deposit",
            "deposit_too_large",
            _("The deposit is at most %(months)s months of rent, %(amount)s.")
            % {"months": most, "amount": format_amount(most * rent, site.currency)},
        )


def _occupying(lease, write, units=None):
    """Do ``write``; when the database finds a unit taken, name the lease that holds it."""
    try:
        with transaction.atomic():
            write()
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != "leases_never_overlap":
            raise
        raise _taken(lease, units) from error


def _taken(lease, units) -> UnitTaken:
    held = Occupancy.objects.filter(
        unit__in=units or Unit.objects.filter(occupancies__lease=lease),
        holds=True,
        days__overlap=DateRange(lease.start, lease.end, "[]"),
    ).exclude(lease=lease)
    other = held.select_related("lease__tenant", "unit").order_by("lease__start").first()
    if other is None:  # it ended in this very moment
        sentence = _("Another lease holds one of these units on some of these days.")
        return UnitTaken(sentence, fields={"units": sentence})
    names = {
        "unit": other.unit.number,
        "lease": other.lease.reference,
        "tenant": other.lease.tenant.name,
        "from": other.lease.start.strftime("%d/%m/%Y"),
    }
    if other.lease.end is None:
        sentence = (
            _("Lease %(lease)s (%(tenant)s) holds %(unit)s from %(from)s on, without an end.")
            % names
        )
    else:
        sentence = _("Lease %(lease)s (%(tenant)s) holds %(unit)s from %(from)s to %(to)s.") % {
            **names,
            "to": other.lease.end.strftime("%d/%m/%Y"),
        }
    return UnitTaken(sentence, fields={"units": sentence})


def _binding_lease(lease) -> Lease:
    held = locked(lease)
    if held.state in (State.DRAFT, State.CANCELLED):
        raise LeaseOver(_("This lease does not bind: it is a draft or was cancelled."))
    return held


def _end(held, on, state, reason) -> Lease:
    if held.end == on and held.state == state:
        return unchanged(held)
    held.end, held.state = on, state
    with pghistory.context(reason=reason):
        _occupying(held, held.save)
    _settle_tenant(held.tenant)
    return held


def _settle_tenant(tenant):
    """Let the tenant's state follow the leases; a blacklisted one stays so.

    Every act on a lease ends here: cached figures of the branch become stale.
    """
    renew(f"site:{tenant.site_id}")
    if tenant.state == Tenant.State.BLACKLISTED:
        return
    if tenant.leases.binding().exists():
        state = Tenant.State.ACTIVE
    elif tenant.leases.real().exists():
        state = Tenant.State.FORMER
    else:
        return
    if tenant.state != state or (tenant.archived_on and state == Tenant.State.ACTIVE):
        tenant.state = state
        tenant.archived_on = None if state == Tenant.State.ACTIVE else tenant.archived_on
        tenant.save(update_fields=["state", "archived_on"])


def _refuse(field, code, sentence):
    raise BusinessError(sentence, code=code, fields={field: sentence})
