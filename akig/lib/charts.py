"""Small charts as SVG, drawn on the server: the same picture on the page, in the PDF, by e-mail.

pygal lays them out; what it adds for browsers (style sheet, script, tooltips) is taken away and
every shape carries its own paint. Inside a page, ``akig.css`` repaints the classes for the dark.
"""

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

import pygal
from django.utils.formats import get_format
from django.utils.safestring import SafeString, mark_safe

SVG = "http://www.w3.org/2000/svg"
INK, PALE_INK, GRID = "#1b1d20", "#585d64", "#dfdfda"
#: Two series at most: dark and light, so that they are told apart in grey too.
PAINTS = ("#1c4f8c", "#85888c")
FONT = "system-ui, DejaVu Sans, Noto Sans, sans-serif"
SIZE = 12
GEOMETRY = ("x", "y", "cx", "cy", "r", "width", "height", "d")

Series = Mapping[str, Sequence[int | None]]


def bars(labels: Sequence[str], series: Series, *, title: str, height: int = 200) -> SafeString:
    """Return bars per label (months) for one or two named series of amounts or counts.

    ``title`` says what is shown, for those who cannot see it. A single series has its values
    written on the bars; the page gives the numbers in a table under the chart anyway.
    """
    return _draw(
        pygal.Bar,
        labels,
        series,
        title,
        height,
        print_values=len(series) == 1,
        print_values_position="top",
    )


def lines(labels: Sequence[str], series: Series, *, title: str, height: int = 200) -> SafeString:
    """Return lines (balances over time) for one or two named series; None leaves a gap."""
    return _draw(pygal.Line, labels, series, title, height, dots_size=3)


def short(amount: float) -> str:
    """Return an amount as an axis shows it: ``950``, ``350 k``, ``12 M``, ``1,2 Md``."""
    for size, unit in ((10**9, "Md"), (10**6, "M"), (10**3, "k")):
        if abs(amount) >= size:
            decimals = 1 if abs(amount) < 10 * size else 0
            digits = f"{amount / size:.{decimals}f}".removesuffix(".0")
            return f"{digits}\u202f{unit}".replace(".", get_format("DECIMAL_SEPARATOR"))
    return f"{amount:.0f}"


def _draw(kind, labels, series: Series, title: str, height: int, **options) -> SafeString:
    chart = kind(
        width=480,
        height=height,
        explicit_size=False,
        js=[],
        show_legend=len(series) > 1,
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        legend_box_size=10,
        margin=8,
        margin_left=16,
        spacing=8,
        show_y_guides=True,
        show_x_guides=False,
        include_x_axis=True,
        value_formatter=short,
        style=pygal.style.Style(label_font_size=SIZE, legend_font_size=SIZE, value_font_size=SIZE),
        y_labels_major_count=3,
        show_minor_y_labels=False,
        x_label_rotation=0,
        truncate_label=-1,
        truncate_legend=-1,
        **options,
    )
    chart.x_labels = list(labels)
    for name, values in series.items():
        chart.add(name, list(values))
    return _plain(chart.render_tree(), title)


def _plain(tree: ElementTree.Element, title: str) -> SafeString:
    """Rebuild pygal's drawing without its style sheet: each shape carries its own paint."""
    svg = ElementTree.Element(
        "svg",
        {
            "xmlns": SVG,
            "viewBox": tree.get("viewBox"),
            "role": "img",
            "aria-label": title,
            "font-family": FONT,
            "font-size": str(SIZE),
            "fill": PALE_INK,
        },
    )
    _copy(tree, svg, ())
    text = ElementTree.tostring(svg, encoding="unicode")
    text = re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), text)
    # ElementTree has escaped the labels.
    return mark_safe(f'<figure class="chart">{text}</figure>')  # noqa: S308  # nosec B308 B703 # a drawing of ours


def _copy(source: ElementTree.Element, target: ElementTree.Element, around: tuple) -> None:
    for element in source:
        if not isinstance(element.tag, str) or "tooltip" in element.get("class", "").split():
            continue
        classes = (*around, *element.get("class", "").split())
        if element.tag == "g":
            # Groups matter only where they move their content.
            moved = {"transform": element.get("transform")} if element.get("transform") else {}
            group = ElementTree.SubElement(target, "g", moved) if moved else target
            _copy(element, group, classes)
            if moved and not len(group):
                target.remove(group)
        elif paint := _paint(element, classes):
            shape = {name: element.get(name) for name in GEOMETRY if element.get(name)}
            copy = ElementTree.SubElement(target, element.tag, shape | paint)
            copy.text = element.text


def _paint(element: ElementTree.Element, classes: tuple) -> dict[str, str] | None:
    """Return how ``element`` is painted, or None for what we do not show."""
    number = next((int(name[6:]) for name in classes if name.startswith("color-")), 0)
    if element.tag == "text":
        if "axis" in classes:
            return {"text-anchor": "end" if "y" in classes else "middle"}
        if "legend" in classes:
            return {"fill": INK, "class": "c-value"}
        if not element.text:
            return None
        written = {"text-anchor": "middle", "font-size": "10", "class": "c-value"}
        return {"fill": INK} | written
    if element.tag == "path" and "axis" in classes:
        return {"stroke": GRID, "class": "c-grid"} if "y" in classes else None
    if element.tag == "path":
        look = {"fill": "none", "stroke-width": "2.5", "class": f"c-line-{number}"}
        # The second line is dashed, to be told apart in grey.
        return look | {"stroke": PAINTS[number]} | ({"stroke-dasharray": "5 3"} if number else {})
    if element.tag == "circle" or (element.tag == "rect" and "background" not in classes):
        if element.get("height") in ("0", "0.0"):
            return None
        return {"fill": PAINTS[number], "class": f"c-{number}"}
    return None
