"""The back-office: opens, hides, stays quick, and never touches money."""

from datetime import date

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from payments.models import AgencyCost, Charge, JournalEntry, Payment, Receipt
from sites_app.models import MaintenanceTicket
from tenants.models import Tenant
from tests.factories import charge, make_lease, make_owner, make_tenant, pay

MONEY = (Payment, Charge, JournalEntry, Receipt)
MOST_QUERIES = 12


def page(model, name, *args):
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=args)


@pytest.fixture
def paid(cast):
    charge(cast.lease, 1_000_000, date(2026, 1, 1))
    return pay(cast.lease, 400_000)


def test_strangers_sign_in_where_everybody_does(client, cast):
    answer = client.get("/admin/")
    assert answer.status_code == 302
    while answer.status_code == 302 and "/accounts/login/" not in answer.url:
        answer = client.get(answer.url)
    assert "/accounts/login/" in answer.url


@pytest.mark.parametrize("person", ["estelle", "fode", "gassim"])
def test_who_does_not_work_in_the_office_stays_out(client, cast, person):
    client.force_login(getattr(cast, person))
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 403


def test_every_page_of_every_noun_opens(client, cast, paid, django_assert_max_num_queries):
    client.force_login(cast.awa)
    for model, door in admin.site._registry.items():
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(page(model, "changelist")).status_code == 200, model
        if door.search_fields:
            assert client.get(page(model, "changelist") + "?q=gas").status_code == 200, model
        row = door.get_queryset(_request(cast.awa)).first()
        if row is None:
            continue
        assert client.get(page(model, "change", row.pk)).status_code == 200, model
        assert client.get(page(model, "history", row.pk)).status_code == 200, model


def _request(user):
    class Asked:
        sites = ()
        GET: dict = {}

    asked = Asked()
    asked.user, asked.sites = user, [row.site for row in user.assignments.select_related("site")]
    return asked


def test_two_hundred_rows_cost_no_more_queries(client, cast, paid, django_assert_max_num_queries):
    for number in range(60):
        tenant = make_tenant(site=cast.conakry, name=f"Locataire {number}", phone="+224622000000")
        lease = make_lease(site=cast.conakry, tenant=tenant)
        charge(lease, 1_000_000, date(2026, 1, 1))
        pay(lease, 300_000)
    client.force_login(cast.awa)
    for model in admin.site._registry:
        with django_assert_max_num_queries(10):
            answer = client.get(page(model, "changelist"))
        assert answer.status_code == 200


@pytest.mark.parametrize("model", MONEY)
def test_money_is_read_and_never_touched(client, cast, paid, model):
    client.force_login(cast.admin)
    row = model.objects.first()
    assert client.get(page(model, "change", row.pk)).status_code == 200
    assert client.post(page(model, "change", row.pk), {"amount": "1"}).status_code == 403
    assert client.get(page(model, "add")).status_code == 403
    assert client.get(page(model, "delete", row.pk)).status_code == 403
    assert client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(page(model, "changelist"), chosen)
    assert model.objects.filter(pk=row.pk).exists()


def test_nothing_is_deleted_here(client, cast, paid):
    client.force_login(cast.admin)
    for model, door in admin.site._registry.items():
        row = door.get_queryset(_request(cast.admin)).first()
        if row is not None:
            assert client.get(page(model, "delete", row.pk)).status_code == 403, model


def test_another_branch_is_neither_listed_nor_opened_nor_exported(client, cast, paid):
    client.force_login(cast.hadja)
    for model, door in admin.site._registry.items():
        if not door.has_view_permission(_request(cast.hadja)):
            assert client.get(page(model, "changelist")).status_code == 403
            continue
        for query in ("", "?q=gassim", "?site=GN_CONAKRY", "?site__exact=GN_CONAKRY"):
            body = client.get(page(model, "changelist") + query, follow=True).content.decode()
            assert "Gassim" not in body, model
            assert cast.house.name not in body, model
    for row in (cast.tenant, cast.lease, cast.house, cast.owner, paid):
        assert client.get(page(type(row), "change", row.pk)).status_code == 302
        assert client.get(page(type(row), "history", row.pk)).status_code in (302, 404)
    make_tenant(site=cast.kindia, name="Ousmane")
    exported = export(client, Tenant)
    assert "Ousmane" in exported
    assert "Gassim" not in exported


