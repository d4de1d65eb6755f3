"""The forms of tenants and leases: each performs one act."""

import datetime

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.choosing import RowField
from akig.lib.forms import ActForm, AmountField, DateField, PhoneField, TimeField
from akig.lib.money import format_amount
from sites_app.forms import VersionForm, choose_site
from sites_app.models import Property, Site
from sites_app.rules import rules_for
from tenants import services
from tenants.models import ISO_WEEKDAYS, Guarantor, Lease, Periodicity, Tenant

MOST_PHONES = 3


class IdentityField(forms.CharField):
    def __init__(self):
        super().__init__(
            label=_("Identity document"),
            max_length=60,
            required=False,
            help_text=_("Kind and number. Kept encrypted; nothing is found by it."),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )


class WeekdaysField(forms.TypedMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        super().__init__(
            label=_("Can be visited on"),
            choices=ISO_WEEKDAYS,
            coerce=int,
            required=False,
            help_text=_("None ticked: on any day."),
            **kwargs,
        )


class VisitingHours(forms.Form):
    visit_days = WeekdaysField()
    visit_from = TimeField(label=_("Can be visited from"), required=False)
    visit_until = TimeField(label=_("Can be visited until"), required=False)


class TenantFields(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150)
    phone_1 = PhoneField(label=_("First telephone"), required=False)
    phone_2 = PhoneField(label=_("Second telephone"), required=False)
    phone_3 = PhoneField(label=_("Third telephone"), required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Preferred language"), choices=settings.SPOKEN_LANGUAGES)
    channel = forms.ChoiceField(label=_("Preferred channel"), choices=Tenant.Channel)
    profession = forms.CharField(label=_("Profession"), max_length=100, required=False)
    employer = forms.CharField(label=_("Employer"), max_length=100, required=False)
    identity = IdentityField()
    agreed_on = DateField(
        label=_("Agreed to messages on"),
        required=False,
        help_text=_("The day on which the tenant said yes to reminders by message."),
    )
    do_not_contact = forms.BooleanField(label=_("Not to be contacted"), required=False)
    do_not_contact_reason = forms.CharField(label=_("Why not"), max_length=200, required=False)
    code = forms.CharField(
        label=_("Code"), max_length=20, required=False, help_text=_("Empty for the next one.")
    )
    notes = forms.CharField(label=_("Notes"), widget=forms.Textarea, required=False)

    def take_phones(self, values: dict) -> list[tuple[str, bool]]:
        """Take the telephones out of ``values``; the first that is written is the first to call."""
        written = [values.pop(f"phone_{rank}") for rank in range(1, MOST_PHONES + 1)]
        numbers = [number.as_e164 for number in written if number]
        return [(number, rank == 0) for rank, number in enumerate(dict.fromkeys(numbers))]


class AddTenantForm(VisitingHours, TenantFields, ActForm):
    submit_label = _("Enter the tenant")
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Branch"))
    field_order = ["name", "phone_1", "site"]

    def __init__(self, *args, sites: list[Site], site: Site | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        choose_site(self, sites, site)

    def perform(self, actor):
        values = dict(self.cleaned_data)
        phones = self.take_phones(values)
        return services.add_tenant(actor=actor, phones=phones, **values)


class CorrectTenantForm(VisitingHours, TenantFields, VersionForm):
    state = forms.ChoiceField(label=_("State"), choices=Tenant.State)

    def __init__(self, *args, row: Tenant, **kwargs):
        numbers = sorted(row.phones.all(), key=lambda phone: (not phone.is_primary, phone.pk))
        initial = {f"phone_{rank}": phone.number for rank, phone in enumerate(numbers, start=1)}
        super().__init__(*args, row=row, initial=initial, **kwargs)

    def perform(self, actor):
        values = self.changes()
        phones = self.take_phones(values)
        values["code"] = values["code"] or self.row.code
        return services.correct_tenant(
            actor=actor,
            tenant=self.row,
            phones=phones,
            version=self.cleaned_data["version"],
            **values,
        )


class VisitingHoursForm(VisitingHours, VersionForm):
    def perform(self, actor):
        return services.set_visiting_hours(
            actor=actor,
            tenant=self.row,
            version=self.cleaned_data["version"],
            **self.changes(),
        )


class AddGuarantorForm(ActForm):
    submit_label = _("Enter the guarantor")
    name = forms.CharField(label=_("Name"), max_length=150)
    phone = PhoneField(label=_("Telephone"), required=False)
    relation = forms.CharField(
        label=_("Relation"), max_length=60, required=False, help_text=_("Brother, employer …")
    )
    profession = forms.CharField(label=_("Profession"), max_length=100, required=False)
    identity = IdentityField()

    def __init__(self, *args, tenant: Tenant, **kwargs):
        self.tenant = tenant
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return services.add_guarantor(actor=actor, tenant=self.tenant, **self.cleaned_data)


class RemoveGuarantorForm(ActForm):
    submit_label = _("Remove the guarantor")

    def __init__(self, *args, guarantor: Guarantor, **kwargs):
        self.guarantor = guarantor
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        services.remove_guarantor(actor=actor, guarantor=self.guarantor)
        return self.guarantor


# Leases


class LeaseTerms(forms.Form):
    periodicity = forms.TypedChoiceField(
        label=_("Paid"), choices=Periodicity, coerce=int, initial=Periodicity.MONTHLY
    )
    due_day = forms.IntegerField(
        label=_("Due day"),
        min_value=1,
        max_value=28,
        required=False,
        help_text=_("Day of the month; empty for the branch's rule."),
    )
    deposit = AmountField(label=_("Deposit"), required=False, zero="accept")
    usage = forms.ChoiceField(label=_("Usage"), choices=Lease.Usage)
    furnished = forms.BooleanField(label=_("Furnished"), required=False)
    notes = forms.CharField(label=_("Notes"), widget=forms.Textarea, required=False)
    reference = forms.CharField(
        label=_("Reference"), max_length=40, required=False, help_text=_("Empty for the next one.")
    )


class UnitsField(forms.ModelMultipleChoiceField):
    """Units of one property, with what they usually cost and whether they are let today."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, unit) -> str:
        parts = [unit.number, unit.get_kind_display()]
        if unit.advised_rent:
            parts.append(format_amount(unit.advised_rent, unit.property.site.currency))
        if unit.is_let:
            parts.append(str(_("let today")))
        return " · ".join(parts)


class SignLeaseForm(LeaseTerms, ActForm):
    """A new lease on units of one property; ``draft`` keeps it from binding yet."""

    submit_label = _("Sign the lease")
    tenant = RowField(
        label=_("Tenant"),
        suggestions="tenants:tenant_choices",
        help_text=_("Name, code or telephone."),
    )
    units = UnitsField(None, label=_("Units"))
    start = DateField(label=_("First day"), initial=timezone.localdate)
    end = DateField(label=_("Last day"), required=False, help_text=_("Empty: until a notice."))
    rent = AmountField(label=_("Monthly rent"))
    service_charge = AmountField(label=_("Monthly service charges"), required=False, zero="accept")
    draft = forms.BooleanField(
        label=_("Keep as a draft: it binds nobody and holds no unit yet"), required=False
    )
    field_order = ["tenant", "units", "start", "end", "rent", "service_charge", "deposit"]

    def __init__(self, *args, property: Property, tenants, may_sign: bool = True, **kwargs):
        self.property = property
        super().__init__(*args, **kwargs)
        self.fields["tenant"].rows = tenants.filter(site=property.site_id)
        self.fields["units"].queryset = (
            property.units.standing().with_let().select_related("property__site")
        )
        for name in ("rent", "service_charge", "deposit"):
            self.fields[name].currency = property.site.currency
            self.fields[name].help_text = property.site.currency
        if not may_sign:
            self.submit_label = _("Keep the draft")
            self.fields["draft"].disabled = True
            self.fields["draft"].initial = True

    def terms(self) -> dict:
        values = dict(self.cleaned_data)
        values.pop("draft")
        values["deposit"] = values["deposit"] or 0
        values["service_charge"] = values["service_charge"] or 0
        return values | {"site": self.property.site}

    def perform(self, actor):
        if self.cleaned_data["draft"]:
            return services.prepare_lease(actor=actor, **self.terms())
        return services.sign_lease(actor=actor, **self.terms())

    def consequence(self) -> dict:
        """Return what can be said of the terms typed so far; nothing is required yet."""
        self.is_valid()
        said = getattr(self, "cleaned_data", {})
        rent = said.get("rent")
        start = said.get("start") or timezone.localdate()
        rules = rules_for(self.property.site, on=start)
        units = list(said.get("units") or [])
        return {
            "site": self.property.site,
            "units": units,
            "start": start,
            "end": said.get("end"),
            "rent": rent,
            "due": rent and (rent + (said.get("service_charge") or 0)),
            "months": said.get("periodicity") or 1,
            "per_period": rent
            and (rent + (said.get("service_charge") or 0)) * (said.get("periodicity") or 1),
            "due_day": said.get("due_day") or rules.rent_due_day,
            "usual_deposit": rent and rent * rules.deposit_months,
            "most_deposit": rent and rent * rules.deposit_months_max,
            "deposit_too_large": bool(
                rent and (said.get("deposit") or 0) > rent * rules.deposit_months_max
            ),
            "taken": taken(units, start, said.get("end")),
        }


def taken(units: list, start: datetime.date, end: datetime.date | None) -> list[Lease]:
    """Return the leases that hold one of ``units`` on some of these days."""
    held = Lease.objects.real().filter(units__in=units).filter(Q(end=None) | Q(end__gte=start))
    if end is not None:
        held = held.filter(start__lte=end)
    return list(held.select_related("tenant").distinct()[:3])


class CorrectLeaseForm(LeaseTerms, VersionForm):
    periodicity = None

    def __init__(self, *args, row: Lease, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.fields["deposit"].currency = row.site.currency
        self.fields["deposit"].help_text = row.site.currency

    def perform(self, actor):
        values = self.changes()
        values["deposit"] = values["deposit"] or 0
        values["reference"] = values["reference"] or self.row.reference
        return services.correct_lease(
            actor=actor, lease=self.row, version=self.cleaned_data["version"], **values
        )


class LeaseForm(ActForm):
    def __init__(self, *args, lease: Lease, **kwargs):
        self.lease = lease
        super().__init__(*args, **kwargs)


class ChangeRentForm(LeaseForm):
    submit_label = _("Change the rent")
    valid_from = DateField(label=_("From"), help_text=_("Charges that stand keep their amount."))
    rent = AmountField(label=_("New monthly rent"))
    service_charge = AmountField(label=_("Monthly service charges"), required=False, zero="accept")
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args, lease: Lease, **kwargs):
        super().__init__(*args, lease=lease, **kwargs)
        for name in ("rent", "service_charge"):
            self.fields[name].currency = lease.site.currency
            self.fields[name].help_text = lease.site.currency

    def perform(self, actor):
        values = self.cleaned_data | {"service_charge": self.cleaned_data["service_charge"] or 0}
        return services.change_rent(actor=actor, lease=self.lease, **values)


class GiveNoticeForm(LeaseForm):
    submit_label = _("Take the notice")
    by_owner = forms.TypedChoiceField(
        label=_("Given by"),
        choices=[("", _("the tenant")), ("1", _("the owner"))],
        coerce=bool,
        empty_value=False,
        required=False,
    )
    given_on = DateField(label=_("Given on"), initial=timezone.localdate)
    leaves_on = DateField(label=_("Last day of the lease"))
    agreed = forms.BooleanField(label=_("Both sides agree to a shorter notice"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args, lease: Lease, **kwargs):
        super().__init__(*args, lease=lease, **kwargs)
        earliest = services.earliest_leave(lease, timezone.localdate())
        self.fields["leaves_on"].initial = earliest

    def perform(self, actor):
        return services.give_notice(actor=actor, lease=self.lease, **self.cleaned_data)


class EndLeaseForm(LeaseForm):
    submit_label = _("End the lease")
    on = DateField(label=_("Last day"), initial=timezone.localdate)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def perform(self, actor):
        return services.end_lease(actor=actor, lease=self.lease, **self.cleaned_data)


class CancelLeaseForm(LeaseForm):
    submit_label = _("Cancel the lease")
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def perform(self, actor):
        return services.cancel_lease(actor=actor, lease=self.lease, **self.cleaned_data)


class SignPreparedLeaseForm(LeaseForm):
    submit_label = _("Sign the lease")
    signed_on = DateField(label=_("Signed on"), initial=timezone.localdate)

    def perform(self, actor):
        return services.sign_prepared_lease(actor=actor, lease=self.lease, **self.cleaned_data)
