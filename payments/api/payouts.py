"""Owners' money over the API: the statement of a month, and the run that prepares a payout."""

import datetime
from collections.abc import Sequence

from dateutil.relativedelta import relativedelta
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from akig.lib.fields import MonthField
from akig.lib.filters import read_query
from payments.api import idempotency
from payments.api.serializers import RunRequest
from payments.metrics.payouts import OwnerDue, owners_due
from payments.models import Payout, PayoutRun
from payments.services.payouts import prepare_payouts
from sites_app.models import Owner, Property, Site
from sites_app.narrowing import BranchView, site_asked


class OwnerLineSerializer(serializers.Serializer):
    """A movement: what was collected, what the agency took of it, or what a cost was."""

    date = serializers.DateField(source="day")
    kind = serializers.CharField()
    label = serializers.CharField()
    property = serializers.CharField(allow_blank=True)
    lease = serializers.CharField(allow_blank=True)
    collected = serializers.IntegerField(source="gross")
    commission = serializers.IntegerField(source="taken", help_text="VAT included.")
    cost = serializers.IntegerField()
    net = serializers.IntegerField()
    receipt = serializers.CharField(allow_null=True)
    reference = serializers.CharField(allow_blank=True)
    correction = serializers.BooleanField(help_text="Of a month whose statement was issued.")


class OwnerStatementSerializer(serializers.Serializer):
    owner = serializers.IntegerField()
    period = MonthField()
    currency = serializers.CharField()
    opening = serializers.IntegerField()
    collected = serializers.IntegerField()
    commission = serializers.IntegerField(help_text="VAT included.")
    expenses = serializers.IntegerField()
    advances = serializers.IntegerField()
    tax = serializers.IntegerField()
    reserved = serializers.IntegerField()
    payable = serializers.IntegerField()
    closing = serializers.IntegerField()
    status = serializers.ChoiceField(
        choices=["open", "prepared", "paid", "restated"],
        help_text="open: counted now, nothing is issued yet.",
    )
    numbers = serializers.ListField(child=serializers.CharField())
    lines = OwnerLineSerializer(many=True)


class OwnerStatement(BranchView):
    """What an owner receives for a month: as it was issued, or as it stands today."""

    rights = {"GET": "report.view"}
    queryset = Owner.objects.order_by("pk")
    serializer_class = OwnerStatementSerializer
    pagination_class = None

    @extend_schema(
        operation_id="owner_statement",
        parameters=[OpenApiParameter("period", str, description="2026-10; this month if none")],
    )
    def get(self, request: Request, pk: int) -> Response:
        owner = get_object_or_404(Owner.objects.visible_to(request.user), pk=pk)
        month = _month(request)
        sites = _branches_of(request, owner)
        payouts = Payout.objects.visible_to(request.user).filter(
            owner=owner, month=month, site__in=sites
        )
        payouts = payouts.exclude(state=Payout.State.CANCELLED)
        if not request.user.works_here:
            payouts = payouts.exclude(number="")
        issued = list(payouts.select_related("run"))
        told = [_issued(payout) for payout in issued]
        served = {payout.site_id for payout in issued}
        today = timezone.localdate()
        until = min(today, month + relativedelta(months=1, days=-1))
        for site in sites:
            if site.pk not in served:
                told += [_open(due) for due in owners_due(site, month, until, owners=[owner.pk])]
        whole = {
            name: sum(part[name] for part in told)
            for name in (
                "opening", "collected", "commission", "expenses", "advances", "tax", "reserved",
                "payable", "closing",
            )
        }  # fmt: skip
        states = {part["status"] for part in told} or {"open"}
        order = ("open", "prepared", "restated", "paid")
        answer = {
            "owner": owner.pk,
            "period": month,
            "currency": sites[0].currency if sites else "",
            **whole,
            "status": min(states, key=order.index),
            "numbers": [payout.number for payout in issued if payout.number],
            "lines": sorted(
                (line for part in told for line in part["lines"]), key=lambda line: line["day"]
            ),
        }
        return Response(OwnerStatementSerializer(answer).data)


