"""Everything that happened with a tenant about money, the newest first."""

import datetime
from dataclasses import dataclass

from django.db.models import (
    BigIntegerField,
    DateField,
    DateTimeField,
    F,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast, NullIf
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import SYSTEM
from payments.models import Payment
from recovery.models import Action, Channel, Contact, Notice, Promise
from tenants.models import Tenant

NOON = datetime.time(12)


@dataclass(frozen=True)
class Event:
    """One line of a tenant's history. ``result`` is a word of ``kind``'s own states."""

    kind: str
    id: int
    at: datetime.datetime
    label: str
    result: str
    who: str
    amount: int | None = None
    currency: str = ""
    due_on: datetime.date | None = None
    notes: str = ""


def timeline(
    user, tenant: Tenant, *, before: datetime.datetime | None = None, most: int = 50
) -> list[Event]:
    """Return the ``most`` newest events of ``tenant`` (before an instant) that ``user`` may see."""
    until = before or timezone.now() + datetime.timedelta(days=1)
    first, *others = [source(user, tenant, until)[:most] for source in SOURCES]
    events = [_event(*row) for row in first.union(*others, all=True)]
    events = [event for event in events if event.at < until]
    return sorted(events, key=lambda event: (event.at, event.kind, event.id), reverse=True)[:most]


def _contacts(user, tenant, until):
    rows = Contact.objects.visible_to(user).filter(tenant=tenant, made_at__lt=until)
    return _told(
        rows.order_by("-made_at", "-pk"),
        kind=F("kind"),
        at=F("made_at"),
        result=F("result"),
        who="made_by",
        amount=F("payment__amount"),
        notes=F("notes"),
    )


def _promises(user, tenant, until):
    rows = Promise.objects.visible_to(user).filter(tenant=tenant, created_at__lt=until)
    return _told(
        rows.order_by("-created_at", "-pk"),
        kind=Value("promise"),
        at=F("created_at"),
        result=Value(""),
        who="made_by",
        amount=F("amount"),
        day=F("due_on"),
        received=F("received"),
        cancelled_at=F("cancelled_at"),
        notes=F("cancel_reason"),
    )


def _payments(user, tenant, until):
    rows = Payment.objects.visible_to(user).filter(
        lease__tenant=tenant, value_date__lte=timezone.localdate(until)
    )
    return _told(
        rows.order_by("-value_date", "-pk"),
        kind=Value("payment"),
        at=F("created_at"),
        result=F("status"),
        label=F("method"),
        who="created_by",
        amount=F("amount"),
        day=F("value_date"),
        notes=F("notes"),
    )


def _messages(user, tenant, until):
    rows = Action.objects.visible_to(user).sent().filter(tenant=tenant, sent_at__lt=until)
    return _told(
        rows.order_by("-sent_at"),
        kind=Value("message"),
        at=F("sent_at"),
        result=F("channel"),
        who="sent_by",
        amount=F("amount"),
        notes=F("text"),
    )


def _notices(user, tenant, until):
    rows = Notice.objects.visible_to(user).issued().filter(tenant=tenant, issued_at__lt=until)
    return _told(
        rows.order_by("-issued_at"),
        kind=Value("notice"),
        at=F("issued_at"),
        result=F("state"),
        label=F("kind"),
        who="issued_by",
        amount=NullIf("amount", 0),
        day=F("leaves_on"),
        notes=F("number"),
    )


SOURCES = [_contacts, _promises, _payments, _messages, _notices]
NOTHING = Value("")
NO_DAY = Value(None, DateField())
NO_SUM = Value(None, BigIntegerField())
NO_TIME = Value(None, DateTimeField())


def _told(
    rows: QuerySet,
    *,
    kind,
    at,
    result,
    who: str,
    amount,
    notes,
    label=NOTHING,
    day=NO_DAY,
    received=NO_SUM,
    cancelled_at=NO_TIME,
) -> QuerySet:
    """Return ``rows`` as the arguments of ``_event``: all sources are asked for at once."""
    words = (Cast(word, TextField()) for word in (kind, result, label, notes))
    return rows.values_list(
        *words, "pk", at, f"{who}__name", f"{who}__email", amount, "site__currency",
        day, received, cancelled_at,
    )  # fmt: skip


def _event(kind, result, label, notes, pk, at, name, email, amount, currency, day, received, gone):
    who = _("the system") if email == SYSTEM else name or email
    due_on = None
    if kind == "promise":
        due_on = day
        promise = Promise(amount=amount, due_on=day, received=received, cancelled_at=gone)
        result, label = promise.status, promise.get_status_display()
    elif kind == "payment":
        at, label = _moment(at, day), Payment.Method(label).label
    elif kind == "message":
        label = Channel(result).label
    elif kind == "notice":
        due_on, label = day, f"{Notice.Kind(label).label}, {Notice.State(result).label}"
    else:
        label = Contact.Result(result).label
    return Event(kind, pk, at, str(label), str(result), who, amount, currency, due_on, notes)


def _moment(entered: datetime.datetime, value_date: datetime.date) -> datetime.datetime:
    """Return when money came: as entered where that was on its value date, else noon of it."""
    if timezone.localdate(entered) == value_date:
        return entered
    return timezone.make_aware(datetime.datetime.combine(value_date, NOON))
