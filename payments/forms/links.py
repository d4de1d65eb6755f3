"""The forms behind the tenant's link; what they do is done by the system for the tenant."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, AmountField, DateField, OnceForm, PhoneField
from akig.lib.proofs import ProofField
from payments.models import Attempt, Payment, PaymentClaim, Provider
from payments.services import claims, links, mobile
from sites_app.rules import rules_for
from tenants.models import Lease, Tenant


class OfTenantForm(OnceForm):
    """Asks for which lease, where the tenant has several."""

    lease = forms.ModelChoiceField(Lease.objects.none(), label=_("Lease"), empty_label=None)
    amount = AmountField(label=_("Amount"))

    def __init__(self, *args, leases: list[Lease], **kwargs):
        super().__init__(*args, **kwargs)
        first = leases[0]
        self.fields["lease"].queryset = Lease.objects.filter(
            pk__in=[lease.pk for lease in leases]
        ).select_related("site", "property", "tenant")
        self.fields["lease"].label_from_instance = lambda lease: (
            f"{lease.property.name} · {lease.reference}"
        )
        self.fields["lease"].initial = first.pk
        if len(leases) == 1:
            self.fields["lease"].widget = forms.HiddenInput()
        self.fields["amount"].currency = first.site.currency
        self.fields["amount"].label = _("Amount, %(currency)s") % {"currency": first.site.currency}


class PayForm(OfTenantForm):
    submit_label = _("Pay")
    kind = forms.ChoiceField(label=_("Pay with"), widget=forms.RadioSelect)
    phone = PhoneField(label=_("Telephone that pays"))

    def __init__(self, *args, providers: list[Provider], return_url: str, **kwargs):
        self.return_url = return_url
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [
            (provider.kind, provider.get_kind_display()) for provider in providers
        ]
        if providers:
            self.fields["kind"].initial = providers[0].kind

    def perform(self, actor) -> Attempt:
        values = dict(self.cleaned_data)
        return mobile.start_attempt(
            actor=actor,
            key=str(values.pop("key")),
            phone=str(values.pop("phone")),
            return_url=self.return_url,
            **values,
        )


class ClaimForm(OfTenantForm):
    submit_label = _("Send to the agency")
    method = forms.ChoiceField(label=_("How did you pay?"))
    paid_on = DateField(label=_("Paid on"), initial=timezone.localdate)
    reference = forms.CharField(label=_("Number of the transaction"), max_length=80, required=False)
    photo = ProofField(
        label=_("Photo of the receipt or message"),
        required=False,
        help_text=_("JPEG, PNG, WebP or PDF, 8 MB at most."),
    )
    message = forms.CharField(label=_("Message"), max_length=300, required=False)

    def __init__(self, *args, leases, **kwargs):
        super().__init__(*args, leases=leases, **kwargs)
        accepted = rules_for(leases[0].site_id).methods
        self.fields["method"].choices = [
            choice for choice in Payment.Method.choices if choice[0] in accepted
        ]

    def clean(self):
        values = super().clean()
        if not values.get("photo") and not values.get("reference") and "photo" not in self.errors:
            self.add_error("photo", _("Send a photo, or write the number of the transaction."))
        return values

    def perform(self, actor) -> PaymentClaim:
        values = dict(self.cleaned_data)
        return claims.make_claim_once(actor=actor, key=str(values.pop("key")), **values)


class RenewLinkForm(ActForm):
    submit_label = _("Make a new link")

    def __init__(self, *args, tenant: Tenant, **kwargs):
        self.tenant = tenant
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return links.renew_link(actor=actor, tenant=self.tenant)
