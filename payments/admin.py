"""Money in the back-office: everything to be read, nothing to be changed but the agency's costs.

The tables grow without end: lists are ordered by key, counted to ten thousand, and searched by
columns that have an index.
"""

from django.contrib import admin
from django.forms import ModelForm
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from akig.lib.admin import BranchAdmin, ReadOnlyAdmin, ReadOnlyInline, act, bring_in, money_column
from akig.lib.money import format_amount
from payments.models import (
    Account,
    AgencyCost,
    Allocation,
    Charge,
    ClosedPeriod,
    JournalEntry,
    JournalLine,
    Payment,
    Receipt,
    RentRun,
)
from payments.services.closing import enter_cost
from tenants.models import Lease

MOST_LEASES = 200
YEARS = 6


class OfLeases(ReadOnlyAdmin):
    """Rows of leases: the search finds the leases first, then their rows by the key."""

    search_fields = ("lease__reference",)
    search_help_text = _("Tenant, telephone, unit or lease")
    ordering = ("-id",)

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        leases = Lease.objects.visible_to(request.user).matching(search_term)
        found = list(leases.order_by().values_list("pk", flat=True)[:MOST_LEASES])
        return queryset.filter(lease__in=found), False


class AllocationInline(ReadOnlyInline):
    model = Allocation
    fields = ("payment", "charge", "amount_shown", "commission_shown", "posted_on")
    readonly_fields = fields
    show_change_link = False
    amount_shown = money_column("amount", _("amount"))
    commission_shown = money_column("commission", _("commission"))

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("payment", "charge", "site")


class AllocationOfPayment(AllocationInline):
    fk_name = "payment"


class AllocationOfCharge(AllocationInline):
    fk_name = "charge"


@admin.register(Payment)
class PaymentAdmin(OfLeases):
    view_code = "payment.view"
    amounts = ("amount", "allocated")
    export_code = "payment.export"
    list_display = (
        "value_date",
        "lease",
        "tenant",
        "amount_shown",
        "method",
        "reference",
        "status",
        "site",
    )
    list_filter = (
        *BranchAdmin.list_filter,
        "status",
        "method",
        ("value_date", RangeDateFilter),
    )
    list_select_related = ("site", "lease__tenant")
    inlines = (AllocationOfPayment,)
    actions_list = ("bring_in",)
    actions_detail = ("cancel_payment",)
    bring_in = bring_in()
    cancel_payment = act("payments:cancel_payment", _("Cancel the payment"), "payment.cancel")
    amount_shown = money_column("amount", _("amount"))

    @admin.display(description=_("tenant"))
    def tenant(self, payment):
        return payment.lease.tenant.name


@admin.register(Charge)
class ChargeAdmin(OfLeases):
    view_code = "arrears.view"
    amounts = ("amount", "collected")
    export_code = "report.export"
    list_display = (
        "due_date",
        "lease",
        "tenant",
        "kind",
        "period_start",
        "amount_shown",
        "collected_shown",
        "cancelled_on",
        "site",
    )
    list_filter = (
        *BranchAdmin.list_filter,
        "kind",
        ("due_date", RangeDateFilter),
    )
    list_select_related = ("site", "lease__tenant")
    inlines = (AllocationOfCharge,)
    actions_detail = ("waive_charge",)
    waive_charge = act("payments:waive_charge", _("Waive the charge"), "arrears.modify")
    amount_shown = money_column("amount", _("amount"))
    collected_shown = money_column("collected", _("collected"))

    @admin.display(description=_("tenant"))
    def tenant(self, charge):
        return charge.lease.tenant.name


class YearFilter(admin.SimpleListFilter):
    """The years at hand, without asking a million rows which they are."""

    title = _("year")
    parameter_name = "year"

    def lookups(self, request, model_admin):
        this_year = timezone.localdate().year
        return [(str(year), str(year)) for year in range(this_year, this_year - YEARS, -1)]

    def queryset(self, request, queryset):
        year = self.value() or ""
        return queryset.filter(year=int(year)) if year.isdigit() and len(year) == 4 else queryset


