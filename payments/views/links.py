"""The tenant's own pages, behind a signed link: no account, no cookie, no JavaScript needed.

The link itself is what lets its holder in, so a form of another site could send nothing that it
does not already know: there is no cookie for it to misuse, and no CSRF token to check.
"""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.db.models import Prefetch, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from accounts.models import User
from akig.lib import isolation
from akig.lib.addresses import client_address
from akig.lib.doors import act_page, may, sent
from akig.lib.throttling import count
from payments.documents import receipt_pdf
from payments.forms import links as forms
from payments.models import (
    Attempt,
    Charge,
    DepositMovement,
    Payment,
    PaymentClaim,
    Provider,
    Receipt,
)
from payments.services.links import LinkRefused, link_address, messages_with, tenant_of
from payments.views.papers import pdf_response
from payments.views.payments import balances
from tenants.models import Lease, Tenant

#: Looks and acts a minute from one address: plenty for a family, useless for guessing.
LOOKS, ACTS = 60, 6

#: How many rows of each kind the page shows: it stays under 50 kB on a slow line.
SHOWN = 12
CLAIMS = 5
#: Seconds after which the page of an open attempt asks again.
AGAIN = 5


def linked(view: Callable) -> Callable:
    """Open a page to whoever holds a link that stands; it speaks the tenant's language."""

    @csrf_exempt
    @wraps(view)
    def door(request: HttpRequest, token: str, *args, **kwargs) -> HttpResponse:
        looks = count(f"link:{client_address(request)}", LOOKS)
        if request.method == "POST" and not looks.wait:
            looks = count(f"link-act:{client_address(request)}", ACTS)
        if looks.wait:
            response = closed(request, "busy", None, 429)
            response["Retry-After"] = str(looks.wait)
            return response
        try:
            with isolation.everywhere():  # the link alone says whose it is
                tenant = tenant_of(token)
        except LinkRefused as refusal:
            return closed(request, "refused", refusal.tenant, refusal.status)
        request.link_token = token
        with translation.override(language_of(tenant)), isolation.within([tenant.site_id]):
            return private(view(request, tenant, *args, **kwargs))

    return door


def language_of(tenant: Tenant | None) -> str:
    known = tenant is not None and tenant.language in dict(settings.LANGUAGES)
    return tenant.language if known else settings.LANGUAGE_CODE


def closed(request: HttpRequest, why: str, tenant: Tenant | None, status: int) -> HttpResponse:
    """Say calmly that nothing is to be seen here, and whom to call."""
    site = tenant.site if tenant else None
    page = {
        "why": why,
        "agency": settings.AGENCY_NAME,
        "branch": site,
        "phone": (site and site.phone) or settings.AGENCY_PHONE,
    }
    with translation.override(language_of(tenant)):
        answer = render(request, "payments/links/closed.html", page, status=status)
    return private(answer)


def private(response: HttpResponse) -> HttpResponse:
    """Keep the address of the page to its holder: no cache, no search engine, no referrer."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


@linked
@require_safe
def tenant_link(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Show what the tenant owes and paid, with the papers, and the ways to pay."""
    leases = leases_of(tenant)
    keys = [lease.pk for lease in leases]
    due = Charge.objects.open().filter(lease__in=keys).select_related("site")
    paid = Payment.objects.confirmed().filter(lease__in=keys).select_related("site")
    papers = Receipt.objects.filter(kind__in=["receipt", "deposit"], status="valid")
    page = {
        **frame(request, tenant),
        "leases": leases,
        "owed": sum(balances(keys).values()),
        "due": due.order_by("due_date", "pk")[:SHOWN],
        "payments": paid.prefetch_related(Prefetch("receipts", papers)).order_by(
            "-value_date", "-pk"
        )[:SHOWN],
        "claims": PaymentClaim.objects.filter(lease__in=keys).order_by("-made_at")[:CLAIMS],
        "held": DepositMovement.objects.filter(lease__in=keys).aggregate(total=Sum("amount"))[
            "total"
        ],
        "may_pay": bool(leases) and providers_of(tenant).exists(),
    }
    page["ahead"] = -page["owed"]
    return render(request, "payments/links/account.html", page)


