"""Two telephones and the office, in any order: all hold the same at the end, and nothing is lost or
counted twice."""

import uuid
from datetime import UTC, date, datetime

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as how_many
from hypothesis import strategies as st

from agents.models import Operation
from payments.models import Payment
from payments.services.collecting import cancel_payment
from recovery.models import Contact
from recovery.services.cases import refresh_cases
from tenants.services import correct_tenant
from tests.factories import charge, make_lease

FEW = how_many(
    max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
TELEPHONES = ("estelle", "bachir")
WORDS = st.sampled_from(["Portail bleu", "Portail vert", "Chien"])

#: Who does what; ``lost`` is an answer that never reaches the telephone.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("cash"), st.sampled_from(TELEPHONES), st.integers(1, 300_000)),
        st.tuples(st.just("edit"), st.sampled_from(TELEPHONES), WORDS),
        st.tuples(st.just("push"), st.sampled_from(TELEPHONES), st.sampled_from(["", "lost"])),
        st.tuples(st.just("pull"), st.sampled_from(TELEPHONES), st.none()),
        st.tuples(st.just("correct"), st.just("office"), WORDS),
        st.tuples(st.just("cancel"), st.just("office"), st.none()),
    ),
    max_size=14,
)


class Telephone:
    """As much of a telephone as matters here: what it holds, and what waits to be sent."""

    def __init__(self, door):
        self.door, self.device = door, str(uuid.uuid4())
        self.cursor, self.held, self.queue, self.taken = None, {}, [], []

    def make(self, entity, data, **more):
        made = {"client_id": str(uuid.uuid4()), "kind": "create", "made_at": NOW.isoformat()}
        self.queue.append({**made, "entity": entity, "data": data, **more})

    def push(self, lost=""):
        asked = {"device": self.device, "operations": self.queue}
        answer = self.door.post("/api/sync/push", asked)
        assert answer.status_code == 200
        if lost:
            return
        sent, self.queue = self.queue, []
        for asked, result in zip(sent, answer.json()["results"], strict=True):
            assert result["status"] != "rejected", result
            if result["status"] == "conflict":  # its person insists
                version = result["conflict"]["server"]["version"]
                self.make(
                    "tenant", asked["data"], kind="update", id=asked["id"], base_version=version
                )

    def pull(self):
        more = True
        while more:
            cursor = f"&cursor={self.cursor}" if self.cursor else ""
            told = self.door.get(f"/api/sync/pull?device={self.device}{cursor}").json()
            for kind, rows in told["changes"].items():
                self.held |= {(kind, row["id"]): row for row in rows}
            for kind, keys in told["deleted"].items():
                for key in keys:
                    del self.held[kind, key]
            self.cursor, more = told["cursor"], told["has_more"]


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_in_any_order_all_hold_the_same_and_money_counts_once(cast, call, settings):
    settings.THROTTLE_USER = 10**6
    doors = {name: call(name) for name in TELEPHONES}

    @FEW
    @given(STEPS)
    def play(steps):
        lease = make_lease(site=cast.conakry)
        charge(lease, 9_000_000, date(2026, 9, 1))
        refresh_cases(actor=cast.bachir, site=cast.conakry)
        telephones = {name: Telephone(door) for name, door in doors.items()}
        for telephone in telephones.values():
            telephone.pull()
        for what, who, how in steps:
            if who == "office":
                at_the_office(cast, lease, what, how)
            else:
                outside(telephones[who], lease, what, how)
        while any(telephone.queue for telephone in telephones.values()):
            for telephone in telephones.values():
                telephone.push()
        check(telephones.values(), lease)

    play()


def outside(telephone, lease, what, how):
    if what == "cash":
        payment = {"lease": lease.pk, "amount": how}
        telephone.taken.append(how)
        telephone.make(
            "visit", {"tenant": lease.tenant_id, "result": "payment", "payment": payment}
        )
    elif what == "edit":
        version = telephone.held["tenants", lease.tenant_id]["version"]
        telephone.make(
            "tenant", {"notes": how}, kind="update", id=lease.tenant_id, base_version=version
        )
    elif what == "push":
        telephone.push(how)
    else:
        telephone.pull()


def at_the_office(cast, lease, what, how):
    if what == "correct":
        correct_tenant(actor=cast.bachir, tenant=lease.tenant, notes=how)
        return
    for payment in Payment.objects.confirmed().filter(lease=lease)[:1]:
        cancel_payment(actor=cast.diallo, payment=payment, reason="Erreur")


def check(telephones, lease):
    payments = Payment.objects.filter(lease=lease).values_list("amount", flat=True)
    taken = [amount for telephone in telephones for amount in telephone.taken]
    assert sorted(payments) == sorted(taken)
    assert Contact.objects.filter(tenant=lease.tenant).count() == len(taken)
    for telephone in telephones:
        telephone.pull()
        fresh = Telephone(telephone.door)
        fresh.pull()
        assert telephone.held == fresh.held
    lease.tenant.refresh_from_db()
    notes = {telephone.held["tenants", lease.tenant_id]["notes"] for telephone in telephones}
    assert notes == {lease.tenant.notes}
    assert not Operation.objects.filter(status=Operation.Status.REJECTED).exists()
