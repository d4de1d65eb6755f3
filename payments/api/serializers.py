"""How the API shows and takes money."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from akig.lib.fields import AmountField, InstantField, KnownField, MonthField
from payments.models import Allocation, Charge, Payment, RentRun
from sites_app.serializers import ColleagueField
from tenants.models import Lease

#: The states of a charge (``Charge.state``).
STATES = [
    ("due", _("due")),
    ("partial", _("partly paid")),
    ("paid", _("paid")),
    ("paid_late", _("paid late")),
    ("cancelled", _("cancelled")),
]


class AllocationSerializer(serializers.ModelSerializer):
    charge = serializers.IntegerField(source="charge_id")
    period = MonthField(source="charge.period_start")
    kind = serializers.ChoiceField(source="charge.kind", choices=Charge.Kind)
    amount = AmountField()

    class Meta:
        model = Allocation
        fields = ["charge", "period", "kind", "amount"]


class ReceiptLink(serializers.Serializer):
    number = serializers.CharField()
    url = serializers.URLField()
    verify_url = serializers.URLField()


class PaymentSerializer(serializers.ModelSerializer):
    """A payment as it stands; ``balance`` is what its lease owes now (negative: paid ahead)."""

    site = serializers.CharField(source="site_id")
    tenant = serializers.IntegerField(source="lease.tenant_id")
    currency = serializers.CharField(source="site.currency")
    created_at = InstantField()
    allocations = AllocationSerializer(many=True)
    unallocated = serializers.IntegerField()
    balance = serializers.SerializerMethodField()
    receipt = serializers.SerializerMethodField()
    duplicate = serializers.BooleanField(
        required=False, help_text=_("Only where the same reference was sent again.")
    )

    class Meta:
        model = Payment
        fields = [
            "id",
            "site",
            "lease",
            "tenant",
            "amount",
            "currency",
            "method",
            "reference",
            "status",
            "value_date",
            "created_at",
            "notes",
            "collected_by",
            "cancelled_on",
            "cancel_reason",
            "allocations",
            "unallocated",
            "balance",
            "receipt",
            "duplicate",
        ]
        read_only_fields = fields

    def get_balance(self, payment: Payment) -> int:
        if "balances" not in self.context:  # one just recorded carries it
            return payment.balance
        return self.context["balances"].get(payment.lease_id, 0)

    @extend_schema_field(ReceiptLink(allow_null=True))
    def get_receipt(self, payment: Payment) -> dict | None:
        receipt = getattr(payment, "receipt", None) or next(iter(payment.receipts.all()), None)
        if receipt is None:
            return None
        return {
            "number": receipt.number,
            "url": f"{settings.PUBLIC_URL}/api/receipts/{receipt.number}.pdf",
            "verify_url": f"{settings.PUBLIC_URL}/verify/{receipt.code}",
        }


class RecordedSerializer(PaymentSerializer):
    """A payment just recorded, which carries its parts, its receipt and the balance."""

    allocations = AllocationSerializer(many=True, source="parts")


class PaymentRequest(serializers.Serializer):
    lease = KnownField(queryset=Lease.objects.select_related("site", "tenant", "property"))
    amount = AmountField()
    method = serializers.ChoiceField(choices=Payment.Method.choices)
    reference = serializers.CharField(max_length=80, required=False, allow_blank=True)
    value_date = serializers.DateField(required=False, allow_null=True, default=None)
    notes = serializers.CharField(max_length=300, required=False, allow_blank=True)
    collected_by = ColleagueField(required=False, allow_null=True, default=None)


class CancelRequest(serializers.Serializer):
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class ChargeSerializer(serializers.ModelSerializer):
    site = serializers.CharField(source="site_id")
    tenant = serializers.IntegerField(source="lease.tenant_id")
    period = MonthField(source="period_start")
    currency = serializers.CharField(source="site.currency")
    left = serializers.IntegerField()
    status = serializers.ChoiceField(source="state", choices=STATES)
    overdue = serializers.BooleanField(source="is_overdue")
    created_at = InstantField()

    class Meta:
        model = Charge
        fields = [
            "id",
            "site",
            "lease",
            "tenant",
            "property",
            "kind",
            "period",
            "period_start",
            "period_end",
            "due_date",
            "amount",
            "collected",
            "left",
            "currency",
            "status",
            "overdue",
            "settled_on",
            "cancelled_on",
            "created_at",
        ]
        read_only_fields = fields


class RunRequest(serializers.Serializer):
    period = MonthField()
    site = serializers.CharField(max_length=20, required=False)


class RunFailure(serializers.Serializer):
    lease = serializers.CharField()
    detail = serializers.CharField()


class RunSerializer(serializers.ModelSerializer):
    period = MonthField(source="month")
    failed = RunFailure(many=True)
    amount = serializers.IntegerField()

    class Meta:
        model = RentRun
        fields = ["period", "created", "existing", "failed", "amount"]
        read_only_fields = fields


class StatementLineSerializer(serializers.Serializer):
    """A movement: ``debit`` is what was charged, ``credit`` what was paid, ``balance`` after it."""

    date = serializers.DateField()
    kind = serializers.CharField()
    label = serializers.CharField()
    lease = serializers.CharField()
    debit = serializers.IntegerField()
    credit = serializers.IntegerField()
    balance = serializers.IntegerField(source="running")
    charge = serializers.IntegerField(source="charge.pk", default=None, allow_null=True)
    payment = serializers.IntegerField(source="payment.pk", default=None, allow_null=True)
    receipt = serializers.CharField(source="receipt.number", default=None, allow_null=True)


class StatementSerializer(serializers.Serializer):
    tenant = serializers.IntegerField()
    currency = serializers.CharField()
    opening_balance = serializers.IntegerField(source="opening")
    lines = StatementLineSerializer(many=True)
    closing_balance = serializers.IntegerField(source="closing")

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word that Python keeps for itself.
        days = {
            "from": serializers.DateField(source="first", allow_null=True),
            "to": serializers.DateField(source="last"),
        }
        fields = super().get_fields()
        return {
            "tenant": fields.pop("tenant"),
            "currency": fields.pop("currency"),
            **days,
            **fields,
        }
