"""Whether the numbers of receipts follow one another."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from payments.models import Receipt, ReceiptCounter


@dataclass(frozen=True)
class Numbers:
    """The numbers of a branch, kind and year: how many were taken, how many have their paper."""

    site: str
    kind: str
    year: int
    last: int
    kept: int

    @property
    def missing(self) -> int:
        return self.last - self.kept


def numbers_of(sites: Sequence[str], year: int) -> list[Numbers]:
    """Count the receipts of the branches ``sites`` (codes) against their counters of ``year``."""
    kept = (
        Receipt.objects.filter(site__in=sites, year=year)
        .order_by()
        .values("site", "kind")
        .annotate(number=Count("*"))
    )
    counted = {(row["site"], row["kind"]): row["number"] for row in kept}
    counters = ReceiptCounter.objects.filter(site__in=sites, year=year)
    return [
        Numbers(row.site_id, row.kind, year, row.last, counted.get((row.site_id, row.kind), 0))
        for row in counters.order_by("site", "-kind")
    ]
