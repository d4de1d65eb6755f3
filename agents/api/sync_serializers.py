"""How telephones ask, and what they are told."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import Device
from agents.models import Mission
from akig.lib.fields import CoordinateField, InstantField, TimeField
from recovery.models import Promise

#: The most operations in one push.
MOST = 500
KEY = {"min_value": 1, "max_value": 2**63 - 1}


class DeviceRequest(serializers.Serializer):
    """``device`` is a UUID that the telephone chose for itself."""

    device = serializers.UUIDField()


class DeviceAnswer(serializers.ModelSerializer):
    """``key`` is for AES-256 (base64); ``person`` is whose telephone it is."""

    device = serializers.UUIDField(source="uuid")
    key = serializers.CharField()
    person = serializers.IntegerField(source="user_id")

    class Meta:
        model = Device
        fields = ["device", "key", "person"]


# Push


class OperationRequest(serializers.Serializer):
    """``data`` is as at the address that does the same with network; ``made_at`` is by the clock
    of the telephone. An ``update`` names ``id`` and the ``base_version`` that the person saw."""

    client_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["create", "update"])
    entity = serializers.ChoiceField(
        choices=[
            "visit", "payment", "promise", "photo", "position", "hand_over", "tenant", "property",
        ]
    )  # fmt: skip
    id = serializers.IntegerField(required=False, allow_null=True, default=None, **KEY)
    base_version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**31 - 1
    )
    data = serializers.DictField()
    made_at = InstantField()


@extend_schema_field(OperationRequest(many=True))
class OperationList(serializers.ListField):
    """Operations as they were sent: each is read by itself, so that one never blocks the others."""

    child = serializers.JSONField()


class PushRequest(serializers.Serializer):
    """``sent_at`` is the telephone's time at this moment: by how much its clock is wrong."""

    device = serializers.UUIDField()
    sent_at = InstantField(required=False, allow_null=True, default=None)
    operations = OperationList(max_length=MOST)


class ReceiptAnswer(serializers.Serializer):
    number = serializers.CharField()
    code = serializers.CharField()


class Changed(serializers.Serializer):
    """What stands now of the fields that were to be changed."""

    version = serializers.IntegerField()
    phones = serializers.ListField(child=serializers.CharField(), required=False)
    notes = serializers.CharField(required=False)
    email = serializers.CharField(required=False)
    landmark = serializers.CharField(required=False)
    safety_note = serializers.CharField(required=False)
    latitude = CoordinateField(most=90, required=False, allow_null=True)
    longitude = CoordinateField(most=180, required=False, allow_null=True)


class ConflictAnswer(serializers.Serializer):
    """Both states, and the ``fields`` that somebody else changed to something else."""

    server = Changed()
    mine = serializers.DictField()
    fields = serializers.ListField(child=serializers.CharField())


@extend_schema_serializer(component_name="OperationResult")
class ResultAnswer(serializers.Serializer):
    """What came of an operation; ``done_at`` is when we say that it was done."""

    client_id = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=["applied", "duplicate", "conflict", "rejected"])
    id = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    receipt = ReceiptAnswer(allow_null=True)
    done_at = InstantField(allow_null=True)
    conflict = ConflictAnswer(allow_null=True)
    problem = serializers.DictField(allow_null=True)


class PushAnswer(serializers.Serializer):
    """One result for each operation, in the order in which they were sent."""

    results = ResultAnswer(many=True)


NOTHING = dict.fromkeys(("id", "version", "receipt", "done_at", "conflict", "problem"))


def answer_of(client_id: Any, status: str, **told: Any) -> dict:
    """Return a result with every field of ``ResultAnswer``."""
    known = client_id if isinstance(client_id, str) else None
    return {"client_id": known, "status": status, **NOTHING, **told}


# Pull


class PullQuery(serializers.Serializer):
    cursor = serializers.UUIDField(required=False, default=None)
    device = serializers.UUIDField(required=False, default=None)