def _month(request) -> datetime.date:
    month = read_query(request, "period", MonthField(), timezone.localdate())
    if not 1990 <= month.year <= timezone.localdate().year + 1:
        sentence = serializers.ErrorDetail(_("Write a month like 2026-10."), "range")
        raise serializers.ValidationError({"period": sentence})
    return month.replace(day=1)


def _branches_of(request, owner: Owner) -> Sequence[Site]:
    """Return the branches where ``owner`` has houses, narrowed; all of one currency.

    Raises ValidationError where they have several currencies.
    """
    sites = Site.objects.visible_to(request.user).filter(properties__owner=owner).distinct()
    if request.site_code:
        sites = sites.filter(pk=request.site_code)
    sites = list(sites.order_by("code"))
    if len({site.currency for site in sites}) > 1:
        sentence = _("This owner has money of several currencies: say at which branch.")
        raise serializers.ValidationError({"site": serializers.ErrorDetail(sentence, "required")})
    return sites


def _issued(payout: Payout) -> dict:
    return {
        "opening": payout.opening,
        "collected": payout.collected,
        "commission": payout.commission,
        "expenses": payout.costs,
        "advances": payout.advances,
        "tax": payout.withheld,
        "reserved": payout.reserved,
        "payable": payout.amount,
        "closing": payout.closing,
        "status": payout.shown_state,
        "lines": [
            {
                **line,
                "label": line.get("label") or line.get("tenant", ""),
                "lease": line.get("lease", ""),
                "receipt": line.get("receipt"),
                "reference": line.get("reference", ""),
                "correction": line.get("is_late", False),
            }
            for line in payout.lines
        ],
    }


def _open(due: OwnerDue) -> dict:
    houses = dict(Property.objects.filter(owner=due.owner).values_list("pk", "name"))
    return {
        "opening": due.opening,
        "collected": due.collected,
        "commission": due.commission,
        "expenses": due.costs,
        "advances": due.advanced,
        "tax": due.reckoning.withheld,
        "reserved": due.reckoning.reserved,
        "payable": due.reckoning.amount,
        "closing": due.closing,
        "status": "open",
        "lines": [
            {
                "day": line.day,
                "kind": line.kind,
                "label": line.label or line.tenant,
                "property": houses.get(line.property, ""),
                "lease": line.lease,
                "gross": line.gross,
                "taken": line.commission + line.vat,
                "cost": line.cost,
                "net": line.net,
                "receipt": line.receipt or None,
                "reference": line.reference,
                "correction": line.is_late,
            }
            for line in due.lines
        ],
    }


class PayoutRunRequest(RunRequest):
    value_date = serializers.DateField(required=False)


class PayoutOfRunSerializer(serializers.ModelSerializer):
    payable = serializers.IntegerField(source="amount")
    expenses = serializers.IntegerField(source="costs")
    tax = serializers.IntegerField(source="withheld")
    status = serializers.CharField(source="shown_state")

    class Meta:
        model = Payout
        fields = [
            "id", "owner", "opening", "collected", "commission", "expenses", "advances", "tax",
            "reserved", "payable", "closing", "method", "status",
        ]  # fmt: skip
        read_only_fields = fields


class PayoutRunSerializer(serializers.ModelSerializer):
    period = MonthField(source="month")
    status = serializers.CharField(source="state")
    created = serializers.IntegerField()
    payouts = PayoutOfRunSerializer(many=True)

    class Meta:
        model = PayoutRun
        fields = ["id", "period", "site", "value_date", "status", "created", "payouts"]
        read_only_fields = fields


class PayoutRuns(BranchView):
    """The payouts of a month of a branch: prepared here, approved by a second person on a page."""

    rights = {"POST": "payout.prepare"}
    queryset = PayoutRun.objects.order_by("pk")
    serializer_class = PayoutRunSerializer
    pagination_class = None

    @extend_schema(
        operation_id="payouts_run", request=PayoutRunRequest, responses=PayoutRunSerializer
    )
    @idempotency.once
    def post(self, request: Request) -> Response:
        """Prepare the payouts of a month; asked again, the same run comes back, ``created`` 0."""
        asked = PayoutRunRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        run = prepare_payouts(
            actor=request.user,
            site=site_asked(request, fields.get("site")),
            month=fields["period"],
            value_date=fields.get("value_date"),
        )
        return Response(PayoutRunSerializer(run).data)
