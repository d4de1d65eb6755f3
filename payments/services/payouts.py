"""Paying out to owners what was collected for them: prepared by one person, approved by another."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import connection
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.verbs import unchanged, verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.money import format_amount
from akig.lib.saving import correct, locked, save
from payments.metrics.payouts import DueLine, OwnerDue, owners_due, spread
from payments.models import (
    Account,
    JournalEntry,
    JournalLine,
    MoneyAccount,
    OwnerPaymentDetails,
    Payment,
    Payout,
    PayoutRun,
    Reserve,
)
from payments.services.posting import Code, accounts_of, lock_books, open_day, reverse
from payments.services.receipts import new_code
from sites_app.models import Owner, Property, Site
from sites_app.rules import rules_for

State = PayoutRun.State
Method = OwnerPaymentDetails.Method

#: What the numbers of statements begin with.
PREFIX = "RV"

#: The kind of money account that each way of paying draws on; a cheque is drawn on the bank.
DRAWN_ON = {
    Method.BANK_TRANSFER: MoneyAccount.Kind.BANK,
    Method.CHEQUE: MoneyAccount.Kind.BANK,
    Method.ORANGE_MONEY: MoneyAccount.Kind.ORANGE_MONEY,
    Method.MTN_MOMO: MoneyAccount.Kind.MTN_MOMO,
    Method.WAVE: MoneyAccount.Kind.WAVE,
}

BATCH = 500


class PayoutRefused(BusinessError):
    """The month or the day cannot be paid out."""


class NothingToPay(Conflict):
    """Nobody has anything to receive, or everybody has his statement of the month already."""

    code = "nothing_to_pay"


class RunWaiting(Conflict):
    """Another month of the branch waits for its approval."""

    code = "run_waiting"


class SamePerson(Conflict):
    """Who prepared a run does not approve it."""

    code = "same_person"


class RunDecided(Conflict):
    """The run was approved or cancelled meanwhile."""

    code = "run_decided"


class FiguresChanged(Conflict):
    """Money was taken back since the run was prepared: it would pay what is no longer there."""

    code = "payout_changed"


class PayoutFollowed(Conflict):
    """A later statement of the owner stands on this one."""

    code = "payout_followed"


# Preparing


@verb("payout.prepare")
def prepare_payouts(
    *, actor, site: Site, month: datetime.date, value_date: datetime.date | None = None
) -> PayoutRun:
    """Prepare the payouts of ``month`` to the owners of ``site``; nothing is posted yet.

    ``value_date`` (today) is the day on which the money leaves; money counts until the end of the
    month, or until that day where it comes first. Every owner has one payout a month: a run that
    stands is returned as it is, with ``created`` 0; what was cancelled is prepared again.

    Raises ``PayoutRefused``, ``RunWaiting`` and ``NothingToPay``.
    """
    month = month.replace(day=1)
    today = timezone.localdate()
    run = PayoutRun(site=site, month=month, value_date=value_date or today, prepared_by=actor)
    _refuse_days(run, today)
    lock_books(site.pk, [])
    standing = _standing_run(site, month)
    if standing is not None and standing.state == State.PREPARED:
        standing.created = 0
        return unchanged(standing)
    _refuse_order(run)
    served = set(
        Payout.objects.filter(site=site, month=month)
        .exclude(state=Payout.State.CANCELLED)
        .values_list("owner", flat=True)
    )
    run.last_entry = JournalEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    dues = owners_due(site, month, run.until, paid_on=run.value_date)
    dues = [due for due in dues if due.owner not in served]
    if not dues:
        if standing is None:
            raise NothingToPay(_("There is nothing to pay out for this month."))
        standing.created = 0
        return unchanged(standing)
    run.save()
    _restate_late(site, dues)
    Payout.objects.bulk_create(_payouts(run, dues), batch_size=BATCH)
    run.created = len(dues)
    renew(f"site:{site.pk}")
    return run


def _standing_run(site, month):
    runs = PayoutRun.objects.filter(site=site, month=month).exclude(state=State.CANCELLED)
    return runs.select_related("site", "prepared_by").order_by("-pk").first()


def _payouts(run: PayoutRun, dues: Sequence[OwnerDue]) -> Iterable[Payout]:
    owners = Owner.objects.in_bulk([due.owner for due in dues])
    houses = dict(Property.objects.filter(owner__in=owners).values_list("pk", "name"))
    details = {row.owner_id: row for row in OwnerPaymentDetails.objects.filter(site=run.site)}
    drawn: dict[str, MoneyAccount] = {}
    for account in MoneyAccount.objects.filter(site=run.site, is_active=True).order_by("-code"):
        drawn[account.kind] = account
    percent = rules_for(run.site_id, on=run.until).withholding_percent
    for due in dues:
        method = details[due.owner].method if due.owner in details else Method.CASH
        yield Payout(
            site=run.site,
            run=run,
            owner_id=due.owner,
            month=run.month,
            opening=due.opening,
            collected=due.collected,
            commission=due.commission,
            costs=due.costs,
            advances=due.advanced,
            withheld=due.reckoning.withheld,
            reserved=due.reckoning.reserved,
            amount=due.reckoning.amount,
            method=method,
            paid_from=drawn.get(DRAWN_ON.get(method)),
            content=_content(run, due, owners[due.owner], houses, str(percent)),
        )


def _content(run, due, owner, houses, percent):
    return {
        "agency": settings.AGENCY_NAME,
        "site": run.site.name,
        "currency": run.site.currency,
        "owner": owner.name,
        "code": owner.code,
        "until": str(run.until),
        "percent": percent,
        "recovered": due.reckoning.recovered,
        "closing": due.closing,
        "days_held": due.days_held,
        "lines": [_line(line, houses) for line in due.lines],
        # What the entry takes from each house: money collected, and what was laid out.
        "released": spread(due.reckoning.released, due.held),
        "repaid": spread(due.reckoning.recovered, due.advances),
    }


def _line(line: DueLine, houses):
    told = {
        "day": str(line.day),
        "kind": line.kind,
        "property": houses.get(line.property, ""),
        "gross": line.gross,
        "commission": line.commission,
        "vat": line.vat,
        "cost": line.cost,
        "net": line.net,
    }
    known = {
        "label": line.label,
        "lease": line.lease,
        "tenant": line.tenant,
        "payment": line.payment,
        "receipt": line.receipt,
        "code": line.code,
        "method": line.method,
        "reference": line.reference,
        "owner_cost": line.owner_cost,
        "has_proof": line.has_proof,
        "is_late": line.is_late,
    }
    return told | {name: value for name, value in known.items() if value}


# Deciding


@verb("payout.approve")
def approve_payouts(*, actor, run: PayoutRun) -> PayoutRun:
    """Approve a prepared run: each payout is posted, numbered and its statement frozen.

    Approved twice, or by two people at once, it is paid once. Raises ``SamePerson``,
    ``RunDecided``, and ``FiguresChanged`` when money of its owners was taken back meanwhile.
    """
    lock_books(run.site_id, [])
    run = _held_run(run)
    if run.state == State.APPROVED:
        return unchanged(run)
    _refuse_decided(run)
    if run.prepared_by_id == actor.pk:
        raise SamePerson(_("You prepared this run: somebody else has to approve it."))
    _refuse_changed(run)
    payouts = list(
        run.payouts.select_related("paid_from").defer("content").order_by("owner__name", "pk")
    )
    _pay(actor, run, payouts)
    run.state, run.decided_by, run.decided_at = State.APPROVED, actor, timezone.now()
    run.save(update_fields=["state", "decided_by", "decided_at"])
    renew(f"site:{run.site_id}")
    return run


# What leaves money collected, what is recovered of what was laid out, the tax, the money: an entry
# each, for those of whom there is something to post.
PAY = """
WITH paid AS (
    SELECT payout.id, owner_id, content, withheld, payout.amount, given.number, given.code, money
      FROM unnest(%(ids)s::bigint[], %(numbers)s::text[], %(codes)s::text[], %(money)s::bigint[])
        AS given (id, number, code, money)
      JOIN payments_payout AS payout ON payout.id = given.id AND payout.state = 'prepared'
), side AS (
    SELECT number, owner_id, account, house, side.amount
      FROM paid CROSS JOIN LATERAL (
        SELECT %(payable)s::bigint, (part->>0)::bigint, (part->>1)::bigint
          FROM jsonb_array_elements(content->'released') AS part
        UNION ALL
        SELECT %(advance)s, (part->>0)::bigint, -(part->>1)::bigint
          FROM jsonb_array_elements(content->'repaid') AS part
        UNION ALL
        VALUES (%(withholding)s, NULL::bigint, -withheld), (money, NULL, -paid.amount)
      ) AS side (account, house, amount)
     WHERE side.amount <> 0
), entry AS (
    INSERT INTO payments_journalentry (site_id, kind, value_date, created_at, created_by_id, memo)
    SELECT DISTINCT %(site)s, 'payout', %(day)s::date, now(), %(actor)s::bigint, number FROM side
    RETURNING id, memo
), line AS (
    INSERT INTO payments_journalline
        (site_id, entry_id, account_id, owner_id, property_id, value_date, amount)
    SELECT %(site)s, entry.id, account, owner_id, house, %(day)s, amount
      FROM side JOIN entry ON entry.memo = side.number
)
UPDATE payments_payout AS payout
   SET state = 'paid', number = paid.number, code = paid.code, entry_id = entry.id
  FROM paid LEFT JOIN entry ON entry.memo = paid.number
 WHERE payout.id = paid.id
