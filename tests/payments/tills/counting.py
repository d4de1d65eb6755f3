"""Cash as tests count it."""

from datetime import date

from django.db.models import Sum

from payments.models import JournalLine, StatementLine

#: The accounts that money lies in, and where differences go.
MONEY = r"^(5|6588)"


def counted(amount: int) -> dict[str, str]:
    """Return the fields of a count in GNF that is worth ``amount``."""
    fields = {}
    for worth in (20_000, 10_000, 5_000, 2_000, 1_000, 500, 100, 1):
        number, amount = divmod(amount, worth)
        if number:
            fields[f"n{worth}"] = str(number)
    return fields


def notes(amount: int) -> dict[int, int]:
    return {int(name[1:]): int(number) for name, number in counted(amount).items()}


def sums(site) -> dict[str, int]:
    """Return what lies in each account of money, and in that of differences; nothing left out."""
    lines = JournalLine.objects.filter(site=site, account__code__regex=MONEY)
    totals = lines.values_list("account__code").annotate(total=Sum("amount")).order_by()
    return {code: total for code, total in totals if total}


def line_of(account, amount: int, *, text: str = "VERSEMENT ESPECES") -> StatementLine:
    """Return a line of a bank's statement: money that came in on 15 October 2026."""
    return StatementLine.objects.create(
        site_id=account.site_id,
        account=account,
        fingerprint=f"{account.pk} {amount} {text}",
        day=date(2026, 10, 15),
        amount=amount,
        text=text,
    )
