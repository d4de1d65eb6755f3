"""Amounts: whole numbers of a currency's smallest unit, read from people's writing and shown back.

Nothing here knows a float, except ``parse_amount``, which reads the cells of spreadsheets.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.formats import get_format
from django.utils.translation import gettext as _

from akig.lib.errors import BusinessError

EXPONENTS = {"GNF": 0, "XOF": 0, "EUR": 2, "USD": 2}
MAX = 10**12
LONGEST = 60

GROUP_SPACE = "\u202f"
CURRENCY_SPACE = "\u00a0"
MINUS = "\u2212"

SUFFIXES = {
    "GNF": {"GNF", "FG", "FGN", "F", "FRS", "FRANC", "FRANCS", "FRANCSGUINÉENS", "FRANCSGUINEENS"},
    "XOF": {"XOF", "FCFA", "CFA", "F", "FRS", "FRANC", "FRANCS", "FRANCSCFA"},
    "EUR": {"EUR", "€"},
    "USD": {"USD", "$"},
}
OTHER_CURRENCIES = {
    "XAF",
    "EURO",
    "EUROS",
    "DOLLAR",
    "DOLLARS",
    "GBP",
    "£",
    "CNY",
    "MAD",
    "SLE",
    "LRD",
    "GMD",
    "NGN",
    "GHS",
}
KNOWN_CURRENCIES = OTHER_CURRENCIES.union(*SUFFIXES.values())

DASHES = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2012": "-", "\u2010": "-", "\u2011": "-"})
WORD = r"[^\W\d_]+(?:[ .]{1,2}[^\W\d_]+)*\.?|[€$£]"
WRITTEN = re.compile(
    rf"(?P<before>{WORD})? ?(?P<number>[0-9](?:[0-9., '’]*[0-9])?) ?(?P<after>{WORD})?"
)
PLAIN = re.compile(r"[0-9]+")
GROUPED = re.compile(r"[1-9][0-9]{0,2}([ .,'’])[0-9]{3}(?:\1[0-9]{3})*")
DECIMALS = re.compile(
    r"(?P<whole>[0-9]+|[1-9][0-9]{0,2}(?:([ .,'’])[0-9]{3})+)(?P<point>[.,])[0-9]+"
)


class AmountError(BusinessError):
    """What was written is not an amount that may stand here; ``code`` says why."""

    code = "amount_not_a_number"


def parse_amount(
    written: str | int | float | Decimal | None,
    currency: str,
    *,
    negative: str = "refuse",
    zero: str = "refuse",
) -> int:
    """Read an amount of ``currency`` as a person or a spreadsheet wrote it; return minor units.

    ``written`` counts in the currency's whole unit (francs, euros). ``negative`` and ``zero`` are
    "refuse" or "accept". Whatever could be read in two ways is refused, never guessed.

    Raises AmountError with one of the codes amount_missing, amount_not_a_number, amount_decimal,
    currency_mismatch, amount_negative, amount_zero, amount_too_large.
    """
    if written is None:
        raise _missing()
    if isinstance(written, str):
        units = _read_text(written, currency)
    elif isinstance(written, int | float | Decimal) and not isinstance(written, bool):
        units = _read_number(written, currency)
    else:
        raise _not_a_number(written)
    if units < 0 and negative != "accept":
        raise AmountError(_("An amount cannot be negative here."), code="amount_negative")
    if units == 0 and zero != "accept":
        raise AmountError(_("The amount must be more than zero."), code="amount_zero")
    if abs(units) > MAX:
        raise AmountError(
            _("The amount is too large: at most %(max)s.") % {"max": format_amount(MAX, currency)},
            code="amount_too_large",
        )
    return units


def _read_number(written: int | float | Decimal, currency: str) -> int:
    # repr() of a float is the shortest text that gives it back: 12.3, not 12.3000000000000007.
    exact = Decimal(repr(written)) if isinstance(written, float) else Decimal(written)
    if not exact.is_finite():
        raise _not_a_number(written)
    if abs(exact) > MAX:
        # Refused before any arithmetic: the default precision of Decimal would round it.
        units, rest = (MAX + 1, 0)
    else:
        units, rest = divmod(Fraction(exact) * 10 ** EXPONENTS[currency], 1)
    if rest:
        raise _decimal(currency)
    return int(units)


def _read_text(written: str, currency: str) -> int:
    text = re.sub(r"\s+", " ", written).translate(DASHES).strip()
    if not text:
        raise _missing()
    if len(text) > LONGEST:
        raise _not_a_number(written)
    bare, is_negative = _strip_sign(text)
    found = WRITTEN.fullmatch(bare)
    if not found:
        raise _not_a_number(written)
    for name in (found["before"], found["after"]):
        _check_currency(name, currency, written)
    if found["before"] and found["after"]:
        raise _not_a_number(written)
    units = _read_digits(found["number"], currency, written)
    return -units if is_negative else units


def _strip_sign(text: str) -> tuple[str, bool]:
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text.startswith("-"):
        return text[1:].strip(), True
    if text.endswith("-"):
        return text[:-1].strip(), True
    return text.removeprefix("+").strip(), False


def _check_currency(name: str | None, currency: str, written: str) -> None:
    if name is None:
        return
    name = re.sub(r"[ .]", "", name).upper()
    if name in SUFFIXES[currency]:
        return
    if name not in KNOWN_CURRENCIES:
        raise _not_a_number(written)
    raise AmountError(
        _("This amount is in %(found)s, but amounts here are in %(expected)s.")
        % {"found": name, "expected": currency},
        code="currency_mismatch",
    )


def _read_digits(number: str, currency: str, written: str) -> int:
    exponent = EXPONENTS[currency]
    if PLAIN.fullmatch(number) or GROUPED.fullmatch(number):
        return int(re.sub(r"[^0-9]", "", number)) * 10**exponent
    found = DECIMALS.fullmatch(number)
    if not found or found["point"] in found["whole"]:
        raise _not_a_number(written)
    decimals = number.rpartition(found["point"])[2]
    if exponent == 0 or len(decimals) > exponent:
        raise _decimal(currency)
    whole = int(re.sub(r"[^0-9]", "", found["whole"]))
    return whole * 10**exponent + int(decimals.ljust(exponent, "0"))


def _missing() -> AmountError:
    return AmountError(_("Write an amount."), code="amount_missing")


def _not_a_number(written: object) -> AmountError:
    return AmountError(
        _("“%(written)s” is not an amount. Write digits only, for example %(example)s.")
        % {"written": str(written)[:40], "example": format_amount(1_500_000)},
        code="amount_not_a_number",
    )


def _decimal(currency: str) -> AmountError:
    if EXPONENTS[currency] == 0:
        message = _("Amounts in %(currency)s have no decimals.") % {"currency": currency}
    else:
        message = _("Amounts in %(currency)s have at most %(count)d decimals.") % {
            "currency": currency,
            "count": EXPONENTS[currency],
        }
    return AmountError(message, code="amount_decimal")


def format_amount(amount: int, currency: str | None = None, *, show_currency: bool = True) -> str:
    """Return ``amount`` (minor units) as people read it: ``1 500 000 GNF``, grouped, never broken.

    Without a currency the amount is taken as having no decimals.
    """
    exponent = EXPONENTS[currency] if currency else 0
    whole, decimals = divmod(abs(amount), 10**exponent)
    text = f"{whole:,}".replace(",", GROUP_SPACE)
    if exponent:
        text += f"{get_format('DECIMAL_SEPARATOR')}{decimals:0{exponent}d}"
    if amount < 0:
        text = MINUS + text
    if currency and show_currency:
        text += CURRENCY_SPACE + currency
    return text


def format_rate(rate: Decimal) -> str:
    """Return what one currency is worth in another as people read it: ``10 150,5``."""
    whole, _point, decimals = f"{rate:f}".partition(".")
    text = f"{int(whole):,}".replace(",", GROUP_SPACE)
    decimals = decimals.rstrip("0")
    return f"{text}{get_format('DECIMAL_SEPARATOR')}{decimals}" if decimals else text


def share(amount: int, percent: Decimal) -> int:
    """Return ``percent`` per cent of ``amount`` in minor units, half up (away from zero).

    ``percent`` is exact (Decimal or int), as the dated rules give it: 7.5 means 7.5 %.
    """
    if isinstance(percent, float):
        raise TypeError("A rate is a Decimal, never a float.")
    top, bottom = Decimal(percent).as_integer_ratio()
    top, bottom = abs(top * amount), bottom * 100
    rounded = (2 * top + bottom) // (2 * bottom)
    return -rounded if (amount < 0) != (percent < 0) else rounded


def split(amount: int, weights: Sequence[int | Decimal | Fraction]) -> list[int]:
    """Share ``amount`` (minor units) in proportion to ``weights`` by largest remainder.

    The parts always add up to ``amount``; between equal remainders the first wins. Weights are
    zero or more, and not all zero (ValueError).
    """
    exact = [Fraction(weight) for weight in weights]
    total = sum(exact)
    if total <= 0 or min(exact) < 0:
        raise ValueError("Weights must be zero or more, and not all zero.")
    ideal = [abs(amount) * weight / total for weight in exact]
    parts = [int(part) for part in ideal]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - ideal[i], i))
    for i in by_remainder[: abs(amount) - sum(parts)]:
        parts[i] += 1
    return [-part for part in parts] if amount < 0 else parts
