"""Where people are: told by themselves, forgotten in time.

No act of ``accounts.verbs``: what is forgotten after hours must not stand in the record for years.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from agents.models import Position
from agents.querysets import FRESH
from akig.lib.errors import BusinessError
from akig.lib.live import tell
from sites_app.models import Site
from sites_app.rooms import room_of

#: By so much a telephone's clock may be fast.
FAST = timedelta(minutes=5)


class NotYet(BusinessError):
    """The position was taken later than it is now."""

    code = "in_future"
    status = 400


def tell_position(
    *,
    agent: User,
    site: Site,
    latitude: Decimal,
    longitude: Decimal,
    accuracy: int | None = None,
    taken_at: datetime | None = None,
) -> Position:
    """Keep where ``agent`` was at a moment (now); told again, nothing is added. Raises NotYet."""
    place = {"latitude": latitude, "longitude": longitude, "accuracy": accuracy}
    return tell_positions(agent, site, [{"taken_at": taken_at or timezone.now(), **place}])[0]


def tell_positions(agent: User, site: Site, places: list[dict]) -> list[Position]:
    """Keep where ``agent`` was at several moments; each place is what ``tell_position`` takes.

    The positions come back in order. Raises NotYet.
    """
    if any(place["taken_at"] > timezone.now() + FAST for place in places):
        sentence = _("The clock of the telephone is wrong.")
        raise NotYet(sentence, fields={"taken_at": sentence})
    told = Position.objects.filter(
        agent=agent, taken_at__in=[place["taken_at"] for place in places]
    )
    before = told.count()
    Position.objects.bulk_create(
        [Position(agent=agent, site=site, **place) for place in places], ignore_conflicts=True
    )
    kept = {position.taken_at: position for position in told.all()}
    if len(kept) > before:
        tell(room_of("mission.manage", site.pk), "position", {"agent": agent.pk, "site": site.pk})
    return [kept[place["taken_at"]] for place in places]


def forget_positions() -> int:
    """Delete the positions that are old enough; return how many."""
    kept = max(FRESH, timedelta(days=settings.POSITION_HISTORY_DAYS))
    return Position.objects.filter(taken_at__lte=timezone.now() - kept).delete()[0]
