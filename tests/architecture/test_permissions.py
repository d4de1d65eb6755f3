"""Every page of the house, who may open it, and that a stranger finds nothing behind it."""

from collections import defaultdict
from datetime import date
from uuid import UUID

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, reverse

from accounts.keys import make_key
from accounts.models import Trace
from accounts.roles import ROLES
from agents.models import Mission
from payments.models import Account, Damage, ExitAccount, HandOver, Receipt, SharedCost
from payments.services.charging import charge_rent
from payments.services.claims import make_claim
from payments.services.closing import close_period
from payments.services.collecting import record_payment
from payments.services.deposits import hold_deposit
from payments.services.owner_costs import enter_owner_cost
from payments.services.payouts import prepare_payouts
from recovery.models import Case
from recovery.services.cases import refresh_cases
from recovery.services.disputes import file_dispute
from recovery.services.plans import agree_plan
from sites_app.models import MaintenanceTicket
from sites_app.services.sharing import share_property
from tenants.models import Guarantor
from tests.factories import (
    ask_approval,
    make_attempt,
    make_notice,
    make_promise,
    make_provider,
    make_statement,
    make_step,
)
from tests.pictures import JPEG

pytestmark = pytest.mark.django_db

#: Keys that no row has.
NOTHING = {int: 0, str: "NOTHING", UUID: UUID(int=0)}
#: Pages that ask for no right: open to all, to whoever holds a link, or to whoever signed in.
LINK = {"tenant_link", "link_pay", "link_wait", "link_claim", "link_receipt"}
OPEN = {"switch_theme", "set_language", "verify", "metrics"} | {f"payments:{name}" for name in LINK}
OPEN |= {"agents:terrain_worker", "agents:terrain_manifest"}
SIGNED_IN = {
    "home",
    "profile",
    "my_sign_ins",
    "my_data",
    "search",
    "payments:my_account",
    "reporting:owner_dashboard",
    "notifications:jobs",
    "notifications:job",
    "notifications:job_file",
    "notifications:cancel_job",
}

