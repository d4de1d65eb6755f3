"""Notices: written by one, issued by another, with a number, a kept paper and a lease that ends."""

import hashlib
from datetime import date, timedelta

import pytest
import time_machine
from django.db import transaction
from django.db.utils import InternalError, ProgrammingError

from akig.lib.errors import Conflict, NotAllowed
from recovery.metrics.timeline import timeline
from recovery.models import Case, Notice
from recovery.services.cases import pause_case, refresh_cases
from recovery.services.disputes import file_dispute
from recovery.services.notices import (
    NoticeRefused,
    discard_notice,
    issue_notice,
    withdraw_notice,
    write_notice,
)
from tenants.models import Lease
from tenants.services import UnitTaken, give_notice, sign_lease
from tests.factories import charge, make_lease, make_tenant, make_unit, pay
from tests.recovery.conftest import TODAY

FROZEN = (ProgrammingError, InternalError)


@pytest.fixture
def late(cast) -> Lease:
    refresh_cases(actor=cast.awa, site=cast.conakry)
    charge(cast.lease, 2_000_000, TODAY - timedelta(days=70))
    return cast.lease


def written(cast, lease, kind="owner", **fields) -> Notice:
    asked = {"given_on": TODAY, **fields}
    return write_notice(actor=cast.coumba, lease=lease, kind=kind, **asked)


def test_one_writes_it_another_issues_it_and_its_paper_stays(cast, late, sign_in):
    door = sign_in(cast.coumba)
    address = f"/baux/{late.pk}/conge"
    assert door.post(address, {"kind": "owner", "given_on": "2026-10-15"}).status_code == 302
    notice = Notice.objects.get()
    assert (notice.state, notice.leaves_on) == ("draft", TODAY + timedelta(days=90))
    with pytest.raises(NotAllowed):
        issue_notice(actor=cast.coumba, notice=notice)
    door = sign_in(cast.bachir)
    assert door.get(f"/preavis/{notice.pk}/preavis.pdf").status_code == 404
    assert door.post(f"/preavis/{notice.pk}/emettre").status_code == 302
    notice.refresh_from_db()
    assert (notice.number, notice.amount) == ("PR-GN_CONAKRY-2026-000001", 2_000_000)
    late.refresh_from_db()
    assert (late.state, late.end) == ("notice_given", notice.leaves_on)
    paper = door.get(f"/preavis/{notice.pk}/preavis.pdf").content
    assert paper.startswith(b"%PDF")
    pay(late, 2_000_000)
    assert door.get(f"/preavis/{notice.pk}/preavis.pdf").content == paper
    notice.refresh_from_db()
    assert notice.digest == hashlib.sha256(paper).hexdigest()
    told = {(event.kind, event.due_on) for event in timeline(cast.bachir, cast.tenant)}
    assert ("notice", notice.leaves_on) in told
    for change in ({"amount": 1}, {"leaves_on": TODAY}, {"digest": "0"}):
        with pytest.raises(FROZEN), transaction.atomic():
            Notice.objects.update(**change)


def test_a_furnished_home_and_a_tenant_have_the_shorter_delay(cast, late):
    assert written(cast, late, "tenant").leaves_on == TODAY + timedelta(days=30)
    Notice.objects.update(state="withdrawn")
    Lease.objects.update(furnished=True)
    late.refresh_from_db()
    assert written(cast, late).leaves_on == TODAY + timedelta(days=30)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"leaves_on": date(2026, 12, 1)}, "leaves_on"),  # sooner than the delay
        ({"given_on": date(2026, 10, 14)}, "given_on"),  # nobody hands over a paper yesterday
        ({"kind": "tenant", "given_on": date(2026, 10, 16)}, "given_on"),
    ],
)
def test_days_that_cannot_be_are_refused(cast, late, fields, field):
    with pytest.raises(NoticeRefused) as refusal:
        written(cast, late, **fields)
    assert set(refusal.value.fields) == {field}


def test_both_sides_may_agree_on_a_shorter_delay(cast, late):
    notice = written(cast, late, leaves_on=date(2026, 11, 1), agreed=True)
    assert issue_notice(actor=cast.bachir, notice=notice).content["days"] == 17


def test_no_owners_notice_without_a_debt_nor_against_who_contests_or_is_left_alone(cast, late):
    with pytest.raises(Conflict):
        written(cast, make_lease(unit=make_unit(cast.house), tenant=make_tenant(site=cast.conakry)))
    pause_case(actor=cast.awa, case=Case.objects.get(), note="ill", until=TODAY)
    with pytest.raises(Conflict):
        written(cast, late)
    with time_machine.travel("2026-10-16 10:00:00+00:00"):
        refresh_cases(actor=cast.awa, site=cast.conakry)
        draft = written(cast, late, given_on=date(2026, 10, 16))
        file_dispute(actor=cast.coumba, tenant=cast.tenant, kind="rent_arrears", summary="paid")
        with pytest.raises(Conflict):
            issue_notice(actor=cast.bachir, notice=draft)
    draft.refresh_from_db()
    assert (draft.state, draft.number) == ("draft", "")


def test_one_notice_at_a_time_and_numbers_without_gaps(cast, late):
    first = written(cast, late)
    with pytest.raises(Conflict):
        written(cast, late, "tenant")
    discard_notice(actor=cast.coumba, notice=first)
    second = issue_notice(actor=cast.bachir, notice=written(cast, late, "tenant"))
    assert issue_notice(actor=cast.bachir, notice=second).number.endswith("-000001")
    with pytest.raises(Conflict):
        discard_notice(actor=cast.coumba, notice=second)
    other = make_lease(unit=make_unit(cast.house), tenant=make_tenant(site=cast.conakry))
    third = issue_notice(actor=cast.bachir, notice=written(cast, other, "tenant"))
    assert third.number.endswith("-000002")


def test_a_notice_that_was_taken_already_gets_its_paper(cast, late):
    give_notice(actor=cast.bachir, lease=late, given_on=TODAY, leaves_on=date(2026, 11, 30))
    late.refresh_from_db()
    notice = written(cast, late, "tenant", leaves_on=date(2026, 11, 30))
    issue_notice(actor=cast.bachir, notice=notice)
    late.refresh_from_db()
    assert (late.state, late.end) == ("notice_given", date(2026, 11, 30))


def test_withdrawn_the_lease_goes_on_unless_somebody_else_has_signed(cast, late):
    notice = issue_notice(actor=cast.bachir, notice=written(cast, late))
    with pytest.raises(NoticeRefused):
        withdraw_notice(actor=cast.bachir, notice=notice, reason=" ")
    following = sign_lease(
        actor=cast.bachir,
        site=cast.conakry,
        tenant=make_tenant(site=cast.conakry),
        units=[cast.unit],
        start=notice.leaves_on + timedelta(days=1),
        rent=900_000,
    )
    with pytest.raises(UnitTaken):
        withdraw_notice(actor=cast.bachir, notice=notice, reason="paid")
    Lease.objects.filter(pk=following.pk).update(state="cancelled")
    withdraw_notice(actor=cast.bachir, notice=notice, reason="paid")
    late.refresh_from_db()
    assert (late.state, late.end) == ("active", None)
    assert withdraw_notice(actor=cast.bachir, notice=notice, reason="again").withdrawn_because == (
        "paid"
    )


def test_who_works_elsewhere_finds_no_notice(cast, late, sign_in):
    notice = written(cast, late, "tenant")
    door = sign_in(cast.hadja)
    for address in (f"/preavis/{notice.pk}/", f"/preavis/{notice.pk}/emettre"):
        assert door.get(address).status_code == 404
