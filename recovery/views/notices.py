"""The pages of notices: written, validated, their paper, withdrawn."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, history_page, may, paged, sent
from recovery.documents import notice_pdf
from recovery.forms import notices as forms
from recovery.models import Notice
from recovery.services.notices import keep_paper
from sites_app.middleware import chosen_site
from sites_app.rules import rules_for
from tenants.models import Lease


@require_safe
@may("notice.view")
def notice_list(request: HttpRequest) -> HttpResponse:
    """Show the notices of a state, the newest first."""
    state = request.GET.get("state", Notice.State.ISSUED)
    notices = Notice.objects.visible_to(request.user).at(chosen_site(request))
    if state in Notice.State.values:
        notices = notices.filter(state=state)
    rows = notices.select_related("site", "tenant", "lease", "written_by")
    context = {"page": paged(request, rows), "state": state, "states": Notice.State.choices}
    return render(request, "recovery/notice_list.html", context)


@require_safe
@may("notice.view")
def notice_page(request: HttpRequest, notice_id: int) -> HttpResponse:
    notice = find_notice(request, notice_id)
    return render(request, "recovery/notice_page.html", {"notice": notice})


@require_safe
@may("notice.view")
def notice_paper(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Hand out the paper of an issued notice; it is kept as it is printed first."""
    notice = find_notice(request, notice_id)
    if notice.issued_at is None:
        raise Http404
    if not notice.digest:
        notice = keep_paper(actor=request.user, notice=notice, paper=notice_pdf(notice))
    response = HttpResponse(notice.paper.read(), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{notice.number}.pdf"'
    return response


@may("notice.view")
def notice_history(request: HttpRequest, notice_id: int) -> HttpResponse:
    notice = find_notice(request, notice_id)
    return history_page(request, notice, notice_address(notice))


@may("notice.create")
def write_notice(request: HttpRequest, lease_id: int) -> HttpResponse:
    leases = Lease.objects.visible_to(request.user).select_related("site", "tenant")
    lease = get_object_or_404(leases, pk=lease_id)
    rules = rules_for(lease.site)
    sentence = _(
        "The branch's delay is %(days)s days for a tenant, %(owner_days)s for an owner of an "
        "unfurnished home. Somebody validates the notice; then the lease ends on its day."
    )
    kind = request.GET.get("kind", Notice.Kind.TENANT)
    return act_page(
        request,
        forms.WriteNoticeForm(request.POST or None, lease=lease, initial={"kind": kind}),
        title=_("Notice: %(lease)s") % {"lease": f"{lease.tenant} · {lease}"},
        consequence=sentence % {"days": rules.notice_days, "owner_days": rules.owner_notice_days},
        then=notice_address,
        done=_("The notice is written and waits to be validated."),
        cancel=reverse("tenants:lease_page", args=[lease.pk]),
    )


@may("notice.validate")
def issue_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    notice = find_notice(request, notice_id)
    return act_page(
        request,
        forms.IssueNoticeForm(sent(request), notice=notice),
        title=_("Issue the notice of %(name)s") % {"name": notice.tenant},
        consequence=_(
            "It gets its number, its paper says what stands today, and the lease %(lease)s ends "
            "on %(day)s."
        )
        % {"lease": notice.lease, "day": notice.leaves_on.strftime("%d/%m/%Y")},
        then=notice_address,
        done=_("The notice is issued."),
        cancel=notice_address(notice),
    )


@may("notice.create")
def discard_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    notice = find_notice(request, notice_id)
    return act_page(
        request,
        forms.DiscardNoticeForm(sent(request), notice=notice),
        title=_("Give up the notice of %(name)s") % {"name": notice.tenant},
        then=notice_address,
        done=_("The notice is given up."),
        cancel=notice_address(notice),
    )


@may("notice.validate")
def withdraw_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    notice = find_notice(request, notice_id)
    return act_page(
        request,
        forms.WithdrawNoticeForm(request.POST or None, notice=notice),
        title=_("Withdraw the notice of %(name)s") % {"name": notice.tenant},
        consequence=_("The lease goes on as before; the paper stays among the papers."),
        then=notice_address,
        done=_("The notice is withdrawn."),
        cancel=notice_address(notice),
    )


def find_notice(request: HttpRequest, notice_id: int) -> Notice:
    notices = Notice.objects.visible_to(request.user)
    rows = notices.select_related("site", "tenant", "lease", "written_by", "issued_by")
    return get_object_or_404(rows, pk=notice_id)


def notice_address(notice: Notice) -> str:
    return reverse("recovery:notice_page", args=[notice.pk])
