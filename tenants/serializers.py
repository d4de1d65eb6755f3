"""How the API shows and takes tenants and leases."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from akig.lib.fields import AmountField, KnownField, PhoneField, TimeField
from sites_app.models import Unit
from sites_app.serializers import NounSerializer, SiteCode
from tenants import services
from tenants.models import Lease, Tenant, TenantPhone


class PhoneSerializer(serializers.ModelSerializer):
    number = PhoneField()
    is_primary = serializers.BooleanField(required=False, default=False)

    class Meta:
        model = TenantPhone
        fields = ["number", "is_primary"]


class TenantSerializer(NounSerializer):
    site = SiteCode(required=False)
    phone = PhoneField(required=False, help_text=_("The first telephone to call."))
    phones = PhoneSerializer(many=True, required=False)
    visit_days = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        max_length=7,
        required=False,
        help_text=_("Days of the week on which one can visit, Monday is 1; none for any."),
    )
    visit_from = TimeField(required=False, allow_null=True)
    visit_until = TimeField(required=False, allow_null=True)
    units = serializers.SerializerMethodField(help_text=_("Numbers of the units rented today."))
    fixed = ("site_id",)

    class Meta:
        model = Tenant
        fields = [
            "id",
            "site",
            "code",
            "name",
            "phone",
            "phones",
            "email",
            "language",
            "channel",
            "profession",
            "employer",
            "agreed_on",
            "do_not_contact",
            "do_not_contact_reason",
            "visit_days",
            "visit_from",
            "visit_until",
            "state",
            "units",
            "notes",
            "archived_on",
            "version",
            "created_at",
        ]
        read_only_fields = ["archived_on", "version"]
        extra_kwargs = {"code": {"required": False}, "state": {"required": False}}
        validators = []

    def get_units(self, tenant: Tenant) -> list[str]:
        return [unit.number for lease in tenant.running for unit in lease.units.all()]

    def perform(self, actor, fields: dict) -> Tenant:
        phones = self._phones(fields) or []
        return services.add_tenant(actor=actor, site=self.site_of(fields), phones=phones, **fields)

    def correct(self, actor, row: Tenant, version, changes: dict) -> Tenant:
        return services.correct_tenant(
            actor=actor, tenant=row, phones=self._phones(changes), version=version, **changes
        )

    def _phones(self, fields: dict) -> list[tuple[str, bool]] | None:
        """Take the telephones out of ``fields``; None leaves those that stand.

        ``phone`` alone replaces the first to call and keeps the others.
        """
        first = fields.pop("phone", None)
        several = fields.pop("phones", None)
        if several is not None:
            numbers = [(row["number"], row.get("is_primary", False)) for row in several]
        elif first is not None and self.instance is not None:
            standing = self.instance.phones.all()
            numbers = [(str(row.number), False) for row in standing if not row.is_primary]
        else:
            numbers = []
        if first:
            numbers = [(first, True), *((number, False) for number, _primary in numbers)]
        return None if first is None and several is None else [row for row in numbers if row[0]]


class LeaseSerializer(NounSerializer):
    """A lease. Corrected are reference, due day, deposit, usage, notes: the rest has its acts."""

    site = serializers.CharField(source="site_id", read_only=True)
    units = KnownField(many=True, queryset=Unit.objects.standing())
    property = serializers.PrimaryKeyRelatedField(read_only=True)
    rent = AmountField(help_text=_("Per month."))
    service_charge = AmountField(required=False, zero=True)
    deposit = AmountField(required=False, zero=True)
    currency = serializers.CharField(source="site.currency", read_only=True)
    state = serializers.ChoiceField(
        choices=Lease.State,
        required=False,
        help_text=_("On entering draft or active; without it active where you may sign."),
    )
    is_active = serializers.SerializerMethodField(help_text=_("Whether it runs today."))
    fixed = (
        "tenant",
        "units",
        "start",
        "end",
        "rent",
        "service_charge",
        "periodicity",
        "signed_on",
        "state",
    )

    class Meta:
        model = Lease
        fields = [
            "id",
            "site",
            "reference",
            "tenant",
            "property",
            "units",
            "start",
            "end",
            "rent",
            "service_charge",
            "deposit",
            "currency",
            "periodicity",
            "due_day",
            "usage",
            "furnished",
            "state",
            "is_active",
            "signed_on",
            "notes",
            "version",
            "created_at",
        ]
        read_only_fields = ["version"]
        extra_kwargs = {"reference": {"required": False}}
        validators = []

    @extend_schema_field(bool)
    def get_is_active(self, lease: Lease) -> bool:
        return lease.runs_on(self.context["today"])

    def validate(self, attrs: dict) -> dict:
        if self.instance is not None and "units" in attrs:
            standing = {unit.pk for unit in self.instance.units.all()}
            if {unit.pk for unit in attrs["units"]} == standing:
                del attrs["units"]
        return super().validate(attrs)

    def perform(self, actor, fields: dict) -> Lease:
        state = fields.pop("state", None)
        fields["site"] = fields["tenant"].site
        if state is None:
            state = Lease.State.ACTIVE if actor.may("lease.sign") else Lease.State.DRAFT
        if state == Lease.State.DRAFT:
            return services.prepare_lease(actor=actor, **fields)
        if state != Lease.State.ACTIVE:
            sentence = _("A new lease is a draft or active.")
            raise serializers.ValidationError({"state": serializers.ErrorDetail(sentence, "state")})
        return services.sign_lease(actor=actor, **fields)

    def correct(self, actor, row: Lease, version, changes: dict) -> Lease:
        return services.correct_lease(actor=actor, lease=row, version=version, **changes)
