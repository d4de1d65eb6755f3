"""What follows a change of branches: who sees what is asked anew, new tables are isolated."""

from django.apps import apps
from django.db.models.signals import post_delete, post_migrate, post_save
from django.dispatch import receiver

from accounts import callers
from akig.lib import isolation
from sites_app.isolation import isolate_tables, scope_of
from sites_app.models import Assignment, Site

isolation.know_people(scope_of)
post_migrate.connect(isolate_tables, sender=apps.get_app_config("sites_app"))


@receiver([post_save, post_delete], sender=Assignment)
def forget_branches(instance: Assignment, **kwargs) -> None:
    callers.forget(instance.user_id)


@receiver(post_save, sender=Site)
def forget_branch(instance: Site, created: bool, **kwargs) -> None:
    if not created:
        for user_id in instance.assignments.values_list("user", flat=True):
            callers.forget(user_id)
