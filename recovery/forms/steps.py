"""The forms of what is written to late tenants."""

import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, DateField
from payments.forms.bases import REASON
from recovery.models import Action, Case, Channel
from recovery.querysets import WRITTEN
from recovery.services import mails, steps

#: How long somebody is left out unless another day is chosen.
LEFT_OUT = datetime.timedelta(days=7)


class DecideForm(ActForm):
    """The proposals that are to be sent, ticked in the list."""

    submit_label = _("Send the chosen ones")
    cases = forms.ModelMultipleChoiceField(Case.objects.none())

    def __init__(self, *args, cases, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cases"].queryset = cases

    def perform(self, actor) -> list[Action]:
        chosen = self.cleaned_data["cases"].for_list()
        return steps.decide_steps(actor=actor, cases=chosen)


class OtherwiseForm(ActForm):
    """Another way than the ladder's, with its reason."""

    submit_label = _("Send it this way")
    channel = forms.ChoiceField(
        label=_("By"), choices=[choice for choice in Channel.choices if choice[0] in WRITTEN]
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=REASON, help_text=_("It stays on record with your name.")
    )

    def __init__(self, *args, case: Case, **kwargs):
        self.case = case
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> Action:
        return steps.decide_otherwise(actor=actor, case=self.case, **self.cleaned_data)


class LeaveOutForm(ActForm):
    submit_label = _("Leave out")
    until = DateField(label=_("Until"))
    reason = forms.CharField(
        label=_("Reason"), max_length=REASON, help_text=_("It stays on record with your name.")
    )

    def __init__(self, *args, case: Case, **kwargs):
        self.case = case
        in_a_week = {"until": timezone.localdate() + LEFT_OUT}
        super().__init__(*args, initial=in_a_week, **kwargs)

    def perform(self, actor) -> Action:
        return steps.leave_out(actor=actor, case=self.case, **self.cleaned_data)


class SendStepForm(ActForm):
    """Somebody sent a message with a telephone, or hands over a letter: what is asked is frozen."""

    submit_label = _("It is sent")
    amount = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, action: Action, **kwargs):
        self.action = action
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> Action:
        return mails.post_step(actor=actor, action=self.action, **self.cleaned_data)


class SettleStepForm(ActForm):
    submit_label = _("Note it")
    went = forms.TypedChoiceField(
        label=_("Did it go?"),
        choices=[
            ("yes", _("Yes: it stands among the sent mail, or the tenant has it")),
            ("no", _("No: send it again")),
        ],
        coerce="yes".__eq__,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, action: Action, **kwargs):
        self.action = action
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> Action:
        return steps.settle_step(actor=actor, action=self.action, **self.cleaned_data)
