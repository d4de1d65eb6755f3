"""The pages of branches, owners, properties and units."""

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from akig.lib.choosing import options
from akig.lib.doors import act_page, history_page, may, ordered, paged
from akig.lib.errors import BusinessError
from sites_app import forms
from sites_app.metrics import occupancy
from sites_app.middleware import chosen_site, sites_of
from sites_app.models import Holiday, MaintenanceTicket, Owner, Property, Site, Unit
from sites_app.rules import RULES, rules_for
from sites_app.services import portfolio

# Branches


@require_POST
@may("site.view")
def switch_site(request: HttpRequest) -> HttpResponse:
    """Narrow the pages to one of the person's branches, or open them to all."""
    codes = [site.code for site in sites_of(request)]
    chosen = request.POST.get("site", "")
    request.session["site"] = chosen if chosen in codes else ""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    return redirect(back)


@require_safe
@may("site.view")
def site_list(request: HttpRequest) -> HttpResponse:
    sites = list(Site.objects.visible_to(request.user).with_counts())
    return render(request, "sites_app/site_list.html", {"sites": sites})


@require_safe
@may("site.view")
def site_page(request: HttpRequest, code: str) -> HttpResponse:
    site = get_object_or_404(Site.objects.visible_to(request.user), pk=code)
    today = timezone.localdate()
    on = parse_date_or(request.GET.get("on"), today)
    rules = rules_for(site, on=on)
    context = {
        "site": site,
        "on": on,
        "is_today": on == today,
        "rules": [
            (name, rule.label, rules.shown(name), rules.is_set(name))
            for name, rule in RULES.items()
        ],
        "occupancy": occupancy(site.units.all(), on),
        "people": site.assignments.current(on).select_related("user").order_by("user__name"),
        "holidays": Holiday.objects.filter(
            country=site.country, day__gte=today.replace(month=1, day=1)
        ).order_by("day")[:30],
    }
    return render(request, "sites_app/site_page.html", context)


@require_safe
@may("site.view")
def rule_history(request: HttpRequest, code: str, name: str) -> HttpResponse:
    site = get_object_or_404(Site.objects.visible_to(request.user), pk=code)
    context = {
        "site": site,
        "label": RULES[name].label if name in RULES else name,
        "default": RULES[name].default if name in RULES else "",
        "values": site.rules.filter(name=name).select_related("set_by").order_by("-valid_from"),
    }
    return render(request, "sites_app/rule_history.html", context)


@may("site.manage")
def open_branch(request: HttpRequest) -> HttpResponse:
    return act_page(
        request,
        forms.OpenBranchForm(request.POST or None),
        title=_("Open a branch"),
        then=lambda site: reverse("sites_app:site_page", args=[site.pk]),
        done=_("The branch is open. Check its rules now."),
        cancel=reverse("sites_app:site_list"),
    )


@may("site.manage")
def set_rule(request: HttpRequest, code: str) -> HttpResponse:
    site = get_object_or_404(Site.objects.visible_to(request.user), pk=code)
    page = reverse("sites_app:site_page", args=[site.pk])
    return act_page(
        request,
        forms.SetRuleForm(
            request.POST or None, site=site, initial={"name": request.GET.get("name")}
        ),
        title=_("Set a rule: %(site)s") % {"site": site},
        then=page,
        done=_("The rule is set."),
        cancel=page,
    )


@may("site.manage")
def add_holiday(request: HttpRequest, code: str) -> HttpResponse:
    site = get_object_or_404(Site.objects.visible_to(request.user), pk=code)
    page = reverse("sites_app:site_page", args=[site.pk])
    return act_page(
        request,
        forms.AddHolidayForm(request.POST or None, site=site),
        title=_("Enter a holiday: %(country)s") % {"country": site.get_country_display()},
        then=page,
        done=_("The holiday is entered."),
        cancel=page,
    )


# Owners


