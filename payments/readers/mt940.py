"""MT940, SWIFT's statement: fields ``:61:`` (a movement) and ``:86:`` (its text) between balances.

Read here rather than by a package: the ones there are (mt-940 5.1) name no line, run the pages of
a statement into one, and take five seconds for 100,000 lines.
"""

import re
from datetime import date

from django.utils.translation import gettext as _

from akig.lib import tables
from payments.readers import cells
from payments.readers.movements import (
    BETWEEN,
    Movement,
    StatementRead,
    StatementRefused,
    tell_apart,
)
from payments.readers.tables import keep_true_reversals

HEADINGS = (":61:", ":86:")
FIELD = re.compile(r":(\d\d[A-Z]?):(.*)")
LINE = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?(?P<amount>\d[\d.]*,?\d*)"
    r"(?P<type>[A-Z][A-Z0-9]{3})?(?P<reference>.*?)(?://(?P<bank>[^\n]*))?(?:\n(?P<more>.*))?",
    re.DOTALL,
)
BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d[\d.]*,?\d*)")
CODED = re.compile(r"\?(\d\d)")
NAMED = re.compile(r"/(NAME|REMI|EREF|ORDP|BENM|IBAN|BIC|PREF|INFO|TRTP)/")


FIRST = re.compile(rb"^(?:\{.*\{4:)?:(?:20|25|25P|28C?):", re.MULTILINE)
THEN = re.compile(rb"^:(?:60[FM]|61):", re.MULTILINE)


def is_mt940(head: bytes) -> bool:
    """Tell whether lines begin with SWIFT's fields; the times of a table hold ``:20:`` too."""
    return bool(FIRST.search(head) and THEN.search(head))


def read(content: bytes) -> StatementRead:
    """Read an MT940 of one account, of one page or many. Raises StatementRefused with the line."""
    written, _encoding = tables.decode(content)
    reading = Reading()
    for line, tag, value in _fields(written):
        reading.take(line, tag, value)
    return reading.finish()


def _fields(written: str):
    """Yield line, tag and value of each field; lines that begin no field continue the last."""
    field = None
    number = 0
    for number, row in enumerate(written.splitlines(), 1):
        row = row.rstrip("\r")
        bare = row[row.index("{4:") + 3 :] if "{4:" in row else row
        if found := FIELD.match(bare):
            if field:
                yield field[0], field[1], "\n".join(field[2])
            field = (number, found[1], [found[2]])
        elif bare.startswith(("-}", "{")) or (bare.startswith("-") and not bare.strip("-} ")):
            if field:
                yield field[0], field[1], "\n".join(field[2])
            field = None
        elif field:
            field[2].append(bare)
        elif bare.strip():
            raise StatementRefused(
                number, "malformed", _("This line belongs to no field of the statement.")
            )
    if field:
        yield field[0], field[1], "\n".join(field[2])


