"""Asking agents for what they are to collect, and giving them points."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.verbs import unchanged, verb
from agents.models import GivenPoints, Target
from akig.lib.errors import BusinessError
from akig.lib.saving import correct, save
from sites_app.models import Site

ITSELF = {
    "nobody_gives_himself_points": (
        "own_points",
        "delta",
        _("Nobody gives himself points."),
    )
}


@verb("performance.manage")
def set_target(*, actor, site: Site, agent: User, month: datetime.date, amount: int) -> Target:
    """Ask ``agent`` to collect ``amount`` (minor units) a month at a branch from a month on.

    Zero asks for nothing from then on. A month that is over keeps its target.
    """
    if month < timezone.localdate().replace(day=1):
        sentence = _("This month is over.")
        raise BusinessError(sentence, code="month_over", fields={"month": sentence})
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)  # one at a time
    known = Target.objects.filter(site=site, agent=agent, month=month).first()
    if known is None:
        return save(Target(site=site, agent=agent, month=month, amount=amount))
    if not correct(known, {"amount": amount}):
        return unchanged(known)
    return known


@verb("performance.manage")
def give_points(*, actor, site: Site, agent: User, delta: int, reason: str) -> GivenPoints:
    """Give ``agent`` points today, or take some (``delta`` below zero). Raises ``own_points``."""
    given = GivenPoints(site=site, agent=agent, delta=delta, reason=reason.strip(), given_by=actor)
    return save(given, ITSELF)
