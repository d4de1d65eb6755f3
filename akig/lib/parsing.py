"""What people write in a cell, read strictly: dates, names, telephones, rhythms, methods.

Every reader returns a plain value or raises :class:`CellError` with a stable code; none guesses.
Amounts are read by :mod:`akig.lib.money`.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import phonenumbers

NOTHING_WORDS = "- -- --- – — ? ?? ??? . / x n/a na nc n.c. néant neant aucun aucune none nil"
NOTHING = frozenset(("", *NOTHING_WORDS.split()))
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
EXCEL_DAY_ZERO = date(1899, 12, 30)
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
LOCAL_LETTERS = str.maketrans("ɓɗɲŋƴøđł", "bdnnyodl", "'’‘ʼ`´")


class CellError(ValueError):
    """A cell that cannot be read: ``code`` says why, ``value`` is what was written."""

    def __init__(self, code: str, value: object = ""):
        self.code = code
        self.value = value
        super().__init__(f"{code}: {value!r}")


def text(value: object) -> str:
    """Return a cell as one clean line: whole numbers without ``.0``, all spaces ordinary."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    return " ".join(INVISIBLE.sub("", unicodedata.normalize("NFC", str(value))).split())


def is_nothing(value: object) -> bool:
    """Tell whether a cell is empty, or only a mark for nothing (``-``, ``?``, ``n/a``)."""
    return text(value).casefold() in NOTHING


def name(value: object) -> str:
    """Return a name with single ordinary spaces and its accents; raise ``name_missing`` if none."""
    cleaned = text(value)
    if is_nothing(cleaned) or not any(character.isalpha() for character in cleaned):
        raise CellError("name_missing", value)
    return cleaned


def fold(value: object) -> str:
    """Return a text as a key for comparing: no accent, capital or punctuation, single spaces."""
    return _fold(text(value))


@lru_cache(maxsize=50_000)
def _fold(written: str) -> str:
    lowered = written.casefold().replace("œ", "oe").replace("æ", "ae").translate(LOCAL_LETTERS)
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c)
    )
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def fold_name(value: object) -> str:
    """Return a name as a key in which the order of its words does not count."""
    return " ".join(sorted(fold(value).split()))


def code(value: object) -> str:
    """Return a code or reference as written, in capitals and without spaces around its marks."""
    return re.sub(r"\s*([-/_.])\s*", r"\1", text(value)).upper()


def looks_like_formula(value: object) -> bool:
    """Tell whether a spreadsheet would run this text when it is opened (``=1+1``, ``@SUM(…)``)."""
    if not isinstance(value, str):
        return False
    written = value.strip()
    return bool(re.match(r"[=@]|[+\-](?=\s*[A-Za-z]\w*\s*[(|!])", written)) and len(written) > 1


# Dates

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january",
            "fevrier fevr fev feb february",
            "mars mar march",
            "avril avr apr april",
            "mai may",
            "juin jun june",
            "juillet juil jul july",
            "aout aou aug august",
            "septembre sept sep september",
            "octobre oct october",
            "novembre nov november",
            "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAY_WORDS = """
    lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim le
    monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
