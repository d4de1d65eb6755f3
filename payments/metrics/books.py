"""The trial balance: every account of the journal as of the evening of a day."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, Sum

from payments.models import Account, JournalDay


@dataclass(frozen=True)
class AccountBalance:
    """An account of the branches of one currency: its sums until a day, in minor units."""

    currency: str
    code: str
    debit: int
    credit: int
    opened_as: str = ""

    @property
    def name(self) -> str:
        """What the account is called; beyond the usual ones, the name it was opened under."""
        return str(dict(Account.Code.choices).get(self.code, self.opened_as or self.code))

    @property
    def owes(self) -> int:
        """The balance, where it is a debit."""
        return max(self.debit - self.credit, 0)

    @property
    def has(self) -> int:
        """The balance, where it is a credit."""
        return max(self.credit - self.debit, 0)


def trial_balance(sites: Sequence[str], day: datetime.date) -> list[AccountBalance]:
    """Return the accounts of the branches ``sites`` (codes) as of ``day``, by currency and code.

    In each currency debits are credits, or the journal is broken.
    """
    rows = (
        JournalDay.objects.filter(site__in=sites, day__lte=day)
        .values("site__currency", "account__code")
        .annotate(debits=Sum("debit"), credits=Sum("credit"), opened_as=Max("account__name"))
        .order_by("site__currency", "account__code")
    )
    return [
        AccountBalance(
            row["site__currency"],
            row["account__code"],
            row["debits"],
            row["credits"],
            row["opened_as"],
        )
        for row in rows
    ]
