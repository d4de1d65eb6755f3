"""The back-office: browse, filter, correct, export. Acts are buttons that open the pages' forms.

Rows come from ``visible_to`` and rights from the role, as on the pages. Nothing is deleted here,
and what a service writes (money, leases, mandates) is never edited here.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pghistory
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.dispatch import Signal
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import ModelResource, modelresource_factory
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import action

from akig.lib.encryption import encrypted_names
from akig.lib.errors import BusinessError
from akig.lib.history import history_of
from akig.lib.money import format_amount

#: Sent by a model whose rows leave as a file: ``request`` and the queryset ``rows``.
taken_out = Signal()
MOST_COUNTED = 10_000
MOST_EXPORTED = 50_000
NEVER_SHOWN = ("search", "version", "created_at")


class CappedPaginator(Paginator):
    """Pages that count to ten thousand and no further: further back one filters, not leafs."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[:MOST_COUNTED].count()
        return len(rows)


class BranchFilter(admin.SimpleListFilter):
    """The branches of the person, and no others even by name."""

    title = gettext_lazy("branch")
    parameter_name = "site"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(site.code, site.name) for site in request.sites]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(site=self.value()) if self.value() else queryset


class Workbook(XLSX):
    """XLSX through ``akig.lib.formats``: no library of workbooks in a web process."""

    def export_data(self, dataset: Any, **kwargs: Any) -> bytes:
        return self.get_format().export_set(dataset)


class ExportedRow(ModelResource):
    """A row as it goes out; a text that a spreadsheet would run is made harmless by settings."""


