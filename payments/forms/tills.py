"""The forms of cash: counted note by note, handed over, closed, carried to the bank, in series."""

import uuid
from operator import attrgetter

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, AmountField, DateField, OnceForm
from akig.lib.money import format_amount
from payments.forms.bases import REASON, BranchForm, ReasonForm
from payments.metrics.tills import CARRIERS
from payments.models import MoneyAccount, Payment
from payments.models.tills import DENOMINATIONS, worth_of
from payments.services import collecting, tills
from payments.services.wallets import account_serving
from sites_app.models import Site
from tenants.models import Lease

User = get_user_model()
Source = Payment.Source

#: More of one note than anybody counts by hand.
MOST_NOTES = 100_000

#: Suggestions for a row of a series, and how a lease is written in it.
OFFERED = 8
PART = " · "


def carriers_of(site: Site, *, but=None):
    """Return the people of a branch who may carry cash, without ``but``."""
    today = timezone.localdate()
    people = User.objects.filter(
        assignments__in=site.assignments.current(today),
        groups__name__in=CARRIERS,
        is_active=True,
    )
    people = people.exclude(pk=but.pk) if but else people
    return people.distinct().order_by("name")


class CountForm(ActForm):
    """A count of notes and coins of one branch's currency; ``counted`` is what they are worth."""

    def __init__(self, *args, site: Site, **kwargs):
        self.site = site
        self.worths = DENOMINATIONS[site.currency]
        super().__init__(*args, **kwargs)
        for worth in self.worths:
            self.fields[f"n{worth}"] = self._field(worth)

    def _field(self, worth: int) -> forms.Field:
        attrs = {"inputmode": "numeric", "autocomplete": "off", "data-worth": worth}
        if worth == 1:
            field = AmountField(
                label=_("Small change, total"),
                currency=self.site.currency,
                zero="accept",
                required=False,
            )
        else:
            field = forms.IntegerField(
                label=format_amount(worth, self.site.currency, show_currency=False),
                min_value=0,
                max_value=MOST_NOTES,
                required=False,
                widget=forms.TextInput(),
            )
        field.widget.attrs |= attrs
        return field

    @property
    def notes(self) -> dict[int, int]:
        """The numbers of notes that were entered, as far as they are numbers."""
        return {worth: self.cleaned_data.get(f"n{worth}") or 0 for worth in self.worths}

    @property
    def counted(self) -> int:
        return worth_of(self.notes) if hasattr(self, "cleaned_data") else 0

    @property
    def rows(self) -> list:
        """The bound fields of the notes, each with what its notes are worth so far."""
        notes = self.notes if hasattr(self, "cleaned_data") else {}
        return [
            {"field": self[f"n{worth}"], "worth": worth * notes.get(worth, 0)}
            for worth in self.worths
        ]

    @property
    def others(self) -> list:
        return [field for field in self.visible_fields() if not field.name[1:].isdigit()]


class HandOverForm(CountForm, OnceForm):
    submit_label = _("Declare the hand-over")
    source = forms.ChoiceField(label=_("Out of"))
    receiver = forms.ModelChoiceField(
        User.objects.none(), label=_("Handed to"), required=False, empty_label=_("the till")
    )

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        own = [("own", _("the cash that I carry"))]
        self.fields["source"].choices = [*own, ("till", _("the till"))]
        self.fields["source"].initial = "own"
        if not actor.is_staff:
            self.fields["source"].choices = own
            self.fields["source"].widget = forms.HiddenInput()
        self.fields["receiver"].queryset = carriers_of(self.site, but=actor)

    def perform(self, actor):
        return tills.declare_hand_over(
            actor=actor,
            site=self.site,
            notes=self.notes,
            key=str(self.cleaned_data["key"]),
            receiver=self.cleaned_data["receiver"],
            from_till=self.cleaned_data["source"] == "till",
        )


class ConfirmHandOverForm(CountForm):
    submit_label = _("Confirm what I counted")
    reason = forms.CharField(
        label=_("Reason of a difference"),
        max_length=REASON,
        required=False,
        help_text=_("Only when you count another sum than was declared."),
    )

    def __init__(self, *args, hand_over, **kwargs):
        self.hand_over = hand_over
        super().__init__(*args, site=hand_over.site, **kwargs)

    def perform(self, actor):
        return tills.confirm_hand_over(
            actor=actor,
            hand_over=self.hand_over,
            notes=self.notes,
            reason=self.cleaned_data["reason"],
        )


class RefuseHandOverForm(ReasonForm):
    submit_label = _("Refuse the hand-over")

    def __init__(self, *args, hand_over, **kwargs):
        self.hand_over = hand_over
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return tills.refuse_hand_over(actor=actor, hand_over=self.hand_over, **self.cleaned_data)


class CloseDayForm(CountForm):
    submit_label = _("Close the day")
    day = DateField(label=_("Day"), initial=timezone.localdate)
    remark = forms.CharField(
        label=_("Remark"),
        max_length=REASON,
        required=False,
        help_text=_("What you know of a difference between the count and the journal."),
    )

    def perform(self, actor):
        return tills.close_day(
            actor=actor,
            site=self.site,
            day=self.cleaned_data["day"],
            notes=self.notes,
            remark=self.cleaned_data["remark"],
        )


