"""Branches, owners, properties and what stands in them, in the back-office."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from accounts.admin import UserAdmin
from accounts.history import merged
from accounts.models import User
from akig.lib.admin import (
    BranchAdmin,
    ReadOnlyInline,
    RoleAdmin,
    act,
    bring_in,
    list_act,
    money_column,
)
from sites_app.history import assignments_of
from sites_app.models import (
    Assignment,
    BranchRule,
    Equipment,
    Holiday,
    MaintenanceTicket,
    Mandate,
    Owner,
    Property,
    Site,
    Unit,
)
from sites_app.rules import RULES
from sites_app.services import assigning, branches, maintenance, portfolio


class RuleInline(ReadOnlyInline):
    model = BranchRule
    fields = ("label", "value", "valid_from", "set_by", "note")
    readonly_fields = fields
    ordering = ("name", "-valid_from")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("set_by")

    @admin.display(description=_("rule"))
    def label(self, rule):
        return RULES[rule.name].label if rule.name in RULES else rule.name


@admin.register(Site)
class SiteAdmin(RoleAdmin, TranslationAdmin):
    view_code = "site.view"
    change_code = "site.manage"
    correcting = (branches.correct_site, "site")
    list_display = ("name", "code", "country", "city", "currency", "is_active")
    list_filter = ("country", "currency", "is_active")
    search_fields = ("code", "name", "city")
    fixed = ("code", "country", "currency")
    inlines = (RuleInline,)
    autocomplete_fields = ("failover",)
    actions_list = ("open_branch",)
    actions_detail = ("set_rule",)
    open_branch = list_act("sites_app:open_branch", _("Open a branch"), "site.manage")
    set_rule = act("sites_app:set_rule", _("Set a rule"), "site.manage")


@admin.register(Holiday)
class HolidayAdmin(RoleAdmin):
    view_code = "site.view"
    add_code = change_code = "site.manage"
    list_display = ("day", "name", "country")
    list_filter = ("country",)
    search_fields = ("name",)
    ordering = ("-day",)


class AssignmentForm(forms.ModelForm):
    def _get_validation_exclusions(self):
        # A second primary branch is no error here: the act puts it in the place of the first.
        return {*super()._get_validation_exclusions(), "is_primary"}


@admin.register(Assignment)
class AssignmentAdmin(BranchAdmin):
    form = AssignmentForm
    view_code = add_code = change_code = "user.manage"
    list_display = ("user", "site", "is_primary", "ends_on")
    list_select_related = ("user", "site")
    search_fields = ("user__name", "user__email")
    autocomplete_fields = ("user", "site")
    fixed = ("user", "site")

    def get_queryset(self, request):
        return super().get_queryset(request).filter(site__in=[s.code for s in request.sites])

    def save_model(self, request, obj, form, change):
        made = assigning.assign_person(
            actor=request.user,
            person=obj.user,
            site=obj.site,
            is_primary=obj.is_primary,
            ends_on=obj.ends_on,
        )
        obj.pk, obj.is_primary = made.pk, made.is_primary


class AssignmentInline(ReadOnlyInline):
    model = Assignment
    fields = ("site", "is_primary", "ends_on")
    readonly_fields = fields

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("site")


admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """A person with the branches, of which the app below knows nothing."""

    inlines = (AssignmentInline,)
    actions_detail = ("assign", *UserAdmin.actions_detail)
    assign = act("sites_app:assign_person", _("Assign to a branch"), "user.manage")

    def events_of(self, person):
        return merged(super().events_of(person), assignments_of(person))


class ByWords(BranchAdmin):
    """Search as on the pages: parts of words without accents, telephones in any writing."""

    search_fields = ("search",)

    def get_search_results(self, request, queryset, search_term):
        return (queryset.matching(search_term) if search_term.strip() else queryset), False


@admin.register(Owner)
class OwnerAdmin(ByWords):
    view_code = "owner.view"
    change_code = "owner.manage"
    correcting = (portfolio.correct_owner, "owner")
    list_display = ("name", "code", "site", "phone", "usual_commission", "houses", "archived_on")
    list_filter = (*BranchAdmin.list_filter, ("archived_on", admin.EmptyFieldListFilter))
    search_help_text = _("Name, code or telephone")
    fixed = ("site", "archived_on", "user")
    actions_list = ("add_owner", "bring_in")
    bring_in = bring_in()
    actions_detail = ("archive_owner",)
    add_owner = list_act("sites_app:add_owner", _("Enter an owner"), "owner.manage")
    archive_owner = act("sites_app:archive_owner", _("Archive"), "owner.manage")

    def get_queryset(self, request):
        return super().get_queryset(request).with_properties()

    @admin.display(description=_("properties"), ordering="properties_count")
    def houses(self, owner):
        return owner.properties_count


class MandateInline(ReadOnlyInline):
    model = Mandate
    fields = ("commission", "days", "reference")
    readonly_fields = fields


class UnitInline(ReadOnlyInline):
    model = Unit
    fields = ("number", "kind", "floor", "rooms", "rent_shown", "archived_on")
    readonly_fields = fields
    per_page = 50
    rent_shown = money_column("advised_rent", _("advised rent"))

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("site")


@admin.register(Property)
class PropertyAdmin(ByWords):
    view_code = "property.view"
    change_code = "property.manage"
    correcting = (portfolio.correct_property, "property")
    list_display = ("name", "code", "site", "owner", "kind", "quartier", "units_shown", "let_shown")
    list_filter = (
        *BranchAdmin.list_filter,
        "kind",
        ("archived_on", admin.EmptyFieldListFilter),
    )
    list_select_related = ("site", "owner")
    search_help_text = _("Name, code or quarter")
    fixed = ("site", "owner", "archived_on")
    inlines = (MandateInline, UnitInline)
    actions_list = ("add_property", "bring_in")
    bring_in = bring_in()
    actions_detail = ("generate_units", "set_mandate", "report_fault", "archive_property")
    add_property = list_act("sites_app:add_property", _("Enter a property"), "property.manage")
    generate_units = act("sites_app:generate_units", _("Enter units"), "property.manage")
    set_mandate = act("sites_app:set_mandate", _("Set the commission"), "owner.manage")
    report_fault = act("sites_app:report_fault", _("Report a fault"), "maintenance.manage")
    archive_property = act("sites_app:archive_property", _("Archive"), "property.manage")

    def get_queryset(self, request):
        return super().get_queryset(request).with_occupancy()

    @admin.display(description=_("units"), ordering="units_count")
    def units_shown(self, house):
        return house.units_count

    @admin.display(description=_("let"), ordering="let_count")
    def let_shown(self, house):
        return house.let_count


@admin.register(Unit)
class UnitAdmin(ByWords):
    view_code = "property.view"
    amounts = ("advised_rent",)
    change_code = "property.manage"
    correcting = (portfolio.correct_unit, "unit")
    list_display = ("number", "property", "site", "kind", "rent_shown", "is_let_shown")
    list_filter = (*BranchAdmin.list_filter, "kind", ("archived_on", admin.EmptyFieldListFilter))
    list_select_related = ("site", "property")
    search_help_text = _("Number or property")
    ordering = ("property__name", "number")
    fixed = ("site", "property", "archived_on")
    actions_list = ("bring_in",)
    actions_detail = ("archive_unit",)
    bring_in = bring_in()
    archive_unit = act("sites_app:archive_unit", _("Archive"), "property.manage")
    rent_shown = money_column("advised_rent", _("advised rent"))

    def get_queryset(self, request):
        return super().get_queryset(request).with_let()

    @admin.display(description=_("let"), boolean=True, ordering="is_let")
    def is_let_shown(self, unit):
        return unit.is_let


@admin.register(Mandate)
class MandateAdmin(BranchAdmin):
    view_code = "owner.view"
    list_display = ("property", "owner", "site", "commission", "begins", "ends")
    list_select_related = ("site", "property", "owner")
    search_fields = ("property__search", "owner__search", "reference")
    search_help_text = _("Property, owner or reference")

    @admin.display(description=_("from"), ordering="days")
    def begins(self, mandate):
        return mandate.days.lower

    @admin.display(description=_("until"))
    def ends(self, mandate):
        return mandate.last_day


@admin.register(Equipment)
class EquipmentAdmin(BranchAdmin):
    view_code = "maintenance.view"
    change_code = "property.manage"
    correcting = (maintenance.correct_equipment, "equipment")
    list_display = ("name", "property", "unit", "site", "state", "installed_on")
    list_filter = (*BranchAdmin.list_filter, "state")
    list_select_related = ("site", "property", "unit")
    search_fields = ("name", "property__search", "serial")
    fixed = ("site", "property", "unit")


@admin.register(MaintenanceTicket)
class TicketAdmin(BranchAdmin):
    view_code = "maintenance.view"
    amounts = ("estimate", "cost")
    list_display = ("title", "property", "unit", "site", "priority", "state", "reported_on")
    list_filter = (*BranchAdmin.list_filter, "state", "priority", "category")
    list_select_related = ("site", "property", "unit")
    search_fields = ("title", "property__search")
    ordering = ("-reported_on", "-id")
    actions_detail = ("close_ticket",)
    close_ticket = act("sites_app:close_ticket", _("Close the ticket"), "maintenance.manage")
