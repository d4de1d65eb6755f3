"""Amounts in French words, as receipts and quittances carry them.

Only French: legal documents exist only in reviewed languages.
"""

from num2words import num2words

from akig.lib.money import EXPONENTS

NAMES = {
    "GNF": ("franc guinéen", "francs guinéens"),
    "XOF": ("franc CFA", "francs CFA"),
    "EUR": ("euro", "euros"),
    "USD": ("dollar américain", "dollars américains"),
}
HUNDREDTHS = {"EUR": ("centime", "centimes"), "USD": ("cent", "cents")}


def amount_in_words(amount: int, currency: str) -> str:
    """Return ``amount`` (minor units, zero or more) in French: ``deux cent mille francs guinéens``.

    Raises ValueError for a negative amount: no document of ours writes one in words.
    """
    if amount < 0:
        raise ValueError("An amount in words is never negative.")
    whole, hundredths = divmod(amount, 10 ** EXPONENTS[currency])
    text = _counted(whole, NAMES[currency])
    if hundredths:
        text += f" et {_counted(hundredths, HUNDREDTHS[currency])}"
    return text


def _counted(number: int, names: tuple[str, str]) -> str:
    singular, plural = names
    name = plural if number >= 2 else singular
    # "un million" is a noun and wants "de" when nothing follows it: un million de francs.
    link = " de " if number >= 1_000_000 and number % 1_000_000 == 0 else " "
    if link == " de " and name[0] in "aeiou":
        link = " d’"
    return f"{num2words(number, lang='fr')}{link}{name}"
