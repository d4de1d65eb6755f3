"""What money puts onto the pages of the apps below, and into the search."""

import datetime
import re

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.encryption import OLD
from akig.lib.finding import Finder, find, joined
from akig.lib.freshness import remember
from akig.lib.money import format_amount
from akig.lib.panels import panel
from akig.lib.waiting import Waiting, waits
from payments import metrics
from payments.metrics import tills
from payments.metrics.deposits import to_return
from payments.metrics.payouts import days_held
from payments.models import (
    Account,
    Charge,
    DepositMovement,
    HandOver,
    JournalLine,
    OwnerCost,
    Payment,
    PaymentClaim,
    Payout,
    PayoutRun,
    Provider,
    Receipt,
    SharedCost,
    StatementLine,
)
from payments.services.reconciling import disagreeing
from sites_app.models import MaintenanceTicket, Owner, Property, Site
from sites_app.rules import rules_for
from sites_app.services.approving import ELSEWHERE, Elsewhere
from tenants.models import Lease, Tenant

SHOWN = 12
STATEMENTS = 6
SECONDS = 60


@panel(
    Lease,
    template="payments/_balance_figures.html",
    permission="payment.view",
    place="figures",
    order=10,
)
def lease_balance(request, lease):
    """What the lease owes, and what of it is overdue."""
    if lease.state == Lease.State.DRAFT:
        return None
    return {
        "currency": lease.site.currency,
        **_owed_by([lease.pk]),
        "asked": f"lease={lease.pk}",
        "tenant_id": lease.tenant_id,
    }


@panel(
    Tenant,
    template="payments/_balance_figures.html",
    permission="payment.view",
    place="figures",
    order=10,
)
def tenant_balance(request, tenant):
    """What the tenant owes on all leases, ended ones too."""
    return {
        "currency": tenant.site.currency,
        **_owed_by([lease.pk for lease in tenant.shown_leases if lease.is_real]),
        "asked": f"tenant={tenant.pk}",
        "tenant_id": tenant.pk,
    }


def _owed_by(leases: list[int]) -> dict[str, int]:
    """Return what leases (ids) owe by the journal, and what of it is overdue, asked at once."""
    told = JournalLine.objects.filter(lease__in=leases, account__code=Account.Code.RECEIVABLE)
    late = Charge.objects.filter(lease__in=leases).overdue()
    sums = _summed(told, "owed", "amount").union(
        _summed(late, "overdue", F("amount") - F("collected")), all=True
    )
    return {"owed": 0, "overdue": 0} | {row["what"]: row["sum"] for row in sums}


def _summed(rows, what, amount):
    return rows.order_by().values(what=Value(what)).annotate(sum=Sum(amount))


@panel(
    Lease,
    template="payments/_lease_actions.html",
    permission="payment.record",
    place="actions",
    order=10,
)
def record_action(request, lease):
    return None if lease.state in ("draft", "cancelled") else {"lease": lease}


@panel(
    Tenant,
    template="payments/_lease_actions.html",
    permission="payment.record",
    place="actions",
    order=10,
)
def record_tenant_action(request, tenant):
    newest = next((lease for lease in tenant.shown_leases if lease.is_real), None)
    return {"lease": newest} if newest else None


@panel(
    Tenant,
    template="payments/links/_link_action.html",
    permission="receipt.issue",
    place="actions",
    order=20,
)
def link_action(request, tenant):
    return {"tenant": tenant}


@waits("payment.validate")
def claims_to_decide(user, sites):
    """What tenants say to have paid, until a cashier has looked."""
    claims = PaymentClaim.objects.visible_to(user).filter(site__in=sites, state="waiting")
    yield Waiting(_("Tenants who say to have paid"), claims, reverse("payments:claim_list"))


@waits("provider.manage")
def old_secrets(user, sites):
    """Contracts whose secrets nobody has replaced for 90 days."""
    used = Provider.objects.visible_to(user).filter(site__in=sites, enabled=True)
    old = used.filter(secrets_since__lt=timezone.now() - OLD)
    yield Waiting(_("Secrets of providers to replace"), old, reverse("payments:provider_list"))


