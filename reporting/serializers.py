"""How the API shows dashboards and reports."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from akig.lib.fields import MonthField
from payments.metrics.payers import GoodPayer
from reporting.reports.finance import FinanceReport, Section
from reporting.summary import Summary


class SpanSerializer(serializers.Serializer):
    """Both days are included."""

    name = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word that Python keeps for itself.
        return super().get_fields() | {
            "from": serializers.DateField(source="first"),
            "to": serializers.DateField(source="last"),
        }


class OccupancySerializer(serializers.Serializer):
    units = serializers.IntegerField()
    let = serializers.IntegerField()
    vacant = serializers.IntegerField()
    percent = serializers.IntegerField()


class OverdueSerializer(serializers.Serializer):
    """Charges that are due and open: their number, what is left, how many are partly paid."""

    count = serializers.IntegerField()
    amount = serializers.IntegerField()
    partial = serializers.IntegerField()
    unpaid = serializers.IntegerField()


class FiguresSerializer(serializers.Serializer):
    """Money in minor units; ``punctuality`` is the share of settled rents paid in time, in %."""

    currency = serializers.CharField()
    charged = serializers.IntegerField()
    collected = serializers.IntegerField()
    payments = serializers.IntegerField()
    arrears = OverdueSerializer()
    punctuality = serializers.IntegerField(source="punctuality.percent", allow_null=True)


class SummarySerializer(FiguresSerializer):
    """How the branches stand. Money stands in one currency, the first of ``currencies``."""

    period = SpanSerializer()
    sites = serializers.IntegerField()
    tenants = serializers.IntegerField()
    occupancy = OccupancySerializer()
    currencies = FiguresSerializer(many=True)


class BranchSerializer(FiguresSerializer):
    site = serializers.CharField()
    name = serializers.CharField()
    period = SpanSerializer()
    tenants = serializers.IntegerField()
    occupancy = OccupancySerializer()


class PayerSerializer(serializers.Serializer):
    """A tenant who settled every rent of the span; ``percent`` of them in time."""

    tenant = serializers.IntegerField()
    name = serializers.CharField()
    site = serializers.CharField()
    currency = serializers.CharField()
    settled = serializers.IntegerField()
    on_time = serializers.IntegerField()
    percent = serializers.IntegerField()
    paid = serializers.IntegerField()


class WholeList(serializers.Serializer):
    """A list that has one page."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class BranchList(WholeList):
    results = BranchSerializer(many=True)


class PayerList(WholeList):
    results = PayerSerializer(many=True)


class IncomeSerializer(serializers.Serializer):
    """Money collected, and how many payments came in time, late, or as a part."""

    total = serializers.IntegerField()
    count = serializers.IntegerField()
    on_time = serializers.IntegerField()
    late = serializers.IntegerField()
    partial = serializers.IntegerField()
    amounts = serializers.DictField(child=serializers.IntegerField())


class CostsSerializer(serializers.Serializer):
    management = serializers.IntegerField()
    salaries = serializers.IntegerField()
    maintenance = serializers.IntegerField()
    utilities = serializers.IntegerField()
    other = serializers.IntegerField()
    total = serializers.IntegerField()


class ResultSerializer(serializers.Serializer):
    """Net is income less costs; the margin is net of income in per cent, null without income."""

    net = serializers.IntegerField()
    margin_percent = serializers.FloatField(allow_null=True)


class OwnSerializer(serializers.Serializer):
    """The agency's own result: commission and late fees less costs."""

    commission = serializers.IntegerField()
    late_fees = serializers.IntegerField()
    costs = serializers.IntegerField()
    result = serializers.IntegerField()


class LineSerializer(serializers.Serializer):
    income = serializers.IntegerField(source="income.amount")
    payments = serializers.IntegerField(source="income.number")
    costs = serializers.IntegerField()
    net = serializers.IntegerField()
    commission = serializers.IntegerField()
    late_fees = serializers.IntegerField()
    result = serializers.IntegerField()


class MonthLine(LineSerializer):
    month = MonthField(source="key")


class SiteLine(LineSerializer):
    site = serializers.CharField(source="key")
    arrears = serializers.IntegerField()


