"""What a person may read although he does not work there: one property, by exception."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionBase

from sites_app.models.branches import Site
from sites_app.models.properties import Property
from sites_app.querysets import ShareQuerySet


@pghistory.track(exclude=["permission"])
class PropertyShare(UserObjectPermissionBase):
    """A property is shown to a person until a day, with what hangs on it, to be read.

    One of guardian's permissions, whose names ``user``, ``permission`` and ``content_object`` are.
    ``visible_to`` is what asks: guardian itself knows no days.
    """

    #: The permission that guardian keeps with the row.
    RIGHT = ("view_property", "sites_app", "property")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="property_shares",
        verbose_name=_("person"),
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("branch"))
    content_object = models.ForeignKey(
        Property, models.PROTECT, related_name="shares", verbose_name=_("property")
    )
    ends_on = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)

    objects = UserObjectPermissionManager.from_queryset(ShareQuerySet)()

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = _("shared property")
        verbose_name_plural = _("shared properties")

    def __str__(self):
        return f"{self.content_object} · {self.user}"

    @property
    def has_ended(self) -> bool:
        return self.ends_on < timezone.localdate()
