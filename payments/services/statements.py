"""Statements of banks and providers: handed in, read by a worker, and each line given its place.

1. The file is kept as it came, and a job reads it: it is recognised by its content.
2. Its account is found by number, kind and currency, or asked for.
3. In one transaction all lines are written that are not there yet. Those that a payment of the
   office carries are linked, reversals are paired with what they take back, and what is open
   stands in suspense.
4. In further transactions the lines that name their lease are posted.

Whatever stops in between, the job done again adds what is missing and nothing else.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from django.core.files.base import ContentFile
from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.verbs import verb
from akig.lib.errors import BusinessError, Conflict
from akig.lib.freshness import renew
from akig.lib.garbage import collector_resting
from akig.lib.isolation import everywhere
from akig.lib.parsing import fold
from notifications.services import start_job
from payments.models import LinePart, MoneyAccount, Payment, Statement, StatementLine
from payments.readers import (
    Movement,
    StatementRead,
    StatementRefused,
    fingerprint,
    read_statement,
)
from payments.services.matching import CERTAIN, Asked, Book
from payments.services.placing import (
    BATCH,
    agrees,
    certain_lines,
    complete_linked,
    pair,
    place_lines,
)
from payments.services.suspense import WORTH_SHOWING, suspend_statement
from payments.services.wallets import (
    account_serving,
    branches_served,
    open_money_account,
    wallet_of,
)
from sites_app.models import Site

Kind = MoneyAccount.Kind
State = StatementLine.State

MEGABYTE = 1024 * 1024
LARGEST = 30 * MEGABYTE
CHUNK = 5000
#: Rows of a file with unknown headings that are kept to choose the columns by.
SAMPLE = 5

#: What people and other programs call the source of a statement.
SOURCES = {
    "orange_money": Kind.ORANGE_MONEY,
    "orange": Kind.ORANGE_MONEY,
    "om": Kind.ORANGE_MONEY,
    "mtn_momo": Kind.MTN_MOMO,
    "mtn": Kind.MTN_MOMO,
    "momo": Kind.MTN_MOMO,
    "wave": Kind.WAVE,
    "merchant_code": Kind.MERCHANT_CODE,
    "bank": Kind.BANK,
    "bank_transfer": Kind.BANK,
    "camt": Kind.BANK,
    "camt053": Kind.BANK,
    "mt940": Kind.BANK,
    "ofx": Kind.BANK,
}

COLUMNS = (
    "id", "site_id", "account_id", "statement_id", "rank", "fingerprint", "day", "happened_at",
    "amount", "fee", "balance", "reference", "other_references", "reversal_of", "text", "party",
    "phone", "raw", "state", "explanation", "note", "candidates",
)  # fmt: skip
# Lines are copied into a table of the session first: COPY does not know row-level security.
READ = f"""
CREATE TEMP TABLE IF NOT EXISTS lines_read ON COMMIT DELETE ROWS AS
SELECT {", ".join(COLUMNS)} FROM payments_statementline WITH NO DATA
"""  # noqa: S608 - our own names
COPY = f"COPY lines_read ({', '.join(COLUMNS)}) FROM STDIN"
KEEP = f"""
INSERT INTO payments_statementline ({", ".join(COLUMNS)})
SELECT {", ".join(COLUMNS)} FROM lines_read
"""  # noqa: S608
NEXT_KEYS = """
SELECT array_agg(nextval((SELECT pg_get_serial_sequence('payments_statementline', 'id'))))
  FROM generate_series(1, %s)
