"""Cash on its way from the tenant's hand to the bank: collectors, the till, slips.

No act of handing on takes an account below zero: what was never recorded cannot be handed over, so
a payment that somebody forgot shows on the evening of the same day.
"""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict, NotAllowed
from akig.lib.freshness import renew
from akig.lib.money import format_amount
from payments.metrics.tills import cash_in, declared_from
from payments.models import (
    Account,
    BankDeposit,
    CashLimit,
    DayClosing,
    HandOver,
    JournalEntry,
    MoneyAccount,
    StatementLine,
)
from payments.models.tills import worth_of
from payments.services.once import claim_key, fingerprint_of, keep_answer
from payments.services.posting import (
    Code,
    accounts_of,
    cash_account,
    lock_books,
    open_day,
    post,
    reverse,
)
from payments.services.wallets import account_serving, open_books, wallet_of
from sites_app.models import Site
from sites_app.querysets import branches_of

Kind = JournalEntry.Kind

#: How long after the slip a line without its number may still be its arrival.
WEEK = datetime.timedelta(days=7)


class TooLittleCash(Conflict):
    """More would leave than the books say is there."""

    code = "too_little_cash"


class AlreadyAnswered(Conflict):
    """Somebody confirmed or refused the hand-over before."""

    code = "already_answered"


class DayAlreadyClosed(Conflict):
    """The till was counted on this day, or on a later one."""

    code = "day_closed"


class SlipConflict(Conflict):
    """The slip number stands on another deposit at the bank."""

    code = "slip_conflict"


@verb("cash.handle")
def declare_hand_over(
    *, actor, site: Site, notes: dict[int, int], key: str, receiver=None, from_till: bool = False
) -> HandOver:
    """Declare that ``actor`` gives cash to ``receiver``, or to the till (None).

    ``notes`` counts each denomination. The money is the actor's own, or the till's for those who
    keep it. Nothing is posted before the receiver has counted. Declared again under the same
    ``key``, the first is returned. Raises ``TooLittleCash`` and ``BusinessError``.
    """
    asked = {"site": site, "notes": notes, "receiver": receiver, "from_till": from_till}
    fingerprint = fingerprint_of(asked)
    earlier = claim_key(actor, key, fingerprint, wait=True)
    if earlier is not None:
        return unchanged(HandOver.objects.get(pk=int(bytes(earlier.body))))
    amount = _counted(notes)
    if from_till and not actor.is_staff:
        raise NotAllowed(_("Your role does not allow this."))
    if receiver is not None and (receiver == actor or site.pk not in branches_of(receiver)):
        sentence = _("Choose another person of this branch.")
        raise BusinessError(sentence, fields={"receiver": sentence})
    lock_books(site.pk, [])
    source = _account(site, None if from_till else actor)
    target = _account(site, receiver)
    if source == target:
        sentence = _("The till cannot hand over to itself: choose a person.")
        raise BusinessError(sentence, fields={"receiver": sentence})
    _refuse_more_than(cash_in(source) - declared_from(source), amount, site)
    hand_over = HandOver.objects.create(
        site=site,
        source=source,
        target=target,
        declared=amount,
        declared_notes=_kept(notes),
        given_by=actor,
    )
    keep_answer(actor, key, fingerprint, body=str(hand_over.pk).encode())
    renew(f"site:{site.pk}")
    return hand_over


