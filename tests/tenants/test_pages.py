"""Every page of tenants and leases: opens, refuses, hides, counts."""

import pytest
from django.urls import reverse

from tests.factories import make_lease, make_tenant

MOST_QUERIES = 12
OF_TENANT = [
    "tenant_page",
    "correct_tenant",
    "archive_tenant",
    "add_guarantor",
    "tenant_history",
]
OF_LEASE = [
    "lease_page",
    "sign_prepared_lease",
    "correct_lease",
    "change_rent",
    "give_notice",
    "end_lease",
    "lease_history",
]


def addresses(tenant, lease) -> list[str]:
    at = [reverse(f"tenants:{name}", args=[tenant.pk]) for name in OF_TENANT]
    return at + [reverse(f"tenants:{name}", args=[lease.pk]) for name in OF_LEASE]


LISTS = ["tenants:tenant_list", "tenants:lease_list", "tenants:add_tenant", "tenants:sign_lease"]


def test_every_page_opens_with_few_queries(client, cast, django_assert_max_num_queries):
    client.force_login(cast.bachir)
    new_lease = f"{reverse('tenants:sign_lease')}?property={cast.lease.property_id}"
    for address in [
        *map(reverse, LISTS),
        new_lease,
        *addresses(cast.tenant, cast.lease),
    ]:
        with django_assert_max_num_queries(MOST_QUERIES + 4):  # panels of the apps above included
            assert client.get(address).status_code == 200, address


def test_strangers_are_sent_to_the_sign_in(client, cast):
    for address in [*map(reverse, LISTS), *addresses(cast.tenant, cast.lease)]:
        assert client.get(address).status_code == 302, address


def test_what_belongs_to_another_branch_does_not_exist(client, cast):
    client.force_login(cast.hadja)
    for address in addresses(cast.tenant, cast.lease):
        assert client.get(address).status_code == 404, address
        assert client.post(address, {"reason": "?"}).status_code in (404, 405), address
    for query in ("", "?q=gassim", "?q=622112233", "?standing=all"):
        for name in ("tenants:tenant_list", "tenants:lease_list"):
            assert "Gassim" not in client.get(reverse(name) + query).content.decode()
    assert client.get(reverse("tenants:tenant_choices") + "?tenant=gassim").content == b""
    house = cast.lease.property_id
    assert client.get(reverse("tenants:preview_lease") + f"?property={house}").status_code == 404


@pytest.mark.parametrize("name", ["correct_lease", "change_rent", "give_notice", "end_lease"])
def test_the_secretary_reads_leases_and_ends_none(client, cast, name):
    client.force_login(cast.coumba)
    assert client.get(reverse("tenants:lease_page", args=[cast.lease.pk])).status_code == 200
    assert client.get(reverse(f"tenants:{name}", args=[cast.lease.pk])).status_code == 403
    assert client.post(reverse(f"tenants:{name}", args=[cast.lease.pk])).status_code == 403


def test_a_tenant_sees_his_own_lease_alone(client, cast):
    other = make_lease(site=cast.conakry)
    client.force_login(cast.gassim)
    assert client.get(reverse("tenants:lease_page", args=[cast.lease.pk])).status_code == 200
    assert client.get(reverse("tenants:lease_page", args=[other.pk])).status_code == 404
    assert client.get(reverse("tenants:tenant_list")).status_code == 403


def test_the_number_of_rows_does_not_change_the_number_of_queries(
    client, cast, django_assert_max_num_queries
):
    for number in range(30):
        make_lease(
            site=cast.conakry, tenant=make_tenant(site=cast.conakry, name=f"Locataire {number}")
        )
    client.force_login(cast.bachir)
    for name in ("tenants:tenant_list", "tenants:lease_list"):
        with django_assert_max_num_queries(9):
            answer = client.get(reverse(name))
        assert len(answer.context["page"].object_list) == 30


def test_the_foot_of_the_list_is_the_sum_of_its_rows(client, cast):
    for rent in (700_000, 800_000):
        make_lease(site=cast.conakry, rent=rent)
    make_lease(site=cast.dakar, rent=150_000)
    client.force_login(cast.admin)
    sums = client.get(reverse("tenants:lease_list")).context["sums"]
    assert [(row["site__currency"], row["number"], row["rent"]) for row in sums] == [
        ("GNF", 2, 1_500_000)
    ]
