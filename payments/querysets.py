"""Questions about what is owed and paid."""

from django.db.models import F, Q, Sum
from django.utils import timezone

from sites_app.querysets import BranchQuerySet


class ChargeQuerySet(BranchQuerySet):
    of_owner = "property__owner__user"
    of_tenant = "lease__tenant__user"
    of_property = "property"

    def standing(self):
        """Leave out cancelled charges."""
        return self.filter(cancelled_on=None)

    def open(self):
        """Debts that are not fully paid (credits left out)."""
        return self.standing().filter(amount__gt=0, collected__lt=F("amount"))

    def overdue(self, on=None):
        return self.open().filter(due_date__lt=on or timezone.localdate())

    def in_state(self, state: str):
        """Keep the charges of one of the states of ``Charge.state``."""
        conditions = {
            "cancelled": Q(cancelled_on__isnull=False),
            "due": Q(cancelled_on=None, amount__gt=0, collected=0),
            "partial": Q(cancelled_on=None, collected__gt=0, collected__lt=F("amount")),
            "paid": Q(cancelled_on=None, settled_on__lte=F("due_date")),
            "paid_late": Q(cancelled_on=None, settled_on__gt=F("due_date")),
        }
        return self.filter(conditions[state])

    def total(self) -> int:
        return self.aggregate(total=Sum("amount"))["total"] or 0

    def left(self) -> int:
        """Return what is still owed on these charges, in minor units."""
        return self.aggregate(left=Sum(F("amount") - F("collected")))["left"] or 0


class PaymentQuerySet(BranchQuerySet):
    of_owner = "property__owner__user"
    of_tenant = "lease__tenant__user"
    of_property = "property"

    def confirmed(self):
        return self.filter(status="confirmed")

    def with_advance(self):
        """Confirmed payments of which a part pays no charge yet."""
        return self.confirmed().filter(allocated__lt=F("amount"))

    def total(self) -> int:
        return self.aggregate(total=Sum("amount"))["total"] or 0


class ReceiptQuerySet(BranchQuerySet):
    of_owner = "lease__property__owner__user"
    of_tenant = "lease__tenant__user"
    of_property = "lease__property"


class LineQuerySet(BranchQuerySet):
    """Journal lines: the branch's books, for those who work there."""

    def until(self, day):
        return self.filter(value_date__lte=day)

    def by_lease(self) -> dict[int, int]:
        """Return debits less credits of each lease (by id), in minor units."""
        sums = self.order_by().values("lease").annotate(balance=Sum("amount"))
        return {row["lease"]: row["balance"] for row in sums}

    def balance(self) -> int:
        """Return debits less credits, in minor units."""
        return self.aggregate(balance=Sum("amount"))["balance"] or 0


class CashAccountQuerySet(BranchQuerySet):
    """Accounts of the journal; ``cash_of`` keeps those of cash that exist for a person."""

    def cash_of(self, user):
        """Keep the till and everybody's cash for those who keep the till, else one's own."""
        rows = self.visible_to(user)
        if user.is_staff:
            return rows.filter(Q(code="571") | Q(holder__isnull=False))
        return rows.filter(holder=user)


class HandOverQuerySet(BranchQuerySet):
    def visible_to(self, user):
        """Those of the branch for who keeps its till; field agents see what passes their hands."""
        rows = super().visible_to(user)
        if user.is_staff:
            return rows
        own = Q(given_by=user) | Q(source__holder=user) | Q(target__holder=user)
        return rows.filter(own)

    def open(self):
        return self.filter(state="declared")
