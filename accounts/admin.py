"""People in the back-office: who they are, what their role may do, where they work."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.history import history_of_person
from accounts.models import ApiCall, User
from accounts.roles import PERMISSIONS, ROLE_NAMES, ROLES
from accounts.services import correct_person
from akig.lib.admin import ReadOnlyAdmin, RoleAdmin, act, list_act

admin.site.unregister(Group)
admin.site.unregister(EmailAddress)  # allauth's own book of addresses, which we do not keep
admin.site.unregister(Authenticator)  # secrets are nobody's to read, and go by an act


def shown(roles):
    return ", ".join(capfirst(str(ROLE_NAMES.get(role, role))) for role in roles)


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request, model_admin):
        return [(role, shown([role])) for role in ROLES]

    def queryset(self, request, queryset):
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class UserAdmin(RoleAdmin):
    view_code = change_code = "user.manage"
    correcting = (correct_person, "person")
    list_display = ("name", "email", "role_shown", "phone", "is_active", "last_login")
    list_filter = (RoleFilter, "is_active")
    search_fields = ("name", "email")
    search_help_text = _("Name or e-mail")
    fields = ("name", "email", "role_shown", "phone", "language", "is_active", "last_login")
    readonly_fields = ("email", "role_shown", "is_active", "last_login")
    actions_list = ("add_person", "keys_of_programs")
    actions_detail = (
        "change_role",
        "renew_password",
        "release",
        "remove_factor",
        "shut_out",
        "let_in",
    )
    add_person = list_act("people:add_person", _("Add a person"), "user.manage")
    keys_of_programs = list_act("people:key_list", _("Keys of programs"), "user.manage")
    change_role = act("people:change_role", _("Change the role"), "user.manage")
    renew_password = act("people:renew_password", _("Give a new password"), "user.manage")
    release = act("people:release", _("End the lock-out"), "user.manage")
    remove_factor = act("people:remove_factor", _("Take the second factor away"), "user.manage")
    shut_out = act("people:shut_out", _("Shut out"), "user.manage")
    let_in = act("people:let_in", _("Let in"), "user.manage")

    def get_queryset(self, request):
        # The role of each person is read from the groups: all at once, not one by one.
        return super().get_queryset(request).prefetch_related("groups")

    def get_actions_detail(self, request, object_id):
        """Offer to shut out who is in, and to let in who is out."""
        person = self.get_object(request, object_id)
        useless = "let_in" if person is None or person.is_active else "shut_out"
        buttons = super().get_actions_detail(request, object_id)
        return [button for button in buttons if button.path != useless]

    def history_view(self, request, object_id, extra_context=None):
        person = self.get_object(request, object_id)
        events = person and {"events": self.events_of(person)}
        return super().history_view(request, object_id, {**(extra_context or {}), **(events or {})})

    def events_of(self, person):
        """Return what happened to ``person``; apps above add what they know."""
        return history_of_person(person)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "language":
            return forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("role"))
    def role_shown(self, user):
        return shown(group.name for group in user.groups.all())


@admin.register(Group)
class RolesAdmin(ReadOnlyAdmin):
    """The table of ``accounts.roles`` as the database keeps it: to be read."""

    view_code = "user.manage"
    list_display = ("role", "people", "rights")
    list_filter = ()
    list_select_related = ()
    fields = ("role", "people", "rights")
    readonly_fields = ("role", "people", "rights")

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("permissions", "user_set")

    @admin.display(description=_("role"), ordering="name")
    def role(self, group):
        return shown([group.name])

    @admin.display(description=_("people"))
    def people(self, group):
        return len(group.user_set.all())

    @admin.display(description=_("rights"))
    def rights(self, group):
        codes = [permission.codename for permission in group.permissions.all()]
        return ", ".join(str(PERMISSIONS.get(code, code)) for code in codes)


@admin.register(ApiCall)
class ApiCallAdmin(RoleAdmin):
    """Who asked the API what, to be read."""

    view_code = "audit.view"
    list_display = ("at", "caller", "method", "route", "status", "milliseconds", "address")
    list_filter = ("method", "status")
    search_fields = ("=caller", "=request_id")
    search_help_text = _("Caller (user:7, key:3) or request")
    ordering = ("-at", "-id")