"""

as_json = json.JSONEncoder(ensure_ascii=False).encode


class AccountUnknown(BusinessError):
    """It cannot be told of which account the statement is."""

    code = "account_unknown"


def source_of(said: str) -> str:
    """Return the kind of account that a word for the source means, or an empty text."""
    return SOURCES.get(fold(said).replace(" ", "_"), "")


# Handing in


@verb("payment.reconcile")
def receive_statement(
    *,
    actor,
    site: Site,
    name: str,
    content: bytes,
    source: str = "",
    account: MoneyAccount | None = None,
) -> Statement:
    """Keep a file of a bank or provider, and let a worker read it; return the statement.

    ``source`` is a hint (``orange_money``, ``bank``, ``camt053``...), ``account`` a choice. Raises
    BusinessError when there is nothing in the file or too much.
    """
    if not content:
        sentence = _("The file is empty.")
        raise BusinessError(sentence, fields={"file": sentence})
    if len(content) > LARGEST:
        sentence = _("The file is larger than %(most)s MB.") % {"most": LARGEST // MEGABYTE}
        raise BusinessError(sentence, code="too_large", fields={"file": sentence}, status=413)
    statement = Statement.objects.create(
        site=account.site if account else site,
        account=account,
        source=source_of(source),
        name=name[-200:],
        content=ContentFile(content, name=name[-100:] or "statement"),
        checksum=hashlib.sha256(content).hexdigest(),
        handed_in_by=actor,
    )
    return ask_to_read(actor, statement)


def ask_to_read(actor, statement: Statement) -> Statement:
    statement.job = start_job(
        actor,
        "payments.read_statement",
        {"statement": statement.pk},
        statement.site_id,
        title=_("Statement %(name)s") % {"name": statement.name[:100]},
    )
    statement.save(update_fields=["job"])
    return statement


@verb("payment.reconcile")
def say_what_it_is(
    *, actor, statement: Statement, account: MoneyAccount, columns: dict[str, str] | None = None
) -> Statement:
    """Name the account of a statement, and what its columns are; it is then read again.

    The columns are kept with the account for the next statement with the same headings.
    """
    statement = Statement.objects.select_for_update().get(pk=statement.pk)
    if statement.state == Statement.State.READ:
        raise Conflict(_("This statement is read already."))
    account = MoneyAccount.objects.select_for_update().get(pk=account.pk)
    if columns:
        account.columns = {**account.columns, headings_key(headings_of(statement)): columns}
        account.save(update_fields=["columns"])
    statement.account, statement.site_id = account, account.site_id
    statement.state, statement.errors = Statement.State.WAITING, []
    statement.save(update_fields=["account", "site", "state", "errors"])
    return ask_to_read(actor, statement)


def headings_of(statement: Statement) -> list[str]:
    told = next((error for error in statement.errors if "headings" in error), {})
    return told.get("headings", [])


def headings_key(headings: Sequence[str]) -> str:
    """Return the key under which the columns of a file with these headings are kept."""
    written = "|".join(fold(heading) for heading in headings)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


# Reading


def bring_in(
    *, actor, statement: Statement, progress: Callable[[int, int], None] | None = None
) -> Statement:
    """Read a statement that was handed in and give each line its place (see the top).

    A file that cannot be read is refused as a whole, with line and reason; one whose columns or
    account are unknown waits to be told.
    """
    if statement.state == Statement.State.READ:  # a worker was stopped before the posting ended
        post_certain(statement.account, progress)
        return statement
    with statement.content.open() as file:
        content = file.read()
    try:
        currency = statement.site.currency
        read = read_statement(statement.name, content, currency=currency)
        if read.problem and (columns := known_columns(actor, statement, read)):
            read = read_statement(statement.name, content, columns=columns, currency=currency)
        if read.problem:
            return wait_to_be_told(statement, read)
        account = find_account(actor, statement, read)
        take_in(actor=actor, statement=statement, account=account, read=read, progress=progress)
    except AccountUnknown as question:
        return wait_to_be_told(statement, read, question.message)
    except StatementRefused as refusal:
        return refuse(statement, refusal.line, refusal.code, str(refusal.sentence))
    except BusinessError as refusal:
        return refuse(statement, None, refusal.code, str(refusal.message))
    post_certain(account, progress)
    statement.refresh_from_db()
    return statement


def known_columns(actor, statement: Statement, read: StatementRead) -> dict | None:
    """Return what the columns of these headings were said to be before."""
    accounts = MoneyAccount.objects.visible_to(actor)
    if statement.account_id:
        accounts = accounts.filter(pk=statement.account_id)
    key = headings_key(read.headings)
    kept = accounts.filter(columns__has_key=key).values_list("columns", flat=True).first()
    return kept[key] if kept else None


def wait_to_be_told(statement: Statement, read: StatementRead, sentence: str = "") -> Statement:
    error = {
        "code": "account" if sentence else "columns",
        "detail": sentence or _("Choose what the columns of this file are."),
        "headings": list(read.headings or []),
        "sample": [list(row) for row in read.sample[:SAMPLE]],
    }
    return _end(statement, Statement.State.COLUMNS, [error], read.format)


def refuse(statement: Statement, line: int | None, code: str, sentence: str) -> Statement:
    error = {"line": line, "code": code, "detail": sentence}
    return _end(statement, Statement.State.REFUSED, [error], statement.format)


def _end(statement: Statement, state: str, errors: list, form: str) -> Statement:
    statement.state, statement.errors, statement.format = state, errors, (form or "")[:12]
    statement.save(update_fields=["state", "errors", "format"])
    return statement


def kind_of(read: StatementRead, said: str) -> str:
    """Return the kind of account that a file is of: by its form, else as it was said to be."""
    return SOURCES.get(read.format) or said or Kind.BANK


def find_account(actor, statement: Statement, read: StatementRead) -> MoneyAccount:
    """Return the account that a statement is of: chosen, else by number, kind and currency.

    The first number seen is kept with an account that has none; a second number is a second
    account. Raises AccountUnknown where several fit, and BusinessError for a currency that no
    branch of the actor has.
    """
    chosen = statement.account
    if chosen is not None:
        if read.currency and read.currency != chosen.site.currency:
            raise _other_currency(read)
        return chosen
    site = _branch_of(actor, statement, read)
    kind = kind_of(read, statement.source)
    mine = MoneyAccount.objects.visible_to(actor).select_related("site")
    mine = mine.filter(kind=kind, is_active=True, site__currency=site.currency)
    here = list(mine.filter(site=site).order_by("code"))
    if read.account_number:
        others = mine.exclude(site=site).order_by("pk")
        return _by_number(read.account_number, here, others) or _one_more(site, kind, here, read)
    if len(here) > 1:
        raise AccountUnknown(_("Choose of which account this statement is."))
    if here:
        return here[0]
    serving = account_serving(site, kind)
    is_mine = serving is not None and mine.filter(pk=serving.pk).exists()
    return serving if is_mine else wallet_of(site, kind)


def _branch_of(actor, statement: Statement, read: StatementRead) -> Site:
    """Return the branch that the file was handed in for, or one of the file's currency."""
    site = statement.site
    if not read.currency or read.currency == site.currency:
        return site
    sites = Site.objects.visible_to(actor).filter(currency=read.currency, is_active=True)
    site = sites.order_by("pk").first()
    if site is None:
        raise _other_currency(read)
    return site


