"""The pages of shared costs: bills and their shares, meters, the yearly regularisation."""

from django.db.models import OuterRef, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, is_key, may, paged, sent
from akig.lib.errors import BusinessError
from akig.lib.money import format_amount
from payments.forms import shared as forms
from payments.models import Meter, MeterReading, SharedCost
from payments.services.shared import reckon_year, shares_of
from sites_app.middleware import chosen_site
from sites_app.models import Property


@require_safe
@may("cost.manage")
def shared_cost_list(request: HttpRequest) -> HttpResponse:
    costs = SharedCost.objects.visible_to(request.user).at(chosen_site(request))
    if request.GET.get("state") in SharedCost.State.values:
        costs = costs.filter(state=request.GET["state"])
    if is_key(request.GET.get("property")):
        costs = costs.filter(property_id=request.GET["property"])
    standing = costs.exclude(state=SharedCost.State.CANCELLED).order_by()
    sums = standing.values("site__currency").annotate(amount=Sum("amount"))
    context = {
        "page": paged(
            request, costs.select_related("site", "property").order_by("-last_day", "-pk")
        ),
        "sums": sums.order_by("site__currency"),
        "states": SharedCost.State.choices,
    }
    return render(request, "payments/shared/list.html", context)


@require_safe
@may("cost.manage")
def shared_cost_page(request: HttpRequest, cost_id: int) -> HttpResponse:
    """Show a cost with what each lease bears: as it would be, or as it was decided."""
    cost = find_cost(request, cost_id)
    problem, shares = "", cost.parts.select_related("lease__tenant", "charge")
    if cost.is_open:
        try:
            shares = shares_of(cost)
        except BusinessError as refusal:
            problem, shares = refusal.message, []
    context = {"cost": cost, "shares": shares, "problem": problem}
    return render(request, "payments/shared/page.html", context)


@may("cost.manage")
def choose_house(request: HttpRequest) -> HttpResponse:
    """Ask which property a bill is for, and go to its form."""
    houses = Property.objects.visible_to(request.user).standing().at(chosen_site(request))
    return act_page(
        request,
        forms.ChooseHouseForm(request.POST or None, houses=houses),
        title=_("Which property is the bill for?"),
        then=lambda house: reverse("payments:enter_shared_cost", args=[house.pk]),
        cancel=reverse("payments:shared_cost_list"),
    )


@may("cost.manage")
def enter_shared_cost(request: HttpRequest, property_id: int) -> HttpResponse:
    house = find_house(request, property_id)
    return act_page(
        request,
        forms.EnterSharedCostForm(request.POST or None, house=house),
        title=_("Bill to share: %(name)s") % {"name": house},
        consequence=_("Nothing is posted yet: the next page shows what each tenant bears."),
        then=cost_address,
        cancel=house_address(house),
    )


@may("cost.manage")
def choose_shares(request: HttpRequest, cost_id: int) -> HttpResponse:
    cost = find_cost(request, cost_id)
    return act_page(
        request,
        forms.ChooseSharesForm(sent(request), cost=cost),
        title=_("Who bears how much? %(what)s") % {"what": cost},
        consequence=_("Any numbers: the bill is divided in proportion to them."),
        then=cost_address,
        cancel=cost_address(cost),
    )


@may("charge.run")
def charge_shared_cost(request: HttpRequest, cost_id: int) -> HttpResponse:
    cost = find_cost(request, cost_id)
    return act_page(
        request,
        forms.ChargeSharedCostForm(request.POST or None, cost=cost),
        title=_("Charge: %(what)s") % {"what": cost},
        consequence=_("%(amount)s are charged to the tenants, each his share.")
        % {"amount": format_amount(cost.amount, cost.site.currency)},
        then=cost_address if request.user.may("cost.manage") else "/",
        done=_("The shares are charged."),
        cancel=cost_address(cost),
    )


@may("cost.manage")
def keep_shared_cost(request: HttpRequest, cost_id: int) -> HttpResponse:
    cost = find_cost(request, cost_id)
    return act_page(
        request,
        forms.KeepSharedCostForm(sent(request), cost=cost),
        title=_("Keep for the year: %(what)s") % {"what": cost},
        consequence=_(
            "The bill is posted; when the year is over, its shares are compared with the service "
            "charges that the tenants were charged."
        ),
        then=cost_address,
        done=_("The bill is kept for the year."),
        cancel=cost_address(cost),
    )


