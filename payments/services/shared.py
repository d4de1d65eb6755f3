"""What tenants of a property share: bills divided by a key, meters, the yearly regularisation.

The bill lies on account 4674 from the day on which the agency pays it. A share that is charged
takes its part off; what is kept for the regularisation stays until the year is reckoned: then the
tenants owe what their service charges lacked (or get back what was too much), and the owner, who
received those service charges, gives them up.
"""

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pghistory
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.money import MAX, split
from payments.models import (
    Charge,
    ExitAccount,
    JournalEntry,
    Meter,
    MeterReading,
    Regularisation,
    SharedCost,
    SharedCostPart,
)
from payments.services.charging import charge_share, waive_charge
from payments.services.once import made_once
from payments.services.owner_costs import paying_accounts
from payments.services.posting import Code, lock_books, open_day, post, refuse_closed, reverse
from sites_app.models import Property, Unit
from tenants.models import Lease, Occupancy

Key, State = SharedCost.Key, SharedCost.State
UNBOUND = (Lease.State.DRAFT, Lease.State.CANCELLED)


class SharedCostRefused(BusinessError):
    """The cost cannot be entered, or not be divided, as it is written."""

    code = "shared_cost_refused"


class SharedCostDecided(Conflict):
    """Somebody charged, kept or cancelled the cost meanwhile."""

    code = "shared_cost_decided"


@dataclass(frozen=True)
class Share:
    """What one lease bears of a cost (minor units), and the weight by which that was counted."""

    lease: Lease
    weight: Decimal
    amount: int


# Entering


def enter_shared_cost_once(*, actor, key: str, **fields) -> SharedCost:
    """Enter the cost of a form that carries ``key``: pressed twice, the first is returned."""
    return _enter_once(actor=actor, key=key, fields=fields)


@verb("cost.manage")
def _enter_once(*, actor, key, fields):
    return made_once(
        actor, key, fields, SharedCost, lambda: enter_shared_cost(actor=actor, **fields)
    )


@verb("cost.manage")
def enter_shared_cost(
    *,
    actor,
    house: Property,
    utility: str,
    label: str,
    amount: int,
    first_day: datetime.date,
    last_day: datetime.date,
    shared_by: str,
    paid_from: str,
) -> SharedCost:
    """Write down a bill of ``house`` (minor units) for a period; nothing is posted or charged yet.

    Raises ``SharedCostRefused``.
    """
    wrong = {}
    if not 0 < amount <= MAX:
        wrong["amount"] = _("The amount must be more than zero.")
    if not label.strip():
        wrong["label"] = _("Say what the money was for.")
    if last_day < first_day:
        wrong["last_day"] = _("The last day must not come before the first.")
    if paid_from not in paying_accounts(house.site):
        wrong["paid_from"] = _("Choose where the money was taken from.")
    if wrong:
        raise SharedCostRefused(next(iter(wrong.values())), fields=wrong)
    return SharedCost.objects.create(
        site=house.site,
        property=house,
        utility=utility,
        label=label.strip(),
        amount=amount,
        first_day=first_day,
        last_day=last_day,
        key=shared_by,
        paid_from=paid_from,
        entered_by=actor,
    )


@verb("cost.manage")
def choose_shares(*, actor, cost: SharedCost, weights: Mapping[int, Decimal]) -> SharedCost:
    """Say how much of the cost each lease (id) bears: any numbers, in proportion to each other."""
    cost = _held(cost)
    _refuse_decided(cost)
    if min(weights.values(), default=0) < 0 or not any(weights.values()):
        raise SharedCostRefused(_("Write at least one share above zero."))
    cost.weights = {str(lease): str(weight) for lease, weight in weights.items() if weight}
    cost.save(update_fields=["weights"])
    return cost


# Dividing


