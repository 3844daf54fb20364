"""The run chart: one figure of one leaf over time, with what is usual, what is hidden and what happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from callroom.kit.charts.parts import (
    SCALE,
    Event,
    Gap,
    Level,
    Limits,
    Mark,
    Missing,
    Point,
    Slot,
    Span,
    clipped,
    moving,
    polyline,
    shape,
    unbroken,
)

LEFT: Final = 44.0
RIGHT: Final = 156.0  # room for "usual high 7.6"
RIGHT_WITHOUT_WORDS: Final = 24.0
TOP: Final = 52.0
BOTTOM: Final = 356.0
HEIGHT: Final = 392
LINE: Final = 17.0  # distance of two labels, in pixels
LETTER: Final = 8.5  # pixels that a letter needs at most, on average
TICK_EVERY: Final = 88.0  # pixels that a date label needs


@dataclass(frozen=True, slots=True)
class RunWords:
    """The words in a run chart, in the language of the page. Those of limits already hold their numbers."""

    usual_high: str = ""
    average: str = ""
    usual_low: str = ""
    last: str = ""
    hidden: str = ""
    unasked: str = ""
    void: str = ""


@dataclass(frozen=True, slots=True)
class RunChart:
    """
    A run chart. ``name`` makes its ids unique in the page (letters, digits, hyphens); ``description`` says in
    words what the picture shows. ``limits`` empty: too early to tell, only the line is drawn. ``levels``: the series'
    own level with its interval, in the order of its dates; then figures are drawn without their ranges. ``began``: when
    a change began, with its uncertainty.
    """

    name: str
    title: str
    description: str
    points: tuple[Slot, ...]
    words: RunWords
    limits: tuple[Limits, ...] = ()
    events: tuple[Event, ...] = ()
    levels: tuple[Level, ...] = ()
    began: Span | None = None

    @property
    def width(self) -> int:
        """Return the width in pixels: more weeks need more room, and text never gets smaller than 14 px."""
        count = len(self.points)
        return 640 if count <= 13 else 928 if count <= 26 else 1216

    @property
    def right(self) -> float:
        """Return where the plot ends and the words about limits and the last figure begin, in pixels."""
        return self.width - (RIGHT if self.limits or self.words.last else RIGHT_WITHOUT_WORDS)


@dataclass(frozen=True, slots=True)
class _Ground:
    """Where things are: the plot's pixels for a slot's index and for a value in tenths."""

    right: float
    step: float

    def x(self, index: float) -> float:
        return LEFT + self.step * (index + 0.5)

    def y(self, tenths: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * tenths / SCALE


def run_chart(chart: RunChart) -> SafeString:
    """Return the chart as SVG, to be put inside an element of the class ``scroll``."""
    ground = _Ground(right=chart.right, step=(chart.right - LEFT) / max(1, len(chart.points)))
    size = {640: "wide-s", 928: "wide-m", 1216: "wide-l"}[chart.width]
    name = escape(chart.name)
    parts = [
        f'<svg class="chart wide {size}" viewBox="0 0 {chart.width} {HEIGHT}" role="img" aria-labelledby="{name}-t {name}-d">',
        f'<title id="{name}-t">{escape(chart.title)}</title><desc id="{name}-d">{escape(chart.description)}</desc>',
        _veil(name),
        *(_usual_range(limits, chart, ground) for limits in chart.limits),
        *_levels(chart, ground),
        *_began(chart, ground),
        *_grid(ground),
        *_gaps(chart, ground),
        *(_usual_lines(limits, chart, ground) for limits in chart.limits),
        *_events(chart, ground),
        *_figures(chart, ground),
        *_dates(chart.points, ground),
        *_labels(chart, ground),
        "</svg>",
    ]
    return mark_safe("".join(parts))  # noqa: S308 - numbers and escaped words only


def _veil(name: str) -> str:
    """Return the hatching that stands for "protected"."""
    return (
        f'<defs><pattern id="{name}-veil" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path class="c-hatch" d="M0 0V7"/></pattern></defs>'
    )


def _span(limits: Limits, chart: RunChart, ground: _Ground) -> tuple[float, float]:
    last = len(chart.points) - 1 if limits.last is None else limits.last
    return LEFT + ground.step * limits.first, LEFT + ground.step * (last + 1)


def _usual_range(limits: Limits, chart: RunChart, ground: _Ground) -> str:
    start, end = _span(limits, chart, ground)
    top, bottom = ground.y(clipped(limits.high)), ground.y(clipped(limits.low))
    return f'<rect class="c-band" x="{start:.1f}" y="{top:.1f}" width="{end - start:.1f}" height="{bottom - top:.1f}"/>'


def _usual_lines(limits: Limits, chart: RunChart, ground: _Ground) -> str:
    start, end = _span(limits, chart, ground)
    mean, high, low = (ground.y(clipped(value)) for value in (limits.mean, limits.high, limits.low))
    return (
        f'<path class="c-mean" d="M{start:.1f} {mean:.1f}H{end:.1f}"/>'
        f'<path class="c-limit" d="M{start:.1f} {high:.1f}H{end:.1f}M{start:.1f} {low:.1f}H{end:.1f}"/>'
    )


def _grid(ground: _Ground) -> Iterator[str]:
    for tenths in range(0, SCALE + 1, 20):
        y = ground.y(tenths)
        yield f'<path class="c-grid" d="M{LEFT:g} {y:.1f}H{ground.right:.1f}"/>'
        yield f'<text x="{LEFT - 10:g}" y="{y + 5:.1f}" text-anchor="end">{tenths // 10}</text>'


def _gaps(chart: RunChart, ground: _Ground) -> Iterator[str]:
    """Yield a column for each stretch of missing weeks; the first of each kind carries its words if they fit."""
    words = {Gap.HIDDEN: chart.words.hidden, Gap.UNASKED: chart.words.unasked, Gap.VOID: chart.words.void}
    kinds = [slot.why if isinstance(slot, Missing) else None for slot in chart.points]
    free_from = LEFT
    for kind, group in groupby(enumerate(kinds), key=lambda numbered: numbered[1]):
        if kind is None:
            continue
        indexes = [index for index, _ in group]
        start, end = LEFT + ground.step * indexes[0], LEFT + ground.step * (indexes[-1] + 1)
        yield _column(kind, start + 2, end - 2, chart.name)
        word = words.pop(kind, "")
        room = LETTER * len(word)
        if word and start - room > free_from:
            yield f'<text x="{start - 4:.1f}" y="{BOTTOM - 8:g}" text-anchor="end">{escape(word)}</text>'
        elif (
            word
            and end + room < ground.right
            and end > free_from
            and not any(kinds[indexes[-1] + 1 : indexes[-1] + 1 + int(room / ground.step)])
        ):
            yield f'<text x="{end + 4:.1f}" y="{BOTTOM - 8:g}">{escape(word)}</text>'
            end += room
        free_from = end


def _column(kind: Gap, start: float, end: float, name: str) -> str:
    size = f'x="{start:.1f}" y="{TOP:g}" width="{max(2.0, end - start):.1f}" height="{BOTTOM - TOP:g}"'
    match kind:
        case Gap.HIDDEN:
            return f'<rect class="c-veil" fill="url(#{escape(name)}-veil)" {size}/>'
        case Gap.UNASKED:
            return f'<rect class="c-unasked" {size}/>'
        case Gap.VOID:
            return (
                f'<rect class="c-unasked" {size}/>'
                f'<path class="c-unasked" d="M{start:.1f} {TOP:g}L{end:.1f} {BOTTOM:g}M{end:.1f} {TOP:g}L{start:.1f} {BOTTOM:g}"/>'
            )


def _events(chart: RunChart, ground: _Ground) -> Iterator[str]:
    dates = [slot.at for slot in chart.points]
    taken: dict[int, int] = {}
    for event in chart.events:
        index = next((i for i, at in enumerate(dates) if at >= event.at), len(dates) - 1)
        beside = taken.get(index, 0)
        taken[index] = beside + 1
        yield from _flag(ground.x(index), beside, event.letter)


def _flag(x: float, beside: int, letter: str) -> Iterator[str]:
    """Yield a letter above a dotted line; ``beside``: how many stand at the same place already."""
    flag = x + 24 * beside
    if not beside:
        yield f'<path class="c-event" d="M{x:.1f} 38V{BOTTOM:g}"/>'
    yield f'<rect class="c-flag" x="{flag - 11:.1f}" y="16" width="22" height="22" rx="4"/>'
    yield f'<text class="t-flag" x="{flag:.1f}" y="32" text-anchor="middle">{escape(letter)}</text>'


def _levels(chart: RunChart, ground: _Ground) -> Iterator[str]:
    """Yield the level's interval as an area and the level as a line, over the weeks that have both."""
    places = {slot.at: index for index, slot in enumerate(chart.points)}
    drawn = [(ground.x(places[level.at]), level) for level in chart.levels if level.at in places]
    if len(drawn) < 2:
        return
    tops = [f"{x:.1f},{ground.y(clipped(level.high)):.1f}" for x, level in drawn]
    bottoms = [f"{x:.1f},{ground.y(clipped(level.low)):.1f}" for x, level in reversed(drawn)]
    yield f'<polygon class="c-band" points="{" ".join(tops + bottoms)}"/>'
    yield polyline("c-level", [(x, ground.y(clipped(level.level))) for x, level in drawn])