@may("cost.manage")
def cancel_shared_cost(request: HttpRequest, cost_id: int) -> HttpResponse:
    cost = find_cost(request, cost_id)
    return act_page(
        request,
        forms.CancelSharedCostForm(request.POST or None, cost=cost),
        title=_("Cancel: %(what)s") % {"what": cost},
        consequence=_("What was posted is reversed, and the tenants' charges are cancelled."),
        then=cost_address,
        done=_("The cost is cancelled."),
        cancel=cost_address(cost),
    )


@may("cost.manage")
def read_meters(request: HttpRequest, property_id: int) -> HttpResponse:
    house = find_house(request, property_id)
    newest = MeterReading.objects.filter(meter=OuterRef("pk")).order_by("-day")
    meters = Meter.objects.filter(unit__property=house).select_related("unit")
    meters = meters.annotate(last_value=Subquery(newest.values("value")[:1]))
    return act_page(
        request,
        forms.ReadMetersForm(
            request.POST or None,
            house=house,
            meters=list(meters.order_by("unit__number", "utility", "number")),
        ),
        title=_("What do the meters show? %(name)s") % {"name": house},
        then=house_address,
        done=_("The readings are saved."),
        cancel=house_address(house),
        template="payments/shared/meters.html",
        house=house,
    )


@may("cost.manage")
def add_meter(request: HttpRequest, property_id: int) -> HttpResponse:
    house = find_house(request, property_id)
    return act_page(
        request,
        forms.AddMeterForm(request.POST or None, house=house),
        title=_("Add a meter: %(name)s") % {"name": house},
        then=reverse("payments:read_meters", args=[house.pk]),
        done=_("The meter is added."),
        cancel=reverse("payments:read_meters", args=[house.pk]),
    )


@may("charge.run")
def regularise(request: HttpRequest, property_id: int) -> HttpResponse:
    """Show a year (``?year=``, the last one) lease by lease, and reckon it."""
    house = find_house(request, property_id)
    last = timezone.localdate().year - 1
    year = asked_year(request, last)
    rows = reckon_year(house, year)
    return act_page(
        request,
        forms.RegulariseForm(request.POST or None, house=house, year=year),
        title=_("Service charges of %(year)s: %(name)s") % {"year": year, "name": house},
        consequence=_(
            "Who was charged too little in advance is charged the rest; who was charged too much "
            "gets it back. The owner gives up the advances that he received."
        ),
        then=house_address,
        done=_("The year is reckoned."),
        cancel=house_address(house),
        template="payments/shared/year.html",
        rows=rows,
        sums={
            name: sum(getattr(row, name) for row in rows)
            for name in ("provisions", "actual", "balance")
        },
        house=house,
        year=year,
        years=range(last - 4, last + 1),
        is_open=any(not row.is_done for row in rows),
        is_done=any(row.is_done for row in rows),
    )


@may("arrears.modify")
def undo_regularisation(request: HttpRequest, property_id: int) -> HttpResponse:
    """Take the regularisation of a year (``?year=``) back."""
    house = find_house(request, property_id)
    year = asked_year(request, timezone.localdate().year - 1)
    there = f"{reverse('payments:regularise', args=[house.pk])}?year={year}"
    return act_page(
        request,
        forms.UndoRegularisationForm(request.POST or None, house=house, year=year),
        title=_("Undo the regularisation of %(year)s: %(name)s") % {"year": year, "name": house},
        consequence=_(
            "The charges and credits of the tenants are cancelled, and the owner gets back the "
            "advances that he gave up. Nothing is deleted; the year can be reckoned again."
        ),
        then=there,
        done=_("The regularisation is undone."),
        cancel=there,
    )


def asked_year(request: HttpRequest, last: int) -> int:
    asked = request.GET.get("year", "")
    return int(asked) if is_key(asked) and 2000 <= int(asked) <= last else last


def find_cost(request: HttpRequest, cost_id: int) -> SharedCost:
    rows = SharedCost.objects.visible_to(request.user).select_related("site", "property", "entry")
    return get_object_or_404(rows, pk=cost_id)


def find_house(request: HttpRequest, property_id: int) -> Property:
    rows = Property.objects.visible_to(request.user).select_related("site")
    return get_object_or_404(rows, pk=property_id)


def cost_address(cost: SharedCost) -> str:
    return reverse("payments:shared_cost_page", args=[cost.pk])


def house_address(house: Property) -> str:
    return reverse("sites_app:property_page", args=[house.pk])
