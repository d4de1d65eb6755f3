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


def drawn(template: str, context: dict[str, Any], *, language: str = "fr") -> bytes:
    """Return ``template`` as the HTML of a paper in ``language`` (French where not reviewed in it).

    The template may count on ``now``, the moment of printing.
    """
    with translation.override(language if language in LANGUAGES else LANGUAGES[0]):
        return render_to_string(template, {"now": timezone.now(), **context}).encode()


def paper(
    template: str,
    context: dict[str, Any],
    *,
    language: str = "fr",
    seconds: float | None = None,
) -> bytes:
    """Return ``template``, as ``drawn``, as a PDF.

    Raises ``workshop.Busy`` when it takes longer than ``seconds`` (``workshop.PATIENCE`` unless
    given).
    """
    page = drawn(template, context, language=language)
    return workshop.do("akig.lib.typesetting:lay_out", page, seconds=seconds)
