"""How lists are cut into pages: numbered ones, and cursors for what never stops growing."""

import base64
import binascii
import datetime
import json
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.pagination import BasePagination, PageNumberPagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


class KeyPaginator(Paginator):
    """Pages of ``rows`` (sorted): the keys of a page are found first, then read from ``shown``.

    Sorting whole rows with all they are joined to costs far more than asking twice. ``shown`` is
    the queryset, of all rows, with what a line shows; ``number`` is how many ``rows`` there are,
    where the caller knows it already.
    """

    def __init__(self, rows: QuerySet, size: int, *, shown: QuerySet, number: int | None = None):
        super().__init__(rows, size)
        self.shown = shown
        if number is not None:
            self.count = number

    def _get_page(self, rows: QuerySet, *args: Any) -> Page:
        keys = list(rows.values_list("pk", flat=True))
        found = self.shown.in_bulk(keys)
        return super()._get_page([found[key] for key in keys if key in found], *args)


class NumberedPages(PageNumberPagination):
    """``{count, next, previous, results}``; ``page`` and ``page_size``."""

    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE

    def get_paginated_response_schema(self, schema: dict) -> dict:
        return _page(schema, count={"type": "integer"})


class Cursor(BasePagination):
    """``{next, previous, results}``: a page begins after the last row seen, however deep.

    The view's ``order`` names the columns, each falling, the last one unique: ``("value_date",
    "id")``. Rows that arrive meanwhile never shift a page.
    """

    page_size = PAGE_SIZE

    def paginate_queryset(self, queryset: QuerySet, request, view=None) -> list:
        self.order: tuple[str, ...] = view.order
        self.address = request.build_absolute_uri()
        self.size = self._size(request)
        backwards, position = self._position(request)
        signs = [name if backwards else f"-{name}" for name in self.order]
        if position is not None:
            queryset = queryset.filter(self._beyond(position, backwards))
        rows = list(queryset.order_by(*signs)[: self.size + 1])
        more = len(rows) > self.size
        rows = rows[: self.size]
        if backwards:
            rows.reverse()
        self.has_next = backwards or more
        self.has_previous = more if backwards else position is not None
        self.rows = rows
        return rows

    def _size(self, request) -> int:
        asked = request.query_params.get("page_size", "")
        if not (asked.isascii() and asked.isdigit()) or int(asked[:9]) < 1:
            return self.page_size
        return min(int(asked[:9]), MAX_PAGE_SIZE)

    def _position(self, request) -> tuple[bool, list | None]:
        """Read the cursor: whether it leads back, and the values of the row where it stands."""
        encoded = request.query_params.get("cursor")
        if not encoded:
            return False, None
        try:
            backwards, *values = json.loads(base64.urlsafe_b64decode(encoded.encode()))
            values = [_read(kind, value) for kind, value in values]
        except (ValueError, TypeError, binascii.Error, RecursionError) as error:
            raise exceptions.NotFound(_("This page does not exist.")) from error
        if len(values) != len(self.order):
            raise exceptions.NotFound(_("This page does not exist."))
        return bool(backwards), values

    def _beyond(self, position: list, backwards: bool) -> Q:
        operator = "gt" if backwards else "lt"
        condition = Q()
        for at in range(len(self.order) - 1, -1, -1):
            name, value = self.order[at], position[at]
            here = Q(**{f"{name}__{operator}": value})
            condition = here | Q(**{name: value}) & condition if condition else here
        # The first column alone, once more: an index can begin with it.
        return Q(**{f"{self.order[0]}__{operator}e": position[0]}) & condition

    def get_paginated_response(self, data: list) -> Response:
        return Response(
            {"next": self._link(-1, False), "previous": self._link(0, True), "results": data}
        )

    def _link(self, at: int, backwards: bool) -> str | None:
        if not (self.has_previous if backwards else self.has_next):
            return None
        if not self.rows:
            return remove_query_param(self.address, "cursor")
        values = [_write(getattr(self.rows[at], name)) for name in self.order]
        encoded = base64.urlsafe_b64encode(json.dumps([int(backwards), *values]).encode()).decode()
        return replace_query_param(self.address, "cursor", encoded)

    def get_paginated_response_schema(self, schema: dict) -> dict:
        return _page(schema)

    def get_schema_operation_parameters(self, view) -> list[dict]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": _("Where the page begins; taken from next or previous."),
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": _("Rows a page."),
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_PAGE_SIZE,
                    "default": PAGE_SIZE,
                },
            },
        ]


def _write(value: Any) -> list:
    if isinstance(value, datetime.datetime):
        return ["t", value.isoformat()]
    if isinstance(value, datetime.date):
        return ["d", value.isoformat()]
    return ["n", int(value)]


def _page(rows: dict, **before: dict) -> dict:
    """Return how a page of ``rows`` is described, with what stands before its links."""
    link = {"type": ["string", "null"], "format": "uri"}
    properties = {**before, "next": link, "previous": link, "results": rows}
    return {"type": "object", "required": list(properties), "properties": properties}


def _read(kind: str, value: Any) -> Any:
    if kind == "t":
        return datetime.datetime.fromisoformat(value)
    if kind == "d":
        return datetime.date.fromisoformat(value)
    return int(value)
