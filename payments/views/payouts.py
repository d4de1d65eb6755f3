"""The pages of payouts: runs by branch and month, and each owner's statement."""

from django.contrib import messages
from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.asking import ask_again
from accounts.record import note
from akig.lib.doors import act_page, history_page, is_key, may, paged, parse_date_or, sent
from akig.lib.errors import BusinessError
from akig.lib.money import format_amount
from payments import transfers
from payments.documents import owner_statement_pdf
from payments.forms import payouts as forms
from payments.metrics.payouts import totals_of
from payments.models import OwnerPaymentDetails, Payout, PayoutRun
from payments.services.payouts import RunDecided, masked
from payments.views.owner_costs import asked_branch
from payments.views.papers import pdf_response
from sites_app.middleware import chosen_site, sites_of
from sites_app.models import Owner, Property

STATES = ("paid", "restated", "cancelled")


@require_safe
@may("payout.prepare")
def payout_run_list(request: HttpRequest) -> HttpResponse:
    runs = PayoutRun.objects.visible_to(request.user).at(chosen_site(request))
    if request.GET.get("state") in PayoutRun.State.values:
        runs = runs.filter(state=request.GET["state"])
    rows = runs.select_related("site", "prepared_by", "decided_by").annotate(
        owners=Count("payouts"), amount=Sum("payouts__amount")
    )
    context = {
        "page": paged(request, rows.order_by("-month", "-pk")),
        "states": PayoutRun.State.choices,
    }
    return render(request, "payments/payouts/payout_run_list.html", context)


@may("payout.prepare")
def prepare_payouts(request: HttpRequest) -> HttpResponse:
    return act_page(
        request,
        forms.PreparePayoutsForm(
            request.POST or None, sites=sites_of(request), site=chosen_site(request)
        ),
        title=_("Prepare the payouts of a month"),
        consequence=_(
            "Nothing is paid yet: the next page shows each owner's statement, and a second "
            "person approves it."
        ),
        then=run_address,
        cancel=reverse("payments:payout_run_list"),
    )


