"""The catalogues of translations: compiled without gettext, and asked what they lack."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.reloader import translation_file_changed


def compile_changed(folder: Path) -> list[Path]:
    """Compile each .po under ``folder`` that is newer than its .mo; return those compiled."""
    compiled = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        fresh = target.with_suffix(".mo.new")
        with fresh.open("wb") as file:
            write_mo(file, read(source))
        fresh.replace(target)  # at once: another process may be reading the old one
        translation_file_changed(None, target)  # or this process goes on with what it read before
        compiled.append(source)
    return compiled


def read(source: Path) -> Catalog:
    with source.open("rb") as file:
        return read_po(file, locale=source.parent.parent.name)


def incomplete(catalogue: Catalog, wanted: Catalog) -> Iterator[str]:
    """Yield each text of ``wanted`` that ``catalogue`` lacks, leaves empty, or marks fuzzy."""
    for message in wanted:
        if not message.id:
            continue
        found = catalogue.get(message.id, message.context)
        words = found.string if found else ""
        whole = all(words) if isinstance(words, (list, tuple)) else bool(words)
        if found is None or not whole or found.fuzzy:
            yield message.id if isinstance(message.id, str) else message.id[0]
