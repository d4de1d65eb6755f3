"""Tenants: entered, corrected, found by whatever one remembers."""

import pytest
from django.urls import reverse

from akig.lib.errors import BusinessError
from tenants.models import Tenant
from tenants.services import add_guarantor, add_tenant, archive_tenant, correct_tenant
from tests.factories import make_lease, make_property, make_tenant, make_unit


def test_a_tenant_is_entered_with_telephones_and_the_next_code(client, cast):
    client.force_login(cast.coumba)
    data = {
        "name": "Aïssatou  Baldé",
        "phone_1": "+221 77 123 45 67",
        "phone_2": "622-00-12-34",
        "phone_3": "622 00 12 34",
        "language": "fr",
        "channel": "call",
        "site": cast.conakry.pk,
    }
    answer = client.post(reverse("tenants:add_tenant"), data)
    tenant = Tenant.objects.get(name="Aïssatou Baldé")
    assert answer.url == reverse("tenants:tenant_page", args=[tenant.pk])
    phones = {str(phone.number): phone.is_primary for phone in tenant.phones.all()}
    assert phones == {"+221771234567": True, "+224622001234": False}
    assert tenant.code.startswith("L-")


def test_codes_are_unique_within_a_branch_and_count_in_each(cast):
    first = add_tenant(actor=cast.bachir, site=cast.conakry, name="Un", code="L-0041")
    assert add_tenant(actor=cast.bachir, site=cast.conakry, name="Deux").code == "L-0042"
    with pytest.raises(BusinessError) as refusal:
        add_tenant(actor=cast.bachir, site=cast.conakry, name="Trois", code=first.code)
    assert refusal.value.code == "duplicate_code"
    assert add_tenant(actor=cast.hadja, site=cast.kindia, name="Un", code="L-0041")


@pytest.mark.parametrize("number", ["12345", "622 00 12 3", "abc"])
def test_a_telephone_that_is_none_is_refused_beside_its_field(client, cast, number):
    client.force_login(cast.coumba)
    data = {"name": "Sans téléphone", "phone_1": number, "language": "fr", "channel": "call"}
    answer = client.post(reverse("tenants:add_tenant"), data | {"site": cast.conakry.pk})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["phone_1"]
    assert not Tenant.objects.filter(name="Sans téléphone").exists()


def test_nobody_enters_a_tenant_into_another_branch(client, cast):
    client.force_login(cast.coumba)
    data = {"name": "Ailleurs", "language": "fr", "channel": "call", "site": cast.kindia.pk}
    assert client.post(reverse("tenants:add_tenant"), data).status_code == 400
    assert not Tenant.objects.filter(name="Ailleurs").exists()


def test_telephones_are_replaced_and_the_history_tells(cast):
    correct_tenant(
        actor=cast.coumba, tenant=cast.tenant, phones=[("+224655000000", True)], profession="maçon"
    )
    assert [str(phone.number) for phone in cast.tenant.phones.all()] == ["+224655000000"]
    changed = cast.tenant.events.order_by("pgh_id").last()
    assert changed.profession == "maçon"
    assert changed.pgh_context.metadata["verb"] == "tenants.correct_tenant"


def test_a_guarantor_stands_on_the_page(client, cast):
    add_guarantor(actor=cast.coumba, tenant=cast.tenant, name="Hadja Sidibé", phone="+224622009988")
    client.force_login(cast.coumba)
    page = client.get(reverse("tenants:tenant_page", args=[cast.tenant.pk]))
    assert "Hadja Sidibé" in page.content.decode()


def test_a_tenant_whose_lease_runs_is_not_archived(cast):
    assert cast.lease
    with pytest.raises(BusinessError) as refusal:
        archive_tenant(actor=cast.bachir, tenant=cast.tenant)
    assert refusal.value.code == "tenant_in_use"


@pytest.fixture
def found(client, cast):
    house = make_property(site=cast.conakry)
    tenant = make_tenant(site=cast.conakry, name="Néné Kouyaté Baldé", phone="+224622001234")
    make_lease(unit=make_unit(house, "ZB12"), tenant=tenant)
    make_tenant(site=cast.conakry, name="Ibrahima Sow", phone="+224628990011")
    client.force_login(cast.coumba)

    def ask(text):
        page = client.get(reverse("tenants:tenant_list"), {"q": text}).context["page"]
        return [row.name for row in page.object_list]

    return ask


@pytest.mark.parametrize(
    "text",
    [
        "nene",
        "BALDÉ",
        "kouyate bal",
        "balde nene",
        "622001234",
        "622 00 12 34",
        "+224 622-00-12-34",
        "00224622001234",
        "200123",
        "zb12",
        "néné zb12",
    ],
)
def test_finds_by_parts_without_accents_by_telephone_and_by_unit(found, text):
    assert found(text) == ["Néné Kouyaté Baldé"]


@pytest.mark.parametrize("text", ["nen_", "%", "622 00 12 35", "nene sow", "'; --"])
def test_finds_nothing_where_nothing_matches(found, text):
    assert found(text) == []


def test_who_calls_notes_when_a_tenant_can_be_visited(client, cast):
    client.force_login(cast.estelle)
    page = f"/locataires/{cast.tenant.pk}/visites"
    hours = {"visit_days": ["6", "1"], "visit_from": "17:00", "visit_until": "19:30"}
    wrong = client.post(page, {**hours, "version": 1, "visit_until": "16:00"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (409, ["visit_until"])
    back = client.post(f"{page}?next=/recouvrement/", {**hours, "version": 1})
    assert back["Location"] == "/recouvrement/"
    cast.tenant.refresh_from_db()
    assert sorted(cast.tenant.visit_days) == [1, 6]
    assert cast.tenant.visiting_hours.endswith("17:00–19:30")
    event = cast.tenant.events.latest("pgh_id")
    assert event.pgh_context.metadata["user"] == cast.estelle.pk
    stale = client.post(page, {"version": 1})
    assert stale.status_code == 409
    client.force_login(cast.diallo)
    assert client.get(page).status_code == 403
