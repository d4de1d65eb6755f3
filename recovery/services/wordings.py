"""The words of a level, with what they leave open filled in."""

import re
from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from akig.lib.errors import BusinessError
from akig.lib.money import format_amount
from recovery.models import Case, Channel, Level, Wording

#: What a text may leave open, in braces.
NAMES = ("name", "amount", "since", "agency", "branch", "phone", "office")
OPEN = re.compile(r"{(\w*)}")

#: The language of letters, and of a text where there is none in the tenant's own.
USUAL = "fr"


def texts_of(levels: Iterable[Level | None]) -> dict[int, dict[str, str]]:
    """Return the texts of ``levels`` by their ids and languages, asked for at once."""
    texts: dict[int, dict[str, str]] = defaultdict(dict)
    for wording in Wording.objects.filter(level__in={level.pk for level in levels if level}):
        texts[wording.level_id][wording.language] = wording.text
    return texts


def words_for(case: Case, level: Level, channel: str, texts: dict | None = None) -> str:
    """Return what is written to the tenant of ``case`` at ``level`` by ``channel``; maybe nothing.

    The tenant's language if the level has it, else French, in which letters are written always:
    they are documents of law. ``texts`` are those of many levels.
    """
    said = (texts_of([level]) if texts is None else texts).get(level.pk, {})
    return fill(said.get(USUAL, ""), case) if channel == Channel.LETTER else _spoken(said, case)


def script_for(case: Case) -> str:
    """Return what to say on the telephone: the words of the step if it is a call, else of another.

    Another is the next call of the branch's newest ladder, or its first. Empty without words.
    """
    spoken = Wording.objects.filter(
        level__channel=Channel.CALL,
        level__ladder__site=case.site_id,
        level__ladder__valid_from__lte=timezone.localdate(),
    )
    texts: dict[tuple, dict[str, str]] = defaultdict(dict)
    for wording in spoken.select_related("level__ladder"):
        level = wording.level
        is_next, lies_ahead = level.pk == case.next_level_id, level.position >= case.level
        begun = -level.ladder.valid_from.toordinal()
        texts[not is_next, begun, not lies_ahead, level.position][wording.language] = wording.text
    return _spoken(texts[min(texts)], case) if texts else ""


def _spoken(said: dict[str, str], case: Case) -> str:
    return fill(said.get(case.tenant.language, said.get(USUAL, "")), case)


def fill(text: str, case: Case) -> str:
    """Return ``text`` with name, amount and day of ``case`` as they are now."""
    phone = case.site.phone or settings.AGENCY_PHONE
    values = {
        "name": case.tenant.name,
        "amount": format_amount(case.balance, case.site.currency),
        "since": f"{case.oldest_due:%d/%m/%Y}" if case.oldest_due else "",
        "branch": case.site.name,
        "agency": settings.AGENCY_NAME,
        "phone": phone,
        "office": ", ".join(filter(None, (settings.AGENCY_NAME, case.site.name, phone))),
    }
    return OPEN.sub(lambda found: values.get(found[1], found[0]), text)


def refuse_unknown(text: str) -> None:
    """Raise BusinessError for a text that leaves open what nobody fills in."""
    unknown = [name for name in OPEN.findall(text) if name not in NAMES]
    if unknown:
        sentence = _("Nothing is known as {%(word)s}: write %(names)s.") % {
            "word": unknown[0],
            "names": ", ".join(f"{{{name}}}" for name in NAMES),
        }
        raise BusinessError(sentence, fields={"text": sentence})