@require_safe
@may("payout.prepare")
def payout_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show a run: its totals, a line per owner, and where the money goes."""
    run = find_run(request, run_id)
    payouts = run.payouts.select_related("owner").order_by("owner__name", "pk")
    shown = request.GET.get("show", "")
    if shown == "paid":
        payouts = payouts.filter(amount__gt=0)
    elif shown == "nothing":
        payouts = payouts.filter(amount=0)
    page = paged(request, payouts)
    details = {
        row.owner_id: row
        for row in OwnerPaymentDetails.objects.filter(
            site=run.site, owner__in=[payout.owner_id for payout in page]
        )
    }
    for payout in page:
        payout.number_shown = masked(details.get(payout.owner_id))
        payout.is_known = payout.owner_id in details
    paid = run.payouts.filter(amount__gt=0).exclude(state=Payout.State.CANCELLED)
    context = {
        "run": run,
        "page": page,
        "totals": totals_of(run.payouts.all()),
        "methods": [
            (method, OwnerPaymentDetails.Method(method).label, number, amount)
            for method, number, amount in paid.order_by("method")
            .values("method")
            .annotate(owners=Count("pk"), total=Sum("amount"))
            .values_list("method", "owners", "total")
        ],
        "mobile": transfers.MOBILE,
        "mine": run.prepared_by_id == request.user.pk,
        "shown": shown,
    }
    return render(request, "payments/payouts/payout_run.html", context)


@may("payout.approve")
@ask_again
def approve_payouts(request: HttpRequest, run_id: int) -> HttpResponse:
    run = find_run(request, run_id)
    totals = totals_of(run.payouts.all())
    return act_page(
        request,
        forms.ApproveRunForm(sent(request), run=run),
        title=_("Approve the payouts of %(month)s, %(branch)s")
        % {"month": f"{run.month:%m/%Y}", "branch": run.site.name},
        consequence=_("%(amount)s to %(number)s owners are posted, and their statements frozen.")
        % {"amount": format_amount(totals.amount, run.site.currency), "number": totals.paid},
        then=run_address,
        done=_("The payouts are approved."),
        cancel=run_address(run),
    )


@may("payout.prepare")
def cancel_run(request: HttpRequest, run_id: int) -> HttpResponse:
    run = find_run(request, run_id)
    return act_page(
        request,
        forms.CancelRunForm(request.POST or None, run=run),
        title=_("Cancel the payouts of %(month)s, %(branch)s")
        % {"month": f"{run.month:%m/%Y}", "branch": run.site.name},
        consequence=_("Nothing was paid: the month can be prepared again."),
        then=run_address,
        done=_("The run is cancelled."),
        cancel=run_address(run),
    )


@require_safe
@may("payout.prepare")
def bank_file(request: HttpRequest, run_id: int) -> HttpResponse:
    run = find_run(request, run_id)
    return _file(request, run, lambda: transfers.bank_file(run), _("transfers"))


@require_safe
@may("payout.prepare")
def mobile_file(request: HttpRequest, run_id: int, method: str) -> HttpResponse:
    run = find_run(request, run_id)
    if method not in transfers.MOBILE:
        raise Http404
    return _file(request, run, lambda: transfers.mobile_file(run, method), method)


def _file(request, run, write, name) -> HttpResponse:
    """Answer with a file of an approved run, or go back to the run and say why there is none."""
    try:
        if run.state != PayoutRun.State.APPROVED:
            raise RunDecided(_("The run is not approved: nothing is to be paid."))
        content = write()
    except BusinessError as refusal:
        messages.error(request, refusal.message)
        return redirect(run_address(run))
    note("exported", request.user, request, what=f"payments.payoutrun {run.pk}")
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    name = f"{name}-{run.site_id}-{run.month:%Y-%m}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def find_run(request: HttpRequest, run_id: int) -> PayoutRun:
    runs = PayoutRun.objects.visible_to(request.user)
    return get_object_or_404(runs.select_related("site", "prepared_by", "decided_by"), pk=run_id)


def run_address(run: PayoutRun) -> str:
    return reverse("payments:payout_run", args=[run.pk])


# Statements


@require_safe
@may("report.view")
def owner_statement_list(request: HttpRequest) -> HttpResponse:
    """Show the statements issued: an owner his own, the staff those of their branches."""
    payouts = visible_statements(request).at(chosen_site(request)).exclude(number="")
    asked = request.GET
    if is_key(asked.get("owner")):
        payouts = payouts.filter(owner_id=asked["owner"])
    if month := parse_date_or(f"{asked.get('month', '')}-01", None):
        payouts = payouts.filter(month=month)
    if asked.get("state") == "restated":
        payouts = payouts.filter(state=Payout.State.PAID, restated_at__isnull=False)
    elif asked.get("state") in STATES:
        payouts = payouts.filter(state=asked["state"])
    if query := asked.get("q", "").strip():
        owners = Owner.objects.visible_to(request.user).matching(query)
        payouts = payouts.filter(Q(owner__in=owners.values("pk")) | Q(number__iexact=query))
    sums = payouts.filter(state=Payout.State.PAID).order_by().values("site__currency")
    sums = sums.annotate(
        taken_off=Sum(F("commission") + F("costs") + F("advances") + F("withheld")),
        collected=Sum("collected"),
        amount=Sum("amount"),
    )
    rows = payouts.select_related("site", "owner").order_by("-month", "owner__name", "pk")
    context = {
        "page": paged(request, rows),
        "sums": sums.order_by("site__currency"),
        "states": STATES,
    }
    return render(request, "payments/payouts/owner_statement_list.html", context)


@require_safe
@may("report.view")
def owner_statement(request: HttpRequest, payout_id: int) -> HttpResponse:
    """Show a statement line by line, each with its proof, and what was corrected since."""
    payout = find_statement(request, payout_id)
    later = visible_statements(request).filter(
        site=payout.site, owner=payout.owner, month__gt=payout.month
    )
    later = later.exclude(state=Payout.State.CANCELLED).order_by("month")
    corrections = [
        {**line, "payout": row}
        for row in later
        if payout.restated_at
        for line in row.lines
        if line.get("is_late") and line["day"] <= payout.run.until
    ]
    context = {
        "payout": payout,
        "said": payout.content,
        "lines": payout.lines,
        "corrections": corrections,
    }
    return render(request, "payments/payouts/owner_statement.html", context)


@require_safe
@may("report.view")
def owner_statement_paper(request: HttpRequest, payout_id: int) -> HttpResponse:
    payout = find_statement(request, payout_id)
    content = owner_statement_pdf(
        payout, printed_by=str(request.user), language=request.user.language
    )
    return pdf_response(content, f"{payout.number or payout.pk}.pdf")


@may("payout.approve")
def cancel_payout(request: HttpRequest, payout_id: int) -> HttpResponse:
    payout = find_statement(request, payout_id)
    return act_page(
        request,
        forms.CancelPayoutForm(request.POST or None, payout=payout),
        title=_("Cancel the payout %(number)s") % {"number": payout},
        consequence=_(
            "A reversal brings the money back. The statement stays, marked as cancelled, and the "
            "month can be prepared again for this owner."
        ),
        then=statement_address,
        done=_("The payout is cancelled."),
        cancel=statement_address(payout),
    )


@require_safe
@may("payout.prepare")
def payout_history(request: HttpRequest, payout_id: int) -> HttpResponse:
    payout = find_statement(request, payout_id)
    return history_page(request, payout, statement_address(payout))


def visible_statements(request: HttpRequest) -> QuerySet:
    payouts = Payout.objects.visible_to(request.user)
    # What is only prepared is the office's affair.
    return payouts if request.user.works_here else payouts.exclude(number="")


def find_statement(request: HttpRequest, payout_id: int) -> Payout:
    rows = visible_statements(request).select_related("site", "owner", "run", "entry")
    return get_object_or_404(rows, pk=payout_id)


def statement_address(payout: Payout) -> str:
    return reverse("payments:owner_statement", args=[payout.pk])


# How owners are paid, and what is kept


@may("payout.prepare")
@ask_again
def set_payment_details(request: HttpRequest, owner_id: int) -> HttpResponse:
    owner = get_object_or_404(Owner.objects.visible_to(request.user), pk=owner_id)
    site = asked_branch(request, owner)
    details = OwnerPaymentDetails.objects.filter(site=site, owner=owner).first()
    back = reverse("sites_app:owner_page", args=[owner.pk])
    return act_page(
        request,
        forms.PaymentDetailsForm(request.POST or None, owner=owner, site=site, details=details),
        title=_("How %(name)s is paid, %(branch)s") % {"name": owner, "branch": site.name},
        consequence=_("The number is kept encrypted and never shown whole again."),
        then=back,
        done=_("The payment details are saved."),
        cancel=back,
    )


@may("payout.prepare")
def set_reserve(request: HttpRequest, property_id: int) -> HttpResponse:
    houses = Property.objects.visible_to(request.user).select_related("site")
    house = get_object_or_404(houses.annotate(kept=F("reserve__amount")), pk=property_id)
    back = reverse("sites_app:property_page", args=[house.pk])
    return act_page(
        request,
        forms.ReserveForm(request.POST or None, house=house, initial={"amount": house.kept}),
        title=_("Reserve of %(name)s") % {"name": house},
        consequence=_("So much of what is collected stays with the agency at each payout."),
        then=back,
        done=_("The reserve is saved."),
        cancel=back,
    )
