"""Many receipts at once: one PDF to print, or a ZIP with a file for each."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO
from zipfile import ZipFile

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from akig.lib import workshop
from akig.lib.errors import BusinessError, NotAllowed
from akig.lib.money import format_amount
from notifications.models import Job
from notifications.services import start_job
from payments.documents import receipt_page
from payments.models import Receipt

PRINT_RECEIPTS = "payments.print_receipts"

#: The most receipts of one file, and how many are laid out at a time.
MOST = 5000
BATCH = 50

#: Nobody waits at a counter for them: how long a batch, and the joining of all, may take.
SECONDS = 600


class Bundle(models.TextChoices):
    """What many receipts are handed out as."""

    PDF = "pdf", gettext_lazy("one PDF, a page for each")
    ZIP = "zip", gettext_lazy("a ZIP with a file for each")


class PrintRefused(BusinessError):
    """There is nothing to print, or too much for one file."""

    code = "print_refused"


def request_receipts(*, actor, receipts: QuerySet, bundle: str) -> Job:
    """Ask for ``receipts`` (of all that ``actor`` sees) as a ``Bundle``; the job gives the file.

    Raises ``NotAllowed`` and ``PrintRefused``.
    """
    _refuse_stranger(actor)
    keys = list(in_order(receipts).values_list("pk", flat=True)[: MOST + 1])
    if not keys:
        raise PrintRefused(_("No receipt is chosen."))
    if len(keys) > MOST:
        raise PrintRefused(too_many())
    title = ngettext("%(number)s receipt", "%(number)s receipts", len(keys)) % {
        "number": format_amount(len(keys))
    }
    params = {"receipts": keys, "bundle": bundle}
    return start_job(actor, PRINT_RECEIPTS, params, title=title)


def too_many() -> str:
    """Return the sentence that asks for fewer receipts."""
    return _("A file holds at most %(most)s receipts: choose a month or a branch.") % {
        "most": format_amount(MOST)
    }


def print_receipts(
    *,
    actor,
    keys: Sequence[int],
    bundle: str,
    file: IO[bytes],
    progress: Callable[[int, int], None],
) -> None:
    """Write the receipts ``keys`` into ``file`` (one with a name), as they stand now.

    ``progress`` is called with those laid out and all. Raises ``NotAllowed``.
    """
    _refuse_stranger(actor)
    visible = in_order(Receipt.objects.visible_to(actor).filter(pk__in=keys))
    numbers = dict(visible.values_list("pk", "number"))
    if bundle == Bundle.PDF:
        _bind(_laid_out("lay_out_together", list(numbers), progress), file)
    else:
        _pack(_laid_out("lay_out_each", list(numbers), progress), numbers.values(), file)


def in_order(receipts: QuerySet) -> QuerySet:
    """Return ``receipts`` as they lie in the folders of an office: by their numbers."""
    return receipts.order_by("site", "kind", "year", "sequence")


def _refuse_stranger(actor):
    if not actor.may("receipt.issue"):
        raise NotAllowed(_("Your role does not allow this."))


def _laid_out(work: str, keys: list[int], progress) -> Iterator:
    batches = [keys[start : start + BATCH] for start in range(0, len(keys), BATCH)]
    pages = (_pages(batch) for batch in batches)
    parts = workshop.do_each(f"akig.lib.typesetting:{work}", pages, seconds=SECONDS)
    for number, part in enumerate(parts, start=1):
        yield part
        progress(min(number * BATCH, len(keys)), len(keys))


def _pages(keys: list[int]) -> list[bytes]:
    receipts = in_order(Receipt.objects.filter(pk__in=keys)).select_related("site")
    return [receipt_page(receipt) for receipt in receipts]


def _bind(parts: Iterable[bytes], file):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for part in parts:
            paths.append(str(Path(folder, f"{len(paths)}.pdf")))
            Path(paths[-1]).write_bytes(part)
        workshop.do("akig.lib.typesetting:join", paths, file.name, seconds=SECONDS)


def _pack(parts: Iterable[list[bytes]], numbers: Iterable[str], file):
    names = iter(numbers)
    with ZipFile(file, "w") as folder:
        for papers in parts:
            for paper in papers:
                folder.writestr(f"{next(names)}.pdf", paper)
