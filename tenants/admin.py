"""Tenants and leases in the back-office."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from akig.lib.admin import BranchAdmin, ReadOnlyInline, act, bring_in, list_act, money_column
from sites_app.admin import ByWords
from tenants import services
from tenants.forms import WeekdaysField
from tenants.models import Guarantor, Lease, Occupancy, RentChange, Tenant, TenantPhone


class PhoneInline(ReadOnlyInline):
    model = TenantPhone
    fields = ("number", "is_primary")
    readonly_fields = fields
    show_change_link = False


class GuarantorInline(ReadOnlyInline):
    model = Guarantor
    fields = ("name", "phone", "relation", "profession")
    readonly_fields = fields


class LeaseInline(ReadOnlyInline):
    model = Lease
    fields = ("reference", "property", "start", "end", "rent_shown", "state")
    readonly_fields = fields
    rent_shown = money_column("rent", _("monthly rent"))

    def get_queryset(self, request):
        rows = super().get_queryset(request).visible_to(request.user)
        return rows.select_related("property", "site")


@admin.register(Tenant)
class TenantAdmin(ByWords):
    view_code = "tenant.view"
    change_code = "tenant.edit"
    correcting = (services.correct_tenant, "tenant")
    export_code = "tenant.export"
    list_display = ("name", "code", "site", "first_phone", "state", "language", "archived_on")
    list_filter = (
        *BranchAdmin.list_filter,
        "state",
        ("archived_on", admin.EmptyFieldListFilter),
    )
    search_help_text = _("Name, code, unit or telephone")
    fixed = ("site", "archived_on", "user")
    inlines = (PhoneInline, GuarantorInline, LeaseInline)
    actions_list = ("add_tenant", "bring_in")
    bring_in = bring_in()
    actions_detail = ("correct_tenant", "add_guarantor", "archive_tenant")
    add_tenant = list_act("tenants:add_tenant", _("Enter a tenant"), "tenant.create")
    correct_tenant = act("tenants:correct_tenant", _("Telephones"), "tenant.edit")
    add_guarantor = act("tenants:add_guarantor", _("Enter a guarantor"), "tenant.edit")
    archive_tenant = act("tenants:archive_tenant", _("Archive"), "tenant.delete")

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("phones")

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "visit_days":
            return WeekdaysField()
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("telephone"))
    def first_phone(self, tenant):
        return tenant.phone or "–"


@admin.register(Guarantor)
class GuarantorAdmin(BranchAdmin):
    view_code = "tenant.view"
    change_code = "tenant.edit"
    list_display = ("name", "tenant", "site", "phone", "relation")
    list_select_related = ("site", "tenant")
    search_fields = ("name", "tenant__search")
    fixed = ("site", "tenant")


class OccupancyInline(ReadOnlyInline):
    model = Occupancy
    fields = ("unit", "days", "holds")
    readonly_fields = fields
    show_change_link = False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("unit")


class RentChangeInline(ReadOnlyInline):
    model = RentChange
    fields = ("valid_from", "rent_shown", "service_shown", "reason")
    readonly_fields = fields
    show_change_link = False
    rent_shown = money_column("rent", _("monthly rent"))
    service_shown = money_column("service_charge", _("monthly service charges"))

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("site")


@admin.register(Lease)
class LeaseAdmin(ByWords):
    view_code = "lease.view"
    change_code = "lease.edit"
    correcting = (services.correct_lease, "lease")
    list_display = (
        "reference",
        "tenant",
        "property",
        "site",
        "start",
        "end",
        "rent_shown",
        "periodicity",
        "state",
    )
    list_filter = (*BranchAdmin.list_filter, "state", "periodicity", "usage")
    list_select_related = ("site", "tenant", "property")
    search_help_text = _("Tenant, telephone, unit or reference")
    fields = (
        "reference",
        "tenant",
        "property",
        "site",
        ("start", "end"),
        ("rent_shown", "service_shown", "deposit_shown"),
        ("periodicity", "due_day"),
        ("state", "signed_on", "taken_over_on"),
        ("usage", "furnished"),
        "notes",
    )
    readonly_fields = (
        "tenant",
        "property",
        "site",
        "start",
        "end",
        "rent_shown",
        "service_shown",
        "deposit_shown",
        "periodicity",
        "state",
        "signed_on",
        "taken_over_on",
    )
    service_shown = money_column("service_charge", _("monthly service charges"))
    deposit_shown = money_column("deposit", _("deposit"))
    inlines = (OccupancyInline, RentChangeInline)
    actions_list = ("sign_lease", "bring_in")
    bring_in = bring_in()
    actions_detail = (
        "sign_prepared_lease",
        "change_rent",
        "give_notice",
        "end_lease",
        "cancel_lease",
    )
    sign_lease = list_act("tenants:sign_lease", _("New lease"), "lease.create")
    sign_prepared_lease = act("tenants:sign_prepared_lease", _("Sign the lease"), "lease.sign")
    change_rent = act("tenants:change_rent", _("Change the rent"), "lease.edit")
    give_notice = act("tenants:give_notice", _("Take a notice"), "lease.terminate")
    end_lease = act("tenants:end_lease", _("End the lease"), "lease.terminate")
    cancel_lease = act("tenants:cancel_lease", _("Cancel the lease"), "lease.delete")
    rent_shown = money_column("rent", _("monthly rent"))