@verb("cash.handle")
def confirm_hand_over(
    *, actor, hand_over: HandOver, notes: dict[int, int], reason: str = ""
) -> HandOver:
    """Confirm what ``actor`` counted himself: now the cash lies in his account, or in the till.

    The giver is credited with what he declared; a difference goes to 6588 in the same entry and
    needs a ``reason``. Confirmed again, it stays as it is. Raises ``AlreadyAnswered`` when it was
    refused, ``NotAllowed`` for anybody but the receiver, ``TooLittleCash`` and ``BusinessError``.
    """
    lock_books(hand_over.site_id, [])
    hand_over = _held(hand_over)
    if hand_over.state == HandOver.State.CONFIRMED and may_receive(actor, hand_over):
        return unchanged(hand_over)
    _refuse_answered(hand_over)
    if not may_receive(actor, hand_over):
        raise NotAllowed(_("The person who receives the cash counts it and confirms."))
    amount = _counted(notes)
    missing, currency = hand_over.declared - amount, hand_over.site.currency
    if missing and not reason.strip():
        sentence = _("You counted %(counted)s, %(declared)s was declared: say why.") % {
            "counted": format_amount(amount, currency),
            "declared": format_amount(hand_over.declared, currency),
        }
        raise BusinessError(sentence, fields={"reason": sentence})
    _refuse_more_than(cash_in(hand_over.source), hand_over.declared, hand_over.site)
    hand_over.entry = post(
        actor=actor,
        site_id=hand_over.site_id,
        kind=Kind.HAND_OVER,
        value_date=timezone.localdate(),
        lines=[
            {"account": hand_over.target.code, "amount": amount},
            {"account": Code.CASH_DIFFERENCE, "amount": missing},
            {"account": hand_over.source.code, "amount": -hand_over.declared},
        ],
        memo=reason,
    )
    hand_over.counted, hand_over.counted_notes = amount, _kept(notes)
    return _answer(hand_over, HandOver.State.CONFIRMED, actor, reason)


@verb("cash.handle")
def refuse_hand_over(*, actor, hand_over: HandOver, reason: str) -> HandOver:
    """Send a hand-over back: by who should receive it, or taken back by who declared it.

    Refused twice, it stays as it is. Raises ``AlreadyAnswered`` when it was confirmed,
    ``NotAllowed`` for third persons, ``BusinessError`` without a reason.
    """
    lock_books(hand_over.site_id, [])
    hand_over = _held(hand_over)
    if hand_over.state == HandOver.State.REFUSED:
        return unchanged(hand_over)
    _refuse_answered(hand_over)
    if not (actor.pk == hand_over.given_by_id or may_receive(actor, hand_over)):
        raise NotAllowed(_("Only the two persons of a hand-over refuse it."))
    if not reason.strip():
        sentence = _("Say why the hand-over is refused.")
        raise BusinessError(sentence, fields={"reason": sentence})
    return _answer(hand_over, HandOver.State.REFUSED, actor, reason)


def may_receive(user, hand_over: HandOver) -> bool:
    """Tell whether ``user`` is the one who counts: the named person, or who keeps the till."""
    if user.pk == hand_over.given_by_id or not user.may("cash.handle"):
        return False
    if hand_over.target.holder_id:
        return user.pk == hand_over.target.holder_id
    return user.is_staff and hand_over.site_id in branches_of(user)


@verb("cash.close")
def close_day(
    *, actor, site: Site, day: datetime.date, notes: dict[int, int], remark: str = ""
) -> DayClosing:
    """Close the till of a branch for a day: what was counted stands against the journal.

    The difference is posted to 6588. Nobody reopens a day: what is found later is the next day's
    difference. Closed twice with the same count, the first is returned. Raises
    ``DayAlreadyClosed``, and ``BusinessError`` for a day to come or a difference without a remark.
    """
    amount = worth_of(notes)
    if day > timezone.localdate():
        sentence = _("The date is in the future.")
        raise BusinessError(sentence, fields={"day": sentence})
    lock_books(site.pk, [])
    till = _account(site, None)
    last = DayClosing.objects.filter(account=till, day__gte=day).order_by("-day").first()
    if last is not None and (last.day, last.counted) == (day, amount):
        return unchanged(last)
    if last is not None:
        sentence = _(
            "The till was closed for %(day)s: what you find now belongs to the next day."
        ) % {"day": f"{last.day:%d/%m/%Y}"}
        raise DayAlreadyClosed(sentence, fields={"day": sentence})
    expected = cash_in(till, until=day)
    over = amount - expected
    if over and not remark.strip():
        sentence = _("By the journal it should be %(expected)s: say what you know of it.") % {
            "expected": format_amount(expected, site.currency)
        }
        raise BusinessError(sentence, fields={"remark": sentence})
    entry = over and post(
        actor=actor,
        site_id=site.pk,
        kind=Kind.DAY_CLOSE,
        value_date=open_day(site, day),
        lines=[
            {"account": Code.CASH, "amount": over},
            {"account": Code.CASH_DIFFERENCE, "amount": -over},
        ],
        memo=remark,
    )
    closing = DayClosing.objects.create(
        site=site,
        account=till,
        day=day,
        expected=expected,
        counted=amount,
        notes=_kept(notes),
        remark=remark,
        entry=entry or None,
        closed_by=actor,
    )
    renew(f"site:{site.pk}")
    return closing


