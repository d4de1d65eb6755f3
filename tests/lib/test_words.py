import pytest

from akig.lib.words import amount_in_words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "zéro franc guinéen"),
        (1, "un franc guinéen"),
        (2, "deux francs guinéens"),
        (21, "vingt et un francs guinéens"),
        (71, "soixante et onze francs guinéens"),
        (80, "quatre-vingts francs guinéens"),
        (81, "quatre-vingt-un francs guinéens"),
        (91, "quatre-vingt-onze francs guinéens"),
        (99, "quatre-vingt-dix-neuf francs guinéens"),
        (100, "cent francs guinéens"),
        (200, "deux cents francs guinéens"),
        (201, "deux cent un francs guinéens"),
        (280, "deux cent quatre-vingts francs guinéens"),
        (1_000, "mille francs guinéens"),
        (1_001, "mille un francs guinéens"),
        (2_000, "deux mille francs guinéens"),
        (21_000, "vingt et un mille francs guinéens"),
        (80_000, "quatre-vingt mille francs guinéens"),
        (80_080, "quatre-vingt mille quatre-vingts francs guinéens"),
        (200_000, "deux cent mille francs guinéens"),
        (200_200, "deux cent mille deux cents francs guinéens"),
        (280_000, "deux cent quatre-vingt mille francs guinéens"),
        (1_000_000, "un million de francs guinéens"),
        (1_000_001, "un million un francs guinéens"),
        (1_500_000, "un million cinq cent mille francs guinéens"),
        (2_000_000, "deux millions de francs guinéens"),
        (80_000_000, "quatre-vingts millions de francs guinéens"),
        (200_000_000, "deux cents millions de francs guinéens"),
        (201_200_000, "deux cent un millions deux cent mille francs guinéens"),
        (1_000_000_000, "un milliard de francs guinéens"),
        (1_200_000_000, "un milliard deux cents millions de francs guinéens"),
        (2_000_080_000, "deux milliards quatre-vingt mille francs guinéens"),
        (1_000_000_000_000, "un billion de francs guinéens"),
    ],
)
def test_guinean_francs(amount, words):
    assert amount_in_words(amount, "GNF") == words


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (150_000, "XOF", "cent cinquante mille francs CFA"),
        (1, "XOF", "un franc CFA"),
        (12_30, "EUR", "douze euros et trente centimes"),
        (1_01, "EUR", "un euro et un centime"),
        (1_000_000_00, "EUR", "un million d’euros"),
        (2_80, "USD", "deux dollars américains et quatre-vingts cents"),
    ],
)
def test_other_currencies(amount, currency, words):
    assert amount_in_words(amount, currency) == words


def test_a_negative_amount_has_no_words():
    with pytest.raises(ValueError, match="negative"):
        amount_in_words(-1, "GNF")
