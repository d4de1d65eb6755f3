"""One box that finds everything, and nothing of another branch."""

import pytest
from django.urls import reverse

from tests.factories import make_tenant


def hits(client, text) -> dict[str, list[str]]:
    groups = client.get(reverse("search"), {"q": text}).context["groups"]
    return {str(group.label): [hit.name for hit in group.hits] for group in groups}


@pytest.mark.parametrize("text", ["gassim", "TOURÉ", "622112233", "+224 622 11 22 33", "kipe a1"])
def test_finds_a_tenant_by_whatever_one_remembers(client, cast, text):
    assert cast.lease
    client.force_login(cast.coumba)
    names = [name for group in hits(client, text).values() for name in group]
    assert "Gassim Touré" in names or "Villa Kipé · A1" in names


def test_every_hit_opens(client, cast):
    client.force_login(cast.bachir)
    for text in (cast.lease.reference, "kipé", "fodé"):
        groups = client.get(reverse("search"), {"q": text}).context["groups"]
        assert groups
        for group in groups:
            for hit in group.hits:
                assert client.get(hit.address).status_code == 200


def test_one_query_asks_for_everything(client, cast, django_assert_max_num_queries):
    assert cast.lease
    client.force_login(cast.bachir)
    with django_assert_max_num_queries(6):
        client.get(reverse("search"), {"q": "gassim"})


@pytest.mark.parametrize("text", ["gassim", "622112233", "kipé", "fodé", "A1", ""])
def test_finds_nothing_of_another_branch(client, cast, text):
    assert cast.lease
    client.force_login(cast.hadja)
    assert hits(client, text) == {}


def test_more_than_a_handful_leads_to_the_list(client, cast):
    for number in range(9):
        make_tenant(site=cast.conakry, name=f"Mamadou {number}")
    client.force_login(cast.coumba)
    groups = client.get(reverse("search"), {"q": "mamadou"}).context["groups"]
    tenants = next(group for group in groups if group.more == reverse("tenants:tenant_list"))
    assert len(tenants.hits) == 6
