"""Acts on people: who works with the system, in which role, and who is shut out."""

import pghistory
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import lockout, tokens
from accounts.models import SYSTEM, User
from accounts.roles import ROLE_NAMES, ROLES
from accounts.verbs import saying, unchanged, verb
from akig.lib.errors import Conflict, NotAllowed
from akig.lib.saving import check, correct, locked, refusing

#: Letters and digits that nobody confuses when he copies them from a screen; about 59 bits.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 12

REFUSALS = {
    "accounts_user_email_key": (
        "duplicate_email",
        "email",
        gettext_lazy("Another person signs in with this e-mail."),
    ),
}


def correct_profile(*, actor: User, name: str, phone: str, language: str) -> User:
    """Let a person correct name, telephone (E.164) and language of the pages.

    No right is asked, for nobody else's account is touched.
    """
    user = User.objects.select_for_update()
    with transaction.atomic(), saying(verb="accounts.correct_profile", user=actor.pk):
        held = user.get(pk=actor.pk)
        held.name, held.phone, held.language = " ".join(name.split()), phone, language
        held.save(update_fields=["name", "phone", "language"])
    return held


def roles_given_by(actor: User) -> list[str]:
    """Return the roles that ``actor`` may give and take: those with no right that he lacks."""
    return [role for role, codes in ROLES.items() if actor.rights.issuperset(codes.split())]


@verb("user.manage")
def add_person(
    *, actor: User, email: str, name: str, role: str, phone: str = "", language: str = "fr"
) -> tuple[User, str]:
    """Enter a person; return him with the password that he signs in with, which is kept nowhere.

    ``role`` is a name of ``accounts.roles.ROLES``. He sees nothing before he is assigned to a
    branch. Raises ``duplicate_email``, and ``role_out_of_reach``.
    """
    refuse_beyond_reach(actor, role)
    person = User(
        email=email.strip().lower(), name=" ".join(name.split()), phone=phone, language=language
    )
    password = _choose_password(person)
    check(person)
    with refusing(REFUSALS):
        person.save(force_insert=True)
    person.groups.set([Group.objects.get(name=role)])
    return person, password


@verb("user.manage")
def correct_person(*, actor: User, person: User, **changes) -> User:
    """Correct name, telephone (E.164) and language of ``person``. Raises ``role_out_of_reach``."""
    held = locked(person)
    if held.role:
        refuse_beyond_reach(actor, held.role)
    return held if correct(held, changes) else unchanged(held)


@verb("user.manage")
def change_role(*, actor: User, person: User, role: str) -> User:
    """Give ``person`` another role, which counts from the next request on.

    Raises ``own_account``, ``role_out_of_reach`` and ``last_administrator``.
    """
    refuse_beyond_reach(actor, role)
    held = _held(actor, person)
    if held.role == role:
        return unchanged(held)
    _keep_an_administrator(held)
    held.groups.set([Group.objects.get(name=role)])
    return User.objects.get(pk=held.pk)


@verb("user.manage")
def shut_out(*, actor: User, person: User) -> User:
    """Refuse ``person`` from now on and end every sign-in, in browsers and on telephones.

    Raises ``own_account``, ``role_out_of_reach`` and ``last_administrator``.
    """
    held = _held(actor, person)
    if not held.is_active:
        return unchanged(held)
    _keep_an_administrator(held)
    held.is_active = False
    held.save(update_fields=["is_active"])
    _end_sign_ins(held)
    return held


@verb("user.manage")
def let_in(*, actor: User, person: User) -> User:
    """Let a person who was shut out sign in again; what was ended stays ended.

    Raises ``own_account`` and ``role_out_of_reach``.
    """
    held = _held(actor, person)
    if held.is_active:
        return unchanged(held)
    held.is_active = True
    held.save(update_fields=["is_active"])
    return held


@verb("user.manage")
def renew_password(*, actor: User, person: User) -> tuple[User, str]:
    """Give a new password to a person who lost his, end his sign-ins, and return it.

    Raises ``own_account`` and ``role_out_of_reach``.
    """
    held = _held(actor, person)
    password = _choose_password(held)
    held.save(update_fields=["password"])
    pghistory.create_event(held, label="password")
    lockout.clear(held.email)
    _end_sign_ins(held)
    return held, password


@verb("user.manage")
def release(*, actor: User, person: User) -> User:
    """Let a person try to sign in again at once, whatever failed before.

    Raises ``own_account`` and ``role_out_of_reach``.
    """
    held = _held(actor, person)
    if not lockout.clear(held.email):
        return unchanged(held)
    pghistory.create_event(held, label="released")
    return held


@verb("user.manage")
def remove_factor(*, actor: User, person: User) -> User:
    """Take the second factor of a person who lost his telephone away, and end his sign-ins.

    At the next sign-in he sets up another. Raises ``own_account`` and ``role_out_of_reach``.
    """
    held = _held(actor, person)
    factors = list(Authenticator.objects.filter(user=held))
    if not factors:
        return unchanged(held)
    for factor in factors:
        factor.delete()
    _end_sign_ins(held)
    return held


def refuse_beyond_reach(actor: User, role: str) -> None:
    """Raise ``role_out_of_reach`` unless ``actor`` holds all the rights of ``role``.

    Whoever could give a role with more rights than his own would have them all.
    """
    if role not in roles_given_by(actor):
        sentence = _("Only who holds all the rights of this role may give it or take it.")
        raise NotAllowed(sentence, code="role_out_of_reach", fields={"role": sentence})


def _held(actor: User, person: User) -> User:
    # Acts on people wait for one another: two administrators may be about to remove each other.
    Group.objects.select_for_update().get(name="admin")
    held = locked(person)
    if held.is_system or held.pk == actor.pk:
        raise Conflict(_("Nobody changes his own rights."), code="own_account")
    if held.role:
        refuse_beyond_reach(actor, held.role)
    return held


def _keep_an_administrator(leaving: User) -> None:
    if leaving.role != "admin" or not leaving.is_active:
        return
    others = User.objects.filter(groups__name="admin", is_active=True)
    if not others.exclude(email=SYSTEM).exclude(pk=leaving.pk).exists():
        raise Conflict(_("This is the last administrator."), code="last_administrator")


def _choose_password(person: User) -> str:
    password = get_random_string(LENGTH, LETTERS)
    person.set_password(password)
    return password


def _end_sign_ins(person: User) -> None:
    tokens.end_all(person)
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            SessionStore(session.session_key).delete()


@verb("user.manage")
def link_person(*, actor, row, role: str, email: str):
    """Let the person who signs in with ``email`` see what belongs to ``row``; return the row.

    ``row`` is an owner or a tenant (anything with a ``user``), ``role`` the role its person must
    have. An empty ``email`` takes the sight away. Raises ``Conflict`` when there is no such person
    or he stands for another row already.
    """
    held = locked(row)
    person = None
    if email:
        person = User.objects.filter(email=email.lower(), groups__name=role, is_active=True).first()
        if person is None:
            sentence = _("Nobody signs in with this e-mail in the role “%(role)s”.") % {
                "role": ROLE_NAMES[role]
            }
            raise Conflict(sentence, fields={"email": sentence})
        if type(row).objects.filter(user=person).exclude(pk=row.pk).exists():
            sentence = _("This person stands for another file already.")
            raise Conflict(sentence, fields={"email": sentence})
    if held.user == person:
        return unchanged(held)
    held.user = person
    held.save(update_fields=["user"])
    return held
