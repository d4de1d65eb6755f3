"""Questions about tenants and leases."""

from django.db.models import Q
from django.utils import timezone

from sites_app.querysets import BranchQuerySet


class TenantQuerySet(BranchQuerySet):
    of_owner = "leases__property__owner__user"
    of_tenant = "user"

    def visible_to(self, user):
        rows = super().visible_to(user)
        return rows.distinct() if user.role == "proprietaire" else rows


class OfTenantQuerySet(BranchQuerySet):
    of_tenant = "tenant__user"


class LeaseQuerySet(BranchQuerySet):
    of_owner = "property__owner__user"
    of_tenant = "tenant__user"

    def real(self):
        """Leave out drafts and leases that were cancelled: they bind nobody."""
        return self.exclude(state__in=["draft", "cancelled"])

    def active(self, on=None):
        """Leases that run on a day (today): begun, not ended; a notice given is still active."""
        day = on or timezone.localdate()
        return self.real().filter(start__lte=day).filter(Q(end=None) | Q(end__gte=day))

    def future(self, on=None):
        return self.real().filter(start__gt=on or timezone.localdate())

    def ended(self, on=None):
        return self.real().filter(end__lt=on or timezone.localdate())


class OfLeaseQuerySet(BranchQuerySet):
    of_owner = "lease__property__owner__user"
    of_tenant = "lease__tenant__user"
