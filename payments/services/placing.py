"""Acts on the lines of statements: whose money it is, what it was, and taking that back."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.isolation import everywhere
from akig.lib.money import format_amount
from payments.models import (
    BankDeposit,
    JournalEntry,
    JournalLine,
    KnownPayer,
    LinePart,
    MoneyAccount,
    Payment,
    Proof,
    StatementLine,
)
from payments.services.collecting import cancel_payment, record_payment, record_payments
from payments.services.matching import CERTAIN, facts_of, mark_of
from payments.services.posting import Code, lock_books, open_day, post, reverse
from payments.services.suspense import answer_suspense, put_back
from payments.services.tills import arrive, deposit_of, take_back_arrival
from payments.services.wallets import branches_served, open_books
from sites_app.models import Site
from tenants.models import Lease

State = StatementLine.State
Explanation = StatementLine.Explanation

#: The account of the journal that each explanation ends in; None where an entry stands already.
EXPLAINS = {
    Explanation.FEE: Code.PROVIDER_FEES,
    Explanation.TRANSFER: Code.TRANSIT,
    Explanation.COST: Code.SERVICES,
    Explanation.PAYOUT: None,
    Explanation.DEPOSIT: None,
    Explanation.OTHER: None,
}
#: The entries that explain money out, and how far from the line they may be dated.
STANDING = {
    Explanation.PAYOUT: JournalEntry.Kind.PAYOUT,
    Explanation.DEPOSIT: JournalEntry.Kind.DEPOSIT,
}
NEAR = datetime.timedelta(days=20)
MOST_ENTRIES = 200
#: Lines posted in one transaction: the books of a branch are held meanwhile.
BATCH = 200
REFERENCE = 80


class LineTaken(Conflict):
    """Somebody has placed this line already, otherwise."""

    code = "line_matched"


def held(line: StatementLine, leases: Iterable[Lease] = ()) -> StatementLine:
    """Hold the books that placing ``line`` writes, then the line; return it as it is now."""
    wanted: dict[str, list[int]] = {line.site_id: []}
    for lease in leases:
        wanted.setdefault(lease.site_id, []).append(lease.pk)
    for site in LinePart.objects.filter(line=line).values_list("payment__site", flat=True):
        wanted.setdefault(site, [])
    for site in sorted(wanted):
        lock_books(site, wanted[site])
    lines = StatementLine.objects.select_related("account__site", "suspense", "entry", "site")
    return lines.select_for_update(of=("self",)).get(pk=line.pk)


# Whose money it is


@verb("payment.reconcile")
@everywhere()  # of a shared account: see wallets.branches_served
def match_line(*, actor, line: StatementLine, parts: Sequence[tuple[Lease, int]]) -> StatementLine:
    """Record the money of ``line`` for the leases of ``parts``: ``(lease, minor units)`` each.

    The parts make up the whole line. Its entry in suspense is answered, the payments carry the
    provider's number, and who paid for another is remembered. Placed so already, the line is
    returned as it is. Raises ``LineTaken`` and the refusals of ``record_payment``.
    """
    line = held(line, [lease for lease, _amount in parts])
    if line.state == State.POSTED and parts_of(line) == sorted(
        (lease.pk, amount) for lease, amount in parts
    ):
        return unchanged(line)
    refuse_taken(line)
    refuse_parts(line, parts)
    answer_suspense(actor, line, _("Placed: %(line)s") % {"line": line})
    told = {candidate["lease"]: candidate for candidate in line.candidates}
    fee = line.fee
    for number, (lease, amount) in enumerate(parts, start=1):
        open_books(line.account, lease.site_id)
        payment = record_payment(
            actor=actor,
            lease=lease,
            amount=amount,
            method=method_of(line.account),
            value_date=day_of(line, lease.site_id),
            reference=reference_of(line, number),
            source=Payment.Source.STATEMENT,
            money=line.account.code,
            fee=min(fee, amount),
        )
        fee -= min(fee, amount)
        candidate = told.get(lease.pk, {})
        LinePart.objects.create(
            site_id=lease.site_id,
            line=line,
            payment=payment,
            amount=amount,
            made=True,
            score=candidate.get("score", 0),
            reasons=candidate.get("reasons", []),
            matched_by=actor,
        )
        learn(line, lease)
    line.state = State.POSTED
    line.save(update_fields=["state", "suspense"])
    renew(f"site:{line.site_id}")
    return line


@verb("payment.reconcile")
@everywhere()  # of a shared account: see wallets.branches_served
def link_line(*, actor, line: StatementLine, payment: Payment) -> StatementLine:
    """Say that ``line`` is a payment that the office has recorded already; no money is added.

    Raises ``LineTaken``, and BusinessError when the amounts differ or another line proves it.
    """
    line = held(line, [payment.lease])
    if line.state == State.LINKED and line.parts.filter(payment=payment, undone_at=None).exists():
        return unchanged(line)
    refuse_taken(line)
    if not agrees(line.amount, payment.amount, payment.fee):
        raise BusinessError(_("The payment is of another amount."))
    if payment.line_parts.filter(undone_at=None).exists():
        raise LineTaken(_("Another line of a statement proves this payment already."))
    if payment.status == Payment.Status.CANCELLED:
        raise Conflict(_("This payment is cancelled."))
    answer_suspense(actor, line, _("Already recorded: %(line)s") % {"line": line})
    told = next((one for one in line.candidates if one.get("payment") == payment.pk), {})
    LinePart.objects.create(
        site_id=payment.site_id,
        line=line,
        payment=payment,
        amount=payment.amount,
        made=False,
        score=told.get("score", 0),
        reasons=told.get("reasons", []),
        matched_by=actor,
    )
    line.state = State.LINKED
    line.save(update_fields=["state", "suspense"])
    learn(line, payment.lease)
    complete_linked(actor, line.account, [line.pk])
    renew(f"site:{line.site_id}")
    line.refresh_from_db(fields=["entry"])
    return line


def parts_of(line: StatementLine) -> list[tuple[int, int]]:
    rows = line.parts.filter(undone_at=None).values_list("payment__lease", "amount")
    return sorted(rows)


def refuse_taken(line: StatementLine) -> None:
    if line.state not in StatementLine.OPEN:
        raise LineTaken(
            _("This line is %(state)s already.") % {"state": line.get_state_display()},
        )


def refuse_parts(line: StatementLine, parts: Sequence[tuple[Lease, int]]) -> None:
    if line.amount <= 0:
        raise BusinessError(_("This money went out: say what it was for."))
    leases = [lease.pk for lease, _amount in parts]
    if not leases or len(set(leases)) < len(leases):
        raise BusinessError(
            _("Name each lease once."), fields={"lease": _("Name each lease once.")}
        )
    served = set(branches_served(line.account)) | {line.site_id}
    for lease, amount in parts:
        if lease.site.currency != line.site.currency:
            sentence = _("This lease is in another currency.")
            raise BusinessError(sentence, fields={"lease": sentence})
        if lease.site_id not in served:
            sentence = _("The tenants of this branch pay into another account.")
            raise BusinessError(sentence, fields={"lease": sentence})
        if amount <= 0:
            sentence = _("Each part must be above zero.")
            raise BusinessError(sentence, fields={"amount": sentence})
    total = sum(amount for _lease, amount in parts)
    if total != line.amount:
        sentence = _("The parts make %(total)s, the line is of %(amount)s.") % {
            "total": format_amount(total, line.site.currency),
            "amount": format_amount(line.amount, line.site.currency),
        }
        raise BusinessError(sentence, code="parts_differ", fields={"amount": sentence})


def method_of(account: MoneyAccount) -> str:
    kind = MoneyAccount.Kind
    return Payment.Method.BANK_TRANSFER if account.kind == kind.BANK else account.kind


def reference_of(line: StatementLine, number: int = 1) -> str:
    """Return the number under which part ``number`` of a line is recorded: one each, or none."""
    if not line.reference or number == 1:
        return line.reference[:REFERENCE]
    ending = f"/{number}"
    return line.reference[: REFERENCE - len(ending)] + ending


def day_of(line: StatementLine, site: str) -> datetime.date:
    """Return the day on which the money of a line counts: never later than today."""
    return open_day(site, min(line.day, timezone.localdate()))


def agrees(amount: int, paid: int, fee: int) -> bool:
    """Tell whether a line of ``amount`` may be a payment of ``paid``, with or without its fee."""
    return amount in (paid, paid + fee, paid - fee)


def learn(line: StatementLine, lease: Lease) -> None:
    """Remember who pays for this lease, where it is not the tenant himself."""
    tenant = lease.tenant
    marks = []
    if line.phone and not tenant.phones.filter(number=line.phone).exists():
        marks.append(line.phone)
    if (party := mark_of(line.party)) and party != mark_of(tenant.name):
        marks.append(party)
    for mark in marks:
        known, is_new = KnownPayer.objects.get_or_create(
            mark=mark,
            lease=lease,
            defaults={"site_id": lease.site_id, "tenant": tenant, "last_on": line.day},
        )
        if not is_new:
            KnownPayer.objects.filter(pk=known.pk).update(
                times=F("times") + 1, last_on=max(known.last_on, line.day)
            )


def forget(line: StatementLine, lease: Lease) -> None:
    """Take back what ``learn`` noted of one match."""
    marks = [mark for mark in (line.phone, mark_of(line.party)) if mark]
    known = KnownPayer.objects.filter(lease=lease, mark__in=marks)
    known.filter(times__lte=1).delete()
    known.update(times=F("times") - 1)


# What is certain


def certain_lines(account: MoneyAccount) -> list[int]:
    """Return the open lines (ids) that name a lease beyond doubt and wait to be posted."""
    lines = StatementLine.objects.filter(
        account=account, state=State.SUGGESTED, suspense=None, candidates__0__score=CERTAIN
    )
    return list(lines.order_by("day", "pk").values_list("pk", flat=True))


@verb("payment.reconcile")
@everywhere()  # of a shared account: see wallets.branches_served
def place_lines(*, actor, account: MoneyAccount, lines: Sequence[int]) -> int:
    """Post lines (ids) that name their lease by its reference; return how many were posted.

    What cannot be posted after all (the number is used, the lease owes less by now) waits in
    suspense like any suggestion. Run twice, nothing is posted twice.
    """
    wanted = dict(
        StatementLine.objects.filter(pk__in=lines).values_list("pk", "candidates__0__lease")
    )
    leases = Lease.objects.select_related("site", "tenant", "property").in_bulk(wanted.values())
    by_site: dict[str, list[int]] = defaultdict(list)
    for lease in leases.values():
        by_site[lease.site_id].append(lease.pk)
    for site in sorted({*by_site, account.site_id}):
        lock_books(site, sorted(by_site.get(site, [])))
    still_open = StatementLine.objects.select_for_update().filter(
        pk__in=lines, state__in=StatementLine.OPEN, suspense=None
    )
    rows = [(line, leases[wanted[line.pk]]) for line in still_open.order_by("day", "pk")]
    posted, refused = [], []
    left = {lease: known.owed for lease, known in facts_of(leases).items()}
    for site_id in by_site:
        site = next(lease.site for lease in leases.values() if lease.site_id == site_id)
        here = [(line, lease) for line, lease in rows if lease.site_id == site_id]
        used = references_used([line for line, _lease in here], [site_id])
        taken = []
        for line, lease in here:
            is_over = lease.end is not None and lease.end < line.day
            if reference_of(line) in used or (is_over and left[lease.pk] < line.amount):
                refused.append(line)
                continue
            used.add(reference_of(line) or line.pk)
            left[lease.pk] -= line.amount
            taken.append((line, lease))
        _post(actor, account, site, taken)
        posted += [line.pk for line, _lease in taken]
    StatementLine.objects.filter(pk__in=posted).update(state=State.POSTED)
    for line in refused:
        put_back(actor, line)
    if not rows:
        return unchanged(0)
    for site in {*by_site, account.site_id}:
        renew(f"site:{site}")
    return len(posted)


def references_used(lines: Sequence[StatementLine], sites: Sequence[str]) -> set:
    references = [reference_of(line) for line in lines if line.reference]
    payments = Payment.objects.confirmed().filter(site__in=sites, reference__in=references)
    return set(payments.values_list("reference", flat=True))


def _post(actor, account: MoneyAccount, site: Site, rows: list[tuple]) -> None:
    if not rows:
        return
    open_books(account, site.pk)
    days = {line.day for line, _lease in rows}
    counts_on = {day: open_day(site, min(day, timezone.localdate())) for day in days}
    payments = record_payments(
        actor=actor,
        site=site,
        rows=[
            {
                "lease": lease,
                "amount": line.amount,
                "method": method_of(account),
                "value_date": counts_on[line.day],
                "reference": reference_of(line),
                "fee": min(line.fee, line.amount),
            }
            for line, lease in rows
        ],
        source=Payment.Source.STATEMENT,
        money=account.code,
    )
    LinePart.objects.bulk_create(
        LinePart(
            site=site,
            line=line,
            payment=payment,
            amount=line.amount,
            made=True,
            score=CERTAIN,
            reasons=["reference"],
            matched_by=actor,
        )
        for (line, _lease), payment in zip(rows, payments, strict=True)
    )


def complete_linked(actor, account: MoneyAccount, lines: Sequence[int] | None = None) -> int:
    """Post what payments of the desk lack that linked lines prove: where the money lies, the fee.

    A cheque leaves 513 for the bank, a transfer moves from one bank to the other, and what the
    provider kept is booked. ``lines`` (ids) or all of ``account``; return how many entries.
    """
    parts = LinePart.objects.filter(
        line__account=account, line__state=State.LINKED, line__entry=None, undone_at=None
    ).select_related("line", "payment")
    if lines is not None:
        parts = parts.filter(line__in=lines)
    parts = list(parts.order_by("payment__site", "pk"))
    lies_in = {}
    money = JournalLine.objects.filter(
        entry__payment__in=[part.payment_id for part in parts],
        entry__kind=JournalEntry.Kind.PAYMENT,
        amount__gt=0,
    ).exclude(account__code=Code.PROVIDER_FEES)
    for payment, code in money.values_list("entry__payment", "account__code"):
        lies_in[payment] = code
    done = 0
    held_books = set()
    for part in parts:
        line, payment = part.line, part.payment
        code = lies_in[payment.pk]
        fee = line.fee if payment.fee == 0 else 0
        if code == account.code and not fee:
            continue
        if payment.site_id not in held_books:
            lock_books(payment.site_id, [])
            held_books.add(payment.site_id)
            open_books(account, payment.site_id)
        lies = payment.amount - payment.fee
        line.entry = post(
            actor=actor,
            site_id=payment.site_id,
            kind=JournalEntry.Kind.MOVEMENT,
            value_date=day_of(line, payment.site_id),
            memo=str(line)[:200],
            lines=[
                {"account": account.code, "amount": (lies if code != account.code else 0) - fee},
                {"account": Code.PROVIDER_FEES, "amount": fee},
                {"account": code, "amount": -lies if code != account.code else 0},
            ],
        )
        line.save(update_fields=["entry"])
        done += 1
    return done


# What was taken back


def pair(actor, original: StatementLine, reversal: StatementLine) -> bool:
    """Let ``reversal`` cancel ``original``: both are done with; what it had paid is cancelled.

    Returns False where the original was explained otherwise, or is paired already; then the
    reversal is money out like any other.
    """
    if original.state in (State.EXPLAINED, State.FAILED, State.REVERSED) or reversal.reverses_id:
        return False
    parts = list(original.parts.filter(undone_at=None).select_related("payment__lease"))
    for site in sorted({original.site_id, *(part.payment.site_id for part in parts)}):
        lock_books(site, [part.payment.lease_id for part in parts if part.payment.site_id == site])
    memo = _("Taken back: %(line)s") % {"line": reversal}
    for part in parts:
        cancel_payment(
            actor=actor, payment=part.payment, reason=memo[:200], on=reversal.day, taken_back=True
        )
        part.undone_at, part.undone_by = timezone.now(), actor
        part.save(update_fields=["undone_at", "undone_by"])
    for line in (original, reversal):
        for entry in (line.suspense, line.entry):
            if entry is not None:
                day = open_day(entry.site_id, max(reversal.day, entry.value_date))
                reverse(actor=actor, entry=entry, on=day, memo=memo[:200])
        line.suspense, line.state = None, State.REVERSED
    kept = original.fee + reversal.fee
    if kept:
        reversal.entry = post(
            actor=actor,
            site_id=reversal.site_id,
            kind=JournalEntry.Kind.MOVEMENT,
            value_date=day_of(reversal, reversal.site_id),
            memo=memo[:200],
            lines=[
                {"account": Code.PROVIDER_FEES, "amount": kept},
                {"account": reversal.account.code, "amount": -kept},
            ],
        )
    original.entry = None
    reversal.reverses = original
    original.save(update_fields=["state", "suspense", "entry"])
    reversal.save(update_fields=["state", "suspense", "entry", "reverses"])
    return True


# What it was


@verb("payment.reconcile")
@everywhere()  # of a shared account: see wallets.branches_served
def explain_line(
    *,
    actor,
    line: StatementLine,
    explanation: str,
    note: str = "",
    entries: Iterable[JournalEntry] = (),
) -> StatementLine:
    """Say what a line was that pays no lease: a fee, a transfer, a cost, or entries that stand.

    ``entries`` are the payouts, or the deposits returned, that the line proves: they make up the
    whole of it. "Other" needs a note and leaves the amount on account 471, out of the inbox.
    Raises ``LineTaken``.
    """
    line = held(line)
    asked = {entry.pk for entry in entries} if explanation in STANDING else set()
    proved = set(line.proofs.values_list("entry", flat=True))
    if (line.state, line.explanation, proved) == (State.EXPLAINED, explanation, asked):
        return unchanged(line)
    refuse_taken(line)
    account = EXPLAINS[explanation]
    deposit = deposit_of(line) if explanation == Explanation.TRANSFER else None
    if deposit is not None:
        # Cash that the till carried to the bank: its slip had put the money on its way.
        answer_suspense(actor, line, _("Arrived: %(line)s") % {"line": line})
        line.entry = arrive(actor=actor, deposit=deposit, line=line).arrived_entry
    elif explanation in STANDING:
        proved = held_entries(line, explanation, asked)
        answer_suspense(actor, line, _("Proved: %(line)s") % {"line": line})
        Proof.objects.bulk_create(
            Proof(site_id=entry.site_id, line=line, entry=entry) for entry in proved
        )
    elif account is None:
        if not note.strip():
            sentence = _("Say what it was.")
            raise BusinessError(sentence, fields={"note": sentence})
    else:
        line.entry = post(
            actor=actor,
            site_id=line.site_id,
            kind=JournalEntry.Kind.MOVEMENT,
            value_date=day_of(line, line.site_id),
            memo=(note or str(line))[:200],
            lines=[
                {"account": Code.SUSPENSE, "amount": line.amount},
                {"account": account, "amount": -line.amount},
            ],
        )
    line.state, line.explanation, line.note = State.EXPLAINED, explanation, note
    line.save(update_fields=["state", "explanation", "note", "entry", "suspense"])
    renew(f"site:{line.site_id}")
    return line


def held_entries(line: StatementLine, explanation: str, asked: set[int]) -> list[JournalEntry]:
    """Hold the entries (ids) that ``line`` is said to prove; raise BusinessError if it cannot."""
    # Held before they are asked about, so that two lines cannot both find them free.
    list(JournalEntry.objects.select_for_update().filter(pk__in=asked).order_by("pk"))
    proved = [entry for entry in entries_explaining(line, explanation) if entry.pk in asked]
    if not asked or len(proved) < len(asked):
        sentence = _("Choose the entries of the journal that this line proves.")
        raise BusinessError(sentence, fields={"entries": sentence})
    if sum(entry.amount for entry in proved) != line.amount:
        currency = line.site.currency
        sentence = _("The entries make up %(sum)s, the line is %(amount)s.") % {
            "sum": format_amount(sum(-entry.amount for entry in proved), currency),
            "amount": format_amount(-line.amount, currency),
        }
        raise BusinessError(sentence, code="parts_differ", fields={"entries": sentence})
    return proved


def entries_explaining(line: StatementLine, explanation: str) -> list[JournalEntry]:
    """Return the entries by which the journal foresaw money that went out, or a part of it.

    Each comes with its ``amount`` in the account of the line, in minor units, below zero.
    """
    if explanation not in STANDING or line.amount >= 0:
        return []
    entries = JournalEntry.objects.filter(
        Q(proof=None) | Q(proof__line=line),
        site__in=branches_served(line.account),
        kind=STANDING[explanation],
        value_date__range=(line.day - NEAR, line.day + NEAR),
        reversals=None,
    )
    here = Sum("lines__amount", filter=Q(lines__account__code=line.account.code))
    entries = entries.annotate(amount=here).filter(amount__lt=0, amount__gte=line.amount)
    return list(entries.select_related("payout__owner").order_by("value_date", "pk")[:MOST_ENTRIES])


def likely_entries(
    line: StatementLine, found: dict[str, list[JournalEntry]]
) -> tuple[str, list[JournalEntry]]:
    """Return what ``line`` proves most likely: an entry of its amount, or a whole payout run.

    ``found`` are the entries that may explain it, by explanation.
    """
    for explanation, entries in found.items():
        alone = next((entry for entry in entries if entry.amount == line.amount), None)
        if alone is not None:
            return explanation, [alone]
    runs: dict[int, list[JournalEntry]] = defaultdict(list)
    for entry in found[Explanation.PAYOUT]:
        runs[entry.payout.run_id].append(entry)
    for paid in runs.values():
        if sum(entry.amount for entry in paid) == line.amount:
            return Explanation.PAYOUT, paid
    return "", []


@verb("payment.reconcile")
@everywhere()  # of a shared account: see wallets.branches_served
def undo_line(*, actor, line: StatementLine, reason: str) -> StatementLine:
    """Take back what was made of a line: payments are cancelled, entries reversed.

    The line waits in the inbox again. Undone already, it is returned as it is.
    """
    leases = Lease.objects.filter(pk__in=line.parts.filter(undone_at=None).values("payment__lease"))
    line = held(line, leases.select_related("site"))
    if line.state in StatementLine.OPEN:
        return unchanged(line)
    if line.state in (State.REVERSED, State.FAILED):
        raise Conflict(_("No money is left of this line."), code="line_closed")
    if not reason.strip():
        sentence = _("Say why it is undone.")
        raise BusinessError(sentence, fields={"reason": sentence})
    for part in line.parts.filter(undone_at=None).select_related("payment__lease__tenant"):
        if part.made:
            cancel_payment(actor=actor, payment=part.payment, reason=reason, taken_back=True)
        part.undone_at, part.undone_by = timezone.now(), actor
        part.save(update_fields=["undone_at", "undone_by"])
        forget(line, part.payment.lease)
    deposit = BankDeposit.objects.filter(line=line).first()
    if deposit is not None:
        take_back_arrival(actor=actor, deposit=deposit, reason=reason)
    elif line.entry is not None:
        day = open_day(line.entry.site_id, line.entry.value_date)
        reverse(actor=actor, entry=line.entry, on=day, memo=reason[:200])
    line.proofs.all().delete()
    put_back(actor, line)
    renew(f"site:{line.site_id}")
    return line
