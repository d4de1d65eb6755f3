"""The tenant's link: who opens it is the tenant, until it expires or the agency makes a new one."""

from urllib.parse import quote

from django.conf import settings
from django.core import signing
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.verbs import verb
from akig.lib.errors import BusinessError
from payments.models import TenantLink
from tenants.models import Tenant

DAY = 24 * 3600  # seconds
_signer = signing.TimestampSigner(salt="payments.tenant_link")


class LinkRefused(BusinessError):
    """The link is forged, too old, or a newer one took its place.

    ``tenant`` is whose it was, where it is ours at all.
    """

    code = "link_refused"
    status = 404

    def __init__(self, tenant: Tenant | None = None):
        super().__init__(_("This link does not work any more."))
        self.tenant = tenant


def link_token(tenant: Tenant) -> str:
    """Return what stands behind ``/l/`` in the link of ``tenant``, signed now."""
    number = TenantLink.objects.filter(tenant=tenant).values_list("number", flat=True).first()
    return _signer.sign(f"{tenant.pk}.{number or 0}")


def link_address(tenant: Tenant) -> str:
    """Return the absolute address of the page of ``tenant``."""
    return settings.PUBLIC_URL + reverse("payments:tenant_link", args=[link_token(tenant)])


def tenant_of(token: str) -> Tenant:
    """Return the tenant whose link carries ``token``, with branch and telephones.

    Raises ``LinkRefused``.
    """
    try:
        said = _signer.unsign(token)
    except signing.BadSignature as error:
        raise LinkRefused from error
    key, _dot, number = said.partition(".")
    tenants = Tenant.objects.select_related("site", "link").prefetch_related("phones")
    tenant = tenants.filter(pk=key).first()
    if tenant is None:
        raise LinkRefused
    link = getattr(tenant, "link", None)
    if int(number) != (link.number if link else 0):
        raise LinkRefused(tenant)
    try:
        _signer.unsign(token, max_age=settings.TENANT_LINK_DAYS * DAY)
    except signing.SignatureExpired as error:
        raise LinkRefused(tenant) from error
    return tenant


def messages_with(tenant: Tenant, address: str) -> dict[str, str]:
    """Return the addresses that open a message with the link to the tenant's telephone."""
    if not tenant.phone:
        return {}
    text = quote(_("Your account at %(agency)s: %(address)s") % {
        "agency": settings.AGENCY_NAME, "address": address
    })  # fmt: skip
    return {
        "whatsapp": f"https://wa.me/{tenant.phone.lstrip('+')}?text={text}",
        "sms": f"sms:{tenant.phone}?body={text}",
    }


@verb("receipt.issue")
def renew_link(*, actor, tenant: Tenant) -> TenantLink:
    """Let all links handed out before for ``tenant`` stop; the next one carries a new number."""
    link, _created = TenantLink.objects.get_or_create(
        tenant=tenant, defaults={"site_id": tenant.site_id}
    )
    TenantLink.objects.filter(pk=link.pk).update(number=F("number") + 1)
    link.refresh_from_db()
    return link
