"""Codes that people read out on the telephone: a letter and the next number, L-0001."""

import re

from django.db import connection
from django.db.models import BigIntegerField, Max, QuerySet
from django.db.models.functions import Cast, Substr


def next_code(rows: QuerySet, prefix: str, field: str = "code") -> str:
    """Return the code after the highest ``prefix`` + number among ``rows`` (at least 4 digits).

    Held until the transaction ends, so that two people at once get two codes.
    """
    scope = f"{rows.model._meta.db_table} {prefix}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [scope])
    number = Cast(Substr(field, len(prefix) + 1), BigIntegerField())
    ours = rows.filter(**{f"{field}__regex": rf"^{re.escape(prefix)}[0-9]{{1,9}}$"})
    highest = ours.aggregate(highest=Max(number))["highest"] or 0
    return f"{prefix}{highest + 1:04d}"
