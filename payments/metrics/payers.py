"""Who pays well, and what stands open now: figures of the dashboards over the API."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum

from payments.models import Charge
from sites_app.models import Site

#: Fewer settled rents say nothing of a payer.
FEWEST = 3


@dataclass(frozen=True)
class Overdue:
    """Open charges that have fallen due: their number, what is left of them in minor units, and
    how many are ``partial``ly paid or wholly ``unpaid``."""

    count: int = 0
    amount: int = 0
    partial: int = 0
    unpaid: int = 0

    def __add__(self, other: "Overdue") -> "Overdue":
        return Overdue(
            self.count + other.count,
            self.amount + other.amount,
            self.partial + other.partial,
            self.unpaid + other.unpaid,
        )


def overdue_by_site(sites: Iterable[Site], on: datetime.date) -> dict[str, Overdue]:
    """Return what is due by the evening of ``on`` and still open now, by branch (code)."""
    # Leases are counted, not keys: the index of open charges then holds all that is asked.
    rows = (
        Charge.objects.open()
        .filter(site__in=[site.pk for site in sites], due_date__lte=on)
        .order_by()
        .values_list("site")
        .annotate(
            number=Count("lease"),
            left=Sum(F("amount") - F("collected")),
            partial=Count("lease", filter=Q(collected__gt=0)),
            unpaid=Count("lease", filter=Q(collected=0)),
        )
    )
    return {site: Overdue(*figures) for site, *figures in rows}


@dataclass(frozen=True)
class GoodPayer:
    """A tenant whose rents of a span are all settled; ``on_time`` of ``settled`` were in time."""

    tenant: int
    name: str
    site: str
    currency: str
    settled: int
    on_time: int
    paid: int

    @property
    def percent(self) -> int:
        """In time of all, rounded half up."""
        return (200 * self.on_time + self.settled) // (2 * self.settled)


def good_payers(
    sites: Iterable[Site], first: datetime.date, last: datetime.date, limit: int = 50
) -> list[GoodPayer]:
    """Return the tenants of ``sites`` who settled all rents due from ``first`` to ``last``.

    Best first: the share paid in time, then the number of rents. At least ``FEWEST`` rents.
    """
    rows = (
        Charge.objects.standing()
        .filter(
            site__in=[site.pk for site in sites],
            kind=Charge.Kind.RENT,
            due_date__range=(first, last),
        )
        .order_by()
        .values("lease__tenant", "lease__tenant__name", "site", "site__currency")
        .annotate(
            due=Count("lease"),
            settled=Count("lease", filter=Q(settled_on__isnull=False)),
            on_time=Count("lease", filter=Q(settled_on__lte=F("due_date"))),
            paid=Sum("collected"),
        )
        .filter(due=F("settled"), settled__gte=FEWEST)
        .annotate(share=F("on_time") * 1000 / F("settled"))
        .order_by("-share", "-settled", "lease__tenant__name", "lease__tenant")[:limit]
    )
    return [
        GoodPayer(
            tenant=row["lease__tenant"],
            name=row["lease__tenant__name"],
            site=row["site"],
            currency=row["site__currency"],
            settled=row["settled"],
            on_time=row["on_time"],
            paid=row["paid"],
        )
        for row in rows
    ]
