"""Whatever people type, every form stores it exactly or refuses it in words, and shows it escaped.

The forms are found on the pages of the table of permissions: a new one is tried as it comes.
"""

from urllib.parse import urlencode

import pytest
from django import forms
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from pghistory.models import Context

from accounts.models import Trace
from accounts.record import histories
from akig.lib.forms import AmountField
from payments.models import DepositMovement, JournalEntry
from tests.architecture.test_permissions import (  # noqa: F401 - fixtures
    ROWS,
    _today,
    address,
    house,
)

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
NAUGHTY = [
    "\u202eevil\u202c",  # from right to left
    "a\u200b\u200d\ufeffb",  # of no width
    "a\x00b",
    "👩‍👩‍👧 𝒜 ﷽",
    "é" * 100_000,
    "'; DROP TABLE x; --",
    "<i onclick=x>&\"'",
    "{{ 7|add:7 }}${7*7}",
    "%s%n%(x)s{0.__doc__}",
    "../../../etc/passwd",
    '=1+cmd|"/c"!A1',
    "a\r\nX: evil",
    b"\xed\xa0\x80",  # half a character
    b"\xff\xfe\xc0\xaf",  # no UTF-8
]
JOURNALS = (JournalEntry, DepositMovement)  # written once, so without a history
AT_ONCE = 3  # so many for each form; each of them meets many forms


def test_every_form_stores_it_exactly_or_refuses_it(client, cast, house):  # noqa: F811
    client.force_login(cast.admin)
    faults = []
    for turn, (_right, name, *parts) in enumerate(ROWS):
        page = address(house, name, parts)
        form = (client.get(page).context or {}).get("form")
        if not isinstance(form, forms.BaseForm) or not any(map(is_text, form)):
            continue
        for step in range(AT_ONCE):
            text = NAUGHTY[(turn * AT_ONCE + step) % len(NAUGHTY)]
            with transaction.atomic():
                # Every second time telephones and the like stay as they are, so that it counts.
                faults += [
                    f"{name} {text!r:.30}: {fault}"
                    for fault in tell(client, page, form, text, step % 2)
                ]
                transaction.set_rollback(True)
    assert faults == [], "\n".join(faults)


def is_text(field) -> bool:
    kind = field.field
    return isinstance(kind, forms.CharField) and not isinstance(kind, AmountField | forms.UUIDField)


def is_free(field) -> bool:
    """Tell whether any text will do; secrets are kept, too, but nowhere in clear."""
    secret = isinstance(field.field.widget, forms.PasswordInput)
    return type(field.field) is forms.CharField and not secret


def tell(client, page, form, text, everywhere):
    """Send ``text`` in the fields of ``form`` that take any; yield what is wrong then."""
    raw = text if isinstance(text, bytes) else text.encode()
    tried = [one for one in form if is_text(one) and (everywhere or is_free(one))]
    said = {one.html_name: raw if one in tried else usual(one) for one in form}
    before = Trace.objects.aggregate(last=Max("id", default=0))["last"]
    if form.is_bound:
        answer = client.get(page, QUERY_STRING=urlencode(said, doseq=True))
    else:
        answer = client.post(page, urlencode(said, doseq=True), FORM)
    written = Trace.objects.filter(id__gt=before)
    if answer.status_code >= 500:
        yield "breaks it"
    if not answer.streaming and b"<i onclick" in answer.content:
        yield "is shown as it is"
    if answer.status_code >= 400 and written:
        yield "is refused and yet written"
    if answer.status_code == 302 and isinstance(text, str) and written:
        kept = stored(written)
        for one in filter(is_free, tried):
            if squashed(text) not in kept:
                yield f"is not what {one.name} keeps"


def usual(field):
    """Return what the field of a form takes."""
    value, kind = field.value(), field.field
    if value not in (None, "", []):
        return value if isinstance(value, list | tuple) else str(value)
    if isinstance(kind, AmountField):
        return "1"
    if isinstance(kind, forms.ModelChoiceField):
        first = kind.queryset.first()
        return first.pk if first else ""
    if isinstance(kind, forms.ChoiceField):
        return next((value for value, _label in kind.choices if value), "")
    if isinstance(kind, forms.IntegerField | forms.DecimalField):
        return kind.min_value or 1
    if isinstance(kind, forms.DateField):
        return timezone.localdate().isoformat()
    return ""


def stored(traces) -> set[str]:
    """Return all that was written since, and why."""
    by_label = {one.pgh_tracked_model._meta.label_lower: one for one in histories()}
    values = set()
    for trace in traces:
        for row in by_label[trace.model].objects.filter(pgh_context=trace.context).values():
            values |= {squashed(str(value)) for value in row.values()}
        said = Context.objects.get(pk=trace.context).metadata
        values |= {squashed(str(value)) for value in said.values()}
    for journal in JOURNALS:
        for row in journal.objects.order_by("-pk")[:3].values():
            values |= {squashed(str(value)) for value in row.values()}
    return values


def squashed(text: str) -> str:
    return " ".join(text.split())
