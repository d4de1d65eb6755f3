"""Whom to call first, on Today: by lateness, amount, earlier calls and the same door."""

from datetime import date, timedelta

import pytest
import time_machine

from agents.metrics.tasks import calls_of
from recovery.models import Case
from recovery.services.cases import refresh_cases
from recovery.services.contacts import log_call
from tests.factories import charge, make_lease, make_property, make_unit

TODAY = date(2026, 10, 15)
pytestmark = pytest.mark.usefixtures("mid_october")


def late(cast, days, amount, house=None):
    house = house or make_property(site=cast.conakry)
    lease = make_lease(unit=make_unit(house), start=date(2025, 1, 1))
    charge(lease, amount, TODAY - timedelta(days=days))
    return lease


def test_those_who_call_see_whom_first_and_why(sign_in, cast, django_assert_num_queries):
    old, large = late(cast, 70, 200_000), late(cast, 10, 1_000_000)
    late(cast, 10, 500_000, house=large.property)
    small = late(cast, 10, 100_000)
    with time_machine.travel("2026-10-10 10:00:00+00:00"):
        log_call(actor=cast.coumba, tenant=old.tenant, result="refused")
    refresh_cases(actor=cast.awa, site=cast.conakry)
    coumba = sign_in(cast.coumba)
    tenants = dict(Case.objects.values_list("pk", "tenant"))
    found = {tenants[call.case]: call for call in coumba.get("/").context["calls"]}
    assert len(found) == 3
    assert small.tenant_id not in found
    first = found[large.tenant_id]
    assert (first.urgency, first.impact, first.affinity, first.dependency) == (50, 100, 60, 20)
    assert next(iter(found)) == large.tenant_id
    assert (found[old.tenant_id].urgency, found[old.tenant_id].affinity) == (100, 0)
    with django_assert_num_queries(4):  # the first asks where she works
        calls_of(cast.coumba, ["GN_CONAKRY"], 3)
    assert len(sign_in(cast.bachir).get("/").context["calls"]) == 3
    assert sign_in(cast.hadja).get("/").context["calls"] == []
    assert sign_in(cast.diallo).get("/").context["calls"] == []
