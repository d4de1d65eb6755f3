"""What telephones may send: each kind of operation, how it reads and the one service it calls."""

import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import User
from agents.services.editing import edit_property, edit_tenant
from agents.services.positions import tell_position
from agents.services.syncing import add_photo
from akig.lib.fields import CoordinateField, KnownField, PhoneField
from akig.lib.saving import refusing
from payments.models import Payment
from payments.models.tills import DENOMINATIONS
from payments.services.collecting import record_payment
from payments.services.receipts import LETTERS
from payments.services.tills import declare_hand_over
from recovery.api.serializers import (
    PhotoField,
    PromiseRequest,
    VisitPaymentRequest,
    VisitRequest,
)
from recovery.models import Contact
from recovery.services.contacts import log_visit
from recovery.services.promises import take_promise
from sites_app.models import Property, Site
from sites_app.narrowing import site_asked
from tenants.models import Lease, Tenant

REFUSALS = {
    "one_receipt_per_code": ("code_taken", "receipt_code", _("Another receipt has this code.")),
}


class Operation(serializers.Serializer):
    """How a kind of operation reads its ``data`` and what it does; one reads all of a push.

    ``rows`` are those of which an update names one.
    """

    rows: QuerySet

    @property
    def actor(self) -> User:
        return self.context["request"].user

    @cached_property
    def site(self) -> Site:
        """The branch at which the person works, where nothing else tells it."""
        return site_asked(self.context["request"], None)

    def perform(self, asked: dict, data: dict, at: datetime.datetime) -> dict:
        """Do what ``data`` says as of ``at``, and return what is answered.

        ``asked`` is what stands around it: client_id, id, base_version.
        """
        raise NotImplementedError

    def target(self, asked: dict) -> Model:
        """Return the row that an update names. Raises Http404, ValidationError."""
        missing = [name for name in ("id", "base_version") if asked[name] is None]
        if missing:
            required = serializers.ErrorDetail(_("This field is required."), "required")
            raise serializers.ValidationError({name: [required] for name in missing})
        row = self.rows.visible_to(self.actor).filter(pk=asked["id"]).first()
        if row is None:
            raise Http404
        return row


