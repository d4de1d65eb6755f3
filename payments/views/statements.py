"""The pages of statements: handed in, the inbox of unknown money, and what was compared."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from akig.lib.choosing import OFFERED
from akig.lib.doors import act_page, is_key, may, paged, parse_date_or
from akig.lib.errors import BusinessError
from akig.lib.money import format_amount
from payments.forms import statements as forms
from payments.metrics.inbox import likely_explanation, shown_candidates, waiting
from payments.models import MoneyAccount, Payment, Statement, StatementLine
from payments.services import placing
from payments.services.reconciling import compare, newest_reconciliations
from payments.services.tills import deposit_of
from sites_app.middleware import chosen_site, sites_of, sites_shown
from tenants.models import Lease

SECONDS_BETWEEN_LOOKS = 2
FOUND = 10
State = StatementLine.State


# Statements


@require_safe
@may("payment.reconcile")
def statement_list(request: HttpRequest) -> HttpResponse:
    statements = Statement.objects.visible_to(request.user).at(chosen_site(request))
    statements = statements.select_related("account", "site", "handed_in_by")
    page = paged(request, statements.order_by("-handed_in_at", "-pk"))
    counts = {
        row["statement"]: row
        for row in StatementLine.objects.filter(statement__in=[row.pk for row in page])
        .values("statement")
        .annotate(
            placed=Count("pk", filter=Q(state__in=[State.POSTED, State.LINKED])),
            open=Count("pk", filter=Q(state__in=StatementLine.OPEN)),
        )
        .order_by()
    }
    for statement in page:
        statement.found = counts.get(statement.pk, {})
    return render(request, "payments/statements/list.html", {"page": page})


@may("payment.reconcile")
def hand_in(request: HttpRequest) -> HttpResponse:
    form = forms.HandInForm(
        request.POST or None,
        request.FILES or None,
        sites=sites_of(request),
        site=chosen_site(request),
        accounts=accounts_of(request),
    )
    return act_page(
        request,
        form,
        title=_("Hand in a statement"),
        then=lambda statement: reverse("payments:statement_page", args=[statement.pk]),
        cancel=reverse("payments:statement_list"),
    )


def accounts_of(request: HttpRequest):
    accounts = MoneyAccount.objects.visible_to(request.user).filter(is_active=True)
    return accounts.at(chosen_site(request)).select_related("site").order_by("site", "code")


@require_safe
@never_cache
@may("payment.reconcile")
def statement_page(request: HttpRequest, statement_id: int) -> HttpResponse:
    statement = find_statement(request, statement_id)
    if statement.job:
        statement.job.hear_news()
    is_working = bool(statement.job and statement.job.is_open)
    found = dict(statement.lines.values_list("state").annotate(number=Count("pk")).order_by())
    context = {
        "statement": statement,
        "is_working": is_working,
        "found": [(state, state.label, found[state]) for state in State if found.get(state)],
    }
    response = render(request, "payments/statements/page.html", context)
    if is_working:
        response["Refresh"] = str(SECONDS_BETWEEN_LOOKS)
    return response


@may("payment.reconcile")
def say_what(request: HttpRequest, statement_id: int) -> HttpResponse:
    statement = find_statement(request, statement_id)
    page = reverse("payments:statement_page", args=[statement.pk])
    return act_page(
        request,
        forms.SayWhatForm(request.POST or None, statement=statement, accounts=accounts_of(request)),
        title=_("What is this statement?"),
        consequence=_(
            "Name the account, and the columns of the day and the amount at least. It is kept: the "
            "next file with these headings is read at once."
        ),
        then=page,
        cancel=page,
    )


def find_statement(request: HttpRequest, statement_id: int) -> Statement:
    statements = Statement.objects.visible_to(request.user)
    return get_object_or_404(
        statements.select_related("account", "site", "job", "handed_in_by"), pk=statement_id
    )


# The inbox


@require_safe
@may("payment.reconcile")
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the lines that wait, or those of a state, a statement or an account."""
    asked = request.GET
    site = chosen_site(request)
    lines = StatementLine.objects.visible_to(request.user).at(site)
    state = asked.get("state", "")
    if state in State.values:
        lines = lines.filter(state=state)
    elif not is_key(asked.get("statement")):
        lines = lines.filter(state__in=StatementLine.OPEN)
    for name in ("statement", "account"):
        if is_key(asked.get(name)):
            lines = lines.filter(**{f"{name}_id": asked[name]})
    if asked.get("way") in ("in", "out"):
        lines = lines.filter(amount__gt=0) if asked["way"] == "in" else lines.filter(amount__lt=0)
    if query := asked.get("q", "").strip():
        lines = lines.filter(
            Q(text__icontains=query)
            | Q(party__icontains=query)
            | Q(phone__contains=query.replace(" ", ""))
            | Q(reference__iexact=query)
        )
    page = paged(request, lines.select_related("site", "account").order_by("-day", "-pk"))
    candidates = shown_candidates(request.user, page)
    for line in page:
        line.best = next(iter(candidates.get(line.pk, [])), None)
    context = {
        "page": page,
        "waiting": waiting(sites_shown(request)),
        "states": State.choices,
        "accounts": accounts_of(request),
    }
    return render(request, "payments/statements/inbox.html", context)


