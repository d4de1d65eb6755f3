"""Paper: a template laid out as PDF, from nothing but itself.

Charts and QR codes are drawn into the template as SVG and the style stands in its head, so that no
document ever asks the network or a file for anything, whatever a name or a note contains.
"""

import threading
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

#: Languages in which documents are reviewed; the others read the first.
LANGUAGES = ("fr", "en")

# Looking for the machine's fonts takes a quarter of the time of a receipt: once for each thread.
_thread = threading.local()


class NoFetcher(URLFetcher):
    """Gives nothing to whoever asks for a picture, a font or a style sheet by its address."""

    def fetch(self, url: str, headers: dict | None = None):
        raise ValueError("Documents stand alone: nothing is fetched.")


def paper(template: str, context: dict[str, Any], *, language: str = "fr") -> bytes:
    """Return ``template`` as a PDF in ``language`` (French where it is not reviewed in it).

    The template may count on ``now``, the moment of printing.
    """
    with translation.override(language if language in LANGUAGES else LANGUAGES[0]):
        text = render_to_string(template, {"now": timezone.now(), **context})
        return HTML(string=text, url_fetcher=NoFetcher()).write_pdf(font_config=_fonts())


def _fonts() -> FontConfiguration:
    if not hasattr(_thread, "fonts"):
        _thread.fonts = FontConfiguration()
    return _thread.fonts
