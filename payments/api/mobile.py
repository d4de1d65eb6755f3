"""Mobile money over the API: ask a payer, see what became of it."""

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from akig.lib.fields import AmountField, InstantField, KnownField, PhoneField
from payments.api import idempotency
from payments.models import Attempt, Provider
from payments.providers.reasons import reason_text
from payments.services import mobile
from payments.services.once import KeyInProgress, KeyReused, claim_key, keep_answer
from sites_app.narrowing import BranchView
from tenants.models import Lease


class AttemptSerializer(serializers.ModelSerializer):
    """An attempt as it stands; ``payment`` is what it became, once the provider said so."""

    attempt = serializers.UUIDField(source="pk")
    status = serializers.ChoiceField(source="state", choices=Attempt.State)
    site = serializers.CharField(source="site_id")
    provider = serializers.ChoiceField(source="provider.kind", choices=Provider.Kind)
    amount = AmountField()
    asked = AmountField()
    reason = serializers.SerializerMethodField()
    created_at = InstantField()
    expires_at = InstantField(allow_null=True)
    ended_at = InstantField(allow_null=True)

    class Meta:
        model = Attempt
        fields = [
            "attempt",
            "status",
            "payment_url",
            "site",
            "lease",
            "provider",
            "amount",
            "asked",
            "currency",
            "phone",
            "order_id",
            "reason",
            "transaction",
            "payment",
            "created_at",
            "expires_at",
            "ended_at",
        ]
        read_only_fields = fields

    def get_reason(self, attempt: Attempt) -> str:
        return reason_text(attempt.reason)


class InitiateRequest(serializers.Serializer):
    lease = KnownField(queryset=Lease.objects.select_related("site", "tenant", "property"))
    amount = AmountField()
    provider = serializers.ChoiceField(choices=Provider.Kind)
    phone = PhoneField(required=False, allow_null=True, default=None)


class Initiate(BranchView):
    """Ask a payer for money through a provider; the answer is that he was asked, not that he paid.

    Send an ``Idempotency-Key``: with the same one nobody is asked twice.
    """

    rights = {"POST": "payment.record"}
    queryset = Attempt.objects.order_by("pk")
    serializer_class = AttemptSerializer
    pagination_class = None

    @idempotency.keyed
    @extend_schema(
        operation_id="mobile_money_initiate",
        request=InitiateRequest,
        responses={202: AttemptSerializer},
    )
    def post(self, request: Request) -> HttpResponse:
        asked = InitiateRequest(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        key = idempotency.read_key(request.headers.get(idempotency.HEADER))
        if not key:
            sentence = _("Send an Idempotency-Key.")
            raise idempotency.NothingToKnowItBy(sentence, fields={idempotency.HEADER: sentence})
        fingerprint = idempotency.fingerprint(request.path, request.data)
        # The provider is asked between two transactions: the first finds or writes the attempt,
        # the second keeps the answer. One that died in between is answered from its attempt.
        with transaction.atomic():
            earlier = claim_key(request.user, key, fingerprint)
            if earlier is not None:
                return accepted(bytes(earlier.body), replayed=True)
            attempt, is_new = mobile.open_attempt(
                actor=request.user,
                lease=fields["lease"],
                amount=fields["amount"],
                kind=fields["provider"],
                phone=fields["phone"] or "",
                key=key,
            )
        if is_new:
            attempt = mobile.send_attempt(attempt)
        else:
            refuse_other(attempt, fields)
        body = JSONRenderer().render(self.get_serializer(attempt).data)
        with transaction.atomic():
            earlier = claim_key(request.user, key, fingerprint, wait=True)
            if earlier is None:
                keep_answer(request.user, key, fingerprint, status=202, body=body)
            else:
                body = bytes(earlier.body)
        return accepted(body, replayed=not is_new)


def refuse_other(attempt: Attempt, fields: dict) -> None:
    """Raise KeyReused where the attempt under the key is another one, KeyInProgress where it is
    being sent at this moment."""
    same = (attempt.lease_id, attempt.amount, attempt.provider.kind, attempt.phone)
    if same != (fields["lease"].pk, fields["amount"], fields["provider"], fields["phone"] or ""):
        raise KeyReused(_("This key was used for another request: take a new one."))
    fresh = timezone.now() - attempt.created_at < mobile.HELD
    if attempt.state == Attempt.State.CREATED and fresh:
        raise KeyInProgress(_("The same request is being carried out: ask again shortly."))


def accepted(body: bytes, *, replayed: bool) -> HttpResponse:
    response = HttpResponse(body, status=status.HTTP_202_ACCEPTED, content_type="application/json")
    if replayed:
        response[idempotency.REPLAYED] = "true"
    return response


class AttemptView(BranchView):
    """What became of an attempt."""

    rights = {"GET": "payment.view"}
    queryset = Attempt.objects.select_related("provider").order_by("pk")
    serializer_class = AttemptSerializer
    pagination_class = None

    @extend_schema(operation_id="mobile_money_attempt", responses=AttemptSerializer)
    def get(self, request: Request, pk: str) -> Response:
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=pk)).data)