@require_safe
@may("payment.reconcile")
def line_page(request: HttpRequest, line_id: int) -> HttpResponse:
    return show_line(request, find_line(request, line_id))


def show_line(
    request: HttpRequest, line: StatementLine, refusal: BusinessError | None = None
) -> HttpResponse:
    """Ask whose money it is: the candidates, a search for another, or what it was instead."""
    query = request.GET.get("q", "").strip()
    found = []
    if query and line.state in StatementLine.OPEN:
        leases = forms.leases_for(request.user, line).matching(query).with_standing()
        found = list(leases.prefetch_related("units").order_by("tenant__name")[:FOUND])
    is_open = line.state in StatementLine.OPEN
    context = {
        "line": line,
        "is_open": is_open,
        "amount": abs(line.amount),
        "candidates": shown_candidates(request.user, [line]).get(line.pk, []) if is_open else [],
        "deposit": deposit_of(line) if is_open and line.amount > 0 else None,
        "leases": found,
        "query": query,
        "parts": line.parts.filter(undone_at=None).select_related(
            "payment__lease__tenant", "payment__site", "matched_by"
        ),
        "proofs": line.proofs.visible_to(request.user)
        .select_related("entry__payout__owner", "entry__lease__tenant")
        .order_by("entry"),
        "likely": likely_explanation(line) if is_open else "",
        "explanations": dict(StatementLine.Explanation.choices),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "payments/statements/line.html", context, status=status)


@require_POST
@may("payment.reconcile")
def accept(request: HttpRequest, line_id: int) -> HttpResponse:
    """Give the whole line to one lease, or link it with a payment: one button each."""
    line = find_line(request, line_id)
    try:
        if is_key(request.POST.get("payment")):
            payments = Payment.objects.visible_to(request.user).select_related("lease__tenant")
            payment = get_object_or_404(payments, pk=request.POST["payment"])
            placing.link_line(actor=request.user, line=line, payment=payment)
        else:
            asked = request.POST.get("lease")
            lease = get_object_or_404(
                forms.leases_for(request.user, line), pk=asked if is_key(asked) else 0
            )
            placing.match_line(actor=request.user, line=line, parts=[(lease, line.amount)])
    except BusinessError as refusal:
        return show_line(request, find_line(request, line_id), refusal)
    return redirect(next_address(request, line))


@require_POST
@may("payment.reconcile")
def explain_at_once(request: HttpRequest, line_id: int) -> HttpResponse:
    """Explain a line by one button: a fee, a transfer or a cost."""
    line = find_line(request, line_id)
    explanation = request.POST.get("explanation", "")
    if explanation not in placing.EXPLAINS:
        return redirect("payments:explain_line", line.pk)
    try:
        placing.explain_line(actor=request.user, line=line, explanation=explanation)
    except BusinessError as refusal:
        return show_line(request, find_line(request, line_id), refusal)
    return redirect(next_address(request, line))


def next_address(request: HttpRequest, line: StatementLine) -> str:
    """Return the page of the next line that waits, or of the inbox when none does."""
    waits = StatementLine.objects.visible_to(request.user).at(chosen_site(request))
    waits = waits.filter(state__in=StatementLine.OPEN).exclude(pk=line.pk)
    older = Q(day=line.day, pk__lt=line.pk) | Q(day__lt=line.day)
    following = waits.filter(older).order_by("-day", "-pk").values_list("pk", flat=True).first()
    if following is None:
        return reverse("payments:inbox")
    return reverse("payments:line_page", args=[following])


@may("payment.reconcile")
def split_line(request: HttpRequest, line_id: int) -> HttpResponse:
    line = find_line(request, line_id)
    return act_page(
        request,
        forms.SplitForm(
            request.POST or None, line=line, leases=forms.leases_for(request.user, line)
        ),
        title=_("Share the money out over several leases"),
        consequence=_("The amounts must make up the whole line."),
        then=lambda placed: reverse("payments:line_page", args=[placed.pk]),
        done=_("The payments are recorded."),
        cancel=reverse("payments:line_page", args=[line.pk]),
    )


