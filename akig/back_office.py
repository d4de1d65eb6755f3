"""How the back-office looks and what stands in its side bar, by job as on the pages."""

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def item(label, model: str, permission: str, icon: str) -> dict:
    """Return a line of the side bar, shown to whose role holds ``permission``."""
    return {
        "title": label,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model}_changelist"),
        "permission": lambda request: request.user.may(permission),
    }


UNFOLD = {
    "SITE_TITLE": "AKIG",
    "SITE_HEADER": "AKIG",
    "SITE_SUBHEADER": _("Administration"),
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("logo.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("logo.svg")}
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    # In a stylesheet of ours: the policy of contents lets no style stand inside a page.
    "COLORS": lambda request: {},
    "STYLES": [lambda request: static("back-office.css")],
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    {
                        "title": _("Back to the pages"),
                        "icon": "arrow_back",
                        "link": "/",
                    }
                ]
            },
            {
                "title": _("Tenants and leases"),
                "items": [
                    item(_("Tenants"), "tenants_tenant", "tenant.view", "group"),
                    item(_("Leases"), "tenants_lease", "lease.view", "description"),
                    item(_("Guarantors"), "tenants_guarantor", "tenant.view", "handshake"),
                ],
            },
            {
                "title": _("Properties and owners"),
                "items": [
                    item(_("Owners"), "sites_app_owner", "owner.view", "person"),
                    item(_("Properties"), "sites_app_property", "property.view", "apartment"),
                    item(_("Units"), "sites_app_unit", "property.view", "door_front"),
                    item(_("Mandates"), "sites_app_mandate", "owner.view", "percent"),
                    item(
                        _("Maintenance"),
                        "sites_app_maintenanceticket",
                        "maintenance.view",
                        "build",
                    ),
                    item(_("Equipment"), "sites_app_equipment", "maintenance.view", "water_pump"),
                ],
            },
            {
                "title": _("Money"),
                "items": [
                    item(_("Payments"), "payments_payment", "payment.view", "payments"),
                    item(_("Receipts"), "payments_receipt", "receipt.view", "receipt_long"),
                    item(_("Charges"), "payments_charge", "arrears.view", "request_quote"),
                    item(_("Rent runs"), "payments_rentrun", "charge.run", "event_repeat"),
                ],
            },
            {
                "title": _("Recovery"),
                "items": [
                    item(_("Cases"), "recovery_case", "arrears.view", "folder_open"),
                    item(_("Calls and visits"), "recovery_contact", "collection.view_all", "call"),
                    item(_("Promises to pay"), "recovery_promise", "arrears.view", "handshake"),
                    item(_("Disputes"), "recovery_dispute", "dispute.view", "gavel"),
                ],
            },
            {
                "title": _("Accounts"),
                "items": [
                    item(_("Journal"), "payments_journalentry", "ledger.view", "menu_book"),
                    item(_("Accounts"), "payments_account", "ledger.view", "account_balance"),
                    item(_("Closed periods"), "payments_closedperiod", "ledger.view", "lock"),
                    item(_("Agency costs"), "payments_agencycost", "report.finance", "sell"),
                ],
            },
            {
                "title": _("The agency"),
                "items": [
                    item(_("Branches"), "sites_app_site", "site.view", "domain"),
                    item(_("Holidays"), "sites_app_holiday", "site.view", "event"),
                    item(_("People"), "accounts_user", "user.manage", "badge"),
                    item(_("Assignments"), "sites_app_assignment", "user.manage", "pin_drop"),
                    item(_("Roles"), "auth_group", "user.manage", "key"),
                    item(_("Jobs"), "notifications_job", "audit.view", "pending_actions"),
                ],
            },
        ],
    },
}
