"""The pages of what is owed: charges, rent runs, late fees."""

from dateutil.relativedelta import relativedelta
from django.db.models import Count, F, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, history_page, is_key, may, paged, parse_date_or, sent
from akig.lib.errors import BusinessError
from notifications.models import Job
from payments.forms import charges as forms
from payments.models import Charge, RentRun
from payments.services import charging
from payments.views.payments import asked_lease
from sites_app.middleware import chosen_site, sites_of
from sites_app.services import approving
from tenants.models import Lease

STATES = ("due", "partial", "paid", "paid_late", "cancelled")
RUNS = 12


@require_safe
@may("payment.view")
def charge_list(request: HttpRequest) -> HttpResponse:
    charges, month = narrowed_charges(request)
    sums = list(
        charges.standing()
        .order_by()
        .values("site__currency")
        .annotate(number=Count("*"), charged=Sum("amount"), left=Sum(F("amount") - F("collected")))
        .order_by("site__currency")
    )
    # Of a whole month those that were cancelled are seen when they are asked for.
    wanted = not month or request.GET.get("state") == "cancelled"
    cancelled = charges.filter(cancelled_on__isnull=False).count() if wanted else 0
    context = {
        "page": paged(
            request,
            charges.order_by("due_date", "pk"),
            shown=Charge.objects.select_related("site", "lease__tenant", "property"),
            number=sum(row["number"] for row in sums) + cancelled,
        ),
        "sums": sums,
        "month": month,
        "kinds": Charge.Kind.choices,
    }
    return render(request, "payments/charge_list.html", context)


def narrowed_charges(request: HttpRequest) -> tuple:
    """Return the charges that the address asks for and the month that it means, this one if none.

    Overdue charges, and those of a lease, a tenant or a text, are of any month unless one is said.
    """
    asked = request.GET
    charges = Charge.objects.visible_to(request.user).at(chosen_site(request))
    query = asked.get("q", "").strip()
    if query:
        leases = Lease.objects.visible_to(request.user).keys_matching(query)
        charges = charges.filter(lease__in=leases)
    for name, column in (
        ("lease", "lease_id"),
        ("tenant", "lease__tenant_id"),
        ("property", "lease__property_id"),
    ):
        if is_key(asked.get(name)):
            charges = charges.filter(**{column: asked[name]})
    if asked.get("kind"):
        charges = charges.filter(kind=asked["kind"])
    if asked.get("state") == "overdue" or asked.get("overdue") == "1":
        charges = charges.overdue()
    elif asked.get("state") in STATES:
        charges = charges.in_state(asked["state"])
    is_open = any(asked.get(name) for name in ("q", "lease", "tenant", "property", "overdue"))
    is_open = is_open or asked.get("state") == "overdue" or asked.get("period") == ""
    month = parse_date_or(
        f"{asked.get('period', '')}-01", None if is_open else timezone.localdate().replace(day=1)
    )
    if month:
        # A range, for no index knows the month of a day.
        next_month = month + relativedelta(months=1)
        charges = charges.filter(period_start__gte=month, period_start__lt=next_month)
        if asked.get("state") != "cancelled":
            charges = charges.standing()
    return charges, month


@require_safe
@may("payment.view")
def charge_page(request: HttpRequest, charge_id: int) -> HttpResponse:
    charge = find_charge(request, charge_id)
    parts = charge.allocations.select_related("payment", "credit")
    context = {
        "charge": charge,
        "parts": parts.order_by("payment__value_date", "pk"),
        "fees": charge.late_fees.standing(),
        "quittance": charge.quittances.filter(status="valid").first(),
        "entry": charge.entry,
        "approvals": approving.waiting_for(request.user, charge),
    }
    return render(request, "payments/charge_page.html", context)


@require_safe
@may("payment.view")
def charge_history(request: HttpRequest, charge_id: int) -> HttpResponse:
    charge = find_charge(request, charge_id)
    return history_page(request, charge, charge_address(charge))


