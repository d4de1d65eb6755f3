"""The whole authority of the system on one page: which role may do what.

``manage.py migrate`` stores it as Django groups and permissions, so that the admin shows it.
"""

from collections.abc import Iterator

from django.apps import apps as installed
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "site.view": _("See the branches"),
    "site.manage": _("Open branches and set their rules"),
    "property.view": _("See properties and units"),
    "property.manage": _("Add and correct properties and units"),
    "owner.view": _("See owners"),
    "owner.manage": _("Add and correct owners and mandates"),
    "tenant.view": _("See tenants"),
    "tenant.create": _("Add tenants"),
    "tenant.edit": _("Correct tenants"),
    "tenant.delete": _("Archive tenants"),
    "tenant.export": _("Export tenants"),
    "tenant.erase": _("Erase personal data"),
    "lease.view": _("See leases"),
    "lease.create": _("Prepare leases"),
    "lease.edit": _("Correct leases"),
    "lease.sign": _("Sign leases"),
    "lease.terminate": _("Take notices and end leases"),
    "lease.delete": _("Cancel leases"),
    "payment.view": _("See payments"),
    "payment.record": _("Record payments"),
    "payment.validate": _("Confirm payments"),
    "payment.cancel": _("Cancel payments"),
    "payment.refund": _("Refund payments"),
    "payment.reconcile": _("Match statements"),
    "payment.import": _("Import payments"),
    "payment.export": _("Export payments"),
    "receipt.view": _("See receipts"),
    "receipt.issue": _("Issue rent receipts"),
    "charge.run": _("Charge the rent"),
    "arrears.view": _("See arrears"),
    "arrears.modify": _("Waive charges"),
    "ledger.view": _("Read the journal"),
    "period.close": _("Close periods"),
    "period.reopen": _("Reopen closed periods"),
    "provider.manage": _("Set up banks, wallets and providers"),
    "payout.prepare": _("Prepare payouts to owners"),
    "payout.approve": _("Approve payouts to owners"),
    "owner_cost.enter": _("Enter costs and advances of owners"),
    "cash.handle": _("Hand over and receive cash"),
    "cash.close": _("Close the till"),
    "cost.manage": _("Enter the agency's costs"),
    "import.run": _("Import spreadsheets"),
    "collection.log_call": _("Log calls"),
    "collection.log_visit": _("Log visits"),
    "collection.view_all": _("See the whole recovery desk"),
    "mission.view_own": _("See one's missions"),
    "mission.manage": _("Plan missions"),
    "mission.assign": _("Assign missions"),
    "map.view": _("See the map"),
    "performance.view": _("See the agents' results"),
    "performance.manage": _("Set the agents' targets and give points"),
    "deposit.view": _("See deposits"),
    "deposit.manage": _("Hold and return deposits"),
    "notice.view": _("See notices"),
    "notice.create": _("Write notices"),
    "notice.validate": _("Validate notices"),
    "dispute.view": _("See disputes"),
    "dispute.manage": _("Handle disputes"),
    "maintenance.view": _("See maintenance"),
    "maintenance.manage": _("Handle maintenance"),
    "maintenance.approve_cost": _("Approve repair costs"),
    "report.view": _("See reports"),
    "report.export": _("Export reports"),
    "report.finance": _("See the finance report"),
    "prediction.view": _("See predictions"),
    "prediction.save": _("Store predictions"),
    "retention.manage": _("Run retention campaigns"),
    "task.view": _("See one's tasks"),
    "task.manage": _("Manage tasks"),
    "alert.view": _("See alerts"),
    "alert.send_admin": _("Send alerts"),
    "widget.configure": _("Arrange the dashboard"),
    "user.manage": _("Manage people and their rights"),
    "audit.view": _("Read the record of acts"),
    "settings.edit": _("Change the settings"),
    "approval.view": _("See what waits for a second person"),
    "approval.decide": _("Give or refuse a second person's yes"),
}

