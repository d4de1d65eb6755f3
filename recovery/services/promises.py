"""Promises to pay: taken, corrected while they are awaited, cancelled; never kept by hand."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.money import MAX as LARGEST
from akig.lib.saving import locked
from recovery.models import Contact, Promise
from recovery.services.cases import follow_tenant, hold_tenant
from tenants.models import Tenant

#: How far ahead somebody may promise.
FARTHEST = datetime.timedelta(days=366)


class PromiseRefused(BusinessError):
    """A promise that cannot be: its amount or its day."""

    code = "promise_refused"


class PromiseDecided(Conflict):
    """Its day has passed, it was kept, or it was cancelled."""

    code = "promise_decided"


@verb("collection.log_call")
def take_promise(
    *,
    actor,
    tenant: Tenant,
    amount: int,
    due_on: datetime.date,
    made_on: datetime.date | None = None,
    place: str = Promise.Place.OFFICE,
    contact: Contact | None = None,
) -> Promise:
    """Note that ``tenant`` promised ``amount`` (minor units) by ``due_on``.

    An earlier promise that is still awaited is replaced. Raises ``PromiseRefused``.
    """
    hold_tenant(tenant, tenant.site_id)
    promise = Promise(
        site_id=tenant.site_id,
        tenant=tenant,
        contact=contact,
        made_on=made_on or timezone.localdate(),
        made_by=actor,
        due_on=due_on,
        amount=amount,
        place=place,
    )
    write_promises([promise])
    follow_tenant(tenant, tenant.site_id)
    return promise


def write_promises(promises: list[Promise]) -> None:
    """Write promises of held tenants of one branch, one of each; part of an act.

    Raises ``PromiseRefused``.
    """
    for promise in promises:
        _refuse_shape(promise.amount, promise.due_on, promise.made_on)
    earlier = Promise.objects.filter(
        site=promises[0].site_id, tenant__in=[promise.tenant_id for promise in promises]
    )
    earlier.in_status(Promise.Status.PENDING).update(
        cancelled_at=timezone.now(), cancel_reason=_("replaced by a later promise")
    )
    Promise.objects.bulk_create(promises)


@verb("collection.log_call")
def correct_promise(
    *,
    actor,
    promise: Promise,
    version: int | None = None,
    amount: int | None = None,
    due_on: datetime.date | None = None,
    place: str | None = None,
) -> Promise:
    """Correct what was promised while it is awaited. Raises ``PromiseDecided``, ``stale``."""
    held = _awaited(promise, version)
    before = (held.amount, held.due_on, held.place)
    held.amount, held.due_on, held.place = wanted = (
        held.amount if amount is None else amount,
        due_on or held.due_on,
        place or held.place,
    )
    if wanted == before:
        return unchanged(held)
    _refuse_shape(held.amount, held.due_on, timezone.localdate())
    held.save(update_fields=["amount", "due_on", "place"])
    follow_tenant(held.tenant, held.site_id)
    held.refresh_from_db()
    return held


@verb("collection.log_call")
def cancel_promise(*, actor, promise: Promise, reason: str, version: int | None = None) -> Promise:
    """Cancel a promise that is awaited; cancelled twice, it is returned as it is."""
    if promise.cancelled_at:
        return unchanged(promise)
    held = _awaited(promise, version)
    if not reason.strip():
        sentence = _("Say why the promise is cancelled.")
        raise PromiseRefused(sentence, fields={"reason": sentence})
    held.cancelled_at, held.cancel_reason = timezone.now(), reason
    held.save(update_fields=["cancelled_at", "cancel_reason"])
    follow_tenant(held.tenant, held.site_id)
    held.refresh_from_db()
    return held


def _awaited(promise, version) -> Promise:
    """Read the promise again, held. Raises ``PromiseDecided`` where nothing is awaited."""
    hold_tenant(promise.tenant, promise.site_id)
    held = locked(promise, version)
    if held.status != Promise.Status.PENDING:
        raise PromiseDecided(_("Nobody waits for this promise any more: take a new one."))
    return held


def _refuse_shape(amount, due_on, since) -> None:
    if not 0 < amount <= LARGEST:
        sentence = _("Write the amount that was promised.")
        raise PromiseRefused(sentence, fields={"amount": sentence})
    if not since <= due_on <= since + FARTHEST:
        sentence = _("A promise is for a day to come, within a year.")
        raise PromiseRefused(sentence, fields={"due_on": sentence})
