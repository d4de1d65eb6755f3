"""People are entered, change their role, are shut out and let in through the back-office."""

import re

import pytest
from django.contrib.auth import authenticate
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import HeldRole, User
from akig.lib.errors import BusinessError, NotAllowed
from tests.api.conftest import Caller
from tests.cast import PASSWORD, make_user

pytestmark = pytest.mark.django_db

MARIAM = {
    "name": "Mariam Kaba",
    "email": "Mariam@Example.org",
    "role": "secretaire",
    "phone": "+224622445566",
    "language": "fr",
}


def press(client, button, person=None):
    """Press a button of the back-office; return the address of the form behind it."""
    key = f"{person.pk}/" if person else ""
    answer = client.get(f"/admin/accounts/user/{key}{button}", follow=True)
    assert answer.status_code == 200, answer.status_code
    return answer.redirect_chain[-1][0]


def me(caller):
    return caller.get("/api/me").status_code


def test_an_administrator_alone_adds_a_person_who_then_signs_in(client, cast):
    client.force_login(cast.admin)
    answer = client.post(press(client, "add_person"), MARIAM)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    password = answer.context["password"]
    assert password in answer.content.decode()
    mariam = authenticate(username="mariam@example.org", password=password)
    assert (mariam.name, mariam.role, mariam.language) == ("Mariam Kaba", "secretaire", "fr")
    assert mariam.may("payment.record")
    last = mariam.events.order_by("pgh_id").last()
    assert last.pgh_context.metadata["verb"] == "accounts.add_person"
    assert last.pgh_context.metadata["user"] == cast.admin.pk


def test_a_person_is_then_assigned_to_a_branch(client, cast):
    client.force_login(cast.admin)
    client.post(press(client, "add_person"), MARIAM)
    mariam = User.objects.get(email="mariam@example.org")
    form = press(client, "assign", mariam)
    answer = client.post(form, {"user": mariam.pk, "site": cast.kindia.pk, "is_primary": "on"})
    assert answer.status_code == 302
    assert [row.site for row in mariam.assignments.all()] == [cast.kindia]


def test_an_e_mail_is_taken_once_whatever_its_capitals(client, cast):
    client.force_login(cast.admin)
    taken = MARIAM | {"email": cast.coumba.email.upper()}
    answer = client.post(reverse("people:add_person"), taken)
    assert answer.status_code == 409
    assert list(answer.context["form"].errors) == ["email"]
    assert User.objects.filter(email=cast.coumba.email).count() == 1


@pytest.mark.parametrize("wrong", [{"email": "no address"}, {"name": ""}, {"role": "king"}])
def test_a_person_who_is_none_is_marked(client, cast, wrong):
    client.force_login(cast.admin)
    answer = client.post(reverse("people:add_person"), MARIAM | wrong)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == list(wrong)


@pytest.mark.parametrize("person", ["bachir", "coumba", "diallo", "estelle", "fode", "gassim"])
def test_without_the_right_nobody_acts_on_people(client, cast, person):
    other = cast.hadja
    actor = getattr(cast, person)
    client.force_login(actor)
    assert client.post(reverse("people:add_person"), MARIAM).status_code == 403
    for name in ("change_role", "shut_out", "let_in", "renew_password"):
        answer = client.post(reverse(f"people:{name}", args=[other.pk]), {"role": "agent"})
        assert answer.status_code == 403
    with pytest.raises(NotAllowed):
        services.add_person(actor=actor, name="X", email="x@example.org", role="agent")
    assert not User.objects.filter(email__in=["mariam@example.org", "x@example.org"]).exists()


def test_a_role_changes_at_once_and_leaves_its_history(client, cast):
    telephone = Caller(cast.coumba)
    assert "payment.reconcile" not in telephone.get("/api/me").json()["permissions"]
    client.force_login(cast.admin)
    answer = client.post(press(client, "change_role", cast.coumba), {"role": "comptable"})
    assert answer.url == reverse("admin:accounts_user_change", args=[cast.coumba.pk])
    assert "payment.reconcile" in telephone.get("/api/me").json()["permissions"]
    kept = HeldRole.pgh_event_model.objects.filter(
        user=cast.coumba, pgh_context__metadata__verb="accounts.change_role"
    )
    told = [(event.pgh_label, event.group.name) for event in kept.order_by("pgh_id")]
    assert told == [("role_taken", "secretaire"), ("role_given", "comptable")]
    history = client.get(reverse("admin:accounts_user_history", args=[cast.coumba.pk]))
    assert [event.who for event in history.context["events"][:2]] == ["Admin", "Admin"]


def test_the_list_names_roles_as_people_do(client, cast):
    client.force_login(cast.admin)
    page = client.get(reverse("admin:accounts_user_changelist")).content.decode()
    assert re.search(r"Administrat", page)
    assert ">admin<" not in page