def export(client, model) -> str:
    """Return what the export of a list hands out, as CSV with every column."""
    form = client.get(page(model, "export")).context["form"]
    columns = [name for name in form.fields if name not in ("format", "resource", "export_items")]
    answer = client.post(page(model, "export"), {"format": "0", **dict.fromkeys(columns, "on")})
    assert answer["Content-Type"].startswith("text/csv")
    return answer.content.decode()


def test_a_correction_is_an_act_with_its_history(client, cast):
    client.force_login(cast.bachir)
    data = {"name": "Gassim Touré", "code": cast.tenant.code, "language": "fr", "channel": "sms"}
    data |= {"state": "active", "visit_days": ["1", "6"]}
    answer = client.post(page(Tenant, "change", cast.tenant.pk), data | FORMS)
    assert answer.status_code == 302
    cast.tenant.refresh_from_db()
    assert (cast.tenant.channel, cast.tenant.visit_days) == ("sms", [1, 6])
    last = cast.tenant.events.order_by("pgh_id").last()
    assert last.pgh_context.metadata["verb"] == "tenants.correct_tenant"
    assert last.pgh_context.metadata["user"] == cast.bachir.pk


FORMS = {
    f"{name}-{part}_FORMS": "0"
    for name in ("phones", "guarantors", "leases")
    for part in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")
}


def test_the_secretary_corrects_tenants_and_reads_owners(client, cast):
    owner = make_owner(cast.conakry)
    client.force_login(cast.coumba)
    assert client.get(page(type(owner), "change", owner.pk)).status_code == 200
    assert client.post(page(type(owner), "change", owner.pk), {"name": "X"}).status_code == 403


def test_a_button_opens_the_form_of_the_page_and_comes_back(client, cast):
    client.force_login(cast.bachir)
    back = page(type(cast.lease), "change", cast.lease.pk)
    button = client.get(f"/admin/tenants/lease/{cast.lease.pk}/end_lease")
    if button.status_code == 301:
        button = client.get(button.url)
    assert button.status_code == 302
    assert button.url.startswith(reverse("tenants:end_lease", args=[cast.lease.pk]))
    done = client.post(button.url, {"on": "2026-03-31", "reason": ""})
    assert done.url == back


def test_a_cost_is_entered_through_its_act(client, cast):
    client.force_login(cast.diallo)
    data = {"site": cast.conakry.pk, "month": "2026-03-15", "category": "salaries"}
    answer = client.post(page(AgencyCost, "add"), data | {"amount": "5000000", "notes": ""})
    assert answer.status_code == 302
    cost = AgencyCost.objects.get()
    assert (cost.month, cost.amount, cost.entered_by) == (date(2026, 3, 1), 5_000_000, cast.diallo)


def test_a_formula_goes_out_as_a_text(client, cast):
    make_tenant(site=cast.conakry, name="=cmd|'/C calc'!A0")
    client.force_login(cast.bachir)
    exported = export(client, Tenant)
    assert "cmd|" in exported
    assert ",=cmd" not in exported


def test_only_the_direction_sees_people_and_rights(client, cast):
    client.force_login(cast.bachir)
    for name in ("accounts_user", "auth_group", "sites_app_assignment"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403
    with pytest.raises(NoReverseMatch):
        reverse("admin:django_rq_dashboard_changelist")


def test_amounts_are_read_in_groups_with_their_currency(client, cast, paid):
    client.force_login(cast.admin)
    grouped, line = "400\u202f000\u00a0GNF", paid.entries.first()
    for row in (paid, paid.receipts.first(), line, cast.lease.charges.first()):
        page_of_row = client.get(page(type(row), "change", row.pk)).content.decode()
        assert grouped in page_of_row, row
        assert "400000" not in page_of_row, row
    assert "400000" not in f"{paid}{line}{paid.allocations.first()}{line.lines.first()}"


def test_an_amount_that_may_be_corrected_stays_a_number(client, cast):
    client.force_login(cast.bachir)
    form = client.get(page(type(cast.unit), "change", cast.unit.pk)).context["adminform"].form
    assert "advised_rent" in form.fields
    ticket = MaintenanceTicket.objects.create(
        site=cast.conakry, property=cast.house, unit=cast.unit, title="Toit", cost=250_000
    )
    read = client.get(page(MaintenanceTicket, "change", ticket.pk)).content.decode()
    assert "250\u202f000\u00a0GNF" in read
