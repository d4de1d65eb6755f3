"""The pages of mobile money: attempts, and the contracts with providers."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Max, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.asking import ask_again
from akig.lib.doors import act_page, history_page, is_key, may, paged, sent
from payments.documents import qr
from payments.forms import mobile as forms
from payments.models import Attempt, Callback, Provider, StatementLine
from payments.providers import callback_address
from payments.providers.reasons import reason_text
from payments.services import contracts, mobile
from payments.services.callbacks import VEILED
from payments.views.payments import asked_lease, balances, choose_lease, usual_amount
from sites_app.middleware import chosen_site, sites_of
from tenants.models import Lease

SHOWN = 20
SHOWN_BODY = 4000
HIDDEN = "•••"


@require_safe
@may("payment.view")
def attempt_list(request: HttpRequest) -> HttpResponse:
    attempts = narrowed_attempts(request)
    sums = attempts.order_by().values("currency")
    sums = sums.annotate(
        number=Count("pk"),
        asked=Sum("asked"),
        paid=Sum("amount", filter=Q(state=Attempt.State.PAID), default=0),
    )
    rows = attempts.select_related("site", "lease__tenant", "provider")
    context = {
        "page": paged(request, rows.order_by("-created_at", "-pk")),
        "sums": sums.order_by("currency"),
        "states": Attempt.State.choices,
        "kinds": Provider.Kind.choices,
    }
    return render(request, "payments/mobile/attempt_list.html", context)


def narrowed_attempts(request: HttpRequest):
    """Return the attempts that the address asks for: state, provider, lease, tenant, a text."""
    asked = request.GET
    attempts = Attempt.objects.visible_to(request.user).at(chosen_site(request))
    if asked.get("state") == "open":
        attempts = attempts.filter(state__in=Attempt.OPEN)
    elif asked.get("state"):
        attempts = attempts.filter(state=asked["state"])
    if asked.get("provider"):
        attempts = attempts.filter(provider__kind=asked["provider"])
    for name, column in (("lease", "lease_id"), ("tenant", "lease__tenant_id")):
        if is_key(asked.get(name)):
            attempts = attempts.filter(**{column: asked[name]})
    if query := asked.get("q", "").strip():
        leases = Lease.objects.visible_to(request.user).matching(query)
        named = Q(order_id__iexact=query) | Q(transaction__iexact=query)
        attempts = attempts.filter(named | Q(lease__in=leases.values("pk")))
    return attempts


@may("payment.record")
def start_attempt(request: HttpRequest) -> HttpResponse:
    """Ask a payer for money; the address names the lease (``?lease=``), else it is searched."""
    lease = asked_lease(request)
    if lease is None:
        return choose_lease(request, "payments:start_attempt", _("Ask by mobile money: who pays?"))
    providers = list(Provider.objects.filter(site=lease.site_id, enabled=True).order_by("kind"))
    owed = balances([lease.pk]).get(lease.pk, 0)
    phone = lease.tenant.phones.order_by("-is_primary", "pk").first()
    form = forms.StartAttemptForm(
        request.POST or None,
        lease=lease,
        providers=providers,
        initial={"amount": usual_amount(lease, owed), "phone": phone and phone.number},
    )
    return act_page(
        request,
        form,
        title=_("Ask by mobile money"),
        then=attempt_address,
        cancel=reverse("tenants:lease_page", args=[lease.pk]),
        template="payments/mobile/start_attempt.html",
        lease=lease,
        owed=owed,
        providers=providers,
    )


@require_safe
@may("payment.view")
def attempt_page(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    attempt = find_attempt(request, attempt_id)
    context = {
        "attempt": attempt,
        "why": reason_text(attempt.reason),
        "is_open": attempt.state in Attempt.OPEN,
        "charged": attempt.asked - attempt.amount,
    }
    if context["is_open"] and attempt.payment_url:
        context["qr"] = qr(attempt.payment_url)
    if request.user.may("payment.reconcile"):
        context["callbacks"] = [shown(row) for row in attempt.callbacks.all()[:SHOWN]]
    if request.user.may("payment.reconcile") and attempt.transaction and not attempt.payment_id:
        lines = StatementLine.objects.filter(account=attempt.provider.account_id)
        context["line"] = lines.filter(reference=attempt.transaction).first()
    return render(request, "payments/mobile/attempt_page.html", context)


def shown(callback: Callback) -> Callback:
    """Prepare what came in for being looked at: readable, and without the secrets it carries."""
    callback.text = bytes(callback.body)[:SHOWN_BODY].decode(errors="replace")
    callback.told = {
        name: HIDDEN if name.lower() in VEILED else value
        for name, value in sorted(callback.headers.items())
    }
    callback.why = reason_text(callback.reason)
    return callback


@require_POST
@may("payment.record")
def ask_attempt(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Ask the provider now, instead of when its turn comes."""
    attempt = mobile.ask_provider(find_attempt(request, attempt_id))
    if attempt.state in Attempt.OPEN:
        messages.info(request, _("The provider says nothing new."))
    return redirect(attempt_address(attempt))


