"""Every page of branches, owners, properties and units: opens, refuses, hides, counts."""

import pytest
from django.urls import reverse

from tests.factories import make_lease, make_owner, make_property, make_tenant, make_unit

MOST_QUERIES = 12

SEEN = ["site_list", "owner_list", "property_list", "unit_list"]
OF_OWNER = ["owner_page", "correct_owner", "archive_owner", "owner_history"]
OF_PROPERTY = [
    "property_page",
    "correct_property",
    "archive_property",
    "set_mandate",
    "generate_units",
    "preview_units",
    "report_fault",
    "property_history",
]
OF_UNIT = ["unit_page", "correct_unit", "archive_unit", "unit_history"]
NEW = ["add_owner", "add_property"]


def addresses(*, site, owner, house, unit) -> list[str]:
    at = [reverse(f"sites_app:{name}") for name in SEEN + NEW]
    at += [reverse("sites_app:site_page", args=[site.pk])]
    at += [reverse("sites_app:rule_history", args=[site.pk, "tpa_percent"])]
    at += [reverse(f"sites_app:{name}", args=[owner.pk]) for name in OF_OWNER]
    at += [reverse(f"sites_app:{name}", args=[house.pk]) for name in OF_PROPERTY]
    return at + [reverse(f"sites_app:{name}", args=[unit.pk]) for name in OF_UNIT]


def test_every_page_opens_with_few_queries(client, cast, django_assert_max_num_queries):
    client.force_login(cast.bachir)
    assert cast.lease
    for address in addresses(site=cast.conakry, owner=cast.owner, house=cast.house, unit=cast.unit):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(address).status_code == 200, address


def test_strangers_are_sent_to_the_sign_in(client, cast):
    for address in addresses(site=cast.conakry, owner=cast.owner, house=cast.house, unit=cast.unit):
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer.url.startswith("/accounts/login/"), address


def test_what_belongs_to_another_branch_does_not_exist(client, cast):
    client.force_login(cast.hadja)
    hidden = addresses(site=cast.conakry, owner=cast.owner, house=cast.house, unit=cast.unit)
    own = len(SEEN + NEW)
    for address in hidden[own:]:
        assert client.get(address).status_code == 404, address


def test_no_list_names_what_belongs_to_another_branch(client, cast):
    client.force_login(cast.hadja)
    assert cast.lease
    for name in SEEN:
        for query in ("", "?q=kip%C3%A9", "?q=fod", "?archived=1"):
            body = client.get(reverse(f"sites_app:{name}") + query).content.decode()
            assert cast.house.name not in body
            assert cast.owner.name not in body
    assert client.get(reverse("sites_app:owner_choices") + "?owner=fod").content == b""
    assert client.get(reverse("sites_app:property_choices") + "?property=kip").content == b""


@pytest.mark.parametrize("name", ["add_owner", "add_property"])
def test_the_secretary_may_look_but_not_enter(client, cast, name):
    client.force_login(cast.coumba)
    assert client.get(reverse("sites_app:property_list")).status_code == 200
    assert client.get(reverse(f"sites_app:{name}")).status_code == 403
    assert client.post(reverse(f"sites_app:{name}"), {}).status_code == 403


def test_an_owner_sees_his_own_properties_alone(client, cast):
    other = make_property(site=cast.conakry, name="Immeuble Sangoyah")
    client.force_login(cast.fode)
    assert cast.house
    assert client.get(reverse("sites_app:property_page", args=[cast.house.pk])).status_code == 200
    assert client.get(reverse("sites_app:property_page", args=[other.pk])).status_code == 404
    assert client.get(reverse("sites_app:owner_list")).status_code == 403


def test_the_number_of_rows_does_not_change_the_number_of_queries(
    client, cast, django_assert_max_num_queries
):
    for number in range(30):
        owner = make_owner(cast.conakry, name=f"Propriétaire {number}")
        house = make_property(site=cast.conakry, owner=owner, name=f"Immeuble {number}")
        unit = make_unit(house, advised_rent=1_000_000)
        if number % 2:
            make_lease(unit=unit, tenant=make_tenant(site=cast.conakry))
    client.force_login(cast.bachir)
    for name in SEEN:
        with django_assert_max_num_queries(8):
            answer = client.get(reverse(f"sites_app:{name}"))
        assert answer.status_code == 200


def test_lists_stop_at_fifty_rows_and_sum_all_pages(client, cast):
    house = make_property(site=cast.conakry)
    for number in range(55):
        make_unit(house, f"A{number}", advised_rent=1_000)
    client.force_login(cast.bachir)
    first = client.get(reverse("sites_app:unit_list"))
    assert len(first.context["page"].object_list) == 50
    assert [(row["number"], row["rent"]) for row in first.context["sums"]] == [(55, 55_000)]
    assert len(client.get(reverse("sites_app:unit_list") + "?page=2").context["page"]) == 5


def test_the_branch_switch_narrows_every_list(client, cast):
    near, far = cast.house, make_property(site=cast.kindia, name="Immeuble Manquepas")
    client.force_login(cast.awa)
    client.post(reverse("switch_site"), {"site": "GN_KINDIA", "next": "/biens/"})
    shown = client.get(reverse("sites_app:property_list")).context["page"].object_list
    assert list(shown) == [far]
    client.post(reverse("switch_site"), {"site": ""})
    shown = client.get(reverse("sites_app:property_list")).context["page"].object_list
    assert set(shown) == {near, far}


def test_nobody_switches_to_a_branch_that_is_not_his(client, cast):
    assert cast.house
    client.force_login(cast.hadja)
    client.post(reverse("switch_site"), {"site": "GN_CONAKRY", "next": "https://evil.example/"})
    assert not client.get(reverse("sites_app:property_list")).context["page"].object_list
