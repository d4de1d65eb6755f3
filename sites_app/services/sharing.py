"""Acts of sharing by exception: a property is shown to a person who does not work at its branch."""

import datetime

from django.contrib.auth.models import Permission
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import refuse_beyond_reach
from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.saving import locked, save
from sites_app.models import Property, PropertyShare


@verb("user.manage")
def share_property(
    *, actor: User, person: User, property: Property, ends_on: datetime.date, reason: str
) -> PropertyShare:
    """Show ``property`` and what hangs on it to ``person`` until ``ends_on``, to be read only.

    Done again it corrects day and reason. Raises ``not_staff``, ``own_account``,
    ``role_out_of_reach`` and ``already_over`` for a day that has passed.
    """
    held = _held(actor, person)
    if ends_on < timezone.localdate():
        sentence = _("This day has passed.")
        raise BusinessError(sentence, code="already_over", fields={"ends_on": sentence})
    right = Permission.objects.get_by_natural_key(*PropertyShare.RIGHT)
    key = {"user": held, "content_object": property, "permission": right}
    row = PropertyShare.objects.filter(**key).first() or PropertyShare(site=property.site, **key)
    reason = " ".join(reason.split())
    if row.pk and (row.ends_on, row.reason) == (ends_on, reason):
        return unchanged(row)
    row.ends_on, row.reason = ends_on, reason
    return save(row)


@verb("user.manage")
def unshare_property(*, actor: User, share: PropertyShare) -> PropertyShare:
    """End a share at once; it stays listed. Raises ``own_account``, ``role_out_of_reach``."""
    _held(actor, share.user)
    row = locked(share)
    if row.has_ended:
        return unchanged(row)
    row.ends_on = timezone.localdate() - datetime.timedelta(days=1)
    return save(row)


def _held(actor, person):
    held = locked(person)
    if not held.works_here:
        raise BusinessError(
            _("Owners and tenants see what is theirs; a property is shared with staff."),
            code="not_staff",
        )
    if held.pk == actor.pk:
        raise Conflict(_("Nobody changes his own rights."), code="own_account")
    refuse_beyond_reach(actor, held.role)
    return held