#: The right that each other page asks for. ``{lease}`` and the like stand for a row of Conakry.
PAGES = {
    "site.view": """
        switch_site sites_app:site_list sites_app:site_page/{site}
        sites_app:rule_history/{site}/{rule}""",
    "site.manage": """
        sites_app:open_branch sites_app:set_rule/{site} sites_app:add_holiday/{site}
        payments:set_cash_limit recovery:set_ladder/{site}""",
    "cash.handle": """
        payments:cash_page payments:cash_account/{till} payments:declare_hand_over
        payments:hand_over_list payments:hand_over_page/{hand_over}
        payments:confirm_hand_over/{hand_over} payments:refuse_hand_over/{hand_over}
        payments:hand_over_paper/{hand_over} payments:hand_over_history/{hand_over}""",
    "cash.close": """
        payments:closing_list payments:close_day payments:bank_deposit_list
        payments:carry_to_bank""",
    "owner.view": """
        sites_app:owner_list sites_app:owner_choices sites_app:owner_page/{owner}
        sites_app:owner_history/{owner} reporting:dashboard_of_owner/{owner}""",
    "owner.manage": """
        sites_app:add_owner sites_app:correct_owner/{owner} sites_app:archive_owner/{owner}
        sites_app:set_mandate/{property}""",
    "property.view": """
        sites_app:property_list sites_app:property_choices sites_app:property_page/{property}
        sites_app:property_history/{property} sites_app:unit_list sites_app:unit_page/{unit}
        sites_app:unit_history/{unit}""",
    "property.manage": """
        sites_app:add_property sites_app:correct_property/{property}
        sites_app:archive_property/{property} sites_app:generate_units/{property}
        sites_app:preview_units/{property} sites_app:correct_unit/{unit}
        sites_app:archive_unit/{unit}""",
    "maintenance.manage": "sites_app:report_fault/{property} sites_app:close_ticket/{ticket}",
    "tenant.view": """
        tenants:tenant_list tenants:tenant_choices tenants:tenant_page/{tenant}
        tenants:tenant_history/{tenant}""",
    "tenant.create": "tenants:add_tenant",
    "tenant.edit": """
        tenants:correct_tenant/{tenant} tenants:add_guarantor/{tenant}
        tenants:remove_guarantor/{guarantor}""",
    "tenant.delete": "tenants:archive_tenant/{tenant}",
    "tenant.export": "tenants:export_tenant/{tenant} sites_app:export_owner/{owner}",
    "tenant.erase": """
        tenants:erase_tenant/{tenant} tenants:erase_guarantor/{guarantor}
        sites_app:erase_owner/{owner}""",
    "lease.view": "tenants:lease_list tenants:lease_page/{lease} tenants:lease_history/{lease}",
    "lease.create": "tenants:sign_lease tenants:preview_lease",
    "lease.sign": "tenants:sign_prepared_lease/{lease}",
    "lease.edit": "tenants:correct_lease/{lease} tenants:change_rent/{lease}",
    "lease.terminate": "tenants:give_notice/{lease} tenants:end_lease/{lease}",
    "lease.delete": "tenants:cancel_lease/{lease}",
    "payment.view": """
        payments:payment_list payments:payment_page/{payment} payments:payment_history/{payment}
        payments:tenant_statement/{tenant} payments:charge_list payments:charge_page/{charge}
        payments:charge_history/{charge}
        payments:attempt_list payments:attempt_page/{attempt}""",
    "deposit.view": """
        payments:deposit_list payments:exit_page/{lease} payments:exit_paper/{lease}
        payments:damage_photo/{damage}""",
    "deposit.manage": """
        payments:hold_deposit/{lease} payments:take_over_deposit/{lease}
        payments:deduct_deposit/{lease} payments:refund_deposit/{lease}
        payments:reverse_deposit/{movement} payments:draw_exit/{lease} payments:add_damage/{lease}
        payments:remove_damage/{damage} payments:agree_exit/{lease}
        payments:exit_history/{lease}""",
    "payment.validate": """
        payments:claim_list payments:claim_page/{claim} payments:refuse_claim/{claim}
        payments:claim_photo/{claim} payments:claim_history/{claim}""",
    "payment.record": """
        payments:series payments:lease_choices
        payments:record_payment payments:preview_payment payments:start_attempt
        payments:ask_attempt/{attempt} payments:attempt_history/{attempt}""",
    "provider.manage": """
        payments:account_list payments:add_account payments:correct_account/{money_account}
        payments:provider_list payments:add_provider payments:provider_page/{provider}
        payments:correct_provider/{provider} payments:switch_provider/{provider}
        payments:provider_history/{provider}""",
    "payment.cancel": "payments:cancel_payment/{payment}",
    "payment.reconcile": """
        payments:statement_list payments:hand_in payments:statement_page/{statement}
        payments:say_what/{statement} payments:inbox payments:paste_message
        payments:matching_leases payments:line_page/{line} payments:accept_line/{line}
        payments:split_line/{line} payments:explain_line/{line} payments:explain_at_once/{line}
        payments:undo_line/{line} payments:reconciliation_list
        payments:reconciliation/{money_account}""",
    "receipt.view": """
        payments:receipt_list payments:receipt/{receipt} payments:receipt_paper/{number}""",
    "receipt.issue": """
        payments:issue_quittance/{charge} payments:hand_out_link/{tenant}
        payments:print_receipts""",
    "charge.run": """
        payments:raise_charge payments:charge_rent payments:preview_rent payments:rent_run/{run}
        payments:charge_late_fees payments:charge_shared_cost/{shared_cost}
        payments:regularise/{property}""",
    "approval.view": """
        sites_app:approval_list sites_app:approval_page/{approval}
        sites_app:withdraw_approval/{approval} sites_app:approval_history/{approval}""",
    "approval.decide": """
        sites_app:approve/{approval} sites_app:refuse_approval/{approval}""",
    "map.view": "agents:map",
    "arrears.view": """
        reporting:arrears recovery:case_list recovery:case_page/{case} recovery:promise_list
        recovery:plan_list recovery:plan_page/{plan}""",
    "collection.log_call": """
        tenants:set_visiting_hours/{tenant}
        recovery:desk recovery:day_report recovery:log_call/{case}
        recovery:correct_promise/{promise} recovery:cancel_promise/{promise}
        recovery:action_list recovery:send_step/{action} recovery:settle_step/{action}
        recovery:letter/{letter}""",
    "collection.view_all": """
        recovery:triage recovery:decide_otherwise/{case} recovery:leave_out/{case}""",
    "collection.log_visit": "recovery:log_visit/{case}",
    "mission.view_own": """
        agents:mission_list agents:mission_page/{mission}
        agents:terrain agents:terrain_words""",
    "mission.manage": """
        agents:plan_day agents:order_visits/{mission} agents:move_visit/{mission}""",
    "performance.view": "agents:ranking agents:scoreboard",
    "performance.manage": "agents:set_target/{assignment} agents:give_points/{assignment}",
    "audit.view": "reporting:record_page reporting:record_line/{trace}",
    "arrears.modify": """
        payments:waive_charge/{charge} payments:undo_regularisation/{property}
        recovery:pause_case/{case} recovery:resume_case/{case}
        recovery:agree_plan/{case} recovery:preview_plan/{case} recovery:cancel_plan/{plan}""",
    "dispute.view": """
        recovery:dispute_list recovery:dispute_page/{dispute} recovery:evidence/{dispute_step}""",
    "notice.view": """
        recovery:notice_list recovery:notice_page/{notice} recovery:notice_paper/{notice}
        recovery:notice_history/{notice}""",
    "notice.create": "recovery:write_notice/{lease} recovery:discard_notice/{notice}",
    "notice.validate": "recovery:issue_notice/{notice} recovery:withdraw_notice/{notice}",
    "dispute.manage": "recovery:file_dispute/{tenant} recovery:advance_dispute/{dispute}",
    "ledger.view": """
        payments:journal payments:trial_balance reporting:self_audit reporting:check_books""",
    "period.close": """
        payments:period_list reporting:month_end reporting:closed_month/{period}""",
    "period.reopen": "payments:reopen_period/{period}",
    "cost.manage": """
        payments:cost_list payments:enter_cost payments:enter_rate payments:shared_cost_list
        payments:choose_house
        payments:shared_cost_page/{shared_cost} payments:choose_shares/{shared_cost}
        payments:keep_shared_cost/{shared_cost} payments:cancel_shared_cost/{shared_cost}
        payments:enter_shared_cost/{property} payments:read_meters/{property}
        payments:add_meter/{property}""",
    "owner_cost.enter": """
        payments:enter_owner_cost/{owner} payments:cancel_owner_cost/{owner_cost}
        payments:owner_cost_history/{owner_cost}""",
    "maintenance.approve_cost": """
        payments:approve_owner_cost/{owner_cost} payments:refuse_owner_cost/{owner_cost}""",
    "payout.prepare": """
        payments:payout_run_list payments:prepare_payouts payments:payout_run/{payout_run}
        payments:cancel_payout_run/{payout_run} payments:payout_bank_file/{payout_run}
        payments:payout_mobile_file/{payout_run}/{wallet} payments:payout_history/{payout}
        payments:set_payment_details/{owner} payments:set_reserve/{property}""",
    "payout.approve": """
        payments:approve_payouts/{payout_run} payments:cancel_payout/{payout}""",
    "report.view": """
        payments:owner_cost_list payments:owner_cost_page/{owner_cost}
        payments:owner_cost_proof/{owner_cost} payments:owner_statement_list
        payments:owner_statement/{payout} payments:owner_statement_paper/{payout}""",
    "report.finance": "reporting:finance reporting:finance_pdf payments:rate_list",
    "user.manage": """
        sites_app:share_property/{person} sites_app:unshare_property/{share}
        authority person_list person_page/{person} people:correct_person/{person}
        people:add_person people:change_role/{person} people:shut_out/{person}
        people:let_in/{person} people:renew_password/{person} people:key_list
        people:make_key people:key_page/{key} people:renew_key/{key} people:revoke_key/{key}
        people:remove_factor/{person} people:release/{person}
        sites_app:assign_person/{person}
        sites_app:link_owner/{owner} tenants:link_tenant/{tenant}""",
    "import.run": """
        imports:import_list imports:begin imports:export imports:import_run/{import}
        imports:columns/{import} imports:apply_run/{import} imports:undo_run/{import}
        imports:refused_rows/{import}""",
}
ROWS = [
    (right, *page.split("/")) for right, pages in sorted(PAGES.items()) for page in pages.split()
]


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-10-31 09:00:00+00:00", tick=True):
        yield


