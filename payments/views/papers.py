"""Papers over the pages: receipts to print, and a tenant's statement of account."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from akig.lib.doors import may
from payments.documents import FORMATS, receipt_pdf, statement_pdf
from payments.forms.papers import StatementForm
from payments.metrics import Statement, statement
from payments.models import Receipt
from payments.services.links import link_address
from tenants.models import Lease, Tenant


@require_safe
@may("receipt.view")
def receipt_paper(request: HttpRequest, number: str) -> HttpResponse:
    """Give a receipt or quittance as PDF: A6, or ``?format=80mm`` for a roll."""
    rows = Receipt.objects.visible_to(request.user).select_related("site")
    receipt = get_object_or_404(rows, number=number)
    form = request.GET.get("format", FORMATS[0])
    if form not in FORMATS:
        raise Http404
    return pdf_response(receipt_pdf(receipt, form=form), f"{receipt.number}.pdf")


@require_safe
@may("payment.view")
def tenant_statement(request: HttpRequest, tenant_id: int) -> HttpResponse:
    """Show the account of a tenant between two days; ``?format=pdf`` gives it on paper."""
    tenant = get_object_or_404(
        Tenant.objects.visible_to(request.user).select_related("site"), pk=tenant_id
    )
    leases = Lease.objects.visible_to(request.user).real().filter(tenant=tenant)
    leases = list(leases.select_related("site").order_by("start", "reference"))
    form = StatementForm(leases, request.GET)
    if not form.is_valid():
        page = {"tenant": tenant, "form": form, "leases": leases}
        return render(request, "payments/tenant_statement.html", page, status=400)
    account = _account(form.chosen(), form)
    if request.GET.get("format") == "pdf":
        content = statement_pdf(
            tenant,
            tenant.site,
            account,
            leases=form.chosen(),
            printed_by=str(request.user),
            language=request.user.language,
            link=link_address(tenant) if request.user.may("receipt.issue") else "",
        )
        name = _("statement")
        return pdf_response(content, f"{name}-{tenant.code}-{account.last}.pdf")
    page = {"tenant": tenant, "form": form, "leases": leases, "account": account}
    return render(request, "payments/tenant_statement.html", page)


def _account(leases: list[Lease], form: StatementForm) -> Statement:
    return statement(leases, form.cleaned_data["from"], form.cleaned_data["to"])


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """Answer with a PDF that the browser shows; saved, it is called ``name``."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
