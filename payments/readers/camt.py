"""CAMT.053, the statement of ISO 20022, in versions 2 and 8 (and those between and around them).

Read with expat as it comes, entry by entry. A document type is refused before anything else, so
there are no entities to expand and nothing is ever fetched.
"""

from collections.abc import Iterator
from xml.parsers import expat

from django.utils.translation import gettext as _

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

DAY_OF = cells.reader_of_days(month_first=False)
HEADINGS = (
    "AcctSvcrRef", "NtryRef", "EndToEndId", "InstrId", "TxId", "Amt", "CdtDbtInd", "BookgDt",
    "Nm", "Ustrd",
)  # fmt: skip
REFERENCES = ("EndToEndId", "InstrId", "TxId", "UETR", "ChqNb", "MndtId", "ClrSysRef", "PmtInfId")
#: Elements that are read whole, with what stands in them.
WHOLE = frozenset(("Acct", "Bal", "Ntry"))
DEEPEST = 60


class Node:
    """An element with its text, its children and the line on which it begins."""

    __slots__ = ("children", "currency", "line", "name", "text")

    def __init__(self, name: str, line: int, currency: str):
        self.name = name
        self.line = line
        self.currency = currency
        self.text = ""
        self.children: list[Node] = []

    def all(self, name: str) -> Iterator["Node"]:
        return (child for child in self.children if child.name == name)

    def at(self, path: str) -> "Node | None":
        """Return the first element at a path of names, or None."""
        node = self
        for name in path.split("/"):
            node = next(node.all(name), None)
            if node is None:
                return None
        return node

    def said(self, *paths: str) -> str:
        """Return the text of the first of ``paths`` that has one."""
        for path in paths:
            if (node := self.at(path)) is not None and node.text:
                return node.text
        return ""

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()


def read(content: bytes) -> StatementRead:
    """Read a CAMT.053. Raises StatementRefused with the line."""
    reading = Reading()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reading.refuse_doctype
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.data
    reading.parser = parser
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        code = "file_cut" if error.code in CUT else "malformed"
        sentence = (
            _("The file ends too early.") if code == "file_cut" else expat.ErrorString(error.code)
        )
        raise StatementRefused(error.lineno, code, sentence) from error
    return reading.finish()


CUT = (
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
)


