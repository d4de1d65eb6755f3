"""How well agents do what is hard."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Count, Q

from recovery.models import Contact

#: Skill is judged by so many days, and by so many visits at least.
DAYS, LEAST = 90, 5
UNKNOWN = 0.5


def skills(agents: Collection[int], day: date) -> dict[int, float]:
    """Return of each agent the share of visits that led to money or a promise, from 0 to 1."""
    since = day - timedelta(days=DAYS)
    visits = Contact.objects.filter(made_by__in=agents, kind="visit", made_at__date__gte=since)
    rows = visits.exclude(result="absent").order_by().values_list("made_by")
    counted = rows.annotate(all=Count("pk"), won=Count("pk", filter=~Q(result="refused")))
    known = {agent: won / number for agent, number, won in counted if number >= LEAST}
    return {agent: known.get(agent, UNKNOWN) for agent in agents}