"""


def _pay(actor, run, payouts):
    """Number these payouts, post an entry for each, and mark them paid."""
    year = timezone.localdate().year
    # Gapless: numbers are only given here, under the lock of the books, and never taken back.
    stem = f"{PREFIX}-{run.site_id}-{year}-"
    given = Payout.objects.filter(site=run.site_id, number__startswith=stem).count()
    accounts = accounts_of(run.site_id)
    values = {
        "site": run.site_id,
        "day": open_day(run.site_id, run.value_date),
        "actor": actor.pk,
        "payable": accounts[Code.OWNER_PAYABLE],
        "advance": accounts[Code.OWNER_ADVANCE],
        "withholding": accounts[Code.WITHHOLDING],
        "ids": [payout.pk for payout in payouts],
        "numbers": [f"{stem}{given + place:06d}" for place in range(1, len(payouts) + 1)],
        "codes": [new_code() for _payout in payouts],
        "money": [
            accounts[payout.paid_from.code if payout.paid_from else money_of(payout.method)]
            for payout in payouts
        ],
    }
    with connection.cursor() as cursor:
        cursor.execute(PAY, values)


def money_of(method: str) -> str:
    """Return the code of the account that a way of paying draws on, where none was chosen."""
    kind = DRAWN_ON.get(method)
    return MoneyAccount.CODES[kind] if kind else Code.CASH


@verb("payout.prepare")
def cancel_run(*, actor, run: PayoutRun, reason: str) -> PayoutRun:
    """Cancel a run that waits for approval, with its payouts; the month can be prepared again."""
    lock_books(run.site_id, [])
    run = _held_run(run)
    if run.state == State.CANCELLED:
        return unchanged(run)
    _refuse_decided(run)
    run.state, run.reason = State.CANCELLED, _said(reason)
    run.decided_by, run.decided_at = actor, timezone.now()
    run.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    run.payouts.update(state=Payout.State.CANCELLED, reason=run.reason)
    renew(f"site:{run.site_id}")
    return run


@verb("payout.approve")
def cancel_payout(*, actor, payout: Payout, reason: str) -> Payout:
    """Cancel a payout that was paid (the bank sent it back): its entry is reversed.

    The statement stays and says that it is cancelled; the month can be prepared again for this
    owner. Cancelled twice, it is returned as it is. Raises ``PayoutFollowed`` when a later one
    stands, ``RunDecided`` while its run is only prepared.
    """
    lock_books(payout.site_id, [])
    rows = Payout.objects.select_for_update(of=("self",)).select_related("entry")
    payout = rows.get(pk=payout.pk)
    if payout.state == Payout.State.CANCELLED:
        return unchanged(payout)
    if payout.state != Payout.State.PAID:
        raise RunDecided(_("This payout was not paid yet: cancel its run."))
    later = Payout.objects.filter(site=payout.site_id, owner=payout.owner_id)
    if later.filter(month__gt=payout.month).exclude(state=Payout.State.CANCELLED).exists():
        raise PayoutFollowed(
            _("A later month of this owner stands on this statement: cancel that one first.")
        )
    reason = _said(reason)
    if payout.entry is not None:
        day = open_day(payout.site_id, payout.entry.value_date)
        reverse(actor=actor, entry=payout.entry, on=day, memo=reason)
    payout.state, payout.reason = Payout.State.CANCELLED, reason
    payout.save(update_fields=["state", "reason"])
    renew(f"site:{payout.site_id}")
    return payout


# Corrections that come after a statement


class Correction(NamedTuple):
    """A journal entry that touches an owner's statement after it was issued, and why."""

    owner: int
    day: datetime.date
    entry: int
    reason: str


