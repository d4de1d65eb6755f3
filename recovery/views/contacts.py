"""The pages on which calls, visits and promises are told."""

from django.db.models import Count, F, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, is_key, may, paged
from recovery.forms import contacts as forms
from recovery.models import Case, Promise
from recovery.services.wordings import script_for
from recovery.views.desk import case_address, find_case, told_of
from sites_app.middleware import chosen_site


@may("collection.log_call")
def log_call(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show all that a call needs on one screen; saved, go on to the next one."""
    case = find_case(request, case_id)
    return act_page(
        request,
        forms.LogCallForm(request.POST or None, case=case),
        title=_("Call %(name)s") % {"name": case.tenant},
        then=lambda _contact: next_address(request),
        done=_("The call is saved."),
        cancel=reverse("recovery:desk"),
        template="recovery/log_call.html",
        script=script_for(case),
        **told_of(request, case),
    )


def next_address(request: HttpRequest) -> str:
    """Return where to go after a call: the next one of the list, or the desk when it is empty."""
    following = Case.objects.visible_to(request.user).at(chosen_site(request)).to_call().first()
    if following is None:
        return reverse("recovery:desk")
    return reverse("recovery:log_call", args=[following.pk])


@may("collection.log_visit")
def log_visit(request: HttpRequest, case_id: int) -> HttpResponse:
    case = find_case(request, case_id)
    return act_page(
        request,
        forms.LogVisitForm(request.POST or None, case=case),
        title=_("Visit to %(name)s") % {"name": case.tenant},
        then=case_address(case),
        done=_("The visit is saved."),
        cancel=case_address(case),
        template="recovery/log_visit.html",
        case=case,
    )


@require_safe
@may("arrears.view")
def promise_list(request: HttpRequest) -> HttpResponse:
    """Show the promises of a state by their day, with what was promised and what came."""
    status = request.GET.get("status", Promise.Status.PENDING)
    promises = Promise.objects.visible_to(request.user).at(chosen_site(request))
    if status in Promise.Status.values:
        promises = promises.in_status(status)
    if is_key(request.GET.get("tenant")):
        promises = promises.filter(tenant=request.GET["tenant"])
    sums = list(
        promises.order_by()
        .values("site__currency")
        .annotate(number=Count("pk"), promised=Sum("amount"), came=Sum("received"))
        .order_by("site__currency")
    )
    is_past = status in ("kept", "partly_kept", "broken", "cancelled")
    context = {
        "page": paged(
            request,
            promises.order_by(F("due_on").desc() if is_past else "due_on", "pk"),
            shown=Promise.objects.select_related("site", "tenant", "made_by"),
            number=sum(row["number"] for row in sums),
        ),
        "sums": sums,
        "status": status,
        "statuses": Promise.Status.choices,
    }
    return render(request, "recovery/promise_list.html", context)


@may("collection.log_call")
def correct_promise(request: HttpRequest, promise_id: int) -> HttpResponse:
    promise = find_promise(request, promise_id)
    return act_page(
        request,
        forms.CorrectPromiseForm(request.POST or None, promise=promise),
        title=_("Correct the promise of %(name)s") % {"name": promise.tenant},
        then=reverse("recovery:promise_list"),
        done=_("The correction is saved."),
        cancel=reverse("recovery:promise_list"),
    )


@may("collection.log_call")
def cancel_promise(request: HttpRequest, promise_id: int) -> HttpResponse:
    promise = find_promise(request, promise_id)
    return act_page(
        request,
        forms.CancelPromiseForm(request.POST or None, promise=promise),
        title=_("Cancel the promise of %(name)s") % {"name": promise.tenant},
        consequence=_("Nobody waits for it any more, and it counts neither as kept nor as broken."),
        then=reverse("recovery:promise_list"),
        done=_("The promise is cancelled."),
        cancel=reverse("recovery:promise_list"),
    )


def find_promise(request: HttpRequest, promise_id: int) -> Promise:
    promises = Promise.objects.visible_to(request.user).select_related("site", "tenant")
    return get_object_or_404(promises, pk=promise_id)