"""
WEEKDAYS = frozenset(WEEKDAY_WORDS.split())
CLOCK = re.compile(
    r"[T\s,]+(?:à\s*)?\d{1,2}[:hH]\d{0,2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:Z|[+-]\d\d:?\d\d)?$"
)


def a_date(
    value: object,
    *,
    not_after: date | None = None,
    earliest: date = EARLIEST,
    latest: date = LATEST,
) -> date:
    """Read a date: a real one, a spreadsheet's serial number, or one of the usual writings.

    The day comes before the month (``05/10/2026`` is 5 October); a date that is only possible the
    other way round is refused, not turned. Raises ``date_missing``, ``date_impossible``,
    ``date_future`` (later than ``not_after``).
    """
    if isinstance(value, datetime):
        read = value.date()
    elif isinstance(value, date):
        read = value
    elif is_nothing(value):
        raise CellError("date_missing", value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        read = _serial_date(value)
    else:
        read = _written_date(value)
    if not earliest <= read <= latest:
        raise CellError("date_impossible", value)
    if not_after and read > not_after:
        raise CellError("date_future", value)
    return read


def _serial_date(value: float) -> date:
    whole = math.floor(value)
    if 19_000_101 <= whole <= 29_991_231:
        return _written_date(str(whole))
    if not 10_000 <= whole <= 80_000:
        raise CellError("date_impossible", value)
    return EXCEL_DAY_ZERO + timedelta(days=whole)


def _written_date(value: object) -> date:
    written = CLOCK.sub("", text(value))
    if re.fullmatch(r"\d{5}(?:[.,]\d+)?", written):
        return _serial_date(float(written.replace(",", ".")))
    if match := re.fullmatch(r"(\d{4})(\d{2})(\d{2})", written):
        return _calendar(value, *match.groups())
    if match := re.fullmatch(r"(\d{4})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{1,2})", written):
        return _calendar(value, *match.groups())
    if match := re.fullmatch(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})", written):
        day, month, year = match.groups()
        return _calendar(value, year, month, day)
    words = [word for word in fold(written).split() if word not in WEEKDAYS or word in MONTHS]
    if len(words) == 4 and words[0] in WEEKDAYS:
        words = words[1:]
    if len(words) == 3 and words[0] in MONTHS:
        words = [words[1], words[0], words[2]]
    if len(words) == 3 and words[1] in MONTHS:
        day = re.fullmatch(r"(\d{1,2})(?:er|st|nd|rd|th)?", words[0])
        year = re.fullmatch(r"\d{4}|\d{2}", words[2])
        if day and year:
            return _calendar(value, year[0], str(MONTHS[words[1]]), day[1])
    raise CellError("date_impossible", value)


def _calendar(value: object, year: str, month: str, day: str) -> date:
    full_year = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)
    try:
        return date(full_year, int(month), int(day))
    except ValueError as error:
        raise CellError("date_impossible", value) from error


# Telephones

COUNTRIES = ("GN", "SN", "ML")
MANGLED = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+|#{4,}")
LABELS = re.compile(
    r"(?i)\b(?:t[ée]l(?:[ée]phone)?s?|gsm|mobile|portable|cell?|whats\s?app|bureau|domicile|contact"
    r"|orange|mtn|om|wave|num[ée]ro|n[°o])\b\.?\s*:?"
)
BETWEEN = re.compile(
    r"\s*(?:[/;,|&\n\r\t]|\s(?:ou|et|or|and)\s|\s[-–—]\s|(?<=\d)\s*(?=\+\d))\s*", re.I
)


@dataclass(frozen=True)
class Phones:
    """The telephones of one cell in E.164, and ``(code, as written)`` for each that is not one."""

    numbers: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()


def phones(value: object, region: str = "") -> Phones:
    """Read every telephone of a cell; ``region`` (``GN``) is the country of numbers without one.

    Codes of the problems: ``phone_8_digits``, ``phone_with_letters``,
    ``phone_mangled_by_spreadsheet``, ``phone_invalid``.
    """
    numbers: list[str] = []
    problems: list[tuple[str, str]] = []
    for piece in _pieces(value):
        try:
            numbers.append(phone(piece, region))
        except CellError as error:
            problems.append((error.code, text(piece)))
    return Phones(tuple(dict.fromkeys(numbers)), tuple(problems))


def phone(value: object, region: str = "") -> str:
    """Read one telephone and return it in E.164; raise :class:`CellError` as for phones."""
    if isinstance(value, float) and not value.is_integer():
        raise CellError("phone_mangled_by_spreadsheet", value)
    written = text(value)
    if MANGLED.fullmatch(written):
        raise CellError("phone_mangled_by_spreadsheet", value)
    written = re.sub(r"\.0$", "", LABELS.sub(" ", written))
    written = re.sub(r"\([^)\d]*\)|\(0\)", " ", written).strip()
    if re.search(r"[^\W\d_]", written):
        raise CellError("phone_with_letters", value)
    digits = re.sub(r"\D", "", written)
    international = _international(written, digits)
    if international:
        number = _valid(f"+{international}", None)
        if number:
            return number
    for country in dict.fromkeys((region, *_countries_of(digits))):
        number = _valid(digits, country) if country else ""
        if number:
            return number
    if len(digits) == 8 and not international:
        raise CellError("phone_8_digits", value)
    raise CellError("phone_invalid", value)


def _pieces(value: object) -> list[object]:
    if value is None or isinstance(value, (int, float)):
        return [] if value is None else [value]
    written = INVISIBLE.sub("", unicodedata.normalize("NFC", str(value))).strip()
    if is_nothing(written):
        return []
    if MANGLED.fullmatch(written):
        return [written]
    pieces = [piece for piece in BETWEEN.split(written) if piece and not is_nothing(piece)]
    if len(pieces) > 1 and any(len(re.sub(r"\D", "", piece)) < 8 for piece in pieces):
        # "622/00/12/34": the marks stand inside one number, unless a piece is a whole one.
        whole = re.sub(r"\D", "", written)
        return [whole] if len(whole) in (8, 9) else pieces
    if len(pieces) == 1:
        digits = re.sub(r"\D", "", pieces[0])
        halves = [digits[:9], digits[9:]]
        if len(digits) == 18 and all(_countries_of(half) for half in halves):
            return halves
    return pieces


def _international(written: str, digits: str) -> str:
    if written.startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    for prefix, length in (("224", 12), ("221", 12), ("223", 11)):
        if digits.startswith(prefix) and len(digits) == length:
            return digits
    return ""


def _countries_of(digits: str) -> tuple[str, ...]:
    """Nine digits say their country by themselves (6… Guinea, 7… Senegal); eight never do."""
    if len(digits) != 9:
        return ()
    return tuple(country for country in COUNTRIES if _valid(digits, country))


def _valid(digits: str, country: str | None) -> str:
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    if country and phonenumbers.region_code_for_number(number) != country:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# Words with a fixed meaning

PERIODICITIES = {
    "monthly": "mensuel mensuelle mensuels mens mois monthly month m 1",
    "quarterly": "trimestriel trimestrielle trimestre trim quarterly quarter t q 3",
    "half_yearly": "semestriel semestrielle semestre semiannual semiannually biannual halfyearly"
    " semestrial s 6",
    "yearly": "annuel annuelle annee an ans yearly annual annually year a y 12",
}
PERIODICITY_OF = {word: key for key, words in PERIODICITIES.items() for word in words.split()}
FILLER_WORDS = "par tous toutes chaque les le la de loyer paiement per every each mois months"
FILLERS = frozenset(FILLER_WORDS.split())


def periodicity(value: object) -> str:
    """Read how often rent falls due: monthly, quarterly, half_yearly or yearly.

    Raises ``periodicity_missing`` or ``periodicity_unknown``.
    """
    if is_nothing(value):
        raise CellError("periodicity_missing", value)
    folded = fold(value).replace("half yearly", "halfyearly").replace("semi annual", "semiannual")
    if folded in PERIODICITY_OF:
        return PERIODICITY_OF[folded]
    words = folded.split()
    if match := re.fullmatch(r"(?:tous les |every |par )?(\d+) (?:mois|months?)", folded):
        words = [match[1]]
    elif set(words) <= FILLERS and "mois" in words:
        words = ["mois"]
    found = {
        PERIODICITY_OF.get(word, "") for word in words if word not in FILLERS or len(words) == 1
    }
    if len(found) == 1 and "" not in found:
        return found.pop()
    raise CellError("periodicity_unknown", value)


METHOD_WORDS = {
    "merchant_code": "marchand marchande merchant",
    "cash": "especes espece esp cash comptant liquide numeraire caisse",
    "orange_money": "orange om",
    "mtn_momo": "mtn momo",
    "wave": "wave",
    "bank_transfer": "virement virements vir virt vrt banque bank transfer transfert bancaire wire",
    "cheque": "cheque cheques chq check chk",
    "other": "autre autres other divers",
}
METHOD_OF = {word: method for method, words in METHOD_WORDS.items() for word in words.split()}


def method(value: object) -> str:
    """Read how money came, by whole words (``comptant`` is cash although it holds ``om``).

    Raises ``method_missing`` or ``method_unknown``; two different methods in one cell are unknown.
    """
    if is_nothing(value):
        raise CellError("method_missing", value)
    folded = fold(value)
    # "O.M." is read as "OM".
    words = (*folded.split(), folded.replace(" ", ""))
    found = {METHOD_OF[word] for word in words if word in METHOD_OF}
    if "merchant_code" in found:
        return "merchant_code"
    if "bank_transfer" in found and found & {"cash", "cheque"}:
        found.discard("bank_transfer" if "cheque" in found else "cash")  # "chèque bancaire"
    if "mo" in folded.split() and "mobile" not in folded:
        found.add("mtn_momo" if "mo mo" in folded else "")
    if len(found) != 1 or "" in found:
        raise CellError("method_unknown", value)
    return found.pop()


STATE_WORDS = {
    "ended": "resilie resiliee termine terminee ended terminated clos close cloture cloturee expire"
    " expiree parti partie sorti sortie libere liberee ancien ancienne fini finie archive closed"
    " expired inactif inactive inactifs left former",
    "notice": "preavis notice conge",
    "future": "venir futur future avenir reserve reservee upcoming pending attente prochain",
    "draft": "brouillon draft projet",
    "suspended": "suspendu suspendue suspended",
    "active": "actif active actifs cours occupe occupee vigueur signe signee current running signed"
    " valide ongoing",
}
STATE_OF = {word: state for state, words in STATE_WORDS.items() for word in words.split()}


def lease_state(value: object) -> str:
    """Read a lease's state: active, notice, ended, future, draft, suspended ("" if empty).

    Raises ``state_unknown``.
    """
    if is_nothing(value):
        return ""
    words = set(fold(value).split())
    found = [state for state in STATE_WORDS if any(STATE_OF.get(word) == state for word in words)]
    if "notice" in found:
        return "notice"
    if len(found) != 1 or words & {"non", "pas", "not"}:
        raise CellError("state_unknown", value)
    return found[0]


YES_WORDS, NO_WORDS = "oui yes o y vrai true 1 x ok actif active", "non no n faux false 0 inactif"
YES = frozenset(YES_WORDS.split())
NO = frozenset(NO_WORDS.split())


def yes_or_no(value: object, default: bool | None = None) -> bool | None:
    """Read yes or no; an empty cell gives ``default``. Raises ``yes_or_no_unknown``."""
    written = fold(value)
    if written in YES:
        return True
    if written in NO:
        return False
    if is_nothing(value):
        return default
    raise CellError("yes_or_no_unknown", value)


def percent(value: object) -> Decimal | None:
    """Read a percentage (``10%``, ``7,5 %``, 10) as a Decimal of per cent; an empty cell is None.

    Raises ``percent_invalid`` outside 0 to 100, and for what may be a share of one: 0.1 is ten per
    cent to a spreadsheet, ``0,1 %`` says what it is.
    """
    if is_nothing(value):
        return None
    written = text(value).replace("%", "").replace(",", ".").replace(" ", "")
    written = re.sub(r"(?i)(pourcents?|pct)$", "", written)
    try:
        read = Decimal(written)
    except InvalidOperation as error:
        raise CellError("percent_invalid", value) from error
    is_share = read.is_finite() and 0 < read < 1 and written == text(value).replace(",", ".")
    if not read.is_finite() or is_share or not 0 <= read <= 100 or read != round(read, 4):
        raise CellError("percent_invalid", value)
    return read.normalize() if read else Decimal(0)


def coordinate(value: object, axis: str) -> Decimal | None:
    """Read a latitude or longitude (``axis``) in degrees; an empty cell is None.

    Raises ``latitude_impossible`` or ``longitude_impossible``.
    """
    if is_nothing(value):
        return None
    written = text(value).replace(",", ".").replace(" ", "").rstrip("°")
    try:
        read = Decimal(written)
    except InvalidOperation as error:
        raise CellError(f"{axis}_impossible", value) from error
    if not read.is_finite() or abs(read) > (90 if axis == "latitude" else 180):
        raise CellError(f"{axis}_impossible", value)
    return round(read, 6)


def whole_number(value: object) -> int | None:
    """Read a small count (rooms); an empty cell is None. Raises ``number_invalid``."""
    if is_nothing(value):
        return None
    written = text(value)
    if not re.fullmatch(r"\d{1,4}", written):
        raise CellError("number_invalid", value)
    return int(written)
