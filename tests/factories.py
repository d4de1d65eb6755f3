"""Data beyond the cast: plain functions, each with one thing to say and defaults for the rest."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from payments.models import (
    Attempt,
    Charge,
    MoneyAccount,
    Payment,
    Provider,
    Statement,
    StatementLine,
)
from payments.services.charging import raise_charge
from payments.services.collecting import cancel_payment, record_payment
from payments.services.contracts import WALLETS
from payments.services.receipts import new_code
from payments.services.wallets import wallet_of
from recovery.models import Action, Case, Notice, Promise
from recovery.services.promises import take_promise
from sites_app.models import Approval, Owner, Property, Site, Unit
from sites_app.services.branches import set_rule
from sites_app.services.mandates import write_mandate
from tenants.models import Lease, Tenant, TenantPhone
from tenants.services import sign_lease

_numbers = count(1)


def make_owner(site: Site, name="Ibrahima Sow", **fields) -> Owner:
    return Owner.objects.create(site=site, code=f"P-{next(_numbers) + 1000}", name=name, **fields)


def make_property(
    *,
    site: Site,
    owner: Owner | None = None,
    name="Résidence Lambanyi",
    commission: Decimal | None = None,
    **fields,
) -> Property:
    """Enter a property; with ``commission`` (per cent) it has a mandate since 2000."""
    house = Property.objects.create(
        site=site,
        owner=owner or make_owner(site),
        code=f"I-{next(_numbers) + 1000}",
        name=name,
        **{"quartier": "Kipé", "commune": "Ratoma", **fields},
    )
    if commission is not None:
        write_mandate(house, commission=commission, start=date(2000, 1, 1))
    return house


def make_unit(house: Property, number="", **fields) -> Unit:
    return Unit.objects.create(
        site_id=house.site_id, property=house, number=number or f"U{next(_numbers)}", **fields
    )


def make_tenant(*, site: Site, name="Mariama Bah", phone="", **fields) -> Tenant:
    tenant = Tenant.objects.create(
        site=site, code=f"L-{next(_numbers) + 1000}", name=name, **fields
    )
    if phone:
        TenantPhone.objects.create(site=site, tenant=tenant, number=phone, is_primary=True)
    return tenant


def make_lease(
    *,
    unit: Unit | None = None,
    site: Site | None = None,
    tenant: Tenant | None = None,
    rent=1_000_000,
    start=date(2026, 1, 1),
    **terms,
) -> Lease:
    """Sign a lease of ``unit`` (or of a new one at ``site``); rent in minor units per month."""
    unit = unit or make_unit(make_property(site=site, commission=Decimal(10)))
    return sign_lease(
        actor=User.objects.system(),
        site=unit.site,
        tenant=tenant or make_tenant(site=unit.site),
        units=[unit],
        rent=rent,
        start=start,
        **terms,
    )


def charge(
    lease: Lease,
    amount: int,
    start: date,
    *,
    end: date | None = None,
    due: date | None = None,
    kind=Charge.Kind.RENT,
) -> Charge:
    """Charge one amount by hand, due on its first day."""
    return raise_charge(
        actor=User.objects.system(),
        lease=lease,
        kind=kind,
        amount=amount,
        period_start=start,
        period_end=end or start,
        due_date=due or start,
    )


def pay(lease: Lease, amount: int, day: date | None = None, *, actor=None, **fields) -> Payment:
    """Record a payment (cash, today, by the system)."""
    return record_payment(
        actor=actor or User.objects.system(),
        lease=lease,
        amount=amount,
        value_date=day,
        **{"method": Payment.Method.CASH, **fields},
    )


def ask_approval(payment: Payment, actor: User) -> Approval:
    """Let ``actor`` ask to cancel ``payment``, of which the branch now wants to know of each."""
    set_rule(
        actor=User.objects.system(),
        site=payment.site,
        name="cancel_threshold",
        value="0",
        valid_from=date(2000, 1, 1),
    )
    return cancel_payment(actor=actor, payment=payment, reason="Twice")


#: What every provider is given in tests; each takes the secrets that it knows.
SECRETS = {
    "client_id": "client-id",
    "client_secret": "client-secret",
    "merchant_key": "merchant-key",
    "api_user": "api-user",
    "api_key": "api-key",
    "subscription_key": "subscription-key",
    "target_environment": "sandbox",
    "webhook_secret": "webhook-secret",
}


def make_provider(site: Site, kind="mtn_momo", *, base_url="http://127.0.0.1:1", **fields):
    """Enter a branch's contract, enabled; at the usual address nobody answers."""
    return Provider.objects.create(
        **{
            "site": site,
            "kind": kind,
            "account": wallet_of(site, WALLETS[kind]),
            "base_url": base_url,
            "callback_url": "http://127.0.0.1:8000",
            "secrets": SECRETS,
            "enabled": True,
            **fields,
        }
    )


