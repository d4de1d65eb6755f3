"""The pages of disputes."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, may, paged
from akig.lib.proofs import proof_response
from recovery.forms import disputes as forms
from recovery.models import Dispute, DisputeStep
from recovery.services.disputes import NEXT
from sites_app.middleware import chosen_site
from tenants.models import Tenant


@require_safe
@may("dispute.view")
def dispute_list(request: HttpRequest) -> HttpResponse:
    """Show the disputes that run, the most pressing first, or those that have ended."""
    disputes = Dispute.objects.visible_to(request.user).at(chosen_site(request))
    ended = request.GET.get("ended") == "1"
    rows = (
        disputes.exclude(ended_on=None).order_by("-ended_on", "-pk")
        if ended
        else disputes.running().order_by("step_due_on", "pk")
    )
    page = paged(request, rows.select_related("site", "tenant"))
    return render(request, "recovery/dispute_list.html", {"page": page, "ended": ended})


@require_safe
@may("dispute.view")
def dispute_page(request: HttpRequest, dispute_id: int) -> HttpResponse:
    dispute = find_dispute(request, dispute_id)
    context = {
        "dispute": dispute,
        "steps": dispute.steps.select_related("made_by"),
        "goes_on": dispute.state in NEXT,
    }
    return render(request, "recovery/dispute_page.html", context)


@may("dispute.manage")
def file_dispute(request: HttpRequest, tenant_id: int) -> HttpResponse:
    tenants = Tenant.objects.visible_to(request.user).select_related("site")
    tenant = get_object_or_404(tenants, pk=tenant_id)
    return act_page(
        request,
        forms.FileDisputeForm(request.POST or None, request.FILES or None, tenant=tenant),
        title=_("%(name)s contests") % {"name": tenant},
        consequence=_("Until it is settled the tenant is not reminded; the debt stands."),
        then=dispute_address,
        done=_("The dispute is filed; the ladder waits."),
        cancel=reverse("tenants:tenant_page", args=[tenant.pk]),
    )


@may("dispute.manage")
def advance_dispute(request: HttpRequest, dispute_id: int) -> HttpResponse:
    dispute = find_dispute(request, dispute_id)
    return act_page(
        request,
        forms.AdvanceDisputeForm(request.POST or None, request.FILES or None, dispute=dispute),
        title=_("Dispute of %(name)s: next step") % {"name": dispute.tenant},
        then=dispute_address,
        done=_("The step is noted."),
        cancel=dispute_address(dispute),
    )


@require_safe
@may("dispute.view")
def evidence(request: HttpRequest, step_id: int) -> FileResponse:
    steps = DisputeStep.objects.visible_to(request.user)
    step = get_object_or_404(steps, pk=step_id)
    return proof_response(step.evidence, f"litige-{step.dispute_id}-{step.pk}")


def find_dispute(request: HttpRequest, dispute_id: int) -> Dispute:
    disputes = Dispute.objects.visible_to(request.user).select_related("site", "tenant", "pause")
    return get_object_or_404(disputes, pk=dispute_id)


def dispute_address(dispute: Dispute) -> str:
    return reverse("recovery:dispute_page", args=[dispute.pk])
