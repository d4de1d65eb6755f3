"""The pages of money that comes in: payments and receipts."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, history_page, is_key, may, paged, parse_date_or
from akig.lib.errors import BusinessError
from akig.lib.freshness import remember
from akig.lib.money import format_amount
from payments.forms import payments as forms
from payments.forms.papers import PrintReceiptsForm
from payments.metrics.receipts import numbers_of
from payments.models import (
    Account,
    Allocation,
    Charge,
    JournalLine,
    Payment,
    Receipt,
    ReceiptCounter,
)
from payments.services import collecting, printing
from sites_app.middleware import chosen_site, sites_of, sites_shown
from sites_app.models import Site
from sites_app.services import approving
from tenants.models import Lease

FOUND = 20
SECONDS = 600


@may("payment.record")
def record_payment(request: HttpRequest) -> HttpResponse:
    """Take money for a lease; the address names it (``?lease=``), else it is searched first."""
    lease = asked_lease(request)
    if lease is None:
        return choose_lease(request)
    owed = balances([lease.pk]).get(lease.pk, 0)
    form = forms.RecordPaymentForm(
        request.POST or None, lease=lease, initial={"amount": usual_amount(lease, owed)}
    )
    context = {"lease": lease, "owed": owed, "ahead": -owed}
    if "look" in request.POST:  # the button of browsers without JavaScript
        context |= consequence(form)
        form.refusal = None
        return render(request, "payments/record_payment.html", {"form": form, **context})
    return act_page(
        request,
        form,
        title=_("Record a payment"),
        then=payment_address,
        done=_("The payment is recorded."),
        cancel=reverse("tenants:lease_page", args=[lease.pk]),
        template="payments/record_payment.html",
        **context,
    )


def usual_amount(lease: Lease, owed: int) -> int:
    """Return what most people would pay now: the last period, or what is left of it."""
    last = Charge.objects.standing().filter(lease=lease, kind=Charge.Kind.RENT)
    last = last.order_by("-period_start").values("period_start")[:1]
    period = Charge.objects.standing().filter(lease=lease, period_start__in=last)
    usual = period.total() or lease.rent_now
    return min(usual, owed) if owed > 0 else usual


def asked_lease(request: HttpRequest) -> Lease | None:
    asked = request.GET.get("lease") or request.POST.get("lease")
    if not is_key(asked):
        return None
    leases = Lease.objects.visible_to(request.user).with_rent().with_standing()
    leases = leases.select_related("site", "tenant", "property").prefetch_related("units")
    return get_object_or_404(leases, pk=asked)


def choose_lease(
    request: HttpRequest, then: str = "payments:record_payment", question: str = ""
) -> HttpResponse:
    """Find the lease by name, telephone, unit or reference; a single find is taken at once.

    ``then`` names the page that the lease is for, ``question`` stands above the search.
    """
    query = request.GET.get("q", "").strip()
    found = []
    if query:
        leases = Lease.objects.visible_to(request.user).real().at(chosen_site(request))
        leases = leases.matching(query).with_standing().select_related("tenant", "property", "site")
        found = list(leases.prefetch_related("units").order_by("tenant__name", "-start")[:FOUND])
    if len(found) == 1:
        return redirect(f"{reverse(then)}?lease={found[0].pk}")
    owed = balances([lease.pk for lease in found])
    for lease in found:
        lease.balance = owed.get(lease.pk, 0)
    context = {"leases": found, "query": query, "then": reverse(then), "question": question}
    return render(request, "payments/choose_lease.html", context)


def balances(leases: list[int] | QuerySet) -> dict[int, int]:
    """Return what leases (ids, or the question for them) owe by the journal, in minor units."""
    lines = JournalLine.objects.filter(lease__in=leases, account__code=Account.Code.RECEIVABLE)
    return lines.by_lease()


@require_safe
@may("payment.record")
def preview_payment(request: HttpRequest) -> HttpResponse:
    """Say what the payment typed so far would do; the form asks while people type."""
    lease = asked_lease(request)
    if lease is None:
        raise Http404
    form = forms.RecordPaymentForm(request.GET, lease=lease)
    context = {"lease": lease, **consequence(form)}
    return render(request, "payments/_payment_preview.html", context)


def consequence(form: forms.RecordPaymentForm) -> dict:
    """Return what the template of the preview shows: a preview, or why it cannot be."""
    if not form.is_valid():
        return {}
    try:
        return {"preview": form.preview()}
    except BusinessError as refusal:
        return {"refusal": refusal}


@require_safe
@may("payment.view")
def payment_list(request: HttpRequest) -> HttpResponse:
    payments, period = narrowed_payments(request)
    sums = list(
        payments.order_by()
        .values("site__currency")
        .annotate(
            rows=Count("pk"),
            number=Count("pk", filter=Q(status="confirmed")),
            amount=Sum("amount", filter=Q(status="confirmed"), default=0),
        )
        .order_by("site__currency")
    )
    context = {
        "page": paged(
            request,
            payments.order_by("-value_date", "-pk"),
            shown=Payment.objects.select_related("site", "lease__tenant", "property"),
            number=sum(row["rows"] for row in sums),
        ),
        "sums": sums,
        "methods": Payment.Method.choices,
        "statuses": Payment.Status.choices,
        **period,
    }
    return render(request, "payments/payment_list.html", context)


def narrowed_payments(request: HttpRequest) -> tuple:
    """Return the payments that the address asks for, and the span of days that it means.

    Without a word about a lease, a tenant, a text or a day, it means this month.
    """
    asked = request.GET
    payments = Payment.objects.visible_to(request.user).at(chosen_site(request))
    query = asked.get("q", "").strip()
    if query:
        payments = payments_matching(request.user, payments, query)
    for name, column in (
        ("lease", "lease_id"),
        ("tenant", "lease__tenant_id"),
        ("property", "lease__property_id"),
    ):
        if is_key(asked.get(name)):
            payments = payments.filter(**{column: asked[name]})
    for name in ("method", "status"):
        if asked.get(name):
            payments = payments.filter(**{name: asked[name]})
    is_open = any(asked.get(name) for name in ("q", "lease", "tenant", "property", "from", "to"))
    first = parse_date_or(
        asked.get("from"), None if is_open else timezone.localdate().replace(day=1)
    )
    last = parse_date_or(asked.get("to"), None)
    if first:
        payments = payments.filter(value_date__gte=first)
    if last:
        payments = payments.filter(value_date__lte=last)
    return payments, {"first": first, "last": last}


def payments_matching(user, payments: QuerySet, text: str) -> QuerySet:
    """Keep the payments that ``text`` names: by reference or receipt, else by the lease.

    Each question has an index of its own; in one condition none of them would serve.
    """
    seen = Payment.objects.visible_to(user).order_by().values_list("pk", flat=True)
    written = {text, text.upper(), text.lower()}
    named = seen.confirmed().filter(reference__in=written).exclude(reference="")
    receipts = Receipt.objects.visible_to(user).filter(number=text.upper()).exclude(payment=None)
    found = named.union(
        seen.filter(cancelled_on__isnull=False, reference__iexact=text),
        receipts.order_by().values_list("payment", flat=True),
    )
    if keys := list(found):
        return payments.filter(pk__in=keys)
    return payments.filter(lease__in=Lease.objects.visible_to(user).keys_matching(text))


@require_safe
@may("payment.view")
def payment_page(request: HttpRequest, payment_id: int) -> HttpResponse:
    payment = find_payment(request, payment_id)
    parts = Allocation.objects.filter(payment=payment).select_related("charge")
    context = {
        "payment": payment,
        "parts": parts.order_by("charge__due_date", "charge_id"),
        "receipt": payment.receipts.first(),
        "balance": balances([payment.lease_id]).get(payment.lease_id, 0),
        "approvals": approving.waiting_for(request.user, payment),
    }
    if request.user.may("ledger.view"):
        entries = payment.entries.select_related("site", "created_by").order_by("id")
        context["entries"] = entries.prefetch_related("lines__account", "lines__owner")
    return render(request, "payments/payment_page.html", context)


@may("payment.view")
def payment_history(request: HttpRequest, payment_id: int) -> HttpResponse:
    payment = find_payment(request, payment_id)
    return history_page(request, payment, payment_address(payment))


@may("payment.cancel")
def cancel_payment(request: HttpRequest, payment_id: int) -> HttpResponse:
    payment = find_payment(request, payment_id)
    if payment.status == Payment.Status.CANCELLED:
        return redirect(payment_address(payment))
    return act_page(
        request,
        forms.CancelPaymentForm(request.POST or None, payment=payment),
        title=_("Cancel the payment of %(name)s") % {"name": payment.lease.tenant},
        consequence=_(
            "A reversal returns the rent, the commission and the owner's share; the receipt says "
            "cancelled. Nothing is deleted."
        )
        + approving.warning(collecting.cancel_payment, payment.site),
        then=payment_address,
        done=_("The payment is cancelled."),
        cancel=payment_address(payment),
    )


def find_payment(request: HttpRequest, payment_id: int) -> Payment:
    payments = Payment.objects.visible_to(request.user).select_related(
        "site", "lease__tenant", "lease__property", "created_by", "collected_by", "cancelled_by"
    )
    return get_object_or_404(payments, pk=payment_id)


def payment_address(payment: Payment) -> str:
    return reverse("payments:payment_page", args=[payment.pk])


# Receipts


@require_safe
@may("receipt.view")
def receipt_list(request: HttpRequest) -> HttpResponse:
    receipts, is_narrow = narrowed_receipts(request)
    if is_narrow or not request.user.works_here:
        rows = receipts.order_by("-issued_at", "-pk")
        shown = Receipt.objects.select_related("site", "lease__tenant")
        page = paged(request, rows, shown=shown)
    else:
        page = newest_receipts(request, request.GET.get("kind"))
    context = {
        "page": page,
        "kinds": Receipt.Kind.choices,
        "statuses": Receipt.Status.choices,
    }
    if request.user.works_here:
        context["gaps"] = receipt_numbers(sites_of(request))
    return render(request, "payments/receipt_list.html", context)


def narrowed_receipts(request: HttpRequest) -> tuple[QuerySet, bool]:
    """Return the receipts that the address asks for, and whether by more than branch and kind."""
    asked = request.GET
    receipts = Receipt.objects.visible_to(request.user).at(chosen_site(request))
    query = asked.get("q", "").strip()
    if query:
        numbered = receipts.filter(number=query.upper())
        if numbered.exists():
            receipts = numbered
        else:
            leases = Lease.objects.visible_to(request.user).keys_matching(query)
            receipts = receipts.filter(lease__in=leases)
    for name in ("kind", "status"):
        if asked.get(name):
            receipts = receipts.filter(**{name: asked[name]})
    if is_key(asked.get("lease")):
        receipts = receipts.filter(lease_id=asked["lease"])
    month = parse_date_or(f"{asked.get('period', '')}-01", None)
    if month:
        # The year of a number is that of its issue, and an index knows it.
        receipts = receipts.filter(year=month.year, issued_at__month=month.month)
    is_narrow = query or is_key(asked.get("lease")) or asked.get("status") or month
    return receipts, bool(is_narrow)


def newest_receipts(request: HttpRequest, kind: str | None) -> Page:
    """Return the page of the receipts of all kinds, or of one, as their numbers have them.

    Numbers of a branch and kind rise with the time of issue: the end of each row of numbers is
    read, and the counters know how many there are.
    """
    codes = [site.pk for site in sites_shown(request)]
    kinds = [kind] if kind else Receipt.Kind.values
    counters = ReceiptCounter.objects.filter(site__in=codes, kind__in=kinds)
    taken = counters.aggregate(number=Sum("last", default=0))["number"]
    page = paged(request, range(taken))
    rows = [
        Receipt.objects.filter(site=code, kind=kind)
        .order_by("-year", "-sequence")
        .values_list("issued_at", "pk")[: page.end_index()]
        for code in codes
        for kind in kinds
    ]
    if rows:
        # Sorted here: there are no more than those up to the page, of each row of numbers.
        newest = sorted(rows[0].union(*rows[1:], all=True), reverse=True)
        keys = [key for _at, key in newest[page.start_index() - 1 : page.end_index()]]
        found = Receipt.objects.select_related("site", "lease__tenant").in_bulk(keys)
        page.object_list = [found[key] for key in keys]
    return page


def receipt_numbers(sites: Sequence[Site]) -> list:
    """Return the numbers of this year against their counters, at most ten minutes old.

    Numbers without paper are a defect, not news: half a million are not counted for each page.
    """
    year = timezone.localdate().year
    codes = [site.pk for site in sites]
    name = f"numbers:{year}:{','.join(codes)}"
    return remember([], name, SECONDS, lambda: numbers_of(codes, year))


@may("receipt.issue")
def print_receipts(request: HttpRequest) -> HttpResponse:
    """Ask for the receipts of a list (its filters stand in the address) as one file."""
    receipts, _is_narrow = narrowed_receipts(request)
    number = receipts.count()
    chosen = ngettext("%(number)s receipt is chosen.", "%(number)s receipts are chosen.", number)
    chosen %= {"number": format_amount(number)}
    return act_page(
        request,
        PrintReceiptsForm(request.POST or None, receipts=receipts),
        title=_("Print receipts"),
        consequence=f"{chosen} {printing.too_many()}" if number > printing.MOST else chosen,
        then=lambda job: reverse("notifications:job", args=[job.pk]),
        cancel=f"{reverse('payments:receipt_list')}?{request.GET.urlencode()}",
    )


@require_safe
@may("receipt.view")
def receipt(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """Go to what the receipt is about: a payment, a quittance's charge, a deposit's lease."""
    found = get_object_or_404(Receipt.objects.visible_to(request.user), pk=receipt_id)
    if found.payment_id:
        return redirect("payments:payment_page", found.payment_id)
    if found.kind == Receipt.Kind.DEPOSIT:
        return redirect("tenants:lease_page", found.lease_id)
    return redirect("payments:charge_page", found.charge_id)


@require_safe
@login_required
def my_account(request: HttpRequest) -> HttpResponse:
    """Take a tenant who signs in to the own statement."""
    tenant = getattr(request.user, "tenant", None)
    if tenant is None:
        raise Http404
    return redirect("payments:tenant_statement", tenant.pk)
