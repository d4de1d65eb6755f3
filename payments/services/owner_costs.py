"""Laying out money for owners: repairs, expenses, advances on their rents."""

import datetime

from django.core.files import File
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.money import MAX
from payments.models import JournalEntry, MoneyAccount, OwnerCost
from payments.services.once import made_once
from payments.services.posting import (
    Code,
    accounts_of,
    lock_books,
    open_day,
    post,
    refuse_closed,
    reverse,
)
from sites_app.models import MaintenanceTicket, Owner, Property, Site
from sites_app.rules import rules_for

State = OwnerCost.State


class OwnerCostRefused(BusinessError):
    """The cost cannot be entered as it was written."""


class CostDecided(Conflict):
    """Somebody approved, refused or cancelled the cost meanwhile."""

    code = "cost_decided"


def enter_owner_cost_once(*, actor, key: str, **fields) -> OwnerCost:
    """Enter the cost of a form that carries ``key``: pressed twice, the first is returned."""
    return _enter_owner_cost_once(actor=actor, key=key, fields=fields)


@verb("owner_cost.enter")
def _enter_owner_cost_once(*, actor, key, fields):
    asked = {name: fields[name] for name in fields if name != "proof"}
    return made_once(actor, key, asked, OwnerCost, lambda: enter_owner_cost(actor=actor, **fields))


@verb("owner_cost.enter")
def enter_owner_cost(
    *,
    actor,
    site: Site,
    owner: Owner,
    kind: str,
    label: str,
    amount: int,
    paid_from: str,
    value_date: datetime.date | None = None,
    property: Property | None = None,
    ticket: MaintenanceTicket | None = None,
    proof: File | None = None,
) -> OwnerCost:
    """Enter what the agency laid out for ``owner`` (minor units), paid from an account's code.

    Above the branch's threshold it waits for a second person and nothing is posted yet. Raises
    ``OwnerCostRefused`` and ``PeriodClosed``.
    """
    day = value_date or timezone.localdate()
    if property is None and ticket is not None:
        property = ticket.property
    cost = OwnerCost(
        site=site,
        owner=owner,
        property=property,
        ticket=ticket,
        kind=kind,
        label=label.strip(),
        amount=amount,
        value_date=day,
        paid_from=paid_from,
        entered_by=actor,
    )
    _refuse_shape(cost)
    lock_books(site.pk, [])
    refuse_closed(site, day)
    if ticket is not None and _charged(ticket):
        sentence = _("This repair is on the owner's account already.")
        raise OwnerCostRefused(sentence, code="ticket_charged", fields={"ticket": sentence})
    if proof is not None:
        cost.proof.save(proof.name, proof, save=False)
    if amount > rules_for(site, on=day).owner_cost_threshold:
        cost.save()
    else:
        _post(actor, cost, day)
        cost.save()
    renew(f"site:{site.pk}")
    return cost


@verb("maintenance.approve_cost")
def approve_owner_cost(*, actor, cost: OwnerCost) -> OwnerCost:
    """Approve a cost that waits, and post it; never by the person who entered it.

    Approved twice, it is returned as it is. Raises ``CostDecided``.
    """
    held = _held(cost)
    if held.state == State.POSTED:
        return unchanged(held)
    _refuse_decided(held)
    _refuse_alone(actor, held)
    _post(actor, held, open_day(held.site_id, held.value_date))
    return _decided(held, actor)


@verb("maintenance.approve_cost")
def refuse_owner_cost(*, actor, cost: OwnerCost, reason: str) -> OwnerCost:
    """Refuse a cost that waits, with a reason."""
    held = _held(cost)
    if held.state == State.REFUSED:
        return unchanged(held)
    _refuse_decided(held)
    _refuse_alone(actor, held)
    held.state, held.reason = State.REFUSED, _said(reason)
    return _decided(held, actor)