@pytest.fixture
def house(cast):
    """One row of each kind at Conakry, by the names that ``PAGES`` uses."""
    lease = cast.lease
    run = charge_rent(actor=cast.diallo, site=cast.conakry, month=date(2026, 10, 1))
    payment = record_payment(actor=cast.diallo, lease=lease, amount=1, method="cash")
    receipt = Receipt.objects.get(payment=payment)
    ticket = MaintenanceTicket.objects.create(
        site=cast.conakry, property=cast.house, unit=cast.unit, title="Toit"
    )
    movement = hold_deposit(actor=cast.diallo, lease=lease, amount=1, method="cash")
    claim = make_claim(
        actor=cast.diallo, lease=lease, amount=1, method="cash", paid_on=date(2026, 10, 30)
    )
    account = ExitAccount.objects.create(
        site=cast.conakry, lease=lease, left_on=date(2026, 10, 31), drawn_by=cast.diallo
    )
    damage = Damage.objects.create(site=cast.conakry, account=account, label="Porte", amount=1)
    guarantor = Guarantor.objects.create(site=cast.conakry, tenant=cast.tenant, name="Mory Bah")
    owed = enter_owner_cost(
        actor=cast.diallo, site=cast.conakry, owner=cast.owner, kind="repair", label="Toit",
        amount=5, paid_from="571",
    )  # fmt: skip
    payouts = prepare_payouts(actor=cast.diallo, site=cast.conakry, month=date(2026, 10, 1))
    refresh_cases(actor=cast.awa, site=cast.conakry)
    case = Case.objects.get(tenant=cast.tenant)
    dispute = file_dispute(
        actor=cast.awa, tenant=cast.tenant, kind="refund_claim", summary="Double paiement",
        evidence=SimpleUploadedFile("a.jpg", JPEG),
    )  # fmt: skip
    provider = make_provider(cast.conakry)
    statement, line = make_statement(cast.conakry, cast.diallo)
    return {
        "owner_cost": owed.pk,
        "shared_cost": SharedCost.objects.create(
            site=cast.conakry,
            property=cast.house,
            utility="water",
            label="Eau",
            first_day=date(2026, 9, 1),
            last_day=date(2026, 9, 30),
            amount=1000,
            key="custom",
            entered_by=cast.diallo,
        ).pk,
        "payout_run": payouts.pk,
        "payout": payouts.payouts.get().pk,
        "wallet": "wave",
        "till": Account.objects.get(site=cast.conakry, code="571").pk,
        "hand_over": HandOver.objects.create(
            site=cast.conakry,
            source=Account.objects.get(site=cast.conakry, code="571"),
            target=Account.objects.get(site=cast.conakry, code="513"),
            declared=1,
            given_by=cast.estelle,
        ).pk,
        "site": cast.conakry.pk,
        "assignment": cast.estelle.assignments.get().pk,
        "rule": "rent_due_day",
        "owner": cast.owner.pk,
        "share": share_property(
            actor=cast.awa,
            person=cast.coumba,
            property=cast.house,
            reason="Audit",
            ends_on=date(2026, 10, 31),
        ).pk,
        "property": cast.house.pk,
        "unit": cast.unit.pk,
        "ticket": ticket.pk,
        "tenant": cast.tenant.pk,
        "guarantor": guarantor.pk,
        "lease": lease.pk,
        "payment": payment.pk,
        "movement": movement.pk,
        "damage": damage.pk,
        "claim": claim.pk,
        "charge": lease.charges.first().pk,
        "receipt": receipt.pk,
        "number": receipt.number,
        "case": case.pk,
        "promise": make_promise(cast.tenant).pk,
        "plan": agree_plan(actor=cast.awa, case=case, number=2, first_on=date(2026, 11, 1)).pk,
        "dispute": dispute.pk,
        "dispute_step": dispute.steps.get().pk,
        "action": make_step(case, channel="sms").pk,
        "letter": make_step(case, state="sent").pk,
        "notice": make_notice(lease).pk,
        "run": run.pk,
        "period": close_period(actor=cast.diallo, site=cast.conakry, month=date(2026, 9, 1)).pk,
        "import": 0,
        "statement": statement.pk,
        "line": line.pk,
        "money_account": line.account_id,
        "provider": provider.pk,
        "attempt": make_attempt(provider, lease, state="failed", reason="EXPIRED").pk,
        "mission": Mission.objects.create(
            site=cast.conakry, agent=cast.estelle, day=date(2026, 10, 31)
        ).pk,
        "person": cast.coumba.pk,
        "approval": ask_approval(payment, cast.diallo).pk,
        "trace": Trace.objects.filter(model="payments.payment").latest("id").pk,
        "key": make_key(
            actor=cast.admin, name="Site", scopes=["lease.view"], branches=["GN_CONAKRY"]
        )[0].pk,
    }


