"""CSV and XLSX: exports of Orange Money, MTN MoMo, Wave and of any bank.

The file is gone through twice and never held as rows: once to see how days, signs and our own
number are written, once to read.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

import ftfy
from django.utils.translation import gettext as _

from akig.lib import parsing, tables
from akig.lib.parsing import CellError, fold
from payments.readers import balances, cells
from payments.readers.columns import Columns, chosen, is_enough, recognise
from payments.readers.movements import (
    BETWEEN,
    Movement,
    StatementRead,
    StatementRefused,
    tell_apart,
)

HEADER_WITHIN = 60
SAMPLE_ROWS = 5
LOOKED_AT = 200
MOST_COLUMNS = 200
MOST_LINES_IN_A_CELL = 30

Row = tuple[int, Sequence]
Rows = Callable[[], Iterator[Row]]


def read(
    name: str, content: bytes, *, columns: Mapping | None = None, currency: str = ""
) -> StatementRead:
    """Read a table of movements. ``columns`` (field -> headings) overrules what is recognised."""
    try:
        candidates = list(_layouts(content, columns))
    except tables.NotATable as refusal:
        raise StatementRefused(None, refusal.code, str(refusal.message)) from refusal
    layout = max(candidates, key=lambda layout: layout.score)
    statement = StatementRead(
        format="csv",
        headings=layout.headings,
        sample=[[parsing.text(cell) for cell in row] for _line, row in layout.sample],
    )
    if layout.columns is None:
        statement.problem = "columns"
        return statement
    statement.columns = {
        name: [layout.headings[place] for place in places]
        for name, places in layout.columns.items()
    }
    Reading(layout, statement, currency).read()
    return statement


# Which row holds the headings, and between which separators


@dataclass
class Layout:
    """A way to see a file as a table: its rows, where they begin, what the columns are."""

    rows: Rows
    after: int
    headings: tuple[str, ...]
    columns: Columns | None
    titles: str = ""
    sample: list[Row] = field(default_factory=list)
    is_cut: bool = False

    @property
    def score(self) -> tuple[bool, int, int]:
        known = sum(map(len, self.columns.values())) if self.columns else 0
        return (self.columns is not None, known, len(self.headings))


def _layouts(content: bytes, columns: Mapping | None) -> Iterator[Layout]:
    if content.startswith(b"PK"):
        for sheet in tables.workbook(content):
            kept = [(row.line, row.cells) for row in sheet.rows]
            yield _layout(lambda kept=kept: iter(kept), columns)
        return
    for signature, sentence in tables.SIGNATURES:
        if content.startswith(signature):
            raise StatementRefused(None, "not_a_table", str(sentence))
    written, _encoding = tables.decode(content)
    told = re.match(r"sep=(.)\r?\n", written, re.IGNORECASE)
    mend = bool(tables.MOJIBAKE.search(written))
    is_cut = bool(written) and not written.endswith(("\n", "\r"))
    if "\n" not in written:
        written = written.replace("\r", "\n")
    for delimiter in (told[1],) if told else tables.DELIMITERS:
        rows = _csv(written, delimiter, mend)
        layout = _layout(rows, columns)
        layout.is_cut = is_cut
        yield layout


def _csv(written: str, delimiter: str, mend: bool) -> Rows:
    def rows() -> Iterator[Row]:
        reader = csv.reader(_lines(written), delimiter=delimiter)
        line = 0
        try:
            for row in reader:
                at, line = line + 1, reader.line_num
                if line - at > MOST_LINES_IN_A_CELL:
                    raise StatementRefused(
                        at, "quote_open", _("A quotation mark is opened here and never closed.")
                    )
                yield at, [_mended(cell) for cell in row] if mend else row
        except csv.Error as error:
            raise StatementRefused(line + 1, "malformed", str(error)) from error

    return rows


def _lines(written: str) -> Iterator[str]:
    """Yield lines one by one: a file in memory need not stand there twice."""
    at = 0
    while (end := written.find("\n", at)) >= 0:
        yield written[at : end + 1]
        at = end + 1
    if at < len(written):
        yield written[at:]


@lru_cache(maxsize=20_000)
def _mended(cell: str) -> str:
    """Return a cell with its accents mended, where they were broken on the way."""
    if cell.isascii() or not tables.MOJIBAKE.search(cell):
        return cell
    return ftfy.fix_encoding(cell)


def _layout(rows: Rows, columns: Mapping | None) -> Layout:
    head = []
    for line, row in rows():
        if len(head) == HEADER_WITHIN + LOOKED_AT:
            break
        if len(row) <= MOST_COLUMNS:
            head.append((line, row))
    found = _given(head, columns) if columns else _recognised(head)
    if found is None:
        found = (-1, _numbered(head), _of_mtn(head) if not columns else None)
        if found[2] is None:
            found = _unknown(head)
    at, headings, places = found
    titles = " ; ".join(parsing.text(cell) for _l, row in head[: at + 1] for cell in row if cell)
    sample = [row for row in head[at + 1 :] if any(row[1])][:SAMPLE_ROWS]
    return Layout(rows, head[at][0] if at >= 0 else 0, headings, places, titles, sample)


def _names(row: Sequence) -> tuple[str, ...]:
    return tuple(parsing.text(cell) for cell in row)


def _given(head: list[Row], columns: Mapping):
    for at, (_line, row) in enumerate(head[:HEADER_WITHIN]):
        if any(row) and (places := chosen(columns, _names(row))):
            return at, _names(row), places
    numbered = _numbered(head)
    places = chosen(columns, numbered)
    return (-1, numbered, places) if places else None


def _recognised(head: list[Row]):
    best = None
    for at, (_line, row) in enumerate(head[:HEADER_WITHIN]):
        if sum(1 for cell in row if cell) < 2:
            continue
        places = recognise(row)
        known = sum(map(len, places.values()))
        if is_enough(places) and (best is None or known > best[0]):
            best = (known, at, _names(row), places)
    return best[1:] if best else None


def _numbered(head: list[Row]) -> tuple[str, ...]:
    width = max((len(row) for _line, row in head), default=0)
    return tuple(str(number) for number in range(1, width + 1))


def _unknown(head: list[Row]):
    """Return the row that looks most like headings, for people to say what its columns are."""
    for at, (_line, row) in enumerate(head[:HEADER_WITHIN]):
        filled = [parsing.text(cell) for cell in row if cell]
        if len(filled) > 2 and not any(re.search(r"\d{3}", cell) for cell in filled):
            return at, _names(row), None
    return -1, _numbered(head), None


TYPES_OF_MTN = re.compile(
    r"payment|transfer|cash ?(?:in|out)|deposit|debit|float|external|batch|reversal|withdrawal|fee",
    re.IGNORECASE,
)


def _of_mtn(head: list[Row]) -> Columns | None:
    """Recognise an export of MTN MoMo without headings by what stands in its columns."""
    rows = [row for _line, row in head if len(row) >= 8]
    if not rows or len({len(row) for row in rows}) > 1:
        return None
    columns: Columns = {}
    for place, here in enumerate(zip(*rows, strict=True)):
        name = _content([str(cell).strip() for cell in here if cell not in (None, "")])
        if name == "fri":
            name = "to" if "from" in columns else "from"
        elif name == "party":
            name = "to_name" if "to" in columns else "from_name" if "from" in columns else "party"
        if name and (name in ("text", "number") or name not in columns):
            columns.setdefault(name, []).append(place)
    numbers = columns.pop("number", [])
    if "reference" not in columns and len(numbers) > 2:
        columns["reference"] = [numbers.pop(0)]
    names = ("amount", "fee", "balance") if len(numbers) > 2 else ("amount", "balance")
    columns |= {name: [place] for name, place in zip(names, numbers, strict=False)}
    return columns if {"from", "to", "day", "status", "amount"} <= set(columns) else None


def _content(filled: list[str]) -> str:
    """Say what a column without a heading holds, from its cells."""
    if not filled:
        return ""
    for name, test in (
        ("fri", lambda cell: cell.upper().startswith("FRI:")),
        ("day", lambda cell: bool(re.match(r"\d{1,4}[-/]\d\d?[-/]\d{2,4}\b", cell))),
        ("currency", lambda cell: bool(re.fullmatch(r"[A-Z]{3}", cell))),
        ("status", lambda cell: bool(cells.state(cell))),
    ):
        if all(map(test, filled)):
            return name
    if all(re.fullmatch(r"-?\d+(?:[.,]\d+)?", cell) for cell in filled):
        is_key = len(set(filled)) * 1.05 >= len(filled) and min(map(len, filled)) >= 8
        return "reference" if is_key and len({len(cell) for cell in filled}) <= 2 else "number"
    if all(TYPES_OF_MTN.match(cell) for cell in filled):
        return "type"
    is_name = sum(cell.replace(" ", "").replace("'", "").isalpha() for cell in filled)
    return "party" if is_name * 2 > len(filled) else "text"


# Reading


ACCOUNT = re.compile(
    r"\b(?:compte|account|iban|rib)\b\s*(?:n[°o]\.?|no\.?|number|numero|bancaire)?\s*[:=;]+[\s;]*"
    r"(?=[A-Z0-9 ./-]*\d)([A-Z0-9][A-Z0-9 ./-]{5,40})",
    re.IGNORECASE,
)
OPENING = re.compile(
    r"\b(?:solde (?:initial|precedent|d ouverture|anterieur|debut|au debut|de depart)"
    r"|ancien solde|opening balance|balance brought forward|brought forward|previous balance"
    r"|report (?:du )?solde|solde reporte|report a nouveau)\b"
)
CLOSING = re.compile(
    r"\b(?:solde (?:final|de cloture|cloture|fin|a reporter|en fin)|nouveau solde"
    r"|closing balance|balance carried forward|carried forward|ending balance)\b"
)
TOTAL = re.compile(
    r"^(?:(?:sous|grand|sub) )?(?:total|totaux|subtotal|cumul|a reporter)\b|^solde\b|^page \d"
    r"|^total (?:des )?mouvements|^fin (?:de|du) releve|^nombre\b|^edite\b|^imprime\b"
)
TRUE = frozenset(("true", "oui", "yes", "1", "vrai", "y", "o"))
OUT = frozenset(
    ("d", "db", "dr", "debit", "débit", "debiteur", "débiteur", "dbit", "out", "sortie", "-")
)
IN = frozenset(
    ("c", "cr", "credit", "crédit", "crediteur", "créditeur", "crdt", "in", "entrée", "+")
)
GOES_OUT = re.compile(
    r"\b(?:cash ?out|debit|withdrawal|retrait|sortie|fee|frais|sweep|payout|reversal|refund"
    r"|annulation|float transfer|external payment|b2b payment|achat)\b"
)


@lru_cache(maxsize=1024)
def goes_out(kind: str) -> bool:
    """Tell whether the kind of a movement is one that takes money out."""
    return bool(GOES_OUT.search(fold(kind)))


class Reading:
    """The reading of one table: how it is written, then its movements."""

    def __init__(self, layout: Layout, statement: StatementRead, currency: str):
        self.layout = layout
        self.statement = statement
        self.columns = layout.columns or {}
        self.width = len(layout.headings)
        self.own = ""
        self.signed = False
        self.last = 0
        self.widths = (0, 0)
        self.day_of = cells.reader_of_days(month_first=False)
        self.currency = currency
        self.single = {name: places[0] for name, places in self.columns.items() if len(places) == 1}
        self._heading = [fold(name) for name in layout.headings]

    def read(self) -> None:
        self._look()
        self._take()
        statement = self.statement
        movements = statement.movements
        statement.format = self._format()
        if not movements:
            raise StatementRefused(None, "no_movements", _("There is no movement in this file."))
        tell_apart(movements)
        keep_true_reversals(movements)
        balances.check(statement)
        statement.first_day = min(movement.day for movement in movements)
        statement.last_day = max(movement.day for movement in movements)

    def _rows(self) -> Iterator[Row]:
        for line, row in self.layout.rows():
            if line > self.layout.after:
                yield line, row

    # How it is written

    def _look(self) -> None:
        days: list[str] = []
        numbers: Counter[str] = Counter()
        currencies: Counter[str] = Counter()
        day = self.columns["day"][0]
        ours = self._places("from", "to")
        amounts, currency = self._places("amount"), self._places("currency")
        values = self._places("amount", "credit", "debit")
        for count, (line, row) in enumerate(self._rows()):
            if any(row):
                self.widths = (self.widths[1], len(row))
                self.last = line
            if day < len(row) and isinstance(row[day], str) and row[day]:
                days.append(row[day])
            for written in _at(row, ours):
                if number := cells.msisdn(written):
                    numbers[number] += 1
            if not self.signed:
                self.signed = any(w[0] in "-(\u2212" for w in _at(row, amounts))
            for written in _at(row, currency):
                currencies[cells.NAMED.get(code := written.upper(), code)] += 1
            if count < LOOKED_AT and not currency:
                found = {cells.currency_in(written) for written in _at(row, values)}
                currencies.update(found - {""})
        self.day_of = cells.reader_of_days(cells.month_comes_first(days))
        self._name_currency(currencies)
        self._name_account(numbers)

    def _places(self, *names: str) -> list[int]:
        return [self.columns[name][0] for name in names if name in self.columns]

    def _name_currency(self, found: Counter[str]) -> None:
        if len(found) > 1:
            raise StatementRefused(
                None,
                "currencies",
                _("This file holds several currencies: %(found)s. Send one file for each.")
                % {"found": ", ".join(sorted(found))},
            )
        told = f"{self.layout.titles} {' '.join(self.layout.headings)}"
        self.statement.currency = next(iter(found), "") or cells.currency_in(told)
        self.currency = self.statement.currency or self.currency

    def _name_account(self, numbers: Counter[str]) -> None:
        if numbers:
            self.own = numbers.most_common(1)[0][0]
            self.statement.account_number = f"+{self.own}" if len(self.own) > 9 else self.own
        for account in ACCOUNT.finditer(self.layout.titles):
            number = cells.CURRENCY.sub("", account[1]).strip(" -./")
            if any(map(str.isdigit, number)) and not self.statement.account_number:
                self.statement.account_number = number

    # Movements

    def _take(self) -> None:
        movements = self.statement.movements
        before, width = self.widths
        cut = self.last if self.layout.is_cut and width < self.width <= before else 0
        for line, row in self._rows():
            if not any(row):
                continue
            if line == cut:
                raise StatementRefused(
                    line, "file_cut", _("The file ends in the middle of this line.")
                )
            movement = self._movement(line, row)
            if movement is not None:
                movements.append(movement)

    def _cell(self, row: Sequence, name: str) -> object:
        place = self.single.get(name, -1)
        if place < 0 or place >= len(row):
            return None
        cell = row[place]
        return cell.strip() or None if isinstance(cell, str) else cell

    def _text(self, row: Sequence, name: str) -> str:
        place = self.single.get(name, -1)
        if place >= 0:
            cell = row[place] if place < len(row) else None
            if not cell:
                return ""
            if not isinstance(cell, str):
                return parsing.text(cell)
            return " ".join(cell.split()) if " " in cell else cell
        told: dict[str, None] = {}
        for place in self.columns.get(name, ()):
            if place < len(row) and row[place]:
                told[parsing.text(row[place])] = None
        return " ".join(told)

    def _movement(self, line: int, row: Sequence) -> Movement | None:
        if len(row) > self.width and any(row[self.width :]):
            raise StatementRefused(
                line,
                "too_many_cells",
                _("This line has more cells than there are headings."),
            )
        written = self._cell(row, "day")
        value = self._value(line, row)
        if written is None or value is None:
            return self._no_movement(line, row, written, value)
        try:
            day, moment = self.day_of(written)
        except CellError as error:
            if self._is_aside(row):
                return None
            raise StatementRefused(
                line,
                "date_impossible",
                _("“%(written)s” is not a day.") % {"written": str(written)[:40]},
            ) from error
        if moment is None and (clock := self._cell(row, "time")) is not None:
            moment = cells.at_time(day, clock)
        return self._made(line, row, day, moment, value)

    def _made(
        self, line: int, row: Sequence, day: date, moment: datetime | None, value: int
    ) -> Movement | None:
        kind = self._text(row, "type")
        state = self._state(line, row, kind)
        fee = self._fee(line, row)
        value, is_ours = self._signed(line, row, value, kind)
        text = self._text(row, "text")
        other = self._text(row, "other")
        reference = self._text(row, "reference")
        side = "to" if is_ours and value < 0 else "from"
        party = self._text(row, "party") or self._text(row, f"{side}_name")
        phone = self._phone(row, side, text)
        if value == 0:
            if not fee:
                return None
            value, fee = -fee, 0
        balance = self._cell(row, "balance")
        others = cells.numbers_in(other, text) if other or text else ()
        if reference in others:
            others = tuple(number for number in others if number != reference)
        is_said = self._text(row, "reversal").lower() in TRUE or cells.says_reversal(kind)
        taken_back = self._text(row, "reversal_of")
        if not taken_back and (is_said or others):
            taken_back = cells.reverses(text, others, reference, is_said)
        hint = "reversal" if is_said else ""
        if value < 0 and not hint:
            hint = cells.kind_of(f"{kind} {text}"[:80], is_out=True)
        return Movement(
            line,
            day,
            value,
            moment,
            fee,
            None if balance is None else cells.amount(balance, self.currency, line),
            reference,
            others,
            text,
            party,
            phone,
            state != "done",
            taken_back or None,
            "pending" if state == "pending" else hint,
            self.layout.headings,
            _kept(row),
        )

    def _value(self, line: int, row: Sequence) -> int | None:
        """Return what moved, as written; None where the line says no amount."""
        credit, debit = self._cell(row, "credit"), self._cell(row, "debit")
        if credit is None and debit is None:
            cell = self._cell(row, "amount")
            if cell is None or (isinstance(cell, str) and parsing.is_nothing(cell)):
                return None
            return self._amount(line, row, cell)
        money_in = 0 if _is_nothing(credit) else abs(self._amount(line, row, credit))
        money_out = 0 if _is_nothing(debit) else abs(self._amount(line, row, debit))
        if money_in and money_out:
            if self._is_aside(row):
                return None
            raise StatementRefused(
                line, "two_sides", _("This line has money in and money out at once.")
            )
        if not money_in and not money_out and _is_nothing(credit) and _is_nothing(debit):
            return None
        return money_in - money_out

    def _amount(self, line: int, row: Sequence, cell: object) -> int:
        try:
            return cells.amount(cell, self.currency, line)
        except StatementRefused:
            if self._is_aside(row) or self._names_again(row):
                return 0
            raise

    def _fee(self, line: int, row: Sequence) -> int:
        total = 0
        for place in self.columns.get("fee", ()):
            cell = row[place] if place < len(row) else None
            if cell and cell != "0" and not _is_nothing(cell):
                total += abs(cells.amount(cell, self.currency, line))
        return total

    def _signed(self, line: int, row: Sequence, value: int, kind: str) -> tuple[int, bool]:
        """Return the amount with its sign, and whether the line names both sides."""
        if "amount" not in self.columns or {"credit", "debit"} & set(self.columns):
            return value, False
        if self.own and value > 0:
            payer = cells.msisdn(self._text(row, "from"))
            payee = cells.msisdn(self._text(row, "to"))
            if payee == self.own and payer != self.own:
                return value, True
            if payer == self.own:
                return -value, True
            raise StatementRefused(
                line,
                "direction_unknown",
                _("This line does not say whether money came in or went out."),
            )
        if "sign" in self.single and (sign := self._text(row, "sign").lower().strip(" .")):
            if sign in OUT:
                return -abs(value), False
            if sign in IN:
                return abs(value), False
            raise StatementRefused(
                line,
                "direction_unknown",
                _("This line does not say whether money came in or went out."),
            )
        if not self.signed and value > 0 and goes_out(kind):
            return -value, False
        return value, False

    def _state(self, line: int, row: Sequence, kind: str) -> str:
        written = self._text(row, "status")
        if written:
            if state := cells.state(written):
                return state
            raise StatementRefused(
                line,
                "status_unknown",
                _("“%(written)s” says neither that the money moved nor that it did not.")
                % {"written": written[:40]},
            )
        state = cells.state(kind) if kind else ""
        return state if state in ("failed", "pending") else "done"

    def _phone(self, row: Sequence, side: str, text: str) -> str:
        for name in ("phone", side):
            if written := self._text(row, name):
                if name == side and cells.msisdn(written) == self.own:
                    continue
                if found := cells.phone(written, self.currency):
                    return found
        return cells.phone_in(text, self.currency) if text else ""

    # Lines that are no movements

    def _no_movement(self, line: int, row: Sequence, written, value: int | None) -> None:
        """Take opening and closing from a line without day or amount; refuse what is neither."""
        told = fold(" ".join(cell for cell in row if isinstance(cell, str) and cell))
        amounts = [self._cell(row, name) for name in ("balance", "credit", "debit", "amount")]
        stated = next((cell for cell in amounts if not _is_nothing(cell)), None)
        for words, name in ((OPENING, "opening"), (CLOSING, "closing")):
            if words.search(told):
                if stated is not None:
                    setattr(self.statement, name, cells.amount(stated, self.currency, line))
                return
        if self._is_aside(row) or self._names_again(row):
            return
        movements = self.statement.movements
        if value is None and written is None:
            if movements and stated is None and (more := self._text(row, "text")):
                # A label that runs over several lines of the table.
                last = movements[-1]
                last.text = f"{last.text} {more}".strip()
                last.other_references = cells.numbers_in(*last.other_references, last.text)
            return
        if value is None:
            if self._state(line, row, "") != "done":
                return
            raise StatementRefused(line, "amount_missing", _("This line has no amount."))
        raise StatementRefused(line, "date_missing", _("This line has an amount and no day."))

    def _is_aside(self, row: Sequence) -> bool:
        """Tell whether a line is a total, a foot or a title between the movements."""
        filled = [parsing.text(cell) for cell in row if cell not in (None, "")]
        words = [cell for cell in filled if re.search(r"[^\W\d_]{2}", cell)]
        return bool(words) and any(TOTAL.match(fold(word)) for word in words[:2])

    def _names_again(self, row: Sequence) -> bool:
        here = [fold(cell) for cell in row if isinstance(cell, str)]
        return here[: self.width] == self._heading[: len(here)] and any(here)

    # What it is

    def _format(self) -> str:
        headings, titles = set(self._heading), fold(self.layout.titles)
        if {"counterparty mobile", "is reversal"} & headings:
            return "wave"
        if {"from", "to"} <= set(self.columns) and self.own:
            return "mtn_momo"
        first = [m.reference for m in self.statement.movements[:20]]
        if "orange money" in titles or (
            first and all(re.match(r"[A-Z]{2}\d{6}\.\d{4}\.[A-Z]\d+", number) for number in first)
        ):
            return "orange_money"
        return "csv"


def _at(row: Sequence, places: Sequence[int]) -> list[str]:
    """Return the cells at ``places`` that hold something, as texts."""
    width = len(row)
    return [str(row[p]).strip() for p in places if p < width and row[p] not in (None, "", " ")]


def _kept(row: Sequence) -> str:
    try:
        return BETWEEN.join(row)
    except TypeError:
        return BETWEEN.join([parsing.text(cell) for cell in row])


def _is_nothing(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and cell.strip() in ("", "-", "–", "0"))


SHAPE = str.maketrans("0123456789", "9" * 10)


def keep_true_reversals(movements: Iterable[Movement]) -> None:
    """Drop a number taken back that is none of the provider's: the word stood there by chance."""
    numbers = {movement.reference for movement in movements if movement.reference}
    shapes = {number.translate(SHAPE) for number in numbers}
    for movement in movements:
        number = movement.reversal_of
        if not number or number in numbers or movement.kind == "reversal":
            if number:
                movement.kind = "reversal"
            continue
        if number.translate(SHAPE) in shapes:
            movement.kind = "reversal"
        else:
            movement.reversal_of = None
