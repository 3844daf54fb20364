"""
Charts drawn on the server as SVG: no script, no inline style, words beside every shape.

All values are in tenths of a 0-10 scale: 43 is 4.3. Colour, fonts and night come from kit/css by class.
Labels arrive in the language of the page; nothing here translates.
"""

from callroom.kit.charts.parts import Event, Gap, Level, Limits, Mark, Missing, Point, Slot, Span
from callroom.kit.charts.rows import Dot, Sparkline, dot, meter, shared_scale, sparkline
from callroom.kit.charts.run_chart import RunChart, RunWords, run_chart

__all__ = [
    "Dot",
    "Event",
    "Gap",
    "Level",
    "Limits",
    "Mark",
    "Missing",
    "Point",
    "RunChart",
    "RunWords",
    "Slot",
    "Span",
    "Sparkline",
    "dot",
    "meter",
    "run_chart",
    "shared_scale",
    "sparkline",
]
