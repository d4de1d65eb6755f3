"""HTML laid out as PDF. Only the process beside loads this (``akig.lib.workshop``)."""

from collections.abc import Sequence

from pypdf import PdfWriter
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
    return _read(page).write_pdf(font_config=FONTS)


def lay_out_each(pages: Sequence[bytes]) -> list[bytes]:
    """Return each of ``pages`` as a PDF of its own."""
    return [lay_out(page) for page in pages]


def lay_out_together(pages: Sequence[bytes]) -> bytes:
    """Return ``pages``, each laid out by itself, one after the other in one PDF with its fonts."""
    first, *others = [_read(page).render(font_config=FONTS) for page in pages]
    sheets = [sheet for document in (first, *others) for sheet in document.pages]
    return first.copy(sheets).write_pdf()


def join(parts: Sequence[str], whole: str) -> None:
    """Write the PDFs whose paths are ``parts`` into the one ``whole``, one after the other."""
    with PdfWriter() as writer:
        for part in parts:
            writer.append(part, import_outline=False)
        writer.write(whole)


def _read(page: bytes) -> HTML:
    return HTML(string=page.decode(), url_fetcher=NoFetcher())
