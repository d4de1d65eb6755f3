"""Who owes what, arranged as tables for spreadsheets."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from payments.metrics import Ageing, AgeingTotal
from reporting.exports import Amount, Sheet
from sites_app.models import Site


def ageing_sheets(ageing: Ageing, sites: Sequence[Site]) -> list[Sheet]:
    """Return a table per currency of ``ageing``, a row per lease; ``sites`` name the branches."""
    names = {site.pk: site.name for site in sites}
    return [_sheet(ageing, total, names) for total in ageing.totals]


def _sheet(ageing: Ageing, total: AgeingTotal, names: dict[str, str]) -> Sheet:
    def amounts(row) -> list[Amount]:
        parts = (
            row.d0_30, row.d31_60, row.d61_90, row.d90_plus, row.arrears, row.not_due,
            row.advances, row.balance,
        )  # fmt: skip
        return [Amount(part, total.currency) for part in parts]

    heads = [
        _("Lease"), _("Tenant"), _("Property"), _("Branch"), _("Lease ended on"), _("Oldest due"),
        _("Days late"), _("0 to 30 days"), _("31 to 60 days"), _("61 to 90 days"),
        _("Over 90 days"), _("Arrears"), _("Not due yet"), _("Paid ahead"), _("Balance"),
    ]  # fmt: skip
    rows = [
        (
            row.reference,
            row.tenant_name,
            row.property_name,
            names[row.site],
            row.lease_end if row.lease_end and row.lease_end < ageing.on else None,
            row.oldest_due,
            row.days_late or None,
            *amounts(row),
        )
        for row in ageing.rows
        if row.currency == total.currency
    ]
    title = _("Arrears on %(day)s, %(currency)s") % {
        "day": f"{ageing.on:%d-%m-%Y}",
        "currency": total.currency,
    }
    foot = (_("Total"), None, None, None, None, None, None, *amounts(total))
    return Sheet(title, heads, rows, foot)
