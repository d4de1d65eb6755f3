"""What every page does before and after its one question: rights, lists, forms."""

import datetime
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme

from akig.lib.errors import NotAllowed
from akig.lib.forms import ActForm
from akig.lib.history import history_of
from akig.lib.isolation import reading
from akig.lib.models import Postponed
from akig.lib.paging import KeyPaginator

ROWS = 50


def may(permission: str) -> Callable:
    """Open a page to people whose role holds ``permission``.

    Strangers are sent to the sign-in; others read who can (403). Which rows exist for a person is
    the affair of ``visible_to`` inside the page (404).
    """

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.may(permission):
                return refused(request, permission)
            with reading(request.method, permission):
                return view(request, *args, **kwargs)

        guarded = login_required(door)
        guarded.permission = permission
        return guarded

    return decorate


def refused(request: HttpRequest, permission: str = "", message: str = "") -> HttpResponse:
    return render(request, "403.html", {"permission": permission, "message": message}, status=403)


def paged(
    request: HttpRequest,
    rows: QuerySet,
    size: int = ROWS,
    *,
    shown: QuerySet | None = None,
    number: int | None = None,
) -> Page:
    """Return the page of ``rows`` that the address asks for (``?page=``), never an error.

    Of long lists give ``shown`` and ``number`` (see ``KeyPaginator``); ``number`` alone is that of
    the rows, where it is known.
    """
    pages = (
        Paginator(rows, size)
        if shown is None
        else KeyPaginator(rows, size, shown=shown, number=number)
    )
    if number is not None:
        pages.count = number
    return pages.get_page(request.GET.get("page"))


def ordered(request: HttpRequest, rows: QuerySet, fields: dict[str, str], usual: str) -> QuerySet:
    """Sort ``rows`` as the address asks (``?sort=-rent``) by one of ``fields``, else by ``usual``.

    ``fields`` maps the word in the address to the column; the key settles equal values, so that
    no row stands on two pages.
    """
    wanted = request.GET.get("sort", "")
    column = fields.get(wanted.removeprefix("-"))
    if column is None:
        wanted, column = usual, fields[usual.removeprefix("-")]
    sign = "-" if wanted.startswith("-") else ""
    return rows.order_by(f"{sign}{column}", f"{sign}pk")


def sent(request: HttpRequest) -> QueryDict | None:
    """Return what was sent in, None where the form is only asked for.

    A form without fields is sent in empty, which ``request.POST or None`` would not notice.
    """
    return request.POST if request.method == "POST" else None


def came_from(request: HttpRequest) -> str:
    """Return the address of ours that ``?next=`` names, or an empty text."""
    back = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return back if ours else ""


def act_page(
    request: HttpRequest,
    form: ActForm,
    *,
    title: str,
    then: Callable[[Any], str] | str,
    done: str = "",
    cancel: str = "",
    template: str = "form_page.html",
    **context: Any,
) -> HttpResponse:
    """Show ``form``; sent in, perform its act, say ``done`` and go to ``then`` (an address, or a
    function of what the act returned). What is ``Postponed`` says so, and goes to its own page.

    Who came from elsewhere (``?next=``: the back-office) goes back there instead.
    """
    back = came_from(request)
    if request.method == "POST":
        try:
            result = form.submit(request.user)
        except NotAllowed as refusal:
            return refused(request, message=refusal.message)
        if isinstance(result, Postponed) and result.waits:
            messages.warning(request, result.sentence)
            return redirect(result.address)
        if result is not None:
            if done:
                messages.success(request, done)
            return redirect(back or (then(result) if callable(then) else then))
    page = {"form": form, "page_title": title, "cancel": back or cancel, **context}
    return render(request, template, page, status=form.status)


def secret_page(
    request: HttpRequest,
    form: ActForm,
    *,
    title: str,
    template: str,
    shows: tuple[str, ...],
    cancel: str,
    **context: Any,
) -> HttpResponse:
    """Show ``form``; sent in, perform its act and show the secret that it made in ``template``.

    ``shows`` names there, one by one, what the act returned. Without a redirect the secret is kept
    nowhere.
    """
    if request.method == "POST":
        try:
            made = form.submit(request.user)
        except NotAllowed as refusal:
            return refused(request, message=refusal.message)
        if made is not None:
            shown = dict(zip(shows, made, strict=True))
            return render(request, template, {"page_title": title, **shown})
    page = {"form": form, "page_title": title, "cancel": cancel, **context}
    return render(request, "form_page.html", page, status=form.status)


def history_page(request: HttpRequest, row: Model, back: str) -> HttpResponse:
    """Show who did what to ``row``; ``back`` is the address of its own page."""
    return render(request, "history.html", {"row": row, "events": history_of(row), "back": back})


def is_key(text: str | None) -> bool:
    """Tell whether a parameter of an address may be a row's key."""
    return bool(text) and text.isascii() and text.isdigit() and len(text) < 19


def parse_date_or(text: str | None, default: datetime.date) -> datetime.date:
    """Read a day from a parameter of an address; what is none gives ``default``."""
    try:
        return parse_date(text or "") or default
    except ValueError:  # "2026-02-31" is written like a day and is none
        return default
