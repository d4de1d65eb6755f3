"""Messages (SMS) that operators send for each movement, as somebody pasted them.

Operators change their sentences often, so no whole sentence is expected: amounts are found by the
words beside them ("solde", "frais", "recu"), numbers by their labels, in French and English.
"""

import re
from datetime import UTC, date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from akig.lib import parsing
from akig.lib.parsing import CellError
from payments.readers import cells
from payments.readers.movements import Movement, StatementRefused

CURRENCY_OF = {"GN": "GNF", "SN": "XOF", "ML": "XOF"}
LONGEST = 1000

COUNT = r"\d{1,3}(?:[ .,']\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
MONEY = re.compile(
    rf"(?P<before>(?:GNF|XOF|FCFA|CFA|FG)\s*)?(?P<count>{COUNT})"
    r"\s*(?P<after>GNF|XOF|F\s?CFA|CFA|FG|F\b|francs?\b)?",
    re.IGNORECASE,
)
BALANCE = re.compile(r"(?:solde|balance|sold)\b[^\d#*]{0,40}$", re.IGNORECASE)
FEE = re.compile(r"(?:frais|fees?|commission|charges?|cost|cout)\b[^\d]{0,20}$", re.IGNORECASE)
CAME_IN = re.compile(
    r"\b(?:recu|received|credite|credited|vous a (?:envoye|paye|transfere|verse)|depot|deposited"
    r"|(?:has )?(?:sent|paid) you|venant d|encaisse|paiement de .{1,60} par)\b",
    re.IGNORECASE,
)
WENT_OUT = re.compile(
    r"\b(?:avez (?:envoye|paye|transfere|retire|effectue)|transfert (?:effectue|vers)|effectue pour"
    r"|debite|debited|have (?:sent|paid|withdrawn|transferred)|your payment|retrait|withdrawal"
    r"|paiement (?:effectue|a\b)|transfert de .{1,40} (?:vers|a) .{1,60} (?:effectue|reussi)"
    r"|sent to|paid to)\b",
    re.IGNORECASE,
)
FAILED = re.compile(
    r"\b(?:echou\w+|echec|failed|annule\w*|cancelled|rejet\w+|declined|insuffisant\w*)\b", re.I
)
LABELLED = (
    r"(?:financial\s+transaction\s+id|id\s+de\s+(?:la\s+)?transaction|id\s+transaction"
    r"|trans(?:action)?\s*\.?\s*id|transaction\s+(?:n[o°]|number)|tx[n]?\s*\.?\s*id|trans\.?\s+id"
    r"|n[o°]\s+(?:de\s+)?transaction|\bid)",
    r"(?:\bref(?:erence)?\b|\bcode\b|\btransaction\b)",
)
NUMBERS = [
    re.compile(label + r"\s*[:.#=]*\s*([A-Z0-9][A-Z0-9._-]{4,38}[A-Z0-9])", re.IGNORECASE)
    for label in LABELLED
]
ORANGE_NUMBER = re.compile(r"\b[A-Z]{2}(\d\d)(\d\d)(\d\d)\.(\d\d)(\d\d)\.[A-Z]\d{3,}\b")
WAVE_NUMBER = re.compile(r"\bT_[A-Z0-9]{6,}\b")
WHEN = re.compile(
    r"\b(\d{4}-\d\d-\d\d|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})"
    r"(?:\s*(?:,|a|at|T|-)?\s*(\d{1,2}[:hH]\d\d(?::\d\d)?(?:\s*[AaPp][Mm])?))?"
)
NAME = r"[A-Z][\w'’ .-]{1,60}?"
PARTIES = (
    re.compile(rf"\b(?:de|du|from|par|by|a|to)\s+({NAME})\s*[\(,]?\s*(?:\+|00)?\d{{8,15}}"),
    re.compile(rf"(?:\+|00)?\d{{8,15}}\)?\s*[,:(-]\s*({NAME})\s*(?:[).,]|\ble\b|$)"),
    re.compile(rf"\b(?:de|du|from|par|by)\s+({NAME})\s*(?:[.,(]|\ble\b|\bon\b|\bat\b|\bsur\b|$)"),
    re.compile(rf"^({NAME})\s+vous a\b"),
)
REASON = re.compile(
    r"(?:motif|message(?: from sender)?|raison|reason|objet|note|libelle|reference)"
    r"\s*:\s*([^.\n]{2,100})",
    re.I,
)


