"""The cells of a statement: days and times, amounts, telephones, numbers, words for states."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from functools import lru_cache

from akig.lib import parsing
from akig.lib.money import EXPONENTS, AmountError, parse_amount
from akig.lib.parsing import CellError
from payments.readers.movements import StatementRefused

# Days and times

MONTH_OR_DAY = re.compile(
    r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d\d)"
    r"(?:[T ,]+(?:à +)?(\d{1,2})[:hH](\d\d)(?::(\d\d)(?:\.\d+)?)?(?: *([AaPp])\.?[Mm]\.?)?)?"
)
COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)[T ]?(?:(\d\d)(\d\d)(\d\d)?)?")
CLOCK = re.compile(r"(\d{1,2})[:hH](\d\d)?(?::(\d\d)(?:\.\d+)?)?(?: *([AaPp])\.?[Mm]\.?)?")
EARLIEST, LATEST = date(1990, 1, 1), date(2099, 12, 31)


def month_comes_first(written: Iterable[object]) -> bool:
    """Tell whether days of a column are written 12/31/2026: some second number is above 12."""
    is_month_first = False
    for cell in written:
        if isinstance(cell, str) and (found := MONTH_OR_DAY.match(cell)):
            if int(found[1]) > 12:
                return False
            is_month_first = is_month_first or int(found[2]) > 12
    return is_month_first


def reader_of_days(month_first: bool) -> Callable[[object], tuple[date, datetime | None]]:
    """Return a function: cell -> day, and the moment (aware, UTC) where the cell tells one.

    Guinea, Senegal and Mali keep UTC all year, so a time without a zone is UTC. The function
    raises CellError.
    """

    @lru_cache(maxsize=4096)
    def day_of(written: str) -> date:
        if found := MONTH_OR_DAY.fullmatch(written):
            first, second, year = int(found[1]), int(found[2]), int(found[3])
            if year < 100:
                year += 2000
            day, month = (second, first) if month_first else (first, second)
            try:
                return date(year, month, day)
            except ValueError as error:
                raise CellError("date_impossible", written) from error
        if found := COMPACT.fullmatch(written):
            return date(int(found[1]), int(found[2]), int(found[3]))
        return parsing.a_date(written)

    def read(cell: object) -> tuple[date, datetime | None]:
        day, moment = _split(cell, day_of)
        if not EARLIEST <= day <= LATEST:
            raise CellError("date_impossible", cell)
        return day, moment

    return read


def _split(cell: object, day_of: Callable[[str], date]) -> tuple[date, datetime | None]:
    if isinstance(cell, datetime):
        return cell.date(), _moment(cell)
    if isinstance(cell, date):
        return cell, None
    if not isinstance(cell, str):
        return parsing.a_date(cell), None
    if cell[:4].isdecimal() and cell[4:5] in ("-", "/"):
        if len(cell) == 10:
            return _iso(cell).date(), None
        moment = _moment(_iso(cell))
        return (moment.date(), moment) if moment else (_iso(cell[:10]).date(), None)
    if (found := MONTH_OR_DAY.fullmatch(cell)) and found[4]:
        day = day_of(cell[: found.start(4)].rstrip(" T,à"))
        return day, _at(day, *found.group(4, 5, 6, 7))
    if (found := COMPACT.fullmatch(cell)) and found[4]:
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError as error:
            raise CellError("date_impossible", cell) from error
        return day, _at(day, found[4], found[5], found[6], None)
    try:
        return day_of(cell), None
    except ValueError as error:
        raise CellError("date_impossible", cell) from error


def _iso(written: str) -> datetime:
    try:
        return datetime.fromisoformat(written.replace("/", "-"))
    except ValueError as error:
        raise CellError("date_impossible", written) from error


def _moment(written: datetime) -> datetime | None:
    """Return it in UTC; midnight sharp without a zone is how a program writes a day alone."""
    if written.tzinfo is None:
        return None if written.time() == time() else written.replace(tzinfo=UTC)
    return written.astimezone(UTC)


def _at(day: date, hour: str, minute: str | None, second: str | None, half: str | None):
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half in "pP" else 0)
    try:
        clock = time(hours, int(minute or 0), int(second or 0))
    except ValueError as error:
        raise CellError("date_impossible", f"{hour}:{minute}") from error
    return _moment(datetime.combine(day, clock))


def at_time(day: date, cell: object) -> datetime | None:
    """Return the moment of ``day`` that a cell beside it names, None where it names none."""
    if isinstance(cell, datetime):
        return _moment(cell)
    if isinstance(cell, time):
        return _moment(datetime.combine(day, cell))
    found = CLOCK.fullmatch(cell) if isinstance(cell, str) else None
    return _at(day, *found.groups()) if found else None


# Amounts

SPACES = str.maketrans("", "", " \u00a0\u202f\u2009")
NO_CENTS = re.compile(r"[.,]0{1,2}(?=\s*[A-Za-z]*$)")
SIDE = re.compile(r"\s*\b(CR|DR|C|D)\.?$", re.IGNORECASE)


def amount(cell: object, currency: str, line: int) -> int:
    """Read an amount as minor units, signed; cents that are zero are none.

    Raises StatementRefused with the line: ``amount_decimal`` where the currency has no cents.
    """
    if isinstance(cell, str):
        bare = cell.translate(SPACES)
        if bare.isdecimal() and bare.isascii():
            return int(bare) * 10 ** EXPONENTS.get(currency, 0)
        side = SIDE.search(cell)
        if side:
            cell = cell[: side.start()]
        if not EXPONENTS.get(currency, 0):
            cell = NO_CENTS.sub("", cell, count=1)
        if side and side[1].upper().startswith("D"):
            cell = f"-{cell.strip()}"
    try:
        return parse_amount(cell, currency or "GNF", negative="accept", zero="accept")
    except AmountError as error:
        raise StatementRefused(line, error.code, str(error.message)) from error


NAMED = {"FCFA": "XOF", "CFA": "XOF", "FG": "GNF", "€": "EUR", "$": "USD"}
CURRENCY = re.compile(r"(?<![A-Za-z])(GNF|XOF|FCFA|CFA|EUR|USD|FG)(?![A-Za-z])|[€$]")


def currency_in(written: str) -> str:
    """Return the currency that a text names, or an empty text."""
    found = CURRENCY.search(written)
    return NAMED.get(found[0], found[0]) if found else ""


# Telephones

INTERNATIONAL = re.compile(r"(?<![\w.])(?:\+|00)?(224[67]\d{8}|221[37]\d{8}|223\d{8})(?![\w])")
LOCAL = {
    "GNF": re.compile(r"(?<![\w.])(6\d{8})(?!\w)"),
    "XOF": re.compile(r"(?<![\w.])(7\d{8})(?!\w)"),
}
PREFIX = {"GNF": "+224", "XOF": "+221"}


def phone_in(written: str, currency: str) -> str:
    """Return the first telephone in a text in E.164, or an empty text."""
    if found := INTERNATIONAL.search(written):
        return "+" + found[1]
    for local in (currency,) if currency in LOCAL else LOCAL:
        if found := LOCAL[local].search(written):
            return PREFIX[local] + found[1]
    return ""


MSISDN = re.compile(r"(?:FRI:)?\+?(\d{8,15})(?:/MSISDN)?", re.IGNORECASE)


def msisdn(cell: str) -> str:
    """Return the digits of ``FRI:224664006264/MSISDN``; an empty text when it is no telephone."""
    found = MSISDN.fullmatch(cell)
    return found[1] if found else ""


def phone(cell: str, currency: str) -> str:
    """Read a cell that should hold one telephone; an empty text when it does not."""
    if found := INTERNATIONAL.fullmatch(cell):
        return "+" + found[1]
    return _phone(cell, currency)


@lru_cache(maxsize=20_000)
def _phone(cell: str, currency: str) -> str:
    digits = msisdn(cell.replace(" ", "")) or cell
    found = phone_in(digits, currency)
    if found or not any(character.isdigit() for character in cell):
        return found
    try:
        return parsing.phone(digits, {"GNF": "GN", "XOF": "SN"}.get(currency, ""))
    except CellError:
        return ""


# Numbers that stand in a text

CHEQUE = re.compile(r"\b(?:CHQ|CHEQUE|CHÈQUE)\s*(?:N[°o]?\s*)?(\d{4,})", re.IGNORECASE)
TWO_DIGITS = re.compile(r"\d\d")
NUMBER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?")
NOT_NUMBERS = frozenset(("NOTPROVIDED", "NONREF", "NONE", "NULL", "N/A", "NA", "-"))


def numbers_in(*texts: str) -> tuple[str, ...]:
    """Return what in ``texts`` looks like a number of a transfer, cheque or contract, in order."""
    found: dict[str, None] = {}
    for written in texts:
        if not written or written.upper() in NOT_NUMBERS:
            continue
        if not TWO_DIGITS.search(written):
            continue
        for cheque in CHEQUE.finditer(written):
            found[f"CHQ {cheque[1]}"] = None
            found[cheque[1]] = None
        for token in NUMBER.findall(written):
            if len(token) < 6 or sum(map(str.isdigit, token)) < 4:
                continue
            if not INTERNATIONAL.fullmatch(token):
                found[token] = None
    return tuple(found)[:12]


# States and kinds

SUCCESS_WORDS = """success successful successfull succes succeeded completed complete reussi reussie
    ok effectue effectuee valide validee termine terminee booked book paid paye payee approved
    approuve traite traitee execute executee comptabilise comptabilisee posted settled done ts
    confirme confirmee confirmed"""
FAILED_WORDS = """failed fail failure echec echoue echouee rejected rejete rejetee refuse refusee
    annule annulee cancelled canceled expired expire expiree declined error erreur timeout tf
    rolled aborted abandonne abandonnee insuccess unsuccessful"""
PENDING_WORDS = """pending encours cours attente ongoing initiated initie processing waiting pdng
    inprogress progress ti ambiguous"""
STATES = {
    word: state
    for state, words in (
        ("done", SUCCESS_WORDS),
        ("failed", FAILED_WORDS),
        ("pending", PENDING_WORDS),
    )
    for word in words.split()
}


@lru_cache(maxsize=1024)
def state(written: str) -> str:
    """Return done, failed or pending; an empty text for a word that is not known."""
    words = parsing.fold(written).split()
    if {"non", "not", "pas", "no"} & set(words):
        return "failed"
    return next((STATES[word] for word in words if word in STATES), "")


REVERSAL = re.compile(
    r"\b(?:annul\w*|rejet\w*|revers\w*|extourne\w*|contre[- ]?passation|storno|refund\w*"
    r"|rembours\w*|rollback|retour)\b",
    re.IGNORECASE,
)
FEE = re.compile(
    r"\b(?:frais|fees?|commissions?|agios?|charges?|tenue de compte|taxe?s?|tva)\b", re.I
)
TRANSFER = re.compile(
    r"\b(?:sweep|merchant_sweep|cash[ _]?out|float transfer|retrait\w*"
    r"|vers(?:ement)? (?:la )?banque|virement vers|remise (?:en )?especes|withdrawal)\b",
    re.IGNORECASE,
)
COST = re.compile(
    r"\b(?:fournisseurs?|supplier|b2b\w*|external payment|vir\w* emis|payout|facture|transfer)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def says_reversal(kind: str) -> bool:
    """Tell whether the kind of a movement says that it takes another back."""
    return bool(REVERSAL.search(kind.replace("_", " ")))


@lru_cache(maxsize=4096)
def kind_of(told: str, is_out: bool) -> str:
    """Return a hint for what a movement is: reversal, fee, transfer, cost, or an empty text."""
    plain = parsing.fold(told).replace(" e ", " ") if not told.isascii() else told
    plain = plain.replace("_", " ")
    if not is_out:
        return ""
    for kind, words in (("fee", FEE), ("transfer", TRANSFER), ("cost", COST)):
        if words.search(plain):
            return kind
    return ""


def reverses(told: str, others: Iterable[str], own: str, is_said: bool) -> str:
    """Return the number of the movement that a line takes back, or an empty text.

    A reversal says so (``is_said``, or a word for it in ``told``) and names a number that looks
    like a provider's. Whether that number exists, the reader of the whole file knows.
    """
    if not is_said and not REVERSAL.search(told):
        return ""
    for number in (*others, *numbers_in(told)):
        if number != own and number.upper() not in NOT_NUMBERS and not number.startswith("+"):
            return number
    return ""
