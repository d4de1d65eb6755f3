"""The pages of what the agency lays out for owners: repairs, expenses, advances."""

from django.db.models import QuerySet, Sum
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, history_page, is_key, may, paged, parse_date_or, sent
from akig.lib.money import format_amount
from akig.lib.proofs import proof_response
from payments.forms import payouts as forms
from payments.models import OwnerCost
from payments.services.owner_costs import paying_accounts
from sites_app.middleware import chosen_site, sites_of
from sites_app.models import MaintenanceTicket, Owner, Property, Site
from sites_app.rules import rules_for

#: What an owner is shown: what was refused or still waits is the office's affair.
FOR_OWNERS = (OwnerCost.State.POSTED, OwnerCost.State.CANCELLED)


@require_safe
@may("report.view")
def owner_cost_list(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    costs = visible_costs(request).at(chosen_site(request))
    if asked.get("state") in OwnerCost.State.values:
        costs = costs.filter(state=asked["state"])
    if asked.get("kind") in OwnerCost.Kind.values:
        costs = costs.filter(kind=asked["kind"])
    for name in ("owner", "property"):
        if is_key(asked.get(name)):
            costs = costs.filter(**{f"{name}_id": asked[name]})
    first, last = (parse_date_or(asked.get(name), None) for name in ("from", "to"))
    if first:
        costs = costs.filter(value_date__gte=first)
    if last:
        costs = costs.filter(value_date__lte=last)
    standing = costs.filter(state__in=[OwnerCost.State.POSTED, OwnerCost.State.WAITING])
    sums = standing.order_by().values("site__currency").annotate(amount=Sum("amount"))
    rows = costs.select_related("site", "owner", "property").order_by("-value_date", "-pk")
    context = {
        "page": paged(request, rows),
        "sums": sums.order_by("site__currency"),
        "kinds": OwnerCost.Kind.choices,
        "states": [
            (state.value, state.label)
            for state in OwnerCost.State
            if request.user.works_here or state in FOR_OWNERS
        ],
    }
    return render(request, "payments/payouts/owner_cost_list.html", context)


@require_safe
@may("report.view")
def owner_cost_page(request: HttpRequest, cost_id: int) -> HttpResponse:
    cost = find_cost(request, cost_id)
    names = paying_accounts(cost.site) if request.user.works_here else {}
    context = {"cost": cost, "paid_from": names.get(cost.paid_from, cost.paid_from)}
    return render(request, "payments/payouts/owner_cost_page.html", context)


@require_safe
@may("report.view")
def owner_cost_proof(request: HttpRequest, cost_id: int) -> FileResponse:
    """Hand out the proof to those who see the cost, the owner among them."""
    cost = find_cost(request, cost_id)
    name = _("proof")
    return proof_response(cost.proof, f"{name}-{cost.pk}")


@may("owner_cost.enter")
def enter_owner_cost(request: HttpRequest, owner_id: int) -> HttpResponse:
    """Enter a cost of an owner at one branch; ``?ticket=`` takes over what a repair cost."""
    owner = get_object_or_404(Owner.objects.visible_to(request.user), pk=owner_id)
    ticket = _asked_ticket(request, owner)
    site = ticket.site if ticket else asked_branch(request, owner)
    asked = {}
    if ticket is not None:
        asked = {"kind": OwnerCost.Kind.REPAIR, "label": ticket.title, "amount": ticket.cost}
    elif is_key(request.GET.get("property")):
        asked = {"property": request.GET["property"]}
    threshold = rules_for(site).owner_cost_threshold
    return act_page(
        request,
        forms.EnterOwnerCostForm(
            request.POST or None,
            request.FILES or None,
            owner=owner,
            site=site,
            ticket=ticket,
            properties=Property.objects.visible_to(request.user).filter(owner=owner, site=site),
            initial=asked,
        ),
        title=_("Cost of %(name)s, %(branch)s") % {"name": owner, "branch": site.name},
        consequence=_(
            "It is taken off the owner's next payout first. Above %(threshold)s a second person "
            "approves it before it counts."
        )
        % {"threshold": format_amount(threshold, site.currency)},
        then=cost_address,
        done=_("The cost is entered."),
        cancel=reverse("sites_app:owner_page", args=[owner.pk]),
    )


@may("maintenance.approve_cost")
def approve_owner_cost(request: HttpRequest, cost_id: int) -> HttpResponse:
    cost = find_cost(request, cost_id)
    return act_page(
        request,
        forms.ApproveOwnerCostForm(sent(request), cost=cost),
        title=_("Approve: %(what)s") % {"what": cost},
        consequence=_("%(amount)s of %(name)s: it is posted and taken off the next payout.")
        % {"amount": format_amount(cost.amount, cost.site.currency), "name": cost.owner},
        then=cost_address,
        done=_("The cost is approved."),
        cancel=cost_address(cost),
    )


@may("maintenance.approve_cost")
def refuse_owner_cost(request: HttpRequest, cost_id: int) -> HttpResponse:
    cost = find_cost(request, cost_id)
    return act_page(
        request,
        forms.RefuseOwnerCostForm(request.POST or None, cost=cost),
        title=_("Refuse: %(what)s") % {"what": cost},
        then=cost_address,
        done=_("The cost is refused."),
        cancel=cost_address(cost),
    )


@may("owner_cost.enter")
def cancel_owner_cost(request: HttpRequest, cost_id: int) -> HttpResponse:
    cost = find_cost(request, cost_id)
    return act_page(
        request,
        forms.CancelOwnerCostForm(request.POST or None, cost=cost),
        title=_("Cancel: %(what)s") % {"what": cost},
        consequence=_("A reversal gives it back to the owner, and to where it was paid from."),
        then=cost_address,
        done=_("The cost is cancelled."),
        cancel=cost_address(cost),
    )


@require_safe
@may("owner_cost.enter")
def owner_cost_history(request: HttpRequest, cost_id: int) -> HttpResponse:
    cost = find_cost(request, cost_id)
    return history_page(request, cost, cost_address(cost))


def visible_costs(request: HttpRequest) -> QuerySet:
    costs = OwnerCost.objects.visible_to(request.user)
    return costs if request.user.works_here else costs.filter(state__in=FOR_OWNERS)


def find_cost(request: HttpRequest, cost_id: int) -> OwnerCost:
    rows = visible_costs(request).select_related(
        "site", "owner", "property", "ticket", "entered_by", "decided_by", "entry"
    )
    return get_object_or_404(rows, pk=cost_id)


def cost_address(cost: OwnerCost) -> str:
    return reverse("payments:owner_cost_page", args=[cost.pk])


def asked_branch(request: HttpRequest, owner: Owner) -> Site:
    """Return the branch that an act on ``owner`` is for: asked, chosen above, or his own.

    Raises Http404 when none of his branches is one of the person's.
    """
    here = {site.pk: site for site in sites_of(request)}
    owned = set(owner.properties.filter(site__in=here).values_list("site", flat=True))
    owned |= {owner.site_id} & set(here)
    chosen = chosen_site(request)
    wanted = [request.GET.get("site"), chosen and chosen.pk, owner.site_id, *sorted(owned)]
    found = next((here[code] for code in wanted if code in owned), None)
    if found is None:
        raise Http404
    return found


def _asked_ticket(request, owner) -> MaintenanceTicket | None:
    asked = request.GET.get("ticket")
    if not asked:
        return None
    if not is_key(asked):
        raise Http404
    tickets = MaintenanceTicket.objects.visible_to(request.user).filter(property__owner=owner)
    return get_object_or_404(tickets.select_related("property", "site"), pk=asked)
