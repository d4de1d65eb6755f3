"""Questions about what is late and what was done about it."""

import datetime

from django.contrib.postgres.expressions import ArraySubquery
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

#: Channels by which something is sent; calls and visits are made.
WRITTEN = ("sms", "whatsapp", "email", "letter")

#: Those of them that disturb: they need the tenant's consent and keep to the hours of the branch.
MESSAGES = ("sms", "whatsapp", "email")

#: States of a step that was decided and is not settled.
UNDER_WAY = ("to_send", "sending")

#: After so long, an e-mail that is still being sent was interrupted: a person settles it.
STUCK = datetime.timedelta(minutes=10)

#: Cases whose next step is a message to who did not agree to any: the fallback is taken.
SILENT = Q(next_level__channel__in=MESSAGES, tenant__agreed_on=None)

ONE = datetime.timedelta(days=1)
WEEK = datetime.timedelta(days=7)

#: So long a broken promise is a reason of its own to call.
MONTH = datetime.timedelta(days=31)

#: Of which rows of ``Promise`` enough came, and of which not.
KEPT = Q(cancelled_at=None, received__gte=F("amount"))
SHORT = Q(cancelled_at=None, received__lt=F("amount"))


def _midnight(day):
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def _number(rows):
    """Return the subquery that counts ``rows``, already tied to the outer tenant."""
    counted = rows.order_by().values("tenant").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)


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

        ``why`` is *promise* where one was broken lately, since we last spoke, else *step*: the
        ladder says so. Left alone are those whom somebody tried today, and who want no contact.
        """
        day = on or timezone.localdate()
        contacts, promises = self._of_tenant("contacts"), self._of_tenant("promises")
        spoken = contacts.exclude(result__in=MISSED).order_by("-made_at")
        broken = promises.not_kept(day).filter(due_on__gte=OuterRef("oldest_due"))
        # The tenants first, from an index: what follows is asked of each case apart.
        recent = promises.model.objects.not_kept(day).filter(due_on__gte=day - MONTH)
        step = Q(next_on__lte=day) & (
            Q(next_level__channel="call") | SILENT & Q(next_level__fallback="call")
        )
        slighted = Q(broken_on__isnull=False) & (
            Q(spoken_at=None) | Q(spoken_at__date__lte=F("broken_on"))
        )
        return (
            self.filter(Q(tenant__in=recent.values("tenant")) | step)
            .approachable(day)
            .filter(tenant__do_not_contact=False)
            .annotate(
                broken_on=Subquery(broken.order_by("-due_on").values("due_on")[:1]),
                spoken_at=Subquery(spoken.values("made_at")[:1]),
            )
            .filter(slighted | step)
            .exclude(
                Exists(
                    contacts.filter(made_at__gte=_midnight(day), made_at__lt=_midnight(day + ONE))
                )
            )
            .annotate(why=Case(When(slighted, then=Value("promise")), default=Value("step")))
            .order_by("why", "-balance", "pk")
        )

    def to_write(self, on=None):
        """Keep the cases of which the ladder says on a day (today) that the tenant is written to.

        Left out are those whose step is decided already, and who are called or visited instead
        because they agreed to no message. Who is not to be contacted still gets letters.
        """
        day = on or timezone.localdate()
        actions = self._of_tenant("actions")
        return (
            self.approachable(day)
            .filter(next_level__channel__in=WRITTEN, next_on__lte=day)
            .filter(Q(tenant__do_not_contact=False) | Q(next_level__channel="letter"))
            .exclude(SILENT & Q(next_level__fallback__in=("call", "visit")))
            .exclude(Exists(actions.filter(state__in=UNDER_WAY)))
            .exclude(Exists(actions.filter(state="left_out", until__gte=day)))
            .order_by("-balance", "pk")
        )

    def approachable(self, day):
        """Keep the open cases whose promise is not awaited and who hear from us not too often.

        Calls and visits that reached somebody count, and what was sent, over the last seven days.
        """
        spoken = self._of_tenant("contacts").exclude(result__in=MISSED)
        begun = _midnight(day - WEEK + ONE)
        lately = [
            spoken.filter(made_at__gte=begun),
            self._of_tenant("actions").sent().filter(sent_at__gte=begun),
        ]
        ladders = self.model._meta.get_field("next_level").related_model.ladder.field.related_model
        held = ladders.objects.filter(site=OuterRef("site"), valid_from__lte=day)
        return (
            self.filter(state="open")
            .annotate(
                lately=sum(map(_number, lately), Value(0)),
                most=Subquery(held.order_by("-valid_from").values("contacts_per_week")[:1]),
            )
            .filter(lately__lt=F("most"))
            .exclude(Exists(self._of_tenant("promises").in_status("pending", day)))
        )

    def told_whole(self):
        """Fetch what the page of a case shows of its tenant, promises and leases included."""
        return self.for_list().with_promises().with_leases()

    def with_promises(self):
        """Add of how many promises the tenant's day has come: ``decided``, ``kept``, ``partly``."""
        decided = self._of_tenant("promises").decided()
        counts = {
            "decided": decided,
            "kept": decided.filter(KEPT),
            "partly": decided.filter(SHORT, received__gt=0),
        }
        return self.annotate(**{name: _number(rows) for name, rows in counts.items()})

    def with_leases(self):
        """Add ``lease_ids``, the leases of the tenant at the branch."""
        leases = self._of_tenant("leases").order_by().values("pk")
        return self.annotate(lease_ids=ArraySubquery(leases))

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


class ActionQuerySet(BranchQuerySet):
    def sent(self):
        return self.filter(state="sent")

    def by_hand(self):
        """Keep what a person sends, and e-mails of which a person must say whether they went."""
        return self.filter(
            Q(state="to_send") & ~Q(channel="email")
            | Q(state="sending", sent_at__lt=timezone.now() - STUCK)
        )


class PlanQuerySet(BranchQuerySet):
    def active(self):
        return self.filter(state="active")


class DisputeQuerySet(BranchQuerySet):
    def running(self):
        return self.filter(ended_on=None)

    def overdue(self, on=None):
        """Keep the open ones whose next step, or whose end, should have come by now."""
        day = on or timezone.localdate()
        return self.running().filter(Q(step_due_on__lt=day) | Q(due_on__lt=day))


class NoticeQuerySet(BranchQuerySet):
    of_property = "lease__property"

    def issued(self):
        """Keep those that got a number, withdrawn ones too."""
        return self.exclude(issued_at=None)


class PromiseQuerySet(BranchQuerySet):
    def not_kept(self, on=None):
        """Keep those whose day has passed without all that was promised."""
        return self.filter(SHORT, due_on__lt=on or timezone.localdate())

    def decided(self, on=None):
        """Keep those that were kept, or whose day has passed."""
        return self.filter(KEPT | SHORT & Q(due_on__lt=on or timezone.localdate()))

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
