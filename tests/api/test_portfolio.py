"""Branches, owners, properties, units, tenants and leases through the API's door."""

from datetime import date

import pytest

from sites_app.models import Equipment, MaintenanceTicket, Owner, Property, Site, Unit
from tenants.models import Lease, Tenant
from tests.factories import make_lease, make_property, make_tenant, make_unit


def errors(answer):
    return {error["field"] for error in answer.json()["errors"]}


@pytest.fixture
def rows(cast):
    """One row of each noun at Conakry, by address."""
    thing = Equipment.objects.create(site=cast.conakry, property=cast.house, name="Pompe")
    ticket = MaintenanceTicket.objects.create(
        site=cast.conakry, property=cast.house, title="Fuite d'eau"
    )
    return {
        "sites": cast.conakry.pk,
        "owners": cast.owner.pk,
        "properties": cast.house.pk,
        "units": cast.unit.pk,
        "tenants": cast.tenant.pk,
        "leases": cast.lease.pk,
        "equipment": thing.pk,
        "maintenance": ticket.pk,
    }


NOUNS = [
    "sites",
    "owners",
    "properties",
    "units",
    "tenants",
    "leases",
    "equipment",
    "maintenance",
]


@pytest.mark.parametrize("noun", NOUNS)
def test_lists_and_reads(call, rows, noun):
    page = call("bachir").get(f"/api/{noun}").json()
    assert (page["count"], page["next"], page["previous"]) == (1, None, None)
    one = call("bachir").get(f"/api/{noun}/{rows[noun]}")
    assert one.json() == page["results"][0]
    assert one.json()["id"] == rows[noun]
    assert one["ETag"] == f'"{one.json()["version"]}"'
    assert one.json()["created_at"].endswith("Z")


@pytest.mark.parametrize("noun", NOUNS)
def test_another_branch_sees_nothing(call, rows, noun):
    hadja = call("hadja")
    assert rows[noun] not in [row["id"] for row in hadja.get(f"/api/{noun}").json()["results"]]
    absent = hadja.get(f"/api/{noun}/{rows[noun]}")
    never = hadja.get(f"/api/{noun}/999999")
    assert absent.status_code == never.status_code == 404
    assert absent.json() == never.json()
    change = hadja.patch(f"/api/{noun}/{rows[noun]}", {"notes": "x"})
    assert change.status_code in (403, 404)


@pytest.mark.parametrize("noun", NOUNS)
def test_nothing_is_deleted_or_replaced(call, rows, noun):
    for method in ("DELETE", "PUT"):
        answer = call("admin").generic(method, f"/api/{noun}/{rows[noun]}", {})
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("noun", NOUNS)
def test_narrows_to_a_branch(call, rows, cast, noun):
    assert cast.far_lease
    admin = call("admin")
    for options in ({"HTTP_X_SITE_ID": "GN_KINDIA"}, {"QUERY_STRING": "site=GN_KINDIA"}):
        shown = admin.get(f"/api/{noun}", **options).json()["results"]
        assert rows[noun] not in [row["id"] for row in shown]
    for code in ("GN_CONAKRY", "NOWHERE", "x' OR 1=1", "é"):
        answer = call("hadja").get(f"/api/{noun}", HTTP_X_SITE_ID=code)
        assert (answer.status_code, answer.json()["code"]) == (403, "site_forbidden")
    row = admin.get(f"/api/{noun}/{rows[noun]}", HTTP_X_SITE_ID="GN_KINDIA")
    assert row.status_code == 404


@pytest.mark.parametrize(
    ("noun", "queries"),
    [
        ("sites", 2),
        ("owners", 2),
        ("properties", 2),
        ("units", 2),
        ("tenants", 5),
        ("leases", 3),
        ("equipment", 2),
        ("maintenance", 2),
    ],
)
def test_a_list_asks_the_same_questions_however_long(
    call, rows, cast, noun, queries, django_assert_num_queries
):
    for number in range(4):
        house = make_property(site=cast.conakry)
        lease = make_lease(unit=make_unit(house), tenant=make_tenant(site=cast.conakry, phone=""))
        lease.tenant.phones.create(site=cast.conakry, number=f"+22462211000{number}")
        Equipment.objects.create(site=cast.conakry, property=house, name="Pompe")
        MaintenanceTicket.objects.create(site=cast.conakry, property=house, title="Fuite")
    caller = call("bachir")
    caller.get(f"/api/{noun}")
    with django_assert_num_queries(queries):  # who asks is remembered by now
        assert caller.get(f"/api/{noun}").status_code == 200


