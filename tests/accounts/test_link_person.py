"""An owner or a tenant signs in: whose rows the person then sees."""

import pytest
from django.urls import reverse

from tests.cast import make_user
from tests.factories import make_owner, make_property

pytestmark = pytest.mark.django_db


@pytest.fixture
def abroad(cast):
    """An owner of Conakry, and the person who is to see his houses."""
    owner = make_owner(cast.conakry, "Oumou Diané")
    make_property(site=cast.conakry, owner=owner, name="Villa Lambanyi")
    return owner, make_user("Oumou Diane", "proprietaire")


def address(owner):
    return reverse("sites_app:link_owner", args=[owner.pk])


def test_the_person_sees_the_owner_s_houses_from_then_on(cast, sign_in, abroad):
    owner, person = abroad
    assert sign_in(cast.admin).post(address(owner), {"email": person.email}).status_code == 302
    page = sign_in(person).get(reverse("reporting:owner_dashboard"))
    assert page.status_code == 200
    assert "Villa Lambanyi" in page.content.decode()


def test_an_empty_address_takes_the_sight_away(cast, sign_in, abroad):
    owner, person = abroad
    client = sign_in(cast.admin)
    client.post(address(owner), {"email": person.email})
    client.post(address(owner), {"email": ""})
    owner.refresh_from_db()
    assert owner.user is None


@pytest.mark.parametrize("who", ["nobody@example.org", "coumba", "fode"])
def test_refuses_who_is_no_owner_or_stands_for_another(cast, sign_in, abroad, who):
    owner, _person = abroad
    assert cast.owner.user == cast.fode
    email = who if "@" in who else getattr(cast, who).email
    answer = sign_in(cast.admin).post(address(owner), {"email": email})
    assert answer.status_code == 409
    owner.refresh_from_db()
    assert owner.user is None


def test_a_tenant_is_linked_by_the_same_act(cast, sign_in):
    tenant, person = cast.tenant, cast.gassim
    page = reverse("tenants:link_tenant", args=[tenant.pk])
    assert sign_in(cast.admin).post(page, {"email": ""}).status_code == 302
    assert sign_in(cast.admin).post(page, {"email": person.email}).status_code == 302
    tenant.refresh_from_db()
    assert tenant.user == person
