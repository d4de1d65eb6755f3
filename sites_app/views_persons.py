"""The pages on which one person's data is handed out, and erased."""

from collections.abc import Collection

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.asking import ask_again
from akig.lib.doors import act_page, may, sent
from akig.lib.dossiers import handed_out
from akig.lib.errors import BusinessError
from sites_app.forms import ErasePersonForm, ExportPersonForm
from sites_app.models import Owner
from sites_app.services.erasing import parts_of
from sites_app.views_owners import owner_address


@may("tenant.export")
@ask_again
def export_owner(request: HttpRequest, owner_id: int) -> HttpResponse:
    owner = get_object_or_404(Owner.objects.visible_to(request.user), pk=owner_id)
    return export_page(request, owner, cancel=owner_address(owner))


@may("tenant.erase")
@ask_again
def erase_owner(request: HttpRequest, owner_id: int) -> HttpResponse:
    owner = get_object_or_404(Owner.objects.visible_to(request.user), pk=owner_id)
    return erase_page(request, owner, back=owner_address(owner))


def erase_page(request: HttpRequest, row: Model, *, back: str) -> HttpResponse:
    """Show what goes and what stays of ``row``, or what forbids it; sent in, erase and go back."""
    try:
        parts, refusal = parts_of(row), ""
    except BusinessError as objection:
        parts, refusal = [], objection.message
    return act_page(
        request,
        ErasePersonForm(request.POST or None, row=row),
        title=_("Erase: %(name)s") % {"name": row},
        then=back,
        done=_("The person is erased."),
        cancel=back,
        template="sites_app/erase_person.html",
        parts=parts,
        refusal=refusal,
    )


def export_page(
    request: HttpRequest, row: Model, *, through: Collection[type[Model]] = (), cancel: str
) -> HttpResponse:
    """Ask, then hand out all that is kept of ``row`` (an owner or a tenant) as a ZIP."""
    form = ExportPersonForm(sent(request), row=row, through=through)
    if form.is_bound and (packed := form.submit(request.user)) is not None:
        return handed_out(packed, f"{row.code}.zip")
    page = {
        "form": form,
        "page_title": _("Export all data: %(name)s") % {"name": row},
        "consequence": _(
            "One file with all that is kept of this person, identity and account numbers in "
            "clear. Hand it to the person alone. That you took it is on record."
        ),
        "cancel": cancel,
    }
    return render(request, "form_page.html", page)
