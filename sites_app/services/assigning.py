"""Acts on where people work: at which branches, until when, and which is theirs first."""

import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import refuse_beyond_reach
from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.saving import locked, save
from sites_app.models import Assignment, Site


@verb("user.manage")
def assign_person(
    *,
    actor: User,
    person: User,
    site: Site,
    is_primary: bool = False,
    ends_on: datetime.date | None = None,
) -> Assignment:
    """Let ``person`` work at ``site``, until the day ``ends_on`` if one is given.

    Done again it corrects what stands: a day that has passed ends the work at once. The primary
    branch is one: the new takes the place of the old, and the first is primary unasked. Raises
    ``not_staff``, ``role_out_of_reach``, and ``own_account`` when people end their own work.
    """
    held = locked(person)
    refuse_beyond_reach(actor, held.role)
    if not held.works_here:
        raise BusinessError(
            _("Owners and tenants see what is theirs; only staff work at branches."),
            code="not_staff",
        )
    if held.pk == actor.pk and ends_on is not None:
        sentence = _("Nobody changes his own rights.")
        raise Conflict(sentence, code="own_account", fields={"ends_on": sentence})
    standing = {row.site_id: row for row in Assignment.objects.filter(user=held)}
    row = standing.get(site.pk) or Assignment(user=held, site=site)
    others = [each for code, each in standing.items() if code != site.pk and each.is_primary]
    is_primary = is_primary or not others
    if row.pk and (row.is_primary, row.ends_on) == (is_primary, ends_on):
        return unchanged(row)
    for other in others if is_primary else ():
        other.is_primary = False
        save(other)
    row.is_primary, row.ends_on = is_primary, ends_on
    return save(row)
