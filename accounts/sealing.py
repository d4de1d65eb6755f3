"""Seals: each day of the record has a digest, chained to the day before, and can be checked.

Whoever can write to the tables behind the application's back can change a row, but not without
changing the digest of its day, and not the digest of a day without those of all days after it. The
newest digest is told to the log, so a copy of it lies outside of the database.
"""

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pgtrigger
from django.db import connection, models, transaction
from django.db.models import F, Func, Max, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from pghistory.models import Context

from accounts.models import ApiCall, Redaction, Removal, Seal, Trace
from accounts.partitions import drop_before, parted
from accounts.record import histories
from akig.lib.errors import Conflict
from akig.lib.isolation import everywhere

logger = logging.getLogger(__name__)
DAY = timedelta(days=1)
#: A context may be older than the rows that name it by as much as a request or a job lasts.
CONTEXTS_STAY = timedelta(days=7)

# What a row's text looks like follows from these.
PLAIN = """
SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';
SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL xmloption = 'content'
"""
ROWS = """
COPY (SELECT ({at} AT TIME ZONE 'UTC')::date, ROW({columns})::text FROM {table}
       WHERE {at} >= %s AND {at} < %s ORDER BY {at}, {key}) TO STDOUT
"""
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('akig.seal'))"
# What began on a day may still write rows of that day.
STILL_OPEN = """
SELECT min(began) FROM (
    SELECT xact_start AS began FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
       AND backend_type = 'client backend'
    UNION ALL SELECT prepared FROM pg_prepared_xacts WHERE database = current_database()
) AS running
"""


@dataclass(frozen=True)
class Book:
    """A table of the record: the column that tells the day of a row, and its key."""

    model: type[models.Model]
    at: str
    key: str

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def columns(self) -> list[str]:
        return sorted(field.column for field in self.model._meta.concrete_fields)


@dataclass(frozen=True)
class Difference:
    """What is not as it was sealed: a day, the table (empty: the seal itself) and how."""

    day: date
    table: str
    what: str

    def __str__(self):
        return " ".join(filter(None, [f"{self.day}:", self.table, self.what]))


#: Written late and in batches, so not sealed; given up with the rest.
CALLS = Book(ApiCall, "at", "id")


def books() -> list[Book]:
    """Return every table that is sealed."""
    kept = [Book(model, "pgh_created_at", "pgh_id") for model in histories()]
    beside = [(Context, "created_at"), (Trace, "at"), (Redaction, "at")]
    return [*kept, *(Book(model, at, "id") for model, at in beside)]