class RememberedField(KnownField):
    """A row named by its id, looked up once in a push: many operations are about the same few."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.known: dict[Any, Model] = {}

    def to_internal_value(self, data: Any) -> Model:
        if not isinstance(data, int | str) or isinstance(data, bool):
            self.fail("incorrect_type", data_type=type(data).__name__)
        if data not in self.known:
            self.known[data] = super().to_internal_value(data)
        return self.known[data]


class CashRequest(VisitPaymentRequest):
    """Cash. ``receipt_code`` stands on the paper that the tenant was given on the spot."""

    lease = RememberedField(queryset=Lease.objects.select_related("site", "tenant", "property"))
    method = serializers.ChoiceField(choices=[Payment.Method.CASH], default=Payment.Method.CASH)
    receipt_code = serializers.RegexField(
        rf"^[{LETTERS}]{{12}}\Z", required=False, allow_blank=True, default=""
    )


class VisitOperation(Operation, VisitRequest):
    tenant = RememberedField(queryset=Tenant.objects.select_related("site"))
    payment = CashRequest(required=False, allow_null=True, default=None)

    def perform(self, asked: dict, data: dict, at: datetime.datetime) -> dict:
        told = {**data, "client_id": asked["client_id"], "made_at": at}
        with refusing(REFUSALS):
            visit = log_visit(actor=self.actor, **told)
        return {"id": visit.pk, "receipt": _receipt(visit.payment)}


class PaymentOperation(Operation, CashRequest):
    def perform(self, asked: dict, data: dict, at: datetime.datetime) -> dict:
        told = {"value_date": timezone.localdate(at), **data}
        with refusing(REFUSALS):
            payment = record_payment(actor=self.actor, **told)
        return {"id": payment.pk, "receipt": _receipt(payment)}


class PromiseOperation(Operation, PromiseRequest):
    tenant = RememberedField(queryset=Tenant.objects.select_related("site"))

    def perform(self, asked: dict, data: dict, at: datetime.datetime) -> dict:
        day = timezone.localdate(at)
        promise = take_promise(actor=self.actor, made_on=day, **data)
        return {"id": promise.pk, "version": promise.version}


class PhotoOperation(Operation):
    """A photo of a visit that was sent before, named by its ``client_id``."""

    visit = serializers.UUIDField()
    photo = PhotoField()

    def perform(self, asked: dict, data: dict, at: datetime.datetime) -> dict:
        visits = Contact.objects.visible_to(self.actor).filter(kind=Contact.Kind.VISIT)
        visit = visits.filter(client_id=data["visit"], made_by=self.actor).first()
        if visit is None:
            raise Http404
        photo = add_photo(actor=self.actor, visit=visit, photo=data["photo"])
        return {"id": photo.pk}


class PositionOperation(Operation):
    latitude = CoordinateField(most=90)
    longitude = CoordinateField(most=180)
    accuracy = serializers.IntegerField(
        min_value=0, max_value=10**6, required=False, allow_null=True, default=None
    )

    def perform(self, asked: dict, data: dict, at: datetime.datetime) -> dict:
        position = tell_position(agent=self.actor, site=self.site, taken_at=at, **data)
        return {"id": position.pk}


class HandOverOperation(Operation):
    """Cash that the person declares to give to the till, note by note: ``{"10000": 12}``."""

    site = serializers.CharField(required=False, default=None, max_length=20)
    notes = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=100_000))

    def validate(self, attrs: dict) -> dict:
        site = site_asked(self.context["request"], attrs["site"]) if attrs["site"] else self.site
        known = {str(worth): worth for worth in DENOMINATIONS.get(site.currency, ())}
        if unknown := set(attrs["notes"]) - set(known):
            sentence = _("There is no such note: %(worth)s.") % {"worth": min(unknown)[:20]}
            raise serializers.ValidationError({"notes": [sentence]})
        notes = {known[worth]: number for worth, number in attrs["notes"].items()}
        return {"site": site, "notes": notes}

    def perform(self, asked: dict, data: dict, at: datetime.datetime) -> dict:
        key = str(asked["client_id"])
        return {"id": declare_hand_over(actor=self.actor, key=key, **data).pk}


class TenantEdit(Operation):
    """The fields of a tenant that the person wrote; ``phones`` has the first to call first."""

    phones = serializers.ListField(child=PhoneField(), max_length=6, required=False)
    notes = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)

    def validate_phones(self, phones: list[str]) -> list[str]:
        return list(dict.fromkeys(filter(None, phones)))

    rows = Tenant.objects.all()

    def perform(self, asked: dict, data: dict, at: datetime.datetime) -> dict:
        tenant = self.target(asked)
        version = asked["base_version"]
        done = edit_tenant(actor=self.actor, tenant=tenant, base_version=version, **data)
        return {"id": done.pk, "version": done.version}


class PropertyEdit(Operation):
    """How the property of a tenant is found, and what to beware of there."""

    landmark = serializers.CharField(max_length=200, required=False, allow_blank=True)
    safety_note = serializers.CharField(max_length=200, required=False, allow_blank=True)
    latitude = CoordinateField(most=90, required=False, allow_null=True)
    longitude = CoordinateField(most=180, required=False, allow_null=True)

    rows = Property.objects.all()

    def perform(self, asked: dict, data: dict, at: datetime.datetime) -> dict:
        house = self.target(asked)
        version = asked["base_version"]
        done = edit_property(actor=self.actor, property=house, base_version=version, **data)
        return {"id": done.pk, "version": done.version}


#: What is done to what, and who reads it.
OPERATIONS: dict[tuple[str, str], type[Operation]] = {
    ("create", "visit"): VisitOperation,
    ("create", "payment"): PaymentOperation,
    ("create", "promise"): PromiseOperation,
    ("create", "photo"): PhotoOperation,
    ("create", "position"): PositionOperation,
    ("create", "hand_over"): HandOverOperation,
    ("update", "tenant"): TenantEdit,
    ("update", "property"): PropertyEdit,
}


def _receipt(payment: Payment | None) -> dict | None:
    if payment is None:
        return None
    receipt = getattr(payment, "receipt", None) or payment.receipts.get(kind="receipt")
    return {"number": receipt.number, "code": receipt.code}