def read_message(text: str, region: str) -> Movement:
    """Read an operator's message; ``region`` (GN, SN, ML) tells its currency and telephones.

    ``kind`` of the answer is the operator (orange_money, mtn_momo, wave) or empty. A message that
    names no day is of the day it is pasted. Raises StatementRefused that says what is missing.
    """
    written = " ".join(text.split())
    if not written or len(written) > LONGEST:
        raise StatementRefused(
            None, "message_unreadable", _("Paste one message of the operator, whole.")
        )
    currency = CURRENCY_OF.get(region, "GNF")
    bare = _bare(written)
    number = _number(bare)
    amount, fee, balance = _amounts(bare, currency, number)
    sign = _sign(bare)
    missing = [
        sentence
        for found, sentence in (
            (amount, _("the amount")),
            (sign, _("whether the money came in or went out")),
            (number, _("the number of the transaction")),
        )
        if not found
    ]
    if FAILED.search(bare):
        raise StatementRefused(
            None, "message_failed", _("This message says that the money did not move.")
        )
    if missing:
        raise StatementRefused(
            None,
            "message_incomplete",
            _("This message cannot be read. Missing: %(missing)s.")
            % {"missing": ", ".join(map(str, missing))},
        )
    day, moment = _when(bare, number)
    phone = _phone(bare, currency, region)
    reason = REASON.search(written)
    return Movement(
        line=1,
        day=day,
        amount=sign * amount,
        happened_at=moment,
        fee=fee,
        balance=balance,
        reference=number,
        other_references=tuple(
            other
            for other in cells.numbers_in(reason[1] if reason else "")
            if other != number and any(map(str.isalpha, other))
        ),
        text=(reason[1].strip() if reason else ""),
        party=_party(written, bare),
        phone=phone,
        kind=_operator(bare, number, phone),
        headings=("message",),
        record=written,
    )


ACCENTS = str.maketrans(
    "àâäçéèêëîïôöùûüÀÂÇÉÈÊËÎÏÔÙÛ\u00a0\u202f’", "aaaceeeeiioouuuAACEEEEIIOUU  '"
)


def _bare(written: str) -> str:
    """Return the text without accents, letter for letter, so that places stay the same."""
    return written.translate(ACCENTS)


def _number(bare: str) -> str:
    for shape in (ORANGE_NUMBER, WAVE_NUMBER):
        if found := shape.search(bare):
            return found[0]
    for labelled in NUMBERS:
        for found in labelled.finditer(bare):
            if sum(map(str.isdigit, found[1])) >= 4 and not WHEN.fullmatch(found[1]):
                return found[1]
    return ""


def _amounts(bare: str, currency: str, number: str) -> tuple[int, int, int | None]:
    """Return amount, fee and balance in minor units: what stands behind no other word is first."""
    amount, fee, balance = 0, 0, None
    masked = bare.replace(number, "#" * len(number)) if number else bare
    masked = WHEN.sub(lambda found: "#" * len(found[0]), masked)
    for found in MONEY.finditer(masked):
        lead = masked[: found.start()]
        is_balance, is_fee = BALANCE.search(lead), FEE.search(lead)
        if not (found["before"] or found["after"] or is_balance or is_fee):
            continue
        named = cells.currency_in(
            (found["before"] or found["after"] or "").replace(" ", "").upper()
        )
        if named and named != currency:
            raise StatementRefused(
                None,
                "currency",
                _("This message is in %(found)s, amounts here are in %(expected)s.")
                % {"found": named, "expected": currency},
            )
        value = cells.amount(found["count"], currency, 1)
        if is_balance and not is_fee:
            balance = value if balance is None else balance
        elif is_fee:
            fee = fee or value
        elif not amount:
            amount = value
    return amount, fee, balance


def _sign(bare: str) -> int:
    came, went = CAME_IN.search(bare), WENT_OUT.search(bare)
    if came and went:
        return 1 if came.start() < went.start() else -1
    return 1 if came else -1 if went else 0


def _when(bare: str, number: str) -> tuple[date, datetime | None]:
    if found := WHEN.search(bare):
        try:
            day, _moment = cells.reader_of_days(month_first=False)(found[1])
        except CellError as error:
            raise StatementRefused(
                None,
                "date_impossible",
                _("“%(written)s” is not a day.") % {"written": found[1]},
            ) from error
        return day, cells.at_time(day, found[2])
    if found := ORANGE_NUMBER.fullmatch(number):
        year, month, day, hour, minute = map(int, found.groups())
        try:
            moment = datetime(2000 + year, month, day, hour, minute, tzinfo=UTC)
        except ValueError:
            return timezone.localdate(), None
        return moment.date(), moment
    return timezone.localdate(), None


def _phone(bare: str, currency: str, region: str) -> str:
    if found := cells.INTERNATIONAL.search(bare):
        return "+" + found[1]
    length = {"GN": r"6\d{8}", "SN": r"7\d{8}", "ML": r"[5-9]\d{7}"}.get(region, r"\d{9}")
    for found in re.finditer(rf"(?<![\w.]){length}(?!\w)(?!\s*(?:F|FCFA|GNF|XOF)\b)", bare):
        try:
            return parsing.phone(found[0], region)
        except CellError:
            continue
    return ""


def _party(written: str, bare: str) -> str:
    for shape in PARTIES:
        if found := shape.search(bare):
            name = written[found.start(1) : found.end(1)].strip(" .,-(")
            if not re.search(r"\d", name) and len(name) > 2:
                return name
    return ""


def _operator(bare: str, number: str, phone: str) -> str:
    told = bare.lower()
    if ORANGE_NUMBER.fullmatch(number) or "orange" in told or "#144#" in told or "ofm" in told:
        return "orange_money"
    if WAVE_NUMBER.fullmatch(number) or re.search(r"\bwave\b", told):
        return "wave"
    if re.search(r"\bmtn\b|\bmomo\b|y'ello|mobile money|financial transaction id", told):
        return "mtn_momo"
    if phone.startswith("+22466"):
        return "mtn_momo"
    return ""
