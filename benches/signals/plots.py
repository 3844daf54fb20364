"""
The pictures of docs/explanation/signals.md, drawn from its own tables: ``python -m benches.signals.plots``.

A picture that is drawn from the table beside it cannot say anything else than the table; a test holds them together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "explanation"
DOCUMENT: Final = FOLDER / "signals.md"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 300, 56, 24, 56, 48
SCENARIOS: Final = ("step 0.5 SD", "step 0.8 SD", "drift 0.8 SD")
SIZES: Final = ("10", "20", "40")
STATED, BAND = 0.2, (0.10, 0.25)
ALLOWED: Final = 0.1
NORMAL_95: Final = 1.96
STYLE: Final = (
    "text{font:13px sans-serif;fill:#1d2a33}.t{font-weight:600;font-size:15px}.g{stroke:#c9d1d6}.a{stroke:#1d2a33;stroke-width:1.5}"
    ".e{fill:#0b5a7a}.b{fill:#fff;stroke:#0b5a7a;stroke-width:2}.l{stroke:#0b5a7a;stroke-width:2;fill:none}"
    ".d{stroke:#0b5a7a;stroke-width:1.5;fill:none;stroke-dasharray:5 4}.z{fill:#e3edf2}.r{stroke:#8a3b12;stroke-width:1.5;stroke-dasharray:2 3}"
    "svg{background:#fff}"
)


def tables(text: str) -> dict[str, list[dict[str, str]]]:
    """Return the tables of a document, each by its first heading cell and how many columns it has."""
    found: dict[str, list[dict[str, str]]] = {}
    head: list[str] = []
    for line in [*text.splitlines(), ""]:
        if not line.startswith("|"):
            head = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not head:
            head = cells
            rows = found.setdefault(f"{head[0]} x {len(head)}", [])
        elif not set(line) <= set("|-: "):
            rows.append(dict(zip(head, cells, strict=True)))
    return found


def drawn(text: str) -> Mapping[str, str]:
    """Return the pictures by their file names."""
    known = tables(text)
    weekly, found = known["seed x 6"], known["answers x 6"]
    return {
        "signals-seen.svg": _seen(weekly),
        "signals-false-alarms.svg": _false_alarms(weekly, known["weeks of a wave x 6"]),
        "signals-false-discoveries.svg": _false_discoveries([row for row in found if row["answers"] in SIZES]),
    }


def _seen(rows: Sequence[Mapping[str, str]]) -> str:
    """Draw the share of declines seen within eight weeks by answers, engine and bound, one panel for each kind of decline."""
    parts = []
    panel = (WIDTH - LEFT - RIGHT) / len(SCENARIOS)
    for number, scenario in enumerate(SCENARIOS):
        middle = LEFT + panel * (number + 0.5)
        parts.append(f'<text x="{middle:.0f}" y="{TOP - 8}" text-anchor="middle">{scenario}</text>')
        places = [LEFT + panel * (number + 0.2 + 0.3 * step) for step in range(len(SIZES))]
        for which, line, dot in ((1, "d", "b"), (0, "l", "e")):
            shares = [
                _mean(row[scenario].split(",")[which] for row in rows if row["answers"] == size) for size in SIZES
            ]
            points = [(x, _y(share)) for x, share in zip(places, shares, strict=True)]
            parts.append(f'<polyline class="{line}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>')
            parts += [f'<circle class="{dot}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>' for x, y in points]
        parts += [_below(x, size) for x, size in zip(places, SIZES, strict=True)]
    legend = "filled: the engine; open: the bound, which knows everything but the onset"
    return _picture(
        "Share of declines alarmed within eight weeks",
        f"By usual answers a week (10, 20, 40), mean of three seeds; {legend}. The figures are in the table.",
        [*_shares(), *parts, _legend("answers a week; filled: the engine; open: the bound")],
    )


def _false_alarms(weekly: Sequence[Mapping[str, str]], longer: Sequence[Mapping[str, str]]) -> str:
    """Draw false alarms per unit-year for each size, seed and length of a wave, over the band that is accepted."""
    high = 0.4
    columns = [(f"{size}, 1 wk", [row for row in weekly if row["answers"] == size]) for size in SIZES]
    columns += [(f"{row['answers']}, {row['weeks of a wave']} wks", [row]) for row in longer]
    step = (WIDTH - LEFT - RIGHT) / len(columns)
    top, bottom = _y(BAND[1] / high), _y(BAND[0] / high)
    parts = [f'<rect class="z" x="{LEFT}" y="{top:.1f}" width="{WIDTH - LEFT - RIGHT}" height="{bottom - top:.1f}"/>']
    parts += [_line(_y(STATED / high), "r"), *_scale([0.0, 0.1, 0.2, 0.3, 0.4], high, "{:.1f}")]
    for number, (name, rows) in enumerate(columns):
        x = LEFT + step * (number + 0.5)
        parts += [
            f'<circle class="e" cx="{x + 7 * (place - (len(rows) - 1) / 2):.1f}" '
            f'cy="{_y(float(row["false alarms per unit-year"]) / high):.1f}" r="4.5"/>'
            for place, row in enumerate(rows)
        ]
        parts.append(_below(x, name))
    return _picture(
        "False alarms per unit-year where nothing declines",
        "Every seed, size and length of a wave lies in the accepted band from 0.10 to 0.25; 0.2 is stated.",
        [*parts, _legend("answers and length of a wave; shaded: accepted; dotted: as stated")],
    )


def _false_discoveries(rows: Sequence[Mapping[str, str]]) -> str:
    """Draw the share of false ones among confirmed declines, with its 95 % interval (Wilson), over the 10 % that are aimed at."""
    high = 0.25
    step = (WIDTH - LEFT - RIGHT) / len(rows)
    parts = [*_scale([0.0, 0.05, 0.1, 0.15, 0.2, 0.25], high, "{:.0%}"), _line(_y(ALLOWED / high), "r")]
    for number, row in enumerate(rows):
        x = LEFT + step * (number + 0.5)
        share = int(row["false"]) / int(row["confirmed"])
        low, up = wilson(int(row["false"]), int(row["confirmed"]))
        parts.append(f'<line class="l" x1="{x:.1f}" x2="{x:.1f}" y1="{_y(low / high):.1f}" y2="{_y(up / high):.1f}"/>')
        parts.append(f'<circle class="e" cx="{x:.1f}" cy="{_y(share / high):.1f}" r="5"/>')
        parts.append(_below(x, f"{row['answers']} answers: {row['false']} of {row['confirmed']}"))
    return _picture(
        "Share of false ones among confirmed declines",
        "With 95 % intervals. At 20 and 40 answers below the aim of 10 %, at 10 answers above it.",
        [*parts, _legend("six of 60 units decline; dotted: the aim")],
    )


def wilson(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share."""
    square = NORMAL_95**2
    middle = (count + square / 2) / (total + square)
    half = NORMAL_95 / (total + square) * math.sqrt(count * (total - count) / total + square / 4)
    return middle - half, middle + half


def _mean(cells: Iterable[str]) -> float:
    numbers = [float(cell) for cell in cells]
    return sum(numbers) / len(numbers)


def _y(share: float) -> float:
    """Return where a share of the axis lies."""
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)


def _line(y: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _scale(values: Sequence[float], high: float, words: str) -> list[str]:
    found = []
    for value in values:
        y = _y(value / high)
        found.append(_line(y, "g" if value else "a"))
        found.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{words.format(value)}</text>')
    return found


def _shares() -> list[str]:
    return _scale([0.0, 0.25, 0.5, 0.75, 1.0], 1.0, "{:.0%}")


def _below(x: float, words: str) -> str:
    return f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{escape(words)}</text>'


def _legend(words: str) -> str:
    return f'<text x="{LEFT}" y="{HEIGHT - 8}">{escape(words)}</text>'


def _picture(title: str, told: str, parts: Sequence[str]) -> str:
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title told">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="told">{escape(told)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text class="t" x="{LEFT}" y="22">{escape(title)}</text>',
        *parts,
        "</svg>",
        "",
    ])  # fmt: skip


def main() -> None:
    """Write the pictures."""
    for name, picture in drawn(DOCUMENT.read_text(encoding="utf-8")).items():
        (FOLDER / name).write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
