"""Finding rows by what people remember: parts of words without accents, a telephone anyhow."""

import re

from django.db.models import Q, Value

from akig.lib.models import Fold
from akig.lib.parsing import phones

FEWEST_DIGITS = 4


def words_in(column: str, text: str) -> Q:
    """Return the condition that every word of ``text`` stands in the folded ``column``."""
    condition = Q()
    for word in text.split():
        condition &= Q(**{f"{column}__contains": Fold(Value(word))})
    return condition


def number_in(column: str, text: str) -> Q | None:
    """Return the condition that the telephone ``column`` (E.164) holds the number ``text``.

    A whole number is understood in any writing; a part of at least four digits is looked for as
    it stands. None when ``text`` is no number.
    """
    if re.search(r"[^\W\d_]", text):
        return None
    if numbers := phones(text).numbers:
        return Q(**{f"{column}__in": numbers})
    digits = re.sub(r"\D", "", text).removeprefix("00")
    return Q(**{f"{column}__contains": digits}) if len(digits) >= FEWEST_DIGITS else None
