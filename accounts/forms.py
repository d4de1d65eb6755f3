"""What people correct of themselves, and the acts on other people."""

from django import forms
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.roles import ROLE_NAMES
from akig.lib.forms import ActForm, PhoneField


class ProfileForm(ActForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    phone = PhoneField(label=_("Telephone"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def perform(self, actor):
        return services.correct_profile(actor=actor, **self.cleaned_data)


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
