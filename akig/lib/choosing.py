"""Naming one row of many in a form, without a list of thousands: by code, name or telephone."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.urls import reverse_lazy
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

OFFERED = 8
PART = " · "


def label_of(row: Model) -> str:
    """Return what stands in the field for ``row``: code and name."""
    return f"{row.code}{PART}{row.name}"


def options(rows: QuerySet, text: str) -> SafeString:
    """Return the suggestions for what was typed so far, as options of a datalist."""
    offered = rows.matching(text)[:OFFERED] if text.strip() else []
    return format_html_join(
        "", '<option value="{}"></option>', ((label_of(row),) for row in offered)
    )


class RowInput(forms.TextInput):
    """A text with suggestions below it; without JavaScript it is looked up when it is sent."""

    def __init__(self, url_name: str, attrs: dict | None = None):
        self.url_name = url_name
        super().__init__(attrs)

    def get_context(self, name: str, value: Any, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {
            "autocomplete": "off",
            "list": f"{name}-choices",
            "hx-get": str(reverse_lazy(self.url_name)),
            "hx-trigger": "input changed delay:200ms",
            "hx-target": f"#{name}-choices",
            "hx-sync": "this:replace",
        }
        return context

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        field = super().render(name, value, attrs, renderer)
        return format_html('{}<datalist id="{}-choices"></datalist>', field, name)


class RowField(forms.CharField):
    """One row, cleaned from its code and name, or from whatever names it alone.

    The form sets ``rows`` to what the person may choose from: a queryset with ``matching``.
    """

    rows: QuerySet | None = None

    def __init__(self, *, suggestions: str, **kwargs: Any):
        super().__init__(widget=RowInput(suggestions), **kwargs)

    def to_python(self, value: Any) -> Model | None:
        # What a CharField's validators would refuse must not reach the database before them.
        text = super().to_python(value).replace("\x00", "")
        if text in self.empty_values:
            return None
        code, _part, name = text.partition(PART)
        exact = self.rows.filter(code=code.strip())
        found = list((exact.filter(name=name.strip()) if name else exact)[:2])
        if len(found) != 1:
            found = list(self.rows.matching(text)[: OFFERED + 1])
        if not found:
            raise ValidationError(
                _("Nothing found by “%(text)s”: try a part of the name, or the code."),
                code="unknown_row",
                params={"text": text},
            )
        if len(found) > 1:
            raise ValidationError(
                _("Several match, write the code: %(rows)s"),
                code="ambiguous_row",
                params={"rows": ", ".join(label_of(row) for row in found[:OFFERED])},
            )
        return found[0]

    def run_validators(self, value: Any) -> None:
        # CharField's validators look at a text; this value is a row.
        return

    def prepare_value(self, value: Any) -> Any:
        return label_of(value) if isinstance(value, Model) else value