class RoleAdmin(ModelAdmin):
    """What everything in the back-office shares; subclasses name the permissions they ask."""

    view_code = ""
    add_code = ""
    change_code = ""

    list_per_page = 50
    list_fullwidth = True
    list_filter_submit = False
    show_full_result_count = False
    paginator = CappedPaginator
    compressed_fields = True
    warn_unsaved_form = True
    #: Fields that only an act may change.
    fixed: tuple[str, ...] = ()
    #: Fields in minor units: where they are only read they are grouped and name the currency.
    amounts: tuple[str, ...] = ()
    #: The act that writes a correction, and the name of its argument: (correct_owner, "owner").
    correcting: tuple[Callable, str] | None = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_staff and request.user.may(self.view_code)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(self.add_code) and request.user.may(self.add_code)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(self.change_code) and request.user.may(self.change_code)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> QuerySet | None:
        """Offer in every choice only rows that exist for the person."""
        rows = super().get_field_queryset(db, db_field, request)
        if rows is None:
            rows = db_field.remote_field.model._default_manager.all()
        return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        names = {field.name for field in self.model._meta.get_fields()}
        hidden = (names & {"search"}) | encrypted_names(self.model)
        return [*(super().get_exclude(request, obj) or ()), *sorted(hidden)]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list:
        fixed = self.fixed if obj is not None else ()
        return [
            *map(self._cell, super().get_readonly_fields(request, obj)),
            *map(self._cell, fixed),
        ]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list:
        names = super().get_fields(request, obj)
        if obj is None:
            return names
        if not self.has_change_permission(request, obj):
            return [self._cell(name) for name in names]
        fixed = {*self.fixed, *self.readonly_fields}
        # The form leaves fixed fields out, and the parent appends them: each once, where it stood.
        return list(dict.fromkeys(self._cell(name) if name in fixed else name for name in names))

    @cached_property
    def _cells(self) -> dict[str, Callable]:
        fields = {name: self.model._meta.get_field(name) for name in self.amounts}
        return {name: _amount_cell(name, field.verbose_name) for name, field in fields.items()}

    def _cell(self, name: Any) -> Any:
        """Return what shows an amount to be read; every other field is shown as it is."""
        return self._cells.get(name, name)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tell a refusal of the business above the form; what was begun is undone."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except BusinessError as refusal:
            messages.error(request, refusal.message)
            return redirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: Any) -> None:
        if change and self.correcting:
            correct, noun = self.correcting
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            correct(actor=request.user, **{noun: obj}, **changes)
            return
        with pghistory.context(verb=f"admin.{obj._meta.label_lower}"):
            super().save_model(request, obj, form, change)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list:
        """Leave out the buttons that the person may not press, or whose page is not there."""
        buttons = super().get_actions_detail(request, object_id)
        return [button for button in buttons if _offered(request, button.method)]

    def get_actions_list(self, request: HttpRequest) -> list:
        buttons = super().get_actions_list(request)
        return [button for button in buttons if _offered(request, button.method)]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """Show the database's own history; Django's log knows only what went through here."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(name)s") % {"name": row},
            "events": history_of(row) if hasattr(row, "events") else [],
            "object": row,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/row_history.html", context)


def _offered(request: HttpRequest, button: Callable) -> bool:
    permission = getattr(button, "permission", "")
    if permission and not request.user.may(permission):
        return False
    try:
        if url_name := getattr(button, "url_name", ""):
            reverse(url_name, args=[1])
        if url_name := getattr(button, "list_url_name", ""):
            reverse(url_name)
    except NoReverseMatch:
        return False
    return True


class BranchAdmin(ExportMixin, RoleAdmin):
    """A noun that belongs to a branch: only visible rows, exportable as the list shows them."""

    export_code = ""
    export_form_class = ExportForm
    export_formats = [CSV, Workbook]
    list_filter: tuple = (BranchFilter,)
    list_select_related: Any = ("site",)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.may(self.export_code or self.view_code)

    def get_export_resource_classes(self, request: HttpRequest) -> list[type[ModelResource]]:
        hidden = {*NEVER_SHOWN, *encrypted_names(self.model)}
        names = [f.name for f in self.model._meta.concrete_fields if f.name not in hidden]
        resource = modelresource_factory(
            self.model, resource_class=ExportedRow, meta_options={"fields": names}
        )
        return [resource]

    def get_export_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_export_queryset(request)
        # One query per column and row otherwise: the keys are written out of the joined rows.
        return rows.select_related(*self.list_select_related or ())

    def get_valid_export_item_pks(self, request: HttpRequest) -> QuerySet:
        """Let only visible rows be chosen; the package would take every key of the table."""
        return self.get_queryset(request).values_list("pk", flat=True)[:MOST_EXPORTED]

    def export_action(self, request: HttpRequest) -> HttpResponse:
        if not self.has_export_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            beyond = self.get_export_queryset(request).order_by()[MOST_EXPORTED:]
            if beyond.exists():
                sentence = _("More than %(most)s rows: narrow the list by its filters first.")
                messages.warning(request, sentence % {"most": MOST_EXPORTED})
                return redirect(request.get_full_path())
            taken_out.send(self.model, request=request, rows=self.get_export_queryset(request))
        return super().export_action(request)


class ReadOnlyAdmin(BranchAdmin):
    """Money and what follows from it: to be read, never added, changed or deleted here."""

    add_code = change_code = ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(TabularInline):
    """Rows that are shown below another one and cannot be touched."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = True
    hide_title = True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_staff

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def act(url_name: str, label: Any, permission: str) -> Callable:
    """Return a button of a row that opens the page's form of an act and comes back afterwards."""

    @action(description=label)
    def button(self: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
        if not request.user.may(permission):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        info = self.model._meta.app_label, self.model._meta.model_name
        back = reverse("admin:{}_{}_change".format(*info), args=[object_id])
        address = reverse(url_name, args=[row.pk])
        return redirect(f"{address}?{urlencode({'next': back})}")

    button.url_name, button.permission = url_name, permission
    return button


def list_act(url_name: str, label: Any, permission: str) -> Callable:
    """Return a button above a list that opens the page's form and comes back afterwards."""

    @action(description=label)
    def button(self: ModelAdmin, request: HttpRequest) -> HttpResponse:
        if not request.user.may(permission):
            raise PermissionDenied
        info = self.model._meta.app_label, self.model._meta.model_name
        back = reverse("admin:{}_{}_changelist".format(*info))
        return redirect(f"{reverse(url_name)}?{urlencode({'next': back})}")

    button.list_url_name, button.permission = url_name, permission
    return button


def bring_in() -> Callable:
    """Return the button that opens the import of spreadsheets."""
    return list_act("imports:import_list", gettext_lazy("Import"), "import.run")


def _amount_cell(name: str, label: Any) -> Callable:
    @admin.display(description=label)
    def cell(row: Model) -> str:
        amount = getattr(row, name)
        return "–" if amount is None else format_amount(amount, row.site.currency)

    cell.__name__ = name
    return cell


def money_column(name: str, label: Any) -> Callable:
    """Return a column of an amount with its currency; the list joins the branch."""

    cell = _amount_cell(name, label)

    @admin.display(description=label, ordering=name)
    def column(self: ModelAdmin, row: Model) -> str:
        return cell(row)

    return column