def restate_for_payment(payment: Payment) -> None:
    """Mark the statements that tell of ``payment``, which is being cancelled, as restated.

    What the cancellation takes back stands in the owner's next statement.
    """
    shares = JournalLine.objects.filter(
        entry__payment=payment,
        entry__kind=JournalEntry.Kind.SHARE,
        account__code=Code.OWNER_PAYABLE,
        owner__isnull=False,
    )
    told = set(shares.values_list("owner", "value_date", "entry"))
    if not told:
        return
    receipt = payment.receipts.filter(kind="receipt").values_list("number", flat=True).first()
    reason = _("Payment %(number)s of %(amount)s was cancelled on %(day)s.") % {
        "number": receipt or payment.pk,
        "amount": format_amount(payment.amount, payment.site.currency),
        "day": f"{timezone.localdate():%d/%m/%Y}",
    }
    corrections = [Correction(*line, reason) for line in sorted(told)]
    _restate(payment.site_id, corrections, knew=True)


def _restate_late(site, dues):
    """Mark the statements that lines with an earlier date would have changed."""
    corrections = [
        Correction(
            due.owner,
            line.day,
            line.last_entry,
            _("A movement of %(day)s was entered later: %(amount)s.")
            % {"day": f"{line.day:%d/%m/%Y}", "amount": format_amount(line.net, site.currency)},
        )
        for due in dues
        for line in due.lines
        if line.is_late
    ]
    _restate(site.pk, corrections, knew=False)


