"""Sign-in by e-mail, and Django's ``has_perm`` answered from the role."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend


class RoleBackend(ModelBackend):
    """Rights come from the one role of a person; nobody is a superuser."""

    def user_can_authenticate(self, user):
        """Refuse who was shut out, and the demonstration's people outside the demonstration."""
        known_to_all = user.is_demonstration and not settings.DEMO
        return super().user_can_authenticate(user) and not known_to_all

    def get_all_permissions(self, user_obj, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        return {f"accounts.{code}" for code in user_obj.rights}

    def has_module_perms(self, user_obj, app_label):
        return user_obj.is_staff
