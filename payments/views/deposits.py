"""The pages of deposits: what is held, what is to go back, and the acts on one of them."""

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, may, paged
from akig.lib.money import format_amount
from payments.forms import deposits as forms
from payments.metrics import deposits as metrics
from payments.models import DepositMovement
from payments.services.deposits import held
from payments.views.payments import balances
from sites_app.middleware import chosen_site
from tenants.models import Lease

#: Word in the address -> which leases it keeps.
STANDINGS = {
    "held": metrics.holding,
    "to_return": metrics.to_return,
    "missing": metrics.missing,
}


@require_safe
@may("deposit.view")
def deposit_list(request: HttpRequest) -> HttpResponse:
    """Show the deposits held, those to give back with the days left, or those still to come in."""
    standing = request.GET.get("standing", "held")
    query = request.GET.get("q", "").strip()
    leases = Lease.objects.visible_to(request.user).real().at(chosen_site(request))
    if query:
        leases = leases.matching(query)
    leases = metrics.with_deposit(STANDINGS.get(standing, metrics.holding)(leases))
    sums = list(
        leases.order_by()
        .values("site__currency")
        .annotate(number=Count("pk"), agreed=Sum("deposit"), held=Sum("held_now"))
        .order_by("site__currency")
    )
    shown = metrics.with_deposit(Lease.objects.select_related("tenant", "property", "site"))
    order = ("end", "pk") if standing == "to_return" else ("reference", "pk")
    page = paged(
        request,
        leases.order_by(*order),
        shown=shown,
        number=sum(row["number"] for row in sums),
    )
    for lease in page.object_list:
        lease.return_day, lease.days_left = metrics.return_day(lease), metrics.days_left(lease)
        lease.days_over = -(lease.days_left or 0)
    context = {"page": page, "sums": sums, "standing": standing}
    return render(request, "payments/deposits/deposit_list.html", context)


@may("deposit.manage")
def hold_deposit(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = find_lease(request, lease_id)
    rest = max(lease.deposit - held(lease), 0)
    return deposit_page(
        request,
        lease,
        forms.HoldDepositForm(request.POST or None, lease=lease, initial={"amount": rest or None}),
        title=_("Hold the deposit of %(name)s") % {"name": lease.tenant},
        consequence=_(
            "It is held for the tenant until the end of the lease: never rent, never commission. A "
            "receipt is issued."
        ),
        done=_("The deposit is held."),
    )


@may("deposit.manage")
def take_over_deposit(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = find_lease(request, lease_id)
    return deposit_page(
        request,
        lease,
        forms.TakeOverDepositForm(
            request.POST or None, lease=lease, initial={"amount": lease.deposit or None}
        ),
        title=_("Take over the deposit of %(name)s") % {"name": lease.tenant},
        consequence=_(
            "For a deposit that was held before the books began here: no money comes in today."
        ),
        done=_("The deposit is taken over."),
    )


@may("deposit.manage")
def deduct_deposit(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = find_lease(request, lease_id)
    there, owed = held(lease), max(balances([lease.pk]).get(lease.pk, 0), 0)
    sentence = _("%(held)s is held, %(owed)s is owed. What is deducted pays the oldest debt first.")
    return deposit_page(
        request,
        lease,
        forms.DeductDepositForm(
            request.POST or None, lease=lease, initial={"amount": min(there, owed) or None}
        ),
        title=_("Deduct from the deposit of %(name)s") % {"name": lease.tenant},
        consequence=sentence % {"held": amount(lease, there), "owed": amount(lease, owed)},
        done=_("It is deducted and pays what was owed."),
    )


@may("deposit.manage")
def refund_deposit(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = find_lease(request, lease_id)
    there, owed = held(lease), max(balances([lease.pk]).get(lease.pk, 0), 0)
    sentence = _("%(held)s is held, %(owed)s is owed. The rest goes back to the tenant.")
    return deposit_page(
        request,
        lease,
        forms.RefundDepositForm(
            request.POST or None, lease=lease, initial={"amount": max(there - owed, 0) or None}
        ),
        title=_("Give back the deposit of %(name)s") % {"name": lease.tenant},
        consequence=sentence % {"held": amount(lease, there), "owed": amount(lease, owed)},
        done=_("The deposit is given back."),
    )


@may("deposit.manage")
def reverse_deposit(request: HttpRequest, movement_id: int) -> HttpResponse:
    rows = DepositMovement.objects.visible_to(request.user)
    movement = get_object_or_404(
        rows.select_related("lease__site", "lease__tenant", "payment"), pk=movement_id
    )
    if DepositMovement.objects.filter(reverses=movement).exists():
        return redirect(lease_address(movement.lease))
    return deposit_page(
        request,
        movement.lease,
        forms.ReverseDepositForm(request.POST or None, movement=movement),
        title=_("Reverse: %(what)s, %(name)s")
        % {"what": movement.get_kind_display(), "name": movement.lease.tenant},
        consequence=_("A reversal answers it; its receipt says cancelled. Nothing is deleted."),
        done=_("It is reversed."),
    )


def deposit_page(request: HttpRequest, lease: Lease, form, **page) -> HttpResponse:
    back = lease_address(lease)
    return act_page(request, form, then=back, cancel=back, **page)


def amount(lease: Lease, value: int) -> str:
    return format_amount(value, lease.site.currency)


def find_lease(request: HttpRequest, lease_id: int) -> Lease:
    leases = Lease.objects.visible_to(request.user).select_related("site", "tenant", "property")
    return get_object_or_404(leases, pk=lease_id)


def lease_address(lease: Lease) -> str:
    return reverse("tenants:lease_page", args=[lease.pk])
