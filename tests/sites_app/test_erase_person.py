"""A person is erased for good: his name leaves tables and history, the books stay, and so do the
seals of the record."""

from datetime import date, time, timedelta

import pghistory
import pgtrigger
import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Redaction, Seal, User
from accounts.record import histories
from accounts.sealing import seal_days, verify
from agents.models import Mission, Stop
from notifications.models import Job
from payments.models import (
    Callback,
    Charge,
    JournalEntry,
    JournalLine,
    Payment,
    PaymentClaim,
    Receipt,
)
from payments.services.charging import waive_charge
from payments.services.collecting import cancel_payment
from payments.services.deposits import hold_deposit
from payments.services.links import link_address
from payments.services.payouts import set_payment_details
from sites_app.models import Approval, MaintenanceTicket
from tenants.models import Guarantor, Lease, Tenant, TenantPhone
from tests.factories import charge, make_owner, make_property, pay

pytestmark = pytest.mark.django_db
HISTORIES = [model._meta.db_table for model in histories()]
SAID = {"reason": "Demande écrite du 3 octobre", "sure": "on"}


@pytest.fixture
def gassim(cast):
    """Gassim, who left long ago, owes nothing, and about whom much is known."""
    tenant = cast.tenant
    Tenant.objects.filter(pk=tenant.pk).update(
        email="gassim@example.com",
        identity="CNI 123",
        notes="Cousin de Gassim",
        visit_days=[6],
        visit_from=time(18, 47),
    )
    Guarantor.objects.create(
        site=cast.conakry, tenant=tenant, name="Mory Bah", phone="+224622445566"
    )
    charge(cast.lease, 250_000, cast.lease.start)
    pay(cast.lease, 250_000, cast.lease.start)
    claim = PaymentClaim(
        site=cast.conakry, lease=cast.lease, amount=5, method="cash", paid_on="2026-10-01",
        message="C’est Gassim", state="refused",
    )  # fmt: skip
    claim.photo.save("photo.jpg", ContentFile(b"a photo"))
    Lease.objects.filter(pk=cast.lease.pk).update(
        end=date(2026, 2, 28), state="terminated", notes="Clé chez Gassim"
    )
    return tenant


def erase(client, name, row, **said):
    return client.post(reverse(name, args=[row.pk]), SAID | said)


def known_words() -> str:
    """Return all that the history says, as one text."""
    return told_in(HISTORIES)


def told_in(tables) -> str:
    told = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL bytea_output = 'escape'")
        for table in tables:
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} AS t")
            told.append(cursor.fetchone()[0] or "")
    return " ".join(told)


def happened_yesterday():
    """Let all history be of yesterday, and sealed."""
    day = timezone.now() - timedelta(days=1)
    with connection.cursor() as cursor:
        for model in histories():
            with pgtrigger.ignore(f"{model._meta.label}:append_only"):
                cursor.execute(f"UPDATE {model._meta.db_table} SET pgh_created_at = %s", [day])
        cursor.execute("SET LOCAL akig.redacting = 'on'")
        cursor.execute("UPDATE pghistory_context SET created_at = %s", [day])
        cursor.execute("SET LOCAL akig.redacting = ''")
    seal_days()
    assert Seal.objects.exists()


def test_nothing_leads_to_an_erased_tenant(
    client, cast, gassim, django_capture_on_commit_callbacks
):
    stored = PaymentClaim.objects.get().photo
    client.force_login(cast.awa)
    assert erase(client, "tenants:erase_tenant", gassim).status_code == 302
    gassim.refresh_from_db()
    assert gassim.name.endswith(f" {gassim.pk}")  # what he is called from now on
    assert (gassim.email, gassim.identity, gassim.notes) == ("", "", "")
    assert (gassim.visit_days, gassim.visit_from) == ([], None)
    assert gassim.archived_on
    assert not TenantPhone.objects.exists()
    assert not Guarantor.objects.exists()
    claim = PaymentClaim.objects.get()
    assert (claim.message, claim.photo.name) == ("", "")
    assert not stored.storage.exists(stored.name)
    person = User.objects.get(pk=cast.gassim.pk)
    assert (person.is_active, person.email) == (False, f"{person.pk}@akig.invalid")
    words = known_words()
    for word in (
        "Gassim",
        "gassim@",
        "+224622112233",
        "Mory",
        "+224622445566",
        "Clé chez",
        "18:47",
    ):
        assert word not in words


