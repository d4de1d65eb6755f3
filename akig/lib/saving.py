"""Writing one row: what its fields and the database refuse becomes a refusal of the business."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew

Row = TypeVar("Row", bound=models.Model)

#: Name of a database constraint -> (code, field, sentence).
Refusals = dict[str, tuple[str, str, str]]


@contextmanager
def refusing(refusals: Refusals) -> Iterator[None]:
    """Let the database judge: a constraint named in ``refusals`` answers with its sentence.

    The database is asked, not we: a check made before the write would miss whoever writes now.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = error.__cause__.diag.constraint_name
        if name not in refusals:
            raise
        code, field, sentence = refusals[name]
        raise Conflict(str(sentence), code=code, fields={field: str(sentence)}) from error


def check(row: models.Model) -> None:
    """Ask the fields of ``row`` (length, choice, range); raise BusinessError naming those wrong.

    Keys to other rows are left to the database, which asks without a query of its own.
    """
    keys = [field.name for field in row._meta.fields if field.is_relation or field.generated]
    try:
        row.clean_fields(exclude=keys)
    except ValidationError as error:
        raise BusinessError(
            _("Please correct what is marked."),
            fields={name: " ".join(texts) for name, texts in error.message_dict.items()},
        ) from error


def save(row: Row, refusals: Refusals | None = None) -> Row:
    """Check ``row`` and write it; return it with what the database computed.

    Cached figures of its branch become stale.
    """
    check(row)
    with refusing(refusals or {}):
        row.save()
    if getattr(row, "site_id", None):
        renew(f"site:{row.site_id}")
    return row


def locked(row: Row, version: int | None = None) -> Row:
    """Read ``row`` again and hold it until the act is over.

    Raises Conflict ``stale`` when somebody changed it since ``version`` was shown.
    """
    fresh = type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if version is not None and fresh.version != version:
        raise Conflict(
            _("Somebody changed this meanwhile. Look at it again, then repeat your correction."),
            code="stale",
        )
    return fresh


def correct(row: Row, changes: dict, refusals: Refusals | None = None) -> bool:
    """Write ``changes`` (field -> value) to a locked ``row``; tell whether anything changed."""
    before = {name: getattr(row, name) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    if all(getattr(row, name) == value for name, value in before.items()):
        return False
    save(row, refusals)
    row.refresh_from_db()
    return True
