"""Who sees which rows: the branch rule is written here once and delegated by every app above."""

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from akig.lib.isolation import everywhere, reads
from akig.lib.matching import number_in, words_in

# Asked by every request: written out, because Django takes longer to write it than PostgreSQL to
# answer.
BRANCHES = """
SELECT * FROM (
    SELECT site.*,
           EXISTS (
               SELECT FROM sites_app_assignment
                WHERE user_id = %(user)s AND site_id = code
                  AND (ends_on IS NULL OR ends_on >= %(today)s)) AS works,
           ARRAY(
               SELECT content_object_id FROM sites_app_propertyshare
                WHERE user_id = %(user)s AND site_id = code AND ends_on >= %(today)s) AS shared
      FROM sites_app_site AS site WHERE is_active
) AS branch WHERE %(all)s OR works OR shared <> '{}' ORDER BY code
"""


def branches_of(user) -> list[str]:
    """Return the codes of the branches where ``user`` works today (asked once per request).

    Of a program those among them for which its key is.
    """
    if not hasattr(user, "_branches"):
        site = user.assignments.model.site.field.related_model
        asked = {"user": user.pk, "today": timezone.localdate(), "all": user.is_system}
        with everywhere():  # where somebody works is not found within where he works
            found = list(site.objects.raw(BRANCHES, asked))
        if user.key:
            found = [site for site in found if site.code in user.key.branches]
        own = [site for site in found if user.is_system or site.works]
        user._sites = own  # the head of every page shows them
        user._shared = {} if user.is_system else {s.code: s.shared for s in found if s.shared}
        user._branches = [site.code for site in own]
    return user._branches


def shared_with(user) -> dict[str, list[int]]:
    """Return what was shared with ``user`` until today or later: branch to keys of properties.

    Nothing where the request does more than show: what is shared is there to be read.
    """
    if not reads():
        return {}
    branches_of(user)
    return user._shared


def forget_branches(user) -> None:
    """Let ``branches_of`` ask again: ``user`` has just come to work at another branch."""
    if hasattr(user, "_branches"):
        del user._branches


class BranchQuerySet(QuerySet):
    """Rows that carry their branch in ``site``.

    ``of_owner`` and ``of_tenant`` name the path from the row to the account of an owner or of a
    tenant, ``of_property`` that to the property with which the row is shared; where a path is
    missing, owners or tenants see none of these rows, and sharing a property shows none.
    """

    of_owner: str | None = None
    of_tenant: str | None = None
    of_property: str | None = None

    def visible_to(self, user):
        """Keep the rows that exist for ``user``; everything else is as if it did not exist."""
        if user.works_here:
            return self.filter(Q(site__in=branches_of(user)) | self._shared_with(user))
        if user.role == "proprietaire" and self.of_owner:
            return self.filter(**{self.of_owner: user})
        if user.role == "locataire" and self.of_tenant:
            return self.filter(**{self.of_tenant: user})
        return self.none()

    def _shared_with(self, user):
        keys = [key for keys in shared_with(user).values() for key in keys]
        if not keys or not self.of_property:
            return Q()
        rows = self.model._default_manager.filter(**{f"{self.of_property}__in": keys})
        return Q(pk__in=rows.values("pk"))

    def at(self, site):
        """Narrow to one branch (a ``Site``, its code, or None for all)."""
        return self if site is None else self.filter(site=site)


def _count(rows, key):
    """Return the subquery that counts ``rows``, already tied to the outer row by ``key``."""
    counted = rows.order_by().values(key).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


class AssignmentQuerySet(QuerySet):
    def current(self, on=None):
        day = on or timezone.localdate()
        return self.filter(site__is_active=True).filter(Q(ends_on=None) | Q(ends_on__gte=day))


class SiteQuerySet(QuerySet):
    def visible_to(self, user):
        if user.works_here:
            return self.filter(code__in=branches_of(user))
        # Owners have to do with the branches of their houses, tenants with those of their leases.
        known = Q(owners__user=user) | Q(properties__owner__user=user)
        known |= Q(tenants__user=user) | Q(leases__tenant__user=user)
        return self.filter(known).distinct()

    def with_counts(self, on=None):
        """Annotate properties_count, units_count, let_count and tenants_count of what stands."""
        houses = self.model._meta.get_field("properties").related_model.objects.standing()
        units = self.model._meta.get_field("units").related_model.objects.standing()
        tenants = self.model._meta.get_field("tenants").related_model.objects
        of_site = {"site": OuterRef("pk")}
        return self.annotate(
            properties_count=_count(houses.filter(**of_site), "site"),
            units_count=_count(units.filter(**of_site), "site"),
            let_count=_count(units.let(on).filter(**of_site), "site"),
            tenants_count=_count(tenants.filter(state="active", **of_site), "site"),
        )


