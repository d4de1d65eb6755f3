"""How the API shows and takes branches, owners, properties, units and what breaks in them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.act_words import act_word
from accounts.models import User
from akig.lib.fields import AmountField, CoordinateField, InstantField, KnownField, PhoneField
from sites_app.models import (
    Approval,
    Equipment,
    MaintenanceTicket,
    Owner,
    Property,
    Site,
    Unit,
)
from sites_app.narrowing import site_asked
from sites_app.querysets import branches_of
from sites_app.services import branches, maintenance, portfolio


class ColleagueField(KnownField):
    """A person who works at one of the caller's branches."""

    def __init__(self, **kwargs: Any):
        if not kwargs.get("read_only"):
            kwargs.setdefault("queryset", User.objects.all())
        super().__init__(**kwargs)

    def get_queryset(self):
        request = self.context.get("request")
        if request is None:
            return User.objects.none()
        branches_here = branches_of(request.user)
        return User.objects.filter(assignments__site__in=branches_here).distinct()


class NounSerializer(serializers.ModelSerializer):
    """A noun as the API shows and takes it.

    ``fixed`` are the fields that are said once, when the row is entered. ``perform(actor, fields)``
    and ``correct(actor, row, version, changes)`` call one service each.
    """

    serializer_related_field = KnownField
    fixed: tuple[str, ...] = ()

    created_at = InstantField(read_only=True)

    @property
    def actor(self) -> User:
        return self.context["request"].user

    def validate(self, attrs: dict) -> dict:
        if self.instance is None:
            return attrs
        moved = [
            name
            for name in self.fixed
            if name in attrs and attrs.pop(name) != getattr(self.instance, name, None)
        ]
        if moved:
            sentence = _("This is not corrected here: it stands as it was entered.")
            raise serializers.ValidationError(
                {
                    name.removesuffix("_id"): serializers.ErrorDetail(sentence, "fixed")
                    for name in moved
                }
            )
        return attrs

    def create(self, validated_data: dict):
        return self.perform(self.actor, validated_data)

    def update(self, instance: Any, validated_data: dict):
        version = validated_data.pop("version", None)
        return self.correct(self.actor, instance, version, validated_data)

    def site_of(self, fields: dict) -> Site:
        """Take the branch of a new row out of ``fields``; see ``narrowing.site_asked``."""
        return site_asked(self.context["request"], fields.pop("site_id", None))


class SiteCode(serializers.CharField):
    """The code of a branch; ``site_of`` asks whether it is one of the caller's."""

    def __init__(self, **kwargs: Any):
        super().__init__(max_length=20, source="site_id", **kwargs)


class SiteSerializer(NounSerializer):
    id = serializers.CharField(source="code", read_only=True)
    latitude = CoordinateField(most=90, required=False, allow_null=True)
    longitude = CoordinateField(most=180, required=False, allow_null=True)
    failover = serializers.CharField(source="failover_id", read_only=True, allow_null=True)
    fixed = ("code", "currency")

    class Meta:
        model = Site
        fields = [
            "id",
            "code",
            "name",
            "country",
            "city",
            "currency",
            "timezone",
            "language",
            "address",
            "phone",
            "latitude",
            "longitude",
            "max_tenants",
            "max_properties",
            "failover",
            "is_active",
            "version",
            "created_at",
        ]
        read_only_fields = ["is_active", "version"]
        extra_kwargs = {"code": {"max_length": 20}}

    def validate_code(self, code: str) -> str:
        if not code.isascii() or not code.replace("_", "").isalnum() or code != code.upper():
            raise serializers.ValidationError(_("Write capitals, digits and “_”: GN_CONAKRY."))
        return code

    def perform(self, actor, fields: dict) -> Site:
        return branches.open_branch(actor=actor, **fields)

    def correct(self, actor, row: Site, version, changes: dict) -> Site:
        return branches.correct_site(actor=actor, site=row, version=version, **changes)


class OwnerSerializer(NounSerializer):
    site = SiteCode(required=False, allow_null=True)
    phone = PhoneField(required=False)
    fixed = ("site_id",)

    class Meta:
        model = Owner
        fields = [
            "id",
            "site",
            "code",
            "name",
            "phone",
            "email",
            "address",
            "usual_commission",
            "language",
            "notes",
            "archived_on",
            "version",
            "created_at",
        ]
        read_only_fields = ["archived_on", "version"]
        extra_kwargs = {"code": {"required": False}}

    def perform(self, actor, fields: dict) -> Owner:
        return portfolio.add_owner(actor=actor, site=self.site_of(fields), **fields)

    def correct(self, actor, row: Owner, version, changes: dict) -> Owner:
        return portfolio.correct_owner(actor=actor, owner=row, version=version, **changes)


