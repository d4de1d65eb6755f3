"""The pages of authority: what each role may do, who holds it, and where people work."""

from collections import defaultdict

from django.contrib.auth.models import Group
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.history import history_of_person, merged
from accounts.models import User
from accounts.roles import PERMISSIONS, PERSONAL, ROLES, by_subject
from accounts.services import roles_given_by
from accounts.views import find_person
from akig.lib.doors import may, paged
from sites_app.history import assignments_of
from sites_app.models import Assignment

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
            told = [row for row in rows if len({yes for _role, yes in row[1]}) > 1]
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
        "rights": [row for row in rights if row[1]],
        "events": merged(history_of_person(person), assignments_of(person)),
    }
    return render(request, "sites_app/person_page.html", context)
