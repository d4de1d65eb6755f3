"""Where a person works is forgotten when an assignment or a branch changes."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts import callers
from sites_app.models import Assignment, Site


@receiver([post_save, post_delete], sender=Assignment)
def forget_branches(instance: Assignment, **kwargs) -> None:
    callers.forget(instance.user_id)


@receiver(post_save, sender=Site)
def forget_branch(instance: Site, created: bool, **kwargs) -> None:
    if not created:
        for user_id in instance.assignments.values_list("user", flat=True):
            callers.forget(user_id)