def _restate(site_id: str, corrections: Sequence[Correction], *, knew: bool):
    """Mark, for each correction, the first statement of its day that knew its entry, or did not.

    What is marked already keeps its reason.
    """
    if not corrections:
        return
    paid = Payout.objects.filter(site=site_id, state=Payout.State.PAID)
    paid = paid.filter(
        owner__in={told.owner for told in corrections},
        month__gte=min(told.day for told in corrections).replace(day=1),
    )
    statements: dict[int, list[Payout]] = defaultdict(list)
    for payout in paid.select_related("run").defer("content").order_by("month"):
        statements[payout.owner_id].append(payout)
    marked = []
    for told in corrections:
        payout = next(
            (
                row
                for row in statements[told.owner]
                if row.run.until >= told.day and (row.run.last_entry >= told.entry) == knew
            ),
            None,
        )
        if payout is not None and payout.restated_at is None:
            payout.restated_at, payout.restated_reason = timezone.now(), told.reason[:200]
            marked.append(payout)
    Payout.objects.bulk_update(marked, ["restated_at", "restated_reason"], batch_size=BATCH)


# How owners are paid, and what is kept


@verb("payout.prepare")
def set_payment_details(
    *,
    actor,
    site: Site,
    owner: Owner,
    method: str,
    bank: str = "",
    number: str | None = None,
    holder: str = "",
) -> OwnerPaymentDetails:
    """Say how ``owner`` is paid at ``site``; ``number`` None leaves the one that stands.

    The number is kept encrypted, and shown by its last digits only.
    """
    lock_books(site.pk, [])
    details = OwnerPaymentDetails.objects.filter(site=site, owner=owner).first()
    known = details.number.get("number", "") if details else ""
    number = known if number is None else "".join(number.split())
    if method not in (Method.CASH, Method.CHEQUE) and not number:
        sentence = _("Write the number of the account or the wallet.")
        raise BusinessError(sentence, fields={"number": sentence})
    changes = {
        "method": method,
        "bank": bank.strip(),
        "number": {"number": number} if number else {},
        "holder": holder.strip(),
    }
    if details is None:
        return save(OwnerPaymentDetails(site=site, owner=owner, **changes))
    held = locked(details)
    return held if correct(held, changes) else unchanged(held)


