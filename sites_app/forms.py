"""The forms of branches, owners, properties and units: each performs one act."""

import zoneinfo

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.choosing import RowField
from akig.lib.forms import ActForm, AmountField, DateField, PhoneField
from sites_app.models import Approval, Holiday, MaintenanceTicket, Owner, Property, Site, Unit
from sites_app.models.branches import Country, Currency
from sites_app.rules import RULES, rules_for
from sites_app.services import (
    approving,
    assigning,
    branches,
    maintenance,
    mandates,
    portfolio,
    sharing,
)
from sites_app.services.erasing import erase_person
from sites_app.services.persons import export_person


def percent_field(**kwargs) -> forms.DecimalField:
    return forms.DecimalField(
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "amount"}),
        **kwargs,
    )


def language_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Preferred language"), choices=settings.LANGUAGES)


class VersionForm(ActForm):
    """A form that corrects a row: it knows which version it was filled from."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, row, **kwargs):
        self.row = row
        names = [name for name in self.base_fields if hasattr(row, name)]
        initial = {name: getattr(row, name) for name in names}
        kwargs["initial"] = initial | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def changes(self) -> dict:
        """Return the cleaned fields of the row, without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


# People


class AssignPersonForm(ActForm):
    """Where ``person`` works: one branch, corrected when the person is assigned to it already."""

    submit_label = _("Assign to the branch")
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Branch"))
    is_primary = forms.BooleanField(
        label=_("Primary branch"),
        required=False,
        help_text=_("The first branch of a person is primary in any case."),
    )
    ends_on = DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Empty: without an end. A day that has passed ends it at once."),
    )

    def __init__(self, *args, actor, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["site"].queryset = Site.objects.visible_to(actor).order_by("code")

    def perform(self, actor):
        return assigning.assign_person(actor=actor, person=self.person, **self.cleaned_data)


class SharePropertyForm(ActForm):
    """What ``person`` may read by exception: one property, corrected when it is shared already."""

    submit_label = _("Share the property")
    property = RowField(
        label=_("Property"),
        suggestions="sites_app:property_choices",
        help_text=_("Its units, leases, tenants, charges, payments and receipts are shown too."),
    )
    ends_on = DateField(label=_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args, actor, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["property"].rows = Property.objects.visible_to(actor).standing()

    def perform(self, actor):
        return sharing.share_property(actor=actor, person=self.person, **self.cleaned_data)


class UnsharePropertyForm(ActForm):
    submit_label = _("Stop sharing")

    def __init__(self, *args, share, **kwargs):
        super().__init__(*args, **kwargs)
        self.share = share

    def perform(self, actor):
        return sharing.unshare_property(actor=actor, share=self.share)


# Branches


class OpenBranchForm(ActForm):
    submit_label = _("Open the branch")
    code = forms.RegexField(
        r"^\s*[A-Za-z]{2}_[A-Za-z0-9_]{2,16}\s*$",
        label=_("Code"),
        help_text=_("Country and town, for example GN_KANKAN. It cannot be changed later."),
        max_length=20,
    )
    name = forms.CharField(label=_("Name"), max_length=100)
    country = forms.ChoiceField(label=_("Country"), choices=Country)
    city = forms.CharField(label=_("Town"), max_length=60)
    currency = forms.ChoiceField(label=_("Currency"), choices=Currency)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)

    def perform(self, actor):
        zones = {"GN": "Africa/Conakry", "SN": "Africa/Dakar", "ML": "Africa/Bamako"}
        zone = zoneinfo.ZoneInfo(zones[self.cleaned_data["country"]]).key
        return branches.open_branch(actor=actor, timezone=zone, **self.cleaned_data)


class SetRuleForm(ActForm):
    submit_label = _("Set the rule")
    name = forms.ChoiceField(
        label=_("Rule"), choices=[(name, rule.label) for name, rule in RULES.items()]
    )
    value = forms.CharField(label=_("Value"), max_length=200)
    valid_from = DateField(
        label=_("From"), initial=timezone.localdate, help_text=_("Earlier days keep their value.")
    )
    note = forms.CharField(label=_("Source"), max_length=200, required=False)

    def __init__(self, *args, site: Site, **kwargs):
        self.site = site
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return branches.set_rule(actor=actor, site=self.site, **self.cleaned_data)


class AddHolidayForm(ActForm):
    submit_label = _("Enter the holiday")
    day = DateField(label=_("Day"))
    name = forms.CharField(label=_("Name"), max_length=80)

    def __init__(self, *args, site: Site, **kwargs):
        self.site = site
        super().__init__(*args, **kwargs)

    def perform(self, actor) -> Holiday:
        return branches.add_holiday(actor=actor, country=self.site.country, **self.cleaned_data)


# Owners


class OwnerFields(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150)
    phone = PhoneField(label=_("Telephone"), required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    usual_commission = percent_field(
        label=_("Usual commission, %"),
        required=False,
        help_text=_("For new properties; empty for the branch's rule."),
    )
    language = language_field()
    code = forms.CharField(
        label=_("Code"), max_length=20, required=False, help_text=_("Empty for the next one.")
    )
    notes = forms.CharField(label=_("Notes"), widget=forms.Textarea, required=False)


class AddOwnerForm(OwnerFields, ActForm):
    submit_label = _("Enter the owner")
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Branch"))
    field_order = ["name", "phone", "site"]

    def __init__(self, *args, sites: list[Site], site: Site | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        choose_site(self, sites, site)

    def perform(self, actor):
        return portfolio.add_owner(actor=actor, **self.cleaned_data)


class CorrectOwnerForm(OwnerFields, VersionForm):
    def perform(self, actor):
        version = self.cleaned_data["version"]
        changes = self.changes()
        changes["code"] = changes["code"] or self.row.code
        return portfolio.correct_owner(actor=actor, owner=self.row, version=version, **changes)


def choose_site(form: forms.Form, sites: list[Site], site: Site | None) -> None:
    """Offer the branches of a person; only one leaves nothing to choose."""
    field = form.fields["site"]
    field.queryset = Site.objects.filter(pk__in=[one.pk for one in sites])
    field.initial = site or (sites[0] if len(sites) == 1 else None)
    if len(sites) == 1:
        field.widget = forms.HiddenInput()


# Properties and units


class PropertyFields(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=150, help_text=_("As people say it: Immeuble Barry Kipé.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Property.Kind)
    quartier = forms.CharField(label=_("Quarter"), max_length=80, required=False)
    commune = forms.CharField(label=_("Commune"), max_length=80, required=False)
    landmark = forms.CharField(
        label=_("Landmark"),
        max_length=200,
        required=False,
        help_text=_("What one sees: opposite the mosque, behind the market."),
    )
    latitude = forms.DecimalField(
        label=_("Latitude"), min_value=-90, max_value=90, decimal_places=6, required=False
    )
    longitude = forms.DecimalField(
        label=_("Longitude"), min_value=-180, max_value=180, decimal_places=6, required=False
    )
    safety_note = forms.CharField(
        label=_("Safety note"),
        max_length=200,
        required=False,
        help_text=_("What whoever goes there must know: a dog, dark stairs, never alone."),
    )
    code = forms.CharField(
        label=_("Code"), max_length=20, required=False, help_text=_("Empty for the next one.")
    )
    notes = forms.CharField(label=_("Notes"), widget=forms.Textarea, required=False)


class AddPropertyForm(PropertyFields, ActForm):
    submit_label = _("Enter the property")
    owner = RowField(
        label=_("Owner"),
        suggestions="sites_app:owner_choices",
        help_text=_("Name, code or telephone."),
    )
    site = forms.ModelChoiceField(Site.objects.none(), label=_("Branch"))
    commission = percent_field(
        label=_("Commission, %"),
        required=False,
        help_text=_("Empty for the owner's usual one, else the branch's rule."),
    )
    start = DateField(label=_("Managed from"), initial=timezone.localdate)
    field_order = ["owner", "name", "site", "kind", "commission", "start"]

    def __init__(self, *args, owners, sites: list[Site], site: Site | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].rows = owners
        choose_site(self, sites, site)

    def perform(self, actor):
        return portfolio.add_property(actor=actor, **self.cleaned_data)


class CorrectPropertyForm(PropertyFields, VersionForm):
    def perform(self, actor):
        version = self.cleaned_data["version"]
        changes = self.changes()
        changes["code"] = changes["code"] or self.row.code
        return portfolio.correct_property(
            actor=actor, property=self.row, version=version, **changes
        )


class SetMandateForm(ActForm):
    submit_label = _("Set the commission")
    commission = percent_field(label=_("Commission, %"))
    start = DateField(
        label=_("From"),
        initial=timezone.localdate,
        help_text=_("The mandate that runs until then ends on the day before."),
    )
    end = DateField(label=_("Until"), required=False)
    reference = forms.CharField(label=_("Reference"), max_length=40, required=False)

    def __init__(self, *args, property: Property, **kwargs):
        self.property = property
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return mandates.set_mandate(actor=actor, property=self.property, **self.cleaned_data)


class UnitFields(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=Unit.Kind)
    advised_rent = AmountField(label=_("Advised monthly rent"), required=False)
    floor = forms.CharField(label=_("Floor"), max_length=20, required=False)
    rooms = forms.IntegerField(label=_("Rooms"), min_value=0, max_value=99, required=False)
    area = forms.DecimalField(
        label=_("Area, m²"), min_value=1, max_value=99_999, decimal_places=2, required=False
    )

    def priced_in(self, currency: str) -> None:
        self.fields["advised_rent"].currency = currency
        self.fields["advised_rent"].help_text = currency


class GenerateUnitsForm(UnitFields, ActForm):
    submit_label = _("Enter the units")
    pattern = forms.CharField(
        label=_("Numbers"),
        help_text=_("Ranges and single numbers, parted by commas: A1..A12, B1..B4, Boutique 3."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ["pattern"]

    def __init__(self, *args, property: Property, **kwargs):
        self.property = property
        super().__init__(*args, **kwargs)
        self.priced_in(property.site.currency)

    def perform(self, actor):
        return portfolio.generate_units(actor=actor, property=self.property, **self.cleaned_data)


class CorrectUnitForm(UnitFields, VersionForm):
    number = forms.CharField(label=_("Number"), max_length=20)
    notes = forms.CharField(label=_("Notes"), widget=forms.Textarea, required=False)
    field_order = ["number"]

    def __init__(self, *args, row: Unit, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.priced_in(row.site.currency)

    def perform(self, actor):
        version = self.cleaned_data["version"]
        return portfolio.correct_unit(actor=actor, unit=self.row, version=version, **self.changes())


class ExportPersonForm(ActForm):
    submit_label = _("Export all data")

    def __init__(self, *args, row, through, **kwargs):
        super().__init__(*args, **kwargs)
        self.row, self.through = row, through

    def perform(self, actor):
        return export_person(actor=actor, row=self.row, through=self.through)


class ErasePersonForm(ActForm):
    submit_label = _("Erase for good")
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("It stays on record: name nobody in it."),
    )
    sure = forms.BooleanField(label=_("I know that there is no way back."))

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, **kwargs)
        self.row = row

    def perform(self, actor):
        return erase_person(actor=actor, row=self.row, reason=self.cleaned_data["reason"])


class ArchiveForm(ActForm):
    """One button: puts a row away by the act it was made with."""

    submit_label = _("Archive")

    def __init__(self, *args, archive, **kwargs):
        self.archive = archive
        super().__init__(*args, **kwargs)

    def perform(self, actor):
        return self.archive(actor=actor)


class ReportFaultForm(ActForm):
    submit_label = _("Report the fault")
    title = forms.CharField(label=_("What is broken"), max_length=120)
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label=_("Unit"), required=False, empty_label=_("The whole property")
    )
    category = forms.ChoiceField(
        label=_("Trade"), choices=MaintenanceTicket.Category, initial="other"
    )
    priority = forms.ChoiceField(
        label=_("Priority"), choices=MaintenanceTicket.Priority, initial="medium"
    )
    description = forms.CharField(label=_("Description"), widget=forms.Textarea, required=False)

    def __init__(self, *args, property: Property, **kwargs):
        self.property = property
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = property.units.standing()

    def perform(self, actor):
        return maintenance.report_fault(actor=actor, property=self.property, **self.cleaned_data)


class CloseTicketForm(ActForm):
    submit_label = _("Close the ticket")
    state = forms.ChoiceField(
        label=_("Outcome"),
        choices=[("done", MaintenanceTicket.State.DONE.label), ("refused", _("refused"))],
    )
    closed_on = DateField(label=_("On"), initial=timezone.localdate)
    cost = AmountField(label=_("Cost"), required=False, zero="accept")

    def __init__(self, *args, ticket: MaintenanceTicket, **kwargs):
        self.ticket = ticket
        super().__init__(*args, **kwargs)
        self.fields["cost"].currency = ticket.site.currency

    def perform(self, actor):
        return maintenance.close_ticket(actor=actor, ticket=self.ticket, **self.cleaned_data)


def commission_of(site: Site, owner: Owner | None):
    """Return the commission (per cent) a new property would begin with."""
    if owner is not None and owner.usual_commission is not None:
        return owner.usual_commission
    return rules_for(site).commission_percent


class ApprovalForm(ActForm):
    def __init__(self, *args, approval: Approval, **kwargs):
        self.approval = approval
        super().__init__(*args, **kwargs)


class ApproveForm(ApprovalForm):
    submit_label = _("Approve")
    answer = forms.CharField(label=_("Answer"), max_length=200, required=False)

    def perform(self, actor):
        return approving.approve(actor=actor, approval=self.approval, **self.cleaned_data)


class RefuseApprovalForm(ApprovalForm):
    submit_label = _("Refuse")
    answer = forms.CharField(label=_("Reason"), max_length=200)

    def perform(self, actor):
        return approving.refuse(actor=actor, approval=self.approval, **self.cleaned_data)


class WithdrawApprovalForm(ApprovalForm):
    submit_label = _("Withdraw")

    def perform(self, actor):
        return approving.withdraw(actor=actor, approval=self.approval)
