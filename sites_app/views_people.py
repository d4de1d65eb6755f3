"""The pages of authority: what each role may do, who holds it where, and what is shared."""

from collections import defaultdict

from django.contrib.auth.models import Group
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.asking import ask_again
from accounts.history import history_of_person, merged
from accounts.models import User
from accounts.roles import PERMISSIONS, PERSONAL, ROLES, by_subject
from accounts.services import roles_given_by
from accounts.views import find_person
from akig.lib.doors import act_page, may, paged, sent
from sites_app.forms import SharePropertyForm, UnsharePropertyForm
from sites_app.history import assignments_of, shares_of
from sites_app.models import Assignment, PropertyShare

STATES = {"active": Q(is_active=True), "out": Q(is_active=False), "all": Q()}


@require_safe
@may("user.manage")
def authority(request: HttpRequest) -> HttpResponse:
    """Show which role may do what; of several chosen roles only where they differ."""
    chosen = [role for role in ROLES if role in request.GET.getlist("role")]
    roles = chosen or list(ROLES)
    held = defaultdict(set)
    for role, code in Group.objects.values_list("name", "permissions__codename"):
        held[role].add(code)
    subjects, alike = [], 0
    for subject, codes in by_subject():
        rows = [(code, [(role, code in held[role]) for role in roles]) for code in codes]
        if len(chosen) > 1:
            told = [row for row in rows if len({yes for _each, yes in row[1]}) > 1]
            alike, rows = alike + len(rows) - len(told), told
        if rows:
            subjects.append(
                (subject, [(PERMISSIONS[code], code in PERSONAL, cells) for code, cells in rows])
            )
    people = User.objects.visible_to(request.user).filter(is_active=True)
    numbers = dict(people.values_list("groups__name").annotate(number=Count("pk")).order_by())
    context = {
        "all_roles": list(ROLES),
        "roles": roles,
        "chosen": chosen,
        "subjects": subjects,
        "alike": alike,
        "shares": shares_seen(request),
        "numbers": [(role, numbers.get(role, 0)) for role in roles],
    }
    return render(request, "sites_app/authority.html", context)


@require_safe
@may("user.manage")
def person_list(request: HttpRequest) -> HttpResponse:
    """Show who holds which role, at which branches and until when."""
    query, role = request.GET.get("q", "").strip(), request.GET.get("role")
    site = next((site for site in request.sites if site.pk == request.GET.get("site")), None)
    people = User.objects.visible_to(request.user)
    people = people.filter(STATES.get(request.GET.get("state"), STATES["active"]))
    if query:
        people = people.filter(Q(name__icontains=query) | Q(email__icontains=query))
    if role in ROLES:
        people = people.filter(groups__name=role)
    if site:
        people = people.filter(assignments__in=Assignment.objects.current().filter(site=site))
    places = Assignment.objects.select_related("site").order_by("-is_primary", "site")
    rows = people.prefetch_related("groups", Prefetch("assignments", places))
    context = {"page": paged(request, rows.order_by("name", "pk")), "roles": list(ROLES)}
    return render(request, "sites_app/person_list.html", context)


@require_safe
@may("user.manage")
def person_page(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show a person: the role with its rights, the branches, and what was done about them."""
    person = find_person(request, person_id)
    rights = [
        (subject, [PERMISSIONS[code] for code in codes if code in person.rights])
        for subject, codes in by_subject()
    ]
    context = {
        "person": person,
        "is_oneself": person == request.user,
        "within_reach": not person.role or person.role in roles_given_by(request.user),
        "assignments": person.assignments.select_related("site").order_by("-is_primary", "site"),
        "shares": shares_seen(request).filter(user=person),
        "rights": [row for row in rights if row[1]],
        "events": merged(history_of_person(person), assignments_of(person), shares_of(person)),
    }
    return render(request, "sites_app/person_page.html", context)


@may("user.manage")
@ask_again
def share_property(request: HttpRequest, person_id: int) -> HttpResponse:
    person = find_person(request, person_id)
    page = reverse("person_page", args=[person.pk])
    return act_page(
        request,
        SharePropertyForm(request.POST or None, actor=request.user, person=person),
        title=_("Share a property with %(name)s") % {"name": person},
        consequence=_("This person reads it until the last day, as far as the role allows."),
        then=page,
        done=_("The property is shared; it counts at once."),
        cancel=page,
    )


@may("user.manage")
@ask_again
def unshare_property(request: HttpRequest, share_id: int) -> HttpResponse:
    share = get_object_or_404(shares_seen(request), pk=share_id)
    page = reverse("person_page", args=[share.user_id])
    return act_page(
        request,
        UnsharePropertyForm(sent(request), share=share),
        title=_("Stop sharing: %(share)s") % {"share": share},
        then=page,
        done=_("The property is shared no more."),
        cancel=page,
    )


def shares_seen(request: HttpRequest) -> QuerySet[PropertyShare]:
    """Return what is or was shared at the branches of whoever asks, the last to end first."""
    shares = PropertyShare.objects.visible_to(request.user).order_by("-ends_on", "-pk")
    return shares.select_related("user", "site", "content_object")