class CarryToBankForm(ActForm):
    submit_label = _("Carry to the bank")
    what = forms.ChoiceField(
        label=_("What"), choices=[("cash", _("cash of the till")), ("cheques", _("cheques"))]
    )
    amount = AmountField(label=_("Amount"))
    slip = forms.CharField(
        label=_("Slip number"),
        max_length=40,
        help_text=_("As the bank printed it: the statement will be compared with it."),
    )
    day = DateField(label=_("Day"), initial=timezone.localdate)
    account = forms.ModelChoiceField(
        MoneyAccount.objects.none(),
        label=_("Bank account"),
        required=False,
        empty_label=_("the usual one"),
    )

    def __init__(self, *args, site: Site, **kwargs):
        self.site = site
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = site.currency
        self.fields["amount"].label = _("Amount, %(currency)s") % {"currency": site.currency}
        bank = MoneyAccount.Kind.BANK
        accounts = MoneyAccount.objects.filter(site=site, kind=bank, is_active=True)
        self.fields["account"].queryset = accounts
        self.fields["account"].label_from_instance = attrgetter("name")  # all are this branch's
        self.fields["account"].initial = account_serving(site, bank)

    def perform(self, actor):
        values = dict(self.cleaned_data)
        cheques = values.pop("what") == "cheques"
        return tills.carry_to_bank(actor=actor, site=self.site, cheques=cheques, **values)


class CashLimitForm(BranchForm):
    submit_label = _("Set the limit")
    agent = forms.ModelChoiceField(User.objects.none(), label=_("Person"))
    amount = AmountField(
        label=_("Limit"),
        zero="accept",
        help_text=_("Nothing is blocked: all are warned above it. 0 is no limit."),
    )

    def __init__(self, *args, sites, **kwargs):
        super().__init__(*args, sites=sites, **kwargs)
        people = User.objects.filter(
            assignments__site__in=sites, groups__name__in=CARRIERS, is_active=True
        )
        self.fields["agent"].queryset = people.distinct().order_by("name")

    def perform(self, actor):
        return tills.set_cash_limit(actor=actor, **self.cleaned_data)


class SeriesHeadForm(forms.Form):
    """Who collected what is entered in series, and on which day."""

    collector = forms.ModelChoiceField(
        User.objects.none(), label=_("Collected by"), required=False, empty_label=_("the till")
    )
    day = DateField(label=_("Received on"), initial=timezone.localdate, required=False)

    def __init__(self, *args, actor, sites, **kwargs):
        super().__init__(*args, **kwargs)
        if not actor.is_staff:
            del self.fields["collector"]
            return
        people = User.objects.filter(
            assignments__site__in=sites, groups__name__in=CARRIERS, is_active=True
        )
        self.fields["collector"].queryset = people.distinct().order_by("name")


class SeriesRowForm(OnceForm):
    """One small payment of a series: who, and how much. Sent twice under its key, it is one."""

    who = forms.CharField(label=_("Tenant"), required=False, max_length=200)
    lease = forms.ModelChoiceField(Lease.objects.none(), label=_("Which one?"), required=False)
    amount = AmountField(label=_("Amount"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def __init__(self, *args, leases, collector=None, day=None, **kwargs):
        self.leases, self.collector, self.day = leases, collector, day
        self.payment = None
        self.candidates = []
        kwargs.setdefault("auto_id", "%s")
        super().__init__(*args, **kwargs)
        self.fields["lease"].queryset = leases

    @property
    def is_empty(self) -> bool:
        names = ("who", "amount", "lease")
        return not any(self.data.get(self.add_prefix(name), "").strip() for name in names)

    def clean(self):
        values = super().clean()
        lease = values.get("lease") or self._found(values.get("who", ""))
        if lease is not None:
            values["lease"] = lease
        if not values.get("amount") and "amount" not in self.errors:
            self.add_error("amount", _("Write the amount."))
        return values

    def _found(self, text: str) -> Lease | None:
        """Return the one lease that a text names, else leave an error and who might be meant."""
        text = text.replace("\x00", "").strip()
        if not text:
            self.add_error("who", _("Say who paid."))
            return None
        found = list(self.leases.filter(reference=text.partition(PART)[0].strip())[:2])
        if len(found) != 1:
            found = list(self.leases.matching(text)[: OFFERED + 1])
        if len(found) == 1:
            return found[0]
        if found:
            self.candidates = found[:OFFERED]
            self.add_error("who", _("Several match: choose one."))
        else:
            self.add_error("who", _("Nobody found: try a part of the name, or the lease."))
        return None

    def perform(self, actor):
        self.payment = collecting.record_payment_once(
            actor=actor,
            key=str(self.cleaned_data["key"]),
            lease=self.cleaned_data["lease"],
            amount=self.cleaned_data["amount"],
            method=Payment.Method.CASH,
            value_date=self.day,
            collected_by=self.collector,
            source=Source.FIELD if self.collector or not actor.is_staff else Source.DESK,
        )
        return self.payment