def test_nobody_changes_his_own_rights(client, cast):
    make_user("Second", "admin")
    client.force_login(cast.admin)
    for name in ("change_role", "shut_out", "renew_password"):
        answer = client.post(reverse(f"people:{name}", args=[cast.admin.pk]), {"role": "agent"})
        assert answer.status_code == 409, name
    admin = User.objects.get(pk=cast.admin.pk)
    assert (admin.role, admin.is_active, admin.check_password(PASSWORD)) == ("admin", True, True)


def test_the_last_administrator_stays(cast):
    second = make_user("Second", "admin")
    assert second.may("user.manage")
    services.shut_out(actor=cast.admin, person=second)
    User.objects.system()  # an administrator as whom nobody signs in does not count
    for act in (
        lambda: services.shut_out(actor=second, person=cast.admin),
        lambda: services.change_role(actor=second, person=cast.admin, role="pdg"),
    ):
        with pytest.raises(BusinessError) as refusal:
            act()
        assert refusal.value.code == "last_administrator"
    assert User.objects.get(pk=cast.admin.pk).role == "admin"


def test_the_director_gives_no_more_rights_than_she_has(client, cast):
    client.force_login(cast.awa)
    assert client.post(reverse("people:add_person"), MARIAM | {"role": "admin"}).status_code == 400
    with pytest.raises(NotAllowed) as refusal:
        services.change_role(actor=cast.awa, person=cast.coumba, role="admin")
    assert refusal.value.code == "role_out_of_reach"
    for name in ("change_role", "shut_out", "renew_password"):
        answer = client.post(reverse(f"people:{name}", args=[cast.admin.pk]), {"role": "agent"})
        assert answer.status_code == 403, name
    assert User.objects.get(pk=cast.admin.pk).is_active


def test_who_is_shut_out_is_out_everywhere_at_once(client, cast):
    browser, telephone = Client(), Caller(cast.coumba)
    browser.force_login(cast.coumba)
    assert browser.get("/profil/").status_code == 200
    assert me(telephone) == 200
    client.force_login(cast.admin)
    answer = client.post(press(client, "shut_out", cast.coumba))
    assert answer.status_code == 302
    assert browser.get("/profil/").status_code == 302
    assert me(telephone) == 401
    renewed = {"refresh": telephone.tokens["refresh"]}
    assert Caller().post("/api/auth/refresh", renewed).status_code == 401
    assert authenticate(username=cast.coumba.email, password=PASSWORD) is None
    assert client.get("/profil/").status_code == 200


def test_who_is_let_in_signs_in_anew(client, cast):
    browser, telephone = Client(), Caller(cast.coumba)
    browser.force_login(cast.coumba)
    client.force_login(cast.admin)
    client.post(press(client, "shut_out", cast.coumba))
    client.post(press(client, "let_in", cast.coumba))
    assert browser.get("/profil/").status_code == 302
    assert me(telephone) == 401
    assert me(Caller(cast.coumba)) == 200


def test_a_lost_password_is_replaced_and_ends_what_it_opened(client, cast):
    browser, telephone = Client(), Caller(cast.coumba)
    browser.force_login(cast.coumba)
    client.force_login(cast.admin)
    answer = client.post(press(client, "renew_password", cast.coumba))
    fresh = answer.context["password"]
    assert authenticate(username=cast.coumba.email, password=PASSWORD) is None
    assert authenticate(username=cast.coumba.email, password=fresh) == cast.coumba
    assert browser.get("/profil/").status_code == 302
    assert me(telephone) == 401
    last = cast.coumba.events.order_by("pgh_id").last()
    assert (last.pgh_label, last.pgh_context.metadata["user"]) == ("password", cast.admin.pk)


def test_the_person_behind_the_commands_is_nobodys_affair(client, cast):
    system = User.objects.system()
    client.force_login(cast.admin)
    assert client.post(reverse("people:shut_out", args=[system.pk])).status_code == 404
    with pytest.raises(BusinessError):
        services.shut_out(actor=cast.admin, person=system)
    assert User.objects.get(pk=system.pk).is_active


NO_INLINES = {
    f"assignments-{part}_FORMS": "0" for part in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")
}


def test_the_language_of_a_person_is_chosen_and_corrected_by_an_act(client, cast):
    client.force_login(cast.awa)
    change = reverse("admin:accounts_user_change", args=[cast.coumba.pk])
    form = client.get(change).context["adminform"].form
    assert [code for code, _name in form.fields["language"].choices] == ["fr", "en"]
    values = {"name": "Coumba Sylla", "phone": "", "language": "xx"} | NO_INLINES
    assert client.post(change, values).status_code == 200
    assert client.post(change, values | {"language": "en"}).status_code == 302
    assert User.objects.get(pk=cast.coumba.pk).language == "en"
    last = cast.coumba.events.order_by("pgh_id").last()
    assert last.pgh_context.metadata["verb"] == "accounts.correct_person"
    assert (
        client.get(reverse("admin:accounts_user_change", args=[cast.admin.pk])).status_code == 200
    )