def masked(details: OwnerPaymentDetails | None) -> str:
    """Return the number of ``details`` as people may see it: its last four signs."""
    number = details.number.get("number", "") if details and details.number else ""
    return f"•••• {number[-4:]}" if number else ""


@verb("payout.prepare")
def set_reserve(*, actor, property: Property, amount: int) -> Reserve:
    """Say what stays with the agency for ``property`` at each payout, in minor units."""
    reserve = Reserve.objects.filter(property=property).first()
    if reserve is None:
        return save(Reserve(site_id=property.site_id, property=property, amount=amount))
    held = locked(reserve)
    return held if correct(held, {"amount": amount}) else unchanged(held)


def _held_run(run) -> PayoutRun:
    rows = PayoutRun.objects.select_for_update(of=("self",)).select_related("site")
    return rows.get(pk=run.pk)


def _said(reason: str) -> str:
    if not reason.strip():
        sentence = _("Say why.")
        raise BusinessError(sentence, fields={"reason": sentence})
    return reason.strip()


def _refuse_days(run, today):
    if run.value_date > today:
        sentence = _("The date is in the future.")
        raise PayoutRefused(sentence, fields={"value_date": sentence})
    if run.value_date < run.month:
        sentence = _("The money cannot leave before the month begins.")
        raise PayoutRefused(sentence, fields={"value_date": sentence})
    if run.month < today.replace(day=1) - relativedelta(years=10):
        sentence = _("Choose a month of the last ten years.")
        raise PayoutRefused(sentence, fields={"month": sentence})


def _refuse_order(run):
    runs = PayoutRun.objects.filter(site=run.site)
    waiting = runs.filter(state=State.PREPARED).exclude(month=run.month).first()
    if waiting is not None:
        sentence = _("The payouts of %(month)s wait for approval: decide them first.") % {
            "month": f"{waiting.month:%m/%Y}"
        }
        raise RunWaiting(sentence, fields={"month": sentence})
    later = Payout.objects.filter(site=run.site, month__gt=run.month)
    if later.exclude(state=Payout.State.CANCELLED).exists():
        sentence = _("A later month was paid out: what is left of this one is in the next run.")
        raise PayoutRefused(
            sentence, code="later_month_paid", status=409, fields={"month": sentence}
        )


def _refuse_decided(run):
    if run.state != State.PREPARED:
        raise RunDecided(_("This run was decided meanwhile."))


def _refuse_changed(run):
    """Refuse a run when its owners have less than it says: new money may wait for the next."""
    account = Account.objects.filter(site=run.site, code=Code.OWNER_PAYABLE).values("pk")[:1]
    gone = (
        JournalLine.objects.filter(
            site=run.site_id,
            entry__gt=run.last_entry,
            account=account,
            owner__in=run.payouts.filter(amount__gt=0).values("owner"),
        )
        .order_by()
        .values("owner__name")
        .annotate(less=Sum("amount"))
        .filter(less__gt=0)
    )
    names = [row["owner__name"] for row in gone[:3]]
    if names:
        raise FiguresChanged(
            _(
                "Money was taken back since the run was prepared (%(names)s): cancel it and "
                "prepare it again."
            )
            % {"names": ", ".join(names)}
        )