@admin.register(Receipt)
class ReceiptAdmin(OfLeases):
    view_code = "receipt.view"
    amounts = ("amount",)
    exclude = ("content",)  # what the paper itself shows
    list_display = ("number", "kind", "lease", "amount_shown", "value_date", "status", "site")
    list_filter = (*BranchAdmin.list_filter, "kind", "status", YearFilter)
    list_select_related = ("site", "lease")
    search_help_text = _("Number, or tenant, telephone, unit or lease")
    amount_shown = money_column("amount", _("amount"))

    def get_search_results(self, request, queryset, search_term):
        numbered = queryset.filter(number=search_term.strip().upper())
        if search_term.strip() and numbered.exists():
            return numbered, False
        return super().get_search_results(request, queryset, search_term)


class LineInline(ReadOnlyInline):
    model = JournalLine
    fields = ("account", "debit", "credit", "lease", "owner")
    readonly_fields = fields
    show_change_link = False

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.select_related("account", "lease", "owner", "site")

    @admin.display(description=_("debit"))
    def debit(self, line):
        return format_amount(line.amount, line.site.currency) if line.amount > 0 else "–"

    @admin.display(description=_("credit"))
    def credit(self, line):
        return format_amount(-line.amount, line.site.currency) if line.amount < 0 else "–"


@admin.register(JournalEntry)
class EntryAdmin(OfLeases):
    view_code = "ledger.view"
    list_display = ("id", "value_date", "kind", "memo", "lease", "created_by", "site")
    list_filter = (*BranchAdmin.list_filter, "kind", ("value_date", RangeDateFilter))
    list_select_related = ("site", "lease", "created_by")
    inlines = (LineInline,)


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    view_code = "ledger.view"
    list_display = ("code", "name", "site", "holder")
    list_select_related = ("site", "holder")
    search_fields = ("code", "name")


@admin.register(RentRun)
class RentRunAdmin(ReadOnlyAdmin):
    view_code = "charge.run"
    amounts = ("amount",)
    list_display = ("month", "site", "created", "existing", "amount_shown", "requested_by", "ended")
    list_select_related = ("site", "requested_by")
    ordering = ("-id",)
    amount_shown = money_column("amount", _("amount"))

    @admin.display(description=_("finished"), ordering="finished_at")
    def ended(self, run):
        return run.finished_at


@admin.register(ClosedPeriod)
class ClosedPeriodAdmin(ReadOnlyAdmin):
    view_code = "ledger.view"
    list_display = ("month", "site", "closed_by", "closed_at", "reopened_by", "reason")
    list_select_related = ("site", "closed_by", "reopened_by")
    ordering = ("-month", "site")


class CostForm(ModelForm):
    """A cost counts on the first of its month, and only while the month is open."""

    def clean_month(self):
        return self.cleaned_data["month"].replace(day=1)


@admin.register(AgencyCost)
class AgencyCostAdmin(BranchAdmin):
    view_code = "report.finance"
    amounts = ("amount",)
    add_code = change_code = "cost.manage"
    list_display = ("month", "site", "category", "amount_shown", "notes", "entered_by")
    list_filter = (*BranchAdmin.list_filter, "category", ("month", RangeDateFilter))
    list_select_related = ("site", "entered_by")
    fields = ("site", "month", "category", "amount", "notes")
    fixed = ("site", "month", "category")
    form = CostForm
    amount_shown = money_column("amount", _("amount"))

    def save_model(self, request, obj, form, change):
        kept = enter_cost(
            actor=request.user,
            site=obj.site,
            month=obj.month,
            category=obj.category,
            amount=obj.amount,
            notes=obj.notes,
        )
        obj.pk = kept.pk