def test_pages_are_numbered(call, cast):
    for number in range(5):
        make_tenant(site=cast.conakry, name=f"Tenant {number}")
    first = call("coumba").get("/api/tenants?page_size=2").json()
    assert (first["count"], first["previous"], len(first["results"])) == (5, None, 2)
    second = call("coumba").get(first["next"]).json()
    assert [row["name"] for row in second["results"]] == ["Tenant 2", "Tenant 3"]
    assert call("coumba").get("/api/tenants?page=99").status_code == 404
    assert len(call("coumba").get("/api/tenants?page_size=9999").json()["results"]) == 5


# Entering


def test_enters_a_portfolio_from_owner_to_lease(call, cast):
    assert cast.conakry
    bachir = call("bachir")
    owner = bachir.post("/api/owners", {"name": "Kadiatou Diallo", "phone": "622 00 12 34"})
    assert (owner.status_code, owner.json()["site"]) == (201, "GN_CONAKRY")
    assert owner.json()["phone"] == "+224622001234"
    house = bachir.post(
        "/api/properties",
        {
            "owner": owner.json()["id"],
            "name": "Villa Nongo",
            "kind": "villa",
            "latitude": 9.6123456789,
            "longitude": -13.6,
            "commission": "8.5",
        },
    )
    assert house.status_code == 201, house.content
    assert (house.json()["latitude"], house.json()["longitude"]) == (9.612346, -13.6)
    assert Property.objects.get().mandates.get().commission == 8.5
    unit = bachir.post(
        "/api/units",
        {"property": house.json()["id"], "number": "A1", "kind": "flat", "advised_rent": 900_000},
    )
    assert (unit.status_code, unit.json()["currency"], unit.json()["is_let"]) == (201, "GNF", False)
    tenant = bachir.post(
        "/api/tenants", {"name": "Aïssatou Baldé", "phone": "+224 622 11 22 44", "channel": "sms"}
    )
    assert (tenant.status_code, tenant.json()["phone"]) == (201, "+224622112244")
    lease = bachir.post(
        "/api/leases",
        {
            "tenant": tenant.json()["id"],
            "units": [unit.json()["id"]],
            "start": "2026-03-01",
            "rent": 850_000,
            "deposit": 1_700_000,
        },
    )
    assert lease.status_code == 201, lease.content
    shown = lease.json()
    assert (shown["state"], shown["is_active"], shown["site"]) == ("active", True, "GN_CONAKRY")
    assert (shown["rent"], shown["currency"]) == (850_000, "GNF")
    assert bachir.get(f"/api/units/{unit.json()['id']}").json()["is_let"]


def test_who_may_not_sign_prepares_a_draft(call, cast):
    ask = {"tenant": cast.tenant.pk, "units": [cast.unit.pk], "start": "2026-03-01", "rent": 1000}
    draft = call("coumba").post("/api/leases", ask)
    assert (draft.status_code, draft.json()["state"]) == (201, "draft")
    signed = call("coumba").post("/api/leases", ask | {"state": "active"})
    assert (signed.status_code, signed.json()["code"]) == (403, "permission_denied")


