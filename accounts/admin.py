"""People in the back-office: who they are, what their role may do, where they work."""

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import PERMISSIONS
from akig.lib.admin import ReadOnlyAdmin, RoleAdmin

admin.site.unregister(Group)
admin.site.unregister(EmailAddress)  # allauth's own book of addresses, which we do not keep


@admin.register(User)
class UserAdmin(RoleAdmin):
    view_code = change_code = "user.manage"
    list_display = ("name", "email", "role_shown", "phone", "is_active", "last_login")
    list_filter = ("groups", "is_active")
    search_fields = ("name", "email")
    search_help_text = _("Name or e-mail")
    fields = ("name", "email", "role_shown", "phone", "language", "is_active", "last_login")
    readonly_fields = ("email", "role_shown", "last_login")

    def get_queryset(self, request):
        # The role of each person is read from the groups: all at once, not one by one.
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("role"))
    def role_shown(self, user):
        return ", ".join(group.name for group in user.groups.all())


@admin.register(Group)
class RolesAdmin(ReadOnlyAdmin):
    """The table of ``accounts.roles`` as the database keeps it: to be read."""

    view_code = "user.manage"
    list_display = ("name", "people", "rights")
    list_filter = ()
    list_select_related = ()
    fields = ("name", "people", "rights")
    readonly_fields = ("people", "rights")

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("permissions", "user_set")

    @admin.display(description=_("people"))
    def people(self, group):
        return len(group.user_set.all())

    @admin.display(description=_("rights"))
    def rights(self, group):
        codes = [permission.codename for permission in group.permissions.all()]
        return ", ".join(str(PERMISSIONS.get(code, code)) for code in codes)
