"""Who may do what, who holds which role where: the pages of the director."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import PERMISSIONS, ROLES
from sites_app.models import Assignment
from tests.cast import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def director(client, cast):
    client.force_login(cast.awa)
    return client


def listed(client, **query):
    return {person.name for person in client.get(reverse("person_list"), query).context["page"]}


def cells(client, **query):
    subjects = client.get(reverse("authority"), query).context["subjects"]
    return [row for _subject, rows in subjects for row in rows]


def test_the_table_of_authority_is_the_one_that_holds(director):
    rows = cells(director)
    assert len(rows) == len(PERMISSIONS)
    held = {role: sum(dict(row[2])[role] for row in rows) for role in ROLES}
    assert held == {role: len(codes.split()) for role, codes in ROLES.items()}


def test_roles_side_by_side_show_their_differences_alone(director):
    rows = cells(director, role=["comptable", "agent", "nobody"])
    assert rows
    assert all([role for role, _yes in row[2]] == ["comptable", "agent"] for row in rows)
    assert all(len({yes for _role, yes in row[2]}) == 2 for row in rows)
    apart = set(ROLES["comptable"].split()) ^ set(ROLES["agent"].split())
    assert len(rows) == len(apart)
    assert cells(director, role=["admin"]) != cells(director, role=["agent"])


def test_people_are_found_by_name_role_branch_and_state(director, cast):
    assert {cast.coumba, cast.hadja, cast.fode, cast.estelle}
    assert listed(director) == set(User.objects.exclude(name="AKIG").values_list("name", flat=True))
    assert listed(director, q="coumba@") == {"Coumba Sylla"}
    assert listed(director, role="proprietaire") == {"Fode Soumah"}
    assert listed(director, site="GN_KINDIA") == {"Awa Barry", "Hadja Condé"}
    User.objects.filter(pk=cast.estelle.pk).update(is_active=False)
    assert "Estelle Loua" not in listed(director)
    assert listed(director, state="out") == {"Estelle Loua"}
    assert "Estelle Loua" in listed(director, state="all")


def test_an_assignment_that_has_ended_is_still_listed(director, cast):
    yesterday = timezone.localdate() - timedelta(days=1)
    Assignment.objects.filter(user=cast.coumba).update(ends_on=yesterday)
    assert "Coumba Sylla" not in listed(director, site="GN_CONAKRY")
    (person,) = director.get(reverse("person_list"), {"q": "coumba@"}).context["page"]
    assert [place.has_ended for place in person.assignments.all()] == [True]
    page = director.get(reverse("person_page", args=[cast.coumba.pk])).context
    assert [place.has_ended for place in page["assignments"]] == [True]


def test_branches_of_others_stay_unknown(client, cast):
    client.force_login(make_user("Sekou Conte", "pdg", cast.kindia))
    assert cast.coumba
    page = client.get(reverse("person_page", args=[cast.coumba.pk]))
    assert (page.status_code, list(page.context["assignments"])) == (200, [])


def test_a_list_of_many_people_asks_no_more_than_one_of_few(
    director, cast, django_assert_num_queries
):
    director.get(reverse("person_list"))
    with django_assert_num_queries(7):
        director.get(reverse("person_list"))
    for number in range(20):
        make_user(f"Agent{number} Bah", "agent", cast.conakry)
    with django_assert_num_queries(7):
        director.get(reverse("person_list"))


def test_a_person_is_corrected_on_the_page(director, cast):
    page = reverse("people:correct_person", args=[cast.coumba.pk])
    form = {"name": "Coumba Sylla Bah", "phone": "622 11 22 33", "language": "en"}
    answer = director.post(page, form)
    assert answer.url == reverse("person_page", args=[cast.coumba.pk])
    person = User.objects.get(pk=cast.coumba.pk)
    assert (person.name, str(person.phone), person.language) == (
        "Coumba Sylla Bah",
        "+224622112233",
        "en",
    )
    assert person.events.last().pgh_context.metadata["verb"] == "accounts.correct_person"