def test_two_leases_never_overlap(call, cast):
    assert cast.lease
    ask = {"tenant": cast.tenant.pk, "units": [cast.unit.pk], "start": "2026-09-01", "rent": 1000}
    answer = call("bachir").post("/api/leases", ask)
    assert (answer.status_code, errors(answer)) == (409, {"units"})
    assert Lease.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rent": "1000"}, "rent"),
        ({"rent": 0}, "rent"),
        ({"rent": -1}, "rent"),
        ({"rent": 1.5}, "rent"),
        ({"rent": 10**13}, "rent"),
        ({"start": "hier"}, "start"),
        ({"start": None}, "start"),
        ({"end": "2025-01-01"}, "end"),
        ({"units": []}, "units"),
        ({"units": "A1"}, "units"),
        ({"tenant": 999_999}, "tenant"),
        ({"deposit": 10**9}, "deposit"),
        ({"periodicity": 5}, "periodicity"),
        ({"due_day": 40}, "due_day"),
        ({"state": "expired"}, "state"),
    ],
)
def test_refuses_a_lease_that_makes_no_sense(call, cast, change, field):
    ask = {"tenant": cast.tenant.pk, "units": [cast.unit.pk], "start": "2026-03-01", "rent": 1000}
    answer = call("bachir").post("/api/leases", ask | change)
    assert answer.status_code in (400, 409), answer.content
    assert field in errors(answer)
    assert not Lease.objects.exists()


def test_rows_of_another_branch_are_unknown(call, cast):
    far = cast.far_lease
    house = call("bachir").post("/api/properties", {"owner": far.property.owner_id, "name": "X"})
    unit = call("bachir").post("/api/units", {"property": far.property_id, "number": "Z9"})
    ask = {"tenant": far.tenant_id, "units": [cast.unit.pk], "start": "2026-03-01", "rent": 1000}
    lease = call("bachir").post("/api/leases", ask)
    assert [house.status_code, unit.status_code, lease.status_code] == [400, 400, 400]
    assert [errors(house), errors(unit), errors(lease)] == [{"owner"}, {"property"}, {"tenant"}]
    never = call("bachir").post("/api/units", {"property": 999_999, "number": "Z9"}).json()
    assert unit.json()["errors"][0]["code"] == never["errors"][0]["code"]


def test_enters_only_at_ones_own_branches(call, cast):
    assert cast.conakry and cast.kindia
    for code in ("GN_KINDIA", "NOWHERE"):
        answer = call("bachir").post("/api/tenants", {"name": "X", "site": code})
        assert (answer.status_code, answer.json()["code"]) == (403, "site_forbidden")
    there = call("awa").post("/api/tenants", {"name": "X"}, HTTP_X_SITE_ID="GN_KINDIA")
    primary = call("awa").post("/api/tenants", {"name": "Y"})
    assert (there.json()["site"], primary.json()["site"]) == ("GN_KINDIA", "GN_CONAKRY")


def test_a_number_or_code_stands_once(call, cast):
    unit = call("bachir").post("/api/units", {"property": cast.unit.property_id, "number": "A1"})
    owner = call("bachir").post("/api/owners", {"name": "X", "code": cast.owner.code})
    tenant = call("bachir").post("/api/tenants", {"name": "X", "code": cast.tenant.code})
    assert {unit.status_code, owner.status_code, tenant.status_code} <= {400, 409}
    assert [errors(unit), errors(owner), errors(tenant)] == [{"number"}, {"code"}, {"code"}]


def test_nobody_writes_what_is_not_his_to_write(call, cast):
    sent = {
        "name": "X",
        "id": 77,
        "version": 9,
        "user": cast.coumba.pk,
        "archived_on": "2020-01-01",
        "created_at": "2020-01-01T00:00:00Z",
    }
    call("coumba").post("/api/tenants", sent)
    tenant = Tenant.objects.get(name="X")
    assert (tenant.version, tenant.user, tenant.archived_on) == (1, None, None)
    assert tenant.pk != 77


def test_opens_a_branch(call, cast):
    assert cast.conakry
    ask = {"code": "GN_BOKE", "name": "Boké", "country": "GN", "city": "Boké", "currency": "GNF"}
    answer = call("admin").post("/api/sites", ask, HTTP_X_SITE_ID="GN_CONAKRY")
    assert (answer.status_code, answer.json()["id"]) == (201, "GN_BOKE"), answer.content
    assert call("admin").post("/api/sites", ask).status_code in (400, 409)
    assert call("bachir").post("/api/sites", ask | {"code": "GN_X"}).status_code == 403
    assert Site.objects.filter(code__in=["GN_BOKE", "GN_X"]).count() == 1
    assert call("admin").get("/api/sites/GN_BOKE").status_code == 200


