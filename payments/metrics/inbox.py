"""What waits in the inbox of unknown money, and who it may be from."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Min, Q, Sum
from django.utils.translation import gettext as _

from akig.lib.parsing import fold
from payments.models import Account, JournalLine, StatementLine
from sites_app.models import Site
from tenants.models import Lease

Explanation = StatementLine.Explanation

#: Words by which banks and providers name money that goes out.
TELLING = (
    (Explanation.FEE, ("frais", "fee", "agios", "commission", "tenue de compte")),
    (
        Explanation.TRANSFER,
        ("sweep", "virement vers", "float transfer", "retrait", "cash out", "vers banque"),
    ),
    (Explanation.COST, ("fournisseur", "facture", "b2b", "paiement")),
)


@dataclass(frozen=True)
class ShownCandidate:
    """A lease that a line may be for, with its reasons in words; ``owed`` in minor units.

    ``payment`` is what the office recorded already: accepting links it and adds nothing.
    """

    lease: Lease
    score: int
    reasons: list[str]
    payment: int | None
    owed: int


@dataclass(frozen=True)
class Waiting:
    """The open lines of one currency: money in and out, in minor units, and the oldest day."""

    currency: str
    number: int
    came: int
    came_amount: int
    went: int
    went_amount: int
    oldest: datetime.date


def shown_candidates(user, lines: Iterable[StatementLine]) -> dict[int, list[ShownCandidate]]:
    """Return the candidates of each line (by id) that ``user`` may see, the best first."""
    lines = list(lines)
    keys = {candidate["lease"] for line in lines for candidate in line.candidates}
    if not keys:
        return {}
    leases = Lease.objects.visible_to(user).select_related("tenant", "property", "site")
    leases = leases.prefetch_related("units").in_bulk(keys)
    owed = JournalLine.objects.filter(
        lease__in=leases, account__code=Account.Code.RECEIVABLE
    ).by_lease()
    shown = defaultdict(list)
    for line in lines:
        for told in line.candidates:
            lease = leases.get(told["lease"])
            if lease is not None:
                shown[line.pk].append(
                    ShownCandidate(
                        lease=lease,
                        score=told["score"],
                        reasons=[reason(sign) for sign in told["reasons"]],
                        payment=told.get("payment"),
                        owed=owed.get(lease.pk, 0),
                    )
                )
    return shown


def likely_explanation(line: StatementLine) -> str:
    """Return what money that went out probably was, by the words of its line; may be empty."""
    if line.amount > 0:
        return ""
    values = line.raw.values() if isinstance(line.raw, dict) else line.raw
    told = fold(" ".join([line.text, *(str(value) for value in values)]))
    return next(
        (found for found, words in TELLING if any(fold(word) in told for word in words)), ""
    )


def waiting(sites: Sequence[Site]) -> list[Waiting]:
    """Return what is open at ``sites``, one per currency."""
    lines = StatementLine.objects.filter(
        site__in=[site.pk for site in sites], state__in=StatementLine.OPEN
    )
    came, went = Q(amount__gt=0), Q(amount__lt=0)
    rows = (
        lines.order_by()
        .values("site__currency")
        .annotate(
            number=Count("pk"),
            came=Count("pk", filter=came),
            came_amount=Sum("amount", filter=came, default=0),
            went=Count("pk", filter=went),
            went_amount=Sum("amount", filter=went, default=0),
            oldest=Min("day"),
        )
    )
    return [
        Waiting(currency=row.pop("site__currency"), **row)
        for row in rows.order_by("site__currency")
    ]


def reason(sign: str) -> str:
    """Return a sign in words, in the reader's language."""
    return {
        "reference": _("The reference of the lease is written out."),
        "asked": _("This money was asked for this lease."),
        "references": _("The reference of the lease stands there beside another."),
        "over": _("The reference of a lease that is over and owes less."),
        "recorded": _("The office recorded this amount that day, without a number."),
        "phone": _("The tenant's telephone."),
        "phone_shared": _("A telephone that several leases share."),
        "guarantor": _("The guarantor's telephone."),
        "payer": _("This telephone has paid for this tenant before."),
        "payer_name": _("This person has paid for this tenant before."),
        "name": _("The tenant's name stands in the text."),
        "name_shared": _("Several tenants bear the name in the text."),
        "name_near": _("A name much like the tenant's stands in the text."),
        "part_of_name": _("A part of the tenant's name stands in the text."),
        "sender": _("The sender bears the tenant's name."),
        "sender_shared": _("The sender bears the name of several tenants."),
        "open": _("The amount is what the lease owes."),
        "rent": _("The amount is the rent."),
        "rents": _("The amount is several rents."),
        "due": _("A charge falls due about then."),
    }.get(sign, sign)
