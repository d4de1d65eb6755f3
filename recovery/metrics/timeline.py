"""Everything that happened with a tenant about money, the newest first."""

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from payments.models import Payment
from recovery.models import Action, Contact, Promise
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
    events = [
        event
        for source in SOURCES
        for event in source(user, tenant, until, most)
        if event.at < until
    ]
    return sorted(events, key=lambda event: (event.at, event.kind, event.id), reverse=True)[:most]


def _contacts(user, tenant, until, most):
    rows = Contact.objects.visible_to(user).filter(tenant=tenant, made_at__lt=until)
    for row in rows.select_related("made_by", "site", "payment")[:most]:
        yield Event(
            kind=row.kind,
            id=row.pk,
            at=row.made_at,
            label=row.get_result_display(),
            result=row.result,
            who=str(row.made_by),
            amount=row.payment.amount if row.payment else None,
            currency=row.site.currency,
            notes=row.notes,
        )


def _promises(user, tenant, until, most):
    rows = Promise.objects.visible_to(user).filter(tenant=tenant, created_at__lt=until)
    for row in rows.select_related("made_by", "site").order_by("-created_at", "-pk")[:most]:
        yield Event(
            kind="promise",
            id=row.pk,
            at=row.created_at,
            label=Promise.Status(row.status).label,
            result=row.status,
            who=str(row.made_by),
            amount=row.amount,
            currency=row.site.currency,
            due_on=row.due_on,
            notes=row.cancel_reason,
        )


def _payments(user, tenant, until, most):
    rows = Payment.objects.visible_to(user).filter(
        lease__tenant=tenant, value_date__lte=timezone.localdate(until)
    )
    for row in rows.select_related("created_by", "site").order_by("-value_date", "-pk")[:most]:
        yield Event(
            kind="payment",
            id=row.pk,
            at=_moment(row),
            label=row.get_method_display(),
            result=row.status,
            who=_("the system") if row.created_by.is_system else str(row.created_by),
            amount=row.amount,
            currency=row.site.currency,
            notes=row.notes,
        )


def _moment(payment) -> datetime.datetime:
    """Return when money came: as entered where that was on its value date, else noon of it."""
    if timezone.localdate(payment.created_at) == payment.value_date:
        return payment.created_at
    return timezone.make_aware(datetime.datetime.combine(payment.value_date, NOON))


def _messages(user, tenant, until, most):
    rows = Action.objects.visible_to(user).sent().filter(tenant=tenant, sent_at__lt=until)
    for row in rows.select_related("sent_by", "site").order_by("-sent_at")[:most]:
        yield Event(
            kind="message",
            id=row.pk,
            at=row.sent_at,
            label=row.get_channel_display(),
            result=row.channel,
            who=str(row.sent_by),
            amount=row.amount,
            currency=row.site.currency,
            notes=row.text,
        )


SOURCES = [_contacts, _promises, _payments, _messages]
