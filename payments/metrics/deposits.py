"""What is held of the tenants' deposits, and by when it is to go back."""

import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from payments.models import DepositMovement
from sites_app.rules import RULES, rule_as_of
from tenants.models import Lease

RULE = "deposit_return_days"


def with_deposit(leases: QuerySet) -> QuerySet:
    """Annotate ``held_now`` (minor units) and the text of the rule by which it goes back."""
    moved = DepositMovement.objects.filter(lease=OuterRef("pk")).order_by().values("lease")
    return leases.annotate(
        held_now=Coalesce(Subquery(moved.annotate(total=Sum("amount")).values("total")), 0),
        return_rule=rule_as_of(RULE, on="end"),
    )


def holding(leases: QuerySet) -> QuerySet:
    """Keep the leases for which something is held."""
    totals = DepositMovement.objects.order_by().values("lease").annotate(total=Sum("amount"))
    return leases.filter(pk__in=totals.filter(total__gt=0).values("lease"))


def to_return(leases: QuerySet, on: datetime.date | None = None) -> QuerySet:
    """Keep the leases that are over by a day (today) and for which something is still held."""
    return holding(leases).ended(on)


def missing(leases: QuerySet, on: datetime.date | None = None) -> QuerySet:
    """Keep the running leases that agreed on a deposit of which less is held."""
    return with_deposit(leases.active(on)).filter(deposit__gt=F("held_now"))


def return_day(lease: Lease) -> datetime.date | None:
    """Return the last day on which the deposit of a lease ``with_deposit`` is to be given back."""
    if lease.end is None:
        return None
    rule = RULES[RULE]
    return lease.end + datetime.timedelta(days=rule.read(lease.return_rule or rule.default))


def days_left(lease: Lease, on: datetime.date | None = None) -> int | None:
    """Return the days left until then from a day (today); negative when it is past."""
    day = return_day(lease)
    return day and (day - (on or timezone.localdate())).days