def _by_number(number: str, here: Sequence, others: Iterable) -> MoneyAccount | None:
    for account in [*here, *others]:
        if plain_number(account.number) == plain_number(number):
            return account
    free = next((account for account in here if not account.number), None)
    if free is not None:
        free.number = number[:40]
        free.save(update_fields=["number"])
    return free


def _one_more(site: Site, kind: str, here: Sequence, read: StatementRead) -> MoneyAccount:
    label = str(Kind(kind).label)
    name = f"{capfirst(label)} {read.account_number}" if here else capfirst(label)
    return open_money_account(site, kind, name=name[:80], number=read.account_number[:40])


def plain_number(number: str | None) -> str:
    return "".join(character for character in (number or "").upper() if character.isalnum())


def _other_currency(read: StatementRead) -> BusinessError:
    return BusinessError(
        _("This statement is in %(currency)s: choose an account of that currency.")
        % {"currency": read.currency},
        code="currency",
    )


@verb("payment.reconcile")
@everywhere()  # of a shared account: see wallets.branches_served
@collector_resting()
def take_in(
    *,
    actor,
    statement: Statement,
    account: MoneyAccount,
    read: StatementRead,
    progress: Callable[[int, int], None] | None = None,
) -> Statement:
    """Write the lines of ``read`` that are not there yet, each with its state.

    One file of an account at a time; all of it or nothing.
    """
    account = (
        MoneyAccount.objects.select_for_update(of=("self",))
        .select_related("site")
        .get(pk=account.pk)
    )
    statement = Statement.objects.select_for_update().get(pk=statement.pk)
    taken = Taking(actor, account, statement)
    for chunk in chunks(read.movements):
        taken.take(chunk)
        if progress:
            progress(taken.read, read.number)
    taken.pair_reversals()
    complete_linked(actor, account, taken.linked)
    suspend_statement(actor, account, statement.pk)
    days = (taken.first_day, taken.last_day)
    statement.account, statement.site_id = account, account.site_id
    statement.state, statement.errors = Statement.State.READ, []
    statement.format = (read.format or "")[:12]
    statement.first_day, statement.last_day = read.first_day or days[0], read.last_day or days[1]
    statement.opening, statement.closing = read.opening, read.closing
    statement.lines_read, statement.duplicates = taken.read, taken.read - taken.new
    statement.save()
    for site in taken.book.sites:
        renew(f"site:{site}")
    return statement