class Reading:
    """What was read so far, and the page that is open."""

    def __init__(self):
        self.statement = StatementRead(format="mt940", headings=HEADINGS)
        self.balance: int | None = None
        self.is_open = False
        self.last_line = 1

    def take(self, line: int, tag: str, value: str) -> None:
        self.last_line = line
        if tag in ("25", "25P"):
            self.account(line, value.split("\n")[0].strip())
        elif tag in ("60F", "60M"):
            self.open_page(line, value)
        elif tag == "61":
            self.movement(line, value)
        elif tag == "86":
            self.text(value)
        elif tag in ("62F", "62M"):
            self.close_page(line, value)

    def account(self, line: int, number: str) -> None:
        if self.statement.account_number not in ("", number):
            raise StatementRefused(
                line, "accounts", _("This file holds several accounts. Send one file for each.")
            )
        self.statement.account_number = number

    def open_page(self, line: int, value: str) -> None:
        if self.is_open:
            raise _cut(line)
        opening = self.stated(line, value)
        if self.balance is not None and opening != self.balance:
            raise StatementRefused(
                line,
                "balance_broken",
                _("This page does not begin with the balance of the page before it."),
            )
        if self.balance is None:
            self.statement.opening = opening
        self.balance = opening
        self.is_open = True

    def stated(self, line: int, value: str) -> int:
        found = BALANCE.match(value.replace("\n", ""))
        if not found:
            raise StatementRefused(line, "malformed", _("This balance cannot be read."))
        if self.statement.currency not in ("", found[3]):
            raise StatementRefused(
                line,
                "currencies",
                _("This file holds several currencies: %(found)s. Send one file for each.")
                % {"found": f"{self.statement.currency}, {found[3]}"},
            )
        self.statement.currency = found[3]
        amount = self.amount(line, found[4])
        return amount if found[1] == "C" else -amount

    def amount(self, line: int, written: str) -> int:
        return cells.amount(written.replace(".", "").rstrip(","), self.statement.currency, line)

    def movement(self, line: int, value: str) -> None:
        found = LINE.fullmatch(value)
        if not found or not self.is_open:
            raise StatementRefused(line, "malformed", _("This movement cannot be read."))
        day = self.day(line, found["value"], found["entry"])
        amount = self.amount(line, found["amount"])
        is_said = found["mark"].startswith("R")
        # A reversed credit takes money out, a reversed debit brings it back.
        if found["mark"] in ("D", "RC"):
            amount = -amount
        self.balance += amount
        written = (found["reference"] or "").strip()
        bank = (found["bank"] or "").strip()
        known = [n for n in (bank, written) if n and n.upper() not in cells.NOT_NUMBERS]
        reference = bank if bank and bank.upper() not in cells.NOT_NUMBERS else ""
        others = tuple(number for number in known if number != reference)
        others += tuple(n for n in cells.numbers_in(*others) if n not in others)
        more = (found["more"] or "").strip()
        self.statement.movements.append(
            Movement(
                line,
                day,
                amount,
                reference=reference,
                other_references=others,
                text=more,
                kind="reversal" if is_said else "",
                headings=HEADINGS,
                record=value,
            )
        )

    def day(self, line: int, value: str, entry: str | None) -> date:
        """Return the day of booking where the line tells it (month and day only), else of value."""
        try:
            valued = date(2000 + int(value[:2]), int(value[2:4]), int(value[4:]))
            if not entry:
                return valued
            month = int(entry[:2])
            year = valued.year + (month < 3 < 10 < valued.month) - (valued.month < 3 < 10 < month)
            return date(year, month, int(entry[2:]))
        except ValueError as error:
            raise StatementRefused(
                line,
                "date_impossible",
                _("“%(written)s” is not a day.") % {"written": f"{value}{entry or ''}"},
            ) from error

    def text(self, value: str) -> None:
        """Add what ``:86:`` says to the movement above it, coded (?20, /REMI/) or plain."""
        movements = self.statement.movements
        if not movements or BETWEEN in movements[-1].record:
            return
        movement = movements[-1]
        movement.record += BETWEEN + value
        if len(CODED.findall(value)) > 1:
            _before, *pairs = CODED.split(value.replace("\n", ""))
            coded = dict(zip(pairs[::2], pairs[1::2], strict=False))
            said = "".join(coded.get(str(code), "") for code in (*range(20, 30), *range(60, 64)))
            movement.party = f"{coded.get('32', '')}{coded.get('33', '')}".strip()
        elif len(NAMED.findall(value)) > 1:
            _before, *pairs = NAMED.split(value.replace("\n", ""))
            named = dict(zip(pairs[::2], pairs[1::2], strict=False))
            said = named.get("REMI", "").strip("/") or named.get("INFO", "")
            movement.party = named.get("NAME", "").strip("/")
            eref = named.get("EREF", "").strip("/ ")
            if eref and eref.upper() not in cells.NOT_NUMBERS:
                movement.other_references += (eref,)
        else:
            # A line of 65 letters breaks where it is full, in the middle of a word too.
            rows = value.split("\n")
            said = "".join(
                row if len(row) >= 65 or place == len(rows) - 1 else row + " "
                for place, row in enumerate(rows)
            )
        movement.text = " ".join(f"{movement.text} {said}".split())

    def close_page(self, line: int, value: str) -> None:
        closing = self.stated(line, value)
        if not self.is_open:
            raise _cut(line)
        if closing != self.balance:
            raise StatementRefused(
                line,
                "balance_broken",
                _("Opening balance and entries do not lead to the closing balance."),
            )
        self.is_open = False

    def finish(self) -> StatementRead:
        statement = self.statement
        if self.is_open or self.balance is None:
            raise _cut(self.last_line)
        statement.closing = self.balance
        movements = statement.movements = [each for each in statement.movements if each.amount]
        for movement in movements:
            self.complete(movement)
        tell_apart(movements)
        keep_true_reversals(movements)
        if movements:
            statement.first_day = min(movement.day for movement in movements)
            statement.last_day = max(movement.day for movement in movements)
        return statement

    def complete(self, movement: Movement) -> None:
        text, others = movement.text, movement.other_references
        in_text = cells.numbers_in(text)
        movement.other_references = (*others, *(n for n in in_text if n not in others))
        is_said = movement.kind == "reversal"
        movement.reversal_of = cells.reverses(text, in_text, movement.reference, is_said) or None
        movement.phone = cells.phone_in(text, self.statement.currency)
        movement.kind = movement.kind or cells.kind_of(text[:80], movement.amount < 0)


def _cut(line: int) -> StatementRefused:
    return StatementRefused(line, "file_cut", _("The file ends too early."))
