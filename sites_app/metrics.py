"""Numbers about what the agency manages."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Q

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


def occupancy_by_site(units: UnitQuerySet, on: datetime.date) -> dict[str, Occupancy]:
    """Return the same of each branch (by its code), with two questions."""
    units = units.standing().order_by()
    let = dict(units.let(on).values_list("site").annotate(Count("pk")))
    counted = units.values_list("site").annotate(Count("pk"))
    return {site: Occupancy(number, let.get(site, 0)) for site, number in counted}