def chunks(movements: Iterable[Movement]) -> Iterator[list[Movement]]:
    movements = iter(movements)
    while chunk := list(islice(movements, CHUNK)):
        yield chunk


class Taking:
    """The taking in of one statement: what was read so far, and what is still to be paired."""

    def __init__(self, actor, account: MoneyAccount, statement: Statement | None):
        self.actor = actor
        self.account = account
        self.statement = statement
        self.book = Book(branches_served(account), account.site.country)
        self.seen: Counter[str] = Counter()
        self.read = self.new = 0
        self.first_day = self.last_day = None
        self.linked: list[int] = []
        self.reversals: list[int] = []
        self.awaited: list[int] = []

    def take(self, movements: Sequence[Movement]) -> list[int]:
        """Write the new ones of ``movements``; return their keys."""
        self.read += len(movements)
        fresh = self._new(movements)
        if not fresh:
            return []
        self.new += len(fresh)
        for _print, movement in fresh:
            day = movement.day
            self.first_day = min(self.first_day or day, day)
            self.last_day = max(self.last_day or day, day)
        payments = self._payments([movement for _print, movement in fresh])
        keys = _next_keys(len(fresh))
        rows, parts, asked = [], [], {}
        for place, (mark, movement) in enumerate(fresh):
            state, found = self._state(movement, payments)
            parts += [(keys[place], payment) for payment in found]
            if state == State.LINKED:
                self.linked.append(keys[place])
            elif state == State.UNMATCHED and movement.reversal_of:
                self.reversals.append(keys[place])
            elif state == State.UNMATCHED and movement.amount > 0:
                asked[place] = _asked(movement)
            rows.append(self._row(keys[place], mark, movement, state))
        answers = self.book.candidates(list(asked.values()))
        for place, candidates in zip(asked, answers, strict=True):
            if candidates:
                is_shown = candidates[0].score >= WORTH_SHOWING
                state = State.SUGGESTED if is_shown else State.UNMATCHED
                told = as_json([candidate.kept() for candidate in candidates])
                rows[place] = (*rows[place][:-4], state, "", "", told)
        _write_lines(rows)
        self._write_parts(parts)
        self._expect(fresh)
        return keys

    def _new(self, movements: Sequence[Movement]) -> list[tuple[str, Movement]]:
        """Return the movements that no file has told before, with their fingerprints."""
        marked = []
        for movement in movements:
            if movement.amount == 0:
                continue
            mark = fingerprint(movement, 0)
            twin = self.seen[mark]
            self.seen[mark] += 1
            if twin:
                if movement.reference:
                    continue  # the provider's own number, twice
                mark = fingerprint(movement, twin)
            marked.append((mark, movement))
        known = set(
            StatementLine.objects.filter(
                account=self.account, fingerprint__in=_any(mark for mark, _movement in marked)
            ).values_list("fingerprint", flat=True)
        )
        return [(mark, movement) for mark, movement in marked if mark not in known]

    def _state(self, movement: Movement, payments: dict) -> tuple[str, list[tuple]]:
        """Return the first state of a movement, and the payments of the office that it proves."""
        if movement.failed:
            return State.FAILED, []
        if movement.amount > 0 and (found := self._recorded(movement, payments)):
            return State.LINKED, found
        return State.UNMATCHED, []

    def _payments(self, movements: Sequence[Movement]) -> dict[str, list[tuple]]:
        """Return the office's payments that carry a number of these, and that no line proves."""
        numbers = {
            number
            for movement in movements
            if movement.amount > 0
            for number in (movement.reference, *movement.other_references)
            if number
        }
        proved = LinePart.objects.filter(undone_at=None).values("payment")
        payments = Payment.objects.confirmed().filter(
            site__in=self.book.sites, reference__in=_any(numbers)
        )
        found = defaultdict(list)
        for row in (
            payments.exclude(pk__in=proved)
            .order_by("pk")
            .values_list("reference", "pk", "site_id", "amount", "fee")
        ):
            found[row[0]].append(row[1:])
        return found

    def _recorded(self, movement: Movement, payments: dict[str, list[tuple]]) -> list[tuple]:
        """Return the payments of ``movement``, and take them off ``payments``."""
        for number in (movement.reference, *movement.other_references):
            rows = payments.get(number)
            if not rows:
                continue
            for row in rows:
                if agrees(movement.amount, row[2], row[3]):
                    rows.remove(row)
                    return [row]
            if sum(row[2] for row in rows) == movement.amount:
                return payments.pop(number)
        return []

    def _row(self, key: int, mark: str, movement: Movement, state: str) -> tuple:
        return (
            key,
            self.account.site_id,
            self.account.pk,
            self.statement and self.statement.pk,
            movement.line,
            mark,
            movement.day,
            movement.happened_at,
            movement.amount,
            movement.fee,
            movement.balance,
            movement.reference[:120],
            as_json(movement.other_references) if movement.other_references else "[]",
            (movement.reversal_of or "")[:120],
            movement.text[:500],
            movement.party[:150],
            movement.phone[:20],
            as_json(movement.raw),
            state,
            "",
            "",
            "[]",
        )

    def _write_parts(self, parts: list[tuple]) -> None:
        LinePart.objects.bulk_create(
            [
                LinePart(
                    site_id=site,
                    line_id=line,
                    payment_id=payment,
                    amount=amount,
                    made=False,
                    score=CERTAIN,
                    reasons=["number"],
                    matched_by=self.actor,
                )
                for line, (payment, site, amount, _fee) in parts
            ],
            batch_size=1000,
        )

    def _expect(self, fresh: list[tuple[str, Movement]]) -> None:
        """Note the reversals of earlier files that take back one of these."""
        numbers = [movement.reference for _mark, movement in fresh if movement.reference]
        waiting = StatementLine.objects.filter(
            account=self.account, reversal_of__in=_any(numbers), reverses=None, state="unmatched"
        ).exclude(reversal_of="")
        self.awaited += waiting.values_list("pk", flat=True)

    def pair_reversals(self) -> None:
        """Pair what takes back with what it takes back, wherever either stands."""
        keys = {*self.reversals, *self.awaited}
        if not keys:
            return
        lines = StatementLine.objects.filter(account=self.account).select_related(
            "account", "suspense", "entry"
        )
        reversals = list(lines.filter(pk__in=keys).order_by("day", "pk"))
        originals = defaultdict(list)
        for line in lines.filter(
            reference__in=[line.reversal_of for line in reversals], reversed_by=None
        ).order_by("day", "pk"):
            originals[line.reference].append(line)
        for reversal in reversals:
            for original in originals[reversal.reversal_of]:
                if original.amount == -reversal.amount and pair(self.actor, original, reversal):
                    originals[reversal.reversal_of].remove(original)
                    break


def _asked(movement: Movement) -> Asked:
    told = " ".join((movement.text, *movement.other_references))
    return Asked(movement.day, movement.amount, told, movement.party, movement.phone)


def _write_lines(rows):
    with connection.cursor() as cursor:
        cursor.execute(READ)
        with cursor.copy(COPY) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(KEEP)
        cursor.execute("TRUNCATE lines_read")


def _next_keys(number: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(NEXT_KEYS, [number])
        return cursor.fetchone()[0]


def _any(words: Iterable[str]) -> RawSQL:
    """Return what ``__in`` compares with: thousands of words as one value, not one value each."""
    return RawSQL("SELECT unnest(%s::text[])", [list(words)])


@everywhere()  # of a shared account: see wallets.branches_served
def post_certain(account: MoneyAccount, progress: Callable[[int, int], None] | None = None) -> int:
    """Post the lines of ``account`` that name their lease, as the system, a batch at a time."""
    actor = User.objects.system()
    waiting = certain_lines(account)
    posted = 0
    for start in range(0, len(waiting), BATCH):
        batch = waiting[start : start + BATCH]
        posted += place_lines(actor=actor, account=account, lines=batch)
        if progress:
            progress(start + len(batch), len(waiting))
    return posted
