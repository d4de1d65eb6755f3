"""What a map shows where no server draws streets: the names of branches and quarters."""

from collections.abc import Iterable

from django.db.models import Avg, Count, QuerySet

from sites_app.models import Property, Site

#: The most quarters, those with most properties first.
QUARTERS = 150


def ground(sites: Iterable[Site], houses: QuerySet[Property]) -> list[dict]:
    """Return ``name``, ``latitude``, ``longitude`` and ``kind`` (branch, quarter) of each name.

    A quarter lies amidst its properties.
    """
    branches = [
        {
            "kind": "branch",
            "name": site.name,
            "latitude": site.latitude,
            "longitude": site.longitude,
        }
        for site in sites
        if site.latitude is not None and site.longitude is not None
    ]
    placed = houses.exclude(latitude=None).exclude(longitude=None).exclude(quartier="")
    middle = {"latitude": Avg("latitude"), "longitude": Avg("longitude")}
    quarters = (
        placed.order_by().values("quartier", "commune").annotate(number=Count("pk"), **middle)
    )
    return branches + [
        {"kind": "quarter", "name": row["quartier"], **{name: row[name] for name in middle}}
        for row in quarters.order_by("-number", "quartier")[:QUARTERS]
    ]