@waits("deposit.manage")
def deposits_to_return(user, sites):
    """Deposits of leases that are over."""
    leases = to_return(Lease.objects.visible_to(user).filter(site__in=sites))
    address = reverse("payments:deposit_list") + "?standing=to_return"
    yield Waiting(_("Deposits to give back"), leases, address)


@panel(
    Lease,
    template="payments/mobile/_attempt_action.html",
    permission="payment.record",
    place="actions",
    order=20,
)
def attempt_action(request, lease):
    """Asking by mobile money, where the branch works with a provider."""
    if lease.state in ("draft", "cancelled") or not is_mobile(lease.site_id):
        return None
    return {"lease": lease}


def is_mobile(site_id: str) -> bool:
    return Provider.objects.filter(site=site_id, enabled=True).exists()


@panel(
    Lease,
    title=_("Charges"),
    template="payments/_charges_panel.html",
    permission="payment.view",
    order=20,
)
def lease_charges(request, lease):
    charges = Charge.objects.filter(lease=lease).select_related("site").order_by("-due_date", "-pk")
    return {"charges": charges[:SHOWN], "lease": lease, "currency": lease.site.currency}


@panel(
    Lease,
    title=_("Payments"),
    template="payments/_payments_panel.html",
    permission="payment.view",
    order=30,
)
def lease_payments(request, lease):
    payments = Payment.objects.filter(lease=lease).order_by("-value_date", "-pk")
    return {
        "payments": payments.select_related("site")[:SHOWN],
        "asked": f"lease={lease.pk}",
        "currency": lease.site.currency,
    }


@panel(
    Lease,
    title=_("Deposit"),
    template="payments/deposits/_deposit_panel.html",
    permission="deposit.view",
    order=40,
)
def lease_deposit(request, lease):
    """What is held for the tenant, and every movement of it."""
    movements = list(
        DepositMovement.objects.filter(lease=lease).select_related("receipt").order_by("pk")
    )
    reversed_ones = {row.reverses_id for row in movements}
    for row in movements:
        row.is_reversed = row.pk in reversed_ones
    held = sum(row.amount for row in movements)
    return {
        "lease": lease,
        "movements": movements,
        "held": held,
        "missing": 0 if lease.is_over else lease.deposit - held,
        "return_day": _return_day(lease) if held and lease.end else None,
        "is_binding": lease.state not in ("draft", "cancelled"),
        "currency": lease.site.currency,
    }


def _return_day(lease):
    days = rules_for(lease.site_id, on=lease.end).deposit_return_days
    return lease.end + datetime.timedelta(days=days)


@panel(
    Tenant,
    title=_("Payments"),
    template="payments/_payments_panel.html",
    permission="payment.view",
    order=30,
)
def tenant_payments(request, tenant):
    payments = Payment.objects.visible_to(request.user).filter(lease__tenant=tenant)
    return {
        "payments": payments.select_related("site").order_by("-value_date", "-pk")[:SHOWN],
        "asked": f"tenant={tenant.pk}",
        "currency": tenant.site.currency,
    }


@panel(
    Property,
    template="payments/_property_figures.html",
    permission="payment.view",
    place="figures",
    order=20,
)
def property_money(request, property):
    """What the property brought in this month and what is overdue there."""
    today = timezone.localdate()
    first = today.replace(day=1)
    late = Charge.objects.visible_to(request.user).overdue().filter(property=OuterRef("pk"))
    paid = (
        Payment.objects.visible_to(request.user)
        .confirmed()
        .filter(property=OuterRef("pk"), value_date__gte=first, value_date__lte=today)
    )
    left = Sum(F("amount") - F("collected"))
    return {
        # Both in one question.
        **Property.objects.values(
            collected=Subquery(paid.order_by().values("property").values(sum=Sum("amount"))),
            overdue=Subquery(late.order_by().values("property").values(sum=left)),
        ).get(pk=property.pk),
        "currency": property.site.currency,
        "property": property,
        "first": first,
    }