def _began(chart: RunChart, ground: _Ground) -> Iterator[str]:
    """Yield when a change began: a dashed frame over all weeks that it could be, a letter at the likeliest."""
    if chart.began is None or not chart.points:
        return
    dates = [slot.at for slot in chart.points]
    first, at, last = (_place_of(day, dates) for day in (chart.began.first, chart.began.at, chart.began.last))
    left, right = LEFT + ground.step * first, LEFT + ground.step * (last + 1)
    yield f'<rect class="c-began" x="{left:.1f}" y="{TOP:g}" width="{right - left:.1f}" height="{BOTTOM - TOP:g}"/>'
    yield from _flag(ground.x(at), 0, chart.began.letter)


def _place_of(day: date, dates: Sequence[date]) -> int:
    """Return the index of the last date that is not later; the first one for a day before all."""
    return max(0, sum(at <= day for at in dates) - 1)


def _figures(chart: RunChart, ground: _Ground) -> Iterator[str]:
    """Yield ranges first, then lines, then the shapes on top."""
    roomy = ground.step >= 16
    runs = list(unbroken(chart.points))
    for run in runs if not chart.levels else ():
        yield from _ranges(run, ground) if roomy or len(run) == 1 else _spread(run, ground)
    for run in runs:
        yield from _lines(run, ground)
    for run in runs:
        for index, point in run:
            yield shape(point.mark, ground.x(index), ground.y(point.mean), 5.0 if roomy else 3.5)


