"""What happens to people: what was remembered of them is forgotten, and sign-ins go on record."""

from allauth.account.signals import authentication_step_completed, password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.apps import apps
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import m2m_changed, post_delete, post_migrate, post_save
from django.dispatch import receiver

from accounts import asking, callers, factors, lockout, sign_ins, tokens
from accounts.models import SYSTEM, ApiKey, TokenFamily, User
from accounts.partitions import keep_months
from accounts.record import keep_record, note
from akig.lib.admin import taken_out

post_migrate.connect(keep_months, sender=apps.get_app_config("accounts"))
post_migrate.connect(keep_record, sender=apps.get_app_config("accounts"))


@receiver([post_save, post_delete], sender=User)
def forget_person(instance: User, **kwargs) -> None:
    callers.forget(instance.pk)


@receiver(user_logged_in)
def open_session(user: User, request, **kwargs) -> None:
    """Who is in has proved all that was asked."""
    lockout.clear(user.email)
    asking.note_proof(request)
    sign_ins.open_browser(request, user)


@receiver(password_changed)
def renew_sign_ins(request, user: User, **kwargs) -> None:
    """Who changed his password stays in this browser and nowhere else."""
    sign_ins.keep_browser(request)
    tokens.end_all(user)


@receiver(authentication_step_completed)
def note_answer(request, *, reauthenticated: bool = False, **kwargs) -> None:
    if reauthenticated:
        lockout.clear(request.user.email)
        asking.note_proof(request)


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


@receiver(user_logged_in)
def record_sign_in(request, user: User, **kwargs) -> None:
    if hasattr(request, "request_id"):  # not a program that lets somebody in
        note("signed_in", user, request)


@receiver(user_logged_out)
def record_sign_out(request, user: User | None, **kwargs) -> None:
    if user is not None and hasattr(request, "request_id"):
        note("signed_out", user, request)


@receiver(user_login_failed)
def record_failed_sign_in(credentials: dict, request=None, **kwargs) -> None:
    """Put on record what was tried; unknown accounts cost the same queries as known ones."""
    if not hasattr(request, "request_id"):
        return
    tried = str(credentials.get("email") or credentials.get("username") or "").lower()[:254]
    known = {user.email: user for user in User.objects.filter(email__in=[tried, SYSTEM])}
    person = known.get(tried) or known.get(SYSTEM) or User.objects.system()
    note("sign_in_failed", person, request, tried=tried, user=None, role="")


@receiver(taken_out)
def record_export(sender, request, rows, **kwargs) -> None:
    what = sender._meta.label_lower
    note(
        "exported",
        request.user,
        request,
        what=what,
        rows=rows.count(),
        query=request.GET.urlencode(),
    )
