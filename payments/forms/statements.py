"""The forms of statements and of the inbox: each performs one act."""

from collections.abc import Mapping
from types import MappingProxyType

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from akig.lib.choosing import OFFERED, PART, RowField
from akig.lib.forms import ActForm, AmountField
from akig.lib.money import format_amount
from payments.forms.bases import BranchForm, ReasonForm
from payments.models import JournalEntry, MoneyAccount, Statement, StatementLine
from payments.readers.columns import LABELS
from payments.services import messages, placing, statements, wallets
from tenants.models import Lease

PARTS = 6


class HandInForm(BranchForm):
    submit_label = _("Read the statement")
    file = forms.FileField(
        label=_("Statement"),
        help_text=_(
            "As the bank or provider gives it: CSV, Excel, CAMT.053, MT940 or OFX. Handed in "
            "again, it adds nothing."
        ),
    )
    account = forms.ModelChoiceField(
        MoneyAccount.objects.none(),
        label=_("Account"),
        required=False,
        empty_label=_("the file says it"),
    )

    def __init__(self, *args, accounts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts
        self.fields["account"].label_from_instance = account_label
        self.order_fields(["file", "site", "account"])

    def perform(self, actor):
        file = self.cleaned_data["file"]
        return statements.receive_statement(
            actor=actor,
            site=self.cleaned_data["site"],
            name=file.name,
            content=file.read(),
            account=self.cleaned_data["account"],
        )


def account_label(account: MoneyAccount) -> str:
    return " · ".join(part for part in (account.name, account.number, account.site.name) if part)


class SayWhatForm(ActForm):
    """Name the account of a statement and what its columns are."""

    submit_label = _("Read it again")
    account = forms.ModelChoiceField(MoneyAccount.objects.none(), label=_("Account"))

    def __init__(self, *args, statement: Statement, accounts, **kwargs):
        super().__init__(*args, **kwargs)
        self.statement = statement
        self.fields["account"].queryset = accounts
        self.fields["account"].label_from_instance = account_label
        self.fields["account"].initial = statement.account_id
        told = statement.errors[0] if statement.errors else {}
        self.headings = told.get("headings", []) if told.get("code") == "columns" else []
        for place, heading in enumerate(self.headings):
            seen = [row[place] for row in told.get("sample", []) if place < len(row) and row[place]]
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=heading or _("Column %(number)s") % {"number": place + 1},
                choices=[("", _("Leave out")), *LABELS.items()],
                required=False,
                help_text=", ".join(str(cell) for cell in seen[:3]),
            )

    def perform(self, actor):
        columns: dict[str, list[str]] = {}
        for place, heading in enumerate(self.headings):
            if chosen := self.cleaned_data[f"column-{place}"]:
                columns.setdefault(chosen, []).append(heading)
        return statements.say_what_it_is(
            actor=actor,
            statement=self.statement,
            account=self.cleaned_data["account"],
            columns=columns,
        )


class LeaseField(RowField):
    """A lease, cleaned from its reference, or from whatever names it alone."""

    def to_python(self, value) -> Lease | None:
        reference = str(value or "").partition(PART)[0].strip().replace("\x00", "")
        if reference:
            found = list(self.rows.filter(reference__iexact=reference)[:2])
            if len(found) == 1:
                return found[0]
            found = list(self.rows.matching(reference)[: OFFERED + 1])
            if len(found) == 1:
                return found[0]
            if not found:
                raise ValidationError(
                    _("Nothing found by “%(text)s”: try a part of the name, or the reference."),
                    code="unknown_row",
                    params={"text": reference},
                )
            raise ValidationError(
                _("Several match, write the reference: %(rows)s"),
                code="ambiguous_row",
                params={"rows": ", ".join(lease_label(lease) for lease in found[:OFFERED])},
            )
        return None


def lease_label(lease: Lease) -> str:
    """Return what stands in the field for a lease: reference and tenant."""
    return f"{lease.reference}{PART}{lease.tenant.name}"


class LineForm(ActForm):
    def __init__(self, *args, line: StatementLine, **kwargs):
        super().__init__(*args, **kwargs)
        self.line = line