class HomeAnswer(serializers.Serializer):
    """The property where somebody opens the door."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    quartier = serializers.CharField()
    landmark = serializers.CharField()
    safety_note = serializers.CharField()
    latitude = CoordinateField(most=90, allow_null=True)
    longitude = CoordinateField(most=180, allow_null=True)


class CarriedTenant(serializers.Serializer):
    """``late`` is what is due and not paid, ``late_since`` the day on which the oldest fell due."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    site = serializers.CharField(source="site_id")
    currency = serializers.CharField(source="site.currency")
    code = serializers.CharField()
    name = serializers.CharField()
    phones = serializers.ListField(child=serializers.CharField(), source="phones.all")
    email = serializers.CharField()
    language = serializers.CharField()
    notes = serializers.CharField()
    visiting_hours = serializers.CharField()
    do_not_contact = serializers.BooleanField()
    late = serializers.IntegerField(source="case.balance", default=0)
    late_since = serializers.DateField(source="case.oldest_due", default=None, allow_null=True)
    home = HomeAnswer(source="home.property", default=None, allow_null=True)


class CarriedLease(serializers.Serializer):
    id = serializers.IntegerField()
    tenant = serializers.IntegerField(source="tenant_id")
    reference = serializers.CharField()
    property = serializers.CharField(source="property.name")
    units = serializers.SerializerMethodField()
    rent = serializers.IntegerField()
    currency = serializers.CharField(source="site.currency")
    start = serializers.DateField()
    end = serializers.DateField(allow_null=True)

    def get_units(self, lease) -> list[str]:
        return [unit.number for unit in lease.units.all()]


class CarriedCharge(serializers.Serializer):
    id = serializers.IntegerField()
    lease = serializers.IntegerField(source="lease_id")
    label = serializers.CharField(source="__str__")
    due_date = serializers.DateField()
    amount = serializers.IntegerField()
    left = serializers.IntegerField()


class CarriedPromise(serializers.Serializer):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    tenant = serializers.IntegerField(source="tenant_id")
    date = serializers.DateField(source="due_on")
    amount = serializers.IntegerField()
    received = serializers.IntegerField()
    place = serializers.ChoiceField(choices=Promise.Place.choices)


class CarriedStop(serializers.Serializer):
    order = serializers.IntegerField(source="position")
    tenant = serializers.IntegerField(source="tenant_id")
    arrives_at = TimeField(allow_null=True)
    amount = serializers.IntegerField()
    days_late = serializers.IntegerField()


class CarriedMission(serializers.Serializer):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    date = serializers.DateField(source="day")
    state = serializers.ChoiceField(choices=Mission.State)
    notes = serializers.CharField()
    stops = CarriedStop(many=True)


class CarriedReceiver(serializers.Serializer):
    """A colleague who may be handed cash, at ``site``."""

    id = serializers.IntegerField(source="user_id")
    name = serializers.CharField(source="user.name")
    site = serializers.CharField(source="site_id")


KINDS = {
    "tenants": CarriedTenant,
    "leases": CarriedLease,
    "charges": CarriedCharge,
    "missions": CarriedMission,
    "promises": CarriedPromise,
    "receivers": CarriedReceiver,
}


class Changes(serializers.Serializer):
    tenants = CarriedTenant(many=True)
    leases = CarriedLease(many=True)
    charges = CarriedCharge(many=True)
    missions = CarriedMission(many=True)
    promises = CarriedPromise(many=True)
    receivers = CarriedReceiver(many=True)


class Deleted(serializers.Serializer):
    """The ids of what the telephone should not hold any more."""

    tenants = serializers.ListField(child=serializers.IntegerField())
    leases = serializers.ListField(child=serializers.IntegerField())
    charges = serializers.ListField(child=serializers.IntegerField())
    missions = serializers.ListField(child=serializers.IntegerField())
    promises = serializers.ListField(child=serializers.IntegerField())
    receivers = serializers.ListField(child=serializers.IntegerField())


class PullAnswer(serializers.Serializer):
    cursor = serializers.UUIDField()
    changes = Changes()
    deleted = Deleted()
    has_more = serializers.BooleanField()