def shares_of(cost: SharedCost) -> list[Share]:
    """Divide a cost among the leases that held units of its property in its period.

    Each day that a lease held a unit weighs; the shares add up to the bill, by largest remainder.
    Raises ``SharedCostRefused`` when nobody was there, or what the key needs is not known.
    """
    held = _days_held(cost)
    if not held:
        raise SharedCostRefused(_("No lease held a unit of this property in the period."))
    weigh = {
        Key.EQUAL: _equal,
        Key.AREA: _by_area,
        Key.METER: _by_meter,
        Key.CUSTOM: _chosen,
    }[cost.key]
    weights = weigh(cost, held)
    leases = sorted(weights, key=lambda lease: (lease.reference, lease.pk))
    if not any(weights.values()):
        raise SharedCostRefused(_("All shares are zero: nothing can be divided by them."))
    parts = split(cost.amount, [weights[lease] for lease in leases])
    return [
        Share(lease, weights[lease], amount)
        for lease, amount in zip(leases, parts, strict=True)
        if weights[lease]
    ]


def leases_of(cost: SharedCost) -> list[Lease]:
    """Return the leases that held a unit of the property in the period of a cost."""
    leases = {lease for lease, _unit in _days_held(cost)}
    return sorted(leases, key=lambda lease: (lease.reference, lease.pk))


def _days_held(cost) -> dict[tuple[Lease, Unit], int]:
    """Return for how many days of the period each lease held each unit of the property."""
    rows = Occupancy.objects.filter(
        unit__property=cost.property_id,
        days__overlap=(cost.first_day, cost.last_day + datetime.timedelta(days=1)),
    )
    rows = rows.exclude(lease__state__in=UNBOUND)
    held = {}
    for row in rows.select_related("lease__tenant", "lease__property", "lease__site", "unit"):
        first = max(cost.first_day, row.days.lower or cost.first_day)
        end = cost.last_day + datetime.timedelta(days=1)
        days = (min(end, row.days.upper or end) - first).days
        if days > 0:
            held[row.lease, row.unit] = days
    return held


def _equal(cost, held):
    weights = defaultdict(Decimal)
    for (lease, _unit), days in held.items():
        weights[lease] = max(weights[lease], Decimal(days))
    return weights


def _by_area(cost, held):
    weights = defaultdict(Decimal)
    for (lease, unit), days in held.items():
        if not unit.area:
            raise SharedCostRefused(
                _("The area of unit %(unit)s is missing.") % {"unit": unit.number}
            )
        weights[lease] += unit.area * days
    return weights


def _by_meter(cost, held):
    """Share what each unit's meters counted among those who held it, by their days."""
    used = consumption(cost)
    days_of = defaultdict(int)
    for (_lease, unit), days in held.items():
        days_of[unit] += days
    weights = defaultdict(Decimal)
    for (lease, unit), days in held.items():
        if unit.pk not in used:
            raise SharedCostRefused(
                _("Unit %(unit)s has no two readings around this period.") % {"unit": unit.number}
            )
        weights[lease] += (used[unit.pk] * days / days_of[unit]).quantize(Decimal("0.001"))
    return weights


def _chosen(cost, held):
    leases = {lease.pk: lease for lease, _unit in held}
    weights = {leases[int(pk)]: Decimal(w) for pk, w in cost.weights.items() if int(pk) in leases}
    if not weights:
        raise SharedCostRefused(_("Say first how much each lease bears."))
    return weights


def consumption(cost: SharedCost) -> dict[int, Decimal]:
    """Return what the meters of each unit (id) counted from the first to the last day of a cost.

    Counted between the last readings on or before those days; where none is so old, from the
    first one within the period.
    """
    readings = defaultdict(list)
    rows = MeterReading.objects.filter(
        meter__unit__property=cost.property_id,
        meter__utility=cost.utility,
        day__lte=cost.last_day,
    )
    for meter, unit, day, value in rows.order_by("day").values_list(
        "meter", "meter__unit", "day", "value"
    ):
        readings[meter, unit].append((day, value))
    used = {}
    for (_meter, unit), known in readings.items():
        before = [value for day, value in known if day <= cost.first_day]
        first = before[-1] if before else known[0][1]
        if len(known) > 1:
            used[unit] = used.get(unit, Decimal(0)) + known[-1][1] - first
    return used


