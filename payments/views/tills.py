"""The pages of cash: in whose hands, hand-overs, the closing of a till, the way to the bank."""

from urllib.parse import urlencode

from django.db.models import Prefetch, Sum, Window
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, history_page, is_key, may, paged
from payments.documents import hand_over_pdf
from payments.forms import tills as forms
from payments.metrics import tills as metrics
from payments.models import (
    Account,
    BankDeposit,
    CashLimit,
    DayClosing,
    HandOver,
    JournalEntry,
    JournalLine,
    Payment,
)
from payments.services.tills import may_receive
from payments.views.papers import pdf_response
from sites_app.middleware import chosen_site, sites_of, sites_shown
from tenants.models import Lease

ROWS = 10
LATEST = 5
ENTERED = 50


def choose_branch(request: HttpRequest, title: str) -> HttpResponse:
    """Ask at which branch: notes are counted in one currency."""
    context = {"page_title": title, "branches": sites_of(request)}
    return render(request, "payments/tills/choose_branch.html", context)


@require_safe
@may("cash.handle")
def cash_page(request: HttpRequest) -> HttpResponse:
    """Show where the cash is: one's own, and for who keeps a till everybody's."""
    user, sites = request.user, sites_shown(request)
    keeps_till = user.is_staff
    hands = metrics.cash_in_hands(sites, person=None if keeps_till else user)
    seen = _hand_overs(request).filter(site__in=sites)
    context = {
        "keeps_till": keeps_till,
        "hands": hands,
        "tills": metrics.tills_of(sites) if keeps_till else [],
        "waiting": list(seen.open()),
        "latest": seen.exclude(state=HandOver.State.DECLARED)[:LATEST],
        "branches": sites,
    }
    return render(request, "payments/tills/cash_page.html", context)


@require_safe
@may("cash.handle")
def cash_account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show every movement of one person's cash, or of a till, with the balance after each."""
    accounts = Account.objects.cash_of(request.user).select_related("site", "holder")
    account = get_object_or_404(accounts, pk=account_id)
    lines = JournalLine.objects.filter(site=account.site_id, account=account)
    balance = Window(Sum("amount"), order_by=["value_date", "pk"])
    shown = lines.annotate(balance=balance).order_by("-value_date", "-pk")
    shown = shown.select_related("entry__payment__lease__tenant", "entry__hand_over")
    context = {
        "account": account,
        "page": paged(request, shown),
        "balance": metrics.cash_in(account),
    }
    return render(request, "payments/tills/cash_account.html", context)


def _hand_overs(request: HttpRequest):
    rows = HandOver.objects.visible_to(request.user).select_related(
        "site", "source", "target", "given_by", "received_by"
    )
    return rows.order_by("-given_at", "-pk")


@require_safe
@may("cash.handle")
def hand_over_list(request: HttpRequest) -> HttpResponse:
    rows = _hand_overs(request).at(chosen_site(request))
    if request.GET.get("state"):
        rows = rows.filter(state=request.GET["state"])
    if is_key(request.GET.get("account")):
        rows = rows.filter(source=request.GET["account"])
    context = {"page": paged(request, rows), "states": HandOver.State.choices}
    return render(request, "payments/tills/hand_over_list.html", context)


@may("cash.handle")
def declare_hand_over(request: HttpRequest) -> HttpResponse:
    title = _("How much do you hand over?")
    site = chosen_site(request)
    if site is None:
        return choose_branch(request, title)
    form = forms.HandOverForm(request.POST or None, site=site, actor=request.user)
    hands = metrics.cash_in_hands([site], person=request.user)
    context = {"site": site, "hand": hands[0] if hands else None}
    return _count_page(
        request,
        form,
        title=title,
        then=_hand_over_address,
        done=_("The hand-over is declared: who receives it counts and confirms."),
        cancel=reverse("payments:cash_page"),
        **context,
    )


def _count_page(request: HttpRequest, form, **context) -> HttpResponse:
    """Show a count; the button of browsers without JavaScript only adds up."""
    template = "payments/tills/count.html"
    if "look" in request.POST:
        form.is_valid()
        page = {"form": form, "page_title": context.pop("title"), **context}
        return render(request, template, page)
    return act_page(request, form, template=template, **context)


def _hand_over_address(hand_over: HandOver) -> str:
    return reverse("payments:hand_over_page", args=[hand_over.pk])


