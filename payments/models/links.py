"""The tenant's link: a page of his own without an account."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from akig.lib.models import never_deleted
from sites_app.models import Site
from tenants.models import Tenant
from tenants.querysets import OfTenantQuerySet


@pghistory.track()
class TenantLink(models.Model):
    """Which of a tenant's links hold: those that carry ``number``. A higher one revokes the others.

    The link itself is signed and stored nowhere; a tenant without a row has links of number 0.
    """

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", verbose_name=_("branch"), db_index=False
    )
    tenant = models.OneToOneField(
        Tenant, models.PROTECT, related_name="link", verbose_name=_("tenant")
    )
    number = models.PositiveIntegerField(_("number"), default=0)

    objects = OfTenantQuerySet.as_manager()

    class Meta:
        verbose_name = _("tenant's link")
        verbose_name_plural = _("tenants' links")
        triggers = [never_deleted()]

    def __str__(self):
        return f"{self.tenant_id} {self.number}"