def test_reports_a_fault_and_closes_it(call, cast):
    ask = {"property": cast.house.pk, "unit": cast.unit.pk, "title": "Fuite", "priority": "high"}
    ticket = call("coumba").post("/api/maintenance", ask)
    assert (ticket.status_code, ticket.json()["state"]) == (201, "open")
    address = f"/api/maintenance/{ticket.json()['id']}"
    done = call("coumba").patch(address, {"state": "done", "cost": 250_000})
    assert (done.json()["state"], done.json()["cost"], done.json()["currency"]) == (
        "done",
        250_000,
        "GNF",
    )
    assert done.json()["closed_on"]
    other = make_unit(make_property(site=cast.conakry))
    assert errors(call("coumba").patch(address, {"unit": other.pk})) == {"unit"}
    assigned = call("coumba").patch(address, {"assigned_to": cast.estelle.pk})
    assert assigned.json()["assigned_to"] == cast.estelle.pk
    assert errors(call("coumba").patch(address, {"assigned_to": cast.hadja.pk})) == {"assigned_to"}


def test_enters_equipment(call, cast):
    ask = {"property": cast.house.pk, "name": "Groupe électrogène"}
    answer = call("bachir").post("/api/equipment", ask)
    assert answer.status_code == 201
    changed = call("bachir").patch(f"/api/equipment/{answer.json()['id']}", {"state": "faulty"})
    assert changed.json()["state"] == "faulty"


# Correcting


def test_corrects_and_counts_versions(call, cast):
    address = f"/api/tenants/{cast.tenant.pk}"
    before = call("coumba").get(address)
    after = call("coumba").patch(address, {"profession": "Couturier"}, HTTP_IF_MATCH=before["ETag"])
    assert after.status_code == 200
    assert after.json()["profession"] == "Couturier"
    assert after.json()["version"] == before.json()["version"] + 1
    assert after["ETag"] == f'"{after.json()["version"]}"'


@pytest.mark.parametrize("header", ['"99"', '"x"', "garbage"])
def test_another_version_is_a_conflict_with_both_states(call, cast, header):
    address = f"/api/tenants/{cast.tenant.pk}"
    call("coumba").patch(address, {"profession": "Couturier"})
    answer = call("diallo").get(address)
    stale = call("coumba").patch(address, {"profession": "Maçon"}, HTTP_IF_MATCH=header)
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    assert stale.json()["current"] == answer.json()
    assert stale.json()["yours"]["profession"] == "Maçon"
    assert Tenant.objects.get().profession == "Couturier"


def test_replaces_telephones(call, cast):
    address = f"/api/tenants/{cast.tenant.pk}"
    two = call("coumba").patch(
        address, {"phones": [{"number": "+221770000001"}, {"number": "622112233"}]}
    )
    assert two.json()["phone"] == "+221770000001"
    assert len(two.json()["phones"]) == 2
    one = call("coumba").patch(address, {"phone": "+22376123456"})
    assert one.json()["phone"] == "+22376123456"
    assert {row["number"] for row in one.json()["phones"]} == {"+22376123456", "+224622112233"}
    assert call("coumba").patch(address, {"phone": "12"}).status_code == 400


def test_a_lease_keeps_its_terms(call, cast):
    address = f"/api/leases/{cast.lease.pk}"
    kept = call("bachir").patch(address, {"rent": 5, "units": [cast.unit.pk], "notes": "x"})
    assert (kept.status_code, errors(kept)) == (400, {"rent"})
    done = call("bachir").patch(address, {"rent": 1_000_000, "notes": "x", "due_day": 10})
    assert (done.status_code, done.json()["due_day"], done.json()["notes"]) == (200, 10, "x")


