"""Identity documents are kept encrypted; consent and the wish not to be contacted are noted."""

import pytest
from django.contrib import admin
from django.db import connection
from django.urls import reverse

from sites_app.services.importing import import_files
from tenants.admin import TenantAdmin
from tenants.models import Guarantor, Tenant
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db
NUMBER = "CNI 1234567890"


@pytest.fixture
def known(client, cast):
    """Gassim, whose identity document the secretary wrote down on his page."""
    client.force_login(cast.coumba)
    sent = {
        "version": cast.tenant.version, "name": cast.tenant.name, "phone_1": cast.tenant.phone,
        "language": "fr", "channel": "call", "state": "active", "identity": NUMBER,
        "agreed_on": "2026-01-02", "do_not_contact": "on",
        "do_not_contact_reason": "Demande écrite",
    }  # fmt: skip
    answer = client.post(reverse("tenants:correct_tenant", args=[cast.tenant.pk]), sent)
    assert answer.status_code == 302
    return Tenant.objects.get(pk=cast.tenant.pk)


def in_clear(*tables) -> bool:
    kept = ""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT string_agg(row_to_json(t)::text, '') FROM {table} t")
            kept += cursor.fetchone()[0] or ""
    return "1234567890" in kept


def test_the_database_holds_it_encrypted_only(known):
    assert known.identity == NUMBER
    assert not in_clear("tenants_tenant", "tenants_tenantevent")


def test_a_guarantors_too(client, cast):
    client.force_login(cast.coumba)
    sent = {"name": "Mory Bah", "identity": NUMBER}
    client.post(reverse("tenants:add_guarantor", args=[cast.tenant.pk]), sent)
    assert Guarantor.objects.get(tenant=cast.tenant).identity == NUMBER
    assert not in_clear("tenants_guarantor", "tenants_guarantorevent")


def test_only_who_may_correct_it_reads_it(client, cast, known):
    page = reverse("tenants:tenant_page", args=[known.pk])
    assert NUMBER in client.get(page).content.decode()
    client.force_login(cast.estelle)
    assert NUMBER not in client.get(page).content.decode()
    assert NUMBER not in Caller(cast.coumba).get(f"/api/tenants/{known.pk}").content.decode()


def test_the_back_office_and_its_files_leave_it_out(client, cast, known):
    client.force_login(cast.admin)
    for address in (f"{known.pk}/change/", "export/"):
        assert NUMBER not in client.get(f"/admin/tenants/tenant/{address}").content.decode()
    names = TenantAdmin(Tenant, admin.site).get_export_resource_classes(None)[0]().fields
    assert "profession" in names
    assert "identity" not in names


def test_consent_is_on_record(known, cast):
    shown = Caller(cast.coumba).get(f"/api/tenants/{known.pk}").json()
    assert (shown["agreed_on"], shown["do_not_contact"]) == ("2026-01-02", True)
    last = known.events.order_by("pgh_id").last()
    assert (str(last.agreed_on), last.do_not_contact) == ("2026-01-02", True)


def test_nobody_is_left_alone_without_a_word_why(cast):
    caller, address = Caller(cast.coumba), f"/api/tenants/{cast.tenant.pk}"
    refused = caller.patch(address, {"do_not_contact": True})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (
        400,
        "do_not_contact_reason",
    )
    said = {"do_not_contact": True, "do_not_contact_reason": "Demande écrite"}
    assert caller.patch(address, said).json()["do_not_contact_reason"] == "Demande écrite"
    assert caller.patch(address, {"do_not_contact_reason": " "}).status_code == 400
    assert caller.patch(address, {"do_not_contact": False}).status_code == 200


def test_spreadsheets_bring_it_in(cast):
    rows = (
        f"Nom et prénom;Téléphone;Agence;Pièce d'identité\nMory Bah;622001199;GN_CONAKRY;{NUMBER}\n"
    )
    import_files(actor=cast.awa, files=[("locataires.csv", rows.encode())])
    assert Tenant.objects.get(name="Mory Bah").identity == NUMBER
