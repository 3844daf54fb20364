"""Small charts for the rows of a table: a sparkline, a dot with its range, a meter. They hold no text: the row has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from callroom.kit.charts.parts import (
    SCALE,
    Gap,
    Limits,
    Mark,
    Missing,
    Point,
    Slot,
    clipped,
    moving,
    polyline,
    shape,
    unbroken,
)

WIDTH: Final = 240.0
HEIGHT: Final = 72.0
EDGE: Final = 8.0
MOVING: Final = {Mark.UP: "c-rise", Mark.DOWN: "c-fall"}


@dataclass(frozen=True, slots=True)
class Sparkline:
    """
    A unit's recent weeks in one row; ``label`` says in words what it shows. ``scale`` (lowest and highest value, in
    tenths) is the same for all rows of a table: see ``shared_scale``.

    ``room`` is the number of slots that the table's rows share, so that the same week stands above the same week.
    """

    label: str
    points: tuple[Slot, ...]
    limits: Limits | None = None
    room: int = 0
    scale: tuple[int, int] = (0, SCALE)


@dataclass(frozen=True, slots=True)
class Dot:
    """One figure with its range on the whole scale, in tenths; ``before`` is an earlier one, shown as a ring."""

    label: str
    mean: int
    low: int
    high: int
    mark: Mark = Mark.FLAT
    before: int | None = None


def shared_scale(charts: Iterable[Sparkline]) -> tuple[int, int]:
    """Return one scale for all rows of a table: whole points around all figures and limits, four points at least."""
    values: list[int] = []
    for chart in charts:
        values += [slot.mean for slot in chart.points if isinstance(slot, Point)]
        values += [clipped(chart.limits.low), clipped(chart.limits.high)] if chart.limits else []
    low = min(values, default=0) // 10 * 10
    high = -(-max(values, default=SCALE) // 10) * 10
    while high - low < 40:
        low, high = max(0, low - 10), min(SCALE, high + 10)
    return low, high


def sparkline(chart: Sparkline) -> SafeString:
    """Return a sparkline as SVG: usual range, line with gaps, the latest point as its shape."""
    step = (WIDTH - 2 * EDGE) / (max(chart.room, len(chart.points), 2) - 1)
    first = WIDTH - EDGE - step * (len(chart.points) - 1)
    low, high = chart.scale

    def height(tenths: int) -> float:
        return HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (tenths - low) / (high - low)

    def place(numbered: tuple[int, Point]) -> tuple[float, float]:
        index, point = numbered
        return first + step * index, height(point.mean)

    parts = [
        f'<svg class="chart spark" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(chart.label)}">'
    ]
    if chart.limits:
        top, mean, bottom = (height(clipped(v)) for v in (chart.limits.high, chart.limits.mean, chart.limits.low))
        parts.append(f'<rect class="c-band" x="0" y="{top:.1f}" width="{WIDTH:g}" height="{bottom - top:.1f}"/>')
        parts.append(f'<path class="c-mean" d="M0 {mean:.1f}H{WIDTH:g}"/>')
    parts += [_hidden(first + step * index) for index, slot in enumerate(chart.points) if _is_hidden(slot)]
    for run in unbroken(chart.points):
        parts.append(polyline("c-line", [place(numbered) for numbered in run]))
        parts += [polyline(MOVING[mark], [place(numbered) for numbered in stretch]) for mark, stretch in moving(run)]
        parts += [shape(Mark.FLAT, *place(run[0]), 2.5)] if len(run) == 1 else []
    latest = chart.points[-1] if chart.points else None
    if isinstance(latest, Point):
        parts.append(shape(latest.mark, *place((len(chart.points) - 1, latest)), 5))
    parts.append("</svg>")
    return mark_safe("".join(parts))  # noqa: S308 - numbers and an escaped label only


def _is_hidden(slot: Slot) -> bool:
    return isinstance(slot, Missing) and slot.why is Gap.HIDDEN


def _hidden(x: float) -> str:
    """Return a short piece of hatching at the foot of a week with too few answers."""
    return f'<path class="c-hatch" d="M{x - 3:.1f} {HEIGHT - 4:g}l6-6M{x - 3:.1f} {HEIGHT - 10:g}l6-6"/>'


def dot(chart: Dot) -> SafeString:
    """Return one figure with its range as SVG: axis, range as a pale bar, the earlier figure as a ring, the shape."""

    def x(tenths: int) -> float:
        return EDGE + (220 - 2 * EDGE) * clipped(tenths) / SCALE

    low, high = x(chart.low), x(chart.high)
    ring = f'<circle class="p-was" cx="{x(chart.before):.1f}" cy="20" r="6"/>' if chart.before is not None else ""
    return mark_safe(  # noqa: S308 - numbers and an escaped label only
        f'<svg class="chart spark" viewBox="0 0 220 40" role="img" aria-label="{escape(chart.label)}">'
        '<path class="c-grid" d="M8 20H212M8 12v16M59 16v8M110 12v16M161 16v8M212 12v16"/>'
        f'<rect class="c-band" x="{low:.1f}" y="11" width="{max(4.0, high - low):.1f}" height="18" rx="9"/>'
        f"{ring}{shape(chart.mark, x(chart.mean), 20, 6)}</svg>"
    )


def meter(*, used: int, total: int, label: str) -> SafeString:
    """
    Return a clock or a capacity in equal parts; ``label`` says the same in words ("3 of 14 days used").

    :raises ValueError: unless 0 <= used and 1 <= total <= 60
    """
    if used < 0 or not 1 <= total <= 60:
        raise ValueError(f"{used} of {total} cannot be drawn")
    part = 280 / total
    styles = ("c-used" if index < used else "c-free" for index in range(total))
    rects = "".join(
        f'<rect class="{style}" x="{index * part + 1:.1f}" y="1" width="{part - 3:.1f}" height="10"/>'
        for index, style in enumerate(styles)
    )
    return mark_safe(  # noqa: S308 - numbers and an escaped label only
        f'<svg class="meter" viewBox="0 0 280 12" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">{rects}</svg>'
    )
