"""Calls and visits: written down once, with the promise or the payment that came of them."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.core.files.base import File
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import verb
from akig.lib.errors import BusinessError, Conflict, NotAllowed
from akig.lib.freshness import renew
from payments.models import Payment
from payments.services.collecting import collect_payments
from payments.services.once import made_once
from recovery.models import Case, Contact, Photo, Promise
from recovery.models.contacts import RESULTS
from recovery.querysets import MISSED
from recovery.services.cases import follow_tenants, hold_tenants
from recovery.services.promises import write_promises
from tenants.models import Tenant

Kind = Contact.Kind
Result = Contact.Result

#: What is told of a contact and kept in rows of its own.
PARTS = ("payment", "promise", "photos")

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
        "tenant": tenant,
        "result": result,
        "made_at": made_at,
        "duration_minutes": duration_minutes,
        "notes": notes,
        "promise": promise,
    }
    return _log_once(actor, Kind.CALL, client_id, told)


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
        "tenant": tenant,
        "result": result,
        "made_at": made_at,
        "duration_minutes": duration_minutes,
        "notes": notes,
        "promise": promise,
        "payment": payment,
        "latitude": latitude,
        "longitude": longitude,
        "accuracy": accuracy,
    }
    return _log_once(actor, Kind.VISIT, client_id, told, photos)


@verb("collection.log_visit")
def log_visits(*, actor, visits: list[dict]) -> list[Contact]:
    """Write down visits to tenants of one branch, each to another one: all of them or none.

    Each is what ``log_visit`` takes, with its ``client_id``; the caller sees to it that none comes
    twice. Raises what ``log_visit`` raises for any of them.
    """
    return _log(actor, Kind.VISIT, visits)


def _log_once(actor, kind, client_id, told, photos=()) -> Contact:
    asked = {**told, "photos": photos, "client_id": client_id or uuid.uuid4()}
    if client_id is None:
        return _log(actor, kind, [asked])[0]
    parts = {part: _written(told.get(part)) for part in ("promise", "payment")}
    return made_once(
        actor,
        str(client_id),
        {**told, "kind": kind, **parts},
        Contact,
        lambda: _log(actor, kind, [asked])[0],
    )


def _written(part: dict | None) -> list:
    """Return a part of what is asked as its fingerprint reads it: rows by their key."""
    values = sorted((part or {}).items())
    return [(name, str(getattr(value, "pk", value))) for name, value in values]


def _log(actor, kind, asked: list[dict]) -> list[Contact]:
    """Write down contacts with tenants of one branch, each with another one."""
    tenants, now = [told["tenant"] for told in asked], timezone.now()
    site_id = tenants[0].site_id
    for told in asked:
        told["made_at"] = told["made_at"] or now
        _refuse_shape(actor, kind, told)
    hold_tenants(tenants, site_id)
    if Contact.objects.filter(client_id__in=[told["client_id"] for told in asked]).exists():
        raise Conflict(_("Another call or visit carries this client_id."), code="client_id_taken")
    cases = Case.objects.filter(site=site_id, tenant__in=tenants)
    owed = dict(cases.values_list("tenant", "balance"))
    money = _collect(actor, asked)
    contacts = [
        Contact(
            site_id=site_id,
            kind=kind,
            made_by=actor,
            owed=owed.get(told["tenant"].pk, 0),
            payment=money.get(told["client_id"]),
            **{name: value for name, value in told.items() if name not in PARTS},
        )
        for told in asked
    ]
    Contact.objects.bulk_create(contacts)
    for contact, told in zip(contacts, asked, strict=True):
        for photo in told.get("photos", ()):
            Photo.objects.create(site_id=site_id, contact=contact, file=photo)
    moved = _take_steps(contacts) | _promise(actor, contacts, asked)
    if moved:
        follow_tenants(moved, site_id)
    renew(f"site:{site_id}")
    return contacts


def _collect(actor, asked: list[dict]) -> dict[uuid.UUID, Payment]:
    """Record the money that was given, a branch at a time; return the payments by client_id."""
    given = defaultdict(dict)
    for told in asked:
        if payment := told.get("payment"):
            day = timezone.localdate(told["made_at"])
            given[payment["lease"].site_id][told["client_id"]] = {"value_date": day, **payment}
    found = {}
    for site_id in sorted(given):
        payments = collect_payments(actor=actor, rows=list(given[site_id].values()))
        found |= zip(given[site_id], payments, strict=True)
    return found


def _take_steps(contacts: list[Contact]) -> set[int]:
    """Count each contact as the step of the ladder that was due by its channel or its fallback.

    Return of which tenants (ids) one was.
    """
    days = {
        contact.tenant_id: timezone.localdate(contact.made_at)
        for contact in contacts
        if contact.result not in MISSED
    }
    if not days:
        return set()
    kind, site_id = contacts[0].kind, contacts[0].site_id
    due = Case.objects.filter(
        Q(next_level__channel=kind) | Q(next_level__fallback=kind),
        site=site_id,
        tenant__in=days,
        state=Case.State.OPEN,
        next_on__lte=max(days.values()),
    )
    taken = []
    for case in due.select_related("next_level"):
        if case.next_on <= days[case.tenant_id]:
            case.level, case.acted_on = case.next_level.position, days[case.tenant_id]
            taken.append(case)
    Case.objects.bulk_update(taken, ["level", "acted_on"])
    return {case.tenant_id for case in taken}


def _promise(actor, contacts: list[Contact], asked: list[dict]) -> set[int]:
    """Write the promises that came of contacts; return whose (ids)."""
    promises = [
        Promise(
            site_id=contact.site_id,
            tenant_id=contact.tenant_id,
            contact=contact,
            made_on=timezone.localdate(contact.made_at),
            made_by=actor,
            **told["promise"],
        )
        for contact, told in zip(contacts, asked, strict=True)
        if told["promise"]
    ]
    if promises:
        write_promises(promises)
    return {promise.tenant_id for promise in promises}


def _refuse_shape(actor, kind, told) -> None:
    promise, payment = told["promise"], told.get("payment")
    if told["result"] not in RESULTS[kind]:
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
