"""Paper: a template laid out as PDF, from nothing but itself.

Charts and QR codes are drawn into the template as SVG and the style stands in its head, so that no
document ever asks the network or a file for anything, whatever a name or a note contains.
"""

from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from akig.lib import workshop

#: Languages in which documents are reviewed; the others read the first.
LANGUAGES = ("fr", "en")


def paper(
    template: str,
    context: dict[str, Any],
    *,
    language: str = "fr",
    seconds: float | None = None,
) -> bytes:
    """Return ``template`` as a PDF in ``language`` (French where it is not reviewed in it).

    The template may count on ``now``, the moment of printing. Raises ``workshop.Busy`` when it
    takes longer than ``seconds`` (``workshop.PATIENCE`` unless given).
    """
    with translation.override(language if language in LANGUAGES else LANGUAGES[0]):
        text = render_to_string(template, {"now": timezone.now(), **context})
    return workshop.do("akig.lib.typesetting:lay_out", text.encode(), seconds=seconds)
