"""What telephones may send: each kind of operation, how it reads and the one service it calls."""

import datetime
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import User
from agents.metrics.assigned import receivers_for
from agents.services.editing import edit_property, edit_tenant
from agents.services.positions import tell_positions
from agents.services.syncing import EVERYTHING, add_photo
from akig.lib.fields import CoordinateField, KnownField, PhoneField
from akig.lib.saving import refusing
from payments.models import Payment
from payments.models.tills import DENOMINATIONS
from payments.services.collecting import collect_payments
from payments.services.receipts import LETTERS
from payments.services.tills import declare_hand_over
from recovery.api.serializers import (
    PhotoField,
    PromiseRequest,
    VisitPaymentRequest,
    VisitRequest,
)
from recovery.models import Contact
from recovery.services.contacts import log_visits
from recovery.services.promises import take_promise
from sites_app.models import Property, Site
from sites_app.narrowing import site_asked
from tenants.models import Lease, Tenant

REFUSALS = {
    "one_receipt_per_code": ("code_taken", "receipt_code", _("Another receipt has this code.")),
}


@dataclass(eq=False)
class Asked:
    """An operation that a telephone asks for: ``sent`` as it came, ``said`` as it was read.

    It counts as done ``at``. ``data`` is what its ``kind`` reads in it, or ``refusal`` tells why
    nothing.
    """

    sent: dict
    said: dict
    at: datetime.datetime
    kind: "Kind | None"
    data: dict = field(default_factory=dict)
    refusal: Exception | None = None

    @property
    def client_id(self) -> UUID:
        return self.said["client_id"]

    @property
    def day(self) -> datetime.date:
        return timezone.localdate(self.at)

    def books(self) -> str:
        """Return the branch (its code) whose books are held meanwhile; an empty text for none."""
        return "" if self.refusal else self.kind.books(self.data)

    def subjects(self) -> set:
        """Return what it is about, among others itself: it may be sent twice."""
        return {self.client_id} | (set() if self.refusal else self.kind.subjects(self))


class Kind(serializers.Serializer):
    """A kind of operation: how it reads its data, and what it does. One does all of a push.

    ``rows`` are those of which an update names one. So many as ``most`` are done together, all of
    them or none.
    """

    rows: QuerySet
    most = 1

    @property
    def actor(self) -> User:
        return self.context["request"].user

    @cached_property
    def site(self) -> Site:
        """The branch at which the person works, where nothing else tells it."""
        return site_asked(self.context["request"], None)

    def foresee(self, sent: list) -> None:
        """Look up at once the rows that many ``sent`` data name."""
        _foresee(self, sent)

    def books(self, data: dict) -> str:
        return ""

    def subjects(self, asked: Asked) -> set:
        """Return what it is about: what has something in common keeps its order."""
        return set()

    def perform(self, asked: list[Asked]) -> list[dict]:
        """Do what is asked, about different subjects, and return what is answered to each."""
        raise NotImplementedError

    def target(self, said: dict) -> Model:
        """Return the row that an update names. Raises Http404, ValidationError."""
        missing = [name for name in ("id", "base_version") if said[name] is None]
        if missing:
            required = serializers.ErrorDetail(_("This field is required."), "required")
            raise serializers.ValidationError({name: [required] for name in missing})
        row = self.rows.visible_to(self.actor).filter(pk=said["id"]).first()
        if row is None:
            raise Http404
        return row


