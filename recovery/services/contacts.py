"""Calls and visits: written down once, with the promise or the payment that came of them."""

import datetime
import uuid
from collections.abc import Iterable
from decimal import Decimal

from django.core.files.base import File
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import verb
from akig.lib.errors import BusinessError, Conflict, NotAllowed
from payments.services.collecting import record_payment
from payments.services.once import made_once
from recovery.models import Case, Contact, Photo
from recovery.models.contacts import RESULTS
from recovery.querysets import MISSED
from recovery.services.cases import follow_tenant, hold_tenant
from recovery.services.promises import take_promise
from tenants.models import Tenant

Kind = Contact.Kind
Result = Contact.Result

#: How far a telephone's clock may be ahead of ours.
AHEAD = datetime.timedelta(minutes=10)


class ContactRefused(BusinessError):
    """What is told of a call or visit does not fit together."""

    code = "contact_refused"


@verb("collection.log_call")
def log_call(
    *,
    actor,
    tenant: Tenant,
    result: str,
    made_at: datetime.datetime | None = None,
    duration_minutes: int | None = None,
    notes: str = "",
    promise: dict | None = None,
    client_id: uuid.UUID | None = None,
) -> Contact:
    """Write down a call with ``tenant``; a result of *promise* brings ``promise`` with it.

    ``promise`` is what ``take_promise`` takes: amount, due_on, place. With the same ``client_id``
    the same call is returned. Raises ``ContactRefused``, ``PromiseRefused``, ``KeyReused``.
    """
    told = {
        "kind": Kind.CALL,
        "tenant": tenant,
        "result": result,
        "made_at": made_at,
        "duration_minutes": duration_minutes,
        "notes": notes,
    }
    return _log_once(actor, client_id, told, promise=promise)


@verb("collection.log_visit")
def log_visit(
    *,
    actor,
    tenant: Tenant,
    result: str,
    made_at: datetime.datetime | None = None,
    duration_minutes: int | None = None,
    notes: str = "",
    promise: dict | None = None,
    payment: dict | None = None,
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    accuracy: int | None = None,
    photos: Iterable[File] = (),
    client_id: uuid.UUID | None = None,
) -> Contact:
    """Write down a visit to ``tenant``, with the money that was given there, in one act.

    ``payment`` is what ``record_payment`` takes, and follows its rules; with it there may be a
    promise of the rest. ``photos`` were checked by the door. Raises what ``log_call`` raises, what
    ``record_payment`` raises, and NotAllowed for money by who may not record any.
    """
    told = {
        "kind": Kind.VISIT,
        "tenant": tenant,
        "result": result,
        "made_at": made_at,
        "duration_minutes": duration_minutes,
        "notes": notes,
        "latitude": latitude,
        "longitude": longitude,
        "accuracy": accuracy,
    }
    return _log_once(actor, client_id, told, promise=promise, payment=payment, photos=photos)


def _log_once(actor, client_id, told, *, promise=None, payment=None, photos=()) -> Contact:
    if client_id is None:
        return _log(actor, uuid.uuid4(), told, promise, payment, photos)
    asked = {**told, "promise": _written(promise), "payment": _written(payment)}
    return made_once(
        actor,
        str(client_id),
        asked,
        Contact,
        lambda: _log(actor, client_id, told, promise, payment, photos),
    )


def _written(part: dict | None) -> list:
    """Return a part of what is asked as its fingerprint reads it: rows by their key."""
    values = sorted((part or {}).items())
    return [(name, str(getattr(value, "pk", value))) for name, value in values]


def _log(actor, client_id, told, promise, payment, photos) -> Contact:
    told["made_at"] = told["made_at"] or timezone.now()
    _refuse_shape(actor, told, promise, payment)
    tenant = told["tenant"]
    hold_tenant(tenant, tenant.site_id)
    if Contact.objects.filter(client_id=client_id).exists():
        raise Conflict(_("Another call or visit carries this client_id."), code="client_id_taken")
    case = Case.objects.filter(site=tenant.site_id, tenant=tenant).first()
    day = timezone.localdate(told["made_at"])
    money = payment and record_payment(actor=actor, **{"value_date": day, **payment})
    contact = Contact.objects.create(
        site_id=tenant.site_id,
        client_id=client_id,
        made_by=actor,
        owed=case.balance if case else 0,
        payment=money,
        **told,
    )
    for photo in photos:
        Photo.objects.create(site_id=tenant.site_id, contact=contact, file=photo)
    _take_step(contact, day)
    if promise:  # which lets the case follow, too
        take_promise(actor=actor, tenant=tenant, contact=contact, made_on=day, **promise)
    else:
        follow_tenant(tenant, tenant.site_id)
    return contact


def _take_step(contact: Contact, day: datetime.date) -> None:
    """Count the contact as the step of the ladder that was due by its channel or its fallback."""
    if contact.result in MISSED:
        return
    due = Case.objects.filter(
        Q(next_level__channel=contact.kind) | Q(next_level__fallback=contact.kind),
        site=contact.site_id,
        tenant=contact.tenant_id,
        state=Case.State.OPEN,
        next_on__lte=day,
    )
    for case in due.select_related("next_level"):
        case.level, case.acted_on = case.next_level.position, day
        case.save(update_fields=["level", "acted_on"])


def _refuse_shape(actor, told, promise, payment) -> None:
    if told["result"] not in RESULTS[told["kind"]]:
        _refuse("result", _("This does not come of it."))
    if told["made_at"] > timezone.now() + AHEAD:
        _refuse("made_at", _("The time is in the future."))
    if told["result"] == Result.PROMISE and not promise:
        _refuse("promise", _("Say what was promised, and for when."))
    if promise and told["result"] not in (Result.PROMISE, Result.PAYMENT):
        _refuse("promise", _("With this result there is no promise."))
    if (told["result"] == Result.PAYMENT) != bool(payment):
        _refuse("payment", _("A payment and its result go together."))
    if payment and payment["lease"].tenant_id != told["tenant"].pk:
        _refuse("payment", _("This lease is another tenant's."))
    if payment and not actor.may("payment.record"):
        raise NotAllowed(_("Your role does not allow this."))


def _refuse(field: str, sentence: str) -> None:
    raise ContactRefused(sentence, fields={field: sentence})
