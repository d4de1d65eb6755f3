"""The forms of calls, visits and promises."""

from django import forms
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, AmountField, DateField, OnceForm
from payments.forms.bases import REASON
from payments.models import Payment
from recovery.models import Case, Contact, Promise
from recovery.models.contacts import RESULTS
from recovery.services import contacts, promises
from sites_app.rules import rules_for
from tenants.models import Lease


class ContactForm(OnceForm):
    """What came of a call or a visit, and what was promised with it."""

    kind: str
    result = forms.ChoiceField(label=_("What came of it?"), widget=forms.RadioSelect)
    promise_amount = AmountField(label=_("Amount promised"), required=False)
    promise_on = DateField(label=_("Promised for"), required=False)
    place = forms.ChoiceField(label=_("Where"), choices=Promise.Place, required=False)
    duration_minutes = forms.IntegerField(
        label=_("Minutes"),
        min_value=0,
        max_value=1440,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "amount"}),
    )
    notes = forms.CharField(
        label=_("Notes"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, case: Case, **kwargs):
        self.case = case
        super().__init__(*args, **kwargs)
        self.fields["result"].choices = [
            (value, label) for value, label in Contact.Result.choices if value in RESULTS[self.kind]
        ]
        currency = case.site.currency
        self.fields["promise_amount"].currency = currency
        self.fields["promise_amount"].label = _("Amount promised, %(currency)s") % {
            "currency": currency
        }

    def told(self) -> dict:
        """Return what the services take, a promise among it where both its parts are given."""
        said = self.cleaned_data
        given = said["promise_amount"] and said["promise_on"]
        promise = {
            "amount": said["promise_amount"],
            "due_on": said["promise_on"],
            "place": said["place"] or Promise.Place.OFFICE,
        }
        return {
            "client_id": said["key"],
            "tenant": self.case.tenant,
            "result": said["result"],
            "duration_minutes": said["duration_minutes"],
            "notes": said["notes"],
            "promise": promise if given else None,
        }

    def clean(self):
        said = super().clean()
        wanted = said.get("result") == Contact.Result.PROMISE
        for name in ("promise_amount", "promise_on"):
            if wanted and not said.get(name) and name not in self.errors:
                self.add_error(name, _("Say what was promised, and for when."))
        return said


class LogCallForm(ContactForm):
    kind = Contact.Kind.CALL
    submit_label = _("Save, and the next one")

    def perform(self, actor) -> Contact:
        return contacts.log_call(actor=actor, **self.told())


class LogVisitForm(ContactForm):
    kind = Contact.Kind.VISIT
    submit_label = _("Save the visit")
    lease = forms.ModelChoiceField(Lease.objects.none(), label=_("Paid for"), required=False)
    amount = AmountField(label=_("Amount paid"), required=False)
    method = forms.ChoiceField(label=_("Method"), required=False)

    field_order = ("result", "amount", "method", "lease")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        leases = Lease.objects.filter(site=self.case.site_id, tenant=self.case.tenant_id).real()
        self.fields["lease"].queryset = leases.order_by("-start", "-pk")
        self.fields["lease"].initial = leases.order_by("-start", "-pk").first()
        self.fields["amount"].currency = self.case.site.currency
        accepted = rules_for(self.case.site_id).methods
        self.fields["method"].choices = [
            choice for choice in Payment.Method.choices if choice[0] in accepted
        ]

    def clean(self):
        said = super().clean()
        if said.get("result") == Contact.Result.PAYMENT:
            for name in ("amount", "lease", "method"):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, _("Say what was paid."))
        return said

    def perform(self, actor) -> Contact:
        said = self.cleaned_data
        payment = None
        if said["result"] == Contact.Result.PAYMENT:
            payment = {name: said[name] for name in ("lease", "amount", "method")}
        return contacts.log_visit(actor=actor, payment=payment, **self.told())


class CorrectPromiseForm(ActForm):
    submit_label = _("Save the correction")
    amount = AmountField(label=_("Amount"))
    due_on = DateField(label=_("Promised for"))
    place = forms.ChoiceField(label=_("Where"), choices=Promise.Place)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, promise: Promise, **kwargs):
        self.promise = promise
        said = {name: getattr(promise, name) for name in ("amount", "due_on", "place", "version")}
        super().__init__(*args, initial=said, **kwargs)
        currency = promise.site.currency
        self.fields["amount"].currency = currency
        self.fields["amount"].label = _("Amount, %(currency)s") % {"currency": currency}

    def perform(self, actor) -> Promise:
        return promises.correct_promise(actor=actor, promise=self.promise, **self.cleaned_data)


class CancelPromiseForm(ActForm):
    submit_label = _("Cancel the promise")
    reason = forms.CharField(label=_("Reason"), max_length=REASON)

    def __init__(self, *args, promise: Promise, **kwargs):
        self.promise = promise
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> Promise:
        return promises.cancel_promise(actor=actor, promise=self.promise, **self.cleaned_data)
