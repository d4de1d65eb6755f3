"""What is remembered of a person is forgotten when somebody changes it, through whatever door."""

from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver

from accounts import callers
from accounts.models import ApiKey, TokenFamily, User


@receiver([post_save, post_delete], sender=User)
def forget_person(instance: User, **kwargs) -> None:
    callers.forget(instance.pk)


@receiver([post_save, post_delete], sender=TokenFamily)
def forget_sign_in(instance: TokenFamily, created=False, **kwargs) -> None:
    if not created:
        callers.forget(instance.user_id)


@receiver([post_save, post_delete], sender=ApiKey)
def forget_key(instance: ApiKey, **kwargs) -> None:
    callers.forget(instance.owner_id)


@receiver(m2m_changed, sender=User.groups.through)
def forget_role(instance, pk_set=None, reverse=False, **kwargs) -> None:
    for user_id in pk_set or () if reverse else [instance.pk]:
        callers.forget(user_id)
