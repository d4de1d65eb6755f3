"""Messages (SMS) of mobile-money operators that somebody pastes: lines like those of statements."""

from django.db import transaction

from accounts.verbs import unchanged, verb
from akig.lib.freshness import renew
from akig.lib.isolation import everywhere
from payments.models import MoneyAccount, StatementLine
from payments.readers import fingerprint, read_message
from payments.services.placing import certain_lines, complete_linked
from payments.services.statements import Kind, Taking, post_certain, source_of
from payments.services.suspense import suspend
from payments.services.wallets import account_serving, wallet_of
from sites_app.models import Site


@verb("payment.reconcile")
@everywhere()  # of a shared account: see wallets.branches_served
def take_message(*, actor, site: Site, text: str) -> StatementLine:
    """Make a line of an operator's message (SMS) that somebody pasted, as a statement would.

    The same message again, or a statement with the same number later, adds nothing. Raises
    StatementRefused, which says what the message lacks.
    """
    movement = read_message(text, site.country)
    kind = source_of(movement.kind) or Kind.ORANGE_MONEY
    account = account_serving(site, kind)
    visible = MoneyAccount.objects.visible_to(actor)
    if account is None or not visible.filter(pk=account.pk).exists():
        account = wallet_of(site, kind)
    account = (
        MoneyAccount.objects.select_for_update(of=("self",))
        .select_related("site")
        .get(pk=account.pk)
    )
    taken = Taking(actor, account, None)
    keys = taken.take([movement])
    if not keys:
        mark = fingerprint(movement)
        return unchanged(StatementLine.objects.get(account=account, fingerprint=mark))
    taken.pair_reversals()
    complete_linked(actor, account, taken.linked)
    certain = certain_lines(account)
    if keys[0] in certain:
        transaction.on_commit(lambda: post_certain(account))
    else:
        suspend(actor, account, keys)
    renew(f"site:{account.site_id}")
    return StatementLine.objects.get(pk=keys[0])