def address(house, name, parts):
    return reverse(name, args=[house[part.strip("{}")] for part in parts])


def knock(client, url):
    answer = client.get(url)
    return client.post(url) if answer.status_code == 405 else answer


def everybody(cast):
    return {
        "admin": cast.admin,
        "pdg": cast.awa,
        "chef_equipe": cast.bachir,
        "secretaire": cast.coumba,
        "comptable": cast.diallo,
        "agent": cast.estelle,
        "proprietaire": cast.fode,
        "locataire": cast.gassim,
    }


def test_every_page_stands_in_the_table():
    known = {name for _right, name, *_parts in ROWS} | OPEN | SIGNED_IN
    assert set(pages()) - known == set()


def test_the_table_and_the_doors_ask_for_the_same_rights():
    doors = pages()
    assert {name: right for right, name, *_parts in ROWS} == {
        name: doors[name].permission for _right, name, *_parts in ROWS
    }


def pages():
    """Return the views of our pages by name; the API, the back-office and the sign-in apart."""

    def walk(resolver, space):
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                if str(pattern.pattern) not in ("api/", "admin/", "accounts/"):
                    inside = f"{pattern.namespace}:" if pattern.namespace else space
                    yield from walk(pattern, inside)
            else:
                yield f"{space}{pattern.name}", pattern.callback

    return dict(walk(get_resolver(), ""))