@linked
@require_safe
def link_receipt(request: HttpRequest, tenant: Tenant, number: str) -> HttpResponse:
    papers = Receipt.objects.filter(lease__tenant=tenant).select_related("site")
    receipt = get_object_or_404(papers, number=number)
    return pdf_response(receipt_pdf(receipt), f"{receipt.number}.pdf")


@linked
def link_pay(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Ask for the money by mobile money, of the telephone that the tenant names."""
    leases, providers = leases_of(tenant), list(providers_of(tenant))
    if not leases or not providers:
        raise Http404
    owed = balances([lease.pk for lease in leases])
    # The lease that owes most comes first.
    leases.sort(key=lambda lease: -owed.get(lease.pk, 0))
    wanted = owed.get(leases[0].pk, 0)
    form = forms.PayForm(
        request.POST or None,
        leases=leases,
        providers=providers,
        return_url=settings.PUBLIC_URL + here(request, "tenant_link"),
        initial={"amount": wanted if wanted > 0 else leases[0].rent_now, "phone": tenant.phone},
    )
    attempt = form.submit(User.objects.system()) if request.method == "POST" else None
    if attempt is not None:
        return redirect(here(request, "link_wait", attempt.pk))
    page = {**frame(request, tenant), "form": form}
    return render(request, "payments/links/pay.html", page, status=form.status)


@linked
@require_safe
def link_wait(request: HttpRequest, tenant: Tenant, attempt_id) -> HttpResponse:
    """Show how an attempt stands; while it is open the page asks again by itself."""
    attempts = Attempt.objects.filter(lease__tenant=tenant).select_related("site", "provider")
    attempt = get_object_or_404(attempts, pk=attempt_id)
    page = {
        **frame(request, tenant),
        "attempt": attempt,
        "is_open": attempt.state in Attempt.OPEN,
        "again": AGAIN,
        "receipt": Receipt.objects.filter(payment=attempt.payment_id, kind="receipt").first()
        if attempt.payment_id
        else None,
    }
    return render(request, "payments/links/wait.html", page)


@linked
def link_claim(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Let the tenant say what was paid elsewhere, with a photo, for the cashier to look at."""
    leases = leases_of(tenant)
    if not leases:
        raise Http404
    form = forms.ClaimForm(request.POST or None, request.FILES or None, leases=leases)
    claim = form.submit(User.objects.system()) if request.method == "POST" else None
    if claim is not None:
        return redirect(here(request, "tenant_link") + "?sent=1")
    page = {**frame(request, tenant), "form": form}
    return render(request, "payments/links/claim.html", page, status=form.status)


def frame(request: HttpRequest, tenant: Tenant) -> dict:
    """Return what every page behind a link shows."""
    return {
        "tenant": tenant,
        "token": request.link_token,
        "agency": settings.AGENCY_NAME,
        "currency": tenant.site.currency,
        "phone": tenant.site.phone or settings.AGENCY_PHONE,
    }


def leases_of(tenant: Tenant) -> list[Lease]:
    """Return the leases of ``tenant`` that bind, the newest first; ended ones may still owe."""
    leases = Lease.objects.real().filter(tenant=tenant).with_rent()
    return list(leases.select_related("site", "property").order_by("-start", "-pk"))


def providers_of(tenant: Tenant):
    return Provider.objects.filter(site=tenant.site_id, enabled=True).order_by("kind")


def here(request: HttpRequest, name: str, *parts) -> str:
    return reverse(f"payments:{name}", args=[request.link_token, *parts])


# For the staff


@may("receipt.issue")
def hand_out_link(request: HttpRequest, tenant_id: int) -> HttpResponse:
    """Show the link of a tenant, to copy or send; sent in, make the earlier ones stop."""
    tenants = Tenant.objects.visible_to(request.user).select_related("site")
    tenant = get_object_or_404(tenants.prefetch_related("phones"), pk=tenant_id)
    address = link_address(tenant)
    return act_page(
        request,
        forms.RenewLinkForm(sent(request), tenant=tenant),
        title=_("The link of %(name)s") % {"name": tenant},
        then=reverse("payments:hand_out_link", args=[tenant.pk]),
        done=_("Here is the new link; the earlier ones have stopped."),
        cancel=reverse("tenants:tenant_page", args=[tenant.pk]),
        template="payments/links/hand_out.html",
        tenant=tenant,
        address=address,
        days=settings.TENANT_LINK_DAYS,
        messages_with=messages_with(tenant, address),
    )
