"""What every reader of statements hands out: movements of money, or a refusal with its line."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from akig.lib.errors import BusinessError

#: Between the cells of a row that is kept as one text: a row of objects would weigh ten times more.
BETWEEN = "\x1f"
LONGEST_FINGERPRINT = 64


class StatementRefused(BusinessError):
    """A file that is refused whole: ``line`` (None: the file itself), ``code`` and ``sentence``."""

    code = "statement_malformed"
    status = 400

    def __init__(self, line: int | None, code: str, sentence: str):
        self.line = line
        self.sentence = sentence
        super().__init__(str(sentence), code=code)


@dataclass(slots=True)
class Movement:
    """One movement of an account. Amounts are in minor units of the statement's currency.

    ``amount`` is gross and signed (positive: money in); ``fee`` is what the provider kept of it or
    took beside it, so that the balance moves by ``amount - fee``. ``reference`` is the provider's
    own number; ``other_references`` are further numbers that stand in the line, also those that
    the payer wrote (a lease's may be among them). ``kind`` is a hint: ``fee``, ``transfer``,
    ``cost``, ``reversal``, ``pending`` or empty; of a message, the operator.
    """

    line: int
    day: date
    amount: int
    happened_at: datetime | None = None
    fee: int = 0
    balance: int | None = None
    reference: str = ""
    other_references: tuple[str, ...] = ()
    text: str = ""
    party: str = ""
    phone: str = ""
    failed: bool = False
    reversal_of: str | None = None
    kind: str = ""
    headings: tuple[str, ...] = ()
    record: str = ""

    @property
    def raw(self) -> dict[str, str]:
        """The line as it stood: heading -> what was written there."""
        cells = self.record.split(BETWEEN)
        return {name: cell for name, cell in zip(self.headings, cells, strict=False) if cell}


@dataclass
class StatementRead:
    """A file that was read. ``problem`` is "columns" when people must say what its columns are."""

    format: str
    account_number: str = ""
    currency: str = ""
    opening: int | None = None
    closing: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    movements: list[Movement] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    headings: tuple[str, ...] = ()
    sample: list[list[str]] = field(default_factory=list)
    problem: str | None = None

    @property
    def number(self) -> int:
        return len(self.movements)


def fingerprint(movement: Movement, twin: int = 0) -> str:
    """Return what tells ``movement`` again in another file, in at most 64 characters.

    The provider's own number; without one, a hash of day, amount, name, balance or text, and of
    ``twin``, its rank among its equals of one file (0 is the first). What never moved, or does not
    yet, is told apart from the same number that moved later.
    """
    if movement.reference:
        mark = movement.reference + ("/failed" if movement.failed else "")
        if len(mark) <= LONGEST_FINGERPRINT:
            return mark
    else:
        told = movement.text if movement.balance is None else movement.balance
        at = movement.happened_at or movement.day
        parts = (at.isoformat(), movement.amount, movement.party, movement.phone, told)
        mark = BETWEEN.join(map(str, (*parts, movement.failed, twin)))
    return hashlib.sha256(mark.encode()).hexdigest()


def fingerprints(movements: Iterable[Movement]) -> Iterator[str]:
    """Yield the fingerprint of each movement of one file, twins without a number told apart."""
    seen: Counter[str] = Counter()
    for movement in movements:
        mark = fingerprint(movement)
        if not movement.reference:
            seen[mark] += 1
            if seen[mark] > 1:
                mark = fingerprint(movement, seen[mark] - 1)
        yield mark


def tell_apart(movements: Iterable[Movement]) -> None:
    """Give movements that share a number but not the amount (a fee, a reversal) numbers apart.

    The largest keeps the number; the same line twice stays the same line twice.
    """
    amounts: dict[str, int] = {}
    shared: set[str] = set()
    for movement in movements:
        if not movement.reference or movement.failed:
            continue
        first = amounts.setdefault(movement.reference, movement.amount)
        if first != movement.amount:
            shared.add(movement.reference)
            amounts[movement.reference] = max(first, movement.amount, key=lambda a: (abs(a), a))
    if not shared:
        return
    for movement in movements:
        number = movement.reference
        if number in shared and not movement.failed and movement.amount != amounts[number]:
            if movement.amount == -amounts[number] and not movement.reversal_of:
                movement.reversal_of = number
            movement.reference = f"{number}/{movement.amount}"
            movement.other_references = (number, *movement.other_references)
