"""Sign-in by e-mail, and Django's ``has_perm`` answered from the role."""

from django.contrib.auth.backends import ModelBackend


class RoleBackend(ModelBackend):
    """Rights come from the one role of a person; nobody is a superuser."""

    def get_all_permissions(self, user_obj, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        return {f"accounts.{code}" for code in user_obj.rights}

    def has_module_perms(self, user_obj, app_label):
        return user_obj.is_staff