class PropertySerializer(NounSerializer):
    site = SiteCode(required=False)
    latitude = CoordinateField(most=90, required=False, allow_null=True)
    longitude = CoordinateField(most=180, required=False, allow_null=True)
    address = serializers.CharField(read_only=True)
    commission = serializers.DecimalField(
        max_digits=5,
        decimal_places=2,
        min_value=0,
        max_value=100,
        required=False,
        write_only=True,
        help_text=_("Of the first mandate, %; else the owner's usual one, else the branch's."),
    )
    fixed = ("site_id", "commission")

    class Meta:
        model = Property
        fields = [
            "id",
            "site",
            "owner",
            "code",
            "name",
            "kind",
            "commune",
            "quartier",
            "landmark",
            "address",
            "latitude",
            "longitude",
            "commission",
            "safety_note",
            "notes",
            "archived_on",
            "version",
            "created_at",
        ]
        read_only_fields = ["archived_on", "version"]
        extra_kwargs = {"code": {"required": False}}
        validators = []

    def perform(self, actor, fields: dict) -> Property:
        return portfolio.add_property(actor=actor, site=self.site_of(fields), **fields)

    def correct(self, actor, row: Property, version, changes: dict) -> Property:
        return portfolio.correct_property(actor=actor, property=row, version=version, **changes)


class UnitSerializer(NounSerializer):
    site = serializers.CharField(source="site_id", read_only=True)
    advised_rent = AmountField(required=False, allow_null=True)
    currency = serializers.CharField(source="site.currency", read_only=True)
    is_let = serializers.BooleanField(read_only=True)
    fixed = ("property",)

    class Meta:
        model = Unit
        fields = [
            "id",
            "site",
            "property",
            "number",
            "kind",
            "floor",
            "rooms",
            "area",
            "advised_rent",
            "currency",
            "is_let",
            "notes",
            "archived_on",
            "version",
            "created_at",
        ]
        read_only_fields = ["archived_on", "version"]
        validators = []

    def perform(self, actor, fields: dict) -> Unit:
        return portfolio.add_unit(actor=actor, **fields)

    def correct(self, actor, row: Unit, version, changes: dict) -> Unit:
        return portfolio.correct_unit(actor=actor, unit=row, version=version, **changes)


class EquipmentSerializer(NounSerializer):
    site = serializers.CharField(source="site_id", read_only=True)
    fixed = ("property",)

    class Meta:
        model = Equipment
        fields = [
            "id",
            "site",
            "property",
            "unit",
            "name",
            "brand",
            "serial",
            "installed_on",
            "state",
            "version",
            "created_at",
        ]
        read_only_fields = ["version"]

    def perform(self, actor, fields: dict) -> Equipment:
        return maintenance.add_equipment(actor=actor, **fields)

    def correct(self, actor, row: Equipment, version, changes: dict) -> Equipment:
        return maintenance.correct_equipment(actor=actor, equipment=row, version=version, **changes)


class TicketSerializer(NounSerializer):
    site = serializers.CharField(source="site_id", read_only=True)
    estimate = AmountField(required=False, allow_null=True, zero=True)
    cost = AmountField(required=False, allow_null=True, zero=True)
    currency = serializers.CharField(source="site.currency", read_only=True)
    assigned_to = ColleagueField(required=False, allow_null=True)
    fixed = ("property",)

    class Meta:
        model = MaintenanceTicket
        fields = [
            "id",
            "site",
            "property",
            "unit",
            "equipment",
            "title",
            "description",
            "kind",
            "category",
            "priority",
            "state",
            "reported_on",
            "closed_on",
            "estimate",
            "cost",
            "currency",
            "assigned_to",
            "version",
            "created_at",
        ]
        read_only_fields = ["version"]

    def perform(self, actor, fields: dict) -> MaintenanceTicket:
        return maintenance.report_fault(actor=actor, **fields)

    def correct(self, actor, row: MaintenanceTicket, version, changes: dict) -> MaintenanceTicket:
        return maintenance.correct_ticket(actor=actor, ticket=row, version=version, **changes)


class ApprovalSerializer(serializers.ModelSerializer):
    """What was asked of a second person: ``act`` on the row ``object_id`` of the kind ``model``."""

    act_label = serializers.SerializerMethodField()
    arguments = serializers.DictField(help_text="What else was said with the act.")
    amount = serializers.IntegerField(help_text="What is at stake, in minor units.")
    currency = serializers.CharField(source="site.currency")
    status = serializers.ChoiceField(source="state", choices=Approval.State)
    asked_at = InstantField()
    expires_at = InstantField()
    decided_at = InstantField(allow_null=True)

    class Meta:
        model = Approval
        fields = [
            "id",
            "site",
            "act",
            "act_label",
            "model",
            "object_id",
            "about",
            "arguments",
            "amount",
            "currency",
            "reason",
            "status",
            "asked_by",
            "asked_at",
            "expires_at",
            "decided_by",
            "decided_at",
            "answer",
        ]
        read_only_fields = fields

    def get_act_label(self, approval: Approval) -> str:
        return act_word(approval.act)


class PendingApproval(serializers.Serializer):
    """The answer (202) to an act that waits for a second person: nothing has happened yet."""

    status = serializers.ChoiceField(choices=["pending_approval"], default="pending_approval")
    approval = ApprovalSerializer()


class DecisionRequest(serializers.Serializer):
    answer = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class SocketTicket(serializers.Serializer):
    token = serializers.CharField()
    expires_in = serializers.IntegerField()
