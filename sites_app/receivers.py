"""What follows a change of branches (who sees what is asked anew, new tables are isolated), and
what we keep of an owner.
"""

from django.apps import apps
from django.db.models.signals import post_delete, post_migrate, post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import callers
from akig.lib import isolation
from akig.lib.errors import Conflict
from sites_app.isolation import isolate_tables, scope_of
from sites_app.models import Assignment, Mandate, Owner, Property, PropertyShare, Site
from sites_app.services.erasing import Part, pseudonym, sign_in_of, texts_naming, words_of
from sites_app.signals import person_erasing

isolation.know_people(scope_of)
post_migrate.connect(isolate_tables, sender=apps.get_app_config("sites_app"))


@receiver([post_save, post_delete], sender=Assignment)
@receiver([post_save, post_delete], sender=PropertyShare)
def forget_branches(instance: Assignment | PropertyShare, **kwargs) -> None:
    callers.forget(instance.user_id)


@receiver(post_save, sender=Site)
def forget_branch(instance: Site, created: bool, **kwargs) -> None:
    if not created:
        for user_id in instance.assignments.values_list("user", flat=True):
            callers.forget(user_id)


@receiver(person_erasing, sender=Owner)
def parts_of_owner(row: Owner, **kwargs) -> list[Part]:
    """An owner is erased once no house of his is managed any more, at any branch."""
    running = Mandate.objects.filter(owner=row).exclude(days__endswith__lte=timezone.localdate())
    if running.exists() or Property.objects.filter(owner=row, archived_on=None).exists():
        sentence = _("This owner has a house that is managed. End it first.")
        raise Conflict(sentence, code="owner_in_use")
    blanks = {"phone": "", "email": "", "address": "", "notes": "", "user": None}
    itself = Part(Owner.objects.filter(pk=row.pk), {"name": pseudonym(row), **blanks})
    named = texts_naming(row, words_of(row, *filter(None, [row.phone])))
    return [itself, *sign_in_of(row), *named]
