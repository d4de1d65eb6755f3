"""How the API shows what is late and takes what was done about it."""

import base64
import binascii
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from akig.lib.fields import AmountField, CoordinateField, InstantField, KnownField
from akig.lib.proofs import ProofField
from payments.api.serializers import PaymentSerializer
from payments.models import Payment
from recovery.models import Case, Channel, Contact, Promise
from recovery.models.contacts import RESULTS
from recovery.services import promises
from sites_app.serializers import NounSerializer
from tenants.models import Lease, Tenant

#: Photos of one visit.
MOST_PHOTOS = 6


def chosen(words: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Return the choices of ``Contact.Result`` that are among ``words``."""
    return [choice for choice in Contact.Result.choices if choice[0] in words]


@extend_schema_field({"type": "string", "contentEncoding": "base64"})
class PhotoField(serializers.Field):
    """A photo (JPEG, PNG, WebP) or PDF in base64, checked by its content."""

    default_error_messages = {"invalid": _("Send a photo (JPEG, PNG, WebP) or a PDF.")}

    def to_internal_value(self, data: Any) -> SimpleUploadedFile:
        try:
            content = base64.b64decode(data, validate=True)
            return ProofField().clean(SimpleUploadedFile("photo", content))
        except (TypeError, ValueError, binascii.Error, ValidationError):
            self.fail("invalid")


class PromiseRequest(serializers.Serializer):
    date = serializers.DateField(source="due_on")
    amount = AmountField()
    place = serializers.ChoiceField(choices=Promise.Place.choices, default=Promise.Place.OFFICE)


class ContactRequest(serializers.Serializer):
    """``client_id`` is a UUID of the sender's: sent again with it, nothing happens twice."""

    client_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    tenant = KnownField(queryset=Tenant.objects.select_related("site"))
    duration_minutes = serializers.IntegerField(
        min_value=0, max_value=1440, required=False, allow_null=True, default=None
    )
    promise = PromiseRequest(required=False, allow_null=True, default=None)
    notes = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class CallRequest(ContactRequest):
    called_at = InstantField(source="made_at", required=False, allow_null=True, default=None)
    result = serializers.ChoiceField(choices=chosen(RESULTS["call"]))


class VisitPaymentRequest(serializers.Serializer):
    lease = KnownField(queryset=Lease.objects.select_related("site", "tenant", "property"))
    amount = AmountField()
    method = serializers.ChoiceField(choices=Payment.Method.choices, default=Payment.Method.CASH)
    reference = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    notes = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class VisitRequest(ContactRequest):
    visited_at = InstantField(source="made_at", required=False, allow_null=True, default=None)
    result = serializers.ChoiceField(choices=chosen(RESULTS["visit"]))
    payment = VisitPaymentRequest(required=False, allow_null=True, default=None)
    latitude = CoordinateField(most=90, required=False, allow_null=True, default=None)
    longitude = CoordinateField(most=180, required=False, allow_null=True, default=None)
    accuracy = serializers.IntegerField(
        min_value=0, max_value=10**6, required=False, allow_null=True, default=None,
        help_text=_("Metres."),
    )  # fmt: skip
    photos = serializers.ListField(
        child=PhotoField(), max_length=MOST_PHOTOS, required=False, default=list
    )


class PromiseSerializer(NounSerializer):
    """``status`` follows from the journal: what was received by the day, and what was promised."""

    site = serializers.CharField(source="site_id", read_only=True)
    tenant = serializers.IntegerField(source="tenant_id", read_only=True)
    tenant_name = serializers.CharField(source="tenant.name", read_only=True)
    contact = serializers.IntegerField(source="contact_id", read_only=True, allow_null=True)
    agent = serializers.IntegerField(source="made_by_id", read_only=True)
    date = serializers.DateField(source="due_on")
    amount = AmountField()
    received = serializers.IntegerField(read_only=True)
    left = serializers.IntegerField(read_only=True)
    currency = serializers.CharField(source="site.currency", read_only=True)
    status = serializers.ChoiceField(choices=Promise.Status)
    reason = serializers.CharField(source="cancel_reason", max_length=200, allow_blank=True)

    class Meta:
        model = Promise
        fields = [
            "id", "site", "tenant", "tenant_name", "contact", "agent", "made_on", "date", "amount",
            "received", "left", "currency", "place", "status", "reason", "version", "created_at",
        ]  # fmt: skip
        read_only_fields = ["made_on"]

    def validate_status(self, value: str) -> str:
        """Take no other than what nobody could compute: that it was cancelled."""
        if value not in (Promise.Status.CANCELLED, self.instance.status):
            raise serializers.ValidationError(_("What became of a promise is read in the journal."))
        return value

    def correct(self, actor, row: Promise, version: int | None, changes: dict) -> Promise:
        status, reason = changes.pop("status", ""), changes.pop("cancel_reason", "")
        if status == Promise.Status.CANCELLED:
            return promises.cancel_promise(actor=actor, promise=row, reason=reason, version=version)
        return promises.correct_promise(actor=actor, promise=row, version=version, **changes)


class ContactSerializer(serializers.ModelSerializer):
    """A call or a visit as it was recorded; ``owed`` is what was late then."""

    site = serializers.CharField(source="site_id")
    tenant = serializers.IntegerField(source="tenant_id")
    agent = serializers.IntegerField(source="made_by_id")
    currency = serializers.CharField(source="site.currency")
    promise = serializers.SerializerMethodField()
    created_at = InstantField()

    class Meta:
        model = Contact
        fields = [
            "id", "client_id", "site", "tenant", "agent", "result", "duration_minutes", "notes",
            "owed", "currency", "promise", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(PromiseSerializer(allow_null=True))
    def get_promise(self, contact: Contact) -> dict | None:
        promise = getattr(contact, "promise", None)
        return promise and PromiseSerializer(promise, context=self.context).data


class CallSerializer(ContactSerializer):
    called_at = InstantField(source="made_at")

    class Meta(ContactSerializer.Meta):
        fields = [*ContactSerializer.Meta.fields, "called_at"]
        read_only_fields = fields


class VisitSerializer(ContactSerializer):
    visited_at = InstantField(source="made_at")
    latitude = CoordinateField(most=90, allow_null=True)
    longitude = CoordinateField(most=180, allow_null=True)
    payment = serializers.SerializerMethodField()
    photos = serializers.SerializerMethodField(help_text=_("How many were kept."))

    class Meta(ContactSerializer.Meta):
        fields = [
            *ContactSerializer.Meta.fields, "visited_at", "latitude", "longitude", "accuracy",
            "payment", "photos",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(PaymentSerializer(allow_null=True))
    def get_payment(self, contact: Contact) -> dict | None:
        if contact.payment is None:
            return None
        return PaymentSerializer(contact.payment, context=self.context).data

    def get_photos(self, contact: Contact) -> int:
        return contact.photos.count()


class StageSerializer(serializers.Serializer):
    """The last step of the ladder that was taken; position 0 before the first."""

    position = serializers.IntegerField()
    on = serializers.DateField(allow_null=True)


class NextActionSerializer(serializers.Serializer):
    position = serializers.IntegerField()
    name = serializers.CharField()
    channel = serializers.ChoiceField(choices=Channel)
    on = serializers.DateField()


class CaseSerializer(serializers.ModelSerializer):
    """What a tenant is late with: ``balance`` is ``arrears`` less ``advances``."""

    site = serializers.CharField(source="site_id")
    tenant = serializers.IntegerField(source="tenant_id")
    tenant_name = serializers.CharField(source="tenant.name")
    currency = serializers.CharField(source="site.currency")
    status = serializers.ChoiceField(source="state", choices=Case.State)
    days_late = serializers.IntegerField()
    stage = serializers.SerializerMethodField()
    next_action = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = [
            "id", "site", "tenant", "tenant_name", "currency", "status", "balance", "oldest_due",
            "days_late", "opened_on", "settled_on", "stage", "next_action",
        ]  # fmt: skip
        read_only_fields = fields

    def get_fields(self) -> dict[str, Any]:
        ages = ("arrears", "d0_30", "d31_60", "d61_90", "d90_plus", "not_due", "advances")
        buckets = {name: serializers.IntegerField(source=f"ages.{name}") for name in ages}
        return super().get_fields() | buckets

    @extend_schema_field(StageSerializer)
    def get_stage(self, case: Case) -> dict:
        return {"position": case.level, "on": case.acted_on}

    @extend_schema_field(NextActionSerializer(allow_null=True))
    def get_next_action(self, case: Case) -> dict | None:
        if case.next_level is None:
            return None
        return {
            "position": case.next_level.position,
            "name": case.next_level.name,
            "channel": case.next_level.channel,
            "on": case.next_on,
        }


class EventSerializer(serializers.Serializer):
    """A call, visit, promise, message, payment or notice; ``result`` is a word of its kind."""

    kind = serializers.CharField()
    id = serializers.IntegerField()
    at = InstantField()
    result = serializers.CharField()
    label = serializers.CharField()
    who = serializers.CharField()
    amount = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    notes = serializers.CharField()


class TimelineSerializer(serializers.Serializer):
    tenant = serializers.IntegerField()
    keep_rate = serializers.IntegerField(
        allow_null=True, help_text=_("Promises kept in full, of those whose day has come, in %.")
    )
    before = InstantField(allow_null=True, help_text=_("Ask with it for what came before."))
    results = EventSerializer(many=True)


class DayFiguresSerializer(serializers.Serializer):
    """``promises`` were taken on the day, ``due`` were for it; ``collected`` came at visits."""

    currency = serializers.CharField()
    calls = serializers.IntegerField()
    visits = serializers.IntegerField()
    reached = serializers.IntegerField()
    refused = serializers.IntegerField()
    promises = serializers.IntegerField()
    promised = serializers.IntegerField()
    payments = serializers.IntegerField()
    collected = serializers.IntegerField()
    due = serializers.IntegerField()
    due_amount = serializers.IntegerField()
    due_kept = serializers.IntegerField()
    due_received = serializers.IntegerField()


class PersonDaySerializer(DayFiguresSerializer):
    agent = serializers.IntegerField()
    person = serializers.CharField()


class DaySerializer(serializers.Serializer):
    date = serializers.DateField(source="on")
    totals = DayFiguresSerializer(many=True)
    people = PersonDaySerializer(many=True)
