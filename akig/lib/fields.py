"""The fields of the API's answers and questions that the framework reads too generously."""

import datetime
import math
import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from phonenumber_field.phonenumber import to_python
from rest_framework import serializers

from akig.lib.money import MAX

CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")


class AmountField(serializers.Field):
    """An amount in minor units: a JSON integer, above zero (or ``zero`` too), at most 10^12."""

    default_error_messages = {
        "amount_not_a_number": _("Write the amount as a whole number, without quotes."),
        "amount_decimal": _("An amount has no decimals: it counts the smallest unit."),
        "amount_negative": _("An amount cannot be negative here."),
        "amount_zero": _("The amount must be more than zero."),
        "amount_too_large": _("The amount is too large."),
    }

    def __init__(self, *, zero: bool = False, **kwargs: Any):
        self.zero = zero
        super().__init__(**kwargs)
        least = 0 if zero else 1
        extend_schema_field(
            {"type": "integer", "format": "int64", "minimum": least, "maximum": MAX}
        )(self)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float):
            self.fail("amount_decimal")
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("amount_not_a_number")
        if data < 0:
            self.fail("amount_negative")
        if data == 0 and not self.zero:
            self.fail("amount_zero")
        if data > MAX:
            self.fail("amount_too_large")
        return data

    def to_representation(self, value: int) -> int:
        return value


class InstantField(serializers.DateTimeField):
    """An instant, answered in UTC with ``Z`` whatever zone the server thinks in."""

    def __init__(self, **kwargs: Any):
        super().__init__(default_timezone=datetime.UTC, **kwargs)


@extend_schema_field({"type": "string", "examples": ["+224622001234"]})
class PhoneField(serializers.Field):
    """A telephone, read with its country's prefix or as ``region`` dials it, answered in E.164."""

    default_error_messages = {"phone_invalid": _("This is not a telephone number that exists.")}

    def __init__(self, *, region: str = "GN", **kwargs: Any):
        self.region = region
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any):
        if not isinstance(data, str) or len(data) > 40:
            self.fail("phone_invalid")
        number = to_python(data, region=self.region)
        if data and not (number and number.is_valid()):
            self.fail("phone_invalid")
        return number.as_e164 if number else ""

    def to_representation(self, value: Any) -> str:
        return str(value)


@extend_schema_field({"type": "number", "format": "double"})
class CoordinateField(serializers.Field):
    """Degrees of latitude or longitude, kept to a tenth of a metre; ``most`` is 90 or 180."""

    default_error_messages = {"invalid": _("This is not a place on the earth.")}

    def __init__(self, *, most: int, **kwargs: Any):
        self.most = most
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        if not math.isfinite(data) or abs(data) > self.most:
            self.fail("invalid")
        return round(Decimal(str(data)), 6)

    def to_representation(self, value: Decimal) -> float:
        return float(value)


@extend_schema_field(
    {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$", "examples": ["2026-10"]}
)
class MonthField(serializers.DateField):
    """A month as ``2026-10``, kept as its first day."""

    default_error_messages = {"invalid": _("Write a month like 2026-10.")}

    def __init__(self, **kwargs: Any):
        super().__init__(input_formats=["%Y-%m"], format="%Y-%m", **kwargs)


@extend_schema_field({"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$", "examples": ["14:30"]})
class ClockField(serializers.Field):
    """A time of the day as ``14:30``, kept as seconds since midnight; the day ends at ``24:00``."""

    default_error_messages = {"invalid": _("Write a time of the day like 14:30.")}

    def to_internal_value(self, data: Any) -> int:
        written = CLOCK.fullmatch(data) if isinstance(data, str) else None
        hours, minutes = map(int, written.groups()) if written else (25, 0)
        if minutes > 59 or 60 * hours + minutes > 24 * 60:
            self.fail("invalid")
        return 60 * (60 * hours + minutes)

    def to_representation(self, value: int) -> str:
        return f"{value // 3600:02}:{value // 60 % 60:02}"


@extend_schema_field({"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$", "examples": ["14:30"]})
class TimeField(serializers.TimeField):
    """A time of the day as ``14:30``, kept as such."""

    default_error_messages = {"invalid": ClockField.default_error_messages["invalid"]}

    def __init__(self, **kwargs: Any):
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **kwargs)


class KnownField(serializers.PrimaryKeyRelatedField):
    """A row named by its id. One that the caller may not see is unknown, as if it did not exist."""

    default_error_messages = {"incorrect_type": _("Name it by its id.")}

    def get_queryset(self):
        queryset = super().get_queryset()
        if queryset is None:
            return None
        request = self.context.get("request")
        if request is None:
            return queryset.none()
        return queryset.visible_to(request.user).at(getattr(request, "site_code", None))

    def to_internal_value(self, data: Any):
        is_id = isinstance(data, int) and not isinstance(data, bool)
        if not is_id and not (isinstance(data, str) and data.isascii() and data.isdigit()):
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().to_internal_value(data)
