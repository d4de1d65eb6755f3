"""Leases: signed, refused, changed, ended; two never hold a unit at once."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from akig.lib.errors import BusinessError
from sites_app.services.portfolio import archive_unit
from tenants.models import Lease, Occupancy, Tenant
from tenants.services import (
    cancel_lease,
    change_rent,
    correct_lease,
    end_lease,
    expire_leases,
    give_notice,
    prepare_lease,
    sign_lease,
    sign_prepared_lease,
)
from tests.factories import make_lease, make_property, make_tenant, make_unit, pay

START = date(2026, 1, 1)


def terms(cast, **more):
    return {
        "actor": cast.bachir,
        "site": cast.conakry,
        "tenant": make_tenant(site=cast.conakry),
        "units": [cast.unit],
        "start": START,
        "rent": 1_000_000,
        **more,
    }


def refused(act, **arguments) -> BusinessError:
    with pytest.raises(BusinessError) as refusal:
        act(**arguments)
    return refusal.value


def form(cast, **more):
    return {
        "tenant": "gassim",
        "units": [cast.unit.pk],
        "start": "2026-01-01",
        "rent": "1 000 000",
        "deposit": "2 000 000",
        "periodicity": "1",
        "usage": "housing",
        **more,
    }


def test_a_lease_is_signed_on_its_form(client, cast):
    assert cast.tenant
    client.force_login(cast.bachir)
    address = f"{reverse('tenants:sign_lease')}?property={cast.house.pk}"
    answer = client.post(address, form(cast))
    lease = Lease.objects.get()
    assert answer.url == reverse("tenants:lease_page", args=[lease.pk])
    assert (lease.rent, lease.deposit, lease.reference) == (1_000_000, 2_000_000, "BAIL-2026-0001")
    held = lease.occupancies.get()
    assert (held.unit, held.days.lower, held.days.upper) == (cast.unit, START, None)


def test_the_same_form_twice_is_one_lease(client, cast):
    assert cast.tenant
    client.force_login(cast.bachir)
    address = f"{reverse('tenants:sign_lease')}?property={cast.house.pk}"
    assert client.post(address, form(cast)).status_code == 302
    second = client.post(address, form(cast))
    assert second.status_code == 409
    assert "BAIL-2026-0001" in str(second.context["form"].errors["units"])
    assert Lease.objects.count() == 1


def test_the_secretary_prepares_and_the_team_lead_signs(client, cast):
    assert cast.tenant
    client.force_login(cast.coumba)
    address = f"{reverse('tenants:sign_lease')}?property={cast.house.pk}"
    assert client.post(address, form(cast)).status_code == 302
    draft = Lease.objects.get()
    assert draft.state == Lease.State.DRAFT
    assert not draft.occupancies.get().holds
    sign_prepared_lease(actor=cast.bachir, lease=draft)
    draft.refresh_from_db()
    assert draft.state == Lease.State.ACTIVE
    assert draft.occupancies.get().holds


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rent": "beaucoup"}, "rent"),
        ({"rent": "0"}, "rent"),
        ({"rent": "-5"}, "rent"),
        ({"rent": "1.5"}, "rent"),
        ({"rent": "10000000000000"}, "rent"),
        ({"tenant": "personne"}, "tenant"),
        ({"units": []}, "units"),
        ({"start": "31/02/2026"}, "start"),
        ({"end": "2025-12-31"}, "end"),
        ({"deposit": "3 000 001"}, "deposit"),
        ({"due_day": "31"}, "due_day"),
    ],
)
def test_bad_input_is_refused_beside_its_field_and_writes_nothing(client, cast, wrong, field):
    assert cast.tenant
    client.force_login(cast.bachir)
    address = f"{reverse('tenants:sign_lease')}?property={cast.house.pk}"
    answer = client.post(address, form(cast, **wrong))
    assert answer.status_code in (400, 409)
    assert field in answer.context["form"].errors
    assert not Lease.objects.exists()
    assert not Occupancy.objects.exists()


def test_two_leases_never_overlap_on_a_unit(cast):
    assert cast.lease
    refusal = refused(sign_lease, **terms(cast, start=date(2026, 6, 1)))
    assert (refusal.code, refusal.status) == ("unit_taken", 409)
    assert cast.lease.reference in refusal.fields["units"]


def test_the_day_after_the_end_another_may_begin(cast):
    end_lease(actor=cast.bachir, lease=cast.lease, on=date(2026, 5, 31))
    assert refused(sign_lease, **terms(cast, start=date(2026, 5, 31))).code == "unit_taken"
    assert sign_lease(**terms(cast, start=date(2026, 6, 1)))


def test_an_end_is_not_moved_into_the_next_lease(cast):
    end_lease(actor=cast.bachir, lease=cast.lease, on=date(2026, 5, 31))
    sign_lease(**terms(cast, start=date(2026, 6, 1)))
    refusal = refused(end_lease, actor=cast.bachir, lease=cast.lease, on=date(2026, 7, 31))
    assert refusal.code == "unit_taken"


def test_the_database_refuses_an_overlap_written_by_hand(cast):
    other = make_lease(site=cast.conakry)
    statement = (
        "INSERT INTO tenants_occupancy (site_id, lease_id, unit_id, days, holds)"
        " VALUES (%s, %s, %s, '[2026-03-01,2026-04-01)', true)"
    )
    values = [cast.conakry.pk, other.pk, cast.lease.occupancies.get().unit_id]
    with (
        pytest.raises(IntegrityError, match="leases_never_overlap"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)


def test_a_lease_is_never_deleted(cast):
    with (
        pytest.raises(Exception, match="Cannot delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM tenants_lease WHERE id = %s", [cast.lease.pk])


def test_several_units_of_one_property_make_one_lease(cast):
    units = [cast.unit, make_unit(cast.house, "A2")]
    lease = sign_lease(**terms(cast, units=units))
    assert lease.occupancies.count() == 2
    far = make_unit(make_property(site=cast.conakry), "A9")
    refusal = refused(sign_lease, **terms(cast, units=[cast.unit, far], start=date(2030, 1, 1)))
    assert refusal.code == "units_elsewhere"


def test_tenant_and_units_are_of_the_same_branch(cast):
    stranger = make_tenant(site=cast.kindia)
    assert refused(sign_lease, **terms(cast, tenant=stranger)).code == "other_branch"


def test_the_deposit_follows_the_rule_of_the_branch(cast):
    assert refused(sign_lease, **terms(cast, deposit=3_000_001)).code == "deposit_too_large"
    assert sign_lease(**terms(cast, deposit=3_000_000)).deposit == 3_000_000


def test_a_reference_stands_once_in_a_branch(cast):
    reference = cast.lease.reference
    refusal = refused(
        sign_lease,
        **terms(cast, units=[make_unit(cast.house, "A2")], reference=reference),
    )
    assert refusal.code == "duplicate_reference"


def test_a_notice_keeps_the_delay_of_the_branch_unless_both_agree(cast):
    given, too_soon = date(2026, 6, 1), date(2026, 6, 15)
    said = {"actor": cast.bachir, "lease": cast.lease, "given_on": given}
    assert refused(give_notice, **said, leaves_on=too_soon).code == "notice_too_short"
    give_notice(**said, leaves_on=too_soon, agreed=True, reason="Mutation")
    cast.lease.refresh_from_db()
    assert (cast.lease.state, cast.lease.end) == (Lease.State.NOTICE_GIVEN, too_soon)
    assert cast.lease.occupancies.get().days.upper == too_soon + timedelta(days=1)
    last = cast.lease.events.order_by("pgh_id").last()
    assert last.pgh_context.metadata["reason"] == "Mutation"


def test_an_owners_notice_of_an_unfurnished_home_is_longer(cast):
    said = {
        "actor": cast.bachir,
        "lease": cast.lease,
        "given_on": date(2026, 6, 1),
        "by_owner": True,
    }
    assert refused(give_notice, **said, leaves_on=date(2026, 7, 15)).code == "notice_too_short"
    assert give_notice(**said, leaves_on=date(2026, 8, 30))


def test_a_new_rent_holds_from_its_day(client, cast):
    today = timezone.localdate()
    change_rent(actor=cast.bachir, lease=cast.lease, valid_from=today, rent=1_200_000)
    ask = Lease.objects.filter(pk=cast.lease.pk)
    assert ask.with_rent(today).get().rent_now == 1_200_000
    assert ask.with_rent(today - timedelta(days=1)).get().rent_now == 1_000_000
    same = {"actor": cast.bachir, "lease": cast.lease, "valid_from": today, "rent": 1_200_000}
    change_rent(**same)
    assert cast.lease.rent_changes.count() == 1
    early = same | {"valid_from": cast.lease.start}
    assert refused(change_rent, **early).code == "before_start"


def test_a_lease_with_money_is_ended_not_cancelled(cast):
    pay(cast.lease, 500_000)
    said = {"actor": cast.awa, "lease": cast.lease, "reason": "Erreur"}
    assert refused(cancel_lease, **said).code == "lease_has_money"
    cast.lease.refresh_from_db()
    assert cast.lease.state == Lease.State.ACTIVE


def test_a_cancelled_lease_frees_its_unit_and_its_reference(cast):
    reference = cast.lease.reference
    cancel_lease(actor=cast.awa, lease=cast.lease, reason="Saisi deux fois")
    assert sign_lease(**terms(cast, reference=reference))
    assert refused(end_lease, actor=cast.bachir, lease=cast.lease, on=START).code == "lease_over"


def test_states_follow_the_calendar(cast):
    yesterday = timezone.localdate() - timedelta(days=1)
    lease = make_lease(site=cast.conakry, start=START, end=yesterday)
    assert Lease.objects.with_standing().get(pk=lease.pk).standing == "expired"
    assert expire_leases(actor=cast.admin) == 1
    assert expire_leases(actor=cast.admin) == 0
    lease.refresh_from_db()
    assert lease.state == Lease.State.EXPIRED
    assert lease.tenant.__class__.objects.get(pk=lease.tenant_id).state == Tenant.State.FORMER


def test_a_correction_keeps_days_and_rent(cast):
    correct_lease(actor=cast.bachir, lease=cast.lease, due_day=10, notes="Paie par sa sœur")
    cast.lease.refresh_from_db()
    assert (cast.lease.due_day, cast.lease.rent) == (10, 1_000_000)


def test_a_draft_of_an_archived_unit_is_not_signed(cast):
    draft = prepare_lease(**terms(cast))
    archive_unit(actor=cast.bachir, unit=cast.unit)
    assert refused(sign_prepared_lease, actor=cast.bachir, lease=draft).code == "unit_archived"
    draft.refresh_from_db()
    assert draft.state == Lease.State.DRAFT


def test_a_draft_holds_nothing(cast):
    draft = prepare_lease(**terms(cast))
    assert sign_lease(**terms(cast))
    assert refused(sign_prepared_lease, actor=cast.bachir, lease=draft).code == "unit_taken"


def test_the_preview_tells_what_the_terms_mean(client, cast):
    assert cast.lease
    client.force_login(cast.bachir)
    ask = {"property": cast.house.pk, "units": cast.unit.pk, "rent": "1 500 000", "periodicity": 3}
    said = client.get(reverse("tenants:preview_lease"), ask | {"deposit": "9 000 000"}).context
    assert said["per_period"] == 4_500_000
    assert said["deposit_too_large"]
    assert [lease.pk for lease in said["taken"]] == [cast.lease.pk]
