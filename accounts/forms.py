"""What people correct of themselves, and the acts on other people and on the keys of programs."""

import datetime

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts import factors, keys, services
from accounts.roles import PERMISSIONS, ROLE_NAMES
from akig.lib.dossiers import belonging_to, dossier
from akig.lib.forms import ActForm, DateField, PhoneField


class ProfileForm(ActForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    phone = PhoneField(label=_("Telephone"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def perform(self, actor):
        return services.correct_profile(actor=actor, **self.cleaned_data)


def known_of(person) -> dict[str, str]:
    """Return what a form that corrects ``person`` begins with."""
    return {name: getattr(person, name) for name in ProfileForm.base_fields}


def role_choices(actor) -> list[tuple[str, str]]:
    """Return the roles that ``actor`` may give, with their names."""
    return [(role, capfirst(ROLE_NAMES[role])) for role in services.roles_given_by(actor)]


class AddPersonForm(ActForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"))
    phone = PhoneField(label=_("Telephone"), required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, initial=settings.LANGUAGE_CODE
    )
    submit_label = _("Add the person")

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", "–"), *role_choices(actor)]

    def perform(self, actor):
        return services.add_person(actor=actor, **self.cleaned_data)


class PersonForm(ActForm):
    """An act on ``person`` that asks for nothing more than to be meant."""

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person


class CorrectPersonForm(PersonForm, ProfileForm):
    def perform(self, actor):
        return services.correct_person(actor=actor, person=self.person, **self.cleaned_data)


class ChangeRoleForm(PersonForm):
    role = forms.ChoiceField(label=_("Role"))
    submit_label = _("Change the role")

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(actor)
        self.fields["role"].initial = self.person.role

    def perform(self, actor):
        return services.change_role(actor=actor, person=self.person, **self.cleaned_data)


class ShutOutForm(PersonForm):
    submit_label = _("Shut out")

    def perform(self, actor):
        return services.shut_out(actor=actor, person=self.person)


class LetInForm(PersonForm):
    submit_label = _("Let in")

    def perform(self, actor):
        return services.let_in(actor=actor, person=self.person)


class RenewPasswordForm(PersonForm):
    submit_label = _("Give a new password")

    def perform(self, actor):
        return services.renew_password(actor=actor, person=self.person)


class RemoveFactorForm(PersonForm):
    submit_label = _("Take it away")

    def perform(self, actor):
        return services.remove_factor(actor=actor, person=self.person)


class ReleaseForm(PersonForm):
    submit_label = _("End the lock-out")

    def perform(self, actor):
        return services.release(actor=actor, person=self.person)


class LinkPersonForm(ActForm):
    """Whose sign-in shows an owner or a tenant what is his."""

    submit_label = _("Save the sign-in")
    email = forms.EmailField(
        label=_("E-mail of the person"),
        required=False,
        help_text=_("Enter the person first, in the back-office. Empty: nobody signs in for it."),
    )

    def __init__(self, *args, row, role, **kwargs):
        self.row, self.role = row, role
        kwargs["initial"] = {"email": row.user.email if row.user else ""}
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return services.link_person(
            actor=actor, row=self.row, role=self.role, email=self.cleaned_data["email"]
        )


class MakeKeyForm(ActForm):
    """A key for a program: ``rights`` and ``branches`` are those that its maker can lend."""

    submit_label = _("Make the key")
    name = forms.CharField(
        label=_("Program"), max_length=100, help_text=_("Who uses it, and for what.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("Rights"), widget=forms.CheckboxSelectMultiple, help_text=_("As few as will do.")
    )
    branches = forms.MultipleChoiceField(label=_("Branches"), widget=forms.CheckboxSelectMultiple)
    expires_on = DateField(
        label=_("Good until"),
        required=False,
        help_text=_("The last day, within a year. Empty: for %(days)d days.")
        % {"days": settings.API_KEY_DAYS},
    )

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [
            (code, PERMISSIONS[code]) for code in keys.scopes_given_by(actor)
        ]
        self.fields["branches"].choices = [(code, code) for code in keys.branches_given_by(actor)]

    def perform(self, actor):
        said = self.cleaned_data
        return keys.make_key(
            actor=actor,
            name=said["name"],
            scopes=said["scopes"],
            branches=said["branches"],
            expires_at=_end_of(said["expires_on"]),
        )


class KeyForm(ActForm):
    def __init__(self, *args, key, **kwargs):
        super().__init__(*args, **kwargs)
        self.key = key


class RenewKeyForm(KeyForm):
    submit_label = _("Give a new secret")
    overlap_hours = forms.IntegerField(
        label=_("The old secret works for, hours"),
        min_value=0,
        max_value=keys.MOST_OVERLAP,
        initial=keys.OVERLAP,
        help_text=_("Time to write the new one into the program. 0: the old one is dead at once."),
    )
    expires_on = DateField(label=_("Good until"), required=False)

    def perform(self, actor):
        said = self.cleaned_data
        return keys.renew_key(
            actor=actor,
            key=self.key,
            overlap_hours=said["overlap_hours"],
            expires_at=_end_of(said["expires_on"]),
        )


class RevokeKeyForm(KeyForm):
    submit_label = _("Revoke the key")

    def perform(self, actor):
        return keys.revoke_key(actor=actor, key=self.key)


def _end_of(day):
    return day and timezone.make_aware(datetime.datetime.combine(day, datetime.time.max))


class MyDataForm(ActForm):
    submit_label = _("Export all data")
    #: What proves who somebody is, and tells nothing of him.
    SECRETS = ("password", "digest", "old_digest", "key", "device", "current", "data")

    def perform(self, actor):
        return dossier(belonging_to(actor, self.SECRETS))


class CodeForm:
    """allauth's question for a code, judged as the API judges it."""

    def clean_code(self):
        code = self.cleaned_data["code"]
        self.authenticator = factors.judge(self.user, code, context.request)
        if self.authenticator is None:
            raise get_adapter().validation_error("incorrect_code")
        return code


class SignInCodeForm(CodeForm, AuthenticateForm):
    pass


class AskAgainCodeForm(CodeForm, ReauthenticateForm):
    pass
