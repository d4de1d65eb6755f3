"""Recovery in the back-office: to be read; what changes is done on the desk's pages."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from akig.lib.admin import BranchAdmin, ReadOnlyAdmin, money_column
from recovery.models import Case, Contact, Dispute, Promise


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    view_code = "arrears.view"
    amounts = ("balance",)
    export_code = "report.export"
    list_display = ("tenant", "balance_shown", "oldest_due", "state", "level", "next_on", "site")
    list_filter = (*BranchAdmin.list_filter, "state")
    list_select_related = ("site", "tenant")
    balance_shown = money_column("balance", _("late"))


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    view_code = "collection.view_all"
    amounts = ("owed",)
    export_code = "report.export"
    list_display = ("made_at", "tenant", "kind", "result", "made_by", "site")
    list_filter = (*BranchAdmin.list_filter, "kind", "result", ("made_at", RangeDateFilter))
    list_select_related = ("site", "tenant", "made_by")


@admin.register(Promise)
class PromiseAdmin(ReadOnlyAdmin):
    view_code = "arrears.view"
    amounts = ("amount", "received")
    export_code = "report.export"
    list_display = (
        "due_on", "tenant", "amount_shown", "received_shown", "made_by", "cancelled_at", "site",
    )  # fmt: skip
    list_filter = (*BranchAdmin.list_filter, ("due_on", RangeDateFilter))
    list_select_related = ("site", "tenant", "made_by")
    amount_shown = money_column("amount", _("amount"))
    received_shown = money_column("received", _("received"))


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    view_code = "dispute.view"
    amounts = ("amount",)
    export_code = "report.export"
    list_display = ("filed_on", "tenant", "kind", "state", "step_due_on", "due_on", "site")
    list_filter = (*BranchAdmin.list_filter, "state", "kind")
    list_select_related = ("site", "tenant")