@verb("owner_cost.enter")
def cancel_owner_cost(*, actor, cost: OwnerCost, reason: str) -> OwnerCost:
    """Cancel a cost; a reversal gives a posted one back to the owner and to where it was paid from.

    Cancelled twice, it is returned as it is. Raises ``CostDecided`` for one that was refused.
    """
    held = _held(cost)
    if held.state == State.CANCELLED:
        return unchanged(held)
    if held.state == State.REFUSED:
        _refuse_decided(held)
    reason = _said(reason)
    if held.entry is not None:
        day = open_day(held.site_id, held.entry.value_date)
        reverse(actor=actor, entry=held.entry, on=day, memo=reason)
    held.state, held.reason = State.CANCELLED, reason
    held.save(update_fields=["state", "reason"])
    renew(f"site:{held.site_id}")
    return held


def _held(cost) -> OwnerCost:
    lock_books(cost.site_id, [])
    rows = OwnerCost.objects.select_for_update(of=("self",)).select_related("entry", "site")
    return rows.get(pk=cost.pk)


def _post(actor, cost, day):
    whose = {"owner_id": cost.owner_id, "property_id": cost.property_id}
    cost.entry = post(
        actor=actor,
        site_id=cost.site_id,
        kind=JournalEntry.Kind.OWNER_COST,
        value_date=day,
        lines=[
            {"account": Code.OWNER_ADVANCE, "amount": cost.amount, **whose},
            {"account": cost.paid_from, "amount": -cost.amount},
        ],
        memo=cost.label,
    )
    cost.state = State.POSTED


def _decided(cost, actor) -> OwnerCost:
    cost.decided_by, cost.decided_at = actor, timezone.now()
    cost.save(update_fields=["state", "reason", "entry", "decided_by", "decided_at"])
    renew(f"site:{cost.site_id}")
    return cost


def _charged(ticket) -> bool:
    return ticket.owner_costs.exclude(state__in=[State.REFUSED, State.CANCELLED]).exists()


def _said(reason: str) -> str:
    if not reason.strip():
        sentence = _("Say why.")
        raise BusinessError(sentence, fields={"reason": sentence})
    return reason.strip()


def _refuse_decided(cost):
    if cost.state != State.WAITING:
        raise CostDecided(_("This cost was decided meanwhile."))


def _refuse_alone(actor, cost):
    if cost.entered_by_id == actor.pk:
        raise Conflict(
            _("You entered this cost: somebody else has to decide it."), code="same_person"
        )


def paying_accounts(site: Site) -> dict[str, str]:
    """Return the accounts that money of ``site`` is paid out of, and their names: code -> name."""
    accounts_of(site.pk)  # opens the books at the first call
    named = dict(
        MoneyAccount.objects.filter(site=site, is_active=True)
        .order_by("kind", "name")
        .values_list("code", "name")
    )
    usual = (Code.CASH, Code.BANK, Code.ORANGE_MONEY, Code.MTN_MOMO, Code.WAVE)
    return {code.value: str(code.label) for code in usual} | named


def _refuse_shape(cost):
    wrong = {}
    if isinstance(cost.amount, bool) or not 0 < cost.amount <= MAX:
        wrong["amount"] = _("The amount must be more than zero.")
    if not cost.label:
        wrong["label"] = _("Say what the money was for.")
    if cost.kind not in OwnerCost.Kind.values:
        wrong["kind"] = _("Choose what kind of cost it is.")
    if cost.value_date > timezone.localdate():
        wrong["value_date"] = _("The date is in the future.")
    if cost.paid_from not in paying_accounts(cost.site):
        wrong["paid_from"] = _("Choose where the money was taken from.")
    house, ticket = cost.property, cost.ticket
    if house is not None and (house.owner_id != cost.owner_id or house.site_id != cost.site_id):
        wrong["property"] = _("This property is another owner's, or of another branch.")
    if ticket is not None and ticket.property_id != cost.property_id:
        wrong["ticket"] = _("This belongs to another property.")
    if wrong:
        raise OwnerCostRefused(next(iter(wrong.values())), fields=wrong)
