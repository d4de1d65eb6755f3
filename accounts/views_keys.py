"""The pages of the keys with which programs sign in."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import forms
from accounts.asking import ask_again
from accounts.models import ApiKey
from accounts.roles import PERMISSIONS
from akig.lib.doors import act_page, may, paged, secret_page, sent
from akig.lib.history import history_of

DAYS = 31
SECRET = {"template": "accounts/key_secret.html", "shows": ("key", "written")}


@require_safe
@may("user.manage")
def key_list(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/key_list.html", {"page": paged(request, visible(request))})


@never_cache
@may("user.manage")
@ask_again
def make_key(request: HttpRequest) -> HttpResponse:
    """Make a key; the answer shows its secret this once."""
    form = forms.MakeKeyForm(request.POST or None, actor=request.user)
    return secret_page(
        request,
        form,
        title=_("Make a key for a program"),
        cancel=reverse("people:key_list"),
        **SECRET,
    )


@require_safe
@may("user.manage")
def key_page(request: HttpRequest, key_id: int) -> HttpResponse:
    key = find_key(request, key_id)
    context = {
        "key": key,
        "rights": [PERMISSIONS.get(code, code) for code in key.scopes],
        "days": key.days.all()[:DAYS],
        "events": history_of(key),
    }
    return render(request, "accounts/key_page.html", context)


@never_cache
@may("user.manage")
@ask_again
def renew_key(request: HttpRequest, key_id: int) -> HttpResponse:
    """Give a key a new secret; the answer shows it this once."""
    key = find_key(request, key_id)
    return secret_page(
        request,
        forms.RenewKeyForm(request.POST or None, key=key),
        title=_("New secret: %(key)s") % {"key": key},
        cancel=address_of(key),
        **SECRET,
    )


@may("user.manage")
def revoke_key(request: HttpRequest, key_id: int) -> HttpResponse:
    key = find_key(request, key_id)
    return act_page(
        request,
        forms.RevokeKeyForm(sent(request), key=key),
        title=_("Revoke: %(key)s") % {"key": key},
        consequence=_("The program is refused at once, and for good."),
        then=address_of,
        done=_("The key is revoked."),
        cancel=address_of(key),
    )


def visible(request: HttpRequest) -> QuerySet:
    return ApiKey.objects.visible_to(request.user).select_related("owner")


def find_key(request: HttpRequest, key_id: int) -> ApiKey:
    return get_object_or_404(visible(request), pk=key_id)


def address_of(key: ApiKey) -> str:
    return reverse("people:key_page", args=[key.pk])
