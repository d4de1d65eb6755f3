"""How the API's lists are searched and narrowed by what stands in the address."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request


def read_query(request: Request, name: str, field: serializers.Field, default: Any = None) -> Any:
    """Return what ``?name=`` says, as ``field`` reads it; ``default`` where it says nothing.

    Raises ValidationError, which names it.
    """
    written = request.query_params.get(name)
    try:
        return field.run_validation(written) if written else default
    except serializers.ValidationError as error:
        raise serializers.ValidationError({name: error.detail}) from error


class Matching(BaseFilterBackend):
    """``?search=``: the queryset's own ``matching``."""

    def filter_queryset(self, request, queryset: QuerySet, view) -> QuerySet:
        text = request.query_params.get("search", "").strip()
        return queryset.matching(text[:200]) if text else queryset

    def get_schema_operation_parameters(self, view) -> list[dict]:
        return [
            {
                "name": "search",
                "in": "query",
                "required": False,
                "description": _("Parts of words, without regard to accents; numbers anyhow."),
                "schema": {"type": "string", "maxLength": 200},
            }
        ]


def days_between(column: str) -> type[filters.FilterSet]:
    """Return the filters ``from`` and ``to`` (days, both included) over ``column``.

    Made by hand because ``from`` is a word that Python keeps for itself.
    """
    return type(filters.FilterSet)(
        "Between",
        (filters.FilterSet,),
        {
            "from": filters.DateFilter(column, "gte"),
            "to": filters.DateFilter(column, "lte"),
            "__module__": __name__,
        },
    )
