"""The detectors: the engine, and two textbook charts (XmR with four rules, EWMA), all from releases to alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from benches.signals.simulate import Institution
from benches.signals.world import BANDS, LEARN, MUTE, YEAR, World, calendar
from callroom.core.signals import pooled
from callroom.core.signals.estimates import Estimate, Figure, Settings, State

POINTS = 52


def figures_of(world: World, institution: Institution, week: int) -> dict[str, tuple[str, Figure]]:
    """Return what is released in a week, by unit: department and figure."""
    day = calendar_days(world)[week]
    found = {}
    for unit in np.flatnonzero(~np.isnan(institution["mean"][week])):
        low, high = next(band for band in reversed(BANDS) if institution["n"][week, unit] >= band[0])
        length = int(institution["length"][unit]) if "length" in institution else world.wave
        figure = Figure(day, low, high, round(10 * float(institution["mean"][week, unit])), length)
        found[f"U{unit:05d}"] = (f"D{institution['department'][unit]}", figure)
    return found


_days: dict[World, list] = {}


def calendar_days(world: World) -> list:
    """Return the Mondays of a world."""
    if world not in _days:
        _days[world] = calendar(world)[0]
    return _days[world]


def settings_of(world: World, rate: float = 0.2) -> Settings:
    """Return what an institution of this world would set."""
    return Settings(
        false_alarms_per_unit_year=rate, noise_scale=world.laplace_b, academic_year_start=(world.turnover_month, 1)
    )


def engine(world: World, institution: Institution, rate: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Return the engine's alarms and confirmations (the week in which each begins), by week and unit."""
    memory = pooled.begin(settings_of(world, rate))
    alarms, confirmed = (np.zeros(institution["mean"].shape, bool) for _ in range(2))
    for week in range(len(institution["mean"])):
        figures = figures_of(world, institution, week)
        told: dict[str, Estimate] = dict(pooled.advance(memory, calendar_days(world)[week], figures)) if figures else {}
        confirmed[week] = confirmed[week - 1] if week else False
        for key, estimate in told.items():
            alarms[week, int(key[1:])] = estimate.alarm
            confirmed[week, int(key[1:])] = estimate.state is State.DECLINING
    begins = confirmed.copy()
    begins[1:] &= ~confirmed[:-1]
    return alarms, begins


def _standardised(mean: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield each unit with its published weeks and values, standardised by its first 52 figures (moving ranges)."""
    for unit in range(mean.shape[1]):
        weeks = np.flatnonzero(~np.isnan(mean[:, unit]))
        values = mean[weeks, unit]
        if len(values) > POINTS:
            sigma = np.abs(np.diff(values[:POINTS])).mean() / 1.128
            yield unit, weeks, (values - values[:POINTS].mean()) / sigma


def xmr(mean: np.ndarray) -> np.ndarray:
    """Return alarms of the XmR chart, adverse side: outside, seven below, seven falling, two of three far out."""
    alarms = np.zeros(mean.shape, bool)
    for unit, weeks, z in _standardised(mean):
        below = falling = 0
        for place in range(1, len(z)):
            below = below + 1 if z[place] < 0 else 0
            falling = falling + 1 if z[place] < z[place - 1] else 0
            two = z[place] < -2 and (z[place - 2 : place + 1] < -2).sum() >= 2
            alarms[weeks[place], unit] = place >= POINTS and (z[place] < -3 or below >= 7 or falling >= 6 or two)
    return alarms


def ewma(mean: np.ndarray, limit: float, weight: float = 0.2) -> np.ndarray:
    """Return alarms of an EWMA chart with its lower limit this many sigma away."""
    alarms = np.zeros(mean.shape, bool)
    for unit, weeks, z in _standardised(mean):
        level = 0.0
        for place in range(POINTS, len(z)):
            level += weight * (z[place] - level)
            spread = np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * (place - POINTS + 1))))
            alarms[weeks[place], unit] = level < -limit * spread
    return alarms


def counted(alarms: np.ndarray, learn: int = LEARN) -> np.ndarray:
    """Apply the counting rule: nothing while learning; after a counted alarm eight weeks do not count."""
    kept, quiet = np.zeros_like(alarms), np.full(alarms.shape[1], -1)
    for week in range(learn, len(alarms)):
        kept[week] = alarms[week] & (week > quiet)
        quiet[kept[week]] = week + MUTE
    return kept


def rate_of(kept: list[np.ndarray], learn: int = LEARN) -> float:
    """Return counted alarms per unit-year."""
    years = sum((len(one) - learn) * one.shape[1] for one in kept) / YEAR
    return float(sum(one.sum() for one in kept) / years)


def at_rate(chart: Callable[[np.ndarray, float], np.ndarray], means: list[np.ndarray], rate: float) -> float:
    """Return the limit at which a chart has this many false alarms per unit-year, by bisection."""
    low, high = 1.0, 20.0
    for _ in range(12):
        middle = (low + high) / 2
        if rate_of([counted(chart(mean, middle)) for mean in means]) > rate:
            low = middle
        else:
            high = middle
    return high