@require_safe
@may("payment.record")
def attempt_history(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    attempt = find_attempt(request, attempt_id)
    return history_page(request, attempt, attempt_address(attempt))


def find_attempt(request: HttpRequest, attempt_id: UUID) -> Attempt:
    attempts = Attempt.objects.visible_to(request.user).select_related(
        "site",
        "lease__site",
        "lease__tenant",
        "lease__property",
        "provider__site",
        "provider__account",
        "payment",
        "created_by",
    )
    return get_object_or_404(attempts, pk=attempt_id)


def attempt_address(attempt: Attempt) -> str:
    return reverse("payments:attempt_page", args=[attempt.pk])


# Contracts with providers


@require_safe
@may("provider.manage")
def provider_list(request: HttpRequest) -> HttpResponse:
    providers = Provider.objects.visible_to(request.user).at(chosen_site(request))
    providers = providers.select_related("site", "account").annotate(
        paid=Count("attempts", filter=Q(attempts__state=Attempt.State.PAID)),
        last_paid=Max("attempts__ended_at", filter=Q(attempts__state=Attempt.State.PAID)),
    )
    rows = list(providers.order_by("site", "kind"))
    for provider in rows:
        provider.problems = contracts.problems_seen(provider)
    return render(request, "payments/mobile/provider_list.html", {"providers": rows})


@may("provider.manage")
@ask_again
def add_provider(request: HttpRequest) -> HttpResponse:
    form = forms.AddProviderForm(
        request.POST or None, sites=sites_of(request), site=chosen_site(request)
    )
    return act_page(
        request,
        form,
        title=_("A contract with a provider"),
        consequence=_("The secrets are written next; until then nobody is asked through it."),
        then=lambda provider: reverse("payments:correct_provider", args=[provider.pk]),
        cancel=reverse("payments:provider_list"),
    )


@require_safe
@may("provider.manage")
def provider_page(request: HttpRequest, provider_id: int) -> HttpResponse:
    """Show a contract and what is wrong with it; ``?check=1`` asks the provider, too."""
    provider = find_provider(request, provider_id)
    is_checked = request.GET.get("check") == "1"
    find = contracts.problems_told if is_checked else contracts.problems_seen
    callbacks = Callback.objects.filter(kind=provider.kind, site_code__in=["", provider.site_id])
    context = {
        "provider": provider,
        "problems": find(provider),
        "is_checked": is_checked,
        "callback_address": callback_address(provider),
        "callbacks": [shown(row) for row in callbacks.order_by("-received_at")[:SHOWN]],
        "why": reason_text(provider.last_error),
    }
    return render(request, "payments/mobile/provider_page.html", context)


@may("provider.manage")
@ask_again
def correct_provider(request: HttpRequest, provider_id: int) -> HttpResponse:
    provider = find_provider(request, provider_id)
    return act_page(
        request,
        forms.CorrectProviderForm(request.POST or None, provider=provider),
        title=_("Contract with %(provider)s") % {"provider": provider.get_kind_display()},
        then=provider_address,
        done=_("The contract is saved."),
        cancel=provider_address(provider),
    )


@may("provider.manage")
@ask_again
def switch_provider(request: HttpRequest, provider_id: int) -> HttpResponse:
    """Enable a provider, or disable it."""
    provider = find_provider(request, provider_id)
    form = forms.SwitchProviderForm(sent(request), provider=provider)
    return act_page(
        request,
        form,
        title=_("Disable the provider?") if provider.enabled else _("Enable the provider?"),
        consequence=_("Nobody is asked through it any more; open attempts are still followed.")
        if provider.enabled
        else _("From now on tenants can pay through it."),
        then=provider_address,
        cancel=provider_address(provider),
    )


@require_safe
@may("provider.manage")
def provider_history(request: HttpRequest, provider_id: int) -> HttpResponse:
    provider = find_provider(request, provider_id)
    return history_page(request, provider, provider_address(provider))


def find_provider(request: HttpRequest, provider_id: int) -> Provider:
    providers = Provider.objects.visible_to(request.user).select_related("site", "account")
    return get_object_or_404(providers, pk=provider_id)


def provider_address(provider: Provider) -> str:
    return reverse("payments:provider_page", args=[provider.pk])
