"""The pages of what is written to late tenants: triage, what is to be sent, the letter."""

from urllib.parse import quote

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, is_key, may, paged
from recovery.documents import demand_pdf
from recovery.forms import steps as forms
from recovery.models import Action, Case, Channel
from recovery.querysets import UNDER_WAY
from recovery.services.ladders import quiet_ladders
from recovery.services.steps import address_of, propose_all
from recovery.services.wordings import words_for
from recovery.views.desk import find_case
from sites_app.middleware import chosen_site, sites_shown


@may("collection.view_all")
def triage(request: HttpRequest) -> HttpResponse:
    """Show what the ladder would have written today, for somebody to choose."""
    cases = Case.objects.visible_to(request.user).at(chosen_site(request)).to_write()
    form = forms.DecideForm(request.POST or None, cases=cases)
    if request.method == "POST":
        decided = form.submit(request.user)
        if decided is not None:
            text = ngettext("%(n)s step decided.", "%(n)s steps decided.", len(decided))
            messages.success(request, text % {"n": len(decided)})
            return redirect("recovery:action_list")
    page = paged(request, cases.for_list())
    context = {
        "page": page,
        "proposals": propose_all(page),
        "form": form,
        "quiet": quiet_ladders(sites_shown(request)),
    }
    return render(request, "recovery/triage.html", context, status=form.status)


@may("collection.view_all")
def decide_otherwise(request: HttpRequest, case_id: int) -> HttpResponse:
    case = find_proposed(request, case_id)
    return act_page(
        request,
        forms.OtherwiseForm(request.POST or None, case=case),
        title=_("Write to %(name)s another way") % {"name": case.tenant},
        then=reverse("recovery:triage"),
        done=_("The step is decided."),
        cancel=reverse("recovery:triage"),
    )


@may("collection.view_all")
def leave_out(request: HttpRequest, case_id: int) -> HttpResponse:
    case = find_proposed(request, case_id)
    return act_page(
        request,
        forms.LeaveOutForm(request.POST or None, case=case),
        title=_("Leave out %(name)s") % {"name": case.tenant},
        then=reverse("recovery:triage"),
        done=_("The step is left out."),
        cancel=reverse("recovery:triage"),
    )


@require_safe
@may("collection.log_call")
def action_list(request: HttpRequest) -> HttpResponse:
    """Show what is to be sent by hand, or what was sent or left out, with its cost."""
    state = request.GET.get("state", Action.State.TO_SEND)
    actions = Action.objects.visible_to(request.user).at(chosen_site(request))
    if state in Action.State.values:
        shown_with = UNDER_WAY if state == Action.State.TO_SEND else (state,)
        actions = actions.filter(state__in=shown_with)
    if is_key(request.GET.get("tenant")):
        actions = actions.filter(tenant=request.GET["tenant"])
    sums = list(
        actions.order_by()
        .values("site__currency")
        .annotate(number=Count("pk"), cost=Sum("cost"))
        .order_by("site__currency")
    )
    shown = Action.objects.select_related("site", "tenant", "level", "decided_by", "sent_by")
    context = {
        "page": paged(
            request,
            actions.order_by("-decided_at", "-pk"),
            shown=shown,
            number=sum(row["number"] for row in sums),
        ),
        "sums": sums,
        "state": state,
        "states": [choice for choice in Action.State.choices if choice[0] != "sending"],
    }
    return render(request, "recovery/action_list.html", context)


@may("collection.log_call")
def send_step(request: HttpRequest, action_id: int) -> HttpResponse:
    """Show one message as it reads now, with the link that opens it; sent, note so."""
    action = find_action(request, action_id)
    if action.state == Action.State.SENDING:
        return redirect("recovery:settle_step", action.pk)
    if action.state != Action.State.TO_SEND:
        return redirect("recovery:action_list")
    case = get_object_or_404(
        Case.objects.visible_to(request.user).for_list(), site=action.site, tenant=action.tenant
    )
    text = words_for(case, action.level, action.channel)
    return act_page(
        request,
        forms.SendStepForm(request.POST or None, action=action, initial={"amount": case.balance}),
        title=_("Write to %(name)s") % {"name": action.tenant},
        then=after_sending,
        cancel=reverse("recovery:action_list"),
        template="recovery/send_step.html",
        action=action,
        case=case,
        text=text,
        link=link_to(action.channel, address_of(case.tenant, action.channel), text),
        quiet=quiet_ladders([action.site_id]),
    )


@may("collection.log_call")
def settle_step(request: HttpRequest, action_id: int) -> HttpResponse:
    """Ask whether an e-mail went whose sending was interrupted."""
    action = find_action(request, action_id)
    return act_page(
        request,
        forms.SettleStepForm(request.POST or None, action=action),
        title=_("Did the e-mail to %(name)s go?") % {"name": action.tenant},
        consequence=_(
            "The connection ended before the mail server answered. Look among the sent mail, or "
            "ask the tenant: said to have gone it is not sent again."
        ),
        then=reverse("recovery:action_list"),
        done=_("It is noted."),
        cancel=reverse("recovery:action_list"),
    )


def link_to(channel: str, address: str | None, text: str) -> str:
    """Return the address that opens a telephone's own program with ``text``; empty without one."""
    if not address:
        return ""
    return {
        Channel.SMS: f"sms:{address}?body={quote(text)}",
        Channel.WHATSAPP: f"https://wa.me/{address.removeprefix('+')}?text={quote(text)}",
    }.get(channel, "")


def after_sending(action: Action) -> str:
    """Return where to go: to what is printed next or did not go, else to what is left."""
    seen = action.channel == Channel.LETTER or action.state == Action.State.FAILED
    return reverse("recovery:action_list") + (f"?state={action.state}" if seen else "")


@require_safe
@may("collection.log_call")
def letter(request: HttpRequest, action_id: int) -> HttpResponse:
    """Hand out the letter of a step that was sent."""
    action = find_action(request, action_id)
    if action.channel != Channel.LETTER or action.state != Action.State.SENT:
        raise Http404
    content = demand_pdf(action, printed_by=request.user.name)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="mise-en-demeure-{action.pk}.pdf"'
    return response


def find_action(request: HttpRequest, action_id: int) -> Action:
    actions = Action.objects.visible_to(request.user).select_related("site", "tenant", "level")
    return get_object_or_404(actions, pk=action_id)


def find_proposed(request: HttpRequest, case_id: int) -> Case:
    """Return a case that has a next step. Raises Http404."""
    case = find_case(request, case_id)
    if case.next_level is None:
        raise Http404
    return case
