"""One property is shared with one person by exception: it is read, and nothing beside it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from akig.lib import isolation
from akig.lib.errors import BusinessError, Conflict, NotAllowed
from payments.models import Payment
from sites_app.models import Property, PropertyShare
from sites_app.services.sharing import share_property, unshare_property
from tests.api.conftest import Caller
from tests.architecture.test_isolation import seen_in_a_request_of
from tests.cast import make_user
from tests.factories import charge, make_lease, make_property, make_unit, pay

pytestmark = pytest.mark.django_db
NOUNS = ("properties", "units", "tenants", "leases", "payments")


@pytest.fixture
def shared(cast):
    """Conakry with two houses let to Gassim, and a person of Kindia with whom one is shared."""
    beside = make_unit(make_property(site=cast.conakry, name="Villa Taouyah"), "Z9")
    other = make_lease(unit=beside, tenant=cast.tenant, rent=500_000, start=date(2026, 1, 1))
    alone = make_lease(site=cast.conakry, rent=300_000, start=date(2026, 1, 1))
    for lease in (cast.lease, other, alone):
        charge(lease, lease.rent, date(2026, 1, 1))
        pay(lease, 100_000)
    return share(cast)


def share(cast, **fields):
    usual = {"person": cast.hadja, "property": cast.house, "reason": "Audit 2026"}
    fields = usual | {"ends_on": timezone.localdate()} | fields
    return share_property(actor=cast.awa, **fields)


def keys(caller, noun, **query):
    return [row["id"] for row in caller.get(f"/api/{noun}", query).json()["results"]]


def test_the_api_shows_the_property_and_what_hangs_on_it_alone(cast, shared):
    caller = Caller(cast.hadja)
    payment = Payment.objects.get(lease=cast.lease)
    own = (cast.house, cast.unit, cast.tenant, cast.lease, payment)
    for noun, row in zip(NOUNS, own, strict=True):
        assert keys(caller, noun) == [row.pk], noun
        assert caller.get(f"/api/{noun}/{row.pk}").status_code == 200, noun
        beside = type(row).objects.exclude(pk=row.pk).first()
        if beside is not None:
            assert caller.get(f"/api/{noun}/{beside.pk}").status_code == 404, noun
    tenant = caller.get(f"/api/tenants/{cast.tenant.pk}").json()
    assert "Z9" not in str(tenant)
    assert "A1" in str(tenant)
    account = caller.get(f"/api/tenants/{cast.tenant.pk}/statement").json()
    assert account["closing_balance"] == 900_000
    assert [site["id"] for site in caller.get("/api/sites").json()["results"]] == ["GN_KINDIA"]
    assert caller.get("/api/properties", {"site": "GN_CONAKRY"}).status_code == 403


def test_pages_show_it_beside_ones_own(client, cast, shared):
    client.force_login(cast.hadja)
    assert cast.far_lease
    page = client.get(reverse("sites_app:property_list")).context["page"]
    assert {house.name for house in page} == {"Villa Kipé", "Immeuble Manquepas"}
    page = client.get(reverse("tenants:tenant_page", args=[cast.tenant.pk]))
    assert list(page.context["leases"]) == [cast.lease]
    (line,) = [row for row in client.get(reverse("tenants:tenant_list")).context["page"]
               if row == cast.tenant]  # fmt: skip
    assert line.running == [cast.lease]
    everybody = client.get(reverse("payments:payment_list"), {"tenant": cast.tenant.pk}).context
    assert [payment.lease for payment in everybody["page"]] == [cast.lease]
    other = Property.objects.get(name="Villa Taouyah")
    assert client.get(reverse("sites_app:property_page", args=[other.pk])).status_code == 404


def test_the_search_finds_it_and_what_it_finds_opens(client, cast, shared):
    client.force_login(cast.hadja)
    for text, names in (("gassim", {"Gassim Touré"}), ("kipé", {"Villa Kipé"}), ("taouyah", set())):
        groups = client.get(reverse("search"), {"q": text}).context["groups"]
        hits = [hit for group in groups for hit in group.hits]
        assert names <= {hit.name for hit in hits}, text
        assert bool(hits) == bool(names), text
        assert {client.get(hit.address).status_code for hit in hits} <= {200}, text


def test_whoever_works_nowhere_sees_what_is_shared(client, cast):
    outsider = make_user("Nene Balde", "comptable")
    share(cast, person=outsider)
    client.force_login(outsider)
    assert client.get("/").status_code == 200
    assert list(client.get(reverse("sites_app:property_list")).context["page"]) == [cast.house]
    assert keys(Caller(outsider), "properties") == [cast.house.pk]


def test_no_act_reaches_what_is_shared(cast, shared):
    caller = Caller(cast.hadja)
    changes = {"properties": cast.house, "units": cast.unit, "tenants": cast.tenant}
    for noun, row in changes.items():
        assert caller.patch(f"/api/{noun}/{row.pk}", {"notes": "X"}).status_code == 404, noun
    count = Payment.objects.count()
    asked = {"lease": cast.lease.pk, "amount": 5000, "method": "cash"}
    assert 400 <= caller.post("/api/payments", asked).status_code < 500
    payment = Payment.objects.get(lease=cast.lease)
    refused = caller.post(f"/api/payments/{payment.pk}/cancel", {"reason": "X"})
    assert refused.status_code in (403, 404)
    assert Payment.objects.confirmed().count() == count


def test_the_database_shows_the_branch_to_who_reads_and_to_nobody_else(cast, shared):
    ask = "SELECT name FROM sites_app_property WHERE site_id = 'GN_CONAKRY'"
    assert seen_in_a_request_of(cast.hadja, ask) == []
    with isolation.reading("POST", "property.view"):
        assert seen_in_a_request_of(cast.hadja, ask) == []
    with isolation.reading("GET", "property.manage"):
        assert seen_in_a_request_of(cast.hadja, ask) == []
    with isolation.reading("GET", "property.view"):
        assert ("Villa Kipé",) in seen_in_a_request_of(cast.hadja, ask)
        assert seen_in_a_request_of(cast.gassim, ask.replace("CONAKRY", "KINDIA")) == []


def test_a_share_ends_with_its_day(cast, shared):
    caller = Caller(cast.hadja)
    assert keys(caller, "properties") == [cast.house.pk]
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        caller = Caller(cast.hadja)
        assert keys(caller, "properties") == []


def test_a_share_that_is_ended_gives_nothing_at_once(client, cast, shared):
    caller = Caller(cast.hadja)
    assert keys(caller, "properties") == [cast.house.pk]
    client.force_login(cast.awa)
    page = reverse("sites_app:unshare_property", args=[shared.pk])
    for _twice in range(2):
        assert client.post(page).status_code == 302
    assert keys(caller, "properties") == []
    assert caller.get(f"/api/leases/{cast.lease.pk}").status_code == 404
    listed = client.get(reverse("authority")).context["shares"]
    assert [(row.user, row.has_ended) for row in listed] == [(cast.hadja, True)]


def test_the_page_shares_and_the_history_names_the_act(client, cast):
    client.force_login(cast.awa)
    page = reverse("sites_app:share_property", args=[cast.hadja.pk])
    form = {"property": cast.house.code, "ends_on": "2099-12-31", "reason": "  Audit  2026 "}
    for _twice in range(2):
        assert client.post(page, form).status_code == 302
    row = PropertyShare.objects.get()
    assert (row.user, row.content_object, row.site) == (cast.hadja, cast.house, cast.conakry)
    assert (row.ends_on, row.reason) == (date(2099, 12, 31), "Audit 2026")
    (event,) = row.events.all()
    told = event.pgh_context.metadata
    assert (told["verb"], told["user"]) == ("sites_app.share_property", cast.awa.pk)
    person = client.get(reverse("person_page", args=[cast.hadja.pk])).context
    assert [share.reason for share in person["shares"]] == ["Audit 2026"]
    (told,) = [event for event in person["events"] if event.who == "Awa Barry"]
    assert {change.after for change in told.changes} == {"Villa Kipé", "31/12/2099", "Audit 2026"}


def test_what_cannot_be_shared_is_refused(cast):
    with pytest.raises(BusinessError) as refusal:
        share(cast, ends_on=timezone.localdate() - timedelta(days=1))
    assert refusal.value.code == "already_over"
    with pytest.raises(BusinessError) as refusal:
        share(cast, person=cast.gassim)
    assert refusal.value.code == "not_staff"
    with pytest.raises(Conflict) as refusal:
        share(cast, person=cast.awa)
    assert refusal.value.code == "own_account"
    with pytest.raises(NotAllowed):
        share(cast, person=cast.admin)
    with pytest.raises(NotAllowed):
        share_property(
            actor=cast.bachir,
            person=cast.hadja,
            property=cast.house,
            ends_on=timezone.localdate(),
            reason="X",
        )
    with pytest.raises(BusinessError):
        share(cast, reason=" ")
    assert not PropertyShare.objects.exists()
    row = share(cast)
    with pytest.raises(NotAllowed):
        unshare_property(actor=cast.bachir, share=row)


def test_nobody_hands_on_what_was_shared_with_him(client, cast):
    director = make_user("Sekou Conte", "pdg", cast.kindia)
    share(cast, person=director)
    client.force_login(director)
    page = reverse("sites_app:share_property", args=[cast.hadja.pk])
    form = {"property": cast.house.code, "ends_on": "2099-12-31", "reason": "Audit"}
    assert list(client.post(page, form).context["form"].errors) == ["property"]
    assert PropertyShare.objects.count() == 1
