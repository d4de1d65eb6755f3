"""All that the tables hold of one person, as a ZIP that a program can read.

``data.json`` holds the rows by table, the person's own first; ``files/`` what was handed in with
them. No table need be listed: a new one that points at the person is in it.
"""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Iterator
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import CASCADE, FileField, Model, QuerySet
from django.http import FileResponse

#: Kept in memory up to so many bytes, beyond that on disk.
IN_MEMORY = 8 * 2**20


class Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:  # telephones, spans of days, stored files
            return str(o)


def dossier(found: Iterable[QuerySet]) -> IO[bytes]:
    """Return the ZIP, open at its beginning, of all rows ``found``; deferred columns are left out.

    Encrypted columns are in it in clear.
    """
    target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller's
    tables: dict[str, dict[Any, dict]] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for rows in found:
            table = tables.setdefault(rows.model._meta.label, {})
            for each in rows.iterator(chunk_size=500):
                if each.pk not in table:
                    table[each.pk] = _told(each)
                    _pack_files(packed, each)
        kept = {label: list(table.values()) for label, table in tables.items() if table}
        packed.writestr("data.json", json.dumps(kept, cls=Encoder, ensure_ascii=False, indent=1))
    target.seek(0)
    return target


def handed_out(packed: IO[bytes], name: str) -> FileResponse:
    """Return the answer that hands a ZIP out and lets nobody keep it on the way."""
    answer = FileResponse(packed, as_attachment=True, filename=name)
    answer["Content-Type"] = "application/zip"
    answer["Cache-Control"] = "private, no-store"
    return answer


def about(row: Model, reader: Any, through: Collection[type[Model]] = ()) -> Iterator[QuerySet]:
    """Yield what ``reader`` may see of ``row``: whatever names it or one of its rows ``through``.

    Those are rows to follow, as the leases of a tenant. The histories stay out: they tell what the
    agency's people did.
    """
    itself = type(row)._base_manager.filter(pk=row.pk)
    yield itself
    for rows in _pointing_at(itself, reader):
        yield rows
        if rows.model in through:
            yield from _pointing_at(rows, reader)


def _pointing_at(rows: QuerySet, reader) -> Iterator[QuerySet]:
    for relation in rows.model._meta.related_objects:
        model = relation.related_model
        if not relation.many_to_many and not hasattr(model, "pgh_tracked_model"):
            found = model._default_manager.visible_to(reader)
            yield found.filter(**{f"{relation.field.name}__in": rows}).order_by("pk")


def belonging_to(row: Model, secrets: Collection[str] = ()) -> Iterator[QuerySet]:
    """Yield ``row`` and what would go with it, without the columns ``secrets``.

    What only names it, such as what a person entered, is not his own.
    """
    for field in (row._meta.pk, *(relation.field for relation in row._meta.related_objects)):
        if field is row._meta.pk or field.remote_field.on_delete is CASCADE:
            rows = field.model._base_manager.filter(**{field.name: row.pk}).order_by("pk")
            names = {column.name for column in field.model._meta.concrete_fields}
            yield rows.defer(*names.intersection(secrets))


def _told(row: Model) -> dict[str, Any]:
    left_out = row.get_deferred_fields()
    fields = [field.attname for field in row._meta.concrete_fields if not field.generated]
    return {name: getattr(row, name) for name in fields if name not in left_out}


def _pack_files(packed: zipfile.ZipFile, row: Model) -> None:
    for field in row._meta.concrete_fields:
        file = getattr(row, field.attname) if isinstance(field, FileField) else None
        if file and file.storage.exists(file.name):
            with file.open("rb") as source, packed.open(f"files/{file.name}", "w") as place:
                shutil.copyfileobj(source, place)
