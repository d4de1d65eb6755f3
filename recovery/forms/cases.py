"""The forms by which people stop and start the ladder for one tenant."""

from django import forms
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, DateField
from payments.forms.bases import REASON
from recovery.models import Case, Pause
from recovery.services import cases


class PauseForm(ActForm):
    submit_label = _("Leave the tenant alone")
    until = DateField(label=_("Until"))
    note = forms.CharField(
        label=_("Reason"),
        max_length=REASON,
        help_text=_("It stays on record with your name."),
    )

    def __init__(self, *args, case: Case, **kwargs):
        self.case = case
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> Pause:
        return cases.pause_case(actor=actor, case=self.case, **self.cleaned_data)


class ResumeForm(ActForm):
    submit_label = _("Follow up again")

    def __init__(self, *args, case: Case, **kwargs):
        self.case = case
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> Case:
        return cases.resume_case(actor=actor, case=self.case)