@panel(
    Owner,
    template="payments/_owner_figures.html",
    permission="payment.view",
    place="figures",
    order=20,
)
def owner_money(request, owner):
    """What was collected for the owner this month, what is held for him, what is overdue."""
    today = timezone.localdate()
    sites = Site.objects.visible_to(request.user).filter(properties__owner=owner).distinct()
    figures = metrics.owner_figures(owner, list(sites), today.replace(day=1), today)
    return {"figures": figures, "first": today.replace(day=1)} if figures else None


@waits("cash.handle")
def cash_to_handle(user, sites):
    """Cash to count; for who keeps a till also people above their limit, days, deposits."""
    seen = HandOver.objects.visible_to(user).filter(site__in=sites).open()
    address = reverse("payments:cash_page")
    if not user.is_staff:
        yield Waiting(_("Cash to count and confirm"), seen.filter(target__holder=user), address)
        over = [hand for hand in tills.cash_in_hands(sites, person=user) if hand.is_over]
        yield from (_over_the_limit(hand) for hand in over)
        return
    codes = sorted(site.pk for site in sites)
    over = remember(
        [f"site:{code}" for code in codes],
        f"cash_over_limit:{timezone.localdate()}:{','.join(codes)}",
        SECONDS,
        lambda: [hand for hand in tills.cash_in_hands(sites) if hand.is_over],
    )
    yield Waiting(_("Cash to count and confirm"), seen.filter(target__holder=None), address)
    yield from (_over_the_limit(hand) for hand in over)
    if user.may("cash.close"):
        days, late = tills.days_to_close(sites), tills.late_at_the_bank(sites)
        yield Waiting(_("Days of the till to close"), days, reverse("payments:closing_list"))
        banked = reverse("payments:bank_deposit_list") + "?state=on_way"
        yield Waiting(_("Deposits not seen at the bank for a week"), late, banked)


def _over_the_limit(hand) -> Waiting:
    return Waiting(
        _("%(name)s carries more cash than the limit") % {"name": hand.name},
        1,
        reverse("payments:cash_account", args=[hand.account]),
        text=format_amount(hand.amount, hand.currency),
    )


@panel(
    Owner,
    title=_("Payouts and costs"),
    template="payments/payouts/_owner_panel.html",
    permission="report.view",
    order=30,
)
def owner_payouts(request, owner):
    """The owner's last statements, and how long his money was with the agency."""
    return {**_owner_rows(request, owner), "acts": request.user.works_here}


@panel(
    Owner,
    title=_("Paid out"),
    template="payments/payouts/_owner_panel.html",
    permission="report.view",
    place="dashboard",
)
def owner_dashboard_payouts(request, owner):
    """The same for himself, with what was laid out for him."""
    costs = OwnerCost.objects.visible_to(request.user).filter(
        owner=owner, state__in=[OwnerCost.State.POSTED, OwnerCost.State.CANCELLED]
    )
    costs = costs.select_related("site").order_by("-value_date", "-pk")[:STATEMENTS]
    return {**_owner_rows(request, owner), "costs": costs}


def _owner_rows(request, owner):
    payouts = Payout.objects.visible_to(request.user).filter(owner=owner).exclude(number="")
    # The statement itself may have hundreds of lines, of which nothing is shown here.
    payouts = payouts.defer("content").annotate(days=F("content__days_held"))
    payouts = list(payouts.select_related("site").order_by("-month", "-pk")[:STATEMENTS])
    return {
        "owner": owner,
        "payouts": payouts,
        "days_held": days_held(payouts),
        "user": request.user,
    }