@verb("cash.close")
def carry_to_bank(
    *,
    actor,
    site: Site,
    amount: int,
    slip: str,
    day: datetime.date | None = None,
    account: MoneyAccount | None = None,
    cheques: bool = False,
) -> BankDeposit:
    """Take cash (or ``cheques``) from the till to the bank: on the way until a statement shows it.

    ``account`` is the bank's (the branch's first one), ``slip`` the number that the bank printed.
    The same slip again is the same deposit. Raises ``TooLittleCash``, ``SlipConflict`` when the
    number stands on another one, ``PeriodClosed``.
    """
    day = day or timezone.localdate()
    if day > timezone.localdate():
        sentence = _("The date is in the future.")
        raise BusinessError(sentence, fields={"day": sentence})
    lock_books(site.pk, [])
    bank = MoneyAccount.Kind.BANK
    account = account or account_serving(site, bank) or wallet_of(site, bank)
    code = Code.CHEQUES if cheques else Code.CASH
    slip = slip.strip()
    earlier = BankDeposit.objects.filter(account=account, slip=slip).select_related("source")
    if (first := earlier.first()) is not None:
        if (first.site_id, first.source.code, first.amount) == (site.pk, code, amount):
            return unchanged(first)
        sentence = _("Another deposit at this bank carries the number %(slip)s.") % {"slip": slip}
        raise SlipConflict(sentence, fields={"slip": sentence})
    source = Account.objects.get(pk=accounts_of(site.pk)[code])
    _refuse_more_than(cash_in(source), amount, site, field="amount")
    entry = post(
        actor=actor,
        site_id=site.pk,
        kind=Kind.BANK_SLIP,
        value_date=open_day(site, day),
        lines=[
            {"account": Code.TRANSIT, "amount": amount},
            {"account": code, "amount": -amount},
        ],
        memo=slip,
    )
    deposit = BankDeposit.objects.create(
        site=site,
        source=source,
        account=account,
        amount=amount,
        slip=slip,
        day=day,
        entry=entry,
        made_by=actor,
    )
    renew(f"site:{site.pk}")
    return deposit


def deposit_of(line: StatementLine) -> BankDeposit | None:
    """Return the deposit at the bank that ``line`` shows the arrival of, if one alone may be meant.

    The slip's number in the line's text or references decides; else the amount does, for deposits
    of the ``WEEK`` before the line's day.
    """
    waiting = BankDeposit.objects.filter(account=line.account_id, amount=line.amount, line=None)
    waiting = list(waiting.filter(day__lte=line.day).order_by("day", "pk"))
    said = _letters(" ".join([line.text, line.reference, *line.other_references]))
    named = [deposit for deposit in waiting if _letters(deposit.slip) in said]
    near = [deposit for deposit in waiting if line.day - deposit.day <= WEEK]
    found = named or near
    return found[0] if len(found) == 1 else None


def _letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


