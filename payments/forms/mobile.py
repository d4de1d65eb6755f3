"""The forms of mobile money: asking a payer, and the contracts with providers."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, AmountField, OnceForm, PhoneField
from payments.forms.bases import BranchForm
from payments.models import Payment, Provider
from payments.providers import CLIENTS, SECRETS
from payments.services import contracts, mobile
from sites_app.forms import percent_field
from tenants.models import Lease

SECRET_LABELS = {
    "client_id": _("Client ID"),
    "client_secret": _("Client secret"),
    "merchant_key": _("Merchant key"),
    "api_user": _("API user"),
    "api_key": _("API key"),
    "subscription_key": _("Subscription key"),
    "target_environment": _("Target environment"),
    "callback_host": _("Domain registered for calls back"),
    "webhook_secret": _("Webhook secret"),
    "partner_domain": _("Domain registered at the provider"),
}


class StartAttemptForm(OnceForm):
    """Whom to ask is known; how much, through which provider, at which telephone."""

    submit_label = _("Ask for the money")
    amount = AmountField(label=_("Amount"))
    provider = forms.ChoiceField(label=_("Provider"), choices=Provider.Kind)
    phone = PhoneField(
        label=_("Telephone that pays"),
        required=False,
        help_text=_("MTN MoMo rings it. The others show a page, which you hand to the payer."),
    )

    def __init__(self, *args, lease: Lease, providers: list[Provider], **kwargs):
        super().__init__(*args, **kwargs)
        self.lease = lease
        self.fields["amount"].currency = lease.site.currency
        self.fields["phone"].region = lease.site.country
        self.fields["provider"].choices = [
            (provider.kind, provider.get_kind_display()) for provider in providers
        ]

    def perform(self, actor):
        asked = self.cleaned_data
        return mobile.start_attempt(
            actor=actor,
            lease=self.lease,
            amount=asked["amount"],
            kind=asked["provider"],
            phone=str(asked["phone"] or ""),
            key=str(asked["key"]),
        )


class ProviderFields(forms.Form):
    base_url = forms.URLField(
        label=_("Address of the provider"),
        max_length=200,
        required=False,
        assume_scheme="https",
        help_text=_("Empty: the usual one."),
    )
    callback_url = forms.URLField(
        label=_("Our public address"),
        max_length=120,
        assume_scheme="https",
        initial=lambda: settings.PUBLIC_URL,
        help_text=_("The provider calls back here: https, a domain, no port."),
    )
    sandbox = forms.BooleanField(label=_("Test environment"), required=False)
    fee_percent = percent_field(label=_("Usual fee, %"), initial=0)
    fee_bearer = forms.ChoiceField(label=_("Who bears the fee"), choices=Payment.Bearer)


class AddProviderForm(ProviderFields, BranchForm):
    submit_label = _("Enter the contract")
    kind = forms.ChoiceField(label=_("Provider"), choices=Provider.Kind)

    field_order = ["site", "kind", "callback_url", "sandbox", "base_url"]

    def perform(self, actor):
        return contracts.add_provider(actor=actor, **self.cleaned_data)


class CorrectProviderForm(ProviderFields, ActForm):
    """The contract, and a field for each secret, which is never filled with what is kept."""

    submit_label = _("Save the contract")

    def __init__(self, *args, provider: Provider, **kwargs):
        initial = {name: getattr(provider, name) for name in ProviderFields.base_fields}
        super().__init__(*args, initial=initial, **kwargs)
        self.provider = provider
        for name in (*SECRETS[provider.kind], *CLIENTS[provider.kind].optional):
            is_kept = bool(provider.secrets.get(name))
            self.fields[f"secret_{name}"] = forms.CharField(
                label=SECRET_LABELS.get(name, name),
                required=False,
                max_length=500,
                strip=True,
                widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
                help_text=_("Kept. Write here only to replace it.") if is_kept else "",
            )

    def perform(self, actor):
        changes = dict(self.cleaned_data)
        written = {
            name: changes.pop(f"secret_{name}")
            for name in [field[7:] for field in self.fields if field.startswith("secret_")]
        }
        return contracts.correct_provider(
            actor=actor, provider=self.provider, secrets=written, **changes
        )


class SwitchProviderForm(ActForm):
    """Enables a provider, or disables it."""

    def __init__(self, *args, provider: Provider, **kwargs):
        super().__init__(*args, **kwargs)
        self.provider = provider
        self.submit_label = _("Disable") if provider.enabled else _("Enable")

    def perform(self, actor):
        act = contracts.disable_provider if self.provider.enabled else contracts.enable_provider
        return act(actor=actor, provider=self.provider)
