"""Who sees which rows: the branch rule is written here once and delegated by every app above."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone


def branches_of(user) -> list[str]:
    """Return the codes of the branches where ``user`` works today (asked once per request)."""
    if not hasattr(user, "_branches"):
        assignments = user.assignments
        sites = assignments.model.site.field.related_model.objects.filter(is_active=True)
        own = sites if user.is_system else sites.filter(pk__in=assignments.current().values("site"))
        user._branches = list(own.values_list("code", flat=True))
    return user._branches


class BranchQuerySet(QuerySet):
    """Rows that carry their branch in ``site``.

    ``of_owner`` and ``of_tenant`` name the path from the row to the account of an owner or of a
    tenant; where a path is missing, owners or tenants see none of these rows.
    """

    of_owner: str | None = None
    of_tenant: str | None = None

    def visible_to(self, user):
        """Keep the rows that exist for ``user``; everything else is as if it did not exist."""
        if user.works_here:
            return self.filter(site__in=branches_of(user))
        if user.role == "proprietaire" and self.of_owner:
            return self.filter(**{self.of_owner: user})
        if user.role == "locataire" and self.of_tenant:
            return self.filter(**{self.of_tenant: user})
        return self.none()

    def at(self, site):
        """Narrow to one branch (a ``Site``, its code, or None for all)."""
        return self if site is None else self.filter(site=site)


class AssignmentQuerySet(QuerySet):
    def current(self, on=None):
        day = on or timezone.localdate()
        return self.filter(site__is_active=True).filter(Q(ends_on=None) | Q(ends_on__gte=day))


class SiteQuerySet(QuerySet):
    def visible_to(self, user):
        if user.works_here:
            return self.filter(code__in=branches_of(user))
        if user.role == "proprietaire":
            return self.filter(properties__owner__user=user).distinct()
        return self.none()


class OwnerQuerySet(BranchQuerySet):
    def visible_to(self, user):
        if user.role == "proprietaire":
            return self.filter(user=user)
        if not user.works_here:
            return self.none()
        branches = branches_of(user)
        houses = self.model._meta.get_field("properties").related_model.objects.filter(
            owner=OuterRef("pk")
        )
        return self.filter(
            Q(site__in=branches)
            | Exists(houses.filter(site__in=branches))
            | Q(site=None) & ~Exists(houses)
        )


class PropertyQuerySet(BranchQuerySet):
    of_owner = "owner__user"
    of_tenant = "leases__tenant__user"

    def standing(self):
        return self.filter(archived_on=None)


class UnitQuerySet(BranchQuerySet):
    of_owner = "property__owner__user"

    def standing(self):
        return self.filter(archived_on=None)


class OfPropertyQuerySet(BranchQuerySet):
    of_owner = "property__owner__user"


class ImportQuerySet(QuerySet):
    def visible_to(self, user):
        """One's own imports, and those that touched only branches where one works."""
        if not user.works_here:
            return self.none()
        theirs = Q(branches__contained_by=branches_of(user)) & ~Q(branches=[])
        return self.filter(Q(requested_by=user) | theirs)