@verb("payment.reconcile")
def arrive(*, actor, deposit: BankDeposit, line: StatementLine) -> BankDeposit:
    """Say that ``line`` of the bank's statement is ``deposit``: 585 moves to the bank.

    The caller has taken the line out of suspense, in the same transaction, and marks it explained.
    Said twice, nothing more happens. Raises ``Conflict`` when either belongs to another already,
    or account or amount differ.
    """
    lock_books(deposit.site_id, [])
    deposit = (
        BankDeposit.objects.select_for_update(of=("self",))
        .select_related("site", "account")
        .get(pk=deposit.pk)
    )
    if deposit.line_id == line.pk:
        return unchanged(deposit)
    taken = BankDeposit.objects.filter(line=line).exists()
    same = (line.account_id, line.amount) == (deposit.account_id, deposit.amount)
    if deposit.line_id or taken or not same:
        raise Conflict(_("This line is not the arrival of this deposit."))
    open_books(deposit.account, deposit.site_id)
    deposit.line = line
    deposit.arrived_entry = post(
        actor=actor,
        site_id=deposit.site_id,
        kind=Kind.BANK_SLIP,
        value_date=open_day(deposit.site_id, line.day),
        lines=[
            {"account": deposit.account.code, "amount": deposit.amount},
            {"account": Code.TRANSIT, "amount": -deposit.amount},
        ],
        memo=deposit.slip,
    )
    deposit.save(update_fields=["line", "arrived_entry"])
    renew(f"site:{deposit.site_id}")
    return deposit


@verb("payment.reconcile")
def take_back_arrival(*, actor, deposit: BankDeposit, reason: str) -> BankDeposit:
    """Say that a line was not the arrival of ``deposit``: it is on its way again.

    The caller puts the line back, in the same transaction. Said twice, nothing more happens.
    """
    lock_books(deposit.site_id, [])
    rows = BankDeposit.objects.select_for_update(of=("self",)).select_related("arrived_entry")
    deposit = rows.get(pk=deposit.pk)
    entry = deposit.arrived_entry
    if entry is None:
        return unchanged(deposit)
    day = open_day(deposit.site_id, entry.value_date)
    reverse(actor=actor, entry=entry, on=day, memo=reason[:200])
    deposit.line = deposit.arrived_entry = None
    deposit.save(update_fields=["line", "arrived_entry"])
    renew(f"site:{deposit.site_id}")
    return deposit


@verb("site.manage")
def set_cash_limit(*, actor, site: Site, agent, amount: int) -> CashLimit:
    """Set how much cash ``agent`` may carry at a branch before all are warned (0: no limit)."""
    limit, created = CashLimit.objects.select_for_update().get_or_create(
        site=site, agent=agent, defaults={"amount": amount}
    )
    if not created:
        if limit.amount == amount:
            return unchanged(limit)
        limit.amount = amount
        limit.save(update_fields=["amount"])
    renew(f"site:{site.pk}")
    return limit


def _account(site: Site, person) -> Account:
    """Return the account of the cash of ``person``, or of the till (None)."""
    code = Code.CASH if person is None else cash_account(site.pk, person)
    return Account.objects.get(pk=accounts_of(site.pk)[code])


def _counted(notes: dict[int, int]) -> int:
    amount = worth_of(notes)
    if amount <= 0:
        raise BusinessError(_("Count the notes: nothing was entered."))
    return amount


def _kept(notes: dict[int, int]) -> dict[str, int]:
    return {str(worth): number for worth, number in notes.items() if number}


def _refuse_more_than(there: int, amount: int, site: Site, *, field: str = ""):
    if amount <= there:
        return
    sentence = _(
        "The books know of %(there)s there, not of %(amount)s: record what is missing first."
    ) % {
        "there": format_amount(max(there, 0), site.currency),
        "amount": format_amount(amount, site.currency),
    }
    raise TooLittleCash(sentence, fields={field: sentence} if field else {})


def _held(hand_over: HandOver) -> HandOver:
    rows = HandOver.objects.select_for_update(of=("self",))
    return rows.select_related("site", "source", "target", "given_by").get(pk=hand_over.pk)


def _refuse_answered(hand_over: HandOver):
    if hand_over.state != HandOver.State.DECLARED:
        raise AlreadyAnswered(_("This hand-over has been answered already."))


def _answer(hand_over: HandOver, state: str, actor, reason: str) -> HandOver:
    hand_over.state, hand_over.reason = state, reason
    hand_over.received_by, hand_over.received_at = actor, timezone.now()
    hand_over.save(
        update_fields=[
            "state",
            "reason",
            "counted",
            "counted_notes",
            "received_by",
            "received_at",
            "entry",
        ]
    )
    renew(f"site:{hand_over.site_id}")
    return hand_over
