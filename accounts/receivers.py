"""What is remembered of a person is forgotten when somebody changes it, through whatever door."""

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver

from accounts import callers, factors, lockout
from accounts.models import ApiKey, TokenFamily, User


@receiver([post_save, post_delete], sender=User)
def forget_person(instance: User, **kwargs) -> None:
    callers.forget(instance.pk)


@receiver(user_logged_in)
def forget_failures(user: User, **kwargs) -> None:
    """Who is in has proved all that was asked."""
    lockout.clear(user.email)


@receiver([post_save, post_delete], sender=TokenFamily)
def forget_sign_in(instance: TokenFamily, created=False, **kwargs) -> None:
    if not created:
        callers.forget(instance.user_id)


@receiver([post_save, post_delete], sender=ApiKey)
def forget_key(instance: ApiKey, **kwargs) -> None:
    callers.forget(instance.owner_id)


@receiver(m2m_changed, sender=User.groups.through)
def forget_role(instance, action, pk_set=None, reverse=False, **kwargs) -> None:
    for user_id in pk_set or () if reverse else [instance.pk]:
        callers.forget(user_id)
        if action.startswith("post_"):
            factors.settle(user_id)


@receiver(authenticator_added)
def use_up(request, user: User, **kwargs) -> None:
    """The code that set the telephone up opens nothing afterwards."""
    factors.accept(user, request.POST.get("code", ""))


@receiver(post_save, sender=Authenticator)
def pay_factor(instance: Authenticator, created: bool, **kwargs) -> None:
    if created:
        factors.settle(instance.user_id)


@receiver(post_delete, sender=Authenticator)
def owe_factor(instance: Authenticator, **kwargs) -> None:
    """Who took his factor away sets up another: the days of grace were for the first one."""
    factors.settle(instance.user_id, since=instance.user.date_joined)
