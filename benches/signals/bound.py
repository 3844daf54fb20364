"""
What nobody could beat by much: a detector that knows all but the onset.

It sees the very same released weeks, but also season, common factor, department swings, all baselines, the exact n, the
variances, and size and shape of the decline. Shiryaev-Roberts on the Gaussian likelihood, calibrated by simulation, cell
by cell, to the false-alarm rate of the detector under test.
"""

from __future__ import annotations

import numpy as np

from benches.signals.simulate import Institution
from benches.signals.world import FOLLOW_UP, LEARN, MUTE, SCENARIOS, YEAR, World

WINDOW = 40
Filtered = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def known_filter(world: World, batch: Institution) -> Filtered:
    """Kalman filter on (published mean - known mean): states natural drift and roster mood; all variances known."""
    residual, white = batch["residual"], batch["white"]
    weeks, units = residual.shape
    phi = np.array([world.phi_wander, world.phi_person])[:, None]
    variance = np.stack([batch["wander_var"], batch["ar_var"]])
    mean, p_a, p_b, p_c = np.zeros((2, units)), variance[0].copy(), np.zeros(units), variance[1].copy()
    surprise, spread, gain = np.zeros((weeks, units)), np.ones((weeks, units)), np.zeros((weeks, 2, units))
    for week in range(weeks):
        seen = ~np.isnan(residual[week])
        spread[week] = p_a + 2 * p_b + p_c + white[week]
        surprise[week] = np.where(seen, residual[week] - mean.sum(0), 0)
        gain[week] = np.where(seen, np.stack([p_a + p_b, p_b + p_c]) / spread[week], 0)
        k_a, k_c = gain[week]
        mean = phi * (mean + gain[week] * surprise[week])
        p_a = phi[0] ** 2 * (p_a - k_a * k_a * spread[week]) + (1 - phi[0] ** 2) * variance[0]
        p_b = phi[0] * phi[1] * (p_b - k_a * k_c * spread[week])
        p_c = phi[1] ** 2 * (p_c - k_c * k_c * spread[week]) + (1 - phi[1] ** 2) * variance[1]
    return surprise, spread, gain, phi


def likelihood_steps(batch: Institution, filtered: Filtered, kind: str, size: float) -> np.ndarray:
    """Return log-likelihood-ratio increments (weeks, candidate onsets, units) for a decline of known size and shape."""
    surprise, spread, gain, phi = filtered
    weeks, units = surprise.shape
    start = LEARN - WINDOW
    drift, mood, age = np.zeros((WINDOW, units)), np.zeros((WINDOW, units)), np.zeros(WINDOW)
    steps = np.zeros((weeks - start, WINDOW, units), np.float32)
    for week in range(start, weeks):
        slot = week % WINDOW
        drift[slot], mood[slot], age[slot] = 0, 0, 0
        shape = 1.0 if kind == "step" else np.minimum(1, (age[:, None] + 1) / batch["ramp_weeks"])
        seen = ~np.isnan(batch["residual"][week])
        shift = np.where(seen, -size * batch["slope"][week] * shape - drift - mood, 0)
        steps[week - start] = (shift * surprise[week] - 0.5 * shift * shift) / spread[week]
        drift, mood = phi[0] * (drift + gain[week, 0] * shift), phi[1] * (mood + gain[week, 1] * shift)
        age += 1
    return steps


def shiryaev_roberts(steps: np.ndarray, threshold: float) -> np.ndarray:
    """Return counted alarms (weeks, units) of the windowed statistic, restarted after each alarm."""
    start, units = LEARN - WINDOW, steps.shape[2]
    ratio = np.full((WINDOW, units), -np.inf, np.float32)
    alarms, quiet = np.zeros((len(steps) + start, units), bool), np.full(units, -1)
    for week in range(start, start + len(steps)):
        ratio[week % WINDOW] = 0
        ratio += steps[week - start]
        if week >= LEARN:
            hit = (np.exp(np.minimum(ratio, 60)).sum(0) >= threshold) & (week > quiet)
            if hit.any():
                alarms[week], quiet[hit], ratio[:, hit] = hit, week + MUTE, -np.inf
    return alarms


def stacked(institutions: list[Institution]) -> Institution:
    """Return all units of several institutions side by side."""
    return {
        name: np.concatenate([one[name] for one in institutions], -1)
        for name in institutions[0]
        if name != "department"
    }


def delays(kept: np.ndarray, onset: np.ndarray) -> np.ndarray:
    """Return weeks from onset to the first counted alarm, the onset week being 1; inf without one in a year."""
    late = kept & (np.arange(len(kept))[:, None] >= onset)
    delay = np.where(late.any(0), late.argmax(0) - onset + 1.0, np.inf)
    return np.where(delay <= FOLLOW_UP, delay, np.inf)


def bound_delays(
    world: World, nulls: list[Institution], scenarios: list[Institution], rate: float
) -> dict[str, np.ndarray]:
    """Return for each scenario the bound's delays, at this many false alarms per unit-year."""
    null, decline = stacked(nulls), stacked(scenarios)
    null_filtered, filtered = known_filter(world, null), known_filter(world, decline)
    unit_years = null["residual"].shape[1] * (world.weeks - LEARN) / YEAR
    found = {}
    for number, (name, kind, size) in enumerate(SCENARIOS):
        steps = likelihood_steps(null, null_filtered, kind, size)
        log_h = np.log(np.geomspace(1.5, 6000, 13))
        rates = np.array([shiryaev_roberts(steps, float(np.exp(h))).sum() for h in log_h]) / unit_years
        rates = np.minimum.accumulate(np.maximum(rates, 0.2 / unit_years)) * (1 - 1e-9 * np.arange(len(rates)))
        mine = decline["scenario"] == number
        part = {key: value[..., mine] for key, value in decline.items()}
        surprise, spread, gain, phi = filtered
        own = (surprise[..., mine], spread[..., mine], gain[..., mine], phi)
        threshold = float(np.exp(np.interp(-np.log(rate), -np.log(rates), log_h)))
        found[name] = delays(shiryaev_roberts(likelihood_steps(part, own, kind, size), threshold), part["onset"])
    return found