def test_a_row_keeps_its_branch(call, cast):
    assert cast.kindia
    answer = call("awa").patch(f"/api/tenants/{cast.tenant.pk}", {"site": "GN_KINDIA"})
    assert (answer.status_code, errors(answer)) == (400, {"site"})


def test_a_commission_is_the_mandates_and_not_corrected_here(call, cast):
    answer = call("awa").patch(f"/api/properties/{cast.house.pk}", {"commission": "9"})
    assert (answer.status_code, errors(answer)) == (400, {"commission"})


@pytest.mark.parametrize(
    ("name", "noun", "method", "status"),
    [
        ("coumba", "owners", "POST", 403),
        ("coumba", "properties", "PATCH", 403),
        ("coumba", "leases", "PATCH", 403),
        ("diallo", "units", "POST", 403),
        ("estelle", "tenants", "GET", 200),
        ("estelle", "tenants", "PATCH", 403),
        ("estelle", "owners", "GET", 403),
        ("gassim", "tenants", "GET", 403),
        ("gassim", "leases", "GET", 200),
        ("fode", "properties", "GET", 200),
        ("fode", "properties", "PATCH", 403),
        ("fode", "owners", "GET", 403),
        ("bachir", "sites", "PATCH", 403),
    ],
)
def test_rights_are_asked_by_noun_and_method(call, rows, name, noun, method, status):
    address = f"/api/{noun}" if method == "POST" else f"/api/{noun}/{rows[noun]}"
    answer = call(name).generic(method, address, {})
    assert answer.status_code == status


def test_owner_and_tenant_see_their_own(call, cast):
    assert cast.lease
    make_lease(site=cast.conakry)
    for name in ("fode", "gassim"):
        page = call(name).get("/api/leases").json()
        assert [row["id"] for row in page["results"]] == [cast.lease.pk]
    houses = call("fode").get("/api/properties").json()
    assert [row["id"] for row in houses["results"]] == [cast.house.pk]
    assert call("fode").get("/api/units").json()["count"] == 1
    assert call("fode").get("/api/tenants", HTTP_X_SITE_ID="GN_CONAKRY").json()["count"] == 1


# Finding


@pytest.mark.parametrize(
    "text",
    [
        "gassim",
        "TOURE",
        "toure gas",
        "ssi",
        "622112233",
        "622-11 22.33",
        "+224 622 11 22 33",
        "00224622112233",
        "112233",
        "a1",
    ],
)
def test_finds_a_tenant_by_whatever_is_remembered(call, cast, text):
    assert cast.lease
    make_tenant(site=cast.conakry, name="Mariama Bah", phone="+224655000000")
    page = call("coumba").get("/api/tenants", {"search": text}).json()
    assert [row["name"] for row in page["results"]] == ["Gassim Touré"]


@pytest.mark.parametrize("text", ["%", "_", "'; --", "zzz", "\\", "é" * 300])
def test_strange_searches_find_nothing_and_break_nothing(call, cast, text):
    assert cast.tenant
    answer = call("coumba").get("/api/tenants", {"search": text})
    assert (answer.status_code, answer.json()["count"]) == (200, 0)


def test_refuses_a_character_that_no_text_has(call, cast):
    assert call("coumba").get("/api/tenants?search=a%00b").status_code == 400


def test_filters_leases(call, cast):
    over = make_lease(site=cast.conakry, start=date(2025, 1, 1), end=date(2025, 12, 31))
    assert cast.lease

    def found(query):
        return {row["id"] for row in call("coumba").get(f"/api/leases?{query}").json()["results"]}

    assert found("active=true") == {cast.lease.pk}
    assert found("active=false") == {over.pk}
    assert found(f"tenant={over.tenant_id}") == {over.pk}
    assert found(f"property={cast.house.pk}") == {cast.lease.pk}
    assert call("coumba").get("/api/leases?state=maybe").status_code == 400
    assert call("coumba").get("/api/leases?tenant=me").status_code == 400
    assert found("tenant=999999999999999999999") == set()
    assert Unit.objects.count() == 2
    assert Owner.objects.count() == 2