# Deciding


@verb("charge.run")
def charge_shared_cost(*, actor, cost: SharedCost, due_date: datetime.date) -> SharedCost:
    """Post the bill and charge every lease its share. Done twice, it is returned as it is.

    Raises ``SharedCostRefused`` and ``SharedCostDecided``.
    """
    return _divide(actor, cost, State.CHARGED, due_date)


@verb("cost.manage")
def keep_shared_cost(*, actor, cost: SharedCost) -> SharedCost:
    """Post the bill and keep its shares for the regularisation of the year of its last day."""
    return _divide(actor, cost, State.PROVISIONED, None)


def _divide(actor, cost, state, due_date) -> SharedCost:
    cost = _held(cost)
    if cost.state == state:
        return unchanged(cost)
    _refuse_decided(cost)
    if state == State.PROVISIONED and _regularised(cost).exists():
        raise SharedCostDecided(_("This year is regularised already: charge the bill instead."))
    shares = shares_of(cost)
    lock_books(cost.site_id, [share.lease.pk for share in shares])
    day = open_day(cost.site_id, min(cost.last_day, timezone.localdate()))
    cost.entry = _post(
        actor,
        cost,
        day,
        [
            {"account": Code.SHARED_COSTS, "amount": cost.amount, "property_id": cost.property_id},
            {"account": cost.paid_from, "amount": -cost.amount},
        ],
    )
    for share in shares:
        charge = None
        if state == State.CHARGED and share.amount:
            charge = charge_share(
                actor=actor, lease=share.lease, amount=share.amount, day=day, due_date=due_date
            )
        SharedCostPart.objects.create(
            site_id=cost.site_id,
            cost=cost,
            lease=share.lease,
            weight=share.weight,
            amount=share.amount,
            charge=charge,
        )
    cost.state = state
    cost.save(update_fields=["state", "entry"])
    renew(f"site:{cost.site_id}")
    return cost


@verb("cost.manage")
def cancel_shared_cost(*, actor, cost: SharedCost, reason: str) -> SharedCost:
    """Cancel a cost: what was posted is reversed, what was charged is waived.

    Cancelled twice, it is returned as it is. Raises ``SharedCostDecided`` once its year is
    regularised.
    """
    cost = _held(cost)
    if cost.state == State.CANCELLED:
        return unchanged(cost)
    if not reason.strip():
        sentence = _("Say why.")
        raise BusinessError(sentence, fields={"reason": sentence})
    if cost.state == State.PROVISIONED and _regularised(cost).exists():
        raise SharedCostDecided(_("This year is regularised already."))
    parts = list(cost.parts.select_related("charge", "lease"))
    lock_books(cost.site_id, [part.lease_id for part in parts])
    for part in parts:
        if part.charge is not None:
            waive_charge(actor=actor, charge=part.charge, reason=reason.strip())
    if cost.entry is not None:
        day = open_day(cost.site_id, cost.entry.value_date)
        reverse(actor=actor, entry=cost.entry, on=day, memo=reason.strip())
    cost.state = State.CANCELLED
    with pghistory.context(reason=reason.strip()):
        cost.save(update_fields=["state"])
    renew(f"site:{cost.site_id}")
    return cost


def _held(cost) -> SharedCost:
    rows = SharedCost.objects.select_for_update(of=("self",))
    return rows.select_related("site", "property", "entry").get(pk=cost.pk)


def _refuse_decided(cost):
    if cost.state != State.DRAFT:
        raise SharedCostDecided(_("This cost was decided meanwhile."))


def _regularised(cost):
    return standing_regularisations(cost.property, cost.last_day.year)


def _post(actor, row, day, lines) -> JournalEntry:
    return post(
        actor=actor,
        site_id=row.site_id,
        kind=JournalEntry.Kind.SHARED,
        value_date=day,
        memo=str(row)[:200],
        lines=lines,
    )


