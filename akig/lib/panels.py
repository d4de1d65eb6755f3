"""Boxes that apps higher up put onto the pages of apps below, without being imported by them.

An app writes in its ``panels.py``::

    @panel(Tenant, title=_("Balance"), template="payments/_balance_panel.html",
           permission="payment.view")
    def balance_panel(request, tenant) -> dict | None:
        return {"balance": …}           # None: nothing to show

and the page of the tenant says ``{% panels tenant %}``, or ``{% panels tenant "side" %}`` for the
boxes that asked for that place.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise

Context = dict[str, Any] | None


@dataclass(frozen=True)
class Panel:
    """``place`` is ``main``, ``side`` or ``figures``; lower ``order`` stands higher.

    ``title`` may be empty: the template is then shown bare, without a heading around it.
    """

    function: Callable[[HttpRequest, Any], Context]
    template: str
    title: str | Promise = ""
    permission: str = ""
    place: str = "main"
    order: int = 50


@dataclass(frozen=True)
class Shown:
    name: str
    title: str | Promise
    html: str


_panels: dict[type[Model], list[Panel]] = defaultdict(list)


def panel(model: type[Model], **how: Any) -> Callable:
    """Register ``function(request, subject) -> context`` as a panel on the pages of ``model``."""

    def register(function: Callable) -> Callable:
        _panels[model].append(Panel(function, **how))
        _panels[model].sort(key=lambda entry: entry.order)
        return function

    return register


def panels_of(request: HttpRequest, subject: Model, place: str = "main") -> list[Shown]:
    """Return the panels that ``subject`` has at ``place`` for the person of the request."""
    shown = []
    for entry in _panels[type(subject)]:
        if entry.place != place:
            continue
        if entry.permission and not request.user.may(entry.permission):
            continue
        context = entry.function(request, subject)
        if context is not None:
            html = render_to_string(entry.template, context, request)
            shown.append(Shown(entry.function.__name__, entry.title, html))
    return shown
