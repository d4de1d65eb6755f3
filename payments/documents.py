"""What goes out on paper: receipts, quittances and statements of account, as PDF.

Receipts and quittances say what was frozen at issue, and only whether they still stand is looked
up. They are legal documents and therefore French, whoever prints them.
"""

import datetime
import io

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from akig.lib.pdf import drawn, paper
from akig.lib.periods import period_label
from akig.lib.words import amount_in_words
from payments.metrics import Statement
from payments.models import Charge, ExitAccount, HandOver, Payment, Payout, Receipt
from sites_app.models import Site
from tenants.models import Lease, Tenant

#: A6, and a thermal roll of 80 mm, whose printers cut the paper where the text ends.
FORMATS = ("a6", "80mm")

#: Lines that fit on an A6.
LINES = 10


def receipt_pdf(receipt: Receipt, *, form: str = "a6") -> bytes:
    """Return a receipt or quittance as PDF; ``form`` is one of ``FORMATS``.

    ``receipt.site`` is read for the branch's address and telephone.
    """
    return paper(*_receipt(receipt, form))


def receipt_page(receipt: Receipt) -> bytes:
    """Return the HTML of a receipt or quittance of A6, to be laid out with many others."""
    return drawn(*_receipt(receipt))


def _receipt(receipt: Receipt, form: str = "a6") -> tuple[str, dict]:
    """Return the template of a receipt and what it says."""
    said = receipt.content
    names = {
        Receipt.Kind.RECEIPT: "payments/pdf/receipt.html",
        Receipt.Kind.QUITTANCE: "payments/pdf/quittance.html",
        Receipt.Kind.DEPOSIT: "payments/pdf/deposit.html",
    }
    lines = _lines(said.get("allocations", said.get("parts", [])))
    context = {
        "receipt": receipt,
        "said": said,
        "currency": said["currency"],
        "in_words": amount_in_words(receipt.amount, said["currency"]),
        "method": dict(Payment.Method.choices).get(said.get("method"), ""),
        "lines": lines,
        "period": _period(said),
        "form": form,
        # Printers of rolls cut after the text; PDF wants a height, so it follows the lines.
        "height": 128 + 5 * len(lines),
        "agency": agency(receipt.site, name=said["agency"]),
        "verify_url": verify_url(receipt),
        "verify_at": verify_url(receipt).partition("://")[2].rpartition("/")[0],
        "qr": qr(verify_url(receipt)),
        "owed_after": abs(said.get("balance", 0)),
    }
    return names[receipt.kind], context


def statement_pdf(
    tenant: Tenant,
    site: Site,
    account: Statement,
    *,
    leases: list[Lease],
    printed_by: str,
    language: str = "fr",
    link: str = "",
) -> bytes:
    """Return a tenant's statement of account (``metrics.statement``) as an A4 PDF.

    ``link`` is the address of the tenant's own page, where the reader may have it.
    """
    context = {
        "tenant": tenant,
        "site": site,
        "account": account,
        "leases": leases,
        "currency": account.currency,
        "agency": agency(site),
        "printed_by": printed_by,
        "link": link,
        "qr": qr(link) if link else "",
        "first": account.first or (account.lines[0].date if account.lines else account.last),
    }
    return paper("payments/pdf/statement.html", context, language=language)


def hand_over_pdf(hand_over: HandOver, notes: list[dict], *, printed_by: str) -> bytes:
    """Return the paper of a confirmed hand-over of cash, for both to sign, as an A4 PDF.

    ``notes`` has the numbers declared and counted of each denomination.
    """
    currency = hand_over.site.currency
    context = {
        "hand_over": hand_over,
        "notes": notes,
        "currency": currency,
        "in_words": amount_in_words(hand_over.counted or hand_over.declared, currency),
        "agency": agency(hand_over.site),
        "printed_by": printed_by,
    }
    return paper("payments/pdf/hand_over.html", context)


