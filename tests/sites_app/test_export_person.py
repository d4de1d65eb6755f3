"""All that is kept of one person is handed out as one file, and that it was is on record."""

import io
import json
import zipfile
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from payments.models import PaymentClaim
from payments.services.payouts import set_payment_details
from tenants.models import Tenant
from tests.factories import make_property, make_tenant, pay

pytestmark = pytest.mark.django_db


def taken(client, name, row):
    """Export ``row`` as whoever is signed in; return the rows by table and the names of files."""
    address = reverse(name, args=[row.pk])
    assert client.get(address).status_code == 200
    answer = client.post(address)
    assert answer["Content-Type"] == "application/zip"
    assert "no-store" in answer["Cache-Control"]
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    files = {name: packed.read(name) for name in packed.namelist()}
    return json.loads(files.pop("data.json")), files


@pytest.fixture
def gassim(cast):
    """Gassim, who paid once, says to have paid again and sent a photo."""
    pay(cast.lease, 250_000)
    claim = PaymentClaim(
        site=cast.conakry, lease=cast.lease, amount=5, method="cash", paid_on="2026-10-01"
    )
    claim.photo.save("photo.jpg", ContentFile(b"a photo"))
    Tenant.objects.filter(pk=cast.tenant.pk).update(identity="CNI 123")
    return cast.tenant


def test_a_tenants_file_holds_every_table_and_photo(client, cast, gassim):
    neighbour = make_tenant(site=cast.conakry, name="Mory Bah")
    client.force_login(cast.coumba)
    data, files = taken(client, "tenants:export_tenant", gassim)
    (told,) = data["tenants.Tenant"]
    assert (told["name"], told["identity"]) == ("Gassim Touré", "CNI 123")
    assert [row["number"] for row in data["tenants.TenantPhone"]] == ["+224622112233"]
    assert [row["amount"] for row in data["payments.Payment"]] == [250_000]
    assert {"tenants.Lease", "payments.Receipt"} <= set(data)
    assert list(files.values()) == [b"a photo"]
    assert str(neighbour.name) not in json.dumps(data)
    assert not [label for label in data if label.endswith("Event")]


def test_an_owners_file_holds_the_account_number(client, cast):
    set_payment_details(
        actor=cast.awa, site=cast.conakry, owner=cast.owner, method="wave", number="622001122"
    )
    assert cast.house
    client.force_login(cast.coumba)
    data, _files = taken(client, "sites_app:export_owner", cast.owner)
    assert data["sites_app.Owner"][0]["code"] == "P-0001"
    assert [row["name"] for row in data["sites_app.Property"]] == ["Villa Kipé"]
    assert data["payments.OwnerPaymentDetails"][0]["number"] == {"number": "622001122"}


def test_another_branchs_part_stays_there(client, cast):
    assert cast.house
    make_property(site=cast.kindia, owner=cast.owner, name="Villa de Kindia", commission=Decimal(8))
    client.force_login(cast.coumba)
    data, _files = taken(client, "sites_app:export_owner", cast.owner)
    assert [row["name"] for row in data["sites_app.Property"]] == ["Villa Kipé"]
    client.force_login(cast.awa)
    data, _files = taken(client, "sites_app:export_owner", cast.owner)
    assert len(data["sites_app.Property"]) == 2


def test_it_is_on_record(client, cast, gassim):
    client.force_login(cast.coumba)
    taken(client, "tenants:export_tenant", gassim)
    last = gassim.events.order_by("pgh_id").last()
    assert last.pgh_label == "exported"
    said = last.pgh_context.metadata
    assert (said["verb"], said["user"]) == ("sites_app.export_person", cast.coumba.pk)
    assert "address" in said


def test_looking_at_the_page_exports_nothing(client, cast, gassim):
    client.force_login(cast.coumba)
    before = gassim.events.count()
    client.get(reverse("tenants:export_tenant", args=[gassim.pk]))
    assert gassim.events.count() == before


def test_not_everybody_may(client, cast, gassim):
    for person, status in ((cast.estelle, 403), (cast.gassim, 403), (cast.hadja, 404)):
        client.force_login(person)
        answer = client.post(reverse("tenants:export_tenant", args=[gassim.pk]))
        assert answer.status_code == status