def test_texts_reasons_and_calls_back_forget_him_too(client, cast, gassim):
    payment = Payment.objects.get()
    with pgtrigger.ignore("payments.Payment:fixed"):
        Payment.objects.filter(pk=payment.pk).update(notes="Apporté par Gassim")
    more = pay(cast.lease, 7, cast.lease.start)
    cancel_payment(actor=cast.diallo, payment=more, reason="Gassim s’est trompé")
    owed = charge(cast.lease, 9, cast.lease.start)
    waive_charge(actor=cast.awa, charge=owed, reason="Geste pour Gassim")
    asked = Approval.objects.create(
        site=cast.conakry, act="payments.cancel_payment", model="payments.payment",
        object_id=more.pk, about="B-1", amount=7, reason="Gassim le demande", asked_by=cast.diallo,
        expires_at=timezone.now(), state="expired",
    )  # fmt: skip
    Callback.objects.create(
        kind="wave", method="POST", state="done", body=b'{"msisdn": "224622112233"}'
    )
    other = Callback.objects.create(kind="wave", method="POST", state="done", body=b'{"to": 1}')
    job = Job.objects.create(
        kind="payments.print_receipts", title="Reçus de Gassim Touré", state="done",
        params={"receipts": [1]}, result={"errors": ["622112233: gassim@example.com"]},
    )  # fmt: skip
    ticket = MaintenanceTicket.objects.create(
        site=cast.conakry, property=cast.house, title="Fuite", description="Voir GASSIM TOURÉ"
    )
    cast.house.safety_note = "Le chien de Gassim Touré mord"
    cast.house.save()
    mission = Mission.objects.create(
        site=cast.conakry, agent=cast.estelle, day=date(2026, 1, 5), notes="Gassim absent"
    )
    Stop.objects.create(
        site=cast.conakry, mission=mission, day=mission.day, position=1, tenant=gassim,
        property=cast.house, amount=5, days_late=1,
    )  # fmt: skip
    with pghistory.context(reason="Gassim est malade", user=cast.awa.pk):
        Lease.objects.filter(pk=cast.lease.pk).update(notes="Sorti")
    happened_yesterday()

    client.force_login(cast.awa)
    assert erase(client, "tenants:erase_tenant", gassim).status_code == 302
    tables = [
        model._meta.db_table
        for model in (Payment, Charge, JournalEntry, Approval, Callback, Job, MaintenanceTicket)
    ] + ["sites_app_property", "agents_mission"]
    papers = ["payments_receiptevent"]  # stay as they were issued
    words = told_in({*tables, *HISTORIES, "pghistory_context"}.difference(papers))
    for word in ("Gassim", "GASSIM", "gassim@", "622112233"):
        assert word not in words
    job.refresh_from_db()
    assert (job.title.startswith("Reçus de "), job.params) == (True, {"receipts": [1]})
    cast.house.refresh_from_db()
    assert cast.house.safety_note.startswith("Le chien de ")
    ticket.refresh_from_db()
    assert ticket.description.endswith(f" {gassim.pk}")
    asked.refresh_from_db()
    assert (asked.reason, asked.amount) == ("", 7)
    assert bytes(Callback.objects.get(pk=other.pk).body) == b'{"to": 1}'
    assert verify() == []


