"""People are assigned to branches by an act, from the pages and from the back-office."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from akig.lib.errors import BusinessError, NotAllowed
from sites_app.models import Assignment
from sites_app.services.assigning import assign_person
from tests.cast import make_user

pytestmark = pytest.mark.django_db


def branches(person):
    rows = Assignment.objects.filter(user=person).order_by("site")
    return [(row.site_id, row.is_primary, row.ends_on) for row in rows]


def page(person):
    return reverse("sites_app:assign_person", args=[person.pk])


def act_of(person):
    stored = Assignment.pgh_event_model.objects.filter(user=person).order_by("pgh_id").last()
    return stored.pgh_context.metadata


def test_the_page_assigns_and_the_history_names_the_act(client, cast):
    client.force_login(cast.awa)
    form = {"site": cast.kindia.pk, "is_primary": "on", "ends_on": "2099-12-31"}
    for _twice in range(2):
        assert client.post(page(cast.coumba), form).status_code == 302
    assert branches(cast.coumba) == [
        ("GN_CONAKRY", False, None),
        ("GN_KINDIA", True, date(2099, 12, 31)),
    ]
    told = act_of(cast.coumba)
    assert (told["verb"], told["user"]) == ("sites_app.assign_person", cast.awa.pk)
    history = client.get(reverse("admin:accounts_user_history", args=[cast.coumba.pk]))
    told = [event for event in history.context["events"] if event.who == "Awa Barry"]
    assert {change.after for event in told for change in event.changes} >= {"GN_KINDIA"}


def test_the_back_office_writes_through_the_same_act(client, cast):
    client.force_login(cast.admin)
    form = {"user": cast.coumba.pk, "site": cast.kindia.pk, "is_primary": "on", "ends_on": ""}
    assert client.post(reverse("admin:sites_app_assignment_add"), form).status_code == 302
    assert branches(cast.coumba) == [("GN_CONAKRY", False, None), ("GN_KINDIA", True, None)]
    assert act_of(cast.coumba)["verb"] == "sites_app.assign_person"
    row = Assignment.objects.get(user=cast.coumba, site=cast.kindia)
    change = reverse("admin:sites_app_assignment_change", args=[row.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"is_primary": "on", "ends_on": "31/12/2099"}).status_code == 302
    assert branches(cast.coumba)[1] == ("GN_KINDIA", True, date(2099, 12, 31))
    assert act_of(cast.coumba)["verb"] == "sites_app.assign_person"


def test_a_day_that_has_passed_ends_the_work_at_once(client, cast):
    house = reverse("sites_app:property_page", args=[cast.house.pk])
    client.force_login(cast.coumba)
    assert client.get(house).status_code == 200
    yesterday = timezone.localdate() - timedelta(days=1)
    assign_person(actor=cast.awa, person=cast.coumba, site=cast.conakry, ends_on=yesterday)
    assert client.get(house).status_code == 404


def test_the_first_branch_is_primary_unasked(cast):
    newcomer = make_user("Mariam Kaba", "agent")
    assign_person(actor=cast.awa, person=newcomer, site=cast.conakry)
    assert branches(newcomer) == [("GN_CONAKRY", True, None)]


def test_a_branch_that_is_not_hers_cannot_be_chosen(client, cast):
    client.force_login(cast.awa)
    assert client.post(page(cast.coumba), {"site": cast.dakar.pk}).status_code == 400
    assert branches(cast.coumba) == [("GN_CONAKRY", True, None)]


@pytest.mark.parametrize("wrong", [{"site": ""}, {"ends_on": "31/02/2026"}, {"ends_on": "bientôt"}])
def test_what_is_wrong_is_marked(client, cast, wrong):
    client.force_login(cast.awa)
    answer = client.post(page(cast.coumba), {"site": cast.kindia.pk} | wrong)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == list(wrong)


@pytest.mark.parametrize("person", ["bachir", "coumba", "diallo", "estelle", "fode", "gassim"])
def test_without_the_right_nobody_assigns(client, cast, person):
    client.force_login(getattr(cast, person))
    form = {"site": cast.conakry.pk}
    assert client.post(page(cast.hadja), form).status_code == 403
    with pytest.raises(NotAllowed):
        assign_person(actor=getattr(cast, person), person=cast.hadja, site=cast.conakry)
    assert branches(cast.hadja) == [("GN_KINDIA", True, None)]


def test_refusals(cast):
    with pytest.raises(BusinessError) as owner:
        assign_person(actor=cast.awa, person=cast.fode, site=cast.conakry)
    with pytest.raises(BusinessError) as own:
        assign_person(actor=cast.awa, person=cast.awa, site=cast.kindia, ends_on=date(2099, 1, 1))
    with pytest.raises(NotAllowed) as reach:
        assign_person(actor=cast.awa, person=cast.admin, site=cast.kindia)
    codes = [refusal.value.code for refusal in (owner, own, reach)]
    assert codes == ["not_staff", "own_account", "role_out_of_reach"]
