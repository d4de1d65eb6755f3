import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akig.lib.money import (
    MAX,
    AmountError,
    format_amount,
    format_rate,
    parse_amount,
    share,
    split,
)

amounts = st.integers(min_value=-MAX, max_value=MAX)


@pytest.mark.parametrize(
    "written",
    [
        1500000,
        1500000.0,
        Decimal("1500000"),
        "1500000",
        "1 500 000",
        "1.500.000",
        "1,500,000",
        "1'500'000",
        "1\u00a0500\u00a0000",
        "1\u202f500\u202f000",
        " 1 500 000 GNF ",
        "1500000FG",
        "1 500 000 FG",
        "1.500.000 fg",
        "1 500 000 F",
        "1 500 000 francs",
        "GNF 1 500 000",
        "+1 500 000",
    ],
)
def test_reads_what_agencies_write(written):
    assert parse_amount(written, "GNF") == 1_500_000


@pytest.mark.parametrize(
    "written",
    ["150 000 FCFA", "150 000 F CFA", "150000F.CFA", "150.000 CFA", "150000 XOF", "150 000 F"],
)
def test_reads_cfa_francs(written):
    assert parse_amount(written, "XOF") == 150_000


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12,30", 1230),
        ("12.3 EUR", 1230),
        ("1 234,50 €", 123450),
        ("1.234,50", 123450),
        ("1,234.50", 123450),
        ("1.234", 123400),
        (12.3, 1230),
        (12, 1200),
    ],
)
def test_reads_currencies_with_hundredths(written, expected):
    assert parse_amount(written, "EUR") == expected


@pytest.mark.parametrize(
    "written",
    [
        "-500 000",
        "\u2212500 000",
        "\u2013500000",
        "(500 000)",
        "500 000-",
        "- 500 000 GNF",
        -500000,
    ],
)
def test_recognises_negatives(written):
    assert parse_amount(written, "GNF", negative="accept") == -500_000
    with pytest.raises(AmountError) as refused:
        parse_amount(written, "GNF")
    assert refused.value.code == "amount_negative"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (None, "amount_missing"),
        ("", "amount_missing"),
        (" \u00a0 ", "amount_missing"),
        ("8OO 000", "amount_not_a_number"),
        ("un million", "amount_not_a_number"),
        ("1 20 000", "amount_not_a_number"),
        ("1.234.56", "amount_not_a_number"),
        ("1.234 567", "amount_not_a_number"),
        ("1 500 000 par mois", "amount_not_a_number"),
        ("-(500)", "amount_not_a_number"),
        ("=cmd()", "amount_not_a_number"),
        ("1e6", "amount_not_a_number"),
        ("-", "amount_not_a_number"),
        ("١٢٣", "amount_not_a_number"),
        ("²", "amount_not_a_number"),
        (True, "amount_not_a_number"),
        (float("nan"), "amount_not_a_number"),
        (float("inf"), "amount_not_a_number"),
        ([], "amount_not_a_number"),
        ("1 200,50", "amount_decimal"),
        ("1.5", "amount_decimal"),
        ("12.34", "amount_decimal"),
        ("0.500", "amount_decimal"),
        ("1500.000", "amount_decimal"),
        ("1 500 000,00", "amount_decimal"),
        (1.5, "amount_decimal"),
        (Decimal("1200.5"), "amount_decimal"),
        ("150 EUR", "currency_mismatch"),
        ("150 €", "currency_mismatch"),
        ("150 euros", "currency_mismatch"),
        ("150 000 F CFA", "currency_mismatch"),
        ("150 000 FCFA", "currency_mismatch"),
        ("0", "amount_zero"),
        (0, "amount_zero"),
        ("10000000000000", "amount_too_large"),
        (10**13, "amount_too_large"),
        (1e300, "amount_too_large"),
        ("9" * 5000, "amount_not_a_number"),
    ],
)
def test_refuses_with_a_code(written, code):
    with pytest.raises(AmountError) as refused:
        parse_amount(written, "GNF")
    assert refused.value.code == code


def test_zero_and_the_largest_amount_are_accepted_where_they_may_be():
    assert parse_amount("0", "GNF", zero="accept") == 0
    assert parse_amount("1 000 000 000 000", "GNF") == MAX


@given(amounts, st.sampled_from(["GNF", "XOF", "EUR", "USD"]))
def test_what_is_shown_is_read_back(amount, currency):
    shown = format_amount(amount, currency)
    assert parse_amount(shown, currency, negative="accept", zero="accept") == amount


@given(st.text(max_size=30))
def test_any_text_gives_an_amount_or_a_refusal(text):
    try:
        amount = parse_amount(text, "GNF", negative="accept", zero="accept")
    except AmountError:
        return
    assert abs(amount) <= MAX


def test_shows_thin_groups_a_real_minus_and_the_currency():
    assert format_amount(-1500000, "GNF") == "\u22121\u202f500\u202f000\u00a0GNF"
    assert format_amount(999) == "999"
    assert format_amount(-5, "EUR", show_currency=False)[0] == "\u2212"


@pytest.mark.parametrize(
    ("amount", "percent", "expected"),
    [
        (1_000_001, Decimal("7.5"), 75_000),
        (10, Decimal("5"), 1),
        (-10, Decimal("5"), -1),
        (9, Decimal("5"), 0),
        (1_000_000, Decimal("7.25"), 72_500),
        (3, Decimal("33.3333"), 1),
        (0, Decimal("10"), 0),
        (MAX, Decimal("100"), MAX),
    ],
)
def test_a_share_is_rounded_half_up(amount, percent, expected):
    assert share(amount, percent) == expected


@given(amounts, st.decimals(min_value=0, max_value=100, places=4))
def test_a_share_is_within_half_a_unit_of_the_exact_one(amount, percent):
    exact = Fraction(percent) * amount / 100
    assert abs(share(amount, percent) - exact) <= Fraction(1, 2)
    assert share(-amount, percent) == -share(amount, percent)


def test_a_rate_is_never_a_float():
    with pytest.raises(TypeError):
        share(100, 7.5)


@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_parts_add_up_and_keep_their_proportion(amount, weights):
    parts = split(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1


def test_equal_remainders_go_to_the_first():
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(1_000_001, [Decimal("7.5"), Decimal("92.5")]) == [75_000, 925_001]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 3]])
def test_weights_must_make_sense(weights):
    with pytest.raises(ValueError, match="Weights"):
        split(100, weights)


def test_splitting_does_not_depend_on_chance():
    weights = [random.Random(1).randint(1, 9) for _ in range(10)]
    assert split(12345, weights) == split(12345, weights)


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        ("10150.50000000", "10\u202f150,5"),
        ("15.25", "15,25"),
        ("0.06500000", "0,065"),
        ("8600", "8\u202f600"),
        ("1E+4", "10\u202f000"),
    ],
)
def test_rates_are_read_like_amounts(rate, shown):
    assert format_rate(Decimal(rate)) == shown