#: How the table is read: subjects, each with the first words of its permissions.
SUBJECTS = (
    (_("Branches and properties"), "site property owner maintenance import"),
    (_("Tenants and leases"), "tenant lease deposit notice dispute"),
    (_("Money that comes in"), "payment receipt charge arrears cash provider"),
    (_("Books and payouts"), "ledger period cost owner_cost payout"),
    (_("Recovery"), "collection mission map performance prediction retention"),
    (_("Reports and tasks"), "report task alert widget"),
    (_("People and settings"), "user approval audit settings"),
)

#: What nobody hands on to a program: who gets in, which rules hold, a second person's yes, and
#: what cannot be undone.
PERSONAL = frozenset(
    {
        "user.manage",
        "site.manage",
        "settings.edit",
        "payout.approve",
        "approval.decide",
        "tenant.erase",
    }
)

_DESK = """
    site.view property.view owner.view tenant.view tenant.create tenant.edit lease.view lease.create
    payment.view payment.record receipt.view arrears.view maintenance.view maintenance.manage
    notice.view deposit.view dispute.view task.view alert.view report.view widget.configure
"""

ROLES = {
    "admin": " ".join(PERMISSIONS),
    "pdg": " ".join(code for code in PERMISSIONS if code != "settings.edit"),
    "chef_equipe": f"""{_DESK}
        property.manage owner.manage tenant.delete tenant.export lease.edit lease.sign
        lease.terminate payment.cancel payment.export receipt.issue charge.run arrears.modify
        import.run collection.log_call collection.log_visit collection.view_all mission.view_own
        mission.manage mission.assign map.view performance.view performance.manage notice.create
        notice.validate dispute.manage report.export report.finance prediction.view
        retention.manage task.manage owner_cost.enter cash.handle approval.view approval.decide""",
    "secretaire": f"""{_DESK}
        tenant.export receipt.issue collection.log_call notice.create dispute.manage
        payment.validate cash.handle cash.close""",
    "comptable": f"""{_DESK}
        tenant.export payment.validate payment.cancel payment.refund payment.reconcile
        payment.import payment.export receipt.issue charge.run arrears.modify ledger.view
        period.close cost.manage import.run deposit.manage report.export report.finance
        maintenance.approve_cost payout.prepare owner_cost.enter cash.handle cash.close
        approval.view""",
    "agent": """
        site.view property.view tenant.view lease.view payment.view payment.record receipt.view
        arrears.view collection.log_call collection.log_visit mission.view_own map.view
        maintenance.view task.view alert.view cash.handle""",
    "proprietaire": """
        property.view tenant.view lease.view payment.view receipt.view arrears.view
        maintenance.view report.view alert.view deposit.view""",
    "locataire": "lease.view payment.view receipt.view alert.view deposit.view",
}

ROLE_NAMES = {
    "admin": _("administrator"),
    "pdg": _("director"),
    "chef_equipe": _("team lead"),
    "secretaire": _("secretary"),
    "agent": _("field agent"),
    "comptable": _("accountant"),
    "proprietaire": _("owner"),
    "locataire": _("tenant"),
}

#: Roles whose holders work for the agency, as opposed to owners and tenants.
STAFF = ("admin", "pdg", "chef_equipe", "secretaire", "comptable", "agent")

#: Roles whose holders sign in with a second factor, after days of grace.
SECOND_FACTOR = ("admin", "pdg", "chef_equipe", "comptable")


def by_subject() -> Iterator[tuple[Promise, list[str]]]:
    """Yield each subject with its permission codes, in the order of the table."""
    for subject, words in SUBJECTS:
        of = words.split()
        yield subject, [code for code in PERMISSIONS if code.partition(".")[0] in of]


def store_roles(apps=installed, **kwargs):
    """Make the groups of the database equal to the table above (after each migrate and flush)."""
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    type_model = apps.get_model("contenttypes", "ContentType")
    rights, _created = type_model.objects.get_or_create(app_label="accounts", model="right")
    stored = {}
    for code, label in PERMISSIONS.items():
        stored[code], _created = permission_model.objects.update_or_create(
            content_type=rights, codename=code, defaults={"name": str(label)[:255]}
        )
    permission_model.objects.filter(content_type=rights).exclude(codename__in=PERMISSIONS).delete()
    for role, codes in ROLES.items():
        group, _created = group_model.objects.get_or_create(name=role)
        group.permissions.set([stored[code] for code in codes.split()])
