"""The pages of instalment plans."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, may, paged
from recovery.forms import plans as forms
from recovery.models import Plan
from recovery.services.plans import standing_of
from recovery.views.desk import find_case
from sites_app.middleware import chosen_site


@require_safe
@may("arrears.view")
def plan_list(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", Plan.State.ACTIVE)
    plans = Plan.objects.visible_to(request.user).at(chosen_site(request))
    if state in Plan.State.values:
        plans = plans.filter(state=state)
    context = {
        "page": paged(request, plans.select_related("site", "tenant", "agreed_by")),
        "state": state,
        "states": Plan.State.choices,
    }
    return render(request, "recovery/plan_list.html", context)


@require_safe
@may("arrears.view")
def plan_page(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show the parts of a plan, and what the journal says of it today."""
    plan = find_plan(request, plan_id)
    standing = standing_of(plan) if plan.state == Plan.State.ACTIVE else plan.state
    context = {"plan": plan, "standing": standing, "label": Plan.State(standing).label}
    return render(request, "recovery/plan_page.html", context)


@may("arrears.modify")
def agree_plan(request: HttpRequest, case_id: int) -> HttpResponse:
    case = find_case(request, case_id)
    return act_page(
        request,
        forms.AgreePlanForm(request.POST or None, case=case),
        title=_("Agree with %(name)s on parts") % {"name": case.tenant},
        then=plan_address,
        done=_("The plan is agreed; the ladder waits while it is kept to."),
        cancel=reverse("recovery:case_page", args=[case.pk]),
        template="recovery/agree_plan.html",
        case=case,
        preview=reverse("recovery:preview_plan", args=[case.pk]),
    )


@require_safe
@may("arrears.modify")
def preview_plan(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show the parts that the form would make, as it is filled in."""
    case = find_case(request, case_id)
    form = forms.AgreePlanForm(request.GET, case=case)
    parts = form.preview() if form.is_valid() else []
    return render(request, "recovery/_parts.html", {"parts": parts, "case": case})


@may("arrears.modify")
def cancel_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    plan = find_plan(request, plan_id)
    return act_page(
        request,
        forms.CancelPlanForm(request.POST or None, plan=plan),
        title=_("Cancel the plan of %(name)s") % {"name": plan.tenant},
        consequence=_("The ladder goes on; the debt stands."),
        then=plan_address,
        done=_("The plan is cancelled."),
        cancel=plan_address(plan),
    )


def find_plan(request: HttpRequest, plan_id: int) -> Plan:
    plans = Plan.objects.visible_to(request.user).select_related("site", "tenant", "pause")
    return get_object_or_404(plans.prefetch_related("parts"), pk=plan_id)


def plan_address(plan: Plan) -> str:
    return reverse("recovery:plan_page", args=[plan.pk])
