"""A NUL character, which no text of the database can hold, is refused and breaks nothing."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    ["/recherche/?q=%00", "/locataires/?q=a%00", "/agences/%00/", "/api/tenants?search=%00"],
)
def test_an_address_with_it_is_a_bad_request(client, cast, address):
    client.force_login(cast.bachir)
    assert client.get(address).status_code == 400


def test_a_form_with_it_is_marked(client, cast):
    client.force_login(cast.bachir)
    form = {"site": cast.conakry.pk, "owner": "\x00", "name": "Villa Kipé", "kind": "villa"}
    answer = client.post(reverse("sites_app:add_property"), form)
    assert answer.status_code == 400
    assert "owner" in answer.context["form"].errors