# The year


@dataclass(frozen=True)
class Reckoned:
    """A lease's year, in minor units: charged in advance, really cost, and whether it is done."""

    lease: Lease
    provisions: int
    actual: int
    is_done: bool

    @property
    def balance(self) -> int:
        return self.actual - self.provisions


def reckon_year(house: Property, year: int) -> list[Reckoned]:
    """Compare what each lease of ``house`` paid in advance for ``year`` with its shares kept.

    What is regularised already is told as it was then.
    """
    kept = dict(
        SharedCostPart.objects.filter(
            cost__property=house, cost__state=State.PROVISIONED, cost__last_day__year=year
        )
        .values_list("lease")
        .annotate(Sum("amount"))
    )
    paid = dict(
        Charge.objects.standing()
        .filter(property=house, kind=Charge.Kind.SERVICE, period_start__year=year)
        .values_list("lease")
        .annotate(Sum("amount"))
    )
    done = {row.lease_id: row for row in standing_regularisations(house, year)}
    if not kept and not done:
        return []
    leases = Lease.objects.filter(Q(pk__in=kept) | Q(pk__in=paid) | Q(pk__in=done))
    leases = leases.select_related("site", "tenant", "property").order_by("reference", "pk")
    return [_reckoned(lease, done.get(lease.pk), paid, kept) for lease in leases]


def standing_regularisations(house: Property, year: int) -> QuerySet[Regularisation]:
    """Return what of ``year`` is regularised and was not undone."""
    return house.regularisations.filter(year=year, undone_at=None)


def _reckoned(lease, done, paid, kept) -> Reckoned:
    if done is not None:
        return Reckoned(lease, done.provisions, done.actual, is_done=True)
    return Reckoned(lease, paid.get(lease.pk, 0), kept.get(lease.pk, 0), is_done=False)


@verb("charge.run")
def regularise(*, actor, house: Property, year: int, due_date: datetime.date) -> int:
    """Charge each lease what its year really cost above its advances, or give back the rest.

    The owner, to whom the advances went, gives them up on his account. Returns how many leases
    were reckoned: a second run adds nothing. Raises ``SharedCostRefused`` before the year is over.
    """
    today = timezone.localdate()
    if year >= today.year:
        raise SharedCostRefused(_("A year is regularised once it is over."))
    held = Property.objects.select_for_update(of=("self",)).get(pk=house.pk)
    rows = [row for row in reckon_year(held, year) if not row.is_done]
    if not rows:
        return unchanged(0)
    refuse_closed(held.site_id, today)
    lock_books(held.site_id, [row.lease.pk for row in rows])
    entry = _give_up_advances(actor, held, year, sum(row.provisions for row in rows))
    for row in rows:
        charge = None
        if row.balance:
            charge = charge_share(
                actor=actor, lease=row.lease, amount=row.balance, day=today, due_date=due_date
            )
        Regularisation.objects.create(
            site_id=held.site_id,
            property=held,
            lease=row.lease,
            year=year,
            provisions=row.provisions,
            actual=row.actual,
            charge=charge,
            entry=entry,
            approved_by=actor,
        )
    renew(f"site:{held.site_id}")
    return len(rows)


def _give_up_advances(actor, house, year, advances) -> JournalEntry | None:
    if not advances:
        return None
    whose = {"owner_id": house.owner_id, "property_id": house.pk}
    return post(
        actor=actor,
        site_id=house.site_id,
        kind=JournalEntry.Kind.SHARED,
        value_date=timezone.localdate(),
        memo=_("Service charges of %(year)s") % {"year": year},
        lines=[
            {"account": Code.OWNER_ADVANCE, "amount": advances, **whose},
            {"account": Code.SHARED_COSTS, "amount": -advances, "property_id": house.pk},
        ],
    )


