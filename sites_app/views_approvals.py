"""The pages of what waits for a second person."""

import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.act_words import act_word
from accounts.asking import ask_again
from akig.lib.doors import act_page, history_page, may, paged, sent
from akig.lib.money import format_amount
from sites_app import forms
from sites_app.middleware import chosen_site
from sites_app.models import Approval
from sites_app.services.approving import GUARDED, approvers, elsewhere, to_decide, together


@require_safe
@may("approval.view")
def approval_list(request: HttpRequest) -> HttpResponse:
    """Show what waits, the oldest first, or what was decided."""
    state = request.GET.get("state", Approval.State.PENDING)
    rows = Approval.objects.visible_to(request.user).at(chosen_site(request))
    if state in Approval.State.values:
        rows = rows.filter(state=state)
    order = ("asked_at", "pk") if state == Approval.State.PENDING else ("-asked_at", "-pk")
    page = paged(request, rows.select_related("site", "asked_by").order_by(*order))
    context = {"page": page, "state": state, "states": Approval.State.choices}
    if state == Approval.State.PENDING and page.number == 1:
        context["elsewhere"] = elsewhere(request.user, chosen_site(request))
    return render(request, "sites_app/approval_list.html", context)


@require_safe
@may("approval.view")
def approval_page(request: HttpRequest, approval_id: int) -> HttpResponse:
    approval = find_approval(request, approval_id)
    guard = GUARDED[approval.act]
    said = guard.said(approval)
    context = {
        "approval": approval,
        "subject": reverse(guard.page, args=[approval.object_id]),
        "told": [
            (word, _shown(said[name], approval.site.currency))
            for name, word in guard.told.items()
            if name in said
        ],
        "approvers": approvers(approval),
        "together": together(approval) if approval.waits else 0,
        "days": guard.days,
        "may_decide": to_decide(request.user).filter(pk=approval.pk).exists(),
    }
    return render(request, "sites_app/approval_page.html", context)


def _shown(value, currency) -> str:
    if isinstance(value, datetime.date):
        return date_format(value)
    return format_amount(value, currency)


@may("approval.decide")
@ask_again
def approve(request: HttpRequest, approval_id: int) -> HttpResponse:
    approval = find_approval(request, approval_id)
    return act_page(
        request,
        forms.ApproveForm(sent(request), approval=approval),
        title=_("Approve: %(what)s") % {"what": told(approval)},
        consequence=_("%(amount)s: it happens at once, as an act of %(name)s.")
        % {
            "amount": format_amount(approval.amount, approval.site.currency),
            "name": approval.asked_by,
        },
        then=approval.address,
        done=_("It is approved and done."),
        cancel=approval.address,
    )


@may("approval.decide")
def refuse_approval(request: HttpRequest, approval_id: int) -> HttpResponse:
    approval = find_approval(request, approval_id)
    return act_page(
        request,
        forms.RefuseApprovalForm(request.POST or None, approval=approval),
        title=_("Refuse: %(what)s") % {"what": told(approval)},
        then=approval.address,
        done=_("It is refused."),
        cancel=approval.address,
    )


@may("approval.view")
def withdraw_approval(request: HttpRequest, approval_id: int) -> HttpResponse:
    approval = find_approval(request, approval_id)
    return act_page(
        request,
        forms.WithdrawApprovalForm(sent(request), approval=approval),
        title=_("Withdraw: %(what)s") % {"what": told(approval)},
        then=approval.address,
        done=_("It is withdrawn."),
        cancel=approval.address,
    )


@require_safe
@may("approval.view")
def approval_history(request: HttpRequest, approval_id: int) -> HttpResponse:
    approval = find_approval(request, approval_id)
    return history_page(request, approval, approval.address)


def find_approval(request: HttpRequest, approval_id: int) -> Approval:
    rows = Approval.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("site", "asked_by", "decided_by"), pk=approval_id)


def told(approval: Approval) -> str:
    return f"{act_word(approval.act)}, {approval.about}"
