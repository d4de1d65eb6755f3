"""``manage.py balances``: what every lease owes as of a day, for operators and scripts."""

import json
from datetime import date
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from accounts.models import User
from payments.services.charging import charge_late_fees
from payments.services.closing import close_period
from payments.services.collecting import cancel_payment
from sites_app.models import BranchRule
from tests.factories import charge, pay

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel("2026-10-20 10:00:00+00:00", tick=False):
        yield


def told(day: str) -> tuple[dict, dict]:
    """Return what the command says of the branch, and of its one lease."""
    out = StringIO()
    call_command("balances", "--as-of", day, "--site", "GN_CONAKRY", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert set(answer) == {"as_of", "sites", "leases"}
    (site,), (lease,) = answer["sites"], answer["leases"]
    return site, lease


def test_a_late_fee_counts_from_the_day_it_was_charged(cast):
    BranchRule.objects.create(
        site=cast.conakry, name="late_fee_percent", value="10", valid_from=date(2000, 1, 1)
    )
    charge(cast.lease, 1_000_000, date(2026, 9, 1))
    charge_late_fees(actor=User.objects.system(), site=cast.conakry, on=date(2026, 10, 10))
    for day, owed in (("2026-10-09", 1_000_000), ("2026-10-10", 1_100_000)):
        site, lease = told(day)
        assert lease["balance"] == site["charges"] == site["receivable_in_journal"] == owed
    assert lease["ageing"] == {"0-30": 100_000, "31-60": 1_000_000, "61-90": 0, "90+": 0}


def test_money_counts_until_the_day_it_was_cancelled(cast):
    charge(cast.lease, 1_000_000, date(2026, 8, 1))
    payment = pay(cast.lease, 400_000, date(2026, 8, 5))
    close_period(actor=cast.diallo, site=cast.conakry, month=date(2026, 8, 1))
    cancel_payment(actor=User.objects.system(), payment=payment, reason="error")
    for day, owed in (("2026-10-19", 600_000), ("2026-10-20", 1_000_000)):
        site, lease = told(day)
        assert lease["balance"] == site["receivable_in_journal"] == owed
        assert site["charges"] - site["payments"] == owed
