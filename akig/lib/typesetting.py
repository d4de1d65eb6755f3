"""HTML laid out as PDF. Only the process beside loads this (``akig.lib.workshop``)."""

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

# Looking for the machine's fonts takes a quarter of the time of a receipt: once.
FONTS = FontConfiguration()


class NoFetcher(URLFetcher):
    """Gives nothing to whoever asks for a picture, a font or a style sheet by its address."""

    def fetch(self, url: str, headers: dict | None = None):
        raise ValueError("Documents stand alone: nothing is fetched.")


def lay_out(page: bytes) -> bytes:
    """Return ``page``, HTML in UTF-8, as a PDF."""
    return HTML(string=page.decode(), url_fetcher=NoFetcher()).write_pdf(font_config=FONTS)
