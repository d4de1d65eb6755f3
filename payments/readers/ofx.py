"""OFX, in its old form (1.x, SGML without closing tags) and its new one (2.x, XML).

One reader of tags serves both: it expands no entity but XML's five, and refuses declarations.
Read here rather than by a package: ofxtools is under the GPL and takes 0.4 s to load, ofxparse
needs lxml; neither names a line.
"""

import html
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from akig.lib import tables
from akig.lib.parsing import CellError
from payments.readers import cells
from payments.readers.movements import (
    BETWEEN,
    Movement,
    StatementRead,
    StatementRefused,
    tell_apart,
)
from payments.readers.tables import keep_true_reversals

HEADINGS = ("TRNTYPE", "DTPOSTED", "TRNAMT", "FITID", "CHECKNUM", "REFNUM", "NAME", "MEMO")
TAG = re.compile(r"<(/?)([A-Za-z0-9.]+)>([^<]*)")
DAY = re.compile(r"(\d{8})(\d{6})?(?:\.\d+)?(?:\[([+-]?\d{1,2})(?:\.\d+)?(?::[A-Z]+)?\])?")
DAY_OF = cells.reader_of_days(month_first=False)
KINDS = {"FEE": "fee", "SRVCHG": "fee", "XFER": "transfer", "ATM": "transfer", "CASH": "transfer"}


def is_ofx(head: bytes) -> bool:
    return b"OFXHEADER" in head.upper() or b"<OFX>" in head.upper()


def read(content: bytes) -> StatementRead:
    """Read an OFX of one account. Raises StatementRefused with the line."""
    if b"<!" in content:
        raise StatementRefused(
            content.count(b"\n", 0, content.index(b"<!")) + 1,
            "doctype",
            _("This file declares a document type, which no bank does. It is not opened."),
        )
    written, _encoding = tables.decode(_without_declaration(content))
    begin = written.upper().find("<OFX>")
    if begin < 0 or "</OFX>" not in written.upper():
        raise StatementRefused(written.count("\n") + 1, "file_cut", _("The file ends too early."))
    reading = Reading()
    for line, is_end, name, value in _tags(written, begin):
        reading.take(line, is_end, name, value)
    return reading.finish()


def _without_declaration(content: bytes) -> bytes:
    """Take off ``<?xml ...?>`` and ``<?OFX ...?>``, keeping the lines."""
    return (
        re.sub(
            rb"<\?.*?\?>",
            lambda found: b"\n" * found[0].count(b"\n"),
            content[:4000],
            flags=re.DOTALL,
        )
        + content[4000:]
    )


def _tags(written: str, begin: int) -> Iterator[tuple[int, bool, str, str]]:
    line, at = written.count("\n", 0, begin) + 1, begin
    for found in TAG.finditer(written, begin):
        line += written.count("\n", at, found.start())
        at = found.start()
        value = html.unescape(found[3]).strip() if found[3] else ""
        yield line, bool(found[1]), found[2].upper(), value


class Reading:
    """What was read so far, and the movement that is open."""

    def __init__(self):
        self.statement = StatementRead(format="ofx", headings=HEADINGS)
        self.fields: dict[str, str] | None = None
        self.line = self.last_line = 1
        self.groups: list[str] = []

    def take(self, line: int, is_end: bool, name: str, value: str) -> None:
        self.last_line = line
        if name == "STMTTRN":
            if is_end:
                self.movement()
                self.fields = None
            elif self.fields is not None:
                raise StatementRefused(
                    line, "malformed", _("The movement above this line does not end.")
                )
            else:
                self.fields, self.line = {}, line
        elif is_end:
            if self.groups and self.groups[-1] == name:
                self.groups.pop()
        elif self.fields is not None:
            if value:
                self.fields.setdefault(name, value)
        elif not value:
            self.groups.append(name)
        else:
            self.said(line, name, value)

    def said(self, line: int, name: str, value: str) -> None:
        statement = self.statement
        if name == "CURDEF":
            if statement.currency not in ("", value):
                raise StatementRefused(
                    line,
                    "currencies",
                    _("This file holds several currencies: %(found)s. Send one file for each.")
                    % {"found": f"{statement.currency}, {value}"},
                )
            statement.currency = value
        elif name == "ACCTID" and {"BANKACCTFROM", "CCACCTFROM"} & set(self.groups):
            if statement.account_number not in ("", value):
                raise StatementRefused(
                    line, "accounts", _("This file holds several accounts. Send one file for each.")
                )
            statement.account_number = value
        elif name == "BALAMT" and "LEDGERBAL" in self.groups:
            statement.closing = self.amount(line, value)

    def amount(self, line: int, written: str) -> int:
        return cells.amount(written.replace(",", "."), self.statement.currency, line)

    def movement(self) -> None:
        said = self.fields or {}
        if "TRNAMT" not in said:
            raise StatementRefused(self.line, "amount_missing", _("There is no amount here."))
        found = DAY.fullmatch(said.get("DTPOSTED", ""))
        if not found:
            raise StatementRefused(self.line, "date_missing", _("This entry has no day."))
        try:
            day, moment = DAY_OF(f"{found[1]} {found[2]}" if found[2] else found[1])
        except (CellError, ValueError) as error:
            raise StatementRefused(
                self.line, "date_missing", _("This entry has no day.")
            ) from error
        if found[3] and int(found[3]):
            moment = None  # a bank elsewhere: its day counts, its clock does not
        amount = self.amount(self.line, said["TRNAMT"])
        reference = said.get("FITID", "")
        text = " ".join(dict.fromkeys(said[name] for name in ("MEMO",) if name in said))
        party = said.get("NAME", "") or said.get("PAYEE", "")
        kept = [said[name] for name in ("CHECKNUM", "REFNUM", "SRVRTID") if name in said]
        if "CHECKNUM" in said:
            kept.append(f"CHQ {said['CHECKNUM']}")
        told = f"{party} {text}".strip()
        others = tuple(dict.fromkeys((*kept, *cells.numbers_in(told))))
        others = tuple(other for other in others if other != reference)
        kind = KINDS.get(said.get("TRNTYPE", ""), "") if amount < 0 else ""
        taken_back = said.get("CORRECTFITID") or cells.reverses(
            told, cells.numbers_in(told), reference, False
        )
        if amount:
            self.statement.movements.append(
                Movement(
                    self.line,
                    day,
                    amount,
                    moment,
                    reference=reference,
                    other_references=others,
                    text=text or party,
                    party=party,
                    phone=cells.phone_in(told, self.statement.currency),
                    reversal_of=taken_back or None,
                    kind=kind or cells.kind_of(told[:80], amount < 0),
                    headings=HEADINGS,
                    record=BETWEEN.join(said.get(name, "") for name in HEADINGS),
                )
            )

    def finish(self) -> StatementRead:
        statement = self.statement
        if self.fields is not None:
            raise StatementRefused(self.line, "file_cut", _("The file ends too early."))
        movements = statement.movements
        tell_apart(movements)
        keep_true_reversals(movements)
        if movements:
            statement.first_day = min(movement.day for movement in movements)
            statement.last_day = max(movement.day for movement in movements)
        return statement
