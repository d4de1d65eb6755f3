"""The record as people read it: who did what, line by line, and the rows that each line touched."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet, Window
from django.db.models.fields.json import KT
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from pghistory.models import Context

from accounts.act_words import ACTS, act_word
from accounts.models import Trace, User
from accounts.record import histories
from akig.lib.history import LABELS, UNTOLD, shown
from akig.lib.isolation import branch_column
from sites_app.models import Site
from sites_app.querysets import branches_of

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Touched:
    """One row that an act touched: ``before`` and ``after`` hold what differs, or all of it."""

    object_id: str
    event: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A line of the record with who and whence; ``rows`` are the first that it touched."""

    trace: Trace
    who: str
    told: dict[str, Any]
    rows: list[Touched] = field(default_factory=list)

    @property
    def act(self) -> str:
        return act_word(self.trace.verb)

    @property
    def kind(self) -> str:
        return kind_word(self.trace.model)


def traces_for(user: User) -> QuerySet[Trace]:
    """Return the lines that ``user`` may read: of his branches, and of people where he may."""
    seen = Q(site__in=branches_of(user))
    if user.may("user.manage"):
        seen |= Q(site=None)
    return Trace.objects.filter(seen)


def kinds() -> list[tuple[str, str]]:
    """Return every kind of row that the record knows, with its word, sorted by it."""
    labels = {model.pgh_tracked_model._meta.label_lower for model in histories()}
    return sorted(((label, kind_word(label)) for label in labels), key=lambda pair: pair[1])


def acts() -> list[tuple[str, str]]:
    """Return every word for acts, sorted, with the names that it stands for, with commas."""
    names = defaultdict(list)
    for name in ACTS:
        names[act_word(name)].append(name)
    return sorted(
        ((",".join(some), word) for word, some in names.items()), key=lambda pair: pair[1]
    )


def kind_word(label: str) -> str:
    return capfirst(str(apps.get_model(label)._meta.verbose_name))


def lines_of(traces: Sequence[Trace], most: int = 0) -> list[Line]:
    """Return ``traces`` with who and whence, and the first ``most`` rows of each.

    Three queries for each kind of row, two where no rows are asked.
    """
    contexts = Context.objects.in_bulk({trace.context for trace in traces})
    people = User.objects.in_bulk({trace.person for trace in traces if trace.person})
    rows = _rows_of(traces, most) if most else {}
    return [
        Line(
            trace=trace,
            who=str(people.get(trace.person, "")),
            told=contexts[trace.context].metadata if trace.context in contexts else {},
            rows=rows.get(trace.pk, []),
        )
        for trace in traces
    ]


def in_words(trace: Trace, row: Touched) -> list[tuple[str, str, str]]:
    """Return what changed in ``row`` as people read it: field, before, after."""
    model = _history(trace.model)
    currency = Site.objects.filter(pk=trace.site).values_list("currency", flat=True).first() or ""
    told = []
    for column in row.after or row.before:
        of = next(each for each in model._meta.fields if each.attname == column)
        amount = currency if of.get_internal_type() == "BigIntegerField" else ""
        before, after = (shown(of, each.get(column), amount) for each in (row.before, row.after))
        told.append((str(of.verbose_name), before, after))
    return told


def event_word(event: str) -> str:
    return str(LABELS.get(event, event))


def _history(label: str) -> type[Model]:
    return apps.get_model(label).pgh_event_model


def _rows_of(traces, most):
    """Return the first ``most`` rows of history of each trace, by its key."""
    by_kind = defaultdict(list)
    for trace in traces:
        by_kind[trace.model].append(trace)
    found = defaultdict(list)
    for label, some in by_kind.items():
        model = _history(label)
        names = {each.name for each in model._meta.fields}
        branch = branch_column(model)
        owners = {(trace.context, trace.site): trace.pk for trace in some}
        places = Window(
            RowNumber(), partition_by=["pgh_context_id", *filter(None, [branch])], order_by="pgh_id"
        )
        events = model.objects.filter(pgh_context_id__in=[trace.context for trace in some])
        times = [trace.at for trace in some]  # about: which months to look into
        events = events.filter(pgh_created_at__range=(min(times) - DAY, max(times) + DAY))
        first = events.annotate(pgh_turn=places).filter(pgh_turn__lte=most)
        events = list(first.order_by("pgh_id"))
        earlier = _earlier(model, events) if "pgh_obj" in names else {}
        for event in events:
            key = (event.pgh_context_id, getattr(event, branch) if branch else None)
            if key in owners:
                found[owners[key]].append(_touched(event, earlier.get(event.pgh_id)))
    return found