@pytest.mark.parametrize("role", ROLES)
def test_pages_open_to_a_role_by_its_rights(client, cast, house, role):
    """Rows that are not there are asked for: the right comes first, and nothing is drawn."""
    nothing = {name: NOTHING[type(key)] for name, key in house.items()}
    client.force_login(everybody(cast)[role])
    for right, name, *parts in ROWS:
        status = knock(client, address(nothing, name, parts)).status_code
        if right in ROLES[role].split():
            assert status not in (403, 500), name
        else:
            assert status == 403, name


def test_pages_are_drawn_for_who_may_most_and_who_may_least(client, cast, house):
    for role, rows in readers().items():
        client.force_login(everybody(cast)[role])
        for name, *parts in rows:
            status = knock(client, address(house, name, parts)).status_code
            assert status not in (403, 500), (role, name)


def readers() -> dict[str, list]:
    """Return what is drawn for each role: of each page's, the one of most and of fewest rights."""
    drawn = defaultdict(list)
    for right, *row in ROWS:
        able = [role for role, rights in ROLES.items() if right in rights.split()]
        able.sort(key=lambda role: len(ROLES[role].split()))
        for role in {able[0], able[-1]}:
            drawn[role].append(row)
    return drawn


def test_nothing_of_conakry_exists_for_kindia(client, cast, house):
    client.force_login(cast.hadja)
    for right, name, *parts in ROWS:
        if parts:
            expected = 404 if right in ROLES["chef_equipe"].split() else 403
            assert knock(client, address(house, name, parts)).status_code == expected, name


def test_what_is_shared_is_read_and_no_act_reaches_it(client, cast, house):
    share_property(
        actor=cast.awa,
        person=cast.hadja,
        property=cast.house,
        ends_on=date(2026, 10, 31),
        reason="Audit",
    )
    client.force_login(cast.hadja)
    read = {"property", "unit", "tenant", "lease", "charge", "payment", "receipt", "number"}
    for right, name, *parts in ROWS:
        if not parts or right not in ROLES["chef_equipe"].split():
            continue
        url = address(house, name, parts)
        is_read = right.endswith(".view") and parts[0].strip("{}") in read
        status = knock(client, url).status_code
        assert status in ((200, 302) if is_read else (200, 404)), name
        if not right.endswith(".view"):
            assert status == 404, name
        assert client.post(url).status_code in (404, 405), name


def test_strangers_are_sent_to_the_sign_in(client, house):
    for _right, name, *parts in ROWS:
        answer = knock(client, address(house, name, parts))
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/accounts/login/"), name


@pytest.mark.parametrize("name", sorted(SIGNED_IN))
def test_the_other_pages_ask_for_a_sign_in(client, name):
    url = reverse(
        name, args=[1] if name.split(":")[-1] in ("job", "job_file", "cancel_job") else []
    )
    answer = knock(client, url)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
