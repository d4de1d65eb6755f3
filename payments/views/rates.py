"""Exchange rates: which were entered, and one more."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import act_page, may, paged
from payments.forms.rates import EnterRateForm
from payments.models import ExchangeRate


@require_safe
@may("report.finance")
def rate_list(request: HttpRequest) -> HttpResponse:
    """Show the rates that reports in one currency are made with, newest first."""
    return render(
        request, "payments/rate_list.html", {"page": paged(request, ExchangeRate.objects.all())}
    )


@may("cost.manage")
def enter_rate(request: HttpRequest) -> HttpResponse:
    return act_page(
        request,
        EnterRateForm(request.POST or None),
        title=_("Enter an exchange rate"),
        then=reverse("payments:rate_list"),
        done=_("The rate is entered."),
        cancel=reverse("payments:rate_list"),
    )
