from xml.etree import ElementTree

import pytest

from akig.lib.charts import bars, lines, short

MONTHS = [
    "nov.",
    "déc.",
    "janv.",
    "févr.",
    "mars",
    "avr.",
    "mai",
    "juin",
    "juil.",
    "août",
    "sept.",
    "oct.",
]
COLLECTED = [12_400_000 + 350_000 * n for n in range(12)]


def drawing(markup):
    return ElementTree.fromstring(  # noqa: S314 - our own drawing
        markup.removeprefix('<figure class="chart">').removesuffix("</figure>")
    )


@pytest.mark.parametrize("draw", [bars, lines])
@pytest.mark.parametrize("series", [{"A": COLLECTED}, {"A": COLLECTED, "B": COLLECTED[::-1]}])
def test_a_year_is_a_small_drawing_without_style_or_script(draw, series):
    markup = draw(MONTHS, series, title="Twelve months")
    tags = {element.tag.rpartition("}")[2] for element in drawing(markup).iter()}
    assert tags <= {"svg", "g", "path", "rect", "circle", "text"}
    assert "style=" not in markup
    assert len(markup.encode()) < 6_000


def test_labels_are_escaped():
    markup = bars(["<b>"], {"<script>alert(1)</script>": [5], "B": [6]}, title='"><script>')
    assert "<script>" not in markup
    assert drawing(markup).get("aria-label") == '"><script>'


@pytest.mark.parametrize("values", [[], [0, 0, 0], [None, 5, None], [-5, 10, 3]])
@pytest.mark.parametrize("draw", [bars, lines])
def test_odd_values_do_not_break_it(draw, values):
    assert drawing(draw(["a", "b", "c"][: len(values)], {"A": values}, title="odd")) is not None


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (950, "950"),
        (350_000, "350\u202fk"),
        (2_000_000, "2\u202fM"),
        (-5_000, "-5\u202fk"),
    ],
)
def test_axes_are_short(amount, text):
    assert short(amount) == text