class RememberedField(KnownField):
    """A row named by its id, looked up once in a push: many operations are about the same few."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.known: dict[Any, Model] = {}

    def foresee(self, keys: list) -> None:
        plain = {key for key in keys if type(key) is int and 0 < key < 2**63}
        self.known |= self.get_queryset().in_bulk(plain)

    def to_internal_value(self, data: Any) -> Model:
        if not isinstance(data, int | str) or isinstance(data, bool):
            self.fail("incorrect_type", data_type=type(data).__name__)
        if data not in self.known:
            self.known[data] = super().to_internal_value(data)
        return self.known[data]


def _foresee(reader: serializers.Serializer, sent: list) -> None:
    for name, part in reader.fields.items():
        named = [data.get(name) for data in sent if isinstance(data, dict)]
        if isinstance(part, RememberedField):
            part.foresee(named)
        elif isinstance(part, serializers.Serializer):
            _foresee(part, named)


class CashRequest(VisitPaymentRequest):
    """Cash. ``receipt_code`` stands on the paper that the tenant was given on the spot."""

    lease = RememberedField(queryset=Lease.objects.select_related("site", "tenant", "property"))
    method = serializers.ChoiceField(choices=[Payment.Method.CASH], default=Payment.Method.CASH)
    receipt_code = serializers.RegexField(
        rf"^[{LETTERS}]{{12}}\Z", required=False, allow_blank=True, default=""
    )


class VisitOperation(Kind, VisitRequest):
    most = 100
    tenant = RememberedField(queryset=Tenant.objects.select_related("site"))
    payment = CashRequest(required=False, allow_null=True, default=None)

    def books(self, data: dict) -> str:
        return data["tenant"].site_id

    def subjects(self, asked: Asked) -> set:
        return {("tenant", asked.data["tenant"].pk)}

    def perform(self, asked: list[Asked]) -> list[dict]:
        visits = [{**one.data, "client_id": one.client_id, "made_at": one.at} for one in asked]
        with refusing(REFUSALS):
            done = log_visits(actor=self.actor, visits=visits)
        return [{"id": visit.pk, "receipt": _receipt(visit.payment)} for visit in done]


class PaymentOperation(Kind, CashRequest):
    most = 100

    def books(self, data: dict) -> str:
        return data["lease"].site_id

    def subjects(self, asked: Asked) -> set:
        return {("tenant", asked.data["lease"].tenant_id)}

    def perform(self, asked: list[Asked]) -> list[dict]:
        rows = [{"value_date": one.day, **one.data} for one in asked]
        with refusing(REFUSALS):
            done = collect_payments(actor=self.actor, rows=rows)
        return [{"id": payment.pk, "receipt": _receipt(payment)} for payment in done]


class PromiseOperation(Kind, PromiseRequest):
    tenant = RememberedField(queryset=Tenant.objects.select_related("site"))

    def books(self, data: dict) -> str:
        return data["tenant"].site_id

    def subjects(self, asked: Asked) -> set:
        return {("tenant", asked.data["tenant"].pk)}

    def perform(self, asked: list[Asked]) -> list[dict]:
        (one,) = asked
        promise = take_promise(actor=self.actor, made_on=one.day, **one.data)
        return [{"id": promise.pk, "version": promise.version}]


class PhotoOperation(Kind):
    """A photo of a visit that was sent before, named by its ``client_id``."""

    visit = serializers.UUIDField()
    photo = PhotoField()

    def subjects(self, asked: Asked) -> set:
        return {asked.data["visit"]}

    def perform(self, asked: list[Asked]) -> list[dict]:
        (one,) = asked
        visits = Contact.objects.visible_to(self.actor).filter(kind=Contact.Kind.VISIT)
        visit = visits.filter(client_id=one.data["visit"], made_by=self.actor).first()
        if visit is None:
            raise Http404
        photo = add_photo(actor=self.actor, visit=visit, photo=one.data["photo"])
        return [{"id": photo.pk}]


class PositionOperation(Kind):
    most = 100
    latitude = CoordinateField(most=90)
    longitude = CoordinateField(most=180)
    accuracy = serializers.IntegerField(
        min_value=0, max_value=10**6, required=False, allow_null=True, default=None
    )

    def perform(self, asked: list[Asked]) -> list[dict]:
        places = [{"taken_at": one.at, **one.data} for one in asked]
        return [{"id": kept.pk} for kept in tell_positions(self.actor, self.site, places)]


class HandOverOperation(Kind):
    """Cash that the person declares to give, note by note: ``{"10000": 12}``.

    It is for a colleague (``receiver``, one of those that a pull tells), or for the till.
    """

    site = serializers.CharField(required=False, default=None, max_length=20)
    receiver = serializers.IntegerField(required=False, allow_null=True, default=None)
    notes = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=100_000))

    def validate(self, attrs: dict) -> dict:
        site = site_asked(self.context["request"], attrs["site"]) if attrs["site"] else self.site
        known = {str(worth): worth for worth in DENOMINATIONS.get(site.currency, ())}
        if unknown := set(attrs["notes"]) - set(known):
            sentence = _("There is no such note: %(worth)s.") % {"worth": min(unknown)[:20]}
            raise serializers.ValidationError({"notes": [sentence]})
        notes = {known[worth]: number for worth, number in attrs["notes"].items()}
        return {"site": site, "notes": notes, "receiver": self.colleague(attrs["receiver"])}

    def colleague(self, key: int | None) -> User | None:
        known = {place.user_id: place.user for place in receivers_for(self.actor)}
        if key is not None and key not in known:
            sentence = _("Choose another person of this branch.")
            raise serializers.ValidationError({"receiver": [sentence]})
        return known.get(key)

    def books(self, data: dict) -> str:
        return data["site"].pk

    def subjects(self, asked: Asked) -> set:
        return {EVERYTHING}  # that was taken before

    def perform(self, asked: list[Asked]) -> list[dict]:
        (one,) = asked
        done = declare_hand_over(actor=self.actor, key=str(one.client_id), **one.data)
        return [{"id": done.pk}]


class Edit(Kind):
    """A row of ``rows`` in which somebody corrects fields, by ``edit``."""

    def subjects(self, asked: Asked) -> set:
        return {(asked.said["entity"], asked.said["id"])}

    def perform(self, asked: list[Asked]) -> list[dict]:
        (one,) = asked
        row, version = self.target(one.said), one.said["base_version"]
        done = self.edit(row, base_version=version, **one.data)
        return [{"id": done.pk, "version": done.version}]

    def edit(self, row: Model, **changes: Any) -> Model:
        raise NotImplementedError


class TenantEdit(Edit):
    """The fields of a tenant that the person wrote; ``phones`` has the first to call first."""

    rows = Tenant.objects.all()
    phones = serializers.ListField(child=PhoneField(), max_length=6, required=False)
    notes = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)

    def validate_phones(self, phones: list[str]) -> list[str]:
        return list(dict.fromkeys(filter(None, phones)))

    def edit(self, row: Tenant, **changes: Any) -> Tenant:
        return edit_tenant(actor=self.actor, tenant=row, **changes)


class PropertyEdit(Edit):
    """How the property of a tenant is found, and what to beware of there."""

    rows = Property.objects.all()
    landmark = serializers.CharField(max_length=200, required=False, allow_blank=True)
    safety_note = serializers.CharField(max_length=200, required=False, allow_blank=True)
    latitude = CoordinateField(most=90, required=False, allow_null=True)
    longitude = CoordinateField(most=180, required=False, allow_null=True)

    def edit(self, row: Property, **changes: Any) -> Property:
        return edit_property(actor=self.actor, property=row, **changes)


#: What is done to what, and who reads it, in the order in which what is done together is done:
#: books are held before tenants are.
OPERATIONS: dict[tuple[str, str], type[Kind]] = {
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
