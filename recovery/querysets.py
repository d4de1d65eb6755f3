"""Questions about what is late and what was done about it."""

import datetime

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from sites_app.querysets import BranchQuerySet

#: Nobody was reached: it does not count as a contact of the week.
MISSED = ("no_answer", "wrong_number", "absent")

#: Those days count as a week, today among them.
WEEK = datetime.timedelta(days=6)

#: Of which rows of ``Promise`` enough came, and of which not.
KEPT = Q(cancelled_at=None, received__gte=F("amount"))
SHORT = Q(cancelled_at=None, received__lt=F("amount"))


class CaseQuerySet(BranchQuerySet):
    """Cases are the agency's own: neither owners nor tenants see them."""

    def running(self):
        """Cases that something is late in, paused ones too."""
        return self.exclude(state="settled")

    def by_currency(self):
        """Return one row per currency: ``site__currency``, ``number``, ``balance``."""
        sums = self.order_by().values("site__currency")
        return sums.annotate(number=Count("pk"), balance=Sum("balance")).order_by("site__currency")

    def to_call(self, on=None):
        """Keep the cases whose tenants are to be called on a day (today), the most urgent first.

        ``why`` is *promise* where one was broken since we last spoke, else *step*: the ladder says
        so. Left alone are those whose promise is awaited, whom somebody tried today, who heard
        from us as often this week as the branch allows, and who are not to be contacted.
        """
        day = on or timezone.localdate()
        contacts, promises = self._of_tenant("contacts"), self._of_tenant("promises")
        spoken = contacts.exclude(result__in=MISSED)
        broken = promises.in_status("broken", day) | promises.in_status("partly_kept", day)
        broken = broken.filter(due_on__gte=OuterRef("opened_on")).order_by("-due_on")
        lately = spoken.filter(made_at__date__gte=day - WEEK).order_by().values("tenant")
        ladders = self.model._meta.get_field("next_level").related_model.ladder.field.related_model
        held = ladders.objects.filter(site=OuterRef("site"), valid_from__lte=day)
        slighted = Q(broken_on__isnull=False) & (
            Q(spoken_at=None) | Q(spoken_at__date__lte=F("broken_on"))
        )
        return (
            self.filter(state="open", tenant__do_not_contact=False)
            .annotate(
                broken_on=Subquery(broken.values("due_on")[:1]),
                spoken_at=Subquery(spoken.order_by("-made_at").values("made_at")[:1]),
                lately=Coalesce(Subquery(lately.annotate(n=Count("pk")).values("n")), 0),
                most=Subquery(held.order_by("-valid_from").values("contacts_per_week")[:1]),
            )
            .filter(slighted | Q(next_level__channel="call", next_on__lte=day))
            .filter(lately__lt=F("most"))
            .exclude(Exists(promises.in_status("pending", day)))
            .exclude(Exists(contacts.filter(made_at__date=day)))
            .annotate(why=Case(When(slighted, then=Value("promise")), default=Value("step")))
            .order_by("why", "-balance", "pk")
        )

    def _of_tenant(self, name):
        """Return the rows that the tenant of the outer case has at its branch, as a subquery."""
        tenants = self.model._meta.get_field("tenant").related_model
        rows = tenants._meta.get_field(name).related_model.objects
        return rows.filter(tenant=OuterRef("tenant"), site=OuterRef("site"))

    def for_list(self):
        """Fetch what a line of a list shows."""
        tenants = self.model._meta.get_field("tenant").related_model
        phones = tenants._meta.get_field("phones").related_model.objects
        return self.select_related("site", "tenant", "next_level").prefetch_related(
            Prefetch("tenant__phones", phones.order_by("-is_primary", "pk"))
        )


class PauseQuerySet(BranchQuerySet):
    def in_force(self, on=None):
        day = on or timezone.localdate()
        return self.filter(lifted_at=None).filter(Q(until=None) | Q(until__gte=day))


class ContactQuerySet(BranchQuerySet):
    pass


class PromiseQuerySet(BranchQuerySet):
    def in_status(self, status: str, on=None):
        """Keep the promises in one of the states of ``Promise.status`` on a day (today)."""
        day = on or timezone.localdate()
        conditions = {
            "cancelled": Q(cancelled_at__isnull=False),
            "kept": KEPT,
            "pending": SHORT & Q(due_on__gte=day),
            "partly_kept": SHORT & Q(due_on__lt=day, received__gt=0),
            "broken": SHORT & Q(due_on__lt=day, received=0),
        }
        return self.filter(conditions[status])
