"""The pages of tenants and leases."""

from datetime import timedelta

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.asking import ask_again
from accounts.forms import LinkPersonForm
from akig.lib.choosing import options
from akig.lib.doors import act_page, history_page, is_key, may, ordered, paged
from sites_app.forms import ArchiveForm
from sites_app.middleware import chosen_site, sites_of
from sites_app.models import Property, Unit
from sites_app.rules import rules_for
from sites_app.services import approving
from sites_app.views_persons import erase_page, export_page
from tenants import forms, services
from tenants.models import Guarantor, Lease, Tenant

# Tenants


@require_safe
@may("tenant.view")
def tenant_list(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    tenants = Tenant.objects.visible_to(request.user).at(chosen_site(request))
    if request.GET.get("archived") != "1":
        tenants = tenants.standing()
    state = request.GET.get("state")
    if state in Tenant.State.values:
        tenants = tenants.filter(state=state)
    if query:
        tenants = tenants.matching(query)
    rows = ordered(request, tenants, {"name": "name", "code": "code"}, "name")
    page = paged(request, rows, shown=Tenant.objects.for_list(request.user))
    context = {"page": page, "states": Tenant.State.choices}
    return render(request, "tenants/tenant_list.html", context)


@require_safe
@may("tenant.view")
def tenant_page(request: HttpRequest, tenant_id: int) -> HttpResponse:
    """Show a tenant; panels find the leases, the newest first, as ``tenant.shown_leases``."""
    leases = Lease.objects.visible_to(request.user).with_rent().with_standing()
    leases = leases.select_related("property", "site").prefetch_related("units")
    shown = Prefetch("leases", leases.order_by("-start", "-pk"), to_attr="shown_leases")
    tenants = Tenant.objects.visible_to(request.user).select_related("site", "user")
    tenant = get_object_or_404(
        tenants.prefetch_related("phones", "guarantors", shown), pk=tenant_id
    )
    context = {"tenant": tenant, "leases": tenant.shown_leases}
    return render(request, "tenants/tenant_page.html", context)


@may("tenant.view")
def tenant_history(request: HttpRequest, tenant_id: int) -> HttpResponse:
    tenant = find_tenant(request, tenant_id)
    return history_page(request, tenant, tenant_address(tenant))


@require_safe
@may("tenant.view")
def tenant_choices(request: HttpRequest) -> HttpResponse:
    tenants = Tenant.objects.visible_to(request.user).standing().order_by("name")
    return HttpResponse(options(tenants, request.GET.get("tenant", "")))


@may("tenant.create")
def add_tenant(request: HttpRequest) -> HttpResponse:
    return act_page(
        request,
        forms.AddTenantForm(
            request.POST or None, sites=sites_of(request), site=chosen_site(request)
        ),
        title=_("Enter a tenant"),
        then=tenant_address,
        done=_("The tenant is entered."),
        cancel=reverse("tenants:tenant_list"),
        draft="add_tenant",
    )


@may("tenant.edit")
def correct_tenant(request: HttpRequest, tenant_id: int) -> HttpResponse:
    tenant = find_tenant(request, tenant_id)
    return act_page(
        request,
        forms.CorrectTenantForm(request.POST or None, row=tenant),
        title=_("Correct: %(name)s") % {"name": tenant},
        then=tenant_address,
        done=_("The correction is saved."),
        cancel=tenant_address(tenant),
    )


@may("collection.log_call")
def set_visiting_hours(request: HttpRequest, tenant_id: int) -> HttpResponse:
    tenant = find_tenant(request, tenant_id)
    return act_page(
        request,
        forms.VisitingHoursForm(request.POST or None, row=tenant),
        title=_("When can %(name)s be visited?") % {"name": tenant},
        consequence=_("Missions send nobody on other days, and keep to the hours."),
        then=tenant_address,
        done=_("The hours are saved."),
        cancel=tenant_address(tenant),
    )


@may("user.manage")
@ask_again
def link_tenant(request: HttpRequest, tenant_id: int) -> HttpResponse:
    tenant = find_tenant(request, tenant_id)
    return act_page(
        request,
        LinkPersonForm(request.POST or None, row=tenant, role="locataire"),
        title=_("Sign-in of %(name)s") % {"name": tenant},
        then=tenant_address,
        done=_("The sign-in is saved."),
        cancel=tenant_address(tenant),
    )


@may("tenant.delete")
def archive_tenant(request: HttpRequest, tenant_id: int) -> HttpResponse:
    tenant = find_tenant(request, tenant_id)
    return act_page(
        request,
        ArchiveForm(
            request.POST or None,
            archive=lambda actor: services.archive_tenant(actor=actor, tenant=tenant),
        ),
        title=_("Archive: %(name)s") % {"name": tenant},
        consequence=_("The tenant leaves the lists. Debts, receipts and history stay."),
        then=tenant_address,
        done=_("The tenant is archived."),
        cancel=tenant_address(tenant),
    )


@may("tenant.export")
@ask_again
def export_tenant(request: HttpRequest, tenant_id: int) -> HttpResponse:
    tenant = find_tenant(request, tenant_id)
    return export_page(request, tenant, through=[Lease], cancel=tenant_address(tenant))


@may("tenant.erase")
@ask_again
def erase_tenant(request: HttpRequest, tenant_id: int) -> HttpResponse:
    tenant = find_tenant(request, tenant_id)
    return erase_page(request, tenant, back=tenant_address(tenant))


@may("tenant.edit")
def add_guarantor(request: HttpRequest, tenant_id: int) -> HttpResponse:
    tenant = find_tenant(request, tenant_id)
    return act_page(
        request,
        forms.AddGuarantorForm(request.POST or None, tenant=tenant),
        title=_("Enter a guarantor: %(name)s") % {"name": tenant},
        then=tenant_address(tenant),
        done=_("The guarantor is entered."),
        cancel=tenant_address(tenant),
    )


@may("tenant.edit")
def remove_guarantor(request: HttpRequest, guarantor_id: int) -> HttpResponse:
    guarantor = find_guarantor(request, guarantor_id)
    return act_page(
        request,
        forms.RemoveGuarantorForm(request.POST or None, guarantor=guarantor),
        title=_("Remove the guarantor %(name)s") % {"name": guarantor},
        then=tenant_address(guarantor.tenant),
        done=_("The guarantor is removed."),
        cancel=tenant_address(guarantor.tenant),
    )


@may("tenant.erase")
@ask_again
def erase_guarantor(request: HttpRequest, guarantor_id: int) -> HttpResponse:
    guarantor = find_guarantor(request, guarantor_id)
    return erase_page(request, guarantor, back=tenant_address(guarantor.tenant))


def find_guarantor(request: HttpRequest, guarantor_id: int) -> Guarantor:
    guarantors = Guarantor.objects.visible_to(request.user).select_related("tenant")
    return get_object_or_404(guarantors, pk=guarantor_id)


def find_tenant(request: HttpRequest, tenant_id: int) -> Tenant:
    return get_object_or_404(Tenant.objects.visible_to(request.user), pk=tenant_id)


def tenant_address(tenant: Tenant) -> str:
    return reverse("tenants:tenant_page", args=[tenant.pk])


# Leases

#: Word in the address -> which leases it keeps.
STANDINGS = {
    "running": lambda leases: leases.active(),
    "notice": lambda leases: leases.active().filter(state="notice_given"),
    "future": lambda leases: leases.future(),
    "ended": lambda leases: leases.ended(),
    "draft": lambda leases: leases.filter(state="draft"),
    "cancelled": lambda leases: leases.filter(state="cancelled"),
}


@require_safe
@may("lease.view")
def lease_list(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    standing = request.GET.get("standing", "running")
    leases = Lease.objects.visible_to(request.user).at(chosen_site(request))
    leases = STANDINGS[standing](leases) if standing in STANDINGS else leases
    if query:
        leases = leases.matching(query)
    months = request.GET.get("paid")
    if months in ("1", "3", "6", "12"):
        leases = leases.filter(periodicity=months)
    sums = list(leases.rent_by_currency())
    columns = {
        "tenant": "tenant__name",
        "reference": "reference",
        "property": "property__name",
        "start": "start",
        "end": "end",
        "rent": "rent_now",
    }
    shown = Lease.objects.with_rent().with_standing().select_related("tenant", "property", "site")
    page = paged(
        request,
        ordered(request, leases.with_rent(), columns, "tenant"),
        shown=shown.prefetch_related("units"),
        number=sum(row["number"] for row in sums),
    )
    context = {"page": page, "sums": sums, "standing": standing}
    return render(request, "tenants/lease_list.html", context)


@require_safe
@may("lease.view")
def lease_page(request: HttpRequest, lease_id: int) -> HttpResponse:
    leases = Lease.objects.visible_to(request.user).with_rent().with_standing()
    leases = leases.select_related("tenant", "property__owner", "site")
    lease = get_object_or_404(leases.prefetch_related("units", "tenant__phones"), pk=lease_id)
    context = {
        "lease": lease,
        "changes": lease.rent_changes.order_by("valid_from"),
        "due_day": lease.due_day or rules_for(lease.site).rent_due_day,
        "approvals": approving.waiting_for(request.user, lease),
    }
    return render(request, "tenants/lease_page.html", context)


@may("lease.view")
def lease_history(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = find_lease(request, lease_id)
    return history_page(request, lease, lease_address(lease))


@may("lease.create")
def sign_lease(request: HttpRequest) -> HttpResponse:
    """Sign a lease; the address names the property (``?property=``), else one is chosen first."""
    houses = Property.objects.visible_to(request.user).standing().select_related("site")
    asked = request.GET.get("property")
    house = houses.filter(pk=asked).first() if is_key(asked) else None
    if house is None:
        return choose_property(request)
    return act_page(
        request,
        lease_form(request, house, request.POST or None),
        title=_("New lease: %(name)s") % {"name": house},
        then=lease_address,
        done=_("The lease is kept."),
        cancel=reverse("sites_app:property_page", args=[house.pk]),
        preview=f"{reverse('tenants:preview_lease')}?property={house.pk}",
        draft=f"sign_lease-{house.pk}",
    )


def lease_form(request: HttpRequest, house: Property, data) -> forms.SignLeaseForm:
    tenants = Tenant.objects.visible_to(request.user).standing()
    asked = request.GET.get("tenant")
    units = [key for key in request.GET.getlist("unit") if is_key(key)]
    chosen = list(house.units.standing().filter(pk__in=units))
    rent = sum(unit.advised_rent or 0 for unit in chosen) or None
    months = rules_for(house.site).deposit_months
    return forms.SignLeaseForm(
        data,
        property=house,
        tenants=tenants,
        may_sign=request.user.may("lease.sign"),
        initial={
            "tenant": tenants.filter(pk=asked).first() if is_key(asked) else None,
            "units": chosen,
            "rent": rent,
            "deposit": rent and rent * months,
        },
    )


def choose_property(request: HttpRequest) -> HttpResponse:
    """Show the vacant units from which a lease may begin."""
    query = request.GET.get("q", "").strip()
    units = Unit.objects.visible_to(request.user).at(chosen_site(request)).vacant()
    units = units.filter(property__archived_on=None)
    if query:
        units = units.matching(query)
    page = paged(
        request,
        units.order_by("property__name", "number", "pk"),
        shown=Unit.objects.select_related("property", "site"),
    )
    context = {"page": page, "tenant": request.GET.get("tenant", "")}
    return render(request, "tenants/choose_unit.html", context)


@require_safe
@may("lease.create")
def preview_lease(request: HttpRequest) -> HttpResponse:
    """Say what the terms typed so far mean; the form asks while people type."""
    houses = Property.objects.visible_to(request.user).select_related("site")
    asked = request.GET.get("property")
    house = get_object_or_404(houses, pk=asked if is_key(asked) else 0)
    form = lease_form(request, house, request.GET)
    return render(request, "tenants/_lease_preview.html", form.consequence())


@may("lease.sign")
def sign_prepared_lease(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = find_lease(request, lease_id)
    return act_page(
        request,
        forms.SignPreparedLeaseForm(request.POST or None, lease=lease),
        title=_("Sign the lease %(lease)s") % {"lease": lease},
        consequence=_("From then on the lease binds and holds its units."),
        then=lease_address,
        done=_("The lease is signed."),
        cancel=lease_address(lease),
    )


@may("lease.edit")
def correct_lease(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = find_lease(request, lease_id)
    return act_page(
        request,
        forms.CorrectLeaseForm(request.POST or None, row=lease),
        title=_("Correct the lease %(lease)s") % {"lease": lease},
        consequence=_("Rent and last day have acts of their own: change the rent, end the lease."),
        then=lease_address,
        done=_("The correction is saved."),
        cancel=lease_address(lease),
    )


@may("lease.edit")
def change_rent(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = find_lease(request, lease_id)
    today = timezone.localdate()
    next_month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    initial = {
        "rent": lease.rent_now,
        "service_charge": lease.service_now or None,
        "valid_from": next_month,
    }
    return act_page(
        request,
        forms.ChangeRentForm(request.POST or None, lease=lease, initial=initial),
        title=_("Change the rent: %(lease)s") % {"lease": lease},
        consequence=approving.warning(services.change_rent, lease.site),
        then=lease_address(lease),
        done=_("The new rent is set."),
        cancel=lease_address(lease),
    )


@may("lease.terminate")
def give_notice(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = find_lease(request, lease_id)
    rules = rules_for(lease.site)
    sentence = _(
        "The branch's delay is %(days)s days for a tenant, %(owner_days)s for an owner of an "
        "unfurnished home. Rent runs until the last day; what is owed stays owed."
    )
    return act_page(
        request,
        forms.GiveNoticeForm(request.POST or None, lease=lease),
        title=_("Notice: %(lease)s") % {"lease": lease},
        consequence=sentence % {"days": rules.notice_days, "owner_days": rules.owner_notice_days},
        then=lease_address,
        done=_("The notice is taken."),
        cancel=lease_address(lease),
    )


@may("lease.terminate")
def end_lease(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = find_lease(request, lease_id)
    return act_page(
        request,
        forms.EndLeaseForm(request.POST or None, lease=lease),
        title=_("End the lease %(lease)s") % {"lease": lease},
        consequence=_("The units are free the day after. What is owed stays owed."),
        then=lease_address,
        done=_("The last day of the lease is set."),
        cancel=lease_address(lease),
    )


@may("lease.delete")
def cancel_lease(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = find_lease(request, lease_id)
    return act_page(
        request,
        forms.CancelLeaseForm(request.POST or None, lease=lease),
        title=_("Cancel the lease %(lease)s") % {"lease": lease},
        consequence=_("For a lease made by mistake. It stays readable and binds nobody."),
        then=lease_address,
        done=_("The lease is cancelled."),
        cancel=lease_address(lease),
    )


def find_lease(request: HttpRequest, lease_id: int) -> Lease:
    leases = Lease.objects.visible_to(request.user).with_rent()
    return get_object_or_404(leases.select_related("site", "tenant"), pk=lease_id)


def lease_address(lease: Lease) -> str:
    return reverse("tenants:lease_page", args=[lease.pk])