class HouseSerializer(serializers.Serializer):
    property = serializers.IntegerField()
    name = serializers.CharField()
    site = serializers.CharField()
    payments = serializers.IntegerField(source="number")
    income = serializers.IntegerField(source="amount")


class AgesSerializer(serializers.Serializer):
    leases = serializers.IntegerField()
    total = serializers.IntegerField(source="arrears")
    d0_30 = serializers.IntegerField()
    d31_60 = serializers.IntegerField()
    d61_90 = serializers.IntegerField()
    d90_plus = serializers.IntegerField()


class SectionSerializer(serializers.Serializer):
    """The report of the branches of one currency, in its minor units."""

    currency = serializers.CharField()
    income = IncomeSerializer()
    costs = CostsSerializer()
    summary = ResultSerializer()
    agency = OwnSerializer()
    months = MonthLine(many=True)
    sites = SiteLine(many=True)
    properties = HouseSerializer(many=True)
    arrears = AgesSerializer()


class FinanceSerializer(SectionSerializer):
    """The finance report. Money stands in one currency, the first of ``currencies``."""

    period = SpanSerializer()
    currencies = SectionSerializer(many=True)


def summary_of(figures: Summary) -> dict:
    return SummarySerializer(
        {
            **vars(figures.currencies[0]),
            "period": figures,
            "sites": len(figures.branches),
            "tenants": figures.tenants,
            "occupancy": figures.occupancy,
            "currencies": figures.currencies,
        }
    ).data


def branches_of_summary(figures: Summary) -> dict:
    rows = [
        {**vars(branch.figures), **vars(branch), "period": figures} for branch in figures.branches
    ]
    return BranchList(whole(rows)).data


def payers_of(payers: list[GoodPayer]) -> dict:
    return PayerList(whole(payers)).data


def finance_of(report: FinanceReport) -> dict:
    sections = [_section(section) for section in report.sections]
    period = {"name": report.span, "first": report.first, "last": report.last}
    return FinanceSerializer({**sections[0], "period": period, "currencies": sections}).data


def whole(rows: list) -> dict:
    return {"count": len(rows), "next": None, "previous": None, "results": rows}


def _section(section: Section) -> dict:
    income = section.income
    return {
        "currency": section.currency,
        "income": {
            "total": income.total,
            "count": income.count,
            "on_time": income.on_time.number,
            "late": income.late.number,
            "partial": income.partial.number,
            "amounts": {
                "on_time": income.on_time.amount,
                "late": income.late.amount,
                "partial": income.partial.amount,
            },
        },
        "costs": {**section.costs.by_category, "total": section.costs.total},
        "summary": {"net": section.net, "margin_percent": section.margin_percent},
        "agency": section.own,
        "months": section.months,
        "sites": section.branches,
        "properties": section.houses,
        "arrears": section.arrears,
    }


@extend_schema_field(OpenApiTypes.ANY)
class Kept(serializers.Field):
    """A value of a column as JSON has it; what JSON knows nothing of is a text."""

    def to_representation(self, value: object) -> object:
        if isinstance(value, str | int | float | list | dict):
            return value
        return value.isoformat() if hasattr(value, "isoformat") else str(value)


class TouchedRow(serializers.Serializer):
    """One row that an act touched: what differs before and after, or all of a new or lost row."""

    object_id = serializers.CharField()
    event = serializers.CharField()
    before = serializers.DictField(child=Kept())
    after = serializers.DictField(child=Kept())


class RecordLine(serializers.Serializer):
    """One act on rows of one kind in one branch, with the first twenty of them."""

    id = serializers.IntegerField(source="trace.pk")
    at = serializers.DateTimeField(source="trace.at")
    user = serializers.IntegerField(source="trace.person", allow_null=True)
    name = serializers.CharField(source="who")
    act = serializers.CharField(source="trace.verb")
    act_label = serializers.CharField(source="act")
    model = serializers.CharField(source="trace.model")
    site = serializers.CharField(source="trace.site", allow_null=True)
    context = serializers.DictField(source="told")
    rows = TouchedRow(many=True)
