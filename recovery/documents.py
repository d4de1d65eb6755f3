"""What recovery hands out on paper, as PDF: French, and as it was frozen."""

from datetime import date

from akig.lib.pdf import paper
from akig.lib.words import amount_in_words
from payments.documents import agency
from recovery.models import Action, Notice


def demand_pdf(action: Action, *, printed_by: str) -> bytes:
    """Return the letter of a step that was sent: a formal demand, as an A4 PDF."""
    currency = action.site.currency
    debts = [{**debt, "due": date.fromisoformat(debt["due"])} for debt in action.debts]
    context = {
        "action": action,
        "tenant": action.tenant,
        "debts": debts,
        "ahead": action.amount - sum(debt["left"] for debt in debts),
        "currency": currency,
        "in_words": amount_in_words(action.amount, currency),
        "agency": agency(action.site),
        "printed_by": printed_by,
    }
    return paper("recovery/pdf/demand.html", context)


def notice_pdf(notice: Notice) -> bytes:
    """Return the paper of an issued notice, as it was frozen then, as an A4 PDF."""
    said = notice.content
    debts = [{**debt, "due": date.fromisoformat(debt["due"])} for debt in said["debts"]]
    context = {
        "notice": notice,
        "said": said,
        "since": date.fromisoformat(said["since"]),
        "debts": debts,
        "ahead": notice.amount - sum(debt["left"] for debt in debts),
        "currency": said["currency"],
        "in_words": amount_in_words(notice.amount, said["currency"]),
        "agency": agency(notice.site),
        "printed_by": notice.issued_by.name,
        "now": notice.issued_at,
    }
    return paper("recovery/pdf/notice.html", context)
