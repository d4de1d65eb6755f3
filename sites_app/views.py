"""The pages of properties, their units and what breaks in them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.choosing import options
from akig.lib.doors import act_page, history_page, is_key, may, ordered, paged
from akig.lib.errors import BusinessError
from sites_app import forms
from sites_app.metrics import occupancy
from sites_app.middleware import chosen_site, sites_of
from sites_app.models import MaintenanceTicket, Owner, Property, Unit
from sites_app.services import portfolio
from sites_app.views_owners import owner_address


@require_safe
@may("property.view")
def property_list(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    houses = Property.objects.visible_to(request.user).at(chosen_site(request))
    if request.GET.get("archived") != "1":
        houses = houses.standing()
    if query:
        houses = houses.matching(query)
    kind = request.GET.get("kind")
    if kind in Property.Kind.values:
        houses = houses.filter(kind=kind)
    units = Unit.objects.filter(property__in=houses)
    columns = {
        "name": "name",
        "code": "code",
        "owner": "owner__name",
        "units": "units_count",
        "let": "let_count",
    }
    rows = ordered(request, houses.with_occupancy(), columns, "name")
    shown = Property.objects.with_occupancy().select_related("site", "owner")
    context = {
        "page": paged(request, rows, shown=shown),
        "total": occupancy(units),
        "kinds": Property.Kind.choices,
    }
    return render(request, "sites_app/property_list.html", context)


@require_safe
@may("property.view")
def property_choices(request: HttpRequest) -> HttpResponse:
    houses = Property.objects.visible_to(request.user).standing().at(chosen_site(request))
    return HttpResponse(options(houses.order_by("name"), request.GET.get("property", "")))


@require_safe
@may("property.view")
def property_page(request: HttpRequest, property_id: int) -> HttpResponse:
    house = find_property(request, property_id)
    context = {
        "property": house,
        "occupancy": occupancy(house.units.all()),
        "mandates": house.mandates.order_by("-days"),
        "today": timezone.localdate(),
        "tickets": house.tickets.select_related("unit").order_by("-reported_on", "-pk")[:10]
        if request.user.may("maintenance.view")
        else [],
    }
    return render(request, "sites_app/property_page.html", context)


@may("property.view")
def property_history(request: HttpRequest, property_id: int) -> HttpResponse:
    house = find_property(request, property_id)
    return history_page(request, house, property_address(house))


@may("property.manage")
def add_property(request: HttpRequest) -> HttpResponse:
    owners = Owner.objects.visible_to(request.user).standing()
    asked = request.GET.get("owner")
    owner = owners.filter(pk=asked).first() if is_key(asked) else None
    return act_page(
        request,
        forms.AddPropertyForm(
            request.POST or None,
            owners=owners,
            sites=sites_of(request),
            site=chosen_site(request) or (owner and owner.site),
            initial={"owner": owner},
        ),
        title=_("Enter a property"),
        then=property_address,
        done=_("The property is entered. Now enter its units."),
        cancel=owner_address(owner) if owner else reverse("sites_app:property_list"),
        draft="add_property",
    )


@may("property.manage")
def correct_property(request: HttpRequest, property_id: int) -> HttpResponse:
    house = find_property(request, property_id)
    return act_page(
        request,
        forms.CorrectPropertyForm(request.POST or None, row=house),
        title=_("Correct: %(name)s") % {"name": house},
        then=property_address,
        done=_("The correction is saved."),
        cancel=property_address(house),
    )


@may("property.manage")
def archive_property(request: HttpRequest, property_id: int) -> HttpResponse:
    house = find_property(request, property_id)
    return act_page(
        request,
        forms.ArchiveForm(
            request.POST or None,
            archive=lambda actor: portfolio.archive_property(actor=actor, property=house),
        ),
        title=_("Archive: %(name)s") % {"name": house},
        consequence=_("The property and its units leave the lists. Accounts and history stay."),
        then=property_address,
        done=_("The property is archived."),
        cancel=property_address(house),
    )


@may("owner.manage")
def set_mandate(request: HttpRequest, property_id: int) -> HttpResponse:
    house = find_property(request, property_id)
    return act_page(
        request,
        forms.SetMandateForm(
            request.POST or None,
            property=house,
            initial={"commission": forms.commission_of(house.site, house.owner)},
        ),
        title=_("Set the commission: %(name)s") % {"name": house},
        consequence=_("What is collected from that day on is shared at the new commission."),
        then=property_address(house),
        done=_("The commission is set."),
        cancel=property_address(house),
    )


@may("property.manage")
def generate_units(request: HttpRequest, property_id: int) -> HttpResponse:
    house = find_property(request, property_id)
    return act_page(
        request,
        forms.GenerateUnitsForm(request.POST or None, property=house),
        title=_("Enter units: %(name)s") % {"name": house},
        then=property_address(house),
        done=_("The units are entered."),
        cancel=property_address(house),
        preview=reverse("sites_app:preview_units", args=[house.pk]),
    )


@require_safe
@may("property.manage")
def preview_units(request: HttpRequest, property_id: int) -> HttpResponse:
    """Say what the generator would enter; the form asks while people type."""
    house = find_property(request, property_id)
    context = {"property": house}
    if request.GET.get("pattern", "").strip():
        try:
            missing, standing = portfolio.plan_units(house, request.GET["pattern"])
            context |= {"missing": missing, "standing": standing}
        except BusinessError as refusal:
            context["refusal"] = refusal
    return render(request, "sites_app/_units_preview.html", context)


@require_safe
@may("property.view")
def unit_list(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    units = Unit.objects.visible_to(request.user).at(chosen_site(request)).standing()
    if query:
        units = units.matching(query)
    kind = request.GET.get("kind")
    if kind in Unit.Kind.values:
        units = units.filter(kind=kind)
    state = request.GET.get("state")
    if state in ("let", "vacant"):
        units = units.let() if state == "let" else units.vacant()
    columns = {"property": "property__name", "number": "number", "rent": "advised_rent"}
    sums = list(units.rent_by_currency())
    context = {
        "page": paged(
            request,
            ordered(request, units, columns, "property"),
            shown=Unit.objects.with_let().select_related("property", "site"),
            number=sum(row["number"] for row in sums),
        ),
        "sums": sums,
        "kinds": Unit.Kind.choices,
    }
    return render(request, "sites_app/unit_list.html", context)


@require_safe
@may("property.view")
def unit_page(request: HttpRequest, unit_id: int) -> HttpResponse:
    unit = find_unit(request, unit_id)
    is_let = Unit.objects.filter(pk=unit.pk).let().exists()
    return render(request, "sites_app/unit_page.html", {"unit": unit, "is_let": is_let})


@may("property.view")
def unit_history(request: HttpRequest, unit_id: int) -> HttpResponse:
    unit = find_unit(request, unit_id)
    return history_page(request, unit, reverse("sites_app:unit_page", args=[unit.pk]))


@may("property.manage")
def correct_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    unit = find_unit(request, unit_id)
    page = reverse("sites_app:unit_page", args=[unit.pk])
    return act_page(
        request,
        forms.CorrectUnitForm(request.POST or None, row=unit),
        title=_("Correct: %(name)s") % {"name": unit},
        then=page,
        done=_("The correction is saved."),
        cancel=page,
    )


@may("property.manage")
def archive_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    unit = find_unit(request, unit_id)
    return act_page(
        request,
        forms.ArchiveForm(
            request.POST or None,
            archive=lambda actor: portfolio.archive_unit(actor=actor, unit=unit),
        ),
        title=_("Archive: %(name)s") % {"name": unit},
        consequence=_("The unit leaves the lists. Leases and history stay."),
        then=property_address(unit.property),
        done=_("The unit is archived."),
        cancel=reverse("sites_app:unit_page", args=[unit.pk]),
    )


# Faults


@may("maintenance.manage")
def report_fault(request: HttpRequest, property_id: int) -> HttpResponse:
    house = find_property(request, property_id)
    return act_page(
        request,
        forms.ReportFaultForm(
            request.POST or None, property=house, initial={"unit": request.GET.get("unit")}
        ),
        title=_("Report a fault: %(name)s") % {"name": house},
        then=property_address(house),
        done=_("The fault is reported."),
        cancel=property_address(house),
    )


@may("maintenance.manage")
def close_ticket(request: HttpRequest, ticket_id: int) -> HttpResponse:
    tickets = MaintenanceTicket.objects.visible_to(request.user)
    ticket = get_object_or_404(tickets.select_related("site", "property"), pk=ticket_id)
    return act_page(
        request,
        forms.CloseTicketForm(request.POST or None, ticket=ticket),
        title=_("Close: %(title)s") % {"title": ticket},
        then=property_address(ticket.property),
        done=_("The ticket is closed."),
        cancel=property_address(ticket.property),
    )


def find_property(request: HttpRequest, property_id: int) -> Property:
    houses = Property.objects.visible_to(request.user).select_related("site", "owner").distinct()
    return get_object_or_404(houses, pk=property_id)


def find_unit(request: HttpRequest, unit_id: int) -> Unit:
    units = Unit.objects.visible_to(request.user).select_related("site", "property__owner")
    return get_object_or_404(units, pk=unit_id)


def property_address(house: Property) -> str:
    return reverse("sites_app:property_page", args=[house.pk])