def test_what_is_under_way_about_him_is_done_first(client, cast, gassim):
    payment = Payment.objects.get()
    Approval.objects.create(
        site=cast.conakry, act="payments.cancel_payment", model="payments.payment",
        object_id=payment.pk, about="B-1", amount=7, reason="Erreur", asked_by=cast.diallo,
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    client.force_login(cast.awa)
    answer = erase(client, "tenants:erase_tenant", gassim)
    assert answer.context["form"].refusal.code == "approval_waiting"


def test_his_link_opens_nothing_more(client, cast, gassim):
    link = link_address(gassim)
    assert client.get(link).status_code == 200
    client.force_login(cast.awa)
    erase(client, "tenants:erase_tenant", gassim)
    assert client.get(link).status_code == 404


def test_the_books_stay(client, cast, gassim):
    lines = list(JournalLine.objects.order_by("pk").values())
    receipt = Receipt.objects.get()
    client.force_login(cast.awa)
    erase(client, "tenants:erase_tenant", gassim)
    assert list(JournalLine.objects.order_by("pk").values()) == lines
    assert Receipt.objects.get().content == receipt.content


def test_seals_hold_and_what_else_is_altered_is_still_found(client, cast, gassim):
    happened_yesterday()
    client.force_login(cast.awa)
    assert erase(client, "tenants:erase_tenant", gassim).status_code == 302
    assert verify() == []
    redaction = Redaction.objects.get(table="tenants_tenantphoneevent", before__gt="")
    assert (redaction.columns, len(redaction.rows)) == (["number"], 1)
    with pgtrigger.ignore("tenants.TenantPhoneEvent:append_only"), connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_tenantphoneevent SET number = '+224620000000'")
    assert [(one.table, one.what) for one in verify()] == [
        ("tenants_tenantphoneevent", "has other rows (changed)")
    ]


def test_what_was_altered_before_is_not_passed_off_as_redacted(client, cast, gassim):
    happened_yesterday()
    with pgtrigger.ignore("tenants.TenantEvent:append_only"), connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_tenantevent SET notes = 'another'")
    client.force_login(cast.awa)
    answer = erase(client, "tenants:erase_tenant", gassim)
    assert answer.status_code == 409
    assert answer.context["form"].refusal.code == "record_altered"
    assert Tenant.objects.get(pk=gassim.pk).name == "Gassim Touré"


def test_who_erased_and_why_is_on_record(client, cast, gassim):
    client.force_login(cast.awa)
    erase(client, "tenants:erase_tenant", gassim)
    said = gassim.events.order_by("-pgh_id").first().pgh_context.metadata
    assert (said["verb"], said["user"]) == ("sites_app.erase_person", cast.awa.pk)
    assert said["reason"] == SAID["reason"]


def test_a_lease_that_runs_or_money_that_is_open_forbids_it(client, cast, gassim):
    client.force_login(cast.awa)
    leases = Lease.objects.filter(pk=cast.lease.pk)

    def refusal():
        assert client.get(reverse("tenants:erase_tenant", args=[gassim.pk])).context["refusal"]
        answer = erase(client, "tenants:erase_tenant", gassim)
        assert answer.status_code == 409
        return answer.context["form"].refusal.code

    leases.update(end=None, state="active")
    assert refusal() == "tenant_in_use"
    owed = charge(cast.lease, 10, cast.lease.start)
    leases.update(end=date(2026, 2, 28), state="terminated")
    assert refusal() == "money_open"
    waive_charge(actor=cast.awa, charge=owed, reason="Erreur")
    leases.update(end=None, state="active")
    hold_deposit(actor=cast.diallo, lease=cast.lease, amount=1, method="cash")
    leases.update(end=date(2026, 2, 28), state="terminated")
    assert refusal() == "money_open"


def test_one_of_the_staff_who_rented_keeps_his_access(client, cast, gassim):
    Tenant.objects.filter(pk=gassim.pk).update(user=cast.estelle)
    client.force_login(cast.awa)
    assert erase(client, "tenants:erase_tenant", gassim).status_code == 302
    person = User.objects.get(pk=cast.estelle.pk)
    assert (person.is_active, person.name) == (True, "Estelle Loua")
    gassim.refresh_from_db()
    assert gassim.user is None
    assert not gassim.events.exclude(user=None).exists()


def test_a_guarantor_is_erased_alone(client, cast, gassim):
    guarantor = Guarantor.objects.get()
    client.force_login(cast.awa)
    assert erase(client, "tenants:erase_guarantor", guarantor).status_code == 302
    assert "Mory" not in known_words()
    assert Tenant.objects.get(pk=gassim.pk).name == "Gassim Touré"


def test_an_owner_without_houses_is_erased(client, cast):
    owner = make_owner(cast.conakry, "Ibrahima Sow", phone="+224622000111", address="Kipé, n° 4")
    set_payment_details(
        actor=cast.awa, site=cast.conakry, owner=owner, method="wave", number="622001122",
        holder="Ibrahima Sow",
    )  # fmt: skip
    set_payment_details(
        actor=User.objects.system(),
        site=cast.dakar,
        owner=owner,
        method="wave",
        number="771234567",
        holder="Ibrahima Sow",
    )  # fmt: skip - at a branch that Awa does not see
    client.force_login(cast.awa)
    assert erase(client, "sites_app:erase_owner", owner).status_code == 302
    owner.refresh_from_db()
    assert (owner.name.endswith(f" {owner.pk}"), owner.address) == (True, "")
    assert not owner.payment_details.exists()
    words = known_words()
    assert "Ibrahima" not in words
    assert "+224622000111" not in words


def test_an_owner_whose_house_is_managed_anywhere_is_not(client, cast):
    owner = make_owner(cast.conakry)
    make_property(site=cast.dakar, owner=owner)  # a branch that nobody of the cast sees
    client.force_login(cast.awa)
    answer = erase(client, "sites_app:erase_owner", owner)
    assert answer.context["form"].refusal.code == "owner_in_use"


def test_the_page_tells_beforehand_what_goes(client, cast, gassim, django_assert_max_num_queries):
    client.force_login(cast.awa)
    with django_assert_max_num_queries(17):
        shown = client.get(reverse("tenants:erase_tenant", args=[gassim.pk]))
    found = {part.rows.model: part.number for part in shown.context["parts"]}
    assert found[TenantPhone] == found[Guarantor] == found[PaymentClaim] == 1
    assert Payment not in found  # nothing is written beside it


def test_it_is_asked_again_and_of_few(client, cast, gassim):
    page = reverse("tenants:erase_tenant", args=[gassim.pk])
    for person, status in ((cast.bachir, 403), (cast.gassim, 403)):
        client.force_login(person)
        assert client.post(page, SAID).status_code == status
    client.force_login(cast.awa)
    assert erase(client, "tenants:erase_tenant", gassim, sure="").status_code == 400
    session = client.session
    session["proved_at"] = 0
    session.save()
    assert client.get(page).url.startswith("/accounts/reauthenticate")
    assert Tenant.objects.get(pk=gassim.pk).name == "Gassim Touré"
