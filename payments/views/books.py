"""The accountant's pages: the journal, the trial balance, periods, the agency's costs."""

from collections import defaultdict

from dateutil.relativedelta import relativedelta
from django.db.models import Exists, OuterRef, Prefetch, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, is_key, may, paged, parse_date_or
from payments import metrics
from payments.forms import books as forms
from payments.models import (
    Account,
    AgencyCost,
    ClosedPeriod,
    JournalEntry,
    JournalLine,
)
from sites_app.middleware import chosen_site, sites_of, sites_shown
from tenants.models import Lease

ENTRIES = 30
MONTHS = 12


@require_safe
@may("ledger.view")
def journal(request: HttpRequest) -> HttpResponse:
    """Show the entries, newest first; a page begins after the last entry of the one before."""
    entries = narrowed_entries(request)
    day, _comma, key = request.GET.get("after", "").partition(",")
    day = parse_date_or(day, None)
    if day and is_key(key):
        entries = entries.filter(value_date__lte=day).exclude(value_date=day, pk__gte=key)
    lines = JournalLine.objects.select_related("account", "owner").order_by("pk")
    entries = entries.select_related("site", "created_by", "lease__tenant", "reverses")
    rows = list(
        entries.prefetch_related(Prefetch("lines", lines)).order_by("-value_date", "-pk")[
            : ENTRIES + 1
        ]
    )
    more = rows[ENTRIES - 1] if len(rows) > ENTRIES else None
    context = {
        "entries": rows[:ENTRIES],
        "after": more and f"{more.value_date:%Y-%m-%d},{more.pk}",
        "codes": codes_of(request),
        "kinds": JournalEntry.Kind.choices,
    }
    return render(request, "payments/journal.html", context)


def codes_of(request: HttpRequest) -> list[tuple]:
    """Return the accounts to choose from: the usual ones, and those that were opened beside."""
    others = Account.objects.visible_to(request.user).at(chosen_site(request))
    others = others.exclude(code__in=Account.Code.values).values_list("code", "name")
    return [*Account.Code.choices, *sorted(set(others))]


def narrowed_entries(request: HttpRequest):
    asked = request.GET
    entries = JournalEntry.objects.visible_to(request.user).at(chosen_site(request))
    if first := parse_date_or(asked.get("from"), None):
        entries = entries.filter(value_date__gte=first)
    if last := parse_date_or(asked.get("to"), None):
        entries = entries.filter(value_date__lte=last)
    if asked.get("kind"):
        entries = entries.filter(kind=asked["kind"])
    if asked.get("account"):
        lines = JournalLine.objects.filter(entry=OuterRef("pk"), account__code=asked["account"])
        entries = entries.filter(Exists(lines))
    if is_key(asked.get("lease")):
        entries = entries.filter(lease_id=asked["lease"])
    if query := asked.get("q", "").strip():
        leases = Lease.objects.visible_to(request.user).matching(query)
        entries = entries.filter(
            Q(lease__in=leases.values("pk")) | Q(payment__receipts__number__iexact=query)
        )
    return entries


@require_safe
@may("ledger.view")
def trial_balance(request: HttpRequest) -> HttpResponse:
    """Show every account's balance as of the evening of a day; per currency they sum to zero."""
    day = parse_date_or(request.GET.get("on"), timezone.localdate())
    sites = [site.pk for site in sites_shown(request)]
    books = defaultdict(list)
    for row in metrics.trial_balance(sites, day):
        books[row.currency].append(row)
    sums = {
        currency: {
            name: sum(getattr(row, name) for row in rows)
            for name in ("debit", "credit", "owes", "has")
        }
        for currency, rows in books.items()
    }
    context = {
        "day": day,
        "books": [(currency, rows, sums[currency]) for currency, rows in books.items()],
    }
    return render(request, "payments/trial_balance.html", context)


@require_safe
@may("period.close")
def period_list(request: HttpRequest) -> HttpResponse:
    """Show the last months of each branch: open, closed, or closed and opened again."""
    sites = sites_shown(request)
    this_month = timezone.localdate().replace(day=1)
    months = [this_month - relativedelta(months=back) for back in range(1, MONTHS + 1)]
    periods = ClosedPeriod.objects.filter(site__in=sites, month__gte=months[-1])
    closed = {
        (period.site_id, period.month): period
        for period in periods.select_related("closed_by", "reopened_by").order_by("pk")
    }
    branches = [
        (site, [(month, closed.get((site.pk, month))) for month in months]) for site in sites
    ]
    return render(request, "payments/period_list.html", {"branches": branches})


@may("period.reopen")
def reopen_period(request: HttpRequest, period_id: int) -> HttpResponse:
    periods = ClosedPeriod.objects.visible_to(request.user).select_related("site")
    period = get_object_or_404(periods, pk=period_id)
    return act_page(
        request,
        forms.ReopenPeriodForm(request.POST or None, period=period),
        title=_("Reopen %(month)s, %(branch)s")
        % {"month": f"{period.month:%m/%Y}", "branch": period.site},
        then=reverse("payments:period_list"),
        done=_("The month is open again."),
        cancel=reverse("payments:period_list"),
    )


# Costs


@require_safe
@may("cost.manage")
def cost_list(request: HttpRequest) -> HttpResponse:
    costs = AgencyCost.objects.visible_to(request.user).at(chosen_site(request))
    if request.GET.get("category"):
        costs = costs.filter(category=request.GET["category"])
    year = request.GET.get("year", "")
    year = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
    if year:
        costs = costs.filter(month__year=year)
    first, last = (parse_date_or(request.GET.get(name, ""), None) for name in ("from", "to"))
    if first and last:
        costs = costs.filter(month__range=(first, last))
    sums = costs.order_by().values("site__currency").annotate(amount=Sum("amount"))
    rows = costs.select_related("site", "entered_by").order_by("-month", "site", "category")
    this_year = timezone.localdate().year
    context = {
        "page": paged(request, rows),
        "sums": sums.order_by("site__currency"),
        "categories": AgencyCost.Category.choices,
        "years": [str(number) for number in range(this_year, this_year - 4, -1)],
    }
    return render(request, "payments/cost_list.html", context)


@may("cost.manage")
def enter_cost(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET[name] for name in ("category", "amount") if request.GET.get(name)}
    month = parse_date_or(f"{request.GET.get('month', '')}-01", None)
    if month:
        asked["month"] = month
    form = forms.EnterCostForm(
        request.POST or None, sites=sites_of(request), site=chosen_site(request), initial=asked
    )
    return act_page(
        request,
        form,
        title=_("Enter a cost of the agency"),
        then=reverse("payments:cost_list"),
        done=_("The cost is entered."),
        cancel=reverse("payments:cost_list"),
    )
