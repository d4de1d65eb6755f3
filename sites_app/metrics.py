"""Numbers about what the agency manages."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from sites_app.models import Site, Unit
from sites_app.querysets import UnitQuerySet


@dataclass(frozen=True)
class Occupancy:
    """How many units stand, and how many of them a lease holds."""

    units: int
    let: int

    @property
    def vacant(self) -> int:
        return self.units - self.let

    @property
    def percent(self) -> int:
        """The share of units that are let, rounded half-up; 0 where there is no unit."""
        return (200 * self.let + self.units) // (2 * self.units) if self.units else 0


def occupancy(units: UnitQuerySet, on: datetime.date | None = None) -> Occupancy:
    """Count the standing ones of ``units`` and those let on a day (today)."""
    counted = (
        units.standing()
        .with_let(on)
        .aggregate(units=Count("pk"), let=Count("pk", filter=Q(is_let=True)))
    )
    return Occupancy(**counted)


def occupancy_by_site(sites: Iterable[Site], on: datetime.date) -> dict[str, Occupancy]:
    """Return the same of each of the branches ``sites`` (by its code).

    What is held is counted by itself: a unit has one lease at a time, and none once it is archived.
    Joined to the units it is guessed to be next to nothing, since row-level security hides what
    is known of ranges from the planner, and is then looked up one by one.
    """
    here = {"site__in": sites}
    held = Unit.occupancies.rel.related_model.objects.filter(holds=True, days__contains=on, **here)
    let, units = (
        dict(rows.order_by().values_list("site").annotate(Count("pk")))
        for rows in (held, Unit.objects.standing().filter(**here))
    )
    return {site: Occupancy(number, let.get(site, 0)) for site, number in units.items()}
