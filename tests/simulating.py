"""A provider whose address is the simulator's, and an attempt through it."""

import uuid
from itertools import count

from accounts.models import User
from payments.models import Attempt, MoneyAccount, Provider
from payments.providers.simulator import SECRETS, Simulator
from sites_app.models import Site
from tenants.models import Lease

WALLETS = {
    Provider.Kind.ORANGE_MONEY: MoneyAccount.Kind.ORANGE_MONEY,
    Provider.Kind.MTN_MOMO: MoneyAccount.Kind.MTN_MOMO,
    Provider.Kind.WAVE: MoneyAccount.Kind.WAVE,
    Provider.Kind.DJOMY: MoneyAccount.Kind.MERCHANT_CODE,
}
_numbers = count(1)


def make_provider(
    simulator: Simulator, kind: str, site: Site, *, callback_url="http://127.0.0.1:8000", **fields
) -> Provider:
    """Enter and enable a provider of ``site`` at the simulator; Wave alone is no test one."""
    wallet = WALLETS[kind]
    account, _ = MoneyAccount.objects.get_or_create(
        site=site, code=MoneyAccount.CODES[wallet], defaults={"kind": wallet, "name": wallet.label}
    )
    return Provider.objects.create(
        **{
            "site": site,
            "kind": kind,
            "account": account,
            "base_url": simulator.url,
            "callback_url": callback_url,
            "sandbox": kind != Provider.Kind.WAVE,
            "secrets": dict(SECRETS[kind]),
            "enabled": True,
            **fields,
        }
    )


def make_attempt(provider: Provider, lease: Lease, amount=150_000, **fields) -> Attempt:
    """Write down an attempt of which nobody has been told yet."""
    return Attempt.objects.create(
        **{
            "site": provider.site,
            "lease": lease,
            "provider": provider,
            "amount": amount,
            "asked": amount,
            "currency": provider.site.currency,
            "order_id": f"A{next(_numbers):05d}-{uuid.uuid4().hex[:8]}",
            "phone": "+224622112233",
            "created_by": User.objects.system(),
            **fields,
        }
    )
