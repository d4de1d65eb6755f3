"""The demonstration's contracts with providers: all of them lead to the simulator."""

from decimal import Decimal

from django.conf import settings

from payments.models import Provider
from payments.providers.simulator import SECRETS
from payments.providers.simulator.server import PORT
from payments.services.contracts import WALLETS
from payments.services.wallets import wallet_of
from sites_app.models import Site

#: Whom the tenants of a country pay through.
KINDS = {
    "GN": (Provider.Kind.ORANGE_MONEY, Provider.Kind.MTN_MOMO, Provider.Kind.DJOMY),
    "SN": (Provider.Kind.ORANGE_MONEY, Provider.Kind.WAVE),
    "ML": (Provider.Kind.ORANGE_MONEY, Provider.Kind.WAVE),
}


def add_providers() -> None:
    """Enter a contract of each branch and provider; ``manage.py provider_simulator`` answers.

    Only the demonstration enables them: elsewhere they stand there and ask nobody.
    """
    for site in Site.objects.filter(is_active=True):
        for kind in KINDS.get(site.country, ()):
            Provider.objects.get_or_create(
                site=site,
                kind=kind,
                defaults={
                    "account": wallet_of(site, WALLETS[kind]),
                    "base_url": f"http://127.0.0.1:{PORT}",
                    "callback_url": settings.PUBLIC_URL,
                    "sandbox": kind != Provider.Kind.WAVE,
                    "secrets": dict(SECRETS[kind]),
                    "fee_percent": Decimal(1),
                    "fee_bearer": "tenant" if kind == Provider.Kind.DJOMY else "agency",
                    "enabled": settings.DEMO,
                },
            )