def make_attempt(provider: Provider, lease: Lease, amount=400_000, **fields) -> Attempt:
    """Write down an attempt as if it had been sent."""
    return Attempt.objects.create(
        **{
            "site": lease.site,
            "lease": lease,
            "provider": provider,
            "amount": amount,
            "asked": amount,
            "currency": lease.site.currency,
            "order_id": f"AK{new_code()}",
            "state": "waiting_payer",
            "created_by": User.objects.system(),
            **fields,
        }
    )


def make_statement(site: Site, person: User) -> tuple[Statement, StatementLine]:
    """Enter a statement of one line of money that nobody knows."""
    account = wallet_of(site, MoneyAccount.Kind.WAVE)
    statement = Statement.objects.create(
        site=site, account=account, name="wave.csv", handed_in_by=person, state="read"
    )
    line = StatementLine.objects.create(
        site=site,
        account=account,
        statement=statement,
        fingerprint="T_0",
        day=date(2026, 10, 5),
        amount=7,
    )
    return statement, line


def make_promise(tenant: Tenant, amount=400_000, *, actor=None, days=7) -> Promise:
    """Take a promise of ``tenant`` for some days ahead (by the system)."""
    return take_promise(
        actor=actor or User.objects.system(),
        tenant=tenant,
        amount=amount,
        due_on=timezone.localdate() + timedelta(days=days),
    )


def make_step(case: Case, *, channel="letter", state="to_send", **fields) -> Action:
    """Write down a step of the ladder for ``case`` as it stands (by the system)."""
    person = User.objects.system()
    if state == "sent":
        sent = {"sent_by": person, "sent_at": timezone.now(), "amount": case.balance}
        fields = {**sent, "text": "Bonjour", **fields}
    return Action.objects.create(
        site=case.site,
        tenant=case.tenant,
        level=case.next_level,
        channel=channel,
        state=state,
        decided_by=person,
        **fields,
    )


def make_notice(lease: Lease, **fields) -> Notice:
    """Write down a notice of the tenant that was issued, with a kept paper (by the system)."""
    person, today = User.objects.system(), timezone.localdate()
    return Notice.objects.create(
        **{
            "site": lease.site,
            "tenant": lease.tenant,
            "lease": lease,
            "kind": "tenant",
            "state": "issued",
            "given_on": today,
            "leaves_on": today + timedelta(days=30),
            "written_by": person,
            "year": today.year,
            "sequence": 1,
            "number": f"PR-{lease.site_id}-{today.year}-000001",
            "issued_by": person,
            "issued_at": timezone.now(),
            "paper": ContentFile(b"%PDF-1.7", name="notice.pdf"),
            "digest": "0" * 64,
        }
        | fields
    )


def lay_anew(site: Site) -> None:
    """Let the next settlement keep nothing: a word on the branch's rule is later than all money."""
    past = {"valid_from": date(2000, 1, 1)}
    set_rule(actor=User.objects.system(), site=site, name="allocation", value="oldest", **past)