class Reading:
    """What was read of a document so far."""

    def __init__(self):
        self.statement = StatementRead(format="camt053", headings=HEADINGS)
        self.parser = None
        self.open: list[Node] = []
        self.depth = 0
        self.is_statement = False
        self.net = 0
        self.last_line = 1

    # expat's events

    def refuse_doctype(self, *_told):
        raise StatementRefused(
            self.parser.CurrentLineNumber,
            "doctype",
            _("This file declares a document type, which no bank does. It is not opened."),
        )

    def start(self, name: str, attributes: dict) -> None:
        self.depth += 1
        local = name.rpartition(" ")[2]
        if self.depth > DEEPEST:
            raise StatementRefused(
                self.parser.CurrentLineNumber, "malformed", _("This is not a statement.")
            )
        if self.open or local in WHOLE:
            node = Node(local, self.parser.CurrentLineNumber, attributes.get("Ccy", ""))
            if self.open:
                self.open[-1].children.append(node)
            self.open.append(node)
        elif local == "Stmt":
            self.is_statement = True

    def data(self, text: str) -> None:
        if self.open:
            self.open[-1].text += text

    def end(self, _name: str) -> None:
        self.depth -= 1
        if not self.open:
            return
        node = self.open.pop()
        node.text = " ".join(node.text.split())
        if self.open:
            return
        if not self.is_statement:
            raise StatementRefused(
                node.line, "not_a_statement", _("This XML file is not a statement (camt.053).")
            )
        {"Acct": self.account, "Bal": self.balance, "Ntry": self.entry}[node.name](node)

    # What they mean

    def account(self, node: Node) -> None:
        statement = self.statement
        number = node.said("Id/IBAN", "Id/Othr/Id")
        if statement.account_number and number and number != statement.account_number:
            raise StatementRefused(
                node.line,
                "accounts",
                _("This file holds several accounts. Send one file for each."),
            )
        statement.account_number = number or statement.account_number
        statement.currency = node.said("Ccy") or statement.currency

    def balance(self, node: Node) -> None:
        code = node.said("Tp/CdOrPrtry/Cd")
        value = self.signed(node, node.at("Amt"), node.said("CdtDbtInd"))
        if code in ("OPBD", "PRCD") and self.statement.opening is None:
            self.statement.opening = value
        elif code == "CLBD":
            self.statement.closing = value

    def entry(self, node: Node) -> None:
        self.last_line = node.line
        side = node.said("CdtDbtInd")
        total = self.signed(node, node.at("Amt"), side)
        state = node.said("Sts/Cd", "Sts/Prtry", "Sts") or "BOOK"
        if state == "INFO":
            return
        details = [each for group in node.all("NtryDtls") for each in group.all("TxDtls")]
        made = [
            self.movement(node, each, len(details), place, side)
            for place, each in enumerate(details, 1)
        ] or [self.movement(node, None, 1, 1, side)]
        net = sum(movement.amount - movement.fee for movement in made)
        if net != total:
            if sum(movement.amount for movement in made) != total:
                raise StatementRefused(
                    node.line,
                    "batch_broken",
                    _("The payments of this entry do not add up to its amount."),
                )
            for movement in made:
                movement.fee = 0  # booked as entries of their own
        if state != "BOOK":
            for movement in made:
                movement.failed, movement.kind = True, "pending"
        else:
            self.net += total
        self.statement.movements += made

    def movement(
        self, entry: Node, detail: Node | None, number: int, place: int, side: str
    ) -> Movement:
        day, moment = self.day(entry)
        own = detail if detail is not None else entry
        amount = self.amount_of(entry, detail, number, side)
        fee = self.fee_of(own)
        if amount < 0:
            amount += fee if number == 1 and own.at("AmtDtls/TxAmt/Amt") is None else 0
        reference, others = self.references(entry, detail, number, place)
        text = (
            " ".join(
                dict.fromkeys(
                    node.text for node in own.walk() if node.name == "Ustrd" and node.text
                )
            )
            or own.said("AddtlTxInf")
            or entry.said("AddtlNtryInf")
        )
        structured = own.said("RmtInf/Strd/CdtrRefInf/Ref")
        text = " ".join(part for part in (text, structured) if part)
        party = self.party(own, amount)
        is_said = entry.said("RvslInd").lower() in ("true", "1") or (
            detail is not None and detail.at("RtrInf") is not None
        )
        others = (*others, *(n for n in cells.numbers_in(text) if n not in others))
        told = own.said("RtrInf/OrgnlBkTxCd/Prtry/Cd") or ""
        taken_back = cells.reverses(text + told, cells.numbers_in(text), reference, is_said)
        hint = "reversal" if is_said else cells.kind_of(text[:80], amount < 0)
        record = (
            own.said("Refs/AcctSvcrRef"), entry.said("NtryRef"), own.said("Refs/EndToEndId"),
            own.said("Refs/InstrId"), own.said("Refs/TxId"), str(amount), side, day.isoformat(),
            party, text,
        )  # fmt: skip
        return Movement(
            own.line, day, amount, moment, fee, None, reference, others, text, party,
            cells.phone_in(text, self.statement.currency), False, taken_back or None, hint,
            HEADINGS, BETWEEN.join(record),
        )  # fmt: skip

    def day(self, entry: Node) -> tuple:
        written = entry.said("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
        try:
            return DAY_OF(written)
        except CellError as error:
            raise StatementRefused(
                entry.line, "date_missing", _("This entry has no day.")
            ) from error

    def amount_of(self, entry: Node, detail: Node | None, number: int, side: str) -> int:
        if detail is None:
            return self.signed(entry, entry.at("Amt"), side)
        own = detail.at("AmtDtls/TxAmt/Amt") or detail.at("Amt")
        if own is None or (own.currency and own.currency != self.statement.currency):
            # A single payment is the entry; what was instructed in another currency is not.
            own = detail.at("Amt") if detail.at("Amt") is not None else None
            if own is None and number == 1:
                own = entry.at("Amt")
        if own is None:
            raise StatementRefused(
                detail.line,
                "amount_missing",
                _("This payment of a batch has no amount of its own."),
            )
        return self.signed(detail, own, detail.said("CdtDbtInd") or side)

    def fee_of(self, node: Node) -> int:
        total = node.at("Chrgs/TtlChrgsAndTaxAmt")
        if total is not None:
            return abs(self.signed(node, total, "CRDT"))
        fee = 0
        for charges in node.all("Chrgs"):
            for record in (*charges.all("Rcrd"), charges):
                if (amount := record.at("Amt")) is not None:
                    fee += abs(self.signed(record, amount, "CRDT"))
        return fee

    def references(
        self, entry: Node, detail: Node | None, number: int, place: int
    ) -> tuple[str, tuple[str, ...]]:
        bank = entry.said("AcctSvcrRef", "NtryRef")
        if detail is None:
            return bank, ()
        refs = detail.at("Refs")
        said = {
            node.name: node.text
            for node in (refs.children if refs is not None else ())
            if node.text and node.text.upper() not in cells.NOT_NUMBERS
        }
        others = tuple(said[name] for name in REFERENCES if name in said)
        reference = said.get("AcctSvcrRef", "")
        if not reference or (number > 1 and reference == bank):
            reference = bank if number == 1 else (others[0] if others else f"{bank}/{place}")
        if bank and bank != reference and number > 1:
            others = (*others, bank)
        return reference, tuple(other for other in others if other != reference)

    def party(self, node: Node, amount: int) -> str:
        side = "Dbtr" if amount > 0 else "Cdtr"
        return node.said(
            f"RltdPties/{side}/Nm",
            f"RltdPties/{side}/Pty/Nm",
            f"RltdPties/Ultmt{side}/Nm",
            f"RltdPties/Ultmt{side}/Pty/Nm",
        )

    def signed(self, node: Node, amount: Node | None, side: str) -> int:
        if amount is None or not amount.text:
            raise StatementRefused(node.line, "amount_missing", _("There is no amount here."))
        if side not in ("CRDT", "DBIT"):
            raise StatementRefused(
                node.line,
                "direction_unknown",
                _("This line does not say whether money came in or went out."),
            )
        statement = self.statement
        statement.currency = statement.currency or amount.currency
        if amount.currency and amount.currency != statement.currency:
            raise StatementRefused(
                amount.line,
                "currencies",
                _("This file holds several currencies: %(found)s. Send one file for each.")
                % {"found": f"{statement.currency}, {amount.currency}"},
            )
        value = cells.amount(amount.text, statement.currency, amount.line)
        return value if side == "CRDT" else -value

    def finish(self) -> StatementRead:
        statement = self.statement
        if not self.is_statement:
            raise StatementRefused(
                1, "not_a_statement", _("This XML file is not a statement (camt.053).")
            )
        opening, closing = statement.opening, statement.closing
        if opening is not None and closing is not None and opening + self.net != closing:
            raise StatementRefused(
                self.last_line,
                "balance_broken",
                _("Opening balance and entries do not lead to the closing balance."),
            )
        movements = statement.movements = [each for each in statement.movements if each.amount]
        tell_apart(movements)
        keep_true_reversals(movements)
        if movements:
            statement.first_day = min(movement.day for movement in movements)
            statement.last_day = max(movement.day for movement in movements)
        return statement
