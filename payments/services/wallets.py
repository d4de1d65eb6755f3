"""Acts on bank accounts and wallets, and which branches pay into each."""

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.verbs import unchanged, verb
from akig.lib.isolation import everywhere
from akig.lib.saving import Refusals, correct, locked, save
from payments.models import MoneyAccount
from payments.services.posting import Code, accounts_of, open_account
from sites_app.models import Site

Kind = MoneyAccount.Kind

REFUSALS: Refusals = {
    "one_money_account_per_code": (
        "conflict",
        "name",
        _("Another account was opened at this moment: please try again."),
    ),
}


@verb("provider.manage")
def add_account(
    *, actor, site: Site, kind: str, name: str, number: str = "", is_shared: bool = True
) -> MoneyAccount:
    """Enter a bank account or wallet of a branch.

    The first of a kind is the one in which payments of that kind lie; a second one gets an
    account of the journal of its own (5211 beside 521).
    """
    return open_money_account(site, kind, name=name, number=number, is_shared=is_shared)


@verb("provider.manage")
def correct_account(
    *, actor, account: MoneyAccount, version: int | None = None, **changes
) -> MoneyAccount:
    """Change name, number, sharing or use of an account. Raises Conflict ``stale``."""
    account = locked(account, version)
    return account if correct(account, changes, REFUSALS) else unchanged(account)


def wallet_of(site: Site, kind: str) -> MoneyAccount:
    """Return the first account of ``kind`` of a branch, entering it if there is none."""
    found = MoneyAccount.objects.filter(site=site, code=MoneyAccount.CODES[kind]).first()
    return found or open_money_account(site, kind, name=capfirst(Kind(kind).label))


def open_money_account(
    site: Site, kind: str, *, name: str, number: str = "", is_shared: bool = True
) -> MoneyAccount:
    account = MoneyAccount(
        site=site,
        kind=kind,
        name=name,
        number=number,
        is_shared=is_shared,
        code=free_code(site, kind),
    )
    save(account, REFUSALS)
    open_books(account, site.pk)
    return account


def free_code(site: Site, kind: str) -> str:
    """Return 521, or 5211, 5212 and so on where the branch has such accounts already."""
    first = str(MoneyAccount.CODES[kind])
    taken = set(
        MoneyAccount.objects.filter(site=site, code__startswith=first).values_list(
            "code", flat=True
        )
    )
    codes = (first, *(f"{first}{number}" for number in range(1, 1000)))
    return next(code for code in codes if code not in taken)


def open_books(account: MoneyAccount, site_id: str) -> int:
    """Return the number of the account's mirror in the journal of a branch that pays into it."""
    if account.code in Code.values:
        return accounts_of(site_id)[account.code]
    return open_account(site_id, account.code, account.name)


@everywhere()
def branches_served(account: MoneyAccount) -> list[str]:
    """Return the codes of the branches whose tenants pay into ``account``, its own first.

    A shared one serves every branch of its currency that has no account of its own for the same
    money: so each franc under a code belongs to one account, and can be compared with it. Whoever
    keeps it acts on its lines, and on nothing else, for branches where he does not work.
    """
    if not account.is_shared:
        return [account.site_id]
    own = MoneyAccount.objects.filter(code=account.code, is_active=True).values("site")
    others = Site.objects.filter(currency=account.site.currency, is_active=True)
    others = others.exclude(Q(pk=account.site_id) | Q(pk__in=own)).order_by("pk")
    return [account.site_id, *others.values_list("pk", flat=True)]


@everywhere()
def account_serving(site: Site, kind: str) -> MoneyAccount | None:
    """Return the account of ``kind`` that the tenants of a branch pay into, if there is one."""
    first = MoneyAccount.CODES[kind]
    accounts = MoneyAccount.objects.filter(code=first, is_active=True).select_related("site")
    return accounts.filter(site=site).first() or (
        accounts.filter(is_shared=True, site__currency=site.currency).order_by("pk").first()
    )
