"""The exit account of a lease: one page that counts, and the acts that make it hold."""

import datetime

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, history_page, may, sent
from akig.lib.periods import period_label
from akig.lib.proofs import proof_response
from payments.documents import exit_pdf
from payments.forms import exits as forms
from payments.models import Charge, Damage, ExitAccount
from payments.services.exits import preview_content, sheet_of
from payments.views.deposits import find_lease
from payments.views.papers import pdf_response

PARTS = ("charges", "left_out", "taken_off")


@require_safe
@may("deposit.view")
def exit_page(request: HttpRequest, lease_id: int) -> HttpResponse:
    """Show who owes whom when the tenant leaves: as it stands now, or as it was agreed."""
    lease = find_lease(request, lease_id)
    account = ExitAccount.objects.filter(lease=lease).select_related("drawn_by").first()
    page = {"lease": lease, "account": account, "currency": lease.site.currency}
    if account is not None:
        account.lease = lease
        is_agreed = account.state == ExitAccount.State.AGREED
        page["is_agreed"] = is_agreed
        said = account.content or preview_content(request.user, account, sheet_of(account))
        page["sheet"] = said
        page["parts"] = {name: [line_of(part) for part in said[name]] for name in PARTS}
        page["damages"] = account.damages.order_by("pk")
        page["instalments"] = account.instalments.all()
    return render(request, "payments/deposits/exit_page.html", page)


def line_of(part: dict) -> dict:
    """Return a part of a frozen account as the page shows it."""
    first, last = (datetime.date.fromisoformat(part[end]) for end in ("period_start", "period_end"))
    what = dict(Charge.Kind.choices)[part["kind"]]
    return {"what": f"{capfirst(what)}, {period_label(first, last)}", "amount": part["amount"]}


@may("deposit.manage")
def draw_exit(request: HttpRequest, lease_id: int) -> HttpResponse:
    lease = find_lease(request, lease_id)
    account = ExitAccount.objects.filter(lease=lease).first()
    initial = account and {"inspected_on": account.inspected_on, "notes": account.notes}
    return act_page(
        request,
        forms.DrawExitForm(request.POST or None, lease=lease, initial=initial or {}),
        title=_("Exit account of %(name)s") % {"name": lease.tenant},
        then=exit_address(lease),
        done=_("The exit account is kept; nothing is charged yet."),
        cancel=exit_address(lease),
    )


@may("deposit.manage")
def add_damage(request: HttpRequest, lease_id: int) -> HttpResponse:
    account = find_account(request, lease_id)
    return act_page(
        request,
        forms.AddDamageForm(request.POST or None, request.FILES or None, account=account),
        title=_("Damage found at %(name)s") % {"name": account.lease.property},
        consequence=_("It is charged to the tenant when the account is agreed."),
        then=exit_address(account.lease),
        done=_("The damage is noted."),
        cancel=exit_address(account.lease),
    )


@may("deposit.manage")
def remove_damage(request: HttpRequest, damage_id: int) -> HttpResponse:
    damage = find_damage(request, damage_id)
    back = exit_address(damage.account.lease)
    return act_page(
        request,
        forms.RemoveDamageForm(sent(request), damage=damage),
        title=_("Remove: %(what)s") % {"what": damage},
        then=back,
        done=_("The damage is removed."),
        cancel=back,
    )


@require_safe
@may("deposit.view")
def damage_photo(request: HttpRequest, damage_id: int) -> FileResponse:
    damage = find_damage(request, damage_id)
    return proof_response(damage.photo, f"{damage.account.lease.reference}-{damage.pk}")


@may("deposit.manage")
def agree_exit(request: HttpRequest, lease_id: int) -> HttpResponse:
    account = find_account(request, lease_id)
    if account.state == ExitAccount.State.AGREED:
        return redirect(exit_address(account.lease))
    sheet = sheet_of(account)
    return act_page(
        request,
        forms.AgreeExitForm(sent(request), account=account, rest=sheet.rest),
        title=_("Agree on the exit account of %(name)s") % {"name": account.lease.tenant},
        then=exit_address(account.lease),
        done=_("The account is agreed. Print it for both to sign."),
        cancel=exit_address(account.lease),
        template="payments/deposits/agree_exit.html",
        sheet=sheet,
        lease=account.lease,
        currency=account.site.currency,
    )


@require_safe
@may("deposit.view")
def exit_paper(request: HttpRequest, lease_id: int) -> HttpResponse:
    account = find_account(request, lease_id)
    said = account.content or preview_content(request.user, account, sheet_of(account))
    content = exit_pdf(account, said, printed_by=str(request.user), language=request.user.language)
    name = _("exit account")
    return pdf_response(content, f"{name.replace(' ', '-')}-{account.lease.reference}.pdf")


@require_safe
@may("deposit.manage")
def exit_history(request: HttpRequest, lease_id: int) -> HttpResponse:
    account = find_account(request, lease_id)
    return history_page(request, account, exit_address(account.lease))


def find_account(request: HttpRequest, lease_id: int) -> ExitAccount:
    accounts = ExitAccount.objects.visible_to(request.user).select_related(
        "site", "drawn_by", "lease__site", "lease__tenant", "lease__property"
    )
    return get_object_or_404(accounts, lease=lease_id)


def find_damage(request: HttpRequest, damage_id: int) -> Damage:
    damages = Damage.objects.filter(
        account__in=ExitAccount.objects.visible_to(request.user).values("pk")
    )
    return get_object_or_404(damages.select_related("account__lease"), pk=damage_id)


def exit_address(lease) -> str:
    return reverse("payments:exit_page", args=[lease.pk])