def owner_statement_pdf(payout: Payout, *, printed_by: str, language: str = "fr") -> bytes:
    """Return an owner's statement as it was frozen, with whether it still holds, as an A4 PDF."""
    said = payout.content
    address = verify_url(payout) if payout.code else ""
    context = {
        "payout": payout,
        "said": said,
        "lines": [{**line, **_proof(line)} for line in payout.lines],
        "currency": said["currency"],
        "agency": agency(payout.site, name=said["agency"]),
        "printed_by": printed_by,
        "spent": payout.costs + payout.advances,
        "before": payout.closing + payout.withheld + payout.amount,
        "in_words": amount_in_words(payout.amount, said["currency"]) if language == "fr" else "",
        "qr": qr(address) if address else "",
        "verify_at": address.partition("://")[2].rpartition("/")[0],
        "code": "-".join((payout.code or "")[start : start + 4] for start in (0, 4, 8)),
    }
    return paper("payments/pdf/owner_statement.html", context, language=language)


def _proof(line: dict) -> dict:
    """Return what a line of an owner's statement is, what proves it, and where that is seen."""
    if "owner_cost" in line:
        page = "justificatif" if "has_proof" in line else ""
        path = f"/depenses-proprietaires/{line['owner_cost']}/{page}"
        shown = {"what": line.get("label", ""), "proof": f"#{line['owner_cost']}"}
        return shown | {"address": settings.PUBLIC_URL + path}
    what = line.get("tenant") or line.get("label", "")
    if "receipt" not in line:
        return {"what": what, "proof": ""}
    address = f"{settings.PUBLIC_URL}/verify/{line['code']}"
    return {"what": what, "proof": line["receipt"], "address": address}


def exit_pdf(account: ExitAccount, said: dict, *, printed_by: str, language: str = "fr") -> bytes:
    """Return an exit account as an A4 PDF, for both to sign; ``said`` is its frozen content.

    Of a draft it is what would be agreed now, and the paper says that it is a draft.
    """
    kinds = dict(Charge.Kind.choices)
    parts = {
        name: [
            {**part, "what": kinds[part["kind"]], "period": _period(part)} for part in said[name]
        ]
        for name in ("charges", "left_out", "taken_off")
    }
    plan = [
        {**row, "due_date": datetime.date.fromisoformat(row["due_date"])}
        for row in said["instalments"]
    ]
    context = {
        "account": account,
        "said": said,
        "currency": said["currency"],
        "parts": parts,
        "plan": plan,
        "is_draft": account.state != ExitAccount.State.AGREED,
        "agency": agency(account.site, name=said["agency"]),
        "printed_by": printed_by,
    }
    return paper("payments/pdf/exit.html", context, language=language)


def verify_url(receipt: Receipt | Payout) -> str:
    """Return the absolute address of the public page that tells whether the paper stands."""
    return f"{settings.PUBLIC_URL}/verify/{receipt.code}"


def qr(address: str) -> SafeString:
    """Return ``address`` as the SVG drawing of a QR code."""
    drawing = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawing, kind="svg", xmldecl=False, svgns=True, border=0, omitsize=True, svgclass=None,
        lineclass=None,
    )  # fmt: skip
    return mark_safe(drawing.getvalue().decode())  # noqa: S308  # nosec B308 B703 # drawn by segno


def agency(site: Site | None = None, *, name: str = "") -> dict[str, str]:
    """Return the agency's identity for the head of a paper; a branch adds where it stands."""
    return {
        "name": name or settings.AGENCY_NAME,
        "branch": site.name if site else "",
        "address": (site and site.address) or settings.AGENCY_ADDRESS,
        "phone": (site and site.phone) or settings.AGENCY_PHONE,
        "email": settings.AGENCY_EMAIL,
        "rccm": settings.AGENCY_RCCM,
        "nif": settings.AGENCY_NIF,
    }


def _lines(parts: list[dict]) -> list[dict]:
    """Return what stands in the table; many charges paid at once are summed up in its last line."""
    names = dict(Charge.Kind.choices)
    lines = [
        {**part, "what": names.get(part["kind"], part["kind"]), "period": _period(part)}
        for part in parts
    ]
    if len(lines) <= LINES:
        return lines
    rest = lines[LINES - 1 :]
    left = sum(part.get("left", 0) for part in rest)
    amount = sum(part["amount"] for part in rest)
    return [*lines[: LINES - 1], {"others": len(rest), "amount": amount, "left": left}]


def _period(said: dict) -> str:
    if "period_start" not in said:
        return ""
    first, last = (datetime.date.fromisoformat(said[end]) for end in ("period_start", "period_end"))
    return period_label(first, last, "fr")