@require_safe
@may("cash.handle")
def hand_over_page(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    hand_over = get_object_or_404(_hand_overs(request), pk=hand_over_id)
    is_open = hand_over.state == HandOver.State.DECLARED
    receives = is_open and may_receive(request.user, hand_over)
    context = {
        "hand_over": hand_over,
        "notes": notes_of(hand_over),
        "receives": receives,
        "refuses": is_open and (receives or hand_over.given_by_id == request.user.pk),
    }
    if hand_over.entry_id and request.user.may("ledger.view"):
        lines = JournalLine.objects.select_related("account", "owner").order_by("pk")
        entries = JournalEntry.objects.filter(pk=hand_over.entry_id)
        entries = entries.select_related("site", "created_by")
        context["entries"] = entries.prefetch_related(Prefetch("lines", lines))
    return render(request, "payments/tills/hand_over_page.html", context)


@require_safe
@may("cash.handle")
def hand_over_history(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    hand_over = get_object_or_404(_hand_overs(request), pk=hand_over_id)
    return history_page(request, hand_over, _hand_over_address(hand_over))


def notes_of(hand_over: HandOver) -> list[dict]:
    """Return each denomination with the numbers declared and counted, the largest first."""
    said, found = hand_over.declared_notes, hand_over.counted_notes
    return [
        {"worth": worth, "declared": said.get(str(worth)), "counted": found.get(str(worth))}
        for worth in sorted({int(worth) for worth in (*said, *found)}, reverse=True)
    ]


@may("cash.handle")
def confirm_hand_over(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    """Let the receiver count without being told what was declared."""
    hand_over = get_object_or_404(_hand_overs(request), pk=hand_over_id)
    if hand_over.state != HandOver.State.DECLARED and request.method != "POST":
        return redirect(_hand_over_address(hand_over))
    form = forms.ConfirmHandOverForm(request.POST or None, hand_over=hand_over)
    return _count_page(
        request,
        form,
        title=_("How much do you receive from %(name)s?") % {"name": hand_over.given_by},
        then=_hand_over_address,
        done=_("The hand-over is confirmed."),
        cancel=_hand_over_address(hand_over),
        site=hand_over.site,
    )


@may("cash.handle")
def refuse_hand_over(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    hand_over = get_object_or_404(_hand_overs(request), pk=hand_over_id)
    return act_page(
        request,
        forms.RefuseHandOverForm(request.POST or None, hand_over=hand_over),
        title=_("Refuse the hand-over of %(name)s") % {"name": hand_over.given_by},
        consequence=_("Nothing is posted: the cash stays with who declared it."),
        then=_hand_over_address,
        done=_("The hand-over is refused."),
        cancel=_hand_over_address(hand_over),
    )


@require_safe
@may("cash.handle")
def hand_over_paper(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    hand_over = get_object_or_404(_hand_overs(request), pk=hand_over_id)
    content = hand_over_pdf(hand_over, notes_of(hand_over), printed_by=str(request.user))
    return pdf_response(content, f"remise-{hand_over.pk}.pdf")


@require_safe
@may("cash.close")
def closing_list(request: HttpRequest) -> HttpResponse:
    """Show the days that were closed, and those that wait."""
    sites = sites_shown(request)
    rows = DayClosing.objects.visible_to(request.user).filter(site__in=sites)
    waiting = metrics.open_days(sites)
    context = {
        "page": paged(request, rows.select_related("site", "closed_by").order_by("-day", "site")),
        "waiting": [(site, waiting[site.pk]) for site in sites if site.pk in waiting],
    }
    return render(request, "payments/tills/closing_list.html", context)


@may("cash.close")
def close_day(request: HttpRequest) -> HttpResponse:
    title = _("How much is in the till?")
    site = chosen_site(request)
    if site is None:
        return choose_branch(request, title)
    day = request.GET.get("day")
    form = forms.CloseDayForm(
        request.POST or None, site=site, initial={"day": day} if day else None
    )
    return _count_page(
        request,
        form,
        title=title,
        then=reverse("payments:closing_list"),
        done=_("The day is closed."),
        cancel=reverse("payments:closing_list"),
        site=site,
    )


@require_safe
@may("cash.close")
def bank_deposit_list(request: HttpRequest) -> HttpResponse:
    rows = BankDeposit.objects.visible_to(request.user).at(chosen_site(request))
    if request.GET.get("state") == "on_way":
        rows = rows.filter(line=None)
    elif request.GET.get("state") == "arrived":
        rows = rows.exclude(line=None)
    sums = rows.order_by().values("site__currency").annotate(amount=Sum("amount"))
    shown = rows.select_related("site", "source", "account", "made_by", "line")
    context = {
        "page": paged(request, shown.order_by("-day", "-pk")),
        "sums": sums.order_by("site__currency"),
    }
    return render(request, "payments/tills/bank_deposit_list.html", context)


@may("cash.close")
def carry_to_bank(request: HttpRequest) -> HttpResponse:
    title = _("What goes to the bank?")
    site = chosen_site(request)
    if site is None:
        return choose_branch(request, title)
    form = forms.CarryToBankForm(request.POST or None, site=site)
    till = next(iter(metrics.tills_of([site])), None)
    return act_page(
        request,
        form,
        title=title,
        then=reverse("payments:bank_deposit_list"),
        done=_("The deposit is on its way: the statement of the bank will show it."),
        cancel=reverse("payments:bank_deposit_list"),
        template="payments/tills/carry_to_bank.html",
        site=site,
        till=till,
    )


@may("site.manage")
def set_cash_limit(request: HttpRequest) -> HttpResponse:
    asked = {"agent": request.GET.get("agent")} if is_key(request.GET.get("agent")) else {}
    form = forms.CashLimitForm(
        request.POST or None, sites=sites_of(request), site=chosen_site(request), initial=asked
    )
    return act_page(
        request,
        form,
        title=_("How much cash may a person carry?"),
        then=_limit_address,
        done=_("The limit is set."),
        cancel=reverse("payments:cash_page"),
    )


def _limit_address(limit: CashLimit) -> str:
    return f"{reverse('payments:cash_page')}?site={limit.site_id}"


# Many small payments in a row


@may("payment.record")
def series(request: HttpRequest) -> HttpResponse:
    """Enter many small payments: each row is saved once, under a key of its own.

    Without JavaScript ten rows are sent together; with it each row is sent when it is complete
    (``?row=``), and answered alone.
    """
    sites = sites_shown(request)
    said = request.POST or (request.GET if "day" in request.GET else None)
    head = forms.SeriesHeadForm(said, actor=request.user, sites=sites)
    if request.method != "POST":
        rows = [_row(request, number, head) for number in range(ROWS)]
        return _series_page(request, head, rows)
    if "row" in request.GET:
        if not is_key(request.GET["row"]):
            raise Http404
        row = _row(request, int(request.GET["row"]), head)
        if head.is_valid():
            row.submit(request.user)
        context = {"row": row, "head": head, "entered": entered_today(request), "alone": True}
        return render(request, "payments/tills/_series_answer.html", context)
    rows = [_row(request, number, head) for number in range(ROWS)]
    if head.is_valid():
        for row in rows:
            if not row.is_empty:
                row.submit(request.user)
        if not any(row.errors for row in rows if not row.is_empty):
            names = ("collector", "day")
            again = urlencode({name: request.POST.get(name, "") for name in names})
            return redirect(f"{reverse('payments:series')}?{again}")
    return _series_page(request, head, rows, status=400)


def _row(request: HttpRequest, number: int, head) -> forms.SeriesRowForm:
    leases = Lease.objects.visible_to(request.user).real().at(chosen_site(request))
    leases = leases.select_related("site", "tenant", "property")
    said = head.cleaned_data if head.is_bound and head.is_valid() else {}
    data = request.POST if f"{number}-key" in request.POST else None
    form = forms.SeriesRowForm(
        data,
        leases=leases,
        prefix=str(number),
        collector=said.get("collector"),
        day=said.get("day"),
    )
    form.number = number
    return form


def _series_page(request: HttpRequest, head, rows: list, status: int = 200) -> HttpResponse:
    context = {"head": head, "rows": rows, "entered": entered_today(request)}
    return render(request, "payments/tills/series.html", context, status=status)


def entered_today(request: HttpRequest) -> dict:
    """Return what the reader entered today in cash: the payments, their number and sums."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    payments = Payment.objects.visible_to(request.user).confirmed().at(chosen_site(request))
    payments = payments.filter(
        created_at__gte=midnight, created_by=request.user, method=Payment.Method.CASH
    )
    sums = list(
        payments.order_by()
        .values("site__currency")
        .annotate(amount=Sum("amount"))
        .order_by("site__currency")
    )
    shown = payments.select_related("site", "lease__tenant", "collected_by").order_by("-pk")
    return {"payments": shown[:ENTERED], "sums": sums}


@require_safe
@may("payment.record")
def lease_choices(request: HttpRequest) -> HttpResponse:
    """Suggest leases for what was typed in a row so far, as options of a datalist."""
    text = next((value for name, value in request.GET.items() if name.endswith("-who")), "")
    text = text.replace("\x00", "").strip()
    leases = Lease.objects.visible_to(request.user).real().at(chosen_site(request))
    found = leases.matching(text).select_related("tenant") if text else leases.none()
    rows = found.prefetch_related("units").order_by("tenant__name", "-start")[: forms.OFFERED]
    return render(request, "payments/tills/_lease_choices.html", {"leases": rows})