@may("payment.reconcile")
def explain_line(request: HttpRequest, line_id: int) -> HttpResponse:
    line = find_line(request, line_id)
    return act_page(
        request,
        forms.ExplainForm(
            request.POST or None, line=line, initial={"explanation": likely_explanation(line)}
        ),
        title=_("What was it, if it pays no lease?"),
        consequence=told_shortly(line),
        then=lambda placed: next_address(request, placed),
        done=_("The line is explained."),
        cancel=reverse("payments:line_page", args=[line.pk]),
    )


def told_shortly(line: StatementLine) -> str:
    """Return what a line says in a few words: amount, who or what, day."""
    amount = format_amount(line.amount, line.site.currency)
    return f"{amount} · {line.party or line.phone or line.text} · {line.day:%d/%m/%Y}"


@may("payment.reconcile")
def undo_line(request: HttpRequest, line_id: int) -> HttpResponse:
    line = find_line(request, line_id)
    page = reverse("payments:line_page", args=[line.pk])
    return act_page(
        request,
        forms.UndoForm(request.POST or None, line=line),
        title=_("Undo what was made of this line"),
        consequence=_(
            "Payments that it made are cancelled by a reversal, and it waits in the inbox again."
        ),
        then=page,
        done=_("It is undone."),
        cancel=page,
    )


@may("payment.reconcile")
def paste_message(request: HttpRequest) -> HttpResponse:
    return act_page(
        request,
        forms.MessageForm(request.POST or None, sites=sites_of(request), site=chosen_site(request)),
        title=_("Paste an operator's message"),
        then=lambda line: reverse("payments:line_page", args=[line.pk]),
        cancel=reverse("payments:inbox"),
    )


def find_line(request: HttpRequest, line_id: int) -> StatementLine:
    lines = StatementLine.objects.visible_to(request.user)
    return get_object_or_404(
        lines.select_related("site", "account__site", "statement", "reverses", "entry"),
        pk=line_id,
    )


@require_safe
@may("payment.reconcile")
def lease_choices(request: HttpRequest) -> HttpResponse:
    """Return the suggestions for a lease that is being typed."""
    text = " ".join(value for value in request.GET.values() if value).strip()
    leases = Lease.objects.visible_to(request.user).real().at(chosen_site(request))
    leases = leases.matching(text).select_related("tenant")[:OFFERED] if text else []
    shown = ((forms.lease_label(lease),) for lease in leases)
    return HttpResponse(format_html_join("", '<option value="{}"></option>', shown))


# Accounts


@require_safe
@may("provider.manage")
def account_list(request: HttpRequest) -> HttpResponse:
    accounts = MoneyAccount.objects.visible_to(request.user).at(chosen_site(request))
    accounts = accounts.select_related("site").annotate(
        lines_count=Count("lines"),
    )
    page = paged(request, accounts.order_by("site", "code"))
    return render(request, "payments/statements/accounts.html", {"page": page})


@may("provider.manage")
def add_account(request: HttpRequest) -> HttpResponse:
    return act_page(
        request,
        forms.AddAccountForm(
            request.POST or None, sites=sites_of(request), site=chosen_site(request)
        ),
        title=_("Add a bank account or wallet"),
        then=reverse("payments:account_list"),
        done=_("The account is added."),
        cancel=reverse("payments:account_list"),
    )


@may("provider.manage")
def correct_account(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(MoneyAccount.objects.visible_to(request.user), pk=account_id)
    return act_page(
        request,
        forms.CorrectAccountForm(request.POST or None, account=account),
        title=_("Correct %(name)s") % {"name": account.name},
        then=reverse("payments:account_list"),
        done=_("The account is corrected."),
        cancel=reverse("payments:account_list"),
    )


# Journal against statements


@require_safe
@may("payment.reconcile")
def reconciliation_list(request: HttpRequest) -> HttpResponse:
    """Show whether each account agrees with its statements, as of the last comparison."""
    codes = [site.pk for site in sites_shown(request)]
    newest = {row.account_id: row for row in newest_reconciliations(codes)}
    accounts = list(accounts_of(request))
    for account in accounts:
        account.newest = newest.get(account.pk)
    return render(request, "payments/statements/reconciliations.html", {"accounts": accounts})


@require_safe
@may("payment.reconcile")
def reconciliation(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show what the journal says and the statements do not, and the reverse, as of a day."""
    accounts = MoneyAccount.objects.visible_to(request.user).select_related("site")
    account = get_object_or_404(accounts, pk=account_id)
    today = timezone.localdate()
    day = min(parse_date_or(request.GET.get("on"), today), today)
    found = compare(account, day)
    mine = {site.pk for site in sites_of(request)}
    context = {
        "account": account,
        "found": found,
        "day": day,
        # Of a shared account, the payments of other branches count and are not named.
        "unknown_there": [line for line in found.unknown_there if line.site_id in mine],
    }
    return render(request, "payments/statements/reconciliation.html", context)
