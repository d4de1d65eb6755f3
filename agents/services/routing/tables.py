"""How far it is from each place to each other, in metres and seconds.

By the roads of an OSRM server where one is configured and answers; else in a straight line over
the globe, made longer by what roads usually add.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import requests
from django.conf import settings

from sites_app.models import Property, Site
from sites_app.rules import Rules

logger = logging.getLogger(__name__)
EARTH = 6_371_000  # metres
PATIENCE = (1, 5)  # seconds to connect, and for an answer


class Point(NamedTuple):
    latitude: float
    longitude: float


def place_of(row: Property | Site) -> Point | None:
    """Return where a property or a branch is, if anybody knows."""
    if row.latitude is None or row.longitude is None:
        return None
    return Point(float(row.latitude), float(row.longitude))


@dataclass(frozen=True)
class Table:
    """Metres and seconds from each point to each other; ``source`` is osrm or straight."""

    metres: list[list[int]]
    seconds: list[list[int]]
    source: str


def table_of(points: Sequence[Point], rules: Rules) -> Table:
    """Return the ways between ``points``; a server that gives none costs accuracy, no more."""
    if settings.OSRM_URL and len(points) > 1:
        try:
            return _by_roads(points)
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            logger.warning("No ways by road: %s", error)
    return _straight(points, 1 + float(rules.detour_percent) / 100, rules.travel_speed / 3.6)


def _by_roads(points):
    where = ";".join(f"{point.longitude:.6f},{point.latitude:.6f}" for point in points)
    answer = requests.get(
        f"{settings.OSRM_URL}/table/v1/driving/{where}",
        params={"annotations": "duration,distance"},
        timeout=PATIENCE,
        allow_redirects=False,
    )
    answer.raise_for_status()
    told = answer.json()
    # Where no road leads there is no number, which int() refuses.
    metres, seconds = (
        [[math.ceil(way) for way in row] for row in told[name]]
        for name in ("distances", "durations")
    )
    if {len(metres), len(seconds), *map(len, metres), *map(len, seconds)} != {len(points)}:
        raise ValueError("the table is not as large as what was asked")
    return Table(metres, seconds, "osrm")


def _straight(points, detour, speed):
    metres = [[round(haversine(here, there) * detour) for there in points] for here in points]
    seconds = [[math.ceil(way / speed) for way in row] for row in metres]
    return Table(metres, seconds, "straight")


def haversine(here: Point, there: Point) -> float:
    """Return the metres between two points of the globe."""
    north, south = math.radians(here.latitude), math.radians(there.latitude)
    east = math.radians(there.longitude - here.longitude)
    chord = (
        math.sin((south - north) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    )
    return 2 * EARTH * math.asin(min(1, math.sqrt(chord)))