def _earlier(model, events):
    """Return, by the key of each event that is no row's first, the event of its row before it."""
    wanted = {event.pgh_id: event.pgh_obj_id for event in events if event.pgh_label != "insert"}
    if not wanted:
        return {}
    stored = model.objects.filter(pgh_obj_id__in=wanted.values(), pgh_id__lte=max(wanted))
    newest, before = {}, {}
    for event in stored.order_by("pgh_id"):
        if event.pgh_id in wanted and event.pgh_obj_id in newest:
            before[event.pgh_id] = newest[event.pgh_obj_id]
        newest[event.pgh_obj_id] = event
    return before


def _touched(event, earlier):
    columns = [
        each.attname
        for each in event._meta.fields
        if not each.name.startswith("pgh_") and each.name not in UNTOLD
    ]
    now = {column: getattr(event, column) for column in columns}
    past = {column: getattr(earlier, column) for column in columns} if earlier else {}
    if event.pgh_label in ("delete", "role_taken"):
        before, after = now, {}
    elif earlier is None or event.pgh_label == "insert":
        before, after = {}, now
    else:
        differing = [column for column in columns if past[column] != now[column]]
        before = {column: past[column] for column in differing}
        after = {column: now[column] for column in differing}
    object_id = str(getattr(event, "pgh_obj_id", None) or getattr(event, "user_id", ""))
    return Touched(object_id, event.pgh_label, before, after)


def _from(traces, name, day):
    return traces.filter(at__gte=_begin(day))


def _to(traces, name, day):
    return traces if day == day.max else traces.filter(at__lt=_begin(day + DAY))


def _begin(day):
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def _request(traces, name, asked):
    told = Context.objects.annotate(asked=KT("metadata__request_id")).filter(asked=asked)
    return traces.filter(context__in=list(told.values_list("pk", flat=True)[:1000]))


class _Names(filters.BaseInFilter, filters.CharFilter):
    """One name, or several with commas."""


class _Traces(filters.FilterSet):
    """Of one row only together with its kind: keys of different kinds are alike."""

    def filter_queryset(self, queryset: QuerySet[Trace]) -> QuerySet[Trace]:
        traces = super().filter_queryset(queryset)
        label, key = (self.form.cleaned_data[name] for name in ("model", "object_id"))
        if not key:
            return traces
        if not label or not hasattr(_history(label), "pgh_obj"):
            return traces.none()
        target = _history(label)._meta.get_field("pgh_obj").target_field
        try:
            value = uuid.UUID(key) if target.get_internal_type() == "UUIDField" else key
            number = value if target.get_internal_type() != "BigAutoField" else int(key)
        except ValueError:
            return traces.none()
        events = _history(label).objects.filter(pgh_obj_id=number)
        return traces.filter(context__in=events.values("pgh_context_id"))


#: What page and API are narrowed by. Made by hand because ``from`` is a word of Python's own.
TraceFilter = type(filters.FilterSet)(
    "TraceFilter",
    (_Traces,),
    {
        "user": filters.NumberFilter("person", label=_("Person")),
        "act": _Names("verb", label=_("Act")),
        "model": filters.ChoiceFilter(field_name="model", choices=kinds, label=_("Kind")),
        "object_id": filters.CharFilter(method=lambda traces, name, key: traces, max_length=36),
        "request": filters.CharFilter(method=_request, max_length=64),
        "from": filters.DateFilter(method=_from),
        "to": filters.DateFilter(method=_to),
        "__module__": __name__,
    },
)
