"""What recovery hands out on paper, as PDF: French, and as it was frozen."""

from datetime import date

from akig.lib.pdf import paper
from akig.lib.words import amount_in_words
from payments.documents import agency
from recovery.models import Action


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
