"""How a bench says what it measured."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from statistics import median

__all__ = ["median_of", "quantile", "row"]


def row(what: str, measured: str, *, baseline: str = "", aim: str = "") -> None:
    """Print one line of the table as JSON."""
    print(json.dumps({"what": what, "measured": measured, "baseline": baseline, "aim": aim}), flush=True)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median_of(rounds: Iterable[dict[str, float]], name: str) -> float:
    """Return the median of one figure over rounds."""
    return median(each[name] for each in rounds)