@everywhere()  # the record is of all branches
def seal_days() -> list[Seal]:
    """Seal every whole day (UTC) that is not sealed yet, and return the new seals.

    A day waits until each transaction that began on it has ended. Safe to run at any time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
        cursor.execute(STILL_OPEN)
        began = min(filter(None, [cursor.fetchone()[0], timezone.now()]))
        newest = Seal.objects.order_by("-day").first()
        first, last = (
            newest.day + DAY if newest else _first_day(),
            began.astimezone(UTC).date() - DAY,
        )
        if first is None or first > last:
            return []
        parts: dict[date, dict] = {first + DAY * n: {} for n in range((last - first).days + 1)}
        for book in books():
            for day, part in _parts(book, book.columns, first, last):
                parts[day][book.table] = part
        seals, previous = [], newest.digest if newest else ""
        for day, found in parts.items():
            digest = _chained(previous, day, found)
            seals.append(Seal(day=day, parts=found, previous=previous, digest=digest))
            previous = digest
        Seal.objects.bulk_create(seals, batch_size=500)
    logger.info("The record is sealed until %s: %s", last, previous)
    return seals


@everywhere()
def verify(first: date | None = None, last: date | None = None) -> list[Difference]:
    """Compare the days from ``first`` to ``last`` (all of them) with their seals.

    Of days that were given up (``give_up``) only the chain is left to be compared.
    """
    seals = Seal.objects.order_by("day")
    before = seals.filter(day__lt=first).last() if first else None
    seals = list(seals.filter(day__gte=first or date.min, day__lte=last or date.max))
    found = list(_broken_links(before, seals))
    given_up = Removal.objects.aggregate(until=Max("before"))["until"]
    seals = [seal for seal in seals if given_up is None or seal.day >= given_up]
    if seals:
        for book in books():
            with transaction.atomic():  # each by itself: every month that is read is locked
                found += _compare(book, seals)
    return found


def _broken_links(before, seals):
    for seal in seals:
        if before is not None and seal.day != before.day + DAY:
            yield Difference(before.day + DAY, "", "is not sealed")
        if seal.previous != (before.digest if before else ""):
            yield Difference(seal.day, "", "does not follow from the day before")
        if seal.digest != _chained(seal.previous, seal.day, seal.parts):
            yield Difference(seal.day, "", "has an altered seal")
        before = seal


def _compare(book, seals):
    """Read a table once for each set of columns under which it was sealed."""
    nothing = {"columns": book.columns, "rows": 0, "digest": ""}
    redacted = _redactions(book, seals[0].day, seals[-1].day)
    sealed = {seal.day: seal.parts.get(book.table, nothing) for seal in seals}
    for columns in sorted({tuple(part["columns"]) for part in sealed.values()}):
        if gone := set(columns) - set(book.columns):
            days = [day for day, part in sealed.items() if tuple(part["columns"]) == columns]
            yield Difference(days[0], book.table, f"has lost {', '.join(sorted(gone))}")
            continue
        found = dict(_parts(book, columns, seals[0].day, seals[-1].day))
        for day, part in sealed.items():
            if tuple(part["columns"]) != columns:
                continue
            now = found.get(day, nothing)
            more = now["rows"] - part["rows"]
            if more > 0:
                yield Difference(day, book.table, f"has {more} rows more (inserted)")
            elif more < 0:
                yield Difference(day, book.table, f"has {-more} rows fewer (deleted)")
            elif now["digest"] != _as_redacted(part["digest"], redacted[day]):
                yield Difference(day, book.table, "has other rows (changed)")


def _redactions(book, first: date, last: date) -> dict[date, list[Redaction]]:
    found = defaultdict(list)
    for one in Redaction.objects.filter(table=book.table, day__range=(first, last)).order_by("id"):
        found[one.day].append(one)
    return found


def _as_redacted(digest: str, redactions: Iterable[Redaction]) -> str:
    """Return the digest that a day has after what was blanked on purpose, each time in its turn."""
    for one in redactions:
        if one.before == digest:
            digest = one.after
    return digest


def redact(history: type[models.Model], of: Iterable[Any], blanks: dict[str, Any]) -> int:
    """Blank columns in the history of the objects ``of``; return how many rows were blanked.

    ``blanks`` says what stands in each column from now on. Who did it stands in the act's own
    history; here it leaves a ``Redaction`` for each day. Raises Conflict ``record_altered`` where
    a sealed day is not as it was sealed: nobody shall pass that off as redacted.
    """
    told = history.objects.filter(pgh_obj_id__in=list(of)).exclude(**blanks)
    with pgtrigger.ignore(f"{history._meta.label}:append_only"):
        return _redact(Book(history, "pgh_created_at", "pgh_id"), told, blanks)


def redact_contexts(contexts: QuerySet[Context], words: list[str]) -> int:
    """Take ``words`` (a reason, an address) out of what ``contexts`` say; as ``redact``."""
    told = contexts.filter(metadata__has_any_keys=words)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL akig.redacting = 'on'")
        less = Func(
            F("metadata"), Value(words), template="(%(expressions)s::text[])", arg_joiner="-"
        )
        number = _redact(Book(Context, "created_at", "id"), told, {"metadata": less})
        cursor.execute("SET LOCAL akig.redacting = ''")
    return number


@everywhere()  # the digest of a day is that of all branches
def _redact(book, told, blanks):
    by_day = defaultdict(list)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
        for key, at in told.order_by(book.key).values_list(book.key, book.at):
            by_day[at.astimezone(UTC).date()].append(key)
        seals = Seal.objects.in_bulk(by_day)
        for day, keys in by_day.items():
            part = seals[day].parts.get(book.table, {}) if day in seals else None
            columns = part.get("columns", book.columns) if part is not None else ()
            before = _digest(book, columns, day)
            if part is not None and before != _as_redacted(
                part.get("digest"), _redactions(book, day, day)[day]
            ):
                sentence = _("The record of this day was altered: %(day)s.") % {"day": day}
                raise Conflict(sentence, code="record_altered")
            span = {f"{book.at}__gte": _midnight(day), f"{book.at}__lt": _midnight(day + DAY)}
            rows = book.model.objects.filter(**span, **{f"{book.key}__in": keys})
            rows.update(**blanks)
            Redaction.objects.create(
                table=book.table,
                day=day,
                rows=[key if isinstance(key, int) else str(key) for key in keys],
                columns=sorted(blanks),
                before=before,
                after=_digest(book, columns, day),
            )
    return sum(map(len, by_day.values()))


def _digest(book, columns, day: date) -> str:
    """Return the digest of a day in a table; empty where no columns are named."""
    return dict(_parts(book, columns, day, day))[day]["digest"] if columns else ""


@everywhere()
def give_up(before: date) -> int:
    """Drop the history of all days before ``before``, by the month; return how many rows it had.

    What lies in no month that is over by then is deleted. The seals stay, so the chain still
    holds. It is written down first, so what is cut off is taken up by the next run. Raises
    ``ValueError`` for days without a seal.
    """
    ends = dict.fromkeys([*books(), CALLS], _midnight(before))
    ends |= {book: end - CONTEXTS_STAY for book, end in ends.items() if book.model is Context}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
        if not Seal.objects.filter(day=before - DAY).exists():
            raise ValueError(f"The record is not sealed until {before}.")
        rows = 0
        for book, end in ends.items():
            rows += book.model._base_manager.filter(**{f"{book.at}__lt": end}).count()
        Removal.objects.create(before=before, rows=rows)
    drop_before(parted(), _midnight(before))
    guarded = [book.model for book in ends if book.model is not Context]
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        pgtrigger.ignore(*(f"{model._meta.label}:append_only" for model in guarded)),
    ):
        cursor.execute("SET LOCAL akig.retaining = 'on'")
        for book, end in ends.items():
            cursor.execute(f"DELETE FROM {book.table} WHERE {book.at} < %s", [end])  # noqa: S608  # nosec B608 # our own names
    return rows


def _parts(book: Book, columns, first: date, last: date) -> Iterator[tuple[date, dict[str, Any]]]:
    """Yield each day with what is sealed of it; the rows go through, none is held."""
    quoted = ", ".join(f'"{column}"' for column in columns)
    words = {"columns": quoted, "table": book.table, "at": book.at, "key": book.key}
    with connection.cursor() as cursor:
        cursor.execute(PLAIN)
        day, rows, digest = b"", 0, hashlib.sha256()
        with cursor.copy(ROWS.format(**words), [_midnight(first), _midnight(last + DAY)]) as copy:
            for block in copy:
                row = bytes(block)
                if row[:10] != day:
                    if rows:
                        yield _part(day, columns, rows, digest)
                    day, rows, digest = row[:10], 0, hashlib.sha256()
                digest.update(row)
                rows += 1
        if rows:
            yield _part(day, columns, rows, digest)


def _part(day, columns, rows, digest):
    part = {"columns": list(columns), "rows": rows, "digest": digest.hexdigest()}
    return date.fromisoformat(day.decode()), part


def _chained(previous: str, day: date, parts: dict) -> str:
    told = json.dumps([previous, day.isoformat(), parts], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _first_day() -> date | None:
    firsts = [book.model._base_manager.aggregate(at=models.Min(book.at))["at"] for book in books()]
    firsts = [at for at in firsts if at is not None]
    return min(firsts).astimezone(UTC).date() if firsts else None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
