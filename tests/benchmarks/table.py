"""One line per work: ours, the limit of this machine, the ratio, the target."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """``good`` is None where there is no target; ``key`` names the figure kept for other sizes."""

    work: str
    ours: str
    limit: str = ""
    ratio: str = ""
    target: str = ""
    good: bool | None = None
    key: str = ""
    figure: float | None = None


HEAD = ("work", "ours", "limit here", "ratio", "target", "")


def show(line: Line, widths=(46, 24, 30, 9, 26, 6)) -> None:
    verdict = {True: "ok", False: "MISSED", None: ""}[line.good]
    cells = (line.work, line.ours, line.limit, line.ratio, line.target, verdict)
    print("  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip())


def show_head() -> None:
    show(Line(*HEAD[:5]))


def keep(lines: list[Line], size: str, folder: Path) -> None:
    """Store the figures, so that another size can be compared with them."""
    place = folder / "figures.json"
    stored = json.loads(place.read_text()) if place.exists() else {}
    stored[size] = {line.key: line.figure for line in lines if line.key}
    place.write_text(json.dumps(stored, indent=1))
    (folder / f"{size}.json").write_text(json.dumps([asdict(line) for line in lines], indent=1))


def kept(size: str, folder: Path) -> dict[str, float]:
    place = folder / "figures.json"
    return json.loads(place.read_text()).get(size, {}) if place.exists() else {}
