"""Forgetting a person: his name and whatever leads to him goes, what the books must keep stays.

Each app says in answer to ``person_erasing`` what it keeps of a person. The same columns of the
history are blanked, which leaves a trace of its own (``accounts.sealing.redact``).
"""

import re
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models, transaction
from django.db.models import Func, TextField, Value
from django.db.models.functions import Cast, Concat, Left
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override
from pghistory.models import Context
from phonenumber_field.phonenumber import PhoneNumber

from accounts.models import BrowserSession, TokenFamily, Trace, User
from accounts.sealing import redact, redact_contexts
from accounts.services import shut_out
from accounts.verbs import verb
from akig.lib.counting import counted
from akig.lib.errors import BusinessError
from akig.lib.freshness import renew
from akig.lib.isolation import everywhere
from akig.lib.saving import locked
from notifications.models import Job
from sites_app.models import MaintenanceTicket, Property
from sites_app.signals import person_erased, person_erasing


@dataclass(frozen=True)
class Part:
    """What one table keeps of a person: ``rows``, and what stands in their columns afterwards.

    ``gone`` rows are deleted, and ``blanks`` are for their history alone. ``number`` is how many
    there are.
    """

    rows: models.QuerySet
    blanks: dict[str, Any] = field(default_factory=dict)
    gone: bool = False
    number: int = 0

    @property
    def label(self) -> str:
        return capfirst(self.rows.model._meta.verbose_name_plural)

    @property
    def fields(self) -> str:
        """The columns, as people read them."""
        names = [self.rows.model._meta.get_field(name).verbose_name for name in self.blanks]
        return ", ".join(map(str, names))


@everywhere()  # what forbids it may lie in a branch that the actor does not see
def parts_of(row: models.Model) -> list[Part]:
    """Return all that is kept of a person. Raises the BusinessError that forbids to erase him."""
    answers = person_erasing.send(type(row), row=row)
    parts = [part for _receiver, answered in answers for part in answered]
    numbers = counted([part.rows for part in parts])
    told = zip(parts, numbers, strict=True)
    return [replace(part, number=number) for part, number in told if number]


def pseudonym(row: models.Model) -> str:
    """Return what a person is called once he is erased, in the language of the house."""
    with override(settings.LANGUAGE_CODE):
        return _("Erased person no. %(number)s") % {"number": row.pk}


@verb("tenant.erase")
@everywhere()  # he is erased at every branch, or at none
def erase_person(*, actor, row: models.Model, reason: str) -> models.Model:
    """Erase an owner, tenant or guarantor; there is no way back.

    Raises what forbids it (a lease that runs, money owed either way, a deposit that is held), and
    ``record_altered`` where his history is not as it was sealed.
    """
    if not reason.strip():
        sentence = _("Say why.")
        raise BusinessError(sentence, fields={"reason": sentence})
    held = locked(row)
    parts = [(part, list(part.rows.values_list("pk", flat=True))) for part in parts_of(held)]
    with pghistory.context(reason=reason.strip()):
        person = getattr(held, "user", None)
        _forget_acts(person, parts)
        if _is_alone(person) and person.is_active:
            shut_out(actor=actor, person=person)
        for part, keys in parts:
            _forget(part, part.rows.model._base_manager.filter(pk__in=keys))
        for part, keys in parts:
            history = getattr(part.rows.model, "pgh_event_model", None)
            kept = {} if history is None else {one.name for one in history._meta.fields}
            if blanks := {name: part.blanks[name] for name in part.blanks if name in kept}:
                redact(history, keys, blanks)
        if hasattr(held, "archived_on"):
            standing = type(held)._base_manager.filter(pk=held.pk, archived_on=None)
            standing.update(archived_on=timezone.localdate())
        person_erased.send(type(held), row=held, actor=actor)
    renew(f"site:{held.site_id}")
    return held


def _forget_acts(person, parts) -> None:
    """Take out of the record why somebody did what concerned him, and whence he came himself."""
    for part, keys in parts:
        history = getattr(part.rows.model, "pgh_event_model", None)
        if history is not None:
            events = history.objects.filter(pgh_obj_id__in=keys)
            about = Context.objects.filter(pk__in=events.values("pgh_context_id"))
            redact_contexts(about, ["reason", "tried"])
    if _is_alone(person):
        own = Trace.objects.filter(person=person.pk)
        redact_contexts(Context.objects.filter(pk__in=own.values("context")), ["address", "agent"])


def _forget(part, rows) -> None:
    for name in part.blanks:
        column = part.rows.model._meta.get_field(name)
        if isinstance(column, models.FileField):
            for stored in filter(None, rows.values_list(name, flat=True)):
                transaction.on_commit(lambda stored=stored, c=column: c.storage.delete(stored))
    with ExitStack() as open_again:
        if guards := _guards(part.rows.model):
            open_again.enter_context(pgtrigger.ignore(*guards))
        if part.gone:
            rows.delete()
        else:
            rows.update(**part.blanks)


def _guards(model) -> list[str]:
    """The triggers that keep rows of ``model`` as they were written: here they must give way."""
    triggers = getattr(model._meta, "triggers", [])
    protecting = [one for one in triggers if isinstance(one, pgtrigger.Protect)]
    return [f"{model._meta.label}:{one.name}" for one in protecting]


def sign_in_of(row: models.Model) -> list[Part]:
    """Return the sign-in of an owner or tenant as parts, unless it is for something else, too."""
    if not _is_alone(person := row.user):
        return []
    blanks = {"name": pseudonym(row), "phone": "", "email": f"{person.pk}@akig.invalid"}
    return [
        Part(User.objects.filter(pk=person.pk), blanks),
        Part(BrowserSession.objects.filter(user=person), gone=True),
        Part(TokenFamily.objects.filter(user=person), gone=True),
    ]


def words_of(row: models.Model, *numbers: PhoneNumber) -> list[str]:
    """Return what a person is found by in a text: name, address, telephones in both ways."""
    told = [row.name, getattr(row, "email", ""), *map(str, numbers)]
    return [*filter(None, told), *(str(number.national_number) for number in numbers)]


def texts_naming(row: models.Model, words: list[str]) -> list[Part]:
    """Return the texts of the house that name a person by one of ``words``, as parts.

    He has his other name there; what else they say stays. Work that is still under way is done
    before he is looked for.
    """
    ended = Job.objects.exclude(state__in=[Job.State.WAITING, Job.State.RUNNING])
    texts = [
        (ended, ["title", "message", "params", "errors", "result"]),
        (MaintenanceTicket.objects.all(), ["title", "description"]),
        (Property.objects.all(), ["safety_note", "notes"]),
    ]
    pattern = "|".join(map(re.escape, words))
    return [_naming(rows, columns, pattern, pseudonym(row)) for rows, columns in texts]


def _naming(rows, columns, pattern, name) -> Part:
    told = Concat(*(Cast(column, TextField()) for column in columns))
    blanks = {}
    for column in map(rows.model._meta.get_field, columns):
        words = (Cast(column.name, TextField()), Value(pattern), Value(name), Value("gi"))
        text = Func(*words, function="regexp_replace", output_field=TextField())
        most = column.max_length
        blanks[column.name] = Left(text, most) if most else Cast(text, column)
    return Part(rows.alias(told=told).filter(told__iregex=pattern), blanks)


def _is_alone(person) -> bool:
    """Tell whether a sign-in is for an owner or a tenant alone: not for both, nor for the staff."""
    both = hasattr(person, "owner") and hasattr(person, "tenant")
    return person is not None and not both and not person.works_here