@require_safe
@may("owner.view")
def owner_list(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    owners = Owner.objects.visible_to(request.user).at(chosen_site(request))
    if request.GET.get("archived") != "1":
        owners = owners.standing()
    if query:
        owners = owners.matching(query)
    columns = {
        "name": "name",
        "code": "code",
        "properties": "properties_count",
        "units": "units_count",
    }
    owners = ordered(request, owners.with_properties().select_related("site"), columns, "name")
    return render(request, "sites_app/owner_list.html", {"page": paged(request, owners)})


@require_safe
@may("owner.view")
def owner_page(request: HttpRequest, owner_id: int) -> HttpResponse:
    owners = Owner.objects.visible_to(request.user).select_related("site", "user")
    owner = get_object_or_404(owners, pk=owner_id)
    houses = owner.properties.visible_to(request.user).with_occupancy().with_commission()
    context = {"owner": owner, "properties": houses.select_related("site").order_by("name")}
    return render(request, "sites_app/owner_page.html", context)


@may("owner.view")
def owner_history(request: HttpRequest, owner_id: int) -> HttpResponse:
    owner = get_object_or_404(Owner.objects.visible_to(request.user), pk=owner_id)
    return history_page(request, owner, reverse("sites_app:owner_page", args=[owner.pk]))


@require_safe
@may("owner.view")
def owner_choices(request: HttpRequest) -> HttpResponse:
    owners = Owner.objects.visible_to(request.user).standing().order_by("name")
    return HttpResponse(options(owners, request.GET.get("owner", "")))


@may("owner.manage")
def add_owner(request: HttpRequest) -> HttpResponse:
    return act_page(
        request,
        forms.AddOwnerForm(
            request.POST or None, sites=sites_of(request), site=chosen_site(request)
        ),
        title=_("Enter an owner"),
        then=owner_address,
        done=_("The owner is entered."),
        cancel=reverse("sites_app:owner_list"),
        draft="add_owner",
    )


@may("owner.manage")
def correct_owner(request: HttpRequest, owner_id: int) -> HttpResponse:
    owner = get_object_or_404(Owner.objects.visible_to(request.user), pk=owner_id)
    return act_page(
        request,
        forms.CorrectOwnerForm(request.POST or None, row=owner),
        title=_("Correct: %(name)s") % {"name": owner},
        then=owner_address,
        done=_("The correction is saved."),
        cancel=owner_address(owner),
    )


@may("owner.manage")
def archive_owner(request: HttpRequest, owner_id: int) -> HttpResponse:
    owner = get_object_or_404(Owner.objects.visible_to(request.user), pk=owner_id)
    return act_page(
        request,
        forms.ArchiveForm(
            request.POST or None,
            archive=lambda actor: portfolio.archive_owner(actor=actor, owner=owner),
        ),
        title=_("Archive: %(name)s") % {"name": owner},
        consequence=_("The owner leaves the lists. Accounts and history stay."),
        then=owner_address,
        done=_("The owner is archived."),
        cancel=owner_address(owner),
    )


def owner_address(owner: Owner) -> str:
    return reverse("sites_app:owner_page", args=[owner.pk])


# Properties and units


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
    total = houses.with_occupancy().aggregate(units=Sum("units_count"), let=Sum("let_count"))
    columns = {
        "name": "name",
        "code": "code",
        "owner": "owner__name",
        "units": "units_count",
        "let": "let_count",
    }
    rows = ordered(
        request, houses.with_occupancy().select_related("site", "owner"), columns, "name"
    )
    context = {"page": paged(request, rows), "total": total, "kinds": Property.Kind.choices}
    return render(request, "sites_app/property_list.html", context)


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
    sums = (
        units.order_by()
        .values("site__currency")
        .annotate(number=Count("pk"), rent=Sum("advised_rent"))
        .order_by("site__currency")
    )
    columns = {"property": "property__name", "number": "number", "rent": "advised_rent"}
    rows = units.with_let().select_related("property", "site")
    context = {
        "page": paged(request, ordered(request, rows, columns, "property")),
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


def is_key(text: str | None) -> bool:
    return bool(text) and text.isascii() and text.isdigit() and len(text) < 19


def parse_date_or(text: str | None, default):
    try:
        return parse_date(text or "") or default
    except ValueError:  # "2026-02-31" is written like a day and is none
        return default
