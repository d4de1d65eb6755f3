"""The pages of branches: what they hold, who works there, the rules that hold there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.asking import ask_again
from accounts.models import User
from akig.lib.doors import act_page, may, parse_date_or
from sites_app import forms
from sites_app.metrics import occupancy
from sites_app.middleware import sites_of
from sites_app.models import Holiday, Site
from sites_app.rules import RULES, rules_for


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


@may("user.manage")
@ask_again
def assign_person(request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(User.objects.visible_to(request.user), pk=person_id)
    page = reverse("person_page", args=[person.pk])
    site = request.GET.get("site") or (request.site and request.site.pk)
    standing = person.assignments.filter(site=site).first() if site else None
    initial = {"site": site}
    if standing:
        initial |= {"is_primary": standing.is_primary, "ends_on": standing.ends_on}
    return act_page(
        request,
        forms.AssignPersonForm(
            request.POST or None, actor=request.user, person=person, initial=initial
        ),
        title=_("Assign to a branch: %(name)s") % {"name": person},
        then=page,
        done=_("The branch is assigned; it counts at once."),
        cancel=page,
    )
