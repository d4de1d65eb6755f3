"""What tenants say to have paid: the queue of the cashier, one claim, its photo."""

from django.db.models import Count, Sum
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, history_page, may, paged
from akig.lib.proofs import proof_response
from payments.forms import claims as forms
from payments.models import PaymentClaim
from payments.views.payments import balances
from sites_app.middleware import chosen_site


@require_safe
@may("payment.validate")
def claim_list(request: HttpRequest) -> HttpResponse:
    """Show the claims that wait, the oldest first, or those that were decided."""
    state = request.GET.get("state", "waiting")
    claims = PaymentClaim.objects.visible_to(request.user).at(chosen_site(request))
    if state in PaymentClaim.State.values:
        claims = claims.filter(state=state)
    sums = list(
        claims.order_by()
        .values("site__currency")
        .annotate(number=Count("pk"), amount=Sum("amount"))
        .order_by("site__currency")
    )
    context = {
        "page": paged(
            request,
            claims.order_by("made_at", "pk") if state == "waiting" else claims.order_by("-made_at"),
            shown=PaymentClaim.objects.select_related("site", "lease__tenant", "lease__property"),
            number=sum(row["number"] for row in sums),
        ),
        "sums": sums,
        "state": state,
        "states": PaymentClaim.State.choices,
    }
    return render(request, "payments/claims/claim_list.html", context)


@may("payment.validate")
def claim_page(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Show one claim beside what its lease owes; sent in, accept it."""
    claim = find_claim(request, claim_id)
    if request.method == "POST" and claim.state == PaymentClaim.State.ACCEPTED:
        return redirect(claim_address(claim))
    return act_page(
        request,
        forms.AcceptClaimForm(request.POST or None, claim=claim),
        title=_("%(name)s says to have paid") % {"name": claim.lease.tenant},
        then=claim_address,
        done=_("The payment is recorded; the tenant sees it."),
        template="payments/claims/claim_page.html",
        claim=claim,
        owed=balances([claim.lease_id]).get(claim.lease_id, 0),
    )


@may("payment.validate")
def refuse_claim(request: HttpRequest, claim_id: int) -> HttpResponse:
    claim = find_claim(request, claim_id)
    return act_page(
        request,
        forms.RefuseClaimForm(request.POST or None, claim=claim),
        title=_("Refuse the claim of %(name)s") % {"name": claim.lease.tenant},
        then=claim_address,
        done=_("The claim is refused; the tenant reads why."),
        cancel=claim_address(claim),
    )


@require_safe
@may("payment.validate")
def claim_photo(request: HttpRequest, claim_id: int) -> FileResponse:
    claim = find_claim(request, claim_id)
    return proof_response(claim.photo, f"{claim.lease.reference}-{claim.pk}")


@require_safe
@may("payment.validate")
def claim_history(request: HttpRequest, claim_id: int) -> HttpResponse:
    claim = find_claim(request, claim_id)
    return history_page(request, claim, claim_address(claim))


def find_claim(request: HttpRequest, claim_id: int) -> PaymentClaim:
    claims = PaymentClaim.objects.visible_to(request.user).select_related(
        "site", "lease__tenant", "lease__property", "decided_by"
    )
    return get_object_or_404(claims, pk=claim_id)


def claim_address(claim: PaymentClaim) -> str:
    return reverse("payments:claim_page", args=[claim.pk])
