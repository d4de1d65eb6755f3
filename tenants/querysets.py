"""Questions about tenants and leases."""

from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from akig.lib.matching import number_in, words_in
from sites_app.querysets import BranchQuerySet


class TenantQuerySet(BranchQuerySet):
    of_owner = "leases__property__owner__user"
    of_tenant = "user"
    of_property = "leases__property"

    def visible_to(self, user):
        rows = super().visible_to(user)
        return rows.distinct() if user.role == "proprietaire" else rows

    def standing(self):
        return self.filter(archived_on=None)

    def matching(self, text):
        """Keep tenants by parts of name, code, e-mail or unit, or by telephone in any writing."""
        phones = self.model._meta.get_field("phones").related_model.objects
        number = number_in("number", text)
        if number is not None:
            return self.filter(Exists(phones.filter(number, tenant=OuterRef("pk"))))
        leases = self.model._meta.get_field("leases").related_model.objects.real()
        condition = Q()
        for word in text.split():
            rents = leases.filter(words_in("units__search", word)).order_by().values("tenant")
            condition &= words_in("search", word) | Q(pk__in=rents)
        return self.filter(condition)

    def for_list(self, user):
        """Fetch what a line of a list shows ``user``: telephones, leases that run today."""
        leases = self.model._meta.get_field("leases").related_model.objects
        running = leases.visible_to(user).active().select_related("property").order_by("start")
        return self.select_related("site").prefetch_related(
            "phones", Prefetch("leases", running, to_attr="running"), "running__units"
        )


class OfTenantQuerySet(BranchQuerySet):
    of_tenant = "tenant__user"


class LeaseQuerySet(BranchQuerySet):
    of_owner = "property__owner__user"
    of_tenant = "tenant__user"
    of_property = "property"

    def real(self):
        """Leave out drafts and leases that were cancelled: they bind nobody."""
        return self.exclude(state__in=["draft", "cancelled"])

    def active(self, on=None):
        """Leases that run on a day (today): begun, not ended; a notice given is still active."""
        day = on or timezone.localdate()
        return self.real().filter(start__lte=day).filter(Q(end=None) | Q(end__gte=day))

    def binding(self):
        """Leases that run today or are to begin."""
        return self.real().filter(Q(end=None) | Q(end__gte=timezone.localdate()))

    def future(self, on=None):
        return self.real().filter(start__gt=on or timezone.localdate())

    def ended(self, on=None):
        return self.real().filter(end__lt=on or timezone.localdate())

    def ending(self, until, on=None):
        """Leases that run on a day (today) and end on ``until`` or before."""
        return self.active(on).filter(end__lte=until)

    def matching(self, text):
        """Keep leases by reference, tenant, unit or property, or by the tenant's telephone."""
        number = number_in("number", text)
        if number is not None:
            tenants = self.model._meta.get_field("tenant").related_model
            phones = tenants._meta.get_field("phones").related_model.objects
            return self.filter(Exists(phones.filter(number, tenant=OuterRef("tenant"))))
        # Four hashed lists of keys: a condition across joined tables would join all of them first.
        fields = self.model._meta.get_field
        tenants = fields("tenant").related_model.objects
        houses = fields("property").related_model.objects
        held = fields("occupancies").related_model.objects
        condition = Q()
        for word in text.split():
            said = words_in("search", word)
            condition &= (
                said
                | Q(tenant__in=tenants.filter(said).order_by().values("pk"))
                | Q(property__in=houses.filter(said).order_by().values("pk"))
                | Q(pk__in=held.filter(words_in("unit__search", word)).values("lease"))
            )
        return self.filter(condition)

    def keys_matching(self, text) -> list[int]:
        """Return the keys of ``matching``, for tables with many rows to each lease.

        As a subquery PostgreSQL takes it for most leases and reads the whole of such a table.
        """
        return list(self.matching(text).order_by().values_list("pk", flat=True))

    def with_rent(self, on=None):
        """Annotate ``rent_now`` and ``service_now``: per month as of a day (today)."""
        changes = (
            self.model._meta.get_field("rent_changes")
            .related_model.objects.filter(
                lease=OuterRef("pk"), valid_from__lte=on or timezone.localdate()
            )
            .order_by("-valid_from")
        )
        return self.annotate(
            rent_now=Coalesce(Subquery(changes.values("rent")[:1]), "rent"),
            service_now=Coalesce(Subquery(changes.values("service_charge")[:1]), "service_charge"),
        )

    def with_standing(self, on=None):
        """Annotate ``standing``: the state that the calendar gives the lease on a day (today).

        One of draft, future, active, notice_given, suspended, expired, terminated, cancelled.
        """
        day = on or timezone.localdate()
        return self.annotate(
            standing=Case(
                When(state__in=["draft", "cancelled"], then="state"),
                When(end__lt=day, state__in=["active", "suspended"], then=Value("expired")),
                When(end__lt=day, then=Value("terminated")),
                When(start__gt=day, then=Value("future")),
                When(state__in=["expired", "terminated"], then=Value("active")),
                default="state",
            )
        )

    def rent_by_currency(self):
        """Return one row per currency: ``site__currency``, ``number``, ``rent`` (of today)."""
        sums = self.with_rent().order_by().values("site__currency")
        return sums.annotate(number=Count("pk"), rent=Sum("rent_now")).order_by("site__currency")

    def rent_per_month(self) -> int:
        """Return the monthly rents as of today, in minor units (of one currency)."""
        return self.with_rent().aggregate(total=Sum("rent_now"))["total"] or 0


class OfLeaseQuerySet(BranchQuerySet):
    of_owner = "lease__property__owner__user"
    of_tenant = "lease__tenant__user"
    of_property = "lease__property"
