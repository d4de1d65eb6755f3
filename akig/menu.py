"""The menu of the pages, by job: the one place where its groups and items are declared.

An item shows when its address exists and the person's role holds its permission. At most seven
groups (``look.md``): a new page joins a group, it does not open one.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Item:
    """``permission`` may be empty: the page itself decides what its reader sees."""

    label: str | Promise
    url_name: str
    permission: str = ""


@dataclass(frozen=True)
class Group:
    label: str | Promise
    items: tuple[Item, ...]


STAFF_MENU = (
    Group(
        _("Today"),
        (
            Item(_("Today"), "home"),
            Item(_("Alerts"), "notifications:alert_list", "alert.view"),
            Item(_("Tasks"), "notifications:task_list", "task.view"),
            Item(_("Approvals"), "sites_app:approval_list", "approval.view"),
            Item(_("Work in progress"), "notifications:jobs"),
        ),
    ),
    Group(
        _("Take money"),
        (
            Item(_("Record a payment"), "payments:record_payment", "payment.record"),
            Item(_("Payments in series"), "payments:series", "payment.record"),
            Item(_("Payments"), "payments:payment_list", "payment.view"),
            Item(_("Cash"), "payments:cash_page", "cash.handle"),
            Item(_("Receipts"), "payments:receipt_list", "receipt.view"),
            Item(_("Tenants say to have paid"), "payments:claim_list", "payment.validate"),
            Item(_("Mobile money"), "payments:attempt_list", "payment.record"),
        ),
    ),
    Group(
        _("Recovery"),
        (
            Item(_("Recovery desk"), "recovery:desk", "collection.log_call"),
            Item(_("Who is late?"), "recovery:case_list", "arrears.view"),
            Item(_("Promises to pay"), "recovery:promise_list", "arrears.view"),
            Item(_("Whom to write to?"), "recovery:triage", "collection.view_all"),
            Item(_("Messages to tenants"), "recovery:action_list", "collection.log_call"),
            Item(_("Instalment plans"), "recovery:plan_list", "arrears.view"),
            Item(_("Disputes"), "recovery:dispute_list", "dispute.view"),
            Item(_("Missions"), "agents:mission_list", "mission.view_own"),
            Item(_("Map"), "agents:map", "map.view"),
            Item(_("In the field"), "agents:terrain", "mission.view_own"),
        ),
    ),
    Group(
        _("Tenants and leases"),
        (
            Item(_("Tenants"), "tenants:tenant_list", "tenant.view"),
            Item(_("Leases"), "tenants:lease_list", "lease.view"),
            Item(_("Notices"), "recovery:notice_list", "notice.view"),
            Item(_("Deposits"), "payments:deposit_list", "deposit.view"),
            Item(_("Charges"), "payments:charge_list", "arrears.view"),
            Item(_("Charge the rent"), "payments:charge_rent", "charge.run"),
        ),
    ),
    Group(
        _("Properties and owners"),
        (
            Item(_("Properties"), "sites_app:property_list", "property.view"),
            Item(_("Owners"), "sites_app:owner_list", "owner.view"),
            Item(_("Costs of owners"), "payments:owner_cost_list", "report.view"),
            Item(_("Statements of owners"), "payments:owner_statement_list", "report.view"),
            Item(_("Branches"), "sites_app:site_list", "site.view"),
            Item(_("Import spreadsheets"), "imports:import_list", "import.run"),
        ),
    ),
    Group(
        _("Accounts"),
        (
            Item(_("Unknown money"), "payments:inbox", "payment.reconcile"),
            Item(_("Statements"), "payments:statement_list", "payment.reconcile"),
            Item(_("Books and bank"), "payments:reconciliation_list", "payment.reconcile"),
            Item(_("Payouts to owners"), "payments:payout_run_list", "payout.prepare"),
            Item(_("Shared costs"), "payments:shared_cost_list", "cost.manage"),
            Item(_("The agency's costs"), "payments:cost_list", "cost.manage"),
            Item(_("Journal"), "payments:journal", "ledger.view"),
            Item(_("Are the accounts right?"), "reporting:self_audit", "ledger.view"),
            Item(_("Who did what?"), "reporting:record_page", "audit.view"),
            Item(_("Who may do what?"), "authority", "user.manage"),
            Item(_("End of the month"), "reporting:month_end", "period.close"),
            Item(_("Closed months"), "payments:period_list", "period.close"),
            Item(_("Bank accounts and wallets"), "payments:account_list", "provider.manage"),
            Item(_("Mobile-money contracts"), "payments:provider_list", "provider.manage"),
        ),
    ),
    Group(
        _("Reports"),
        (
            Item(_("Arrears"), "reporting:arrears", "arrears.view"),
            Item(_("Finance"), "reporting:finance", "report.finance"),
            Item(_("Ranking"), "agents:ranking", "performance.view"),
            Item(_("Scoreboard"), "agents:scoreboard", "performance.view"),
            Item(_("All reports"), "reporting:report_list", "report.view"),
        ),
    ),
)

OWNER_MENU = (
    Group(
        _("My property"),
        (
            Item(_("My properties"), "reporting:owner_dashboard", "property.view"),
            Item(_("My statements"), "payments:owner_statement_list", "report.view"),
            Item(_("My costs"), "payments:owner_cost_list", "report.view"),
        ),
    ),
)

TENANT_MENU = (
    Group(_("My home"), (Item(_("My account"), "payments:my_account", "payment.view"),)),
)

MENUS = {"proprietaire": OWNER_MENU, "locataire": TENANT_MENU}


def menu_of(role: str) -> tuple[Group, ...]:
    """Return the whole menu of ``role``, before its items are hidden by address and permission."""
    return MENUS.get(role, STAFF_MENU)