def _ranges(run: Sequence[tuple[int, Point]], ground: _Ground) -> Iterator[str]:
    """Yield a whisker for each point's range."""
    for index, point in run:
        high, low = ground.y(clipped(point.high)), ground.y(clipped(point.low))
        yield f'<path class="c-range" d="M{ground.x(index):.1f} {high:.1f}V{low:.1f}"/>'


def _spread(run: Sequence[tuple[int, Point]], ground: _Ground) -> Iterator[str]:
    """Yield one pale area for the ranges of many narrow weeks: along the tops, and back along the bottoms."""
    tops = [f"{ground.x(index):.1f},{ground.y(clipped(point.high)):.1f}" for index, point in run]
    bottoms = [f"{ground.x(index):.1f},{ground.y(clipped(point.low)):.1f}" for index, point in reversed(run)]
    yield f'<polygon class="c-spread" points="{" ".join(tops + bottoms)}"/>'


def _lines(run: Sequence[tuple[int, Point]], ground: _Ground) -> Iterator[str]:
    yield polyline("c-line", [(ground.x(index), ground.y(point.mean)) for index, point in run])
    for mark, stretch in moving(run):
        style = "c-rise" if mark is Mark.UP else "c-fall"
        yield polyline(style, [(ground.x(index), ground.y(point.mean)) for index, point in stretch])


def _dates(points: Sequence[Slot], ground: _Ground) -> Iterator[str]:
    """Yield as many dates as fit, counted back from the last week."""
    every = max(1, -(-int(TICK_EVERY) // max(1, int(ground.step))))
    for index in range(len(points) - 1, -1, -every):
        yield f'<text x="{ground.x(index):.1f}" y="{BOTTOM + 24:g}" text-anchor="middle">{escape(points[index].tick)}</text>'


def _labels(chart: RunChart, ground: _Ground) -> Iterator[str]:
    """Yield the words at the right edge, pushed apart where they would touch."""
    words = chart.words
    wanted: list[tuple[float, str, str]] = []
    if chart.limits:
        limits = chart.limits[-1]
        for tenths, text in (
            (limits.high, words.usual_high),
            (limits.mean, words.average),
            (limits.low, words.usual_low),
        ):
            wanted.append((ground.y(clipped(tenths)) + 5, "", text))
    latest = chart.points[-1] if chart.points else None
    if isinstance(latest, Point) and words.last:
        style = "t-down" if latest.mark is Mark.DOWN else "t-up" if latest.mark is Mark.UP else "t-strong"
        wanted.append((ground.y(latest.mean) + 5, style, words.last))
    for y, style, text in apart([label for label in wanted if label[2]]):
        class_name = f' class="{style}"' if style else ""
        yield f'<text{class_name} x="{ground.right + 10:.1f}" y="{y:.1f}">{escape(text)}</text>'


def apart(labels: Sequence[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Return labels from top to bottom at least ``LINE`` pixels apart and inside the chart, near where they belong."""
    placed: list[tuple[float, str, str]] = []
    for y, style, text in sorted(labels):
        above = placed[-1][0] + LINE if placed else TOP - LINE
        placed.append((max(y, above), style, text))
    overflow = placed[-1][0] - (BOTTOM + 5) if placed else 0.0
    if overflow <= 0:
        return placed
    floor = BOTTOM + 5 + LINE
    raised: list[tuple[float, str, str]] = []
    for y, style, text in reversed(placed):
        floor = min(y, floor - LINE)
        raised.append((floor, style, text))
    return raised[::-1]