class SplitForm(LineForm):
    """Give a line to several leases: a row each, empty rows are left out."""

    submit_label = _("Share it out")

    def __init__(self, *args, leases, **kwargs):
        super().__init__(*args, **kwargs)
        for number in range(1, PARTS + 1):
            lease = LeaseField(
                label=_("Lease %(number)s") % {"number": number},
                suggestions="payments:matching_leases",
                required=number == 1,
            )
            lease.rows = leases
            self.fields[f"lease-{number}"] = lease
            self.fields[f"amount-{number}"] = AmountField(
                label=_("Amount %(number)s, %(currency)s")
                % {"number": number, "currency": self.line.site.currency},
                currency=self.line.site.currency,
                required=number == 1,
            )

    def perform(self, actor):
        told = self.cleaned_data
        parts = [
            (told[f"lease-{number}"], told.get(f"amount-{number}") or 0)
            for number in range(1, PARTS + 1)
            if told.get(f"lease-{number}")
        ]
        return placing.match_line(actor=actor, line=self.line, parts=parts)


class EntriesField(forms.ModelMultipleChoiceField):
    """Entries of the journal, each told as ``told`` (id: text) says."""

    told: Mapping[int, str] = MappingProxyType({})

    def label_from_instance(self, entry: JournalEntry) -> str:
        return self.told[entry.pk]


def entry_label(entry: JournalEntry, currency: str) -> str:
    """Return what a payout or deposit returned is shown as: to whom, how much, its number."""
    payout = getattr(entry, "payout", None)
    name = payout.owner.name if payout else str(entry)
    amount = format_amount(-entry.amount, currency)
    return " · ".join(part for part in (name, amount, entry.memo) if part)


class ExplainForm(LineForm):
    submit_label = _("That is what it was")
    explanation = forms.ChoiceField(
        label=_("What it was"), choices=StatementLine.Explanation, widget=forms.RadioSelect
    )
    entries = EntriesField(
        JournalEntry.objects.none(),
        label=_("Payouts or deposits returned"),
        help_text=_("They make up the whole amount: one transfer may pay several owners."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args, line: StatementLine, **kwargs):
        super().__init__(*args, line=line, **kwargs)
        found = {
            explanation: placing.entries_explaining(line, explanation)
            for explanation in placing.STANDING
        }
        entries = [entry for kind in found.values() for entry in kind]
        if not entries:
            del self.fields["entries"]
            self.fields["explanation"].choices = [
                choice
                for choice in StatementLine.Explanation.choices
                if choice[0] not in placing.STANDING
            ]
        else:
            explanation, likely = placing.likely_entries(line, found)
            self.initial |= {"entries": likely}
            if explanation:
                self.initial["explanation"] = explanation
            self.fields["entries"].queryset = JournalEntry.objects.filter(
                pk__in=[entry.pk for entry in entries]
            )
            self.fields["entries"].told = {
                entry.pk: entry_label(entry, line.site.currency) for entry in entries
            }

    def perform(self, actor):
        return placing.explain_line(actor=actor, line=self.line, **self.cleaned_data)


class UndoForm(ReasonForm):
    submit_label = _("Undo it")

    def __init__(self, *args, line: StatementLine, **kwargs):
        super().__init__(*args, **kwargs)
        self.line = line

    def perform(self, actor):
        return placing.undo_line(actor=actor, line=self.line, **self.cleaned_data)


class MessageForm(BranchForm):
    submit_label = _("Read the message")
    text = forms.CharField(
        label=_("Message of the operator"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The whole SMS, as it came: amount, sender, number of the transaction."),
    )

    def perform(self, actor):
        return messages.take_message(actor=actor, **self.cleaned_data)


class AddAccountForm(BranchForm):
    submit_label = _("Add the account")
    kind = forms.ChoiceField(label=_("Kind"), choices=MoneyAccount.Kind)
    name = forms.CharField(label=_("Name"), max_length=80)
    number = forms.CharField(
        label=_("Account number"),
        max_length=40,
        required=False,
        help_text=_("As it stands on its statements: they are recognised by it."),
    )
    is_shared = forms.BooleanField(
        label=_("Tenants of other branches of the same currency pay into it too"),
        required=False,
        initial=True,
    )

    def perform(self, actor):
        return wallets.add_account(actor=actor, **self.cleaned_data)


class CorrectAccountForm(ActForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    number = forms.CharField(label=_("Account number"), max_length=40, required=False)
    is_shared = forms.BooleanField(
        label=_("Tenants of other branches of the same currency pay into it too"), required=False
    )
    is_active = forms.BooleanField(label=_("In use"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, account: MoneyAccount, **kwargs):
        self.account = account
        names = ("name", "number", "is_shared", "is_active", "version")
        kwargs["initial"] = {name: getattr(account, name) for name in names}
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return wallets.correct_account(actor=actor, account=self.account, **self.cleaned_data)


def leases_for(user, line: StatementLine):
    """Return the leases that ``user`` may give the money of ``line`` to."""
    leases = Lease.objects.visible_to(user).real().filter(site__currency=line.site.currency)
    return leases.select_related("site", "tenant", "property")
