"""The pages of owners."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.asking import ask_again
from accounts.forms import LinkPersonForm
from akig.lib.choosing import options
from akig.lib.doors import act_page, history_page, may, ordered, paged
from sites_app import forms
from sites_app.middleware import chosen_site, sites_of
from sites_app.models import Owner
from sites_app.services import portfolio


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
    owners = ordered(request, owners.with_properties(), columns, "name")
    page = paged(request, owners, shown=Owner.objects.with_properties().select_related("site"))
    return render(request, "sites_app/owner_list.html", {"page": page})


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


@may("user.manage")
@ask_again
def link_owner(request: HttpRequest, owner_id: int) -> HttpResponse:
    owner = get_object_or_404(Owner.objects.visible_to(request.user), pk=owner_id)
    return act_page(
        request,
        LinkPersonForm(request.POST or None, row=owner, role="proprietaire"),
        title=_("Sign-in of %(name)s") % {"name": owner},
        then=owner_address,
        done=_("The sign-in is saved."),
        cancel=owner_address(owner),
    )


def owner_address(owner: Owner) -> str:
    return reverse("sites_app:owner_page", args=[owner.pk])