@panel(
    Property,
    title=_("Owner's account"),
    template="payments/payouts/_house_panel.html",
    permission="owner.view",
    place="side",
)
def house_reserve(request, property):
    """What is kept in reserve for a house, and repairs that its owner was not charged yet."""
    standing = OwnerCost.objects.exclude(
        state__in=[OwnerCost.State.REFUSED, OwnerCost.State.CANCELLED]
    )
    repairs = MaintenanceTicket.objects.filter(
        property=OuterRef("pk"), state=MaintenanceTicket.State.DONE, cost__gt=0
    ).exclude(pk__in=standing.filter(ticket__property=property).values("ticket"))
    told = JSONObject(pk="pk", title="title", cost="cost")
    house = Property.objects.annotate(
        kept=F("reserve__amount"),
        repairs=ArraySubquery(repairs.order_by("-closed_on", "-pk").values(told=told)[:STATEMENTS]),
    ).get(pk=property.pk)
    return {
        "property": property,
        "currency": property.site.currency,
        "repairs": house.repairs,
        "reserve": house.kept or 0,
        "user": request.user,
    }


def _costs_to_approve(user):
    return OwnerCost.objects.visible_to(user).filter(state=OwnerCost.State.WAITING)


def _runs_to_approve(user):
    paid = Payout.objects.filter(run=OuterRef("pk")).order_by().values("run")
    return (
        PayoutRun.objects.visible_to(user)
        .filter(state=PayoutRun.State.PREPARED)
        .annotate(amount=Subquery(paid.values(sum=Sum("amount"))))
    )


ELSEWHERE += [
    Elsewhere(
        act="payments.approve_owner_cost",
        rows=_costs_to_approve,
        about=str,
        asked_by="entered_by",
        asked_at="entered_at",
        page="payments:owner_cost_page",
        seen_with="report.view",
    ),
    Elsewhere(
        act="payments.approve_payouts",
        rows=_runs_to_approve,
        about=lambda run: f"{run.month:%m/%Y}, {run.site}",
        asked_by="prepared_by",
        asked_at="prepared_at",
        page="payments:payout_run",
        seen_with="payout.prepare",
    ),
]


RANK = re.compile(r"(?:.*?(?P<year>\d{4})-)?(?P<rank>\d{1,6})")
YEARS = 12


def receipts_matching(user, text):
    """Receipts by their whole number, its end (2026-000123), or its rank alone in recent years.

    Year and rank are columns of an index; the end of a text is not.
    """
    written = text.strip().upper()
    found = RANK.fullmatch(written)
    receipts = Receipt.objects.visible_to(user)
    if found is None:
        return receipts.none()
    this_year = timezone.localdate().year
    years = [int(found["year"])] if found["year"] else range(this_year + 1, this_year - YEARS, -1)
    return (
        receipts.filter(
            kind__in=Receipt.Kind.values,
            year__in=list(years),
            sequence=int(found["rank"]),
            number__endswith=written,
        )
        .annotate(found=F("number"), beside=joined("lease__tenant__name", "lease__reference"))
        .order_by("-pk")
    )


find(
    Finder(
        "receipt",
        _("Receipts"),
        "receipt.view",
        receipts_matching,
        "payments:receipt",
        "payments:receipt_list",
    )
)


@waits("payment.reconcile")
def unknown_money(user, sites):
    """Lines of statements that wait for somebody to say whose they are."""
    lines = StatementLine.objects.filter(site__in=sites, state__in=StatementLine.OPEN)
    yield Waiting(_("Unknown money"), lines, reverse("payments:inbox"))


@waits("payment.reconcile")
def books_that_differ(user, sites):
    """Accounts whose journal differs from their statements, by the last comparison."""
    yield Waiting(
        _("Accounts that differ from their statement"),
        len(disagreeing([site.pk for site in sites])),
        reverse("payments:reconciliation_list"),
        "failed",
    )


@panel(
    Property,
    title=_("Shared costs"),
    template="payments/shared/_panel.html",
    permission="cost.manage",
    order=60,
)
def property_shared_costs(request, house):
    costs = SharedCost.objects.filter(property=house).select_related("site")
    return {"costs": costs.order_by("-last_day", "-pk")[:3], "house": house}
