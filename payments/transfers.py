"""Files that carry payouts to whoever executes them: the bank, and operators of mobile money."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from akig.lib.cells import harmless
from akig.lib.errors import Conflict
from akig.lib.money import EXPONENTS
from akig.lib.parsing import phones
from payments.models import OwnerPaymentDetails, Payout, PayoutRun

Method = OwnerPaymentDetails.Method
BANK = (Method.BANK_TRANSFER,)
MOBILE = (Method.ORANGE_MONEY, Method.MTN_MOMO, Method.WAVE)


class DetailsChanged(Conflict):
    """Where the money of an approved payout goes was changed after its approval."""

    code = "payment_details_changed"


def bank_file(run: PayoutRun) -> bytes:
    """Return the bank transfers of an approved run as CSV, one line per owner.

    Raises ``DetailsChanged``.
    """
    heads = [
        _("Reference"),
        _("Beneficiary"),
        _("Bank"),
        pgettext("bank", "Account"),
        _("Amount"),
        _("Currency"),
        _("Reason of payment"),
        _("Execution date"),
    ]
    reason = _("Rents %(month)s") % {"month": f"{run.month:%m/%Y}"}
    rows = [
        [
            payout.number,
            details.holder or payout.owner.name,
            details.bank,
            details.number.get("number", ""),
            amount_of(payout),
            run.site.currency,
            reason,
            f"{run.value_date:%d/%m/%Y}",
        ]
        for payout, details in _executed(run, BANK)
    ]
    return _csv([heads, *rows])


def mobile_file(run: PayoutRun, method: str) -> bytes:
    """Return the payouts of an approved run by one operator as its bulk CSV.

    Number (digits with the country's prefix), amount, name, reference. Raises ``DetailsChanged``.
    """
    rows = [
        [
            _digits(details.number.get("number", ""), run.site.country),
            amount_of(payout),
            details.holder or payout.owner.name,
            payout.number,
        ]
        for payout, details in _executed(run, (method,))
    ]
    heads = [pgettext("telephone", "Number"), _("Amount"), _("Name"), _("Reference")]
    return _csv([heads, *rows])


def amount_of(payout: Payout) -> str:
    """Return what is paid in whole units, as files of banks have it: ``1500000``, ``12.50``."""
    exponent = EXPONENTS[payout.site.currency]
    return f"{Decimal(payout.amount).scaleb(-exponent):.{exponent}f}"


def _executed(run, methods) -> Iterable[tuple[Payout, OwnerPaymentDetails]]:
    payouts = run.payouts.filter(state=Payout.State.PAID, amount__gt=0, method__in=methods)
    payouts = list(payouts.select_related("owner", "site").order_by("number"))
    rows = OwnerPaymentDetails.objects.filter(
        site=run.site, owner__in=[payout.owner_id for payout in payouts]
    )
    details = {row.owner_id: row for row in rows}
    # Both moments are the database's own: the history of the run and that of the details.
    approved = PayoutRun.pgh_event_model.objects.filter(pgh_obj=run, state=run.State.APPROVED)
    changed = set(
        OwnerPaymentDetails.pgh_event_model.objects.filter(
            pgh_obj__in=rows, pgh_created_at__gt=approved.values("pgh_created_at")[:1]
        ).values_list("owner", flat=True)
    )
    names = [
        payout.owner.name
        for payout in payouts
        if payout.owner_id in changed or payout.owner_id not in details
    ]
    if names:
        raise DetailsChanged(
            _(
                "The payment details of %(names)s were changed after the approval: cancel their "
                "payout and prepare it again."
            )
            % {"names": ", ".join(names[:3])}
        )
    return [(payout, details[payout.owner_id]) for payout in payouts]


def _digits(number: str, country: str) -> str:
    known = phones(number, region=country).numbers
    return (known[0] if known else number).removeprefix("+")


def _csv(rows) -> bytes:
    """Return the rows as spreadsheets set to French open them: semicolons, and a mark of UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")
