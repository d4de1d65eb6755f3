"""The page behind the QR code of a paper: for anybody who holds it, without a sign-in."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from akig.lib.addresses import client_address
from akig.lib.isolation import everywhere
from akig.lib.throttling import count
from payments.models import Payout, Receipt

#: Looks a minute from one address: plenty for an office, useless for guessing.
LOOKS = 60
LONGEST = 40


@require_safe
@never_cache
def verify(request: HttpRequest, code: str = "") -> HttpResponse:
    """Tell whether the paper with this code stands: number, amount, day, branch, initials.

    Small letters, spaces and dashes in the code do not matter; it is read aloud on telephones.
    """
    typed = request.GET.get("code", "")
    if not code and typed:
        return redirect("verify", code=_plain(typed) or "-")
    looks = count(f"verify:{client_address(request)}", LOOKS)
    if looks.wait:
        response = _page(request, {"state": "busy"}, 429)
        response["Retry-After"] = str(looks.wait)
        return response
    if not code:
        return _page(request, {"state": "ask"}, 200)
    with everywhere():  # who holds the paper belongs to no branch
        return _paper_page(request, code)


def _paper_page(request: HttpRequest, code: str) -> HttpResponse:
    receipt = Receipt.objects.filter(code=_plain(code)).select_related("site", "replaced_by")
    found = receipt.first()
    if found is None:
        statement = Payout.objects.filter(code=_plain(code)).select_related("owner").first()
        if statement is not None:
            return _statement_page(request, statement)
        return _page(request, {"state": "unknown", "code": code[:LONGEST]}, 404)
    said = found.content
    context = {
        "state": found.status,
        "receipt": found,
        "currency": said["currency"],
        "initials": said.get("initials", ""),
        "agency": said["agency"],
    }
    return _page(request, context, 200)


def _statement_page(request: HttpRequest, payout: Payout) -> HttpResponse:
    """Tell whether an owner's statement is valid, restated or cancelled."""
    initials = " ".join(f"{word[0].upper()}." for word in payout.owner.name.split()[:3])
    context = {
        "state": payout.shown_state,
        "payout": payout,
        "said": payout.content,
        "initials": initials,
    }
    return _page(request, context, 200, "payments/payouts/verify_statement.html")


def _plain(code: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", code[: 2 * LONGEST].upper())


def _page(
    request: HttpRequest, context: dict, status: int, template: str = "payments/verify.html"
) -> HttpResponse:
    response = render(request, template, context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
