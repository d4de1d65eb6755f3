"""The forms of notices."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, DateField
from payments.forms.bases import ReasonForm
from recovery.models import Notice
from recovery.services import notices
from tenants.models import Lease


class WriteNoticeForm(ActForm):
    submit_label = _("Write the notice")
    kind = forms.ChoiceField(
        label=_("Who gives notice?"),
        choices=[
            (Notice.Kind.TENANT, _("The tenant leaves: we confirm it")),
            (Notice.Kind.OWNER, _("The owner, because rent is unpaid: we hand it over")),
        ],
        widget=forms.RadioSelect,
    )
    given_on = DateField(label=_("Received, or handed over, on"), initial=timezone.localdate)
    leaves_on = DateField(
        label=_("Last day of the lease"),
        required=False,
        help_text=_("Empty: as soon as the branch's delay allows."),
    )
    agreed = forms.BooleanField(label=_("Both sides agree to a shorter notice"), required=False)
    reason = forms.CharField(
        label=_("Remark"),
        max_length=500,
        required=False,
        help_text=_("It stands on the paper."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, lease: Lease, **kwargs):
        self.lease = lease
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> Notice:
        return notices.write_notice(actor=actor, lease=self.lease, **self.cleaned_data)


class OfNoticeForm(ActForm):
    def __init__(self, *args, notice: Notice, **kwargs):
        self.notice = notice
        super().__init__(*args, **kwargs)


class IssueNoticeForm(OfNoticeForm):
    submit_label = _("Issue the notice")

    def perform(self, actor) -> Notice:
        return notices.issue_notice(actor=actor, notice=self.notice)


class DiscardNoticeForm(OfNoticeForm):
    submit_label = _("Give it up")

    def perform(self, actor) -> Notice:
        return notices.discard_notice(actor=actor, notice=self.notice)


class WithdrawNoticeForm(ReasonForm, OfNoticeForm):
    submit_label = _("Withdraw the notice")

    def perform(self, actor) -> Notice:
        return notices.withdraw_notice(actor=actor, notice=self.notice, **self.cleaned_data)
