"""Owners, properties, mandates, branches: entered, corrected, refused, remembered."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from akig.lib.errors import BusinessError, NotAllowed
from sites_app.models import Assignment, Mandate, Owner, Property, Site
from sites_app.rules import rules_for
from sites_app.services.branches import open_branch, set_rule
from sites_app.services.mandates import set_mandate
from sites_app.services.portfolio import (
    add_owner,
    add_property,
    archive_property,
    archive_unit,
    correct_owner,
    correct_property,
)
from tests.factories import make_lease, make_owner, make_property, make_unit


def test_an_owner_is_entered_with_the_next_code(client, cast):
    client.force_login(cast.bachir)
    data = {"name": "  Néné   Baldé ", "phone": "622 00 12 34", "language": "fr"}
    data["site"] = cast.conakry.pk
    answer = client.post(reverse("sites_app:add_owner"), data)
    owner = Owner.objects.get(name="Néné Baldé")
    assert answer.url == reverse("sites_app:owner_page", args=[owner.pk])
    assert (owner.phone.as_e164, owner.site) == ("+224622001234", cast.conakry)
    assert add_owner(actor=cast.bachir, name="Sékou").code > owner.code
    event = owner.events.get()
    assert event.pgh_context.metadata["verb"] == "sites_app.add_owner"
    assert event.pgh_context.metadata["user"] == cast.bachir.pk


def test_two_owners_never_share_a_code(cast):
    add_owner(actor=cast.bachir, name="Un", code="P-77")
    with pytest.raises(BusinessError) as refusal:
        add_owner(actor=cast.bachir, name="Deux", code="P-77")
    assert refusal.value.code == "duplicate_code"
    assert "code" in refusal.value.fields


def test_a_correction_between_is_not_overwritten(cast):
    shown = cast.owner.version
    correct_owner(actor=cast.bachir, owner=cast.owner, version=shown, address="Kaloum")
    with pytest.raises(BusinessError) as refusal:
        correct_owner(actor=cast.bachir, owner=cast.owner, version=shown, address="Dixinn")
    assert refusal.value.code == "stale"
    cast.owner.refresh_from_db()
    assert cast.owner.address == "Kaloum"


def test_a_right_that_the_role_lacks_is_refused_by_the_act(cast):
    with pytest.raises(NotAllowed):
        add_owner(actor=cast.coumba, name="Personne")


def test_a_property_brings_its_mandate_and_the_owners_branch(cast):
    set_rule(
        actor=cast.awa,
        site=cast.conakry,
        name="commission_percent",
        value="12.5",
        valid_from=date(2000, 1, 1),
    )
    owner = make_owner(None)
    house = add_property(
        actor=cast.bachir, site=cast.conakry, owner=owner, name="Villa", start=date(2026, 1, 1)
    )
    mandate = house.mandates.get()
    assert (mandate.commission, mandate.days.lower) == (Decimal("12.5"), date(2026, 1, 1))
    owner.refresh_from_db()
    assert owner.site == cast.conakry


def test_the_commission_of_the_owner_comes_before_the_rule(cast):
    owner = make_owner(cast.conakry, usual_commission=Decimal("7.5"))
    house = add_property(actor=cast.bachir, site=cast.conakry, owner=owner, name="Villa")
    assert house.mandates.get().commission == Decimal("7.5")


def test_a_new_mandate_ends_the_one_before(cast):
    set_mandate(
        actor=cast.bachir, property=cast.house, commission=Decimal(8), start=date(2026, 7, 1)
    )
    spans = [
        (mandate.commission, mandate.days.lower, mandate.last_day)
        for mandate in cast.house.mandates.order_by("days")
    ]
    assert spans == [
        (Decimal(10), date(2000, 1, 1), date(2026, 6, 30)),
        (Decimal(8), date(2026, 7, 1), None),
    ]


def test_the_same_mandate_twice_is_one(cast):
    for _time in range(2):
        set_mandate(
            actor=cast.bachir, property=cast.house, commission=Decimal(8), start=date(2026, 7, 1)
        )
    assert cast.house.mandates.count() == 2


def test_a_mandate_before_one_that_stands_is_refused(cast):
    house = make_property(site=cast.conakry)
    set_mandate(actor=cast.bachir, property=house, commission=Decimal(8), start=date(2026, 7, 1))
    with pytest.raises(BusinessError) as refusal:
        set_mandate(
            actor=cast.bachir, property=house, commission=Decimal(9), start=date(2026, 1, 1)
        )
    assert refusal.value.code == "mandate_overlaps"


def test_the_database_refuses_overlapping_mandates(cast):
    mandate = cast.house.mandates.get()
    statement = (
        "INSERT INTO sites_app_mandate (version, created_at, site_id, owner_id, property_id,"
        " commission, days, reference) SELECT 1, now(), site_id, owner_id, property_id, 5,"
        " '[2026-01-01,2026-02-01)', '' FROM sites_app_mandate WHERE id = %s"
    )
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [mandate.pk])
    assert Mandate.objects.filter(property=cast.house).count() == 1


def test_a_property_with_leases_keeps_its_owner(cast):
    assert cast.lease
    other = make_owner(cast.conakry)
    with pytest.raises(BusinessError) as refusal:
        correct_property(actor=cast.bachir, property=cast.house, owner=other)
    assert refusal.value.code == "owner_fixed"


def test_a_property_that_is_let_is_not_archived(cast):
    assert cast.lease
    with pytest.raises(BusinessError) as refusal:
        archive_property(actor=cast.bachir, property=cast.house)
    assert refusal.value.code == "property_in_use"


def test_a_unit_that_will_be_let_is_not_archived(cast):
    unit = make_unit(cast.house, "Z1")
    make_lease(unit=unit, start=timezone.localdate() + timedelta(days=30))
    with pytest.raises(BusinessError) as refusal:
        archive_unit(actor=cast.bachir, unit=unit)
    assert refusal.value.code == "unit_in_use"
    unit.refresh_from_db()
    assert unit.archived_on is None


def test_rules_are_asked_as_of_a_day(client, cast):
    set_rule(
        actor=cast.awa,
        site=cast.kindia,
        name="tpa_percent",
        value="3.5",
        valid_from=date(2026, 7, 1),
    )
    assert rules_for(cast.kindia, on=date(2026, 6, 30)).tpa_percent == Decimal(4)
    assert rules_for(cast.kindia, on=date(2026, 7, 1)).tpa_percent == Decimal("3.5")
    client.force_login(cast.hadja)
    page = reverse("sites_app:site_page", args=["GN_KINDIA"])
    for day, value in (("2026-06-30", "4"), ("2026-07-01", "3.5"), ("2026-02-31", None)):
        answer = client.get(page, {"on": day})
        shown = {name: text for name, _label, text, _is_set in answer.context["rules"]}
        assert value is None or shown["tpa_percent"] == value
        assert answer.status_code == 200


def test_a_rule_is_set_on_its_form_by_who_may(client, cast):
    address = reverse("sites_app:set_rule", args=["GN_CONAKRY"])
    data = {"name": "rent_due_day", "value": "10", "valid_from": "2026-01-01"}
    client.force_login(cast.bachir)
    assert cast.conakry
    assert client.post(address, data).status_code == 403
    client.force_login(cast.awa)
    assert client.post(address, data).status_code == 302
    assert client.post(address, data).status_code == 302
    assert cast.conakry.rules.filter(name="rent_due_day").count() == 1
    assert client.post(address, data | {"value": "31"}).status_code == 400


def test_a_new_branch_is_given_to_the_directors(cast):
    assert cast.awa and cast.bachir
    site = open_branch(
        actor=cast.awa, code="gn_kankan", name="Kankan", country="GN", city="Kankan", currency="GNF"
    )
    assert site.pk == "GN_KANKAN"
    assert Assignment.objects.filter(site=site).values_list("user", flat=True).get() == cast.awa.pk
    with pytest.raises(BusinessError):
        open_branch(
            actor=cast.awa, code="GN_KANKAN", name="K", country="GN", city="K", currency="GNF"
        )
    assert Site.objects.get(pk="GN_KANKAN").name == "Kankan"


def test_a_property_is_entered_by_naming_its_owner_anyhow(client, cast):
    client.force_login(cast.bachir)
    owner = make_owner(cast.conakry, name="Aïssatou Baldé", phone="+224622001234")
    make_owner(cast.conakry, name="Aïssatou Bah")
    data = {"site": cast.conakry.pk, "name": "Villa Cosa", "kind": "villa", "start": "2026-01-01"}
    address = reverse("sites_app:add_property")
    ambiguous = client.post(address, data | {"owner": "aissatou"})
    assert ambiguous.status_code == 400 and "owner" in ambiguous.context["form"].errors
    assert client.post(address, data | {"owner": "00224 622 00 12 34"}).status_code == 302
    assert Property.objects.get(name="Villa Cosa").owner == owner