class OwnerQuerySet(BranchQuerySet):
    def standing(self):
        return self.filter(archived_on=None)

    def matching(self, text):
        """Keep owners by parts of name, code or e-mail, or by telephone in any writing."""
        number = number_in("phone", text)
        return self.filter(words_in("search", text) if number is None else number)

    def with_properties(self):
        """Annotate ``properties_count`` and ``units_count`` of what stands."""
        houses = self.model._meta.get_field("properties").related_model.objects.standing()
        units = houses.model._meta.get_field("units").related_model.objects.standing()
        return self.annotate(
            properties_count=_count(houses.filter(owner=OuterRef("pk")), "owner"),
            units_count=_count(units.filter(property__owner=OuterRef("pk")), "property__owner"),
        )

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
    of_property = "pk"

    def standing(self):
        return self.filter(archived_on=None)

    def matching(self, text):
        """Keep properties by parts of name, code, quarter or commune."""
        return self.filter(words_in("search", text))

    def with_commission(self, on=None):
        """Annotate ``commission``: what the mandate of a day (today) says, in per cent."""
        mandates = self.model._meta.get_field("mandates").related_model.objects.filter(
            property=OuterRef("pk"), days__contains=on or timezone.localdate()
        )
        return self.annotate(commission=Subquery(mandates.values("commission")[:1]))

    def with_occupancy(self, on=None):
        """Annotate ``units_count`` and ``let_count`` of the standing units on a day (today)."""
        units = self.model._meta.get_field("units").related_model.objects.standing()
        units = units.filter(property=OuterRef("pk"))
        return self.annotate(
            units_count=_count(units, "property"), let_count=_count(units.let(on), "property")
        )


class UnitQuerySet(BranchQuerySet):
    of_owner = "property__owner__user"
    of_property = "property"

    def standing(self):
        return self.filter(archived_on=None)

    def matching(self, text):
        """Keep units whose number, or whose property, holds every word of ``text``."""
        condition = Q()
        for word in text.split():
            condition &= words_in("search", word) | words_in("property__search", word)
        return self.filter(condition)

    def let(self, on=None):
        """Keep the units that a lease holds on a day (today)."""
        return self.filter(self._held(on))

    def promised(self, on=None):
        """Keep the units that a lease holds on a day (today) or on a later one."""
        return self.filter(self._held(on, or_later=True))

    def vacant(self, on=None):
        return self.standing().exclude(self._held(on))

    def with_let(self, on=None):
        """Annotate ``is_let``: whether a lease holds the unit on a day (today)."""
        return self.annotate(is_let=self._held(on))

    def rent_by_currency(self):
        """Return one row per currency: ``site__currency``, ``number``, ``rent`` (advised)."""
        sums = self.order_by().values("site__currency")
        return sums.annotate(number=Count("pk"), rent=Sum("advised_rent")).order_by(
            "site__currency"
        )

    def _held(self, on, or_later=False):
        day = on or timezone.localdate()
        days = {"days__overlap": DateRange(day, None)} if or_later else {"days__contains": day}
        occupancies = self.model._meta.get_field("occupancies").related_model.objects
        return Exists(occupancies.filter(unit=OuterRef("pk"), holds=True, **days))


class OfPropertyQuerySet(BranchQuerySet):
    of_owner = "property__owner__user"
    of_property = "property"


class ShareQuerySet(BranchQuerySet):
    def current(self, on=None):
        return self.filter(ends_on__gte=on or timezone.localdate())


class ImportQuerySet(QuerySet):
    def visible_to(self, user):
        """One's own imports, and those that touched only branches where one works."""
        if not user.works_here:
            return self.none()
        theirs = Q(branches__contained_by=branches_of(user)) & ~Q(branches=[])
        return self.filter(Q(requested_by=user) | theirs)