@verb("arrears.modify")
def undo_regularisation(*, actor, house: Property, year: int, reason: str) -> int:
    """Take the regularisation of ``year`` back, so that it can be done again.

    Its charges and credits are waived, what the owner gave up is returned by a reversal; dated as
    they were, or today where that month is closed. Money that paid a charge becomes an advance,
    and what a credit paid is owed again. Returns how many leases were concerned: a second time
    none. Raises ``SharedCostDecided`` when a tenant of them has signed his exit account since.
    """
    if not reason.strip():
        sentence = _("Say why.")
        raise BusinessError(sentence, fields={"reason": sentence})
    held = Property.objects.select_for_update(of=("self",)).get(pk=house.pk)
    rows = standing_regularisations(held, year).select_related("charge", "entry", "lease")
    rows = list(rows.order_by("pk"))
    lock_books(held.site_id, [row.lease_id for row in rows])
    _refuse_signed(rows)
    for entry in {row.entry for row in rows if row.entry is not None}:
        day = open_day(held.site_id, entry.value_date)
        reverse(actor=actor, entry=entry, on=day, memo=reason.strip())
    for row in rows:
        if row.charge is not None:
            waive_charge(actor=actor, charge=row.charge, reason=reason.strip())
        row.undone_at, row.reason = timezone.now(), reason.strip()
        row.save(update_fields=["undone_at", "reason"])
    renew(f"site:{held.site_id}")
    return len(rows) or unchanged(0)


def _refuse_signed(rows):
    """Refuse when an exit account that was agreed counts a charge of ``rows``: it is signed."""
    for row in rows:
        account = ExitAccount.objects.filter(
            lease=row.lease_id, state=ExitAccount.State.AGREED, agreed_at__gt=row.approved_at
        )
        if row.charge is not None and account.exists():
            raise SharedCostDecided(
                _(
                    "The exit account of lease %(lease)s was signed with its part of this year: "
                    "it cannot be undone any more."
                )
                % {"lease": row.lease.reference}
            )


# Meters


@verb("cost.manage")
def add_meter(*, actor, unit: Unit, utility: str, number: str) -> Meter:
    """Enter a meter of a unit. Raises ``SharedCostRefused`` when its number is known."""
    if Meter.objects.filter(site=unit.site_id, utility=utility, number=number.strip()).exists():
        sentence = _("This meter is entered already.")
        raise SharedCostRefused(sentence, fields={"number": sentence})
    return Meter.objects.create(
        site_id=unit.site_id, unit=unit, utility=utility, number=number.strip()
    )


@verb("cost.manage")
def read_meters(
    *, actor, house: Property, day: datetime.date, values: Mapping[int, Decimal]
) -> list[MeterReading]:
    """Write down what the meters (ids) of ``house`` showed on a day; all of it, or nothing.

    The same reading again adds nothing. Raises ``SharedCostRefused`` for a reading below an
    earlier one or above a later one, and for another one on the same day.
    """
    if day > timezone.localdate():
        sentence = _("The date is in the future.")
        raise SharedCostRefused(sentence, fields={"day": sentence})
    meters = Meter.objects.select_for_update(of=("self",)).filter(unit__property=house)
    made, wrong = [], {}
    for meter in meters.filter(pk__in=values).order_by("pk"):
        value = values[meter.pk]
        known = {row.day: row.value for row in meter.readings.all()}
        if known.get(day) == value:
            continue
        least = max((v for d, v in known.items() if d <= day), default=Decimal(0))
        most = min((v for d, v in known.items() if d >= day), default=value)
        if not least <= value <= most or day in known:
            wrong[f"meter_{meter.pk}"] = _(
                "Meter %(number)s showed %(least)s before: a reading never falls."
            ) % {"number": meter.number, "least": least.normalize()}
            continue
        made.append(
            MeterReading(site_id=meter.site_id, meter=meter, day=day, value=value, read_by=actor)
        )
    if wrong:
        raise SharedCostRefused(next(iter(wrong.values())), fields=wrong)
    for reading in made:
        reading.save()
    return made or unchanged(made)
