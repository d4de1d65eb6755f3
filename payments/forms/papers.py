"""What people choose before a paper is made."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, DateField
from payments.services import printing
from tenants.models import Lease


class StatementForm(forms.Form):
    """The span of a tenant's statement, and one lease of several; everything may stay empty."""

    def __init__(self, leases: list[Lease], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.leases = leases
        self.fields["from"] = DateField(label=_("From"), required=False)
        self.fields["to"] = DateField(label=_("To"), required=False)
        choices = [(str(lease.pk), lease.reference) for lease in leases]
        self.fields["lease"] = forms.ChoiceField(
            label=_("Lease"), choices=[("", _("All leases")), *choices], required=False
        )

    def chosen(self) -> list[Lease]:
        wanted = self.cleaned_data["lease"]
        return [lease for lease in self.leases if wanted in ("", str(lease.pk))]


class PrintReceiptsForm(ActForm):
    """Whether many receipts become one PDF or a file each."""

    submit_label = _("Make the file")
    bundle = forms.ChoiceField(label=_("As"), choices=printing.Bundle, initial=printing.Bundle.PDF)

    def __init__(self, *args, receipts: QuerySet, **kwargs):
        self.receipts = receipts
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return printing.request_receipts(actor=actor, receipts=self.receipts, **self.cleaned_data)