@may("arrears.modify")
def waive_charge(request: HttpRequest, charge_id: int) -> HttpResponse:
    charge = find_charge(request, charge_id)
    if charge.cancelled_on:
        return redirect(charge_address(charge))
    return act_page(
        request,
        forms.WaiveChargeForm(request.POST or None, charge=charge),
        title=_("Waive: %(what)s, %(name)s") % {"what": charge, "name": charge.lease.tenant},
        consequence=_(
            "A reversal takes the charge off what the tenant owes. Money that paid it pays the "
            "next charge, or stays as an advance."
        )
        + approving.warning(charging.waive_charge, charge.site),
        then=charge_address,
        done=_("The charge is waived."),
        cancel=charge_address(charge),
    )


@may("receipt.issue")
def issue_quittance(request: HttpRequest, charge_id: int) -> HttpResponse:
    charge = find_charge(request, charge_id)
    return act_page(
        request,
        forms.IssueQuittanceForm(sent(request), charge=charge),
        title=_("Rent receipt: %(what)s, %(name)s") % {"what": charge, "name": charge.lease.tenant},
        consequence=_("It says that the whole period is paid, with tax and service charges."),
        then=charge_address(charge),
        done=_("The rent receipt is issued."),
        cancel=charge_address(charge),
    )


@may("charge.run")
def raise_charge(request: HttpRequest) -> HttpResponse:
    """Charge one amount by hand to the lease that the address names (``?lease=``)."""
    lease = asked_lease(request)
    if lease is None:
        raise Http404
    return act_page(
        request,
        forms.RaiseChargeForm(request.POST or None, lease=lease),
        title=_("Charge %(name)s, lease %(lease)s")
        % {"name": lease.tenant, "lease": lease.reference},
        then=charge_address,
        done=_("The amount is charged."),
        cancel=reverse("tenants:lease_page", args=[lease.pk]),
    )


def find_charge(request: HttpRequest, charge_id: int) -> Charge:
    charges = Charge.objects.visible_to(request.user).select_related(
        "site", "lease__tenant", "property__owner", "entry__created_by", "fee_for"
    )
    return get_object_or_404(charges, pk=charge_id)


def charge_address(charge: Charge) -> str:
    return reverse("payments:charge_page", args=[charge.pk])


# Runs


@may("charge.run")
def charge_rent(request: HttpRequest) -> HttpResponse:
    sites, site = sites_of(request), chosen_site(request)
    runs = RentRun.objects.visible_to(request.user).at(site).select_related("site", "requested_by")
    jobs = Job.objects.visible_to(request.user).open().filter(kind__startswith="payments.charge")
    return act_page(
        request,
        forms.ChargeRentForm(request.POST or None, sites=sites, site=site),
        title=_("Charge the rent"),
        then=job_address,
        template="payments/charge_rent.html",
        fees_form=forms.ChargeLateFeesForm(sites=sites, site=site),
        runs=runs.order_by("-month", "-started_at")[:RUNS],
        jobs=jobs,
    )


@require_safe
@may("charge.run")
def preview_rent(request: HttpRequest) -> HttpResponse:
    form = forms.ChargeRentForm(request.GET, sites=sites_of(request), site=chosen_site(request))
    context = {}
    if form.is_valid():
        context["site"] = form.cleaned_data["site"]
        try:
            context["preview"] = form.preview()
        except BusinessError as refusal:
            context["refusal"] = refusal
    return render(request, "payments/_rent_preview.html", context)


@require_safe
@may("charge.run")
def rent_run(request: HttpRequest, run_id: int) -> HttpResponse:
    runs = RentRun.objects.visible_to(request.user).select_related("site", "requested_by")
    return render(request, "payments/rent_run.html", {"run": get_object_or_404(runs, pk=run_id)})


@may("charge.run")
def charge_late_fees(request: HttpRequest) -> HttpResponse:
    return act_page(
        request,
        forms.ChargeLateFeesForm(
            request.POST or None, sites=sites_of(request), site=chosen_site(request)
        ),
        title=_("Charge the late fees"),
        consequence=_(
            "Each overdue rent is charged its late fee once, after the days of grace. It also "
            "happens by itself each night."
        ),
        then=job_address,
        cancel=reverse("payments:charge_rent"),
    )


def job_address(job: Job) -> str:
    return reverse("notifications:job", args=[job.pk])
