"""What people correct of themselves."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.services import correct_profile
from akig.lib.forms import ActForm, PhoneField


class ProfileForm(ActForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    phone = PhoneField(label=_("Telephone"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def perform(self, actor):
        return correct_profile(actor=actor, **self.cleaned_data)
